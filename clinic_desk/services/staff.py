"""Who works here: names, roles, locations, passwords, and who is told of waiting requests.

Nobody is ever deleted: the history names everybody who did something. Whoever left is made
inactive, which shuts them out at once. There is always somebody who can let others in.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, replace

from clinic_desk.config import checked_language
from clinic_desk.models.people import User, UserLocation
from clinic_desk.rules import permissions
from clinic_desk.rules.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import accounts, mailer, roles_book
from clinic_desk.services import rows as r
from clinic_desk.services.accounts import PasswordHash
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Done
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.staff_cards import StaffCard, StaffDraft, StaffLine
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command, query

LONGEST_NAME = 120

NO_APPROVER = N_("The role “{role}” does not approve requests.")
APPROVERS_ARE = N_(
    "Approvals are for System Administrator, Assistant System Administrator, Clinical Director"
    " and Scheduler. Choose one of these roles first."
)
TAKEN = N_("Somebody signs in as “{name}” already.")
NOT_FREE = N_("This sign-in name is not free. Choose another one.")
"""Somebody of another clinic has it, perhaps: nothing that is told here."""
OLD_IS_WRONG = N_("This is not your present password.")
SAME = N_("The new password is the old one.")
OWN_PASSWORD = N_("Your own password is changed with the old one.")
OWN_WAY = N_("Use “Change my password”.")


# Looking -----------------------------------------------------------------------------------


@query("User Get All")
def everybody(actor: Actor) -> tuple[StaffLine, ...]:
    """All staff of the organisation, those who left too, by name; one query."""
    found = actor.store.rows(
        "SELECT u.id, u.name, u.display_name, u.role_id, o.name, u.approvals, u.active"
        " FROM user_account u JOIN role o ON o.id = u.role_id WHERE u.organisation_id = ?",
        (actor.organisation_id,),
    )
    lines = [
        StaffLine(number, name, shown, role_id, role, bool(approvals), bool(active))
        for number, name, shown, role_id, role, approvals, active in found
    ]
    return tuple(sorted(lines, key=lambda line: (line.display_name.casefold(), line.id)))


def show(actor: Actor, user_id: int) -> StaffCard:
    """The whole of one: anybody's with "User Show", one's own with "User Update".

    Raises ``NotAllowed``, ``NotFound``.
    """
    if not (user_id == actor.user_id and actor.may("User Update")):
        actor.require("User Show")
    wanted = _reads(actor.organisation_id, user_id)
    return _card(*(actor.store.rows(one.sql, one.parameters) for one in wanted))


def approval_refusal(role: str, names: Collection[str] = ()) -> Refused | None:
    """Why the approvals box cannot be ticked for a role of this name with the permissions
    *names*; None where it can.
    """
    if permissions.may_be_ticked(role, names):
        return None
    return Refused(NO_APPROVER, way_out=APPROVERS_ARE, role=role)


# Changing ----------------------------------------------------------------------------------


def create(
    actor: Actor, draft: StaffDraft, password: str, *, request_id: str | None = None
) -> Done[StaffCard]:
    """Add somebody, who chooses another password at the first sign-in (where the role may).

    Raises ``Invalid`` naming the field, ``NotAllowed``, ``Refused`` where the role holds more
    than the actor, or may not approve.
    """
    hashed = PasswordHash(accounts.hash_password(accounts.checked_password(password)))
    return _once(lambda: _create(actor, draft, hashed, request_id=request_id))


@command("User Create", action="user.create")
def _create(
    work: Work, draft: StaffDraft, password: PasswordHash, *, request_id: str | None = None
) -> StaffCard:
    tidy = _tidy(draft)
    (same,) = work.lock(_named(tidy.name))
    _judge(work, tidy, same, None)
    fields = asdict(tidy)
    places = fields.pop("location_ids")
    user = work.create(
        User,
        uuid=str(uuid.uuid4()),
        password_hash=password.value,
        must_change=_can_change(work.catalogue, tidy.role_id),
        **fields,
    )
    _place(work, user.id, {}, places)
    return _made(user, places)


def change(
    actor: Actor, before: StaffCard, draft: StaffDraft, *, request_id: str | None = None
) -> Done[StaffCard]:
    """Make somebody what *draft* says. *before* is the card that was changed.

    Raises ``Invalid`` naming the field, ``Stale`` with the present card, ``Refused`` for the
    last administrator, a role above the actor's own, or approvals that the role cannot have.
    """
    return _once(lambda: _update(actor, before, draft, request_id=request_id))


@command("User Update All", action="user.change")
def _update(
    work: Work, before: StaffCard, draft: StaffDraft, *, request_id: str | None = None
) -> StaffCard:
    tidy = _tidy(draft)
    row, places = _reads(work.organisation_id, before.id)
    found, standing, same = work.lock(row, places, _named(tidy.name))
    user = work.found(User, found)
    now = _card(found, standing)
    if (now.version, now.draft.location_ids) != (before.version, before.draft.location_ids):
        raise Stale(now)
    roles_book.require_below(work, user.role_id)
    _judge(work, tidy, same, user)
    roles_book.require_administrator(work, users={user.id: (tidy.role_id, tidy.active)})
    fields = asdict(tidy)
    wanted = fields.pop("location_ids")
    work.change(user, **fields)
    _place(work, user.id, {p.location_id: p for p in r.rows(UserLocation, standing)}, wanted)
    return _made(user, wanted)


@command("User Update", action="user.own")
def change_own(
    work: Work,
    before: StaffCard,
    *,
    display_name: str,
    email: str,
    language: str,
    request_id: str | None = None,
) -> StaffCard:
    """Change one's own data. *before* is one's card that was changed.

    Raises ``Invalid`` naming the field, ``Stale`` with the present card.
    """
    found, places = work.lock(*_reads(work.organisation_id, _own(work.actor)))
    now = _card(found, places)
    if (now.id, now.version) != (before.id, before.version):
        raise Stale(now)
    # Of what was sent only these three: nobody gives a role to themselves this way.
    tidy = _tidy(replace(now.draft, display_name=display_name, email=email, language=language))
    user = work.found(User, found)
    work.change(user, display_name=tidy.display_name, email=tidy.email, language=tidy.language)
    return _made(user, tidy.location_ids)


def set_password(
    actor: Actor, user_id: int, password: str, *, request_id: str | None = None
) -> Done[None]:
    """Give somebody else a password; they choose another at the next sign-in (where their role
    may). Raises ``Invalid`` naming the field, ``Refused`` for oneself or somebody above.
    """
    hashed = PasswordHash(accounts.hash_password(accounts.checked_password(password)))
    return _set_password(actor, user_id, hashed, request_id=request_id)


@command("User Update All", action="user.password")
def _set_password(
    work: Work, user_id: int, password: PasswordHash, *, request_id: str | None = None
) -> None:
    if user_id == work.actor.user_id:
        raise Refused(OWN_PASSWORD, way_out=OWN_WAY)
    (found,) = work.lock(work.locked_row(User, user_id))
    user = work.found(User, found)
    roles_book.require_below(work, user.role_id)
    must = _can_change(work.catalogue, user.role_id)
    work.change(user, password_hash=password.value, must_change=must)


def change_password(
    actor: Actor, old: str, new: str, *, request_id: str | None = None
) -> Done[None]:
    """Choose another password for oneself; *old* is the present one.

    Raises ``Invalid`` naming the field, ``TooManyTries``, ``NotAllowed``.
    """
    actor.require("User Update")
    _own(actor)
    if accounts.prove(actor, old, Invalid("old", OLD_IS_WRONG)) is None:
        raise NotFound
    if accounts.checked_password(new, "new") == old:
        raise Invalid("new", SAME)
    hashed = PasswordHash(accounts.hash_password(new))
    done = _renew_password(actor, hashed, request_id=request_id)
    accounts.remember(actor, hashed.value)
    return done


@command("User Update", action="user.renew")
def _renew_password(work: Work, password: PasswordHash, *, request_id: str | None = None) -> None:
    (found,) = work.lock(work.locked_row(User, _own(work.actor)))
    user = work.found(User, found)
    work.change(user, password_hash=password.value, must_change=False)


# How it is judged ----------------------------------------------------------------------------


def _judge(work: Work, draft: StaffDraft, same: Rows, user: User | None) -> None:
    """Whether what *draft* names is there, free and not above the actor; under the lock."""
    for number, organisation_id in same:
        if organisation_id != work.organisation_id:
            raise Invalid("name", NOT_FREE)
        if number != (user.id if user else None):
            raise Invalid("name", TAKEN, name=draft.name)
    known = work.catalogue
    if draft.role_id not in known.roles:
        raise Invalid("role_id", N_("This role does not exist any more. Choose another."))
    if draft.provider_id is not None and draft.provider_id not in known.providers:
        raise Invalid("provider_id", N_("This provider does not exist any more. Choose another."))
    if not known.locations.keys() >= set(draft.location_ids):
        raise Invalid("location_ids", N_("One of these locations does not exist any more."))
    roles_book.require_below(work, draft.role_id)
    role = known.roles[draft.role_id]
    refusal = approval_refusal(role.name, role.permissions)
    if draft.approvals and refusal is not None:
        raise refusal


def _tidy(draft: StaffDraft) -> StaffDraft:
    """*draft* without blanks around texts. Raises ``Invalid`` naming the field."""
    name, shown = accounts.folded_name(draft.name), " ".join(draft.display_name.split())
    for field, text in (("name", name), ("display_name", shown)):
        if not text or len(text) > LONGEST_NAME or not text.isprintable():
            raise Invalid(
                field, N_("A name has 1 to {count} letters, in one line."), count=LONGEST_NAME
            )
    email = draft.email.strip()
    if email:
        mailer.address(email, "email")
    places = tuple(sorted(set(draft.location_ids)))
    language = checked_language(draft.language)
    return replace(
        draft, name=name, display_name=shown, email=email, language=language, location_ids=places
    )


def _place(
    work: Work, user_id: int, has: Mapping[int, UserLocation], wanted: tuple[int, ...]
) -> None:
    """Give a user these locations."""
    for location_id in sorted(has.keys() - set(wanted)):
        work.delete(has[location_id])
    for location_id in sorted(set(wanted) - has.keys()):
        work.create(UserLocation, user_id=user_id, location_id=location_id)


def _once(step: Callable[[], Done[StaffCard]]) -> Done[StaffCard]:
    """Two organisations that take one name at the same instant: the database lets in one."""
    try:
        return step()
    except Exception as error:
        text = str(error)
        if "user_account_name" in text or "user_account.name" in text:
            raise Invalid("name", NOT_FREE) from error
        raise


def _own(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotAllowed("User Update")
    return actor.user_id


def _can_change(catalogue: Catalogue, role_id: int) -> bool:
    return role_id in catalogue.roles and "User Update" in catalogue.roles[role_id].granted


def _named(name: str) -> Statement:
    """Whoever signs in as *name*, in any organisation: the name leads to one."""
    return Statement("SELECT id, organisation_id FROM user_account WHERE name = ?", (name,))


def _reads(organisation_id: int, user_id: int) -> tuple[Statement, Statement]:
    return r.by_id(User, organisation_id, user_id), Statement(
        f"{r.selecting(UserLocation)} WHERE organisation_id = ? AND user_id = ?",
        (organisation_id, user_id),
    )


def _card(found: Rows, places: Rows) -> StaffCard:
    if not found:
        raise NotFound
    standing = sorted(row.location_id for row in r.rows(UserLocation, places))
    return _made(r.row(User, found[0]), tuple(standing))


def _made(user: User, places: tuple[int, ...]) -> StaffCard:
    return StaffCard(
        id=user.id,
        uuid=user.uuid,
        version=user.version,
        draft=StaffDraft(
            name=user.name,
            display_name=user.display_name,
            role_id=user.role_id,
            email=user.email,
            provider_id=user.provider_id,
            location_ids=places,
            language=user.language,
            approvals=user.approvals,
            active=user.active,
        ),
        must_change=user.must_change,
    )
