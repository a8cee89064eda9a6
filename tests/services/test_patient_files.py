"""Notes and files of a patient."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from clinic_desk.models.documents import Document, DocumentPart
from clinic_desk.models.people import Setting
from clinic_desk.rules.errors import Damaged, Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.services import (
    backup,
    journal,
    patient_files,
    patient_history,
    patient_notes,
    patient_page,
)
from clinic_desk.services.actor import Actor
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

MB = 1024 * 1024


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A scan of two and a half parts."""
    file = tmp_path / "Röntgen links.pdf"
    file.write_bytes(b"%PDF-1.7\n" + os.urandom(5 * MB // 2))
    return file


def stranger(clinic: Clinic) -> Actor:
    return builders.an_actor(builders.a_clinic(clinic.store, name="Elsewhere"))


def test_a_note_is_written_and_corrected_by_its_author(clinic: Clinic, actor: Actor):
    number = patient_notes.write(actor, clinic.patient_id, " Afraid of needles\nCall first ").value
    other = builders.an_actor(clinic)

    (note,) = patient_notes.notes(actor, clinic.patient_id)
    assert (note.text, note.author, note.mine) == (
        "Afraid of needles\nCall first", "Test User", True,
    )  # fmt: skip
    patient_notes.change(actor, number, "Not afraid any more", version=1)
    with pytest.raises(Stale):
        patient_notes.change(actor, number, "Late", version=1)
    with pytest.raises(Refused):
        patient_notes.change(other, number, "Not mine", version=2)
    (line, first) = patient_history.history(actor, clinic.patient_id).lines
    assert line.after == "Not afraid any more"
    assert first.before is None


@pytest.mark.parametrize("text", ["", "  \n ", "a\0b", "x" * 20_000])
def test_a_note_without_text_is_none(clinic: Clinic, actor: Actor, text: str):
    with pytest.raises(Invalid):
        patient_notes.write(actor, clinic.patient_id, text)


def test_notes_and_files_are_listed_in_two_questions(clinic: Clinic, actor: Actor, scan: Path):
    patient_notes.write(actor, clinic.patient_id, "One")
    patient_files.add(actor, clinic.patient_id, scan)
    for asks in (patient_notes.notes, patient_files.documents):
        asks(actor, clinic.patient_id)
        with statements(actor.store) as seen:
            asks(actor, clinic.patient_id)
        assert len(seen) == 2


def test_a_file_goes_in_and_comes_out_as_it_was(
    clinic: Clinic, actor: Actor, scan: Path, tmp_path: Path
):
    told: list[tuple[int, int]] = []

    card = patient_files.add(
        actor, clinic.patient_id, scan, progress=lambda done, whole: told.append((done, whole))
    ).value

    size = scan.stat().st_size
    assert told == [(MB, size), (2 * MB, size), (size, size)]
    assert (card.name, card.media_type, card.size) == ("Röntgen links.pdf", "application/pdf", size)
    assert patient_files.documents(actor, clinic.patient_id) == (card,)
    out = patient_files.save(actor, card.id, tmp_path / "out.pdf")
    assert out.read_bytes() == scan.read_bytes()
    if os.name == "posix":
        assert out.stat().st_mode & 0o077 == 0
    assert DocumentPart.select().count() == 3


def test_a_file_is_never_in_memory_as_a_whole(clinic: Clinic, actor: Actor, tmp_path: Path):
    file = tmp_path / "big.txt"
    with file.open("wb") as stream:
        for _ in range(24):
            stream.write(b"x" * MB)
    tracemalloc.start()

    card = patient_files.add(actor, clinic.patient_id, file).value
    patient_files.save(actor, card.id, tmp_path / "out.txt")

    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * MB


def test_a_stopped_file_leaves_nothing(clinic: Clinic, actor: Actor, scan: Path):
    told: list[int] = []

    with pytest.raises(patient_files.Stopped):
        patient_files.add(
            actor,
            clinic.patient_id,
            scan,
            progress=lambda done, _all: told.append(done),
            cancelled=lambda: bool(told),
        )

    assert patient_files.documents(actor, clinic.patient_id) == ()
    assert DocumentPart.select().count() == 0


def test_a_stopped_copy_leaves_no_file(clinic: Clinic, actor: Actor, scan: Path, tmp_path: Path):
    card = patient_files.add(actor, clinic.patient_id, scan).value

    with pytest.raises(patient_files.Stopped):
        patient_files.save(actor, card.id, tmp_path / "out.pdf", cancelled=lambda: True)

    assert not (tmp_path / "out.pdf").exists()


def test_what_a_killed_desk_left_is_swept_the_next_day(clinic: Clinic, actor: Actor, scan: Path):
    left = Document.create(
        uuid=builders._uuid(), organisation_id=clinic.organisation_id,
        patient_id=clinic.patient_id, name="x.pdf", media_type="", size=0, sha256="",
        written_at=clinic.at(10).replace(year=2020),
    )  # fmt: skip
    DocumentPart.create(
        organisation_id=clinic.organisation_id, document_id=left.id, part=0, content=b"x"
    )

    patient_files.add(actor, clinic.patient_id, scan)

    assert not DocumentPart.select().where(DocumentPart.document_id == left.id).count()
    assert DocumentPart.select().count() == 3


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.exe", b"MZ"), ("x.pdf", b"MZ"), ("x.pdf", b""), ("x", b"text"), ("x.txt", b"#!/bin/sh")],
)
def test_an_unfit_file_is_refused_at_its_field(
    clinic: Clinic, actor: Actor, tmp_path: Path, name: str, content: bytes
):
    file = tmp_path / name
    file.write_bytes(content)

    with pytest.raises(Invalid) as refused:
        patient_files.add(actor, clinic.patient_id, file)

    assert refused.value.field == "file"
    assert Document.select().count() == 0


def test_a_file_above_the_limit_is_refused(clinic: Clinic, actor: Actor, scan: Path):
    Setting.create(
        organisation_id=clinic.organisation_id, name=patient_files.MOST_MEGABYTES, value="2"
    )

    with pytest.raises(Refused, match="2 MB"):
        patient_files.add(actor, clinic.patient_id, scan)


def test_a_removed_file_is_gone_and_known(clinic: Clinic, actor: Actor, scan: Path, tmp_path: Path):
    card = patient_files.add(actor, clinic.patient_id, scan).value
    with pytest.raises(Stale):
        patient_files.remove(actor, card.id, version=card.version - 1)

    patient_files.remove(actor, card.id, version=card.version)

    assert DocumentPart.select().count() == 0
    assert patient_files.documents(actor, clinic.patient_id) == ()
    with pytest.raises(NotFound):
        patient_files.save(actor, card.id, tmp_path / "out.pdf")
    told = patient_history.history(actor, clinic.patient_id).lines
    assert "Röntgen links.pdf" in {line.after for line in told}


def test_a_damaged_document_is_found_out(clinic: Clinic, actor: Actor, scan: Path, tmp_path: Path):
    card = patient_files.add(actor, clinic.patient_id, scan).value
    DocumentPart.update(content=b"other").where(DocumentPart.part == 2).execute()

    with pytest.raises(Damaged):
        patient_files.save(actor, card.id, tmp_path / "out.pdf")
    assert not (tmp_path / "out.pdf").exists()


def test_another_organisation_sees_and_writes_nothing(
    clinic: Clinic, actor: Actor, scan: Path, tmp_path: Path
):
    card = patient_files.add(actor, clinic.patient_id, scan).value
    other = stranger(clinic)

    for tries in (
        lambda: patient_files.documents(other, clinic.patient_id),
        lambda: patient_files.document(other, card.id),
        lambda: patient_files.save(other, card.id, tmp_path / "out.pdf"),
        lambda: patient_files.add(other, clinic.patient_id, scan),
        lambda: patient_files.remove(other, card.id, version=card.version),
        lambda: patient_notes.notes(other, clinic.patient_id),
        lambda: patient_notes.write(other, clinic.patient_id, "x"),
    ):
        with pytest.raises(NotFound):
            tries()
    onlooker = builders.an_actor(clinic, frozenset({"Customer Show"}))
    with pytest.raises(NotAllowed):
        patient_files.add(onlooker, clinic.patient_id, scan)


def test_a_backup_has_the_files_too(clinic: Clinic, actor: Actor, scan: Path, tmp_path: Path):
    patient_files.add(actor, clinic.patient_id, scan)

    manifest = backup.backup(actor.store, tmp_path / "all.zip")

    assert manifest is not None


def test_a_note_and_its_correction_are_taken_back_and_done_again(clinic: Clinic, actor: Actor):
    written = patient_notes.write(actor, clinic.patient_id, "Afraid of needles")
    corrected = patient_notes.change(actor, written.value, "Afraid of noise", version=1)

    def texts() -> list[str]:
        return [note.text for note in patient_notes.notes(actor, clinic.patient_id)]

    back = journal.undo(actor, corrected.seq)
    assert texts() == ["Afraid of needles"]
    again = journal.undo(actor, back.seq)
    assert texts() == ["Afraid of noise"]
    with pytest.raises(Refused):
        journal.undo(actor, written.seq)  # it was corrected since
    journal.undo(actor, again.seq)
    journal.undo(actor, written.seq)
    assert texts() == []


def test_whoever_left_a_care_team_comes_back_by_undo(clinic: Clinic, actor: Actor):
    nurse = builders.a_user(clinic)
    patient_page.add_to_care_team(actor, clinic.patient_id, nurse, role="Nurse")
    (member,) = patient_page.care_team(actor, clinic.patient_id)
    gone = patient_page.remove_from_care_team(actor, member.id)

    journal.undo(actor, gone.seq)
    assert [(m.id, m.role) for m in patient_page.care_team(actor, clinic.patient_id)] == [
        (member.id, "Nurse")
    ]
