"""The file of a backup: a zip of one table a file, with all that proves it whole.

Each ``tables/….jsonl`` begins with a line of column names, then a JSON array for every row in
portable form, by key. ``manifest.json`` names the schema, the rows and SHA-256 of every table,
and the end of each organisation's history. Without a passphrase this finds damage and careless
changes; whoever can compute a SHA-256 can still write a lie of one piece. The passphrase, or
the history's ends noted elsewhere (they stand on the day sheets), finds that too.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

import peewee

from clinic_desk.models import schema
from clinic_desk.rules.errors import Damaged, Refused, WrongSchema
from clinic_desk.rules.words import N_
from clinic_desk.services import portable
from clinic_desk.services.portable import Kind, Values

FORMAT = "clinic-desk-backup/1"
MANIFEST = "manifest.json"
SEALED = b"CLNDSEAL"
_PLAIN_FLAGS = 0x0008 | 0x0800
"""What a zip of ours may say of a file in it: sizes come after the data, names are UTF-8."""
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    NotImplementedError,
)
"""What reading a damaged zip may end in: damage can look like a feature that nobody has."""
_LONGEST_LINE = 64 * 1024 * 1024
_WRITTEN_AT_ONCE = 1024 * 1024
_LARGEST_MANIFEST = 4 * 1024 * 1024

FOREIGN = N_("“{file}” is not a backup of Clinic Desk.")
CHOOSE = N_("Choose another file. Nothing was touched.")
CHANGED = N_("The backup was damaged or changed after it was written ({where}).")
OTHER_COPY = N_("Use another copy of the backup. Nothing was touched.")
NEEDS_PASSPHRASE = N_("This backup is protected by a passphrase.")
GIVE_IT = N_("Give the passphrase; without it nobody can read the backup.")
NEWER = N_(
    "This backup was made by a newer version of Clinic Desk (schema {found}; this program knows"
    " {known}). Nothing was touched."
)
INSTALL_NEWER = N_("Install the newest version on this computer.")
OLDER = N_(
    "This backup was made by an older version of Clinic Desk (schema {found}; this program writes"
    " {known}). Nothing was touched."
)
RESTORE_THERE = N_("Restore it with that version, then upgrade the database with this one.")

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Table:
    """What the manifest says of one table."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``heads`` are, by the uuid of each organisation, the
    number and the link of its newest deed.
    """

    format: str
    schema: int
    made_at: str
    epoch: str
    tzdata: str
    tables: Mapping[str, Table]
    heads: Mapping[str, tuple[int, str]]


class Writer:
    """Writes the tables one after the other, then the manifest."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.tables: dict[str, Table] = {}

    def table(
        self, model: type[peewee.Model], rows: Iterator[Values], each: Callable[[int], None]
    ) -> None:
        """Write a table; *each* is called now and then, with the number of rows since."""
        name = model._meta.table_name
        digest, count, told, size = hashlib.sha256(), 0, 0, 0
        with self._zip.open(_inside(name), "w", force_zip64=True) as out:
            lines = [_encode([c.name for c in portable.columns(model)])]
            for row in rows:
                lines.append(_encode(list(row)))
                size += len(lines[-1])
                count += 1
                if len(lines) >= portable.BATCH or size >= _WRITTEN_AT_ONCE:
                    _put(lines, out, digest)
                    each(count - told)
                    told, size = count, 0
            _put(lines, out, digest)
        self.tables[name] = Table(count, digest.hexdigest())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Whatever went wrong, the zip lets go of its file."""
        with contextlib.suppress(Exception):
            self._zip.close()

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and close the zip."""
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
        self._zip.writestr(MANIFEST, text)
        self._zip.close()


def _put(lines: list[str], out: Any, digest: Any) -> None:
    if lines:
        data = ("\n".join(lines) + "\n").encode()
        digest.update(data)
        out.write(data)
        lines.clear()


def _inside(name: str) -> str:
    return f"tables/{name}.jsonl"


class Reader:
    """An archive that was opened; :meth:`rows` believes nothing that it reads."""

    def __init__(self, packed: zipfile.ZipFile, manifest: Manifest) -> None:
        self._zip = packed
        self.manifest = manifest

    @property
    def total(self) -> int:
        """Rows in all tables."""
        return sum(table.rows for table in self.manifest.tables.values())

    def rows(self, model: type[peewee.Model]) -> Iterator[Values]:
        """The rows of a table. Raises ``Damaged`` at the first thing that does not fit, at the
        latest after the last row, where the sum is compared.
        """
        name = model._meta.table_name
        told = self.manifest.tables[name]
        digest, count = hashlib.sha256(), -1
        columns = portable.columns(model)
        with self._zip.open(_inside(name)) as stream:
            while line := stream.readline(_LONGEST_LINE):
                digest.update(line)
                row = _parsed(line, name)
                if count < 0:
                    if row != [c.name for c in columns]:
                        raise damaged(name)
                elif not _fits(columns, row):
                    raise damaged(name)
                else:
                    yield row
                count += 1
        if count != told.rows or digest.hexdigest() != told.sha256:
            raise damaged(name)


def _parsed(line: bytes, where: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise damaged(where) from error


def _fits(columns: tuple[portable.Column, ...], row: Any) -> bool:
    return (
        isinstance(row, list)
        and len(row) == len(columns)
        and all(
            c.null if value is None else _is(c.kind, value)
            for c, value in zip(columns, row, strict=True)
        )
    )


def _is(kind: Kind, value: Any) -> bool:
    if kind is Kind.TRUTH:
        return isinstance(value, bool)
    if kind is Kind.INSTANT:
        return type(value) is int
    if kind is Kind.BYTES:
        return isinstance(value, str) and _is_base64(value)
    return isinstance(value, str) if kind is Kind.DAY else type(value) in {int, str}


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except ValueError:
        return False
    return True


def damaged(where: str) -> Damaged:
    """The refusal of a file that is not as it was written."""
    return Damaged(CHANGED, way_out=OTHER_COPY, where=where)


@contextlib.contextmanager
def opened(path: Path, passphrase: str | None) -> Iterator[Reader]:
    """Open a backup and believe its manifest as far as it goes.

    Raises:
        Refused: it is none of ours, or the passphrase is missing or wrong.
        WrongSchema: another version made it.
        Damaged: it is not as it was written.
    """
    with path.open("rb") as file, contextlib.ExitStack() as stack:
        source: Any = file
        if is_sealed(path):
            if not passphrase:
                raise Refused(NEEDS_PASSPHRASE, way_out=GIVE_IT)
            from clinic_desk.services.sealed import Opener

            source = stack.enter_context(Opener(file, passphrase))
        try:
            packed = stack.enter_context(zipfile.ZipFile(source))
        except _UNREADABLE as error:
            raise Refused(FOREIGN, way_out=CHOOSE, file=path.name) from error
        try:
            yield Reader(packed, _manifest(packed, path))
        except _UNREADABLE as error:
            raise damaged(path.name) from error
        except OSError as error:
            if error.errno != errno.EINVAL:  # else it names a place before its own beginning
                raise
            raise damaged(path.name) from error


def is_sealed(path: Path) -> bool:
    """Whether the file asks for a passphrase."""
    with path.open("rb") as file:
        return file.read(len(SEALED)) == SEALED


def is_backup(path: Path) -> bool:
    """Whether the file looks like a backup, so that a newer one may take its place."""
    if is_sealed(path):
        return True
    try:
        with zipfile.ZipFile(path) as packed:
            return MANIFEST in packed.namelist()
    except (*_UNREADABLE, OSError):
        return False


def _is_plain(info: zipfile.ZipInfo) -> bool:
    """Neither encrypted nor patched, nor packed in a way that we do not write."""
    return not info.flag_bits & ~_PLAIN_FLAGS and info.compress_type in {
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
    }


def _manifest(packed: zipfile.ZipFile, path: Path) -> Manifest:
    names = packed.namelist()
    if MANIFEST not in names or packed.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
        raise Refused(FOREIGN, way_out=CHOOSE, file=path.name)
    if not all(_is_plain(info) for info in packed.infolist()):
        raise damaged(MANIFEST)
    told = _parsed(packed.read(MANIFEST), MANIFEST)
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Refused(FOREIGN, way_out=CHOOSE, file=path.name)
    found = told.get("schema")
    if type(found) is not int:
        raise damaged(MANIFEST)
    if found > schema.VERSION:
        raise WrongSchema(NEWER, way_out=INSTALL_NEWER, found=found, known=schema.VERSION)
    if found < schema.VERSION:
        raise WrongSchema(OLDER, way_out=RESTORE_THERE, found=found, known=schema.VERSION)
    try:
        tables = {n: Table(int(t["rows"]), str(t["sha256"])) for n, t in told["tables"].items()}
        heads = {u: (int(seq), str(link)) for u, (seq, link) in told["heads"].items()}
        made_at, epoch, tzdata = (str(told[name]) for name in ("made_at", "epoch", "tzdata"))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(MANIFEST) from error
    wanted = {model._meta.table_name for model in portable.TABLES}
    if set(tables) != wanted or sorted(names) != sorted([MANIFEST, *map(_inside, wanted)]):
        raise damaged(MANIFEST)
    return Manifest(FORMAT, found, made_at, epoch, tzdata, tables, heads)
