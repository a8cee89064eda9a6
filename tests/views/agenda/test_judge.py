"""What the ghost says is what the booking will say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_desk.rules import hours
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import LocationCard
from clinic_desk.views.agenda.judge import Judge, Wish
from tests.views.agenda import made

NEW_YORK = "America/New_York"
FAR = LocationCard(2, "l2", "Broadway", "", NEW_YORK, True)
CATALOGUE = replace(
    made.CATALOGUE,
    locations={1: made.LOCATION, 2: FAR},
    clinic_hours={2: tuple(hours.Weekly(day, 7 * 60, 23 * 60) for day in range(7))},
    work_hours={made.CHEN: (hours.Weekly(1, 8 * 60, 22 * 60, location_id=2),)},
)
"""Dr Chen works on Tuesdays, far away: the evening there is Wednesday's night here."""


def there(day: int, hour: int) -> Span:
    return Span.lasting(made.at(day, hour, zone=NEW_YORK), 30)


@pytest.fixture
def board(qtbot):
    card = made.visit(1, there(1, 9), operatory=None, location=FAR, time_zone=NEW_YORK)
    shown = made.shown(qtbot, card)
    shown.set_catalogue(CATALOGUE)
    return shown


@pytest.mark.parametrize(("day", "hour", "free"), [(1, 19, True), (0, 19, False), (2, 9, False)])
def test_a_visit_elsewhere_is_judged_by_the_days_of_its_place(board, day, hour, free):
    card = board.model.card(1)
    judge = Judge(board.model, made.ZONE)
    wish = Wish(card, there(day, hour), made.CHEN, None)

    assert (judge.reasons(wish) == ()) is free


def test_what_is_shaded_while_it_is_carried_is_what_would_be_refused(board):
    judge = Judge(board.model, made.ZONE)
    shaded = judge.forbidden(board.model.card(1), board.grid, 2)

    def closed(minute: int) -> bool:
        return any(begin <= minute < end for begin, end in shaded)

    assert not closed(60)  # seven in the evening of Tuesday, over there
    assert closed(5 * 60)
    assert closed(16 * 60)


def test_the_longest_buffer_counts(qtbot):
    prepared = made.visit(1, made.hour(0, 9), after_minutes=6 * 60)
    between = (made.visit(n, made.hour(0, 8 + n)) for n in (2, 3, 4, 5))
    board = made.shown(qtbot, prepared, *between)
    wish = Wish(None, made.hour(0, 15), made.CHEN, None)

    assert Judge(board.model, made.ZONE).reasons(wish)
