"""A request is approved or declined, from wherever somebody gets at it, by who may."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.models.people import User
from clinic_desk.rules import permissions
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.actor import Actor
from clinic_desk.views import visits, words
from clinic_desk.views.agenda.access import CardActions
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.list_view import ListView
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.conftest import quiet, stored

ANSWERS = frozenset({"Appointment Request Approve", "Appointment Reject"})


@pytest.fixture
def request_id(clinic: builders.Clinic) -> int:
    return builders.an_appointment(clinic, clinic.span(10), status="requested")


@pytest.fixture
def actor(request: pytest.FixtureRequest, clinic: builders.Clinic) -> Actor:
    """Somebody who may do everything, without what the test takes away."""
    wanted: frozenset[str] | None = getattr(request, "param", frozenset())
    made = builders.an_actor(clinic, frozenset(permissions.ALL) - (wanted or frozenset()))
    if wanted is None:  # the role would do, but the box on the page Staff is not ticked
        User.update(approvals=False).where(User.id == made.user_id).execute()
        clinic.store.forget_catalogue(clinic.organisation_id)
    return made


@pytest.fixture(autouse=True)
def reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is asked why says this."""
    monkeypatch.setattr(visits, "ask_reason", lambda *_asked: "Please call us")


def spoken(window: MainWindow, number: int) -> CardActions:
    """What a screen reader is offered."""
    return CardActions(window.calendar.board.access, number)


def listed(qtbot: QtBot, window: MainWindow, number: int) -> ListView:
    """The list with the request as its line."""
    window.calendar.set_view(View.LIST)
    quiet(qtbot, window.desk)
    shown = window.calendar.stack.list
    shown.select(number)
    shown.table.setFocus()
    return shown


@pytest.mark.parametrize(
    ("words_", "status"), [("Approve", Status.SCHEDULED), ("Decline…", Status.DECLINED)]
)
def test_a_screen_reader_approves_and_declines(
    qtbot: QtBot, request_id: int, window: MainWindow, actor: Actor, words_: str, status: Status
) -> None:
    actions = spoken(window, request_id)
    assert actions.actionNames()[2:] == ["Approve", "Decline…"]
    actions.doAction(words_)
    quiet(qtbot, window.desk)
    card = stored(actor, request_id)
    assert card.status is status
    assert card.reason == ("Please call us" if status is Status.DECLINED else "")


def test_a_visit_is_followed_through_its_life_by_a_screen_reader(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = builders.an_appointment(clinic, clinic.span(14))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    spoken(window, number).doAction(words.status(Status.CONFIRMED))
    quiet(qtbot, window.desk)
    assert stored(actor, number).status is Status.CONFIRMED


def test_delete_in_the_list_declines_a_request_and_never_cancels_it(
    qtbot: QtBot, request_id: int, window: MainWindow, actor: Actor
) -> None:
    shown = listed(qtbot, window, request_id)
    QTest.keyClick(shown.table, Qt.Key.Key_A)
    quiet(qtbot, window.desk)
    assert stored(actor, request_id).status is Status.REQUESTED
    QTest.keyClick(shown.table, Qt.Key.Key_Delete)
    quiet(qtbot, window.desk)
    card = stored(actor, request_id)
    assert (card.status, card.reason) == (Status.DECLINED, "Please call us")


@pytest.mark.parametrize("actor", [ANSWERS, None], indirect=True, ids=["role", "tick"])
def test_who_may_not_answer_is_offered_nothing_and_told_so(
    qtbot: QtBot, request_id: int, window: MainWindow, actor: Actor
) -> None:
    assert spoken(window, request_id).actionNames()[2:] == []
    window.calendar.board.select(request_id)
    assert not window.actions_["approve"].isEnabled()
    assert not window.actions_["decline"].isEnabled()
    shown = listed(qtbot, window, request_id)
    QTest.keyClick(shown.table, Qt.Key.Key_Delete)
    quiet(qtbot, window.desk)
    assert "Appointment Reject" in window.messages.text
    assert "tick “Approvals” for you on the page “Staff”" in window.messages.text
    assert stored(actor, request_id).status is Status.REQUESTED


@pytest.mark.parametrize("actor", [{"Appointment Update"}], indirect=True)
def test_who_may_only_look_is_offered_no_status(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, window: MainWindow
) -> None:
    number = builders.an_appointment(clinic, clinic.span(14))
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    assert spoken(window, number).actionNames()[2:] == []
