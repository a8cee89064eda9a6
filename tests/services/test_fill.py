from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.spans import Span
from clinic_desk.services import accounts, check, diary, fill, journal, packing
from clinic_desk.services.store import Store

TUESDAY = datetime(2031, 5, 20, 14, 0, tzinfo=UTC)


def filled(store: Store, **wishes: object) -> fill.Filled:
    given = {"patients": 150, "providers": 12, "appointments": 900, "seed": 7} | wishes
    return fill.fill(store, now=TUESDAY, **given)  # type: ignore[arg-type]


def count(store: Store, rest: str) -> int:
    return int(store.rows(f"SELECT count(*) FROM {rest}")[0][0])


def test_so_many_are_made_as_were_asked_for(store: Store) -> None:
    done = filled(store)
    assert (done.patients, done.appointments) == (150, 900)
    assert count(store, "appointment") == 900
    assert count(store, "patient") == 150
    assert count(store, "provider") == 12
    assert store.catalogue(done.organisation_id).organisation.uuid == done.organisation_uuid


def test_so_many_providers_share_a_location(store: Store) -> None:
    known = store.catalogue(filled(store, together=4, appointments=0).organisation_id)
    work = [known.work_hours[number][0].location_id for number in known.providers]
    assert sorted(work.count(place) for place in known.locations) == [4, 4, 4]


def test_the_claims_and_the_history_of_what_was_filled_are_true(store: Store) -> None:
    filled(store)
    report = check.check(store)
    assert report.sound, [str(line) for line in report.findings]


def test_each_visit_has_a_deed_of_its_own_under_one_batch(store: Store) -> None:
    done = filled(store, appointments=50)
    actor = accounts.sign_in(store, done.user, done.password)
    ((number, version),) = store.rows("SELECT max(id), max(version) FROM appointment")
    (deed,) = journal.history(actor, "appointment", number)
    assert (deed.changes[0].created, version) == (True, 1)
    told = {field.name: field.after for field in deed.changes[0].fields}
    assert datetime.fromisoformat(told["starts_at"]) > TUESDAY - timedelta(days=7)
    assert count(store, "(SELECT DISTINCT batch_id FROM deed) AS batches") == 1


def test_each_provider_has_a_meeting_a_week_that_takes_no_open_time(store: Store) -> None:
    done = filled(store)
    actor = accounts.sign_in(store, done.user, done.password)
    begin = datetime(2031, 5, 19, tzinfo=UTC)
    view = diary.view(actor, Span(begin, begin + timedelta(days=7)))

    assert done.events == count(store, "calendar_event")
    assert sorted(event.resource_id for event in view.events) == sorted(view.open_hours)
    for event in view.events:
        hours = [span for _, span in view.open_hours[event.resource_id]]
        assert not any(event.span.overlaps(span) for span in hours)
    (deed,) = journal.history(actor, "calendar_event", view.events[0].id)
    told = {field.name: field.after for field in deed.changes[0].fields}
    assert datetime.fromisoformat(told["starts_at"]) == view.events[0].span.starts_at


def test_this_week_comes_first_and_the_past_last(store: Store) -> None:
    done = filled(store, appointments=100)
    assert done.first_day == date(2031, 5, 19)
    much = filled(store, providers=1, appointments=2_500)
    assert much.last_day == date(2031, 5, 19) + timedelta(weeks=26, days=4)
    assert much.first_day < date(2031, 5, 19)


def test_the_diary_ahead_is_about_85_percent_full(store: Store) -> None:
    done = filled(store, patients=600, appointments=1_500)
    actor = accounts.sign_in(store, done.user, done.password)
    begin = datetime(2031, 5, 26, tzinfo=UTC)
    view = diary.view(actor, Span(begin, begin + timedelta(days=5)))
    open_minutes = sum(span.minutes for spans in view.open_hours.values() for _, span in spans)
    taken = sum(
        card.span.padded(card.before_minutes, card.after_minutes).minutes
        for card in view.appointments
    )
    assert 0.8 < taken / open_minutes < 0.9


def test_the_same_seed_gives_the_same_visits(store: Store) -> None:
    one, two = filled(store), filled(store)
    lists = [
        store.rows(
            "SELECT a.wall_starts, a.status, t.code, p.last_name FROM appointment a"
            " JOIN appointment_type t ON t.id = a.type_id JOIN patient p ON p.id = a.patient_id"
            " WHERE a.organisation_id = ? ORDER BY a.id",
            (number,),
        )
        for number in (one.organisation_id, two.organisation_id)
    ]
    assert lists[0] == lists[1]


def test_it_tells_how_far_it_is_and_stops_when_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "CHUNK", 100)
    told: list[tuple[int, int]] = []
    done = fill.fill(
        store,
        patients=100,
        providers=5,
        appointments=800,
        seed=1,
        now=TUESDAY,
        progress=lambda so_far, total: told.append((so_far, total)),
        should_stop=lambda: (300, 800) in told,
    )
    assert done.appointments == count(store, "appointment") == 400
    assert (100, 100) in told
    assert check.check(store).sound


def test_what_could_never_have_happened_is_refused(store: Store) -> None:
    with pytest.raises(Invalid):
        filled(store, patients=1, providers=1, appointments=100_000)
    assert check.check(store).sound


def test_packed_visits_never_overlap_and_stay_inside() -> None:
    import random

    kinds = [packing.Kind(1, 30, 0, 0, 3), packing.Kind(2, 90, 15, 10, 1)]
    for seed in range(200):
        end = 0
        for visit in packing.packed(240, kinds, 0.9, random.Random(seed)):
            begin = visit.minute - visit.kind.before
            assert begin >= end
            end = visit.minute + visit.kind.minutes + visit.kind.after
            assert end <= 240
            assert visit.minute % packing.GRID == 0


def test_nobody_has_two_turns_on_a_day() -> None:
    import random

    turns = packing.Turns(range(30), random.Random(1))
    for _ in range(5):
        turns.new_day()
        taken = [turns.take() for _ in range(30)]
        assert sorted(n for n in taken if n is not None) == list(range(30))
        assert turns.take() is None
