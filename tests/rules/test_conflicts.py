from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules.conflicts import (
    Conflict,
    Kind,
    Place,
    Proposal,
    Taken,
    find,
    no_such_time,
    overridable,
)
from clinic_desk.rules.permissions import OVERBOOK, OVERRIDE
from clinic_desk.rules.spans import Span, covered
from tests import strategies
from tests.strategies import MONDAY

PROVIDER, ROOM, PATIENT = 1, 2, 3


def span(begin: str, end: str) -> Span:
    return Span(at(begin), at(end))


def at(clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return MONDAY + timedelta(hours=int(hours), minutes=int(minutes))


def wanted(begin: str, end: str, before: int = 0, after: int = 0) -> Proposal:
    return Proposal(span(begin, end), before, after, PROVIDER, ROOM, PATIENT)


def visit(resource: int, begin: str, end: str, number: int = 7, **more: Any) -> Taken:
    return Taken(resource, span(begin, end), "a", number, **more)


PLACE = Place(
    provider_hours=[span("8:00", "17:00")],
    clinic_hours=[span("8:00", "18:00")],
    provider_name="Dr Chen",
    operatory_name="Room 2",
    patient_name="Diaz, Jo",
    type_name="Hygiene",
    time_zone="UTC",
)


def kinds(found: tuple[Conflict, ...]) -> list[Kind]:
    return [c.kind for c in found]


def test_a_free_place_has_no_reason_against_it():
    assert find(wanted("9:00", "9:45"), [], PLACE) == ()


def test_visits_that_touch_do_not_clash():
    around = [visit(PROVIDER, "8:00", "9:00"), visit(PROVIDER, "9:45", "10:00")]

    assert find(wanted("9:00", "9:45"), around, PLACE) == ()


def test_every_reason_is_told_at_once_in_a_fixed_order():
    place = Place(
        provider_hours=[span("12:00", "17:00")],
        clinic_hours=[span("10:00", "18:00")],
        qualified=False,
        type_active=False,
        provider_name="Dr Chen",
        operatory_name="Room 2",
        patient_name="Diaz, Jo",
        type_name="Hygiene",
        time_zone="UTC",
    )
    standing = [
        Taken(PROVIDER, span("9:15", "9:30"), "e", 5, who="Team meeting"),
        Taken(ROOM, span("9:30", "9:40"), "h", 6),
        visit(ROOM, "9:00", "9:30"),
        visit(PROVIDER, "9:00", "9:10", who="Lee, Anna"),
        visit(PATIENT, "9:00", "9:10"),
    ]

    found = find(wanted("9:00", "9:45"), standing, place)

    assert [str(c) for c in found] == [
        "Diaz, Jo has another visit then (Mon 23 Mar, 09:00–09:10).",
        "Dr Chen is busy with Lee, Anna (Mon 23 Mar, 09:00–09:10).",
        "Room 2 is taken (Mon 23 Mar, 09:00–09:30).",
        "Dr Chen is blocked: Team meeting (Mon 23 Mar, 09:15–09:30).",
        "Room 2 is being booked at another desk just now (Mon 23 Mar, 09:30–09:40).",
        "The clinic is closed then; the nearest opening hours are Mon 23 Mar, 10:00–18:00.",
        "Dr Chen does not work then; the nearest work hours are Mon 23 Mar, 12:00–17:00.",
        "Dr Chen is not qualified for Hygiene.",
        "Hygiene is not offered any more.",
    ]


def test_buffers_of_both_neighbours_add_up_for_provider_and_room():
    neighbours = [
        visit(PROVIDER, "8:00", "9:10", visit=span("8:00", "9:00")),
        visit(ROOM, "9:50", "10:30", visit=span("10:00", "10:30")),
    ]

    assert find(wanted("9:15", "9:45", 5, 5), neighbours, PLACE) == ()
    found = find(wanted("9:15", "9:45", 6, 6), neighbours, PLACE)
    assert kinds(found) == [Kind.PROVIDER, Kind.OPERATORY]
    assert str(found[0]) == (
        "Dr Chen needs time to prepare before or after another visit (Mon 23 Mar, 08:00–09:00)."
    )


def test_buffers_do_not_count_for_the_patient():
    own = [visit(PATIENT, "8:00", "9:00")]

    assert find(wanted("9:00", "9:45", 30, 30), own, PLACE) == ()
    assert kinds(find(wanted("8:59", "9:45"), own, PLACE)) == [Kind.PATIENT]


def test_buffers_may_lie_outside_the_hours_and_the_visit_may_not():
    assert find(wanted("8:00", "9:00", before=30), [], PLACE) == ()
    assert kinds(find(wanted("7:59", "9:00"), [], PLACE)) == [
        Kind.CLINIC_CLOSED,
        Kind.OUTSIDE_HOURS,
    ]


def test_a_visit_that_moves_is_not_in_its_own_way():
    itself = [visit(n, "9:00", "9:45", number=4) for n in (PROVIDER, ROOM, PATIENT)]

    assert find(wanted("9:15", "10:00"), itself, PLACE, ignore=("a", 4)) == ()


def test_the_hold_of_ones_own_desk_does_not_count_and_anothers_does():
    holds = [
        Taken(PROVIDER, span("9:00", "9:45"), "h", 1),
        Taken(ROOM, span("9:00", "9:45"), "h", 2),
    ]

    (found,) = find(wanted("9:00", "9:45"), holds, PLACE, own={("h", 1)})

    assert (found.kind, found.source_id, found.permission) == (Kind.HOLD, 2, None)


def test_a_shared_visit_stands_in_the_way_like_any_other():
    (found,) = find(wanted("9:00", "9:45"), [visit(PROVIDER, "9:00", "9:45", shared=True)], PLACE)

    assert found.permission == OVERBOOK


@pytest.mark.parametrize(
    ("taken", "place", "kind", "permission"),
    [
        ([visit(PROVIDER, "9:00", "9:30")], {}, Kind.PROVIDER, OVERBOOK),
        ([visit(ROOM, "9:00", "9:30")], {}, Kind.OPERATORY, OVERBOOK),
        ([Taken(PROVIDER, span("9:00", "9:30"), "x", 1)], {}, Kind.PROVIDER, OVERBOOK),
        ([visit(PATIENT, "9:00", "9:30")], {}, Kind.PATIENT, None),
        ([Taken(ROOM, span("9:00", "9:30"), "e", 1)], {}, Kind.EVENT, None),
        ([Taken(PATIENT, span("9:00", "9:30"), "h", 1)], {}, Kind.HOLD, None),
        ([], {"provider_hours": []}, Kind.OUTSIDE_HOURS, OVERRIDE),
        ([], {"clinic_hours": []}, Kind.CLINIC_CLOSED, OVERRIDE),
        ([], {"closed_day": "Labour Day"}, Kind.CLOSED_DAY, OVERRIDE),
        ([], {"qualified": False}, Kind.UNQUALIFIED, OVERRIDE),
        ([], {"type_active": False}, Kind.INACTIVE, None),
        ([], {"provider_active": False}, Kind.INACTIVE, None),
        ([], {"operatory_active": False}, Kind.INACTIVE, None),
        ([], {"gone_location": "Lakeside"}, Kind.INACTIVE, None),
    ],
)
def test_each_reason_says_who_may_set_it_aside(taken, place, kind, permission):
    (found,) = find(wanted("9:00", "9:45"), taken, Place(**place))

    assert (found.kind, found.permission) == (kind, permission)
    assert overridable([found], {OVERRIDE, OVERBOOK}) == (permission is not None)
    assert not overridable([found], set())


def test_a_closed_day_is_one_reason_not_two():
    (found,) = find(wanted("9:00", "9:45"), [], Place(closed_day="Labour Day", clinic_hours=[]))

    assert str(found) == "The clinic is closed on that day: Labour Day."


def test_a_location_that_is_known_is_named():
    place = Place(clinic_hours=[], location_name="Main Street")

    assert str(find(wanted("9:00", "9:45"), [], place)[0]) == "Main Street is closed then."


def test_without_a_location_no_clinic_hours_are_asked():
    assert find(wanted("3:00", "3:45"), [], Place()) == ()


def test_times_are_told_on_the_wall_of_the_place():
    place = Place(provider_name="Dr Chen", time_zone="Asia/Kathmandu")
    (found,) = find(wanted("17:00", "20:00"), [visit(PROVIDER, "17:00", "19:00")], place)

    assert str(found) == "Dr Chen is busy (Mon 23 Mar, 22:45 – Tue 24 Mar, 00:45)."
    assert found.params["span"] == span("17:00", "19:00")


def test_a_name_can_be_added_and_taken_away():
    (found,) = find(wanted("9:00", "9:45"), [visit(PROVIDER, "9:00", "9:30")], PLACE)
    named = found.named("Lee, Anna")

    assert str(named) == "Dr Chen is busy with Lee, Anna (Mon 23 Mar, 09:00–09:30)."
    assert named.unnamed() == found
    assert found.named("") == found


def test_a_time_that_the_clocks_skip_is_a_reason_of_its_own():
    skipped = datetime(2026, 3, 29, 2, 30, tzinfo=UTC).replace(tzinfo=None)
    reason = no_such_time(skipped, skipped + timedelta(minutes=30))

    assert str(reason) == (
        "Sun 29 Mar, 02:30 does not exist: the clocks go forward."
        " The nearest time is Sun 29 Mar, 03:00."
    )
    assert reason.permission is None


@given(strategies.proposals(), st.lists(strategies.taken(), max_size=8), strategies.places())
def test_a_claim_is_a_reason_exactly_where_it_meets_the_visit(proposal, taken, place):
    found = find(proposal, taken, place)
    padded = proposal.span.padded(proposal.before_minutes, proposal.after_minutes)
    expected = sorted(
        (t.resource_id, t.source, t.source_id, t.span)
        for t in taken
        if (
            t.resource_id in {proposal.provider_id, proposal.operatory_id}
            and padded.overlaps(t.span)
        )
        or (t.resource_id == proposal.patient_id and proposal.span.overlaps(t.span))
    )

    told = sorted((c.resource_id, c.source, c.source_id, c.span) for c in found if c.source)

    assert told == expected


@given(strategies.proposals(), st.lists(strategies.taken(), max_size=8), strategies.places())
def test_the_place_gives_its_reasons_whatever_stands_there(proposal, taken, place):
    found = set(kinds(find(proposal, taken, place)))
    clinic, provider = place.clinic_hours, place.provider_hours

    assert (Kind.UNQUALIFIED in found) == (not place.qualified)
    assert (Kind.INACTIVE in found) == (not place.type_active)
    assert (Kind.CLOSED_DAY in found) == (place.closed_day is not None)
    assert (Kind.OUTSIDE_HOURS in found) == (
        provider is not None and not covered(proposal.span, provider)
    )
    assert (Kind.CLINIC_CLOSED in found) == (
        clinic is not None and place.closed_day is None and not covered(proposal.span, clinic)
    )


@given(strategies.proposals(), st.permutations(range(6)), st.data(), strategies.places())
def test_the_order_of_claims_does_not_matter_and_every_reason_is_a_sentence(
    proposal, order, data, place
):
    taken = [data.draw(strategies.taken()) for _ in order]
    found = find(proposal, taken, place)

    def plain(reasons: Iterable[Conflict]) -> list[tuple[str, str, int, str]]:
        return sorted((c.kind, str(c), c.source_id or 0, c.permission or "") for c in reasons)

    assert plain(find(proposal, [taken[n] for n in order], place)) == plain(found)
    for reason in found:
        assert str(reason).endswith(".")
        assert "{" not in str(reason)
        assert "Lee" not in str(reason.unnamed())
