"""Words about time in a line of wishes."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules.wish_tongues import slip
from clinic_desk.rules.wish_words import AFTER_NOON, EVENING, MORNING, Words, read

FRIDAY = date(2031, 5, 16)


def d(month: int, day: int, year: int = 2031) -> date:
    return date(year, month, day)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("tue", d(5, 20), d(5, 20)),
        ("Tuesday", d(5, 20), d(5, 20)),
        ("fri", d(5, 16), d(5, 16)),
        ("next fri", d(5, 23), d(5, 23)),
        ("next week", d(5, 19), d(5, 25)),
        ("next month", d(6, 1), d(6, 30)),
        ("today", d(5, 16), d(5, 16)),
        ("tomorrow", d(5, 17), d(5, 17)),
        ("19.5", d(5, 19), d(5, 19)),
        ("19.5.", d(5, 19), d(5, 19)),
        ("3.1", d(1, 3, 2032), d(1, 3, 2032)),
        ("19.5.32", d(5, 19, 2032), d(5, 19, 2032)),
        ("2031-06-01", d(6, 1), d(6, 1)),
        ("in 3 weeks", d(6, 6), d(6, 12)),
        ("in 10 days", d(5, 26), d(5, 26)),
        ("in 1 month", d(6, 16), d(6, 22)),
        ("+2w", d(5, 30), d(6, 5)),
        ("+4", d(5, 20), d(5, 20)),
        ("day after tomorrow", d(5, 18), d(5, 18)),
        ("this week", d(5, 16), d(5, 18)),
        ("this month", d(5, 16), d(5, 31)),
        ("in two weeks", d(5, 30), d(6, 5)),
        ("weekend", d(5, 17), d(5, 18)),
        ("on tuesday", d(5, 20), d(5, 20)),
        ("weds", d(5, 21), d(5, 21)),
        ("from monday", d(5, 19), None),
        ("before tue", d(5, 16), d(5, 20)),
        ("20 may", d(5, 20), d(5, 20)),
        ("may 20", d(5, 20), d(5, 20)),
        ("asap", d(5, 16), None),
    ],
)
def test_days_are_read_as_people_say_them(text: str, first: date, last: date) -> None:
    when, rest = read(text, FRIDAY)

    assert (when.first, when.last, rest) == (first, last, ())
    assert when.told == (text,)


@pytest.mark.parametrize(
    ("text", "minutes", "at"),
    [
        ("am", MORNING, None),
        ("pm", AFTER_NOON, None),
        ("evening", EVENING, None),
        ("14:30", (0, 1440), time(14, 30)),
        ("2pm", (0, 1440), time(14)),
        ("12am", (0, 1440), time(0)),
        ("9h", (0, 1440), time(9)),
        ("14h30", (0, 1440), time(14, 30)),
        ("9 am", (0, 1440), time(9)),
        ("at 2pm", (0, 1440), time(14)),
        ("after 3pm", (900, 1440), None),
        ("before 10", (0, 600), None),
    ],
)
def test_hours_are_read_as_people_say_them(
    text: str, minutes: tuple[int, int], at: time | None
) -> None:
    when, rest = read(text, FRIDAY)

    assert (when.minutes, when.at, rest) == (minutes, at, ())


def test_what_says_nothing_of_time_is_left_as_it_was_typed() -> None:
    when, rest = read("Smith HYG next tue pm Chen", FRIDAY)

    assert rest == ("Smith", "HYG", "Chen")
    assert (when.first, when.minutes) == (d(5, 20), AFTER_NOON)


@pytest.mark.parametrize("text", ["32.13", "25:99", "in 3 apples", "next door", "t", "5", "2031"])
def test_what_only_looks_like_time_is_left(text: str) -> None:
    when, rest = read(text, FRIDAY)

    assert rest == tuple(text.split())
    assert when.told == ()


def test_the_words_of_another_language_are_read_beside_english() -> None:
    german = Words(
        weekdays={1: ("Dienstag", "Di."), 3: ("Donnerstag", "Do.")},
        units={"week": ("Woche", "Wochen")},
        parts={"morning": ("vormittags",), "afternoon": ("nachmittags",)},
        tomorrow=("morgen",),
        next=("nächsten",),
        within=("in",),
    )

    assert read("nächsten Di", FRIDAY, german)[0].first == d(5, 20)
    assert read("morgen vormittags", FRIDAY, german)[0].minutes == MORNING
    assert read("in 2 Wochen", FRIDAY, german)[0].first == d(5, 30)
    assert read("tue", FRIDAY, german)[0].first == d(5, 20)
    assert read("5/6", FRIDAY, Words(month_first=True))[0].first == d(5, 6, 2032)


@given(st.text())
def test_no_line_is_too_strange(text: str) -> None:
    when, rest = read(text, FRIDAY)

    words = [word for phrase in when.told for word in phrase.split()]
    assert sorted([*words, *rest]) == sorted(text.replace(",", " ").split())


def test_a_slip_is_guessed_where_one_word_is_near() -> None:
    assert slip("wendsday", Words()) == "wednesday"
    assert slip("tomorow", Words()) == "tomorrow"
    assert slip("dienstg", Words(weekdays={1: ("Dienstag",)})) == "Dienstag"
    assert slip("smith", Words()) == ""
    assert slip("friday", Words()) == ""
