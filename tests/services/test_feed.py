"""Other desks' changes: what the feed tells, and how the bell rings, also on a bad line."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic_desk.models.people import DatabaseInfo
from clinic_desk.rules.permissions import ALL
from clinic_desk.services import diary, feed
from clinic_desk.services.actor import Actor
from clinic_desk.services.doorbell import Doorbell
from clinic_desk.services.feed import Change, Feed
from clinic_desk.services.store import Store
from clinic_desk.services.work import Work, command
from tests import builders, databases
from tests.builders import Clinic
from tests.fault_proxy import FaultProxy
from tests.services.counting import statements
from tests.services.test_diary import booked

SOON = 3.0


class Heard:
    """What a bell has told so far."""

    def __init__(self) -> None:
        self.rings = 0
        self.states: list[tuple[str, datetime, float]] = []
        self._changed = threading.Condition()

    def ring(self) -> None:
        with self._changed:
            self.rings += 1
            self._changed.notify_all()

    def state(self, state: str, since: datetime) -> None:
        with self._changed:
            self.states.append((state, since, time.monotonic()))
            self._changed.notify_all()

    def until(self, true: Callable[[], bool], seconds: float = SOON) -> bool:
        with self._changed:
            return self._changed.wait_for(true, seconds)

    def rang_after(self, rings: int) -> bool:
        return self.rings > rings

    @property
    def now(self) -> str:
        return self.states[-1][0] if self.states else ""


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def bell(store: Store, clinic: Clinic, heard: Heard) -> Iterator[Doorbell]:
    bell = Doorbell(store, clinic.organisation_id, on_ring=heard.ring, on_state=heard.state)
    bell.start()
    assert heard.until(lambda: heard.rings == 1)
    yield bell
    assert bell.close()


# The feed -----------------------------------------------------------------------------------


def test_the_feed_tells_what_happened_since_it_was_asked_last(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    news = Feed(store, clinic.organisation_id)
    card = booked(clinic, actor)
    moved = diary.move(actor, card.id, span=clinic.span(14), version=1)

    told = news.changes()

    assert Change(moved.seq, "appointment", card.id) in told
    assert [kind for _, kind, _ in told].count("appointment") == 1
    assert news.changes() == ()


def test_the_feed_begins_where_a_view_was_read(store: Store, clinic: Clinic, actor: Actor) -> None:
    booked(clinic, actor)
    view = diary.view(actor, clinic.span(8, minutes=600))
    late = booked(clinic, actor, span=clinic.span(16))

    told = Feed(store, clinic.organisation_id, since=view.seq).changes()

    assert {number for _, kind, number in told if kind == "appointment"} == {late.id}


def test_another_organisations_deeds_are_not_told(store: Store, clinic: Clinic) -> None:
    other = builders.a_clinic(store, name="Elsewhere")
    news = Feed(store, clinic.organisation_id)

    booked(other, builders.an_actor(other))

    assert news.changes() == ()


def test_after_a_restore_everything_is_to_be_reloaded(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    news = Feed(store, clinic.organisation_id)
    store.occupancy(clinic.organisation_id).catch_up()

    DatabaseInfo.update(epoch="another line of history").execute()
    told = news.changes()

    assert {change.kind for change in told} == feed.KINDS
    assert {change.id for change in told} == {feed.SOME}
    assert news.cursor.epoch == "another line of history"
    assert not store.occupancy(clinic.organisation_id).ready
    assert news.changes() == ()


def test_after_a_long_pause_everything_is_to_be_reloaded(
    store: Store, clinic: Clinic, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_CHANGES", 3)
    news = Feed(store, clinic.organisation_id)
    for hour in (8, 9, 10, 11):
        booked(clinic, actor, span=clinic.span(hour))

    assert {change.id for change in news.changes()} == {feed.SOME}
    assert news.changes() == ()


@command("Appointment Update", action="test.role")
def _take_all_rights(work: Work, role_id: int) -> None:
    from clinic_desk.models.people import Role

    (found,) = work.lock(work.locked_row(Role, role_id))
    work.change(work.found(Role, found), permissions="[]")


def test_a_changed_role_shows_without_a_restart(store: Store, clinic: Clinic) -> None:
    administrator = builders.an_actor(clinic)
    user_id = builders.a_user(clinic)
    role_id = store.catalogue(clinic.organisation_id).users[user_id].role_id
    receptionist = Actor(store, clinic.organisation_id, user_id, "R", "R", frozenset(ALL))
    news = Feed(store, clinic.organisation_id)
    assert receptionist.may("Appointment Update")

    _take_all_rights(administrator, role_id)
    news.changes()

    assert not receptionist.may("Appointment Update")


def test_asking_the_feed_costs_one_statement(store: Store, clinic: Clinic, actor: Actor) -> None:
    news = Feed(store, clinic.organisation_id)
    booked(clinic, actor)

    with statements(store) as seen:
        news.changes()
        news.changes()

    assert len(seen) == 2


# The bell -----------------------------------------------------------------------------------


def test_a_deed_rings(clinic: Clinic, actor: Actor, bell: Doorbell, heard: Heard) -> None:
    booked(clinic, actor)

    assert heard.until(lambda: heard.rings == 2, 1.0)
    assert bell.state == "connected"


def test_the_bell_is_quick(clinic: Clinic, actor: Actor, bell: Doorbell, heard: Heard) -> None:
    waits = []
    for hour in (8, 9, 10, 11, 12):
        rings = heard.rings
        booked(clinic, actor, span=clinic.span(hour))
        begun = time.monotonic()
        assert heard.until(functools.partial(heard.rang_after, rings))
        waits.append(time.monotonic() - begun)

    assert sorted(waits)[2] < 0.15


def test_the_first_ring_comes_when_it_is_heard(bell: Doorbell, heard: Heard) -> None:
    assert heard.rings == 1
    assert heard.now == "connected"


def test_a_closed_bell_is_silent_and_its_thread_is_gone(
    clinic: Clinic, actor: Actor, bell: Doorbell, heard: Heard
) -> None:
    assert bell.close()
    rings = heard.rings

    booked(clinic, actor)

    assert not heard.until(lambda: heard.rings > rings, 0.3)


def test_listening_costs_next_to_nothing(bell: Doorbell) -> None:
    begun, spent = time.monotonic(), time.process_time()

    time.sleep(4)

    assert (time.process_time() - spent) / (time.monotonic() - begun) < 0.007


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_file_that_went_away_is_told_and_found_again(
    store: Store, bell: Doorbell, heard: Heard
) -> None:
    file = Path(store.url.removeprefix("sqlite:///"))
    away = file.with_suffix(".away")

    file.rename(away)
    assert heard.until(lambda: heard.now == "reconnecting")
    rings = heard.rings
    away.rename(file)

    assert heard.until(lambda: heard.now == "connected")
    assert heard.until(lambda: heard.rings > rings)


# A bad line to the server -------------------------------------------------------------------


class FarDesk:
    """A desk whose bell listens through a bad line; the clinic itself is reached directly."""

    def __init__(self, proxy: FaultProxy, clinic: Clinic, heard: Heard) -> None:
        self.proxy = proxy
        self.heard = heard
        store = Store(proxy.url, clinic.store.database)
        self.bell = Doorbell(
            store, clinic.organisation_id, on_ring=heard.ring, on_state=heard.state
        )


@pytest.fixture
def far(database_url: str, clinic: Clinic, heard: Heard) -> Iterator[FarDesk]:
    with FaultProxy.before(database_url) as proxy:
        desk = FarDesk(proxy, clinic, heard)
        desk.bell.start()
        assert heard.until(lambda: heard.rings == 1)
        yield desk
        proxy.refuse()
        desk.bell.close(5)


on_server = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)


@on_server
def test_a_silent_cut_is_told_within_ten_seconds(far: FarDesk, heard: Heard) -> None:
    cut_at, begun = datetime.now(UTC), time.monotonic()

    far.proxy.blackhole()

    assert heard.until(lambda: heard.now == "reconnecting", 12)
    _, since, told_at = heard.states[-1]
    assert told_at - begun < 10
    assert abs(since - cut_at) < timedelta(seconds=4)


@on_server
def test_it_reconnects_by_itself_and_catches_up(
    clinic: Clinic, actor: Actor, far: FarDesk, heard: Heard
) -> None:
    news = Feed(clinic.store, clinic.organisation_id)
    far.proxy.refuse()
    assert heard.until(lambda: heard.now == "reconnecting")
    card = booked(clinic, actor)
    rings, begun = heard.rings, time.monotonic()

    far.proxy.heal()

    assert heard.until(lambda: heard.now == "connected", 6)
    assert time.monotonic() - begun < 5
    assert heard.until(lambda: heard.rings > rings)
    assert ("appointment", card.id) in {(kind, number) for _, kind, number in news.changes()}


@on_server
@pytest.mark.parametrize("fault", ["cut", "reset"])
def test_a_broken_line_is_mended_at_once(far: FarDesk, heard: Heard, fault: str) -> None:
    getattr(far.proxy, fault)()

    assert heard.until(lambda: heard.now == "reconnecting")
    assert heard.until(lambda: heard.now == "connected")


@on_server
def test_a_slow_line_still_rings(clinic: Clinic, actor: Actor, far: FarDesk, heard: Heard) -> None:
    far.proxy.delay(0.2)
    rings = heard.rings

    booked(clinic, actor)

    assert heard.until(lambda: heard.rings > rings, 2)


@on_server
def test_a_lost_notice_is_made_good(
    clinic: Clinic, actor: Actor, bell: Doorbell, heard: Heard
) -> None:
    """As behind a pooler that forgets who listens."""
    connection: Any = bell._line._connection  # type: ignore[attr-defined]
    databases.administer("SELECT 1")
    connection.execute("UNLISTEN *")
    rings = heard.rings

    booked(clinic, actor)

    assert heard.until(lambda: heard.rings > rings, 8)


@on_server
def test_rings_for_others_and_nonsense_are_not_heard(
    store: Store, clinic: Clinic, bell: Doorbell, heard: Heard
) -> None:
    rings = heard.rings

    for payload in (f"{clinic.organisation_id + 1}:5", f"{clinic.organisation_id}:x", "", ":"):
        store.rows("SELECT pg_notify('clinic_desk', ?)", (payload,))

    assert not heard.until(lambda: heard.rings > rings, 0.5)
    assert bell.state == "connected"
