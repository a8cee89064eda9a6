"""The tour of the section Patients: found, written down, noted on, merged, taken over."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from clinic_desk.views import robot
from clinic_desk.views.patients.import_wizard import ImportWizard
from clinic_desk.views.patients.merge_dialog import MergeDialog
from clinic_desk.views.patients.patients_screen import PatientsScreen
from clinic_desk.views.robot import find, sure, until
from clinic_desk.views.tour_walk import Walk

LIST = """Nachname;Vorname;Geboren;Telefon;Ort
Holzer;Friederike;12.4.1986;+43 664 1234567;Graz
Öztürk;Ayşe;1.2.1990;;Wien
Ohne;Datum;31.31.1990;;Linz
"""


def _section(walk: Walk) -> PatientsScreen:
    robot.click(walk.window.navigation.buttons["patients"])
    walk.quiet()
    section = walk.window.screens.patients
    until("the list", section.list.model.rowCount)
    return section


def page(walk: Walk) -> None:
    """Found as one types; the page with a note; a new one, whose double is named first."""
    section = _section(walk)
    found = section.list.model.patients[0]
    robot.write(section.list.search, f"{found.first_name} {found.last_name}")
    walk.quiet()
    robot.key(section.list.search, Qt.Key.Key_Return)
    until("the page", lambda: section.card.page is not None)
    walk.quiet()
    walk.album.take(walk.window, "patient")
    section.card.tabs.setCurrentWidget(section.card.papers)
    walk.quiet()
    notes = section.card.papers.notes
    robot.write(notes.text, "Her son may come along")
    robot.key(notes.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    until("the note", lambda: notes.notes)
    walk.album.take(walk.window, "patient-notes")
    robot.key(section.list.search, Qt.Key.Key_Escape)
    robot.click(section.list.new)
    until("the form", section.form.isVisible)
    robot.write(section.form.fields.line("last_name"), found.last_name)
    robot.write(section.form.fields.line("first_name"), found.first_name)
    until("who it may be", section.form.known.isVisible)
    walk.album.take(walk.window, "patient-new")
    robot.click(section.form.save)
    until("the new one", lambda: section.card.page is not None and section.card.isVisible())
    walk.quiet()
    sure("another record", section.card.patient_id != found.id)


def merge(walk: Walk) -> None:
    """It was the same person: one record, and two again."""
    section = _section(walk)
    double = section.card.page
    assert double is not None
    section.card.head.merge.trigger()
    dialog = find(walk.window, MergeDialog, "merge")
    walk.quiet()
    until("the other record", dialog.near.isVisible)
    dialog.search.set_patient(
        next(c for c in section.list.model.patients if c.last_name == double.card.last_name)
    )
    until("what would happen", dialog.choices.isVisible)
    robot.click(dialog.swap)
    walk.quiet()
    walk.album.take(dialog, "merge")
    robot.click(dialog.merge)
    until("one record", lambda: section.card.page is not None and section.card.page.former)
    walk.quiet()
    walk.album.take(walk.window, "merged")


def bring(walk: Walk) -> None:
    """Another program's list: recognised, previewed, taken over, with a result for each row."""
    section = _section(walk)
    path = Path(walk.folder) / "other program.csv"
    path.write_text(LIST, "utf-8")
    robot.click(section.list.bring)
    wizard = find(walk.window, ImportWizard, "import")
    robot.write(wizard.field, str(path))
    robot.key(wizard.field, Qt.Key.Key_Return)
    until("the preview", lambda: wizard.pages.currentIndex() == 1)
    walk.quiet()
    walk.album.take(wizard, "import")
    result = Path(wizard.result_field.text())  # its name is in the language of the desk
    sure("a result beside the list", result != path and result.parent == path.parent)
    sure("named after it", result.stem.startswith(path.stem) and result.suffix == ".csv")
    robot.click(wizard.begin_button)
    until("the result", lambda: wizard.pages.currentIndex() == 3)
    walk.quiet()
    walk.album.take(wizard, "imported")
    robot.click(wizard.close_button)
    sure("a result file", result.exists())
    for file in (path, result):
        file.unlink()
    walk.window.show_screen("calendar")
    walk.quiet()
