"""Answers that come late, or to somebody who has gone on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from clinic_desk.rules.errors import NotAllowed, OutcomeUnknown
from clinic_desk.rules.spans import Span
from clinic_desk.services import diary, journal, settings
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard, DiaryView, Done
from clinic_desk.views import lost_answer, pinboard, robot
from clinic_desk.views.desk import Desk
from clinic_desk.views.free_times import FreeTimes
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.messages import Message, Tone
from clinic_desk.views.periods import Periods
from clinic_desk.views.slots import Slot
from tests import builders
from tests.builders import TUESDAY
from tests.views.conftest import elsewhere, quiet, stored

NEXT_TUESDAY = TUESDAY + timedelta(days=7)


@pytest.fixture
def gate() -> threading.Event:
    """Answers that are held wait for it."""
    return threading.Event()


def booked(clinic: builders.Clinic, actor: Actor, span: Span, provider_id: int) -> int:
    """Another desk books for the builders' patient."""
    done = elsewhere(
        diary.book,
        actor,
        span=span,
        type_id=clinic.type_id,
        provider_id=provider_id,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
    )
    return done.value.id


# Weeks that were read ahead


def test_a_week_read_ahead_before_a_deed_elsewhere_is_read_again_when_it_is_shown(
    qtbot: QtBot,
    clinic: builders.Clinic,
    window: MainWindow,
    gate: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calendar, read = window.calendar, diary.view
    held: list[DiaryView] = []

    def view(actor: Actor, period: Span, **filters: Any) -> DiaryView:
        found = read(actor, period, **filters)
        if period.holds(clinic.at(10, day=NEXT_TUESDAY)) and not held:
            held.append(found)
            gate.wait(10)
        return found

    monkeypatch.setattr(diary, "view", view)
    calendar.periods.forget()
    qtbot.waitUntil(lambda: bool(held))
    calendar.periods._later.setInterval(60_000)  # nothing is read ahead a second time
    deeds = calendar.periods._deeds
    booked(clinic, window.desk.actor, clinic.span(10, day=NEXT_TUESDAY), clinic.provider_id)
    qtbot.waitUntil(lambda: calendar.periods._deeds > deeds)
    gate.set()
    quiet(qtbot, window.desk)
    QTest.keyClick(calendar.board, Qt.Key.Key_PageDown)
    quiet(qtbot, window.desk)
    assert [card.span for card in calendar.board.model.cards] == [clinic.span(10, day=NEXT_TUESDAY)]


def test_a_calendar_that_is_gone_is_told_nothing(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk
) -> None:
    from clinic_desk.views.periods import Period

    periods = Periods(desk)
    periods.show(Period(TUESDAY, TUESDAY, None, False, desk.zone), ())
    periods.deleteLater()
    quiet(qtbot, desk)


# Free times


def test_what_is_free_instead_is_free_for_the_patient_too(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    other = elsewhere(builders.a_provider, clinic)
    window.desk.renew_catalogue()
    booked(clinic, actor, clinic.span(10), clinic.provider_id)
    number = booked(clinic, actor, clinic.span(15), other)
    quiet(qtbot, window.desk)
    window.open_editor(stored(actor, number))
    editor = window.editors[number]
    editor.form.start.setTime(QTime(10, 0))
    robot.click(editor.save_button)
    qtbot.waitUntil(lambda: editor.refusal.ways.first() is not None)
    way = editor.refusal.ways.first()
    assert isinstance(way, QAbstractButton)
    qtbot.waitUntil(way.isVisible)
    robot.click(way)
    robot.click(editor.save_button)
    qtbot.waitUntil(lambda: number not in window.editors)
    quiet(qtbot, window.desk)
    assert not stored(actor, number).span.overlaps(clinic.span(10))
    assert stored(actor, number).span != clinic.span(15)


def test_a_second_look_counts_only_its_own_answers(
    qtbot: QtBot, clinic: builders.Clinic, store: Any, actor: Actor, background: Any
) -> None:
    builders.a_provider(clinic)
    only = builders.a_qualification(clinic, "Surgeon", clinic.provider_id)
    rare = builders.a_type(clinic, qualification_ids=(only,))
    desk = Desk(actor, background, store.catalogue(actor.organisation_id))
    times = FreeTimes(desk, "way")
    qtbot.addWidget(times)
    slot = Slot(clinic.span(10), clinic.provider_id, None, clinic.location_id)
    times.look(slot, clinic.type_id)
    times.look(slot, rare)
    qtbot.waitUntil(lambda: times.first() is not None)
    quiet(qtbot, desk)
    texts = [made.text() for made in times.findChildren(QAbstractButton)]
    assert len(texts) == 2
    assert all(desk.catalogue.providers[clinic.provider_id].name in text for text in texts)


def test_what_could_not_be_looked_for_is_not_said_to_be_full(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clinic_desk.services import openings

    def refuse(*_asked: Any, **_more: Any) -> None:
        raise NotAllowed("Appointment Get All")

    monkeypatch.setattr(openings, "next", refuse)
    heard: list[Message] = []
    desk.said.connect(heard.append)
    times = FreeTimes(desk, "way")
    qtbot.addWidget(times)
    times.show()
    times.look(Slot(clinic.span(10), clinic.provider_id, None, clinic.location_id), clinic.type_id)
    quiet(qtbot, desk)
    assert not times._none.isVisible()
    assert "Appointment Get All" in heard[0].text


# The pinboard


@pytest.fixture
def two(clinic: builders.Clinic) -> tuple[int, int]:
    """Two visits of one day."""
    other = builders.a_patient(clinic)
    return (
        builders.an_appointment(clinic, clinic.span(10)),
        builders.an_appointment(clinic, clinic.span(12), patient_id=other),
    )


def pin(window: MainWindow, number: int) -> None:
    board = window.calendar.board
    board.setFocus()
    board.select(number)
    QTest.keyClick(board, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)


def held_back(
    monkeypatch: pytest.MonkeyPatch, gate: threading.Event
) -> list[tuple[Sequence[int], list[AppointmentCard]]]:
    """Lets the next reading of pinned visits wait at the gate; what it has read."""
    present, held = pinboard._present, []

    def wait(actor: Actor, ids: Sequence[int]) -> tuple[Sequence[int], list[AppointmentCard]]:
        found = present(actor, ids)
        held.append(found)
        gate.wait(10)
        return found

    monkeypatch.setattr(pinboard, "_present", wait)
    return held


def test_what_is_pinned_or_taken_off_while_the_pins_are_read_stays_so(
    qtbot: QtBot,
    two: tuple[int, int],
    window: MainWindow,
    actor: Actor,
    gate: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pin(window, two[0])
    quiet(qtbot, window.desk)
    held = held_back(monkeypatch, gate)
    elsewhere(diary.change, actor, two[0], version=1, notes="other")
    qtbot.waitUntil(lambda: bool(held))
    pin(window, two[1])
    gate.set()
    quiet(qtbot, window.desk)
    assert [card.id for card in window.pinboard.cards] == list(two)
    assert window.pinboard.cards[0].notes == "other"
    gate.clear()
    held.clear()
    elsewhere(diary.change, actor, two[0], version=2, notes="again")
    qtbot.waitUntil(lambda: bool(held))
    window.pinboard.unpin(two[0])
    gate.set()
    quiet(qtbot, window.desk)
    assert [card.id for card in window.pinboard.cards] == [two[1]]
    assert elsewhere(settings.get, actor, pinboard.SETTING, []) == [two[1]]


def test_a_pin_before_the_stored_ones_are_there_loses_none_of_them(
    qtbot: QtBot,
    two: tuple[int, int],
    window: MainWindow,
    actor: Actor,
    gate: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pin(window, two[0])
    quiet(qtbot, window.desk)
    held = held_back(monkeypatch, gate)
    again = MainWindow(window.desk, window.memory)
    qtbot.addWidget(again)
    again.pinboard.load()
    qtbot.waitUntil(lambda: bool(held))
    again.pinboard.pin(stored(actor, two[1]))
    gate.set()
    quiet(qtbot, window.desk)
    assert [card.id for card in again.pinboard.cards] == list(two)
    assert elsewhere(settings.get, actor, pinboard.SETTING, []) == list(two)


# Was it saved?


@pytest.mark.parametrize("error", [NotAllowed("Appointment Show"), ValueError("a bug")])
def test_only_a_server_that_does_not_answer_is_asked_again(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(lost_answer, "ASK_AGAIN_MS", 10)
    asked: list[str] = []
    told: list[BaseException] = []
    heard: list[Message] = []
    complaints: list[BaseException] = []
    desk.said.connect(heard.append)
    monkeypatch.setattr(desk, "complain", complaints.append)

    def was_saved(_actor: Actor, request_id: str) -> None:
        asked.append(request_id)
        raise error

    def lose(_who: Actor, *, request_id: str) -> Done[Any]:
        raise OutcomeUnknown(request_id)

    def note(problem: BaseException) -> bool:
        told.append(problem)
        return True

    monkeypatch.setattr(journal, "was_saved", was_saved)
    desk.do(lose, label="Move", failed=note)
    qtbot.waitUntil(lambda: bool(told))
    qtbot.wait(100)
    assert len(asked) == 1
    assert complaints == [error]
    assert heard[-1].tone is Tone.ERROR
    assert "not known whether this was saved: Move" in heard[-1].text
