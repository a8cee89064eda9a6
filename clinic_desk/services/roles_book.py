"""Roles: named sets of permissions, how they are made and changed, and what must stay true.

The shipped ones keep their names, since "Approvals" goes by them; what they may do is the
organisation's own affair. A change is felt at every desk at once: the catalogue carries it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from clinic_desk.models.people import Role
from clinic_desk.rules import permissions
from clinic_desk.rules.errors import Invalid, Refused, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.staff_cards import RolePage
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

ADMINISTRATION = frozenset({"User Update All", "Role Update"})
"""Whoever holds both can let anybody in, and open every door: an administrator."""

LONGEST_NAME = 80

LAST = N_("This would leave nobody who can manage staff and roles.")
LAST_OUT = N_("Give somebody else the role of an administrator first.")
MORE_THAN_OWN = N_("You cannot hand out “{permission}”, which you do not have yourself.")
ASK_HIGHER = N_("Ask somebody who may change roles.")
NAME_WRONG = N_("A role’s name has 1 to {count} letters, in one line.")
TAKEN = N_("There is a role called “{name}” already.")
KEEPS_NAME = N_("“{name}” came with the program and keeps its name.")
COPY_IT = N_("Make a copy of it; the copy can have any name.")
SHIPPED_STAYS = N_("“{name}” came with the program and cannot be deleted.")
TAKE_RIGHTS = N_("Take its permissions away instead.")
USED = N_("Somebody has the role “{name}”.")
TOKEN_HAS = N_("A program’s token has the role “{name}”.")
WITHDRAW_IT = N_("Withdraw the token first.")
GIVE_ANOTHER = N_("Give everybody who has it another role first; those who left, too.")
UNKNOWN = N_("“{name}” is no permission.")


# Looking -----------------------------------------------------------------------------------


@query("User Show")
def everything(actor: Actor) -> tuple[RolePage, ...]:
    """All roles, the shipped ones first, with how many people have each; one query."""
    columns = ", ".join(f"o.{name}" for name in r.columns(Role))
    found = actor.store.rows(
        f"SELECT {columns}, (SELECT COUNT(*) FROM user_account u"  # noqa: S608
        " WHERE u.organisation_id = o.organisation_id AND u.role_id = o.id)"
        " FROM role o WHERE o.organisation_id = ?",
        (actor.organisation_id,),
    )
    pages = [_page(r.row(Role, row), users=int(row[-1])) for row in found]
    shipped = list(permissions.ROLES)
    return tuple(
        sorted(
            pages,
            key=lambda p: (shipped.index(p.name) if p.shipped else len(shipped), p.name.casefold()),
        )
    )


# Changing ----------------------------------------------------------------------------------


@command("Role Update", action="role.create")
def create(
    work: Work, name: str, names: Collection[str] = (), *, request_id: str | None = None
) -> RolePage:
    """Make a role with these permissions. Raises ``Invalid`` naming the field."""
    chosen = _known(names, frozenset())
    (roles,) = work.lock(_all(work.organisation_id))
    tidy = _free_name(name, r.rows(Role, roles), None)
    return _page(_create(work, tidy, chosen))


@command("Role Update", action="role.clone")
def clone(work: Work, role_id: int, name: str, *, request_id: str | None = None) -> RolePage:
    """Make a copy of a role, as it stands now, under a name of its own.

    Raises ``NotFound``, ``Invalid`` naming the field.
    """
    roles, found = work.lock(_all(work.organisation_id), work.locked_row(Role, role_id))
    source = work.found(Role, found)
    tidy = _free_name(name, r.rows(Role, roles), None)
    return _page(_create(work, tidy, frozenset(json.loads(source.permissions))))


@command("Role Update", action="role.change")
def change(
    work: Work,
    role_id: int,
    *,
    version: int,
    name: str | None = None,
    names: Collection[str] | None = None,
    request_id: str | None = None,
) -> RolePage:
    """Give a role another name, or other permissions. *version* is the page's that was changed.

    Names that this program does not know stay: a newer one on another desk does. Raises
    ``Invalid`` naming the field, ``Stale`` with the present page, ``Refused`` for a shipped
    role's name, or where nobody could manage staff and roles any more.
    """
    users, roles, found = work.lock(
        _users_of(work.organisation_id, role_id),
        _all(work.organisation_id),
        work.locked_row(Role, role_id),
    )
    row = work.found(Role, found)
    count = int(users[0][0])
    if row.version != version:
        raise Stale(_page(row, users=count))
    fields = {}
    if name is not None and name.strip() != row.name:
        if row.name in permissions.ROLES:
            raise Refused(KEEPS_NAME, way_out=COPY_IT, name=row.name)
        fields["name"] = _free_name(name, r.rows(Role, roles), row)
    if names is not None:
        chosen = _known(names, frozenset(json.loads(row.permissions)))
        require_administrator(work, roles={row.id: chosen})
        fields["permissions"] = json.dumps(sorted(chosen))
    work.change(row, **fields)
    return _page(row, users=count)


@command("Role Update", action="role.delete")
def delete(work: Work, role_id: int, *, version: int, request_id: str | None = None) -> None:
    """Take a role away that nobody has. Raises ``Stale``, ``Refused`` where somebody (or a
    program) has it or it came with the program.
    """
    users, tokens, found = work.lock(
        _users_of(work.organisation_id, role_id),
        Statement(
            "SELECT COUNT(*) FROM api_token WHERE organisation_id = ? AND role_id = ?",
            (work.organisation_id, role_id),
        ),
        work.locked_row(Role, role_id),
    )
    row = work.found(Role, found)
    count = int(users[0][0])
    if row.version != version:
        raise Stale(_page(row, users=count))
    if row.name in permissions.ROLES:
        raise Refused(SHIPPED_STAYS, way_out=TAKE_RIGHTS, name=row.name)
    if count:
        raise Refused(USED, way_out=GIVE_ANOTHER, name=row.name)
    if tokens[0][0]:
        raise Refused(TOKEN_HAS, way_out=WITHDRAW_IT, name=row.name)
    work.delete(row)


# What must stay true -------------------------------------------------------------------------


def administrators(
    catalogue: Catalogue,
    *,
    users: Mapping[int, tuple[int, bool]] | None = None,
    roles: Mapping[int, frozenset[str]] | None = None,
) -> frozenset[int]:
    """Who can manage staff and roles, by *catalogue* and what is about to change in it: *users*
    by id with role and whether they are active, *roles* by id with their permissions.
    """
    sets = {number: role.permissions for number, role in catalogue.roles.items()} | dict(
        roles or {}
    )
    people = {n: (user.role_id, user.active) for n, user in catalogue.users.items()}
    return frozenset(
        number
        for number, (role_id, active) in (people | dict(users or {})).items()
        if active and sets.get(role_id, frozenset()) >= ADMINISTRATION
    )


def require_administrator(
    work: Work,
    *,
    users: Mapping[int, tuple[int, bool]] | None = None,
    roles: Mapping[int, frozenset[str]] | None = None,
) -> None:
    """Refuse what would take away the last administrator; under the lock only."""
    there = administrators(work.catalogue)
    if there and not administrators(work.catalogue, users=users, roles=roles):
        raise Refused(LAST, way_out=LAST_OUT)


def require_below(work: Work, role_id: int) -> None:
    """Nobody makes others, or takes over others, who may do more than they do themselves."""
    actor = work.actor
    if actor.may("Role Update"):
        return
    known = work.catalogue
    me = known.users.get(actor.user_id or 0)
    own = known.roles[me.role_id].permissions if me else actor.permissions
    role = known.roles.get(role_id)
    more = sorted(role.permissions - own) if role else []
    if more:
        raise Refused(MORE_THAN_OWN, way_out=ASK_HIGHER, permission=more[0])


# How it is done ------------------------------------------------------------------------------


def _create(work: Work, name: str, chosen: frozenset[str]) -> Role:
    return work.create(
        Role, uuid=str(uuid.uuid4()), name=name, permissions=json.dumps(sorted(chosen))
    )


def _known(names: Collection[str], before: frozenset[str]) -> frozenset[str]:
    """*names*, and what this program does not know of *before*. Raises ``Invalid``."""
    chosen = frozenset(names)
    kept = permissions.unknown(before)
    wrong = permissions.unknown(chosen) - kept
    if wrong:
        raise Invalid("names", UNKNOWN, name=min(wrong))
    return chosen | kept


def _free_name(name: str, roles: Iterable[Role], own: Role | None) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST_NAME or not tidy.isprintable():
        raise Invalid("name", NAME_WRONG, count=LONGEST_NAME)
    for role in roles:
        same = role.name.casefold() == tidy.casefold()
        if same and (own is None or role.id != own.id):
            raise Invalid("name", TAKEN, name=tidy)
    return tidy


def _all(organisation_id: int) -> Statement:
    return Statement(f"{r.selecting(Role)} WHERE organisation_id = ?", (organisation_id,))


def _users_of(organisation_id: int, role_id: int) -> Statement:
    return Statement(
        "SELECT COUNT(*) FROM user_account WHERE organisation_id = ? AND role_id = ?",
        (organisation_id, role_id),
    )


def _page(row: Role, *, users: int = 0) -> RolePage:
    return RolePage(
        id=row.id,
        uuid=row.uuid,
        version=row.version,
        name=row.name,
        permissions=frozenset(json.loads(row.permissions)),
        users=users,
        shipped=row.name in permissions.ROLES,
    )
