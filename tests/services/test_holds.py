"""Holds: the slot of an open dialog is kept from others, and never for longer than a minute."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinic_desk.models.diary import Hold
from clinic_desk.rules.conflicts import Conflict, Kind
from clinic_desk.rules.errors import Conflicted, Invalid, NotAllowed, NotFound
from clinic_desk.services import diary, events, holds
from clinic_desk.services.actor import Actor
from clinic_desk.services.doorbell import Doorbell
from clinic_desk.services.holds import Slot
from clinic_desk.services.store import open_store
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements


@pytest.fixture
def other(clinic: Clinic) -> Actor:
    """Somebody at another desk."""
    return builders.an_actor(clinic)


def slot(clinic: Clinic, hour: int = 10, **more: Any) -> Slot:
    return Slot(clinic.span(hour), clinic.provider_id, clinic.operatory_id, **more)


def count() -> int:
    return int(Hold.select().count())


def test_a_held_slot_is_seen_at_every_desk_with_who_and_until_when(
    clinic: Clinic, actor: Actor, other: Actor
) -> None:
    until = holds.take(actor, "a", [slot(clinic, before_minutes=5, after_minutes=10)])

    seen = holds.held(other, clinic.span(8, minutes=600))

    assert {h.resource_id for h in seen} == {clinic.provider_id, clinic.operatory_id}
    assert {h.span for h in seen} == {clinic.span(9, 55, minutes=45)}
    assert {(h.desk, h.who, h.user_id, h.expires_at) for h in seen} == {
        ("a", "Test User", actor.user_id, until)
    }
    assert timedelta(seconds=55) < until - datetime.now(UTC) <= timedelta(seconds=60)


def test_another_desk_is_refused_with_the_name_and_the_end(
    clinic: Clinic, actor: Actor, other: Actor
) -> None:
    holds.take(actor, "a", [slot(clinic)])

    with pytest.raises(Conflicted) as refusal:
        holds.take(other, "b", [slot(clinic)])

    assert {c.kind for c in refusal.value.conflicts} == {Kind.HOLD}
    assert "is held by Test User until" in str(refusal.value)


def test_all_reasons_are_told_and_the_old_hold_stays(
    clinic: Clinic, actor: Actor, other: Actor
) -> None:
    builders.an_appointment(clinic, clinic.span(10, 15))
    holds.take(actor, "a", [slot(clinic, 11)])
    mine = holds.take(other, "b", [slot(clinic, 14)])

    with pytest.raises(Conflicted) as refusal:
        holds.take(other, "b", [slot(clinic, 10), slot(clinic, 11)])

    assert {c.kind for c in refusal.value.conflicts} == {Kind.PROVIDER, Kind.HOLD}
    assert [h.expires_at for h in holds.held(actor, clinic.span(14))] == [mine, mine]


def test_choosing_another_time_moves_the_hold(clinic: Clinic, actor: Actor) -> None:
    holds.take(actor, "a", [slot(clinic)])

    holds.take(actor, "a", [slot(clinic, 10, before_minutes=15), slot(clinic, 12)])

    assert {h.span.starts_at for h in holds.held(actor, clinic.span(8, minutes=600))} == {
        clinic.at(9, 45),
        clinic.at(12),
    }


def test_two_slots_of_one_dialog_do_not_overlap(clinic: Clinic, actor: Actor) -> None:
    with pytest.raises(Conflicted):
        holds.take(actor, "a", [slot(clinic), Slot(clinic.span(10, 15), clinic.provider_id)])

    assert count() == 0


def test_a_renewed_hold_lives_on_and_a_released_one_is_gone(clinic: Clinic, actor: Actor) -> None:
    begin = datetime.now(UTC)
    holds.take(actor, "a", [slot(clinic)], now=begin)

    assert holds.renew(actor, "a", now=begin + timedelta(seconds=50))
    late = begin + timedelta(seconds=100)
    assert len(holds.held(actor, clinic.span(10), now=late)) == 2
    holds.release(actor, "a")
    assert count() == 0
    assert not holds.renew(actor, "a")


def test_what_slept_too_long_is_not_renewed(clinic: Clinic, actor: Actor, other: Actor) -> None:
    begin = datetime.now(UTC)
    holds.take(actor, "a", [slot(clinic)], now=begin)
    late = begin + timedelta(seconds=61)

    assert holds.held(other, clinic.span(10), now=late) == ()
    assert not holds.renew(actor, "a", now=late)
    holds.take(other, "b", [slot(clinic)], now=late)

    assert {h.desk for h in holds.held(actor, clinic.span(10), now=late)} == {"b"}


def test_a_hold_leaves_no_line_in_the_history(clinic: Clinic, actor: Actor) -> None:
    holds.take(actor, "a", [slot(clinic)])
    holds.renew(actor, "a")
    holds.release(actor, "a")

    assert clinic.store.rows("SELECT COUNT(*) FROM deed") == [(0,)]


def test_what_makes_no_sense_is_refused(clinic: Clinic, actor: Actor) -> None:
    with pytest.raises(Invalid):
        holds.take(actor, "a", [])
    with pytest.raises(NotFound):
        holds.take(actor, "a", [Slot(clinic.span(10), clinic.operatory_id)])
    with pytest.raises(NotAllowed):
        holds.take(builders.an_actor(clinic, frozenset()), "a", [slot(clinic)])


def test_another_organisation_sees_nothing(clinic: Clinic, actor: Actor) -> None:
    holds.take(actor, "a", [slot(clinic)])
    elsewhere = builders.a_clinic(clinic.store, name="Elsewhere")

    assert holds.held(builders.an_actor(elsewhere), clinic.span(10)) == ()


def test_a_booking_of_somebody_else_is_refused_while_the_slot_is_held(
    clinic: Clinic, actor: Actor, other: Actor
) -> None:
    holds.take(actor, "a", [slot(clinic)])

    with pytest.raises(Conflicted) as refusal:
        diary.book(
            other,
            span=clinic.span(10),
            type_id=clinic.type_id,
            provider_id=clinic.provider_id,
            patient_id=clinic.patient_id,
        )

    assert {c.kind for c in refusal.value.conflicts} == {Kind.HOLD}


def test_looking_at_the_holds_takes_one_query(clinic: Clinic, actor: Actor) -> None:
    holds.take(actor, "a", [slot(clinic)])
    clinic.store.catalogue(clinic.organisation_id)

    with statements(clinic.store) as seen:
        holds.held(actor, clinic.span(8, minutes=600))

    assert len(seen) == 1


@pytest.fixture
def rings(clinic: Clinic) -> Iterator[threading.Event]:
    """Set when the bell of another desk rings."""
    rung = threading.Event()
    bell = Doorbell(clinic.store, clinic.organisation_id, on_ring=rung.set)
    bell.start()
    assert rung.wait(5)  # it rings once when it is there
    time.sleep(0.2)
    rung.clear()
    yield rung
    bell.close()


def test_other_desks_are_rung_within_a_second(
    clinic: Clinic, actor: Actor, rings: threading.Event
) -> None:
    holds.take(actor, "a", [slot(clinic)])
    assert rings.wait(1)
    time.sleep(0.2)
    rings.clear()

    holds.release(actor, "a")

    assert rings.wait(1)


def test_of_a_crowd_at_one_slot_exactly_one_gets_it(clinic: Clinic) -> None:
    actors = [builders.an_actor(clinic) for _ in range(6)]
    won: list[int] = []
    refused: list[Exception] = []

    def want(number: int) -> None:
        try:
            holds.take(actors[number], f"desk {number}", [slot(clinic)])
            won.append(number)
        except Conflicted as error:
            refused.append(error)

    crowd = [threading.Thread(target=want, args=(n,)) for n in range(6)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert len(won) == 1
    assert len(refused) == 5
    assert all("is held by Test User" in str(error) for error in refused)


def _hold_and_wait(url: str, organisation_id: int, user_id: int, held: Slot, line: Any) -> None:
    """A desk of its own process; it is killed while it waits."""
    store = open_store(url)
    actor = Actor(store, organisation_id, user_id, "Crash", "Test", frozenset({holds.HOLDING}))
    holds.take(actor, "gone", [held])
    line.send("held")
    time.sleep(60)


def test_a_desk_that_was_killed_frees_its_slot_after_a_minute(
    clinic: Clinic, other: Actor, database_url: str
) -> None:
    user_id = builders.a_user(clinic)
    process = multiprocessing.get_context("spawn")
    near, far = process.Pipe()
    desk = process.Process(
        target=_hold_and_wait,
        args=(database_url, clinic.organisation_id, user_id, slot(clinic), far),
    )
    desk.start()
    assert near.poll(30) and near.recv() == "held"
    os.kill(desk.pid or 0, signal.SIGKILL)
    desk.join()
    now = datetime.now(UTC)

    with pytest.raises(Conflicted):
        holds.take(other, "b", [slot(clinic)], now=now + timedelta(seconds=50))
    holds.take(other, "b", [slot(clinic)], now=now + timedelta(seconds=61))

    assert {h.desk for h in holds.held(other, clinic.span(10))} == {"b"}


def booked(actor: Actor, clinic: Clinic, desk: str = "") -> Any:
    return diary.book(
        actor,
        span=clinic.span(10),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=clinic.patient_id,
        location_id=clinic.location_id,
        operatory_id=clinic.operatory_id,
        desk=desk,
    )


def checked(actor: Actor, clinic: Clinic, desk: str = "") -> tuple[Conflict, ...]:
    return diary.check(
        actor,
        span=clinic.span(10),
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        operatory_id=clinic.operatory_id,
        desk=desk,
    )


def test_what_a_dialog_holds_is_no_reason_against_its_own_booking(
    clinic: Clinic, actor: Actor
) -> None:
    holds.take(actor, "mine", [slot(clinic), slot(clinic, 12)])

    assert checked(actor, clinic, "mine") == ()
    assert booked(actor, clinic, "mine").value.span == clinic.span(10)
    assert count() == 0


def test_whoever_books_without_the_name_is_told_who_holds_it(
    clinic: Clinic, actor: Actor, other: Actor
) -> None:
    holds.take(actor, "mine", [slot(clinic)])

    assert {c.kind for c in checked(other, clinic)} == {Kind.HOLD}
    assert all("is held by Test User until" in str(c) for c in checked(other, clinic))
    for desk in ("", "mine"):  # the name alone, at somebody else's desk, is no key
        with pytest.raises(Conflicted) as refusal:
            booked(other, clinic, desk)
        assert "is held by Test User until" in str(refusal.value)
    assert count() == 2


def test_a_free_time_is_checked_without_a_further_query(clinic: Clinic, actor: Actor) -> None:
    checked(actor, clinic)
    with statements(clinic.store) as plain:
        checked(actor, clinic)
    with statements(clinic.store) as named:
        checked(actor, clinic, "mine")

    assert len(named) == len(plain) == 1


@pytest.mark.parametrize("of_a_room", [False, True])
def test_time_that_is_to_be_blocked_is_held_until_its_own_event_takes_it(
    clinic: Clinic, actor: Actor, other: Actor, of_a_room: bool
) -> None:
    whose = clinic.operatory_id if of_a_room else clinic.provider_id
    wanted = Slot(clinic.span(10), *((None, whose) if of_a_room else (whose,)))
    holds.take(actor, "mine", [wanted])
    name = (
        clinic.store.catalogue(clinic.organisation_id).operatories[whose].name if of_a_room else ""
    )

    def block(who: Actor, desk: str) -> None:
        events.add(who, resource_id=whose, span=clinic.span(10), title="Repair", desk=desk)

    with pytest.raises(Conflicted, match=f"{name}.* is held by Test User until"):
        booked(other, clinic)
    with pytest.raises(Conflicted, match=f"{name}.* is held by Test User until") as refusal:
        block(other, "mine")
    assert all(c.permission is None for c in refusal.value.conflicts)

    block(actor, "mine")
    assert count() == 0
    with pytest.raises(Conflicted, match=r"blocked: Repair|taken by Repair"):
        booked(other, clinic)


def test_what_a_desk_that_fell_silent_held_blocks_no_event(
    clinic: Clinic, actor: Actor, other: Actor
) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    holds.take(other, "gone", [slot(clinic)], now=long_ago)

    added = events.add(
        actor, resource_id=clinic.provider_id, span=clinic.span(10), title="Repair"
    ).value
    holds.take(other, "gone", [slot(clinic, 12)], now=long_ago)
    events.move(actor, added.id, span=clinic.span(12), version=1)


def test_a_slot_of_nobody_or_of_elsewhere_is_not_held(clinic: Clinic, actor: Actor) -> None:
    theirs = builders.a_clinic(clinic.store, name="Elsewhere")
    for provider, room in ((None, None), (theirs.provider_id, None), (None, theirs.operatory_id)):
        with pytest.raises(NotFound):
            holds.take(actor, "mine", [Slot(clinic.span(10), provider, room)])
