"""Reading somebody else's list of patients: any encoding, any delimiter, any length.

The file is read line by line and never held as a whole; what cannot be read is a bad row, not
the end. Rows count from 1 after the headings; lines are those of the file.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TextIO

from clinic_desk.models import files
from clinic_desk.rules import column_words, harmless_cells, letter_pages
from clinic_desk.rules.errors import Refused, Unavailable
from clinic_desk.rules.words import N_
from clinic_desk.rules.written_dates import Order, order_in, order_of

SAMPLE = 256 * 1024
"""Bytes from which encoding and delimiter are told."""

LONGEST_LINE = 1024 * 1024
LONGEST_CELL = 100_000
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS: dict[str, tuple[str, ...]] = {
    "utf-8": (),
    "utf-16": (),
    "windows-1252": ("en", "fr", "de", "es"),
    "windows-1250": ("pl", "cs", "hu"),
    "iso-8859-2": ("pl", "cs", "hu"),
    "windows-1254": ("tr",),
    "windows-1251": ("ru", "uk", "bg"),
    "koi8-r": ("ru",),
    "windows-1253": ("el",),
    "windows-1255": ("he",),
    "windows-1256": ("ar", "fa"),
    "windows-1257": ("lt", "lv", "et"),
    "windows-1258": ("vi",),
    "cp874": ("th",),
    "cp932": ("ja",),
    "gb18030": ("zh",),
    "big5hkscs": ("zh_Hant",),
    "cp949": ("ko",),
    "cp850": ("en", "fr", "de", "es"),
    "mac-roman": ("en", "fr", "de", "es"),
}
"""Those that a user may choose, with languages that are written so; others may be recognised."""

WIDE = {"JP": "cp932", "CN": "gb18030", "SG": "gb18030", "TW": "big5hkscs", "HK": "big5hkscs",
        "MO": "big5hkscs", "KR": "cp949"}  # fmt: skip
"""What older programs of a country write, two bytes to a sign."""

WORKBOOK = N_("This is a workbook, not a CSV file.")
SAVE_AS_CSV = N_("Open it in its program and save it as CSV.")
EMPTY = N_("There is nothing in this file.")
OTHER_FILE = N_("Choose another file.")
NOT_READ = N_("“{file}” could not be read ({detail}).")
ANOTHER_ENCODING = N_("Choose another encoding.")
NOT_IN_IT = N_("This file is not written in {encoding}.")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class TableForm:
    """How a file is to be read. ``columns`` says for each column which field it is, "" none."""

    encoding: str
    delimiter: str
    headings: bool
    columns: tuple[str, ...]
    dates: Order = Order.DAY


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its number from 1, the line it ends on, its cells by column.

    ``bad`` is why it cannot be read, a text for translation.
    """

    number: int
    line: int
    cells: tuple[str, ...]
    bad: str = ""


UNREADABLE = N_("This row cannot be read: {detail}")
FOREIGN_SIGNS = N_("This row holds signs that the encoding does not know.")


def recognised(path: Path, country: str) -> TableForm:
    """How *path* seems to be written, and what its columns are by their headings.

    Raises ``Refused`` for an empty file or a workbook, ``Unavailable`` where it cannot be read.
    """
    beginning = _beginning(path)
    encoding = _encoding(beginning, country)
    text = _decoded(beginning, encoding)
    delimiter = _delimiter(text)
    first = next(csv.reader(text.splitlines(), delimiter=delimiter), [])
    columns = column_words.matched(first)
    headings = sum(map(bool, columns)) >= 1
    form = TableForm(encoding, delimiter, headings, columns if headings else ("",) * len(first))
    return with_dates(path, form, country)


def with_dates(path: Path, form: TableForm, country: str) -> TableForm:
    """*form* with the order in which the file's dates of birth are written."""
    if "date_of_birth" not in form.columns:
        return form
    place = form.columns.index("date_of_birth")
    seen = (
        row.cells[place]
        for row in itertools.islice(rows(path, form), 500)
        if len(row.cells) > place
    )
    return replace(form, dates=order_of(seen, order_in(country)))


def headings(path: Path, form: TableForm) -> tuple[str, ...]:
    """The first row, whatever it is: what to call the columns by."""
    with _opened(path, form) as stream:
        return tuple(next(csv.reader(_lines(stream), delimiter=form.delimiter), []))


def rows(path: Path, form: TableForm) -> Iterator[Row]:
    """All rows of the file; empty ones are left out, but counted. Raises ``Unavailable``."""
    csv.field_size_limit(LONGEST_CELL)
    with _opened(path, form) as stream:
        reader = csv.reader(_lines(stream), delimiter=form.delimiter)
        if form.headings:
            with contextlib.suppress(csv.Error):
                next(reader, None)
        for number in itertools.count(1):
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(number, reader.line_num, (), str(error))
                continue
            if not any(cell.strip() for cell in cells):
                continue
            plain = tuple(harmless_cells.plain(cell) for cell in cells)
            bad = FOREIGN_SIGNS if any("\ufffd" in cell for cell in cells) else ""
            yield Row(number, reader.line_num, plain, bad)


def fingerprint(path: Path) -> tuple[str, int]:
    """SHA-256 of the file and its length in bytes."""
    mark = hashlib.sha256()
    size = 0
    with _reading(path) as stream:
        while block := stream.read(1024 * 1024):
            mark.update(block)
            size += len(block)
    return mark.hexdigest(), size


def _reading(path: Path) -> IO[bytes]:
    files.refuse_open(path)
    try:
        return path.open("rb")
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise Unavailable(NOT_READ, way_out=OTHER_FILE, file=path.name, detail=detail) from error


def _opened(path: Path, form: TableForm) -> TextIO:
    _reading(path).close()
    try:
        return path.open(encoding=form.encoding, errors="replace", newline="")
    except LookupError as error:
        raise Refused(NOT_IN_IT, way_out=ANOTHER_ENCODING, encoding=form.encoding) from error


def _lines(stream: TextIO) -> Iterator[str]:
    """The lines; one that is endless comes in pieces."""
    while True:
        try:
            line = stream.readline(LONGEST_LINE)
        except UnicodeError as error:  # UTF-16 that is none
            raise Refused(NOT_IN_IT, way_out=ANOTHER_ENCODING, encoding=stream.encoding) from error
        if not line:
            return
        yield line


def _beginning(path: Path) -> bytes:
    with _reading(path) as stream:
        found = stream.read(SAMPLE)
    if not found.strip():
        raise Refused(EMPTY, way_out=OTHER_FILE)
    if found.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Refused(WORKBOOK, way_out=SAVE_AS_CSV)
    return found


def _encoding(beginning: bytes, country: str) -> str:
    for bom, name in _BOMS:
        if beginning.startswith(bom):
            return name
    if beginning.count(0) > len(beginning) // 5:
        return "utf-16-le" if beginning[1:2] == b"\0" else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        wide = WIDE.get(country.upper(), "")
        if wide and _is_wide(beginning, wide):
            return wide
        latin = letter_pages.page_of(beginning, country)
        if latin is not None:
            return latin
        from charset_normalizer import from_bytes

        best = from_bytes(beginning[: 64 * 1024]).best()
        # Single bytes of the West: what they differ in is rarer than being taken for another.
        if best is None or best.encoding in {"latin_1", "cp1252", "cp850", "cp437", "mac_roman"}:
            return "windows-1252"
        return codecs.lookup(best.encoding).name
    return "utf-8"


def _is_wide(beginning: bytes, encoding: str) -> bool:
    """Whether all of it can be read so, and is mostly signs of East Asia where it is not ASCII."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(beginning)
    except UnicodeDecodeError:
        return False
    strange = [sign for sign in text if not sign.isascii()]
    return 2 * sum(sign >= "\u2e80" for sign in strange) > len(strange)


def _decoded(beginning: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)(errors="replace").decode(beginning)


def _delimiter(text: str) -> str:
    """The sign that cuts the first lines into the same number of cells, the most of them."""
    lines = text.splitlines()[:50]
    best, most = ",", (0, 0)
    for sign in DELIMITERS:
        try:
            widths = [len(cells) for cells in csv.reader(lines, delimiter=sign) if cells]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        score = (sum(width == widths[0] for width in widths), widths[0])
        if score > most:
            best, most = sign, score
    return best
