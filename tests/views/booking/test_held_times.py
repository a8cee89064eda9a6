"""The calendar shows what another desk is just booking, and no longer when it is let go."""

from __future__ import annotations

import uuid

import pytest

from clinic_desk.models.diary import Hold
from clinic_desk.services import diary, holds
from clinic_desk.views.agenda.judge import Judge, wish_for
from clinic_desk.views.calendar_choice import View
from tests.views.booking.conftest import until
from tests.views.conftest import elsewhere, quiet


@pytest.fixture
def other(actor, clinic):
    """Another desk that begins to book at ten."""

    def take() -> str:
        name = str(uuid.uuid4())
        slot = holds.Slot(clinic.span(10), clinic.provider_id, clinic.operatory_id)
        elsewhere(holds.take, actor, name, [slot])
        return name

    return take


def shown(window) -> list[str]:
    """What is written into the calendar beside its cards."""
    return [veil.text for column in window.calendar.board.scene.elsewhere for veil in column]


def test_what_another_desk_begins_to_book_is_seen_at_once_and_gone_when_it_leaves(
    qtbot, window, actor, other, clinic
):
    window.calendar.set_view(View.PROVIDERS)
    quiet(qtbot, window.desk)
    name = other()
    until(qtbot, lambda: shown(window) == ["Being booked by \u2068Test User\u2069"])
    (card, _room) = sorted(window.calendar.board.held, key=lambda held: held.is_room)
    assert (card.resource_id, card.span) == (clinic.provider_id, clinic.span(10))

    elsewhere(holds.release, actor, name)
    until(qtbot, lambda: shown(window) == [])


def test_a_room_is_marked_in_its_own_column(qtbot, window, other):
    window.calendar.set_view(View.ROOMS)
    quiet(qtbot, window.desk)
    other()

    until(qtbot, lambda: len(shown(window)) == 1)


def test_a_week_marks_the_person_once(qtbot, window, other):
    other()

    until(qtbot, lambda: len(shown(window)) == 1)


def test_what_a_desk_that_fell_silent_held_goes_by_itself(qtbot, window, other):
    other()
    until(qtbot, lambda: shown(window))
    assert window.held_times._end.isActive()
    elsewhere(lambda: Hold.delete().execute())  # as the next booking of anybody does

    window.held_times._end.timeout.emit()
    until(qtbot, lambda: not window.calendar.board.held)


def test_nothing_can_be_dropped_where_somebody_is_just_booking(qtbot, window, actor, other, clinic):
    window.calendar.set_view(View.PROVIDERS)
    card = elsewhere(
        diary.book,
        actor,
        span=clinic.span(14),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
    ).value
    board = window.calendar.board
    until(qtbot, lambda: board.model.card(card.id))
    other()
    until(qtbot, lambda: shown(window))
    quiet(qtbot, window.desk)
    wish = wish_for(card, clinic.span(10), board.grid.columns[0])

    assert Judge(board.model, board.zone, board.snapshot).reasons(wish)
