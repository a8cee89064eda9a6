"""Days as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_desk import i18n
from clinic_desk.views.when import parse

SATURDAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", date(2026, 11, 21)),
        ("Tomorrow", date(2026, 11, 22)),
        ("yesterday", date(2026, 11, 20)),
        ("+3w", date(2026, 12, 12)),
        ("-1d", date(2026, 11, 20)),
        ("+2m", date(2027, 1, 21)),
        ("+1y", date(2027, 11, 21)),
        ("+5", date(2026, 11, 26)),
        ("tue", date(2026, 11, 24)),
        ("sat", date(2026, 11, 21)),
        ("next tue", date(2026, 11, 24)),
        ("next friday", date(2026, 11, 27)),
        ("19.5", date(2027, 5, 19)),
        ("19.5.2026", date(2026, 5, 19)),
        ("19.5.26", date(2026, 5, 19)),
        ("2026-05-19", date(2026, 5, 19)),
        ("12/24", date(2026, 12, 24)),
        ("15 june", date(2026, 6, 15)),
        ("june 15", date(2026, 6, 15)),
        ("Dec 24, 2027", date(2027, 12, 24)),
        ("w21", date(2026, 5, 18)),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: date) -> None:
    i18n.set_language("en_US")
    assert parse(text, SATURDAY) == day


@pytest.mark.parametrize("text", ["", "smith", "31.2", "99", "w60", "+3x", "t", "13/13/13"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse(text, SATURDAY) is None


def test_the_last_of_a_month_stays_in_the_shorter_one() -> None:
    assert parse("+1m", date(2027, 1, 31)) == date(2027, 2, 28)


def test_german_days_and_order_are_read_in_german() -> None:
    i18n.set_language("de")
    assert parse("donnerstag", SATURDAY) == date(2026, 11, 26)
    assert parse("24. dezember", SATURDAY) == date(2026, 12, 24)
    assert parse("5/6/2027", SATURDAY) == date(2027, 6, 5)
