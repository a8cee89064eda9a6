"""Who decides requests: the role has to allow it, and the box on the page Staff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from clinic_desk.models.people import User
from clinic_desk.rules.errors import NotAllowed
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.permissions import APPROVERS, ROLES, TICKED, may_be_ticked
from clinic_desk.services import accounts, diary, founding, journal, requests, staff
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Done
from clinic_desk.services.store import open_store
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements
from tests.services.test_founding import WISH

Way = Callable[[Actor, int], Done[Any]]

WAYS: list[Way] = [
    lambda a, n: requests.approve(a, n, version=1),
    lambda a, n: requests.decline(a, n, version=1, reason="Full"),
    lambda a, n: diary.set_status(a, n, Status.CANCELLED, version=1, reason="Full"),
]


def tick(actor: Actor, of: Clinic, *, on: bool) -> None:
    User.update(approvals=on).where(User.id == actor.user_id).execute()
    of.store.forget_catalogue(of.organisation_id)


@pytest.mark.parametrize("way", WAYS, ids=["approve", "decline", "cancel"])
def test_a_person_needs_the_tick_besides_the_role(clinic: Clinic, way: Way) -> None:
    wish = builders.an_appointment(clinic, status="requested")
    person = builders.an_actor(clinic, ROLES["Scheduler"])
    tick(person, clinic, on=False)
    with pytest.raises(NotAllowed) as refused:
        way(person, wish)
    assert "Staff" in str(refused.value) and "Approvals" in str(refused.value)
    assert not any(person.may(name) for name in TICKED)
    tick(person, clinic, on=True)
    assert way(person, wish).changed


def test_the_tick_without_the_role_gives_nothing(clinic: Clinic) -> None:
    wish = builders.an_appointment(clinic, status="requested")
    person = builders.an_actor(clinic, ROLES["Front Desk"])
    with pytest.raises(NotAllowed):
        requests.approve(person, wish, version=1)


def test_a_program_goes_by_its_scopes_alone(clinic: Clinic) -> None:
    wish = builders.an_appointment(clinic, status="requested")
    program = Actor(clinic.store, clinic.organisation_id, None, "Portal", "", frozenset(TICKED))
    assert requests.approve(program, wish, version=1).changed


def test_the_tick_holds_at_once_at_every_desk_and_for_taking_back(
    clinic: Clinic, actor: Actor
) -> None:
    """Whoever was unticked a moment ago is refused under the lock, whatever their desk knew."""
    first, second = (
        builders.an_appointment(clinic, clinic.span(hour), status="requested") for hour in (9, 11)
    )
    number = builders.a_user(clinic)
    person = replace(actor, user_id=number)
    done = requests.approve(person, first, version=1)
    elsewhere = open_store(clinic.store.url)
    card = staff.show(replace(actor, store=elsewhere), number)
    staff.change(replace(actor, store=elsewhere), card, replace(card.draft, approvals=False))
    elsewhere.close()
    with pytest.raises(NotAllowed):
        requests.approve(person, second, version=1)
    with pytest.raises(NotAllowed):
        journal.undo(person, done.seq)


def test_the_tick_costs_no_question(clinic: Clinic) -> None:
    person = builders.an_actor(clinic, ROLES["Scheduler"])
    assert person.may("Appointment Reject")
    with statements(clinic.store) as asked:
        assert person.may("Appointment Request Approve")
    assert asked == []


def test_the_four_roles_and_those_made_after_them_may_be_ticked(
    clinic: Clinic, actor: Actor
) -> None:
    assert {name for name in ROLES if may_be_ticked(name, ROLES[name])} == APPROVERS
    assert may_be_ticked("Evening desk", ROLES["Scheduler"])
    assert not may_be_ticked("Evening desk", ROLES["Front Desk"])
    assert not may_be_ticked("Front Desk", ROLES["Scheduler"])
    role = builders.a_role(clinic, ROLES["Scheduler"], name="Evening desk")
    number = builders.a_user(clinic, approvals=False)
    card = staff.show(actor, number)
    wish = replace(card.draft, role_id=role, approvals=True)
    assert staff.change(actor, card, wish).value.draft.approvals


def test_who_founds_a_clinic_decides_requests(database_url: str) -> None:
    founding.found(database_url, WISH)
    store = open_store(database_url)
    assert accounts.sign_in(store, WISH.user_name, WISH.password).may("Appointment Reject")
    store.close()
