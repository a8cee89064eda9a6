"""Free slots with a name, and visits in pages that hold still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clinic_desk.rules.errors import Invalid, NotFound
from clinic_desk.services import diary, free_slots, openings, visit_pages
from clinic_desk.services.by_uuid import Visit
from clinic_desk.services.free_slots import State
from clinic_desk.services.visit_pages import Wanted
from tests import builders
from tests.services.counting import statements


@pytest.fixture
def place(clinic):
    return clinic.provider_id, clinic.location_id


def test_a_page_of_visits_takes_two_queries_however_long_it_is(clinic, actor):
    for hour in range(8, 18):
        builders.an_appointment(clinic, clinic.span(hour))
    visit_pages.page(actor, Wanted(), count=1)
    counts = []

    for count in (1, 10):
        with statements(clinic.store) as seen:
            page = visit_pages.page(
                actor, Wanted(begin=clinic.at(0), end=clinic.at(23)), count=count
            )
        counts.append(len(seen))
        assert (len(page.visits), page.total) == (count, 10)

    assert counts == [2, 2]


def test_pages_join_to_the_whole_also_where_visits_begin_together(clinic, actor):
    for _ in range(5):
        builders.an_appointment(
            clinic,
            provider_id=builders.a_provider(clinic),
            patient_id=builders.a_patient(clinic),
        )
    whole = visit_pages.page(actor, Wanted()).visits

    pages: list[Visit] = []
    after = None
    while True:
        page = visit_pages.page(actor, Wanted(), after=after, count=2)
        pages += page.visits
        if (after := page.after) is None:
            break

    assert pages == list(whole)
    assert len(whole) == 5


def test_who_works_where_is_asked_in_one_query(clinic, actor, place):
    for _ in range(5):
        builders.a_provider(clinic)
    free_slots.places(actor)

    with statements(clinic.store) as seen:
        found = free_slots.places(actor)

    assert len(seen) == 1
    assert (found[0], len(found)) == (place, 6)


def test_what_is_listed_takes_as_many_queries_for_one_slot_as_for_a_hundred(clinic, actor, place):
    clinic.store.occupancy(clinic.organisation_id).catch_up()
    begin, end = clinic.at(0), clinic.at(0) + timedelta(days=7)
    free_slots.listed(actor, [place], begin=begin, end=end, count=1)
    counts = []

    for count in (1, 100):
        with statements(clinic.store) as seen:
            found = free_slots.listed(actor, [place], begin=begin, end=end, count=count)
        counts.append(len(seen))
        assert len(found) == count

    assert counts[0] == counts[1] <= 2


def test_what_is_listed_as_free_can_be_booked_and_is_taken_then(clinic, actor, place):
    day = {"begin": clinic.at(0), "end": clinic.at(23)}
    slot, *_more = free_slots.listed(actor, [place], type_id=clinic.type_id, **day)
    told = {"minutes": slot.span.minutes, "type_id": clinic.type_id}
    assert free_slots.one(actor, place, slot.span.starts_at, **told) == slot

    diary.book(
        actor,
        span=slot.span,
        type_id=clinic.type_id,
        provider_id=place[0],
        patient_id=clinic.patient_id,
        location_id=place[1],
        operatory_id=clinic.operatory_id,
    )

    assert free_slots.one(actor, place, slot.span.starts_at, **told).state == State.TAKEN
    free = free_slots.listed(actor, [place], type_id=clinic.type_id, **day)
    assert slot.span.starts_at not in {each.span.starts_at for each in free}


def test_what_has_begun_is_over_and_never_listed(clinic, actor, place):
    now = clinic.at(10, 1)

    slot = free_slots.one(actor, place, clinic.at(10), minutes=15, now=now)
    first, *_more = free_slots.listed(
        actor, [place], begin=clinic.at(8), end=clinic.at(23), now=now
    )

    assert slot.state == State.OVER
    assert first.span.starts_at == clinic.at(10, 15)


def test_who_has_left_and_what_is_not_offered_any_more_has_no_slots(clinic, actor):
    gone = builders.a_provider(clinic, active=False)
    old = builders.a_type(clinic, code="OLD", active=False)
    day = {"begin": clinic.at(0), "end": clinic.at(23)}

    assert free_slots.listed(actor, [(gone, clinic.location_id)], **day) == ()
    here = [(clinic.provider_id, clinic.location_id)]
    assert free_slots.listed(actor, here, type_id=old, **day) == ()
    with pytest.raises(NotFound):
        free_slots.one(actor, (gone, clinic.location_id), clinic.at(10), minutes=15)


def test_too_much_at_once_is_refused(clinic, actor, place):
    now = datetime.now(UTC)

    with pytest.raises(Invalid):
        free_slots.listed(actor, [place] * 21, end=now + timedelta(days=1))
    with pytest.raises(Invalid):
        free_slots.listed(actor, [place], end=now + timedelta(days=400))


def test_a_slot_is_what_the_search_for_openings_finds(clinic, actor, place):
    kind = builders.a_type(clinic, code="BUF", minutes=40, before_minutes=10, after_minutes=5)
    builders.an_appointment(clinic, clinic.span(11))
    day = (clinic.at(0), clinic.at(23))

    slots = free_slots.listed(actor, [place], type_id=kind, begin=day[0], end=day[1], count=100)
    found = openings.next(
        actor, minutes=40, before=10, after=5, provider_ids=(place[0],), type_id=kind,
        location_id=place[1], from_at=day[0], until=day[1], count=100,
    )  # fmt: skip

    assert [slot.span for slot in slots] == [card.span for card in found]
    assert all(
        free_slots.one(actor, place, s.span.starts_at, minutes=40, type_id=kind) == s for s in slots
    )
