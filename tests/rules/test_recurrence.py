from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules.clinic_time import wall
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.recurrence import Every, Missing, Rule, occurrences, parse, plan
from tests import strategies

VIENNA = ZoneInfo("Europe/Vienna")


def first(text: str) -> datetime:
    return datetime.fromisoformat(text)


def shown(starts: list[datetime]) -> list[str]:
    return [f"{wall(s, VIENNA):%a %d.%m. %H:%M}" for s in starts]


def test_nine_o_clock_stays_nine_o_clock_over_the_change_of_clocks():
    found = occurrences(Rule(Every.WEEK, count=3), first("2026-03-19T09:00"), VIENNA)

    assert shown(found) == ["Thu 19.03. 09:00", "Thu 26.03. 09:00", "Thu 02.04. 09:00"]
    assert found[2] - found[1] == timedelta(days=7, hours=-1)


def test_every_second_week_on_two_weekdays_counts_weeks_from_monday():
    rule = Rule(Every.WEEK, 2, frozenset({0, 3}), count=4)
    found = occurrences(rule, first("2026-05-07T10:00"), VIENNA)

    assert shown(found) == [
        "Thu 07.05. 10:00",
        "Mon 18.05. 10:00",
        "Thu 21.05. 10:00",
        "Mon 01.06. 10:00",
    ]


def test_a_month_without_a_31st_is_left_out_and_listed():
    found = plan(Rule(Every.MONTH, count=3), first("2026-01-31T09:00"), VIENNA)

    assert shown(list(found.starts)) == ["Sat 31.01. 09:00", "Tue 31.03. 09:00", "Sun 31.05. 09:00"]
    assert [(s.month, s.day, s.why) for s in found.skipped] == [
        (2, 31, Missing.NO_SUCH_DAY),
        (4, 31, Missing.NO_SUCH_DAY),
    ]
    assert found.skipped[0].nearest == first("2026-02-28T09:00")


def test_a_time_that_the_clocks_skip_is_left_out_and_listed():
    found = plan(Rule(Every.DAY, count=2), first("2026-03-28T02:30"), VIENNA)

    assert shown(list(found.starts)) == ["Sat 28.03. 02:30", "Mon 30.03. 02:30"]
    (skipped,) = found.skipped
    assert (skipped.why, skipped.nearest) == (Missing.NO_SUCH_TIME, first("2026-03-29T03:00"))


def test_the_last_day_is_included():
    rule = Rule(Every.DAY, until=date(2026, 5, 6))

    assert len(occurrences(rule, first("2026-05-04T23:30"), VIENNA)) == 3


def test_without_an_end_a_series_runs_for_two_years():
    found = occurrences(Rule(Every.MONTH), first("2026-05-04T09:00"), VIENNA)

    assert len(found) == 25
    assert wall(found[-1], VIENNA) == first("2028-05-04T09:00")


@pytest.mark.parametrize(
    "rule", [Rule(Every.MONTH, count=26), Rule(Every.DAY, until=date(2028, 5, 5))]
)
def test_more_than_two_years_are_refused(rule):
    with pytest.raises(Invalid, match="two years"):
        plan(rule, first("2026-05-04T09:00"), VIENNA)


def test_a_series_from_29_february_ends_two_years_later_on_the_28th():
    rule = Rule(Every.DAY, until=date(2030, 2, 28))

    assert len(occurrences(rule, first("2028-02-29T09:00"), VIENNA)) == 731


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Rule(Every.DAY, 0), "interval"),
        (lambda: Rule(Every.DAY, weekdays=frozenset({1})), "weekdays"),
        (lambda: Rule(Every.WEEK, weekdays=frozenset({7})), "weekdays"),
        (lambda: Rule(Every.DAY, count=0), "count"),
        (lambda: Rule(Every.DAY, count=1, until=date(2026, 1, 1)), "count"),
        (
            lambda: plan(
                Rule(Every.DAY, until=date(2026, 1, 1)), first("2026-05-04T09:00"), VIENNA
            ),
            "until",
        ),
        (
            lambda: plan(
                Rule(Every.WEEK, weekdays=frozenset({0}), until=date(2026, 5, 6)),
                first("2026-05-05T09:00"),
                VIENNA,
            ),
            "rule",
        ),
    ],
)
def test_what_makes_no_series_is_refused_and_names_the_field(make, field):
    with pytest.raises(Invalid) as caught:
        make()
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=10", Rule(Every.WEEK, 2, frozenset({0, 3}), 10)),
        ("RRULE:FREQ=DAILY;UNTIL=20261231", Rule(Every.DAY, until=date(2026, 12, 31))),
        ("freq=monthly;wkst=mo;", Rule(Every.MONTH)),
    ],
)
def test_rules_are_read_as_the_standard_writes_them(text, rule):
    assert parse(text) == rule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=YEARLY",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=DAILY;COUNT=x",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;WKST=SU",
        "FREQ=DAILY;UNTIL=20261231T000000Z",
        "COUNT=3",
    ],
)
def test_what_a_rule_cannot_say_is_refused_not_guessed(text):
    with pytest.raises(Invalid) as caught:
        parse(text)
    assert caught.value.field == "rule"


@given(strategies.rules())
def test_writing_and_reading_a_rule_changes_nothing(rule):
    assert parse(str(rule)) == rule


@given(strategies.rules(), strategies.zoned_days(), st.integers(0, 1439))
def test_a_series_keeps_its_wall_time_and_its_order(rule, pair, minute):
    day, zone = pair
    begin = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001
    found = plan(rule, begin, zone)

    assert {wall(s, zone).time() for s in found.starts} == {begin.time()}
    assert all(a < b for a, b in pairwise(found.starts))
    assert wall(found.starts[0], zone) >= begin
    assert found.starts[-1] - found.starts[0] <= timedelta(days=732)
    if rule.count is not None:
        assert len(found.starts) == rule.count


@given(strategies.rules(), strategies.zoned_days(), st.integers(0, 1439))
def test_every_date_of_the_rule_is_kept_or_listed(rule, pair, minute):
    day, zone = pair
    begin = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001
    found = plan(rule, begin, zone)
    last = wall(found.starts[-1], zone).date()
    kept = {wall(s, zone).date() for s in found.starts}
    listed = {(s.year, s.month, s.day) for s in found.skipped}

    for n in range((last - day).days + 1):
        one = day + timedelta(days=n)
        fits = {
            Every.DAY: n % rule.interval == 0,
            Every.WEEK: one.weekday() in (rule.weekdays or {day.weekday()})
            and ((n + day.weekday()) // 7) % rule.interval == 0,
            Every.MONTH: one.day == day.day
            and ((one.year - day.year) * 12 + one.month - day.month) % rule.interval == 0,
        }[rule.every]
        assert (one in kept or (one.year, one.month, one.day) in listed) == fits
