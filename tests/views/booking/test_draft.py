"""Laws of what is kept while services, their order and their visits are changed to and fro."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules.spans import Span
from clinic_desk.services.offer_cards import Seat, TimeOffer
from clinic_desk.views.booking.draft import Draft, Part

BEGIN = datetime(2031, 5, 20, 8, tzinfo=UTC)

parts = st.builds(
    Part,
    st.integers(1, 3),
    st.sampled_from([None, 30, 60]),
    st.sampled_from([0, 15]),
    st.sampled_from([None, 7, 8]),
)
services = st.lists(parts, min_size=1, max_size=4)


def copies(wanted: list[Part]) -> list[Part]:
    return [Part(p.type_id, p.minutes, p.gap_minutes, p.provider_id) for p in wanted]


def taken(draft: Draft) -> None:
    """Every visit gets a time of its own."""
    for number, visit in enumerate(draft.visits):
        begin = BEGIN + timedelta(days=number)
        seats = tuple(
            Seat(part.type_id, Span.lasting(begin + timedelta(hours=n), 30), 7, 1, None)
            for n, part in enumerate(visit)
        )
        draft.take(number, TimeOffer(begin, seats))


@given(services, st.booleans())
def test_the_same_services_again_keep_every_time(wanted: list[Part], together: bool) -> None:
    draft = Draft()
    draft.set_services(copies(wanted), together=together)
    taken(draft)
    seats = draft.seats

    draft.set_services(copies(wanted), together=together)

    assert draft.seats == seats
    assert draft.has_times


@given(services, services, st.booleans(), st.booleans())
def test_a_time_is_only_kept_by_the_very_services_it_was_chosen_for(
    before: list[Part], after: list[Part], joined: bool, together: bool
) -> None:
    draft = Draft()
    draft.set_services(copies(before), together=joined)
    taken(draft)
    known = [
        (tuple(p.service for p in visit), tuple(p.seat for p in visit)) for visit in draft.visits
    ]

    draft.set_services(copies(after), together=together)

    for visit in draft.visits:
        kept = tuple(part.seat for part in visit)
        if any(seat is not None for seat in kept):
            here = (tuple(part.service for part in visit), kept)
            assert here in known
            known.remove(here)  # no time is given twice


@given(services, st.booleans())
def test_a_wish_counts_the_other_visits_and_never_its_own(
    wanted: list[Part], together: bool
) -> None:
    draft = Draft()
    draft.set_services(copies(wanted), together=together)
    taken(draft)

    for number, visit in enumerate(draft.visits):
        wish = draft.wish(number)
        own = [part.seat for part in visit]
        assert list(wish.services) == [part.service for part in visit]
        assert not set(own) & set(wish.chosen)
        assert len(own) + len(wish.chosen) == len(draft.parts)
    assert draft.open_visit() is None
