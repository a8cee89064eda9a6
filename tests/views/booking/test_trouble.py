"""What goes wrong at the last moment: it is told, everything is kept, and there is a way on."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from clinic_desk.models.diary import Appointment
from clinic_desk.rules.errors import Disconnected
from clinic_desk.services import diary, patients, scheduling
from clinic_desk.views.booking.draft import PATIENT, SUMMARY
from clinic_desk.views.booking.flow import BookingFlow
from clinic_desk.views.lock import Lock
from tests import builders
from tests.views.booking.conftest import answer, click, holds, typed, until
from tests.views.conftest import elsewhere, quiet


@pytest.fixture
def ready(qtbot, window, flow: BookingFlow, clinic, actor) -> BookingFlow:
    """All is answered; only "Schedule appointments" is left."""
    typed(flow.what.problem, "Toothache")
    click(flow.next)
    quiet(qtbot, window.desk)
    click(flow.findChild(QPushButton, "booking-opening-0"))
    until(qtbot, lambda: flow.step == PATIENT)
    flow.patient.search.set_patient(elsewhere(patients.patient, actor, clinic.patient_id))
    until(qtbot, lambda: flow.step == SUMMARY)
    quiet(qtbot, window.desk)
    assert not flow.summary.refusal.isVisible()
    return flow


def count() -> int:
    return int(elsewhere(lambda: Appointment.select().count()))


def test_what_came_in_between_is_told_with_other_times_and_nothing_else_is_asked(
    qtbot, window, ready, clinic, actor
):
    second = builders.a_provider(clinic, last_name="Second")
    elsewhere(
        diary.book,
        actor,
        span=ready.draft.seats[0].span,
        type_id=clinic.type_id,
        provider_id=second,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
    )

    click(ready.book)
    until(qtbot, ready.summary.refusal.isVisible)
    quiet(qtbot, window.desk)
    assert count() == 1
    assert ready.isVisible()
    click(ready.summary.refusal.findChild(QPushButton, "booking-instead-0-0"))
    until(qtbot, lambda: not ready.summary.refusal.isVisible())
    quiet(qtbot, window.desk)
    click(ready.book)
    until(qtbot, lambda: count() == 2)
    quiet(qtbot, window.desk)
    assert holds() == []


def test_without_the_connection_nothing_is_lost(qtbot, window, ready, monkeypatch):
    def refused(*_args: object, **_more: object) -> None:
        raise Disconnected

    with monkeypatch.context() as broken:
        broken.setattr(scheduling, "schedule", refused)
        click(ready.book)
        qtbot.waitUntil(ready.book.isEnabled)
        quiet(qtbot, window.desk)
        assert ready.isVisible()
        assert count() == 0

    click(ready.book)
    until(qtbot, lambda: count() == 1)
    quiet(qtbot, window.desk)


def test_a_locked_desk_hides_it_and_gives_it_back_with_its_time(qtbot, window, ready):
    lock = Lock(window.desk)
    lock.lock()
    assert not ready.isVisible()
    assert len(holds()) == 2
    lock.open()

    assert ready.isVisible()
    assert ready.draft.problem == "Toothache"
    lock.end()


def test_esc_twice_keeps_what_was_begun(qtbot, window, ready):
    QTest.keyClick(ready, Qt.Key.Key_Escape)
    answer(ready, "keep")
    assert ready.isVisible()
    QTest.keyClick(ready, Qt.Key.Key_Escape)
    answer(ready, "save")
    until(qtbot, lambda: count() == 1)
    quiet(qtbot, window.desk)
    assert not [
        w for w in QApplication.topLevelWidgets() if isinstance(w, BookingFlow) and w.isVisible()
    ]


def test_an_answer_for_a_window_that_was_closed_meanwhile_is_no_crash(qtbot, window, flow):
    typed(flow.what.problem, "Toothache")
    click(flow.next)
    flow.time.read_times()
    flow.discard()
    qtbot.waitUntil(lambda: not shiboken6.isValid(flow))
    quiet(qtbot, window.desk)

    assert holds() == []
