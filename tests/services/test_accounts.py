"""Signing in: who may, how long the wrong have to wait, and what they are told."""

from __future__ import annotations

import threading

import argon2
import pytest

from clinic_desk.models.people import Role, User
from clinic_desk.rules.errors import Refused
from clinic_desk.services import accounts
from clinic_desk.services.store import Store, open_store
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


def _later(seconds: float) -> None:
    """All waits of the database lie so much further back."""
    back = User.wait_until_ms - int(seconds * 1000)
    User.update(wait_until_ms=back).where(User.wait_until_ms > 0).execute()


def test_after_some_wrong_tries_there_is_a_growing_wait(store: Store, ann: int) -> None:
    wrong = answer(store, "ann", "wrong")
    for _ in range(accounts.FREE_TRIES):
        assert answer(store, "ann", "wrong") == wrong

    waits = []
    for _ in range(9):
        told = answer(store, "ANN", "right")
        assert told != wrong
        waits.append(next(int(word) for word in told.split() if word.isdigit()))
        _later(waits[-1])
        assert answer(store, "ann", "wrong") == wrong

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    _later(waits[-1])
    assert accounts.sign_in(store, "ann", "right").user_id == ann
    for _ in range(accounts.FREE_TRIES + 1):  # all are free again
        assert answer(store, "ann", "wrong") == wrong


def test_the_wait_outlives_the_program_and_holds_at_every_desk(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(accounts.FREE_TRIES + 1):
        answer(store, "ann", "wrong")
    monkeypatch.setattr(accounts, "_guard", accounts._Guard())
    other = open_store(store.url)

    for one in (store, other):
        with pytest.raises(accounts.TooManyTries):
            accounts.sign_in(one, "ann", "right")
    other.close()


def test_a_clock_that_was_set_back_makes_nobody_wait_for_days(store: Store, ann: int) -> None:
    for _ in range(accounts.FREE_TRIES + 1):
        answer(store, "ann", "wrong")
    _later(-24 * 3600)

    assert accounts.sign_in(store, "ann", "right").user_id == ann


def test_who_guesses_at_many_desks_at_once_is_heard_no_oftener(store: Store, ann: int) -> None:
    answers: list[type[BaseException]] = []
    start = threading.Barrier(12)

    def guess(number: int) -> None:
        start.wait()
        try:
            accounts.sign_in(store, "ann", f"wrong {number}")
        except Refused as error:
            answers.append(type(error))
        finally:
            store.forget_connection()

    desks = [threading.Thread(target=guess, args=(number,)) for number in range(12)]
    for each in desks:
        each.start()
    for each in desks:
        each.join()

    heard = answers.count(Refused)
    assert heard == accounts.FREE_TRIES + 1
    assert answers.count(accounts.TooManyTries) == 12 - heard


def test_names_that_nobody_has_are_not_remembered_without_end(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "MOST_NAMES", 5)

    for number in range(9):
        answer(store, f"nobody {number}", "wrong")

    assert len(accounts._guard.names) == 5
    assert User.get_by_id(ann).wrong_tries == 0


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


def test_signing_in_asks_twice_beside_the_catalogue(store: Store, clinic: Clinic, ann: int) -> None:
    store.catalogue(clinic.organisation_id)

    with statements(store) as seen:
        accounts.sign_in(store, "ann", "right")

    assert len([text for text in seen if text.startswith("UPDATE")]) == 2
    assert {text for text in seen if not text.startswith("UPDATE")} <= {"BEGIN IMMEDIATE", "COMMIT"}
