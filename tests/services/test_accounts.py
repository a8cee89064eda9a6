"""Signing in: who may, how long the wrong have to wait, and what they are told."""

from __future__ import annotations

from types import SimpleNamespace

import argon2
import pytest

from clinic_desk.models.people import Role, User
from clinic_desk.rules.errors import Refused
from clinic_desk.services import accounts
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def ann(clinic: Clinic) -> int:
    """Ann, who may open an appointment; her password is "right"."""
    user_id = builders.a_user(
        clinic, frozenset({"Appointment Show"}), name="ann", display_name="Ann Lee"
    )
    User.update(password_hash=accounts.hash_password("right", CHEAP)).where(
        User.id == user_id
    ).execute()
    return user_id


@pytest.fixture(autouse=True)
def nobody_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_guard", accounts._Guard())


def answer(store: Store, name: str, password: str) -> str:
    with pytest.raises(Refused) as refused:
        accounts.sign_in(store, name, password)
    return str(refused.value)


def test_the_right_password_gives_the_actor(store: Store, clinic: Clinic, ann: int) -> None:
    actor = accounts.sign_in(store, " Ann ", "right")

    assert (actor.user_id, actor.organisation_id) == (ann, clinic.organisation_id)
    assert actor.name == "Ann Lee"
    assert actor.permissions == {"Appointment Show"}
    assert actor.may("Appointment Show")
    assert not actor.may("Appointment Create")


def test_wrong_name_wrong_password_and_closed_account_are_one_answer(
    store: Store, clinic: Clinic, ann: int
) -> None:
    closed = builders.a_user(clinic, name="closed", active=False)
    User.update(password_hash=accounts.hash_password("right", CHEAP)).where(
        User.id == closed
    ).execute()

    answers = {
        answer(store, "ann", "wrong"),
        answer(store, "nobody", "right"),
        answer(store, "closed", "right"),
        answer(store, "", ""),
    }

    assert len(answers) == 1


def test_a_stored_hash_that_is_none_opens_nothing(store: Store, clinic: Clinic) -> None:
    builders.a_user(clinic, name="locked")

    answer(store, "locked", "!")


def test_a_name_that_nobody_has_takes_the_same_work(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: what takes the time is verifying one hash."""
    verified: list[str] = []
    fits = accounts._fits

    def counted(stored: str, password: str) -> bool:
        verified.append(stored)
        return fits(stored, password)

    monkeypatch.setattr(accounts, "_fits", counted)
    answer(store, "nobody", "wrong")
    answer(store, "ann", "wrong")

    assert len(verified) == 2
    assert all(stored.startswith("$argon2id$") for stored in verified)


def test_the_standard_hash_follows_the_owasp_sheet() -> None:
    stored = accounts.hash_password("secret")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert accounts.STANDARD.verify(stored, "secret")


def test_after_some_wrong_tries_there_is_a_growing_wait(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(accounts, "time", SimpleNamespace(monotonic=lambda: now))
    wrong = answer(store, "ann", "wrong")
    for _ in range(accounts.FREE_TRIES):
        assert answer(store, "ann", "wrong") == wrong

    waits = []
    for _ in range(9):
        told = answer(store, "ANN", "right")
        assert told != wrong
        waits.append(next(int(word) for word in told.split() if word.isdigit()))
        now += waits[-1]
        assert answer(store, "ann", "wrong") == wrong

    assert waits == sorted(waits)
    assert waits[0] <= 2 < waits[4]
    assert waits[-1] <= accounts.LONGEST_WAIT_SECONDS + 1

    now += accounts.LONGEST_WAIT_SECONDS + 1
    assert accounts.sign_in(store, "ann", "right").user_id == ann
    assert answer(store, "ann", "wrong") == wrong


def test_guessing_at_one_name_keeps_nobody_else_out(store: Store, clinic: Clinic, ann: int) -> None:
    for _ in range(accounts.FREE_TRIES + 1):
        answer(store, "somebody", "wrong")

    assert accounts.sign_in(store, "ann", "right").user_id == ann


def test_names_that_nobody_has_wait_as_well(store: Store) -> None:
    first = answer(store, "nobody", "wrong")
    for _ in range(accounts.FREE_TRIES):
        answer(store, "nobody", "wrong")

    assert answer(store, "nobody", "wrong") != first


def test_a_role_that_lost_its_rights_is_felt_at_once(
    store: Store, clinic: Clinic, ann: int
) -> None:
    actor = accounts.sign_in(store, "ann", "right")

    Role.update(permissions="[]").execute()
    store.forget_catalogue(clinic.organisation_id)

    assert not actor.may("Appointment Show")


def test_signing_in_asks_once_beside_the_catalogue(store: Store, clinic: Clinic, ann: int) -> None:
    store.catalogue(clinic.organisation_id)

    with statements(store) as seen:
        accounts.sign_in(store, "ann", "right")

    assert len(seen) == 1
