"""Unlocking a session, with and without the server, and when desks lock themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import argon2
import pytest

from clinic_desk.models.people import User
from clinic_desk.rules.errors import Invalid, NotAllowed, Refused, Unavailable
from clinic_desk.services import accounts, sessions
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import Store, open_store
from tests import builders, databases
from tests.builders import Clinic
from tests.fault_proxy import FaultProxy

PASSWORD = "a long password"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "STANDARD", cheap)
    monkeypatch.setattr(accounts, "_guard", accounts._Guard())


def signed_in(clinic: Clinic) -> Actor:
    number = builders.a_user(clinic, name="ann", display_name="Ann Lee")
    User.update(password_hash=accounts.STANDARD.hash(PASSWORD)).where(User.id == number).execute()
    clinic.store.forget_catalogue(clinic.organisation_id)
    return accounts.sign_in(clinic.store, "ann", PASSWORD)


def test_the_users_own_password_unlocks_and_no_other(clinic: Clinic) -> None:
    me = signed_in(clinic)

    assert not sessions.unlock(me, PASSWORD).offline
    with pytest.raises(Refused, match="not the password of Ann Lee"):
        sessions.unlock(me, "guessed")


def test_guessing_makes_wait_longer_and_longer(clinic: Clinic) -> None:
    me = signed_in(clinic)
    for _ in range(accounts.FREE_TRIES + 1):
        with pytest.raises(Refused):
            sessions.unlock(me, "guessed")

    with pytest.raises(accounts.TooManyTries):
        sessions.unlock(me, PASSWORD)


def test_whoever_was_shut_out_meanwhile_stays_out(clinic: Clinic) -> None:
    me = signed_in(clinic)
    User.update(active=False).where(User.id == me.user_id).execute()

    with pytest.raises(Refused, match="closed"):
        sessions.unlock(me, PASSWORD)


def test_a_password_changed_elsewhere_is_the_one_that_unlocks(clinic: Clinic) -> None:
    me = signed_in(clinic)
    hashed = accounts.STANDARD.hash("another long one")
    User.update(password_hash=hashed).where(User.id == me.user_id).execute()

    with pytest.raises(Refused):
        sessions.unlock(me, PASSWORD)
    assert sessions.unlock(me, "another long one")


@pytest.fixture
def line(tmp_path: Path) -> Iterator[tuple[FaultProxy, Store]]:
    """A server behind a line that can be cut."""
    url, remove = databases.fresh("postgresql", tmp_path)
    with FaultProxy.before(url) as proxy:
        store = open_store(proxy.url)
        yield proxy, store
        store.close()
    remove()


def test_without_the_server_this_sessions_password_unlocks_until_it_is_forgotten(
    line: tuple[FaultProxy, Store],
) -> None:
    proxy, store = line
    me = signed_in(builders.a_clinic(store))
    proxy.refuse()

    assert sessions.unlock(me, PASSWORD).offline
    with pytest.raises(Refused, match="not the password"):
        sessions.unlock(me, "guessed")
    sessions.end(me)
    with pytest.raises(Unavailable, match="server is away"):
        sessions.unlock(me, PASSWORD)


def test_the_minutes_are_the_organisations_and_ten_by_default(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    other = builders.an_actor(builders.a_clinic(store, name="Elsewhere"))

    assert sessions.lock_minutes(actor) == 10
    sessions.set_lock_minutes(actor, 5)

    assert sessions.lock_minutes(builders.an_actor(clinic, frozenset())) == 5
    assert sessions.lock_minutes(other) == 10
    with pytest.raises(Invalid):
        sessions.set_lock_minutes(actor, 999)
    with pytest.raises(NotAllowed):
        sessions.set_lock_minutes(builders.an_actor(clinic, frozenset()), 5)
