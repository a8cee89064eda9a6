"""The request that is chosen stays chosen while others come and go before it: a key on a button
decides about the person one has read about, and about nobody else.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import diary, requests
from clinic_desk.services.actor import Actor
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.requests_screen import RequestsScreen
from tests import builders
from tests.views.conftest import elsewhere, quiet, stored


def asked(clinic: builders.Clinic, hour: int) -> int:
    """A request of a patient of its own."""
    patient = builders.a_patient(clinic, first_name="Jo", last_name=f"Number{hour}")
    return builders.an_appointment(
        clinic, clinic.span(hour), status="requested", patient_id=patient
    )


@pytest.fixture
def waiting(clinic: builders.Clinic) -> list[int]:
    return [asked(clinic, hour) for hour in (9, 10, 11)]


@pytest.fixture
def screen(qtbot: QtBot, waiting: list[int], window: MainWindow) -> RequestsScreen:
    """The second of three requests is chosen, and the focus is on Approve."""
    window.show_screen("requests")
    quiet(qtbot, window.desk)
    shown = window.screens.requests
    qtbot.waitUntil(lambda: shown.model.rowCount() == len(waiting))
    shown.table.setFocus()
    QTest.keyClick(shown.table, Qt.Key.Key_Down)
    assert chosen(shown) == waiting[1]
    shown.approve.setFocus(Qt.FocusReason.TabFocusReason)
    assert shown.approve.hasFocus()
    return shown


def chosen(screen: RequestsScreen) -> int:
    card = screen.current()
    assert card is not None
    return card.id


def renewed(qtbot: QtBot, window: MainWindow) -> None:
    window.waiting.load()
    quiet(qtbot, window.desk)


def space(qtbot: QtBot, window: MainWindow) -> None:
    """Space, wherever the focus is."""
    focus = window.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Space)
    quiet(qtbot, window.desk)


def test_an_earlier_request_that_comes_in_leaves_the_chosen_one_chosen(
    qtbot: QtBot,
    clinic: builders.Clinic,
    waiting: list[int],
    screen: RequestsScreen,
    window: MainWindow,
    actor: Actor,
) -> None:
    earlier = elsewhere(asked, clinic, 8)
    renewed(qtbot, window)
    assert [card.id for card in screen.model.cards] == [earlier, *waiting]
    assert chosen(screen) == waiting[1]
    assert "Number10" in screen.patient.text()
    assert screen.approve.hasFocus()
    space(qtbot, window)
    assert stored(actor, waiting[1]).status is Status.SCHEDULED
    for other in (earlier, waiting[0], waiting[2]):
        assert stored(actor, other).status is Status.REQUESTED


def test_the_chosen_request_stays_chosen_when_its_time_is_changed(
    qtbot: QtBot,
    waiting: list[int],
    screen: RequestsScreen,
    window: MainWindow,
    actor: Actor,
) -> None:
    card = screen.current()
    assert card is not None
    later = card.span.shifted(timedelta(hours=4))
    elsewhere(diary.move, actor, card.id, span=later, version=card.version)
    renewed(qtbot, window)
    assert [card.id for card in screen.model.cards] == [waiting[0], waiting[2], waiting[1]]
    assert chosen(screen) == waiting[1]
    assert "Number10" in screen.patient.text()
    space(qtbot, window)
    assert stored(actor, waiting[1]).status is Status.SCHEDULED
    assert stored(actor, waiting[2]).status is Status.REQUESTED


@pytest.mark.parametrize("name", ["approve", "decline"])
def test_where_another_desk_answered_it_no_button_keeps_the_focus_for_the_next_one(
    qtbot: QtBot,
    waiting: list[int],
    screen: RequestsScreen,
    window: MainWindow,
    actor: Actor,
    name: str,
) -> None:
    getattr(screen, name).setFocus(Qt.FocusReason.TabFocusReason)
    card = screen.current()
    assert card is not None
    elsewhere(requests.approve, actor, card.id, version=card.version)
    renewed(qtbot, window)
    assert chosen(screen) == waiting[2]
    assert screen.table.hasFocus()
    space(qtbot, window)
    assert stored(actor, waiting[2]).status is Status.REQUESTED
