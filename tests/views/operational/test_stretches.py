"""Time off as a list of stretches, and what makes one list of another."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.services.clinic_cards import DayCard
from clinic_desk.views.operational import stretches
from clinic_desk.views.operational.stretches import AWAY, Deed, Other, Stretch

MONDAY = date(2031, 5, 19)
DAY = timedelta(days=1)
VACATION = Other(AWAY, "Vacation")

others = st.sampled_from(
    [VACATION, Other(AWAY, "Flu"), Other(((480, 720, 1),)), Other(((480, 720, 1), (780, 900, 2)))]
)
lists = st.dictionaries(st.integers(0, 200).map(lambda n: MONDAY + n * DAY), others, max_size=30)


def done(days: dict[date, Other], deeds: list[Deed]) -> dict[date, Other]:
    """*days* after the deeds, as the services do them."""
    out = dict(days)
    for deed in deeds:
        for n in range((deed.last - deed.first).days + 1):
            day = deed.first + n * DAY
            if deed.what is None:
                out.pop(day, None)
            else:
                out[day] = deed.what
    return out


@given(lists, lists)
def test_the_deeds_make_one_list_of_the_other(
    before: dict[date, Other], after: dict[date, Other]
) -> None:
    found = stretches.deeds(before, after)
    assert done(before, found) == after
    assert all((deed.last - deed.first).days < stretches.MOST for deed in found)
    assert all(one.last < other.first for one, other in itertools.pairwise(found))


@given(lists)
def test_the_stretches_are_the_days_in_order_and_neighbours_differ(days: dict[date, Other]) -> None:
    found = stretches.stretches(days)
    assert done({}, [Deed(s.first, s.last, s.what) for s in found]) == days
    for one, other in itertools.pairwise(found):
        assert other.first - one.last > DAY or one.what != other.what


def test_a_long_absence_is_as_few_deeds_as_the_services_take() -> None:
    away = stretches.absent({}, MONDAY, MONDAY + 99 * DAY, "Parental")
    assert [(d.last - d.first).days + 1 for d in stretches.deeds({}, away)] == [92, 8]
    assert [d.what for d in stretches.deeds(away, {})] == [None, None]


def test_other_hours_replace_an_absence_and_never_overlap() -> None:
    away = stretches.absent({}, MONDAY, MONDAY, "Flu")
    morning = stretches.added(away, MONDAY, (480, 720, None), "")
    assert morning == {MONDAY: Other(((480, 720, None),))}
    assert stretches.added(morning, MONDAY, (700, 900, None), "") is None
    both = stretches.added(morning, MONDAY, (780, 900, None), "Late")
    assert both == {MONDAY: Other(((480, 720, None), (780, 900, None)), "Late")}
    assert stretches.without(both, Stretch(MONDAY, MONDAY, both[MONDAY])) == {}


def test_the_days_of_the_cards_come_back_as_the_services_take_them() -> None:
    hours = stretches.hours_of(MONDAY, Other(((480, 720, 1), (780, 900, 2))))
    cards = [DayCard(n, one, "Late") for n, one in enumerate(hours)]
    assert stretches.hours_of(MONDAY, stretches.days_of(cards)[MONDAY]) == hours
