"""Roles: shipped ones and one's own, copies, names, and what is felt at other desks."""

from __future__ import annotations

import pytest

from clinic_desk.models.people import Role
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.rules.permissions import ALL, ROLES
from clinic_desk.services import roles_book
from clinic_desk.services.actor import Actor
from clinic_desk.services.staff_cards import RolePage
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements


def page(actor: Actor, role_id: int) -> RolePage:
    return next(one for one in roles_book.everything(actor) if one.id == role_id)


def test_the_shipped_roles_come_first_and_say_how_many_have_them(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    builders.a_role(builders.a_clinic(store, name="Elsewhere"), name="Secret")
    own = builders.a_role(clinic, name="Another")
    desk = builders.a_role(clinic, ROLES["Front Desk"], name="Front Desk")
    chief = builders.a_role(clinic, name="System Administrator")
    store.catalogue(clinic.organisation_id)

    with statements(store) as seen:
        pages = roles_book.everything(actor)

    assert len(seen) == 1
    assert [p.id for p in pages][:3] == [chief, desk, own]
    assert [p.shipped for p in pages] == [True, True, False, False]
    assert [p.users for p in pages] == [0, 0, 0, 1]
    assert "Secret" not in {p.name for p in pages}


def test_a_role_of_ones_own_is_made_renamed_changed_and_deleted(
    clinic: Clinic, actor: Actor
) -> None:
    made = roles_book.create(actor, "  Night   shift ", ("Appointment Get All",)).value
    assert made.name == "Night shift"

    changed = roles_book.change(
        actor, made.id, version=made.version, name="Nights", names=("Customer Show",)
    ).value
    assert changed.name == "Nights"
    assert changed.permissions == {"Customer Show"}
    assert page(actor, made.id) == changed

    roles_book.delete(actor, made.id, version=changed.version)
    assert made.id not in {p.id for p in roles_book.everything(actor)}


def test_a_copy_has_the_permissions_of_its_model(clinic: Clinic, actor: Actor) -> None:
    source = builders.a_role(clinic, ROLES["Scheduler"], name="Scheduler")

    copy = roles_book.clone(actor, source, "Scheduler of the evening").value

    assert copy.permissions == ROLES["Scheduler"]
    assert not copy.shipped
    assert page(actor, source).permissions == ROLES["Scheduler"]


def test_a_shipped_role_keeps_its_name_and_stays_but_may_do_something_else(
    clinic: Clinic, actor: Actor
) -> None:
    number = builders.a_role(clinic, ROLES["Front Desk"], name="Front Desk")

    with pytest.raises(Refused, match="keeps its name"):
        roles_book.change(actor, number, version=1, name="Reception")
    with pytest.raises(Refused, match="cannot be deleted"):
        roles_book.delete(actor, number, version=1)
    changed = roles_book.change(actor, number, version=1, name="Front Desk", names=()).value

    assert changed.permissions == frozenset()


def test_a_role_that_somebody_has_is_not_deleted(clinic: Clinic, actor: Actor) -> None:
    number = builders.a_role(clinic, name="Mine")
    builders.a_user(clinic, active=False)
    gone = roles_book.everything(actor)
    used = next(p for p in gone if p.users and p.id != number)

    with pytest.raises(Refused, match="Somebody has the role"):
        roles_book.delete(actor, used.id, version=used.version)
    assert roles_book.delete(actor, number, version=1).changed


@pytest.mark.parametrize("name", ["", "   ", "x" * 100, "two\nlines\x00", "TAKEN"])
def test_a_role_needs_a_name_that_is_free(clinic: Clinic, actor: Actor, name: str) -> None:
    builders.a_role(clinic, name="Taken")

    with pytest.raises(Invalid) as refused:
        roles_book.create(actor, name)

    assert refused.value.field == "name"


def test_an_unknown_permission_is_refused_and_a_newer_programs_one_stays(
    clinic: Clinic, actor: Actor
) -> None:
    number = builders.a_role(clinic, frozenset({"Time Travel", "Customer Show"}), name="Mine")

    with pytest.raises(Invalid, match="Invisibility"):
        roles_book.change(actor, number, version=1, names=("Invisibility",))
    changed = roles_book.change(actor, number, version=1, names=("Customer Create",)).value

    assert changed.permissions == {"Time Travel", "Customer Create"}


def test_two_who_change_one_role_do_not_overwrite_each_other(clinic: Clinic, actor: Actor) -> None:
    number = builders.a_role(clinic, name="Mine")
    roles_book.change(actor, number, version=1, names=("Customer Show",))

    with pytest.raises(Stale) as refused:
        roles_book.change(actor, number, version=1, names=("Customer Create",))

    assert refused.value.theirs.permissions == {"Customer Show"}


def test_a_change_is_felt_at_once_by_everybody_who_has_the_role(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    somebody = builders.an_actor(clinic, frozenset({"Customer Show"}))
    role_id = store.catalogue(clinic.organisation_id).users[somebody.user_id or 0].role_id
    assert not somebody.may("Customer Create")

    done = roles_book.change(actor, role_id, version=1, names=("Customer Create",))
    store.catalogue(clinic.organisation_id, at_least=done.seq)

    assert somebody.may("Customer Create")
    assert not somebody.may("Customer Show")


def test_roles_of_another_organisation_are_not_there(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    number = builders.a_role(builders.a_clinic(store, name="Elsewhere"), name="Theirs")

    for attempt in (
        lambda: roles_book.clone(actor, number, "Copy"),
        lambda: roles_book.change(actor, number, version=1, names=()),
        lambda: roles_book.delete(actor, number, version=1),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert Role.get_by_id(number).version == 1


def test_only_whoever_may_change_roles_does(clinic: Clinic) -> None:
    assistant = builders.an_actor(clinic, ROLES["Assistant System Administrator"])

    assert roles_book.everything(assistant)
    with pytest.raises(NotAllowed):
        roles_book.create(assistant, "Mine", ALL)
