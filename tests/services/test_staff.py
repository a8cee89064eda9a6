"""Staff: who is listed, who may change whom, passwords, approvals, and other organisations."""

from __future__ import annotations

import json
import threading
import uuid
from dataclasses import replace

import argon2
import pytest

from clinic_desk.models.people import User
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.rules.permissions import APPROVERS, ROLES
from clinic_desk.services import accounts, staff
from clinic_desk.services.actor import Actor
from clinic_desk.services.staff_cards import StaffDraft
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

PASSWORD = "a long password"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost little, and nobody has guessed yet."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "STANDARD", cheap)
    monkeypatch.setattr(accounts, "hash_password", cheap.hash)
    monkeypatch.setattr(accounts, "_guard", accounts._Guard())


def draft(clinic: Clinic, **fields: object) -> StaffDraft:
    values = {"name": "Ann", "display_name": "Ann Lee", "role_id": 0} | fields
    if not values["role_id"]:
        values["role_id"] = builders.a_role(clinic, ROLES["Front Desk"])
    return StaffDraft(**values)  # type: ignore[arg-type]


def test_a_new_colleague_signs_in_and_is_asked_for_another_password(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    wish = draft(clinic, email=" ann@example.org ", location_ids=(clinic.location_id,))

    card = staff.create(actor, wish, PASSWORD).value
    entered = accounts.enter(store, "ANN", PASSWORD)

    assert card.draft == replace(wish, name="ann", email="ann@example.org")
    assert entered.must_change
    assert entered.actor.may("User Update")
    assert staff.show(actor, card.id) == card


def test_whose_role_may_change_no_password_is_not_asked_to(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    role = builders.a_role(clinic, frozenset({"Appointment Get All"}))

    card = staff.create(actor, draft(clinic, role_id=role), PASSWORD).value

    assert not card.must_change
    assert not accounts.enter(store, "ann", PASSWORD).must_change


def test_the_list_names_everybody_of_the_organisation_and_nobody_else(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    elsewhere = builders.a_clinic(store, name="Elsewhere")
    stranger = builders.a_user(elsewhere)
    gone = builders.a_user(clinic, display_name="A gone one", active=False)
    store.catalogue(clinic.organisation_id)

    with statements(store) as seen:
        lines = staff.everybody(actor)

    assert [line.id for line in lines] == [gone, actor.user_id]
    assert [line.active for line in lines] == [False, True]
    assert stranger not in {line.id for line in lines}
    assert len(seen) == 1


def test_somebody_of_another_organisation_cannot_be_seen_changed_or_taken_over(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    elsewhere = builders.a_clinic(store, name="Elsewhere")
    chief = builders.an_actor(elsewhere)
    card = staff.create(chief, draft(elsewhere), PASSWORD).value

    for attempt in (
        lambda: staff.show(actor, card.id),
        lambda: staff.change(actor, card, card.draft),
        lambda: staff.set_password(actor, card.id, PASSWORD),
    ):
        with pytest.raises(NotFound):
            attempt()


@pytest.mark.parametrize("field", ["role_id", "provider_id", "location_ids"])
def test_nothing_of_another_organisation_can_be_given(
    store: Store, clinic: Clinic, actor: Actor, field: str
) -> None:
    elsewhere = builders.a_clinic(store, name="Elsewhere")
    values = {
        "role_id": builders.a_role(elsewhere),
        "provider_id": elsewhere.provider_id,
        "location_ids": (elsewhere.location_id,),
    }

    with pytest.raises(Invalid) as refused:
        staff.create(actor, draft(clinic, **{field: values[field]}), PASSWORD)

    assert refused.value.field == field


def test_a_name_signs_one_person_in_whatever_the_organisation(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    elsewhere = builders.a_clinic(store, name="Elsewhere")
    staff.create(builders.an_actor(elsewhere), draft(elsewhere), PASSWORD)

    with pytest.raises(Invalid) as refused:
        staff.create(actor, draft(clinic, name=" ANN "), PASSWORD)

    assert refused.value.field == "name"
    assert "ann" not in str(refused.value).casefold()  # that there is an Ann is not told here
    staff.create(actor, draft(clinic, name="bea"), PASSWORD)
    with pytest.raises(Invalid, match="“bea” already"):
        staff.create(actor, draft(clinic, name="Bea"), PASSWORD)


def test_one_name_taken_by_two_organisations_at_one_instant_goes_to_one(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    chiefs = [actor, builders.an_actor(builders.a_clinic(store, name="Elsewhere"))]
    places = {actor.organisation_id: clinic}
    wishes = [
        draft(places.get(chief.organisation_id, clinic), name="same", role_id=role)
        for chief, role in zip(chiefs, map(_role_of, chiefs), strict=True)
    ]
    barrier, outcomes = threading.Barrier(2), []

    def run(chief: Actor, wish: StaffDraft) -> None:
        barrier.wait()
        try:
            staff.create(chief, wish, PASSWORD)
            outcomes.append("made")
        except Invalid as error:
            outcomes.append(error.field)
        finally:
            store.forget_connection()

    threads = [threading.Thread(target=run, args=pair) for pair in zip(chiefs, wishes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["made", "name"]


def _role_of(actor: Actor) -> int:
    return actor.store.catalogue(actor.organisation_id).users[actor.user_id or 0].role_id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("display_name", ""),
        ("display_name", "x" * 200),
        ("email", "nobody"),
        ("language", "not a language"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    clinic: Clinic, actor: Actor, field: str, value: str
) -> None:
    with pytest.raises(Invalid) as refused:
        staff.create(actor, draft(clinic, **{field: value}), PASSWORD)

    assert refused.value.field == field


def test_a_short_password_is_refused(clinic: Clinic, actor: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        staff.create(actor, draft(clinic), "short")

    assert refused.value.field == "password"


def test_role_locations_and_provider_can_be_changed(clinic: Clinic, actor: Actor) -> None:
    card = staff.create(actor, draft(clinic, location_ids=(clinic.location_id,)), PASSWORD).value
    second = builders.a_location(clinic, name="Second")
    role = builders.a_role(clinic, ROLES["Provider"])
    wish = replace(card.draft, role_id=role, location_ids=(second,), provider_id=clinic.provider_id)

    done = staff.change(actor, card, wish)

    assert done.value.draft == wish
    assert staff.show(actor, card.id).draft == wish
    assert {kind for kind, _ in done.changed} == {"user_account", "user_location"}


def test_two_who_change_the_same_one_do_not_overwrite_each_other(
    clinic: Clinic, actor: Actor
) -> None:
    card = staff.create(actor, draft(clinic), PASSWORD).value
    staff.change(actor, card, replace(card.draft, location_ids=(clinic.location_id,)))

    with pytest.raises(Stale) as refused:
        staff.change(actor, card, replace(card.draft, display_name="Ann Other"))

    assert refused.value.theirs.draft.location_ids == (clinic.location_id,)


def test_whoever_is_made_inactive_is_out_at_once(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    card = staff.create(actor, draft(clinic), PASSWORD).value
    theirs = accounts.sign_in(store, "ann", PASSWORD)

    seq = staff.change(actor, card, replace(card.draft, active=False)).seq
    store.catalogue(clinic.organisation_id, at_least=seq)

    with pytest.raises(NotAllowed):
        staff.everybody(theirs)
    with pytest.raises(Refused):
        accounts.sign_in(store, "ann", PASSWORD)


# Approvals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROLES)
def test_the_approvals_box_is_for_four_roles_and_says_why(
    clinic: Clinic, actor: Actor, name: str
) -> None:
    wish = draft(clinic, role_id=builders.a_role(clinic, ROLES[name], name=name), approvals=True)

    if name in APPROVERS:
        assert staff.create(actor, wish, PASSWORD).value.draft.approvals
        assert staff.approval_refusal(name) is None
    else:
        with pytest.raises(Refused) as refused:
            staff.create(actor, wish, PASSWORD)
        assert name in str(refused.value)
        assert all(approver in str(refused.value) for approver in APPROVERS)


def test_a_role_that_does_not_approve_takes_the_tick_along(clinic: Clinic, actor: Actor) -> None:
    scheduler = builders.a_role(clinic, ROLES["Scheduler"], name="Scheduler")
    card = staff.create(actor, draft(clinic, role_id=scheduler, approvals=True), PASSWORD).value
    desk = builders.a_role(clinic, ROLES["Front Desk"], name="Front Desk")

    with pytest.raises(Refused):
        staff.change(actor, card, replace(card.draft, role_id=desk))
    card = staff.change(actor, card, replace(card.draft, role_id=desk, approvals=False)).value

    assert not card.draft.approvals


# Whoever may less ----------------------------------------------------------------------------


def test_nobody_hands_out_more_than_they_have(clinic: Clinic, actor: Actor) -> None:
    chief_role = builders.a_role(clinic, ROLES["System Administrator"])
    assistant = builders.an_actor(clinic, ROLES["Assistant System Administrator"])
    chief = staff.create(actor, draft(clinic, name="chief", role_id=chief_role), PASSWORD).value
    low = staff.create(actor, draft(clinic, name="low"), PASSWORD).value

    for attempt in (
        lambda: staff.create(assistant, draft(clinic, role_id=chief_role), PASSWORD),
        lambda: staff.change(assistant, low, replace(low.draft, role_id=chief_role)),
        lambda: staff.change(assistant, chief, replace(chief.draft, active=False)),
        lambda: staff.set_password(assistant, chief.id, PASSWORD),
    ):
        with pytest.raises(Refused, match="do not have yourself"):
            attempt()

    assert staff.set_password(assistant, low.id, "another long one").changed


def test_ones_own_data_need_no_more_than_ones_own_permission(clinic: Clinic, actor: Actor) -> None:
    me = builders.an_actor(clinic, frozenset({"User Update"}))
    card = staff.show(me, me.user_id or 0)

    saved = staff.change_own(
        me, card, display_name="New Name", email="me@example.org", language="de"
    ).value

    assert (saved.draft.display_name, saved.draft.email) == ("New Name", "me@example.org")
    with pytest.raises(NotAllowed):
        staff.show(me, actor.user_id or 0)
    with pytest.raises(NotAllowed):
        staff.everybody(me)


def test_a_forged_card_gives_nobody_another_role(clinic: Clinic, actor: Actor) -> None:
    me = builders.an_actor(clinic, frozenset({"User Update"}))
    card = staff.show(me, me.user_id or 0)
    other = _role_of(actor)
    forged = replace(card, draft=replace(card.draft, role_id=other, active=True))

    saved = staff.change_own(me, forged, display_name="Me", email="", language="").value

    assert saved.draft.role_id == card.draft.role_id
    with pytest.raises(Stale):
        staff.change_own(
            me, staff.show(actor, actor.user_id or 0), display_name="x", email="", language=""
        )


# Passwords -----------------------------------------------------------------------------------


def test_ones_own_password_needs_the_old_one(store: Store, clinic: Clinic, actor: Actor) -> None:
    staff.create(actor, draft(clinic), PASSWORD)
    me = accounts.sign_in(store, "ann", PASSWORD)

    with pytest.raises(Invalid) as refused:
        staff.change_password(me, "guessed", "another long one")
    assert refused.value.field == "old"
    with pytest.raises(Invalid, match="the old one"):
        staff.change_password(me, PASSWORD, PASSWORD)
    staff.change_password(me, PASSWORD, "another long one")

    assert not accounts.enter(store, "ann", "another long one").must_change
    with pytest.raises(Refused):
        accounts.sign_in(store, "ann", PASSWORD)


def test_guessing_the_old_password_makes_wait_as_at_the_door(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    staff.create(actor, draft(clinic), PASSWORD)
    me = accounts.sign_in(store, "ann", PASSWORD)

    for _ in range(accounts.FREE_TRIES + 1):
        with pytest.raises(Invalid):
            staff.change_password(me, "guessed", "another long one")

    with pytest.raises(accounts.TooManyTries) as refused:
        staff.change_password(me, PASSWORD, "another long one")
    assert refused.value.seconds >= 1


def test_a_password_given_by_somebody_else_is_changed_at_the_next_sign_in(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    card = staff.create(actor, draft(clinic), PASSWORD).value
    staff.change_password(accounts.sign_in(store, "ann", PASSWORD), PASSWORD, "my very own one")

    staff.set_password(actor, card.id, "given to Ann")

    assert accounts.enter(store, "ann", "given to Ann").must_change
    with pytest.raises(Refused, match="old one"):
        staff.set_password(actor, actor.user_id or 0, PASSWORD)


def test_no_password_and_no_hash_reaches_history_or_mark(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    key = str(uuid.uuid4())
    card = staff.create(actor, draft(clinic), PASSWORD, request_id=key).value
    staff.set_password(actor, card.id, "given to Ann")
    me = accounts.sign_in(store, "ann", "given to Ann")
    staff.change_password(me, "given to Ann", "my very own one")

    told = json.dumps(store.rows("SELECT body FROM deed_text")) + json.dumps(
        store.rows("SELECT fingerprint, request_id FROM deed"), default=str
    )
    hashes = [str(user.password_hash) for user in User.select().where(User.id == card.id)]
    assert all(text not in told for text in (PASSWORD, "given to Ann", "my very own one", *hashes))
    assert "argon2" not in told
    # The same request sent again is the same, though its hash has another salt.
    again = staff.create(actor, replace(card.draft, name="Ann"), PASSWORD, request_id=key)
    assert again.changed
