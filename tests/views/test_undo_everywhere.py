"""Ctrl+Z in the window for what is no visit: the clinic's set-up, a merge, and what stands."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.models.people import Patient, User
from clinic_desk.services import accounts, events, patient_merge, patients, staff
from clinic_desk.services import clinic as set_up
from clinic_desk.services.actor import Actor
from clinic_desk.services.clinic_cards import LocationDraft
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.conftest import elsewhere, quiet

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def press(qtbot: QtBot, window: MainWindow, *, again: bool = False) -> None:
    """Ctrl+Z, or with *again* Ctrl+Shift+Z, and what follows."""
    QTest.keyClick(window.calendar.board, Qt.Key.Key_Z, CTRL | SHIFT if again else CTRL)
    quiet(qtbot, window.desk)


def test_the_name_of_a_location_is_taken_back_and_shown_so(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    def shown() -> str:
        return window.desk.catalogue.locations[clinic.location_id].name

    before = elsewhere(set_up.location, actor, clinic.location_id)
    draft = LocationDraft("Harbour", time_zone=clinic.time_zone, hours=before.hours)
    window.desk.do(set_up.change_location, before, draft, label="Location changed")
    quiet(qtbot, window.desk)
    window.desk.renew_catalogue()  # as its page does
    quiet(qtbot, window.desk)
    assert shown() == "Harbour"
    assert window.messages.undo.isVisible()

    press(qtbot, window)
    assert shown() == before.card.name
    assert window.messages.text == "Undone: Location changed"
    press(qtbot, window, again=True)
    assert shown() == "Harbour"


def test_a_password_is_not_offered_for_undo_and_nothing_older_goes_in_its_place(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    def give() -> None:
        User.update(password_hash=accounts.hash_password("an old password")).where(
            User.id == actor.user_id
        ).execute()

    elsewhere(give)
    window.desk.do(
        events.add, resource_id=clinic.provider_id, span=clinic.span(12), title="Break",
        label="Event",
    )  # fmt: skip
    quiet(qtbot, window.desk)
    window.desk.do(
        staff.change_password, "an old password", "another password", label="Password changed"
    )
    quiet(qtbot, window.desk)

    assert window.messages.text == "Password changed"
    assert not window.messages.undo.isVisible()
    assert window.desk.own.count == 1
    undo = window.actions_["undo"]
    assert undo.text() == "Undo" and undo.isEnabled()

    press(qtbot, window)
    assert window.messages.text == (
        "Not undone: Password changed. A password is not taken back: what it was before is kept"
        " nowhere. Choose another password."
    )
    assert window.desk.own.count == 1
    assert undo.text() == "Undo: Event"
    press(qtbot, window)  # only now, and it says so
    assert window.messages.text == "Undone: Event"

    window.desk.do(
        staff.change_password, "another password", "a third password", label="Password changed"
    )
    quiet(qtbot, window.desk)
    for _again in range(2):  # with nothing older it is said as often as it is asked
        window.messages.clear()
        press(qtbot, window)
        assert window.messages.text.startswith("Not undone: Password changed. ")


def test_a_merge_is_taken_back_as_a_whole(qtbot: QtBot, window: MainWindow, actor: Actor) -> None:
    def two() -> tuple[int, int, int]:
        kept = patients.create(actor, first_name="Jane", last_name="Austen").value.id
        other = patients.create(actor, first_name="Jane", last_name="Asten").value.id
        return kept, other, patient_merge.merge(actor, kept, other).seq

    def stands(number: int) -> bool:
        return bool(Patient.get_by_id(number).active)

    _kept, other, seq = elsewhere(two)
    window.desk.did(seq, "Records merged", "One record now.")
    assert window.messages.undo.isVisible()

    press(qtbot, window)
    assert elsewhere(stands, other)
    press(qtbot, window, again=True)
    assert not elsewhere(stands, other)
