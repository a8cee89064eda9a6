"""Weeks that alternate are called by the present one."""

from __future__ import annotations

from datetime import date, timedelta

from clinic_desk.rules.hours import EVEN, EVERY, ODD
from clinic_desk.views.operational import week_names

SATURDAY = date(2026, 11, 21)
"""In week 47, an odd one."""


def test_nobody_has_to_count_weeks() -> None:
    assert week_names.heading(ODD, SATURDAY) == "As this week"
    assert week_names.heading(EVEN, SATURDAY) == "As next week"
    monday = SATURDAY + timedelta(days=2)
    assert week_names.heading(ODD, monday) == "As next week"
    assert week_names.short(EVEN, monday) == "as this week"
    assert week_names.heading(EVERY, monday) == "Every week" and not week_names.explained(EVERY)


def test_the_mondays_are_told_over_the_new_year() -> None:
    eve = date(2026, 12, 31)
    told = week_names.explained(ODD, eve)
    assert "Dec 28, 2026" in told and "Jan 11, 2027" in told
    assert "Jan 4, 2027" in week_names.explained(EVEN, eve)
