"""Notes and documents on the page of a patient."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFrame, QPushButton
from pytestqt.qtbot import QtBot

from clinic_desk.services import patient_files, patient_notes
from clinic_desk.services.actor import Actor
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.patients.card_files import CardFiles
from clinic_desk.views.patients.card_papers import CardPapers
from clinic_desk.views.patients.patients_screen import PatientsScreen
from tests import builders
from tests.views.conftest import elsewhere, quiet
from tests.views.patients.conftest import Register, click, opened, shown, typed

SCAN = b"%PDF-1.7 " + bytes(range(256)) * 9000


@pytest.fixture
def papers(qtbot: QtBot, section: PatientsScreen, clinic: builders.Clinic) -> CardPapers:
    """The tab, as a click shows it."""
    opened(qtbot, section, clinic.patient_id)
    tabs = section.card.tabs
    bar = tabs.tabBar()
    place = tabs.indexOf(section.card.papers)
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())
    quiet(qtbot, section.desk)
    assert section.card.papers.isVisible()
    return section.card.papers


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    made = tmp_path / "Röntgen links.pdf"
    made.write_bytes(SCAN)
    return made


def texts(papers: CardPapers) -> list[str]:
    return [note.text for note in papers.notes.notes]


def dropped(papers: CardPapers, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(20, 20), copy, data, left, none)
    QApplication.sendEvent(papers.files, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(papers.files, QDropEvent(QPoint(20, 20), copy, data, left, none))


def settled(qtbot: QtBot, files: CardFiles) -> None:
    qtbot.waitUntil(lambda: files.task is None, timeout=10_000)
    quiet(qtbot, files._desk)


def test_a_note_is_written_corrected_and_taken_back(
    qtbot: QtBot, window: MainWindow, papers: CardPapers, actor: Actor, clinic: builders.Clinic
):
    notes = papers.notes
    assert not notes.save.isEnabled()
    typed(notes.text, "Afraid of needles")
    QTest.keyClick(notes.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    quiet(qtbot, window.desk)
    assert texts(papers) == ["Afraid of needles"]
    assert notes.text.toPlainText() == ""

    (correct,) = [
        one for one in notes.findChildren(QPushButton) if one.objectName().endswith("-correct")
    ]
    click(correct)
    QTest.keyClicks(notes.text, "Not ")
    click(notes.save)
    quiet(qtbot, window.desk)
    (now,) = elsewhere(patient_notes.notes, actor, clinic.patient_id)
    assert now.text == "Not Afraid of needles"

    window.desk.undo()
    quiet(qtbot, window.desk)
    assert texts(papers) == ["Afraid of needles"]
    window.desk.undo()
    quiet(qtbot, window.desk)
    assert texts(papers) == []
    window.desk.redo()
    quiet(qtbot, window.desk)
    assert texts(papers) == ["Afraid of needles"]


def test_others_notes_are_read_and_not_changed(
    qtbot: QtBot, papers: CardPapers, clinic: builders.Clinic
):
    def other() -> None:
        somebody = builders.an_actor(clinic)
        patient_notes.write(somebody, clinic.patient_id, "<b>Allergic</b> & afraid")

    elsewhere(other)
    papers.notes.load()
    quiet(qtbot, papers.notes._desk)
    (frame,) = [f for f in papers.notes.findChildren(QFrame) if f.property("role") == "note"]
    shown_ = [one for one in frame.findChildren(QPushButton) if one.isVisible()]
    assert shown_ == []
    assert texts(papers) == ["<b>Allergic</b> & afraid"]


def test_a_begun_note_is_asked_about_before_another_patient_is_shown(
    qtbot: QtBot, window: MainWindow, register: Register, clinic: builders.Clinic, actor: Actor
):
    card = register("Jane", "Austen")
    section = shown(qtbot, window)
    opened(qtbot, section, card.id)
    section.card.tabs.setCurrentWidget(section.card.papers)
    quiet(qtbot, window.desk)
    typed(section.card.papers.notes.text, "Call her")
    section.card.tabs.setCurrentWidget(section.card.visits)
    section.open_patient(clinic.patient_id)
    asked = section.findChild(LeavingQuestion)
    assert asked is not None
    asked.save_wanted.emit()
    asked.close()
    quiet(qtbot, window.desk)

    assert section.card.patient_id == clinic.patient_id
    (note,) = elsewhere(patient_notes.notes, actor, card.id)
    assert note.text == "Call her"


def test_a_document_comes_in_by_a_drop_and_out_by_save_and_open(
    qtbot: QtBot, papers: CardPapers, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    files = papers.files
    dropped(papers, scan)
    settled(qtbot, files)
    assert [card.name for card in files.documents] == ["Röntgen links.pdf"]
    assert files.model.index(0, 1).data() == "2.2 MB"

    place = tmp_path / "out.pdf"
    place.write_bytes(b"what stood here before")
    files.save_to(place)
    settled(qtbot, files)
    assert place.read_bytes() == SCAN
    assert list(tmp_path.glob(".*.part")) == []

    handed: list[Path] = []

    def hand(path: Path) -> bool:
        handed.append(path)
        return True

    monkeypatch.setattr(files, "show_file", hand)
    files.table.setFocus()
    QTest.keyClick(files.table, Qt.Key.Key_Return)
    settled(qtbot, files)
    (copy,) = handed
    assert copy.name == "Röntgen links.pdf"
    assert copy.read_bytes() == SCAN


def test_what_is_not_kept_is_refused_and_the_next_one_comes_in(
    qtbot: QtBot, papers: CardPapers, scan: Path, tmp_path: Path
):
    odd = tmp_path / "tool.exe"
    odd.write_bytes(b"MZ")
    dropped(papers, odd, scan)
    settled(qtbot, papers.files)

    assert "exe" in papers.files.told.text()
    assert [card.name for card in papers.files.documents] == ["Röntgen links.pdf"]


def test_a_document_is_removed_for_good_after_a_question(
    qtbot: QtBot, window: MainWindow, papers: CardPapers, scan: Path, actor: Actor, clinic
):
    files = papers.files
    dropped(papers, scan)
    settled(qtbot, files)
    click(files.remove)
    assert files.asked.isVisible()
    click(files.no)
    assert not files.asked.isVisible()

    files.table.setFocus()
    QTest.keyClick(files.table, Qt.Key.Key_Delete)
    click(files.yes)
    quiet(qtbot, window.desk)
    assert elsewhere(patient_files.documents, actor, clinic.patient_id) == ()
    assert files.none.isVisible()
    last = window.desk.own.to_undo
    assert last is not None and "Röntgen" in last.words
    assert last.why.startswith("A file is not taken back: what is thrown away is gone for good.")
    assert window.desk.own.count == 0


def test_a_long_one_is_stopped_and_nothing_is_left(
    qtbot: QtBot, papers: CardPapers, tmp_path: Path, actor: Actor, clinic: builders.Clinic,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    import threading

    long = tmp_path / "long.txt"
    long.write_bytes(b"x" * 20 * 1024 * 1024)
    hold = threading.Event()
    write = patient_files._write_part

    def slowly(*args: object) -> None:
        write(*args)  # type: ignore[arg-type]
        hold.wait(0.1)

    monkeypatch.setattr(patient_files, "_write_part", slowly)
    dropped(papers, long)
    qtbot.waitUntil(papers.files.progress.isVisible)
    qtbot.waitUntil(lambda: papers.files.bar.value() > 0, timeout=10_000)
    click(papers.files.stop)
    settled(qtbot, papers.files)
    assert not papers.files.progress.isVisible()
    assert elsewhere(patient_files.documents, actor, clinic.patient_id) == ()
