from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import threading
import tracemalloc
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clinic_desk.models import base, schema
from clinic_desk.models.documents import MOST_OF_A_PART, Document, DocumentPart
from clinic_desk.rules.errors import ClinicError, Damaged, Refused, Unavailable, WrongSchema
from clinic_desk.services import archive, backup, check, demo, diary, portable
from clinic_desk.services.actor import Actor
from clinic_desk.services.chain import Head
from clinic_desk.services.store import Store, open_store
from tests import databases
from tests.builders import Clinic, a_patient, an_actor, an_appointment, an_operatory

SETTING = "INSERT INTO setting (organisation_id, name, value) VALUES (1, ?, ?)"
AFTERNOON = datetime(2031, 5, 20, 18, 20, tzinfo=UTC)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes empty databases with the present schema."""
    removers: list[Callable[[], None]] = []

    def make(dialect: str) -> str:
        url, remove = databases.fresh(dialect, tmp_path)
        removers.append(remove)
        return url

    yield make
    for remove in removers:
        remove()


def contents(url: str) -> dict[str, list[Any]]:
    """Every row of every table that is kept, in portable form."""
    store = open_store(url)
    connection = store.connection()
    connection.execute("BEGIN")
    try:
        return {
            model._meta.table_name: [list(row) for row in portable.read(store, model)]
            for model in portable.TABLES
        }
    finally:
        connection.execute("ROLLBACK")
        store.close()


def save(url: str, file: Path, **how: Any) -> archive.Manifest:
    store = open_store(url)
    try:
        return backup.backup(store, file, **how)
    finally:
        store.close()


def book(actor: Actor, clinic: Clinic, hour: int) -> None:
    diary.book(
        actor,
        span=clinic.span(hour),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
    )


@pytest.fixture
def worked_in(store: Store, clinic: Clinic, actor: Actor) -> Store:
    """A clinic with names of many scripts, and a history."""
    for hour in (9, 10, 11):
        book(actor, clinic, hour)
    a_patient(clinic, first_name="ליאת", last_name="Þórðarson 王\u2028💉", alert='"\\ \t\n')
    an_appointment(clinic, clinic.span(14), notes="Zeile eins\nZeile zwei")
    return store


def test_a_clinic_goes_to_a_server_and_back_without_loss(
    tmp_path: Path, empty: Callable[[str], str]
) -> None:
    desk, server, again = empty("sqlite"), empty("postgresql"), empty("sqlite")
    demo.prepare(desk, now=AFTERNOON)
    first = save(desk, tmp_path / "1.zip")
    backup.restore(server, tmp_path / "1.zip")
    second = save(server, tmp_path / "2.zip")
    backup.restore(again, tmp_path / "2.zip")
    assert first.tables == second.tables
    assert first.heads == second.heads
    assert contents(desk) == contents(server) == contents(again)
    for url in (server, again):
        store = open_store(url)
        heads = {name: Head(*head) for name, head in first.heads.items()}
        assert check.check(store, heads=heads).sound
        store.close()


def test_one_can_go_on_working_in_what_was_restored(
    worked_in: Store, clinic: Clinic, tmp_path: Path, empty: Callable[[str], str], dialect: str
) -> None:
    epoch = databases.epoch(worked_in)
    backup.backup(worked_in, tmp_path / "b.zip")
    worked_in.close()
    url = empty(dialect)
    backup.restore(url, tmp_path / "b.zip")
    store = open_store(url)
    assert databases.epoch(store) != epoch
    there = Clinic(store, *list(vars(clinic).values())[1:])
    book(an_actor(there), there, 16)
    with pytest.raises(Refused):
        book(an_actor(there), there, 9)
    assert check.check(store).sound
    store.close()


def test_every_table_is_either_kept_or_knowingly_not(store: Store) -> None:
    kept = {model._meta.table_name for model in portable.TABLES}
    there = {name for name in store.database.get_tables() if not name.startswith("patient_search_")}
    assert there - kept <= portable.NOT_KEPT
    assert kept <= there


def test_every_column_is_kept(store: Store) -> None:
    for model in portable.TABLES:
        table = model._meta.table_name
        there = {column.name for column in store.database.get_columns(table)}
        assert {column.name for column in portable.columns(model)} == there


def test_a_backup_holds_one_moment_while_others_write(
    store: Store, clinic: Clinic, actor: Actor, tmp_path: Path
) -> None:
    from tests.builders import a_provider

    provider = a_provider(clinic)
    hours = itertools.count()
    stop = threading.Event()
    failed: list[BaseException] = []

    def write_on() -> None:
        from datetime import timedelta

        try:
            while not stop.is_set():
                step = next(hours)
                day = clinic.span(9).starts_at.date() + timedelta(days=step // 9)
                diary.book(
                    actor,
                    span=clinic.span(8 + step % 9, day=day),
                    type_id=clinic.type_id,
                    provider_id=provider,
                    patient_id=clinic.patient_id,
                    location_id=clinic.location_id,
                )
        except BaseException as error:
            failed.append(error)
        finally:
            store.database.close()

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        manifests = [backup.backup(store, tmp_path / f"{n}.zip") for n in range(4)]
    finally:
        stop.set()
        writer.join()
    assert not failed
    (before, *_, after) = (next(iter(m.heads.values()))[0] for m in manifests)
    assert after > before
    for number, manifest in enumerate(manifests):
        assert backup.inspect(tmp_path / f"{number}.zip") == manifest
        seq = next(iter(manifest.heads.values()))[0]
        assert manifest.tables["appointment"].rows == seq


def test_with_a_passphrase_nobody_reads_it_without(
    worked_in: Store, tmp_path: Path, empty: Callable[[str], str], dialect: str
) -> None:
    file, url = tmp_path / "sealed.zip", empty(dialect)
    backup.backup(worked_in, file, passphrase="Möhre")
    worked_in.close()
    data = file.read_bytes()
    assert not zipfile.is_zipfile(file)
    assert b"PK" not in data[:100]
    assert b"Test Clinic" not in data
    with pytest.raises(Refused, match="passphrase"):
        backup.restore(url, file)
    with pytest.raises(Refused, match="does not fit"):
        backup.restore(url, file, passphrase="Mohre")
    assert not any(contents(url).values())
    backup.restore(url, file, passphrase="Möhre")
    assert contents(url)["organisation"]


@pytest.mark.parametrize("place", [0, 9, 30, 45, 60, 200, 70_000, -1, -20])
def test_a_sealed_backup_shows_every_changed_byte(
    worked_in: Store, tmp_path: Path, place: int
) -> None:
    file = tmp_path / "sealed.zip"
    for number in range(300):  # so that there are several pieces
        worked_in.database.execute_sql(
            worked_in.placed(SETTING),
            (f"n{number}", json.dumps([hash((number, k)) for k in range(60)])),
        )
    backup.backup(worked_in, file, passphrase="x")
    data = bytearray(file.read_bytes())
    assert len(data) > 140_000
    data[place] ^= 1
    file.write_bytes(data)
    with pytest.raises(ClinicError):
        backup.inspect(file, passphrase="x")


def test_a_sealed_backup_cannot_be_cut_off_or_put_together_anew(
    worked_in: Store, tmp_path: Path
) -> None:
    file = tmp_path / "sealed.zip"
    value = json.dumps([hash((k, 7)) for k in range(12_000)])
    worked_in.database.execute_sql(
        worked_in.placed(SETTING),
        ("n", value),
    )
    backup.backup(worked_in, file, passphrase="x")
    whole = file.read_bytes()
    head, piece = 33 + 16, 65536 + 16
    one, two = whole[head : head + piece], whole[head + piece : head + 2 * piece]
    for changed in (
        whole[: head + piece],
        whole[: head + 2 * piece],
        whole[:-5],
        whole[:20],
        whole[:head] + two + one + whole[head + 2 * piece :],
        whole + one,
    ):
        file.write_bytes(changed)
        with pytest.raises(ClinicError):
            backup.inspect(file, passphrase="x")


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The zip with its files changed."""
    with zipfile.ZipFile(file) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    change(files)
    out = file.with_name("changed.zip")
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out


def resummed(files: dict[str, bytes], table: str, data: bytes) -> None:
    """Change a table together with its sum, as a careful forger would."""
    files[f"tables/{table}.jsonl"] = data
    told = json.loads(files["manifest.json"])
    told["tables"][table] = {
        "rows": data.count(b"\n") - 1,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    files["manifest.json"] = json.dumps(told).encode()


def swapped(old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        name = "tables/appointment.jsonl"
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return change


def forged(table: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        data = files[f"tables/{table}.jsonl"]
        assert old in data
        resummed(files, table, data.replace(old, new, 1))

    return change


def less(table: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        data = files[f"tables/{table}.jsonl"].rstrip(b"\n")
        resummed(files, table, data[: data.rindex(b"\n") + 1])

    return change


TAMPERED: dict[str, Callable[[dict[str, bytes]], None]] = {
    "a value": swapped(b"Zeile eins", b"Zeile zwei"),
    "a table taken out": lambda files: files.__delitem__("tables/patient.jsonl"),
    "a file slipped in": lambda files: files.update({"tables/more.jsonl": b"[]\n"}),
    "no JSON": lambda files: files.update({"tables/hold.jsonl": b""}),
    "a manifest of nothing": lambda files: files.update(
        {"manifest.json": json.dumps({"format": archive.FORMAT, "schema": schema.VERSION}).encode()}
    ),
    "a deed's author, with its sum": forged("deed", b"appointment.book", b"appointment.move"),
    "a deed's text, with its sum": forged("deed_text", b"scheduled", b"cancelled"),
    "the last deed, with its sum": less("deed"),
    "the last text, with its sum": less("deed_text"),
    "a column, with the sum": forged("organisation", b"overbooking", b"overcooking"),
    "a type, with the sum": forged("organisation", b"15,true", b"15,1"),
    "an empty value, with the sum": forged("organisation", b'"Test Clinic"', b"null"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_tampered_backup_is_refused_and_nothing_touched(
    worked_in: Store, tmp_path: Path, empty: Callable[[str], str], dialect: str, how: str
) -> None:
    backup.backup(worked_in, tmp_path / "b.zip")
    worked_in.close()
    changed = rewritten(tmp_path / "b.zip", TAMPERED[how])
    url = empty(dialect)
    with pytest.raises((Damaged, Refused)):
        backup.restore(url, changed)
    assert not any(contents(url).values())


def test_records_that_contradict_each_other_are_not_restored(
    worked_in: Store, tmp_path: Path, empty: Callable[[str], str], dialect: str
) -> None:
    """Sums and chain fit, but two visits are at one time: the database itself refuses."""
    backup.backup(worked_in, tmp_path / "b.zip")
    rows = worked_in.rows("SELECT starts_at, ends_at FROM appointment ORDER BY starts_at LIMIT 2")
    worked_in.close()
    (one, two) = [[portable.portable(portable.Kind.INSTANT, v) for v in row] for row in rows]
    changed = rewritten(
        tmp_path / "b.zip",
        forged(
            "appointment",
            f"{two[0]},{two[1]}".encode(),
            f"{one[0]},{one[1]}".encode(),
        ),
    )
    url = empty(dialect)
    with pytest.raises(Refused, match="contradict"):
        backup.restore(url, changed)
    assert not any(contents(url).values())


def test_a_damaged_zip_is_refused_wherever_the_damage_is(worked_in: Store, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    backup.backup(worked_in, file)
    whole = file.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 150)):
        data = bytearray(whole)
        data[place] ^= 0x55
        file.write_bytes(data)
        with contextlib.suppress(ClinicError):  # a byte that means nothing may differ
            backup.inspect(file)
    # The last kilobytes tell where everything is: there damage can look like any feature.
    for place in range(len(whole) - 600, len(whole)):
        for flipped in (0x01, 0x20, 0xFF):
            data = bytearray(whole)
            data[place] ^= flipped
            file.write_bytes(data)
            with contextlib.suppress(ClinicError):
                backup.inspect(file)
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(ClinicError):
            backup.inspect(file)


@pytest.mark.parametrize("data", [b"", b"hello", b"SQLite format 3\0" * 50])
def test_a_foreign_file_is_no_backup(tmp_path: Path, data: bytes, database_url: str) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(data)
    with pytest.raises(Refused, match="is not a backup"):
        backup.restore(database_url, file)
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("word/document.xml", "<x/>")
    with pytest.raises(Refused, match="is not a backup"):
        backup.restore(database_url, file)
    assert not any(contents(database_url).values())


@pytest.mark.parametrize(("version", "word"), [(99, "newer"), (0, "older")])
def test_a_backup_of_another_version_is_refused(
    worked_in: Store, tmp_path: Path, version: int, word: str
) -> None:
    def change(files: dict[str, bytes]) -> None:
        told = json.loads(files["manifest.json"]) | {"schema": version}
        files["manifest.json"] = json.dumps(told).encode()

    backup.backup(worked_in, tmp_path / "b.zip")
    with pytest.raises(WrongSchema, match=word):
        backup.inspect(rewritten(tmp_path / "b.zip", change))


def test_a_missing_file_and_a_missing_folder_are_said_so(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match="could not be read"):
        backup.restore(database_url, tmp_path / "nothing.zip")
    with pytest.raises(Unavailable, match="could not be written"):
        backup.backup(store, tmp_path / "no folder" / "b.zip")


def test_a_database_with_records_is_never_restored_into(
    worked_in: Store, tmp_path: Path, database_url: str
) -> None:
    backup.backup(worked_in, tmp_path / "b.zip")
    worked_in.close()
    before = contents(database_url)
    with pytest.raises(Refused, match="empty database"):
        backup.restore(database_url, tmp_path / "b.zip")
    assert contents(database_url) == before


def test_a_new_file_is_made_by_restoring(worked_in: Store, tmp_path: Path) -> None:
    backup.backup(worked_in, tmp_path / "b.zip")
    worked_in.close()
    backup.restore(f"sqlite:///{tmp_path}/new.db", tmp_path / "b.zip")
    assert contents(f"sqlite:///{tmp_path}/new.db")["organisation"]


def test_an_older_backup_is_replaced_but_no_other_file(worked_in: Store, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    backup.backup(worked_in, file)
    backup.backup(worked_in, file, passphrase="x")
    backup.backup(worked_in, file)
    assert backup.inspect(file)
    precious = tmp_path / "clinic.db"
    precious.write_bytes(b"precious")
    with pytest.raises(Refused, match="is no backup"):
        backup.backup(worked_in, precious)
    assert precious.read_bytes() == b"precious"


def test_a_stopped_backup_leaves_the_older_one_and_no_rest(
    worked_in: Store, tmp_path: Path
) -> None:
    file = tmp_path / "b.zip"
    backup.backup(worked_in, file)
    before = file.read_bytes()
    for number in range(1100):
        worked_in.database.execute_sql(
            worked_in.placed(SETTING),
            (f"n{number}", ""),
        )
    with pytest.raises(Refused, match="Stopped"):
        backup.backup(worked_in, file, should_stop=lambda: True)
    assert file.read_bytes() == before
    assert [f.name for f in tmp_path.iterdir() if f.name.endswith((".part", ".zip"))] == ["b.zip"]


def test_progress_counts_up_to_the_whole(
    tmp_path: Path, empty: Callable[[str], str], dialect: str
) -> None:
    url, other = empty(dialect), empty("sqlite")
    demo.prepare(url, now=AFTERNOON)
    told: list[tuple[int, int]] = []
    save(url, tmp_path / "b.zip", progress=lambda *step: told.append(step))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    told.clear()
    backup.restore(other, tmp_path / "b.zip", progress=lambda *step: told.append(step))
    assert told == sorted(told)
    assert told[-1][1] - told[-1][0] < portable.BATCH


def a_document(clinic: Clinic, parts: list[bytes]) -> int:
    whole = b"".join(parts)
    document = Document.create(
        uuid=str(uuid.uuid4()),
        organisation_id=clinic.organisation_id,
        patient_id=clinic.patient_id,
        name="Röntgen.png",
        media_type="image/png",
        size=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(),
        written_at=AFTERNOON,
    )
    for number, part in enumerate(parts):
        DocumentPart.create(
            organisation_id=clinic.organisation_id,
            document_id=document.id,
            part=number,
            content=part,
        )
    return int(document.id)


def test_a_document_comes_back_byte_for_byte_on_the_other_database(
    store: Store, clinic: Clinic, tmp_path: Path, empty: Callable[[str], str], dialect: str
) -> None:
    parts = [bytes(range(256)) * 4000, b"\0\n\\\xff", b"x"]
    number = a_document(clinic, parts)
    made = backup.backup(store, tmp_path / "b.zip")
    store.close()
    url = empty("postgresql" if dialect == "sqlite" else "sqlite")
    backup.restore(url, tmp_path / "b.zip")
    there = open_store(url)
    found = DocumentPart.select().where(DocumentPart.document_id == number)
    assert [bytes(row.content) for row in found.order_by(DocumentPart.part)] == parts
    assert backup.backup(there, tmp_path / "c.zip").tables == made.tables
    there.close()


def test_many_documents_are_never_in_memory_at_once(
    store: Store, clinic: Clinic, tmp_path: Path, empty: Callable[[str], str], dialect: str
) -> None:
    a_document(clinic, [os.urandom(MOST_OF_A_PART) for _ in range(24)])
    url = empty(dialect)
    tracemalloc.start()
    told: list[tuple[int, int]] = []
    backup.backup(store, tmp_path / "b.zip", progress=lambda *step: told.append(step))
    store.close()
    backup.restore(url, tmp_path / "b.zip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * MOST_OF_A_PART, peak
    assert told == sorted(told)
    assert len(told) > 5


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("wrong", [b'"AA=A"', b'"\\u00e4"', b"7", b"null", b'"A"'])
def test_a_part_that_is_no_base64_is_refused(
    store: Store, clinic: Clinic, tmp_path: Path, wrong: bytes
) -> None:
    a_document(clinic, [b"hello"])
    backup.backup(store, tmp_path / "b.zip")
    changed = rewritten(tmp_path / "b.zip", forged("document_part", b'"aGVsbG8="', wrong))
    with pytest.raises(Damaged):
        backup.inspect(changed)


def test_what_points_to_later_rows_comes_back(
    store: Store, clinic: Clinic, tmp_path: Path, empty: Callable[[str], str], dialect: str
) -> None:
    """A location names one of its rooms, a patient one who was registered after them."""
    room, later = an_operatory(clinic), a_patient(clinic)
    for table, column, number, other in (
        ("location", "default_operatory_id", clinic.location_id, room),
        ("patient", "merged_into_id", clinic.patient_id, later),
    ):
        store.database.execute_sql(
            store.placed(f"UPDATE {table} SET {column} = ? WHERE id = ?"), (other, number)
        )
    made = backup.backup(store, tmp_path / "b.zip")
    store.close()
    for there in ("sqlite", "postgresql"):
        url = empty(there)
        backup.restore(url, tmp_path / "b.zip")
        assert save(url, tmp_path / f"{there}.zip").tables == made.tables


def test_what_was_erased_stays_erased(
    worked_in: Store, tmp_path: Path, empty: Callable[[str], str], dialect: str
) -> None:
    worked_in.connection().execute("UPDATE deed_text SET salt = '', body = '' WHERE seq = 2")
    backup.backup(worked_in, tmp_path / "b.zip")
    worked_in.close()
    url = empty(dialect)
    backup.restore(url, tmp_path / "b.zip")
    assert contents(url)["deed_text"][1][2:] == ["", ""]


def test_the_process_is_left_on_the_database_it_restored(
    worked_in: Store, tmp_path: Path, empty: Callable[[str], str]
) -> None:
    backup.backup(worked_in, tmp_path / "b.zip")
    worked_in.close()
    url = empty("sqlite")
    backup.restore(url, tmp_path / "b.zip")
    assert base.on_sqlite()
