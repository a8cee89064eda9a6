"""What a change would break is exactly what the rules refuse after it and did not before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.services import impact
from clinic_desk.services.cards import (
    LocationCard,
    OperatoryCard,
    OrganisationCard,
    ProviderCard,
    TypeCard,
)
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.misfits import Standing, newly_refused
from tests import strategies as ours

ZONES = ("Europe/Vienna", "America/New_York", "Asia/Kathmandu")
DAY = date(2026, 3, 26)
"""Three days later Europe's clocks go forward."""


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Two of everything, with hours, closed days and exceptions of all sorts."""
    near = st.integers(0, 5).map(lambda n: DAY + timedelta(days=n))
    flag = st.sampled_from((True, True, True, False))
    skills = st.sampled_from((frozenset[int](), frozenset({1}), frozenset({2})))
    hours = st.lists(ours.weekly(), max_size=6).map(tuple)
    return Catalogue(
        seq=0,
        organisation=OrganisationCard(1, "o", "O", draw(st.sampled_from(ZONES)), "AT", 15, True),
        locations={
            n: LocationCard(n, "l", f"L{n}", "", draw(st.sampled_from(ZONES)), draw(flag))
            for n in (1, 2)
        },
        operatories={n: OperatoryCard(n, "r", f"R{n}", 1, 0, draw(flag)) for n in (21, 22)},
        providers={
            n: ProviderCard(n, "p", f"P{n}", "", "", "", "", "", draw(skills), None, 0, draw(flag))
            for n in (11, 12)
        },
        types={
            n: TypeCard(n, "t", "", f"T{n}", 30, 0, 0, "", False, draw(skills), draw(flag), 0)
            for n in (31, 32)
        },
        qualifications={1: "Dentist", 2: "Hygienist"},
        users={},
        roles={},
        clinic_hours={n: draw(hours) for n in (1, 2)},
        closed_days={
            n: draw(st.dictionaries(near, st.just("Holiday"), max_size=2)) for n in (1, 2)
        },
        work_hours={n: draw(hours) for n in (11, 12)},
        work_exceptions={
            n: tuple(draw(st.lists(near.flatmap(ours.one_days), max_size=3))) for n in (11, 12)
        },
    )


@st.composite
def visits(draw: st.DrawFn) -> Standing:
    """A visit of the five days, at one place or none, through midnight now and then."""
    first = int(datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC).timestamp())
    start = first + 300 * draw(st.integers(0, 5 * 288))
    length = 300 * draw(st.sampled_from((1, 6, 12, 60, 288)))
    return (
        draw(st.integers(1, 10**6)),
        start,
        start + length,
        draw(st.sampled_from((11, 12))),
        draw(st.sampled_from((None, 21, 22))),
        draw(st.sampled_from((None, 1, 2))),
        draw(st.sampled_from((31, 32))),
    )


PARTS = (
    "locations",
    "operatories",
    "providers",
    "types",
    "clinic_hours",
    "closed_days",
    "work_hours",
    "work_exceptions",
)


@given(
    catalogues(),
    catalogues(),
    st.sets(st.sampled_from(PARTS), max_size=3),
    st.lists(visits(), max_size=20),
)
def test_it_lists_what_the_rules_refuse_after_and_did_not_before(
    before: Catalogue, other: Catalogue, parts: set[str], asked: list[Standing]
) -> None:
    after = replace(before, **{part: getattr(other, part) for part in parts})

    def refused(known: Catalogue, visit: Standing) -> bool:
        return bool(impact.against(known, impact.wanted_by(known, visit)))

    wanted = [v for v in asked if refused(after, v) and not refused(before, v)]
    assert newly_refused(before, after, asked) == wanted


@given(catalogues(), st.lists(visits(), max_size=5))
def test_a_change_that_changes_nothing_breaks_nothing(
    known: Catalogue, asked: list[Standing]
) -> None:
    assert newly_refused(known, replace(known), asked) == []
