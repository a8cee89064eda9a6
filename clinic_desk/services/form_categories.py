"""Categories of forms: the headings under which triage forms and questionnaires stand.

A shared category stands in everybody's list; any other only in the list of who made it. The
master list holds them all, those out of use and those of others too. A category that goes, or
goes out of use, leaves its forms under "No category".
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clinic_desk.models.forms import Form, FormCategory
from clinic_desk.rules import colour as colours
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, NotFound, Refused, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command, query

LONGEST_NAME = 80
MOST = 60
"""So many categories are a list that can still be looked through."""

MOST_MOVED = 90
"""So many forms move out of a category in one deed."""

ANYBODYS = "Form Category Update All"
MASTER = "Form Category Get Master List"

NO_NAME = N_("The name is missing.")
TYPE_NAME = N_("Give the category a name.")
NAMED_SO = N_("Another category has this name.")
OTHER_NAME = N_("Choose another name, or change that category.")
HOLDS = N_("Forms stand in this category: {count}.")
SAY_SO = N_("Let them move to “No category”, or put them into another category first.")
ENOUGH = N_("There are {count} categories already.")
TAKE_ONE = N_("Use one of them, or take away what nobody needs.")
TOO_MANY = N_("Too many forms stand in this category: {count}.")
MOVE_SOME = N_("Put some of them into another category first.")


class HoldsForms(Refused):
    """The category still holds ``count`` forms, and nobody said that they may move out."""

    def __init__(self, count: int) -> None:
        super().__init__(HOLDS, way_out=SAY_SO, count=count)
        self.count = count


@dataclass(frozen=True, slots=True)
class FormCategoryDraft:
    """What a category shall be. ``colour`` is ``#rrggbb``, or empty for none."""

    name: str = ""
    colour: str = ""
    shared: bool = True
    active: bool = True


@dataclass(frozen=True, slots=True)
class FormCategoryCard:
    """A category as it stands; ``owner`` is the name of who made it, ``forms`` counts the forms
    of every kind that stand in it.
    """

    id: int
    version: int
    name: str
    colour: str
    owner_id: int | None
    owner: str
    shared: bool
    active: bool
    position: int
    forms: int

    @property
    def draft(self) -> FormCategoryDraft:
        """What its fields show."""
        return FormCategoryDraft(self.name, self.colour, self.shared, self.active)


@query("Form Category Get All")
def categories(actor: Actor) -> tuple[FormCategoryCard, ...]:
    """The shared categories in use and one's own, in their order; one query."""
    return _listed(actor, "AND (k.owner_id = ? OR (k.active AND k.shared))", (actor.user_id or 0,))


@query("Form Category Get Master List")
def master_list(actor: Actor) -> tuple[FormCategoryCard, ...]:
    """All categories of the organisation, those out of use and those of others too, in their
    order; one query.
    """
    return _listed(actor, "", ())


@query("Form Category Show")
def category(actor: Actor, category_id: int) -> FormCategoryCard:
    """One category, where it stands in one's list. Raises ``NotFound``."""
    found = _listed(actor, "AND k.id = ?", (category_id,))
    if not found or not sees(actor, found[0]):
        raise NotFound
    return found[0]


@command("Form Category Create", action="category.create")
def create(
    work: Work, draft: FormCategoryDraft, *, request_id: str | None = None
) -> FormCategoryCard:
    """Make a category, at the end of the list; it is one's own. Raises ``Invalid`` (fields
    "name", "colour"), ``Refused`` where there are too many.
    """
    tidy = _tidy(draft)
    (found,) = work.lock(_all(work))
    rows = r.rows(FormCategory, found)
    _refuse_name(work, tidy.name, rows, None)
    if len(rows) >= MOST:
        raise Refused(ENOUGH, way_out=TAKE_ONE, count=len(rows))
    row = work.create(
        FormCategory,
        uuid=str(uuid.uuid4()),
        name=tidy.name,
        colour=tidy.colour,
        owner_id=work.actor.user_id,
        shared=tidy.shared,
        active=tidy.active,
        position=1 + max((one.position for one in rows), default=-1),
        version=1,
    )
    return _card(work, row, 0)


@command("Form Category Update", action="category.change")
def change(
    work: Work,
    category_id: int,
    draft: FormCategoryDraft,
    *,
    version: int,
    move_forms: bool = False,
    request_id: str | None = None,
) -> FormCategoryCard:
    """Make a category what *draft* says. One that somebody else made needs the permission to
    change any.

    One that goes out of use gives up its forms: with *move_forms* they stand under "No
    category" afterwards. Raises ``Invalid`` as :func:`create`, ``HoldsForms`` without it,
    ``NotAllowed``, ``Stale``, ``NotFound``.
    """
    tidy = _tidy(draft)
    found, forms = work.lock(_all(work), _forms(work, category_id))
    rows = r.rows(FormCategory, found)
    row = _own(work, rows, category_id)
    if row.version != version:
        raise Stale(_card(work, row, len(forms)))
    _refuse_name(work, tidy.name, rows, row.id)
    goes = row.active and not tidy.active
    if goes:
        _empty(work, forms, move_forms=move_forms)
    work.change(row, name=tidy.name, colour=tidy.colour, shared=tidy.shared, active=tidy.active)
    return _card(work, row, 0 if goes else len(forms))


@command("Form Category Update", action="category.remove")
def remove(
    work: Work,
    category_id: int,
    *,
    version: int,
    move_forms: bool = False,
    request_id: str | None = None,
) -> None:
    """Take a category away; with *move_forms* its forms stand under "No category" afterwards.

    Raises ``HoldsForms`` without it, ``NotAllowed`` for somebody else's without the permission
    to change any, ``Stale``, ``NotFound``.
    """
    found, forms = work.lock(_all(work), _forms(work, category_id))
    row = _own(work, r.rows(FormCategory, found), category_id)
    if row.version != version:
        raise Stale(_card(work, row, len(forms)))
    _empty(work, forms, move_forms=move_forms)
    work.delete(row)


@command("Form Category Update All", action="category.arrange")
def arrange(work: Work, order: Sequence[int], *, request_id: str | None = None) -> None:
    """Put the categories of *order* into that order, at the front of all; the order is the same
    for everybody. Raises ``NotFound`` for one that is not there.
    """
    (found,) = work.lock(_all(work))
    rows = {row.id: row for row in r.rows(FormCategory, found)}
    if not rows.keys() >= set(order):
        raise NotFound
    others = [number for number in rows if number not in order]
    for position, number in enumerate([*dict.fromkeys(order), *others]):
        work.change(rows[number], position=position)


def sees(actor: Actor, card: FormCategoryCard | FormCategory) -> bool:
    """Whether a category stands in the actor's list: shared and in use, own, or by the master
    list.
    """
    return (
        (card.active and card.shared)
        or (card.owner_id is not None and card.owner_id == actor.user_id)
        or actor.may(MASTER)
    )


def wanted(work: Work, category_id: int | None) -> Statement:
    """For the lock: the category into which a form shall go."""
    return Statement(
        f"{r.selecting(FormCategory)} WHERE id = ? AND organisation_id = ?",
        (category_id or 0, work.organisation_id),
    )


def refuse_unseen(work: Work, found: Rows, category_id: int | None) -> None:
    """Raise ``NotFound`` for a category that is not there, is out of use, or is not seen."""
    if category_id is not None:
        row = work.found(FormCategory, found)
        if not row.active or not sees(work.actor, row):
            raise NotFound


_SELECT = (
    "SELECT k.id, k.version, k.name, k.colour, k.owner_id, COALESCE(u.display_name, ''),"
    " k.shared, k.active, k.position,"
    " (SELECT count(*) FROM form f WHERE f.category_id = k.id) FROM form_category k"
    " LEFT JOIN user_account u ON u.id = k.owner_id"
)


def _listed(actor: Actor, more: str, parameters: tuple[Any, ...]) -> tuple[FormCategoryCard, ...]:
    found = actor.store.rows(
        f"{_SELECT} WHERE k.organisation_id = ? {more} ORDER BY k.position, k.id",
        (actor.organisation_id, *parameters),
    )
    return tuple(map(_read, found))


def _read(values: tuple[Any, ...]) -> FormCategoryCard:
    number, version, name, colour, owner_id, owner, shared, active, position, forms = values
    seen = (bool(shared), bool(active))
    return FormCategoryCard(number, version, name, colour, owner_id, owner, *seen, position, forms)


def _card(work: Work, row: FormCategory, forms: int) -> FormCategoryCard:
    owner = work.catalogue.users.get(row.owner_id or 0)
    return FormCategoryCard(
        row.id,
        row.version,
        row.name,
        row.colour,
        row.owner_id,
        owner.display_name if owner else "",
        bool(row.shared),
        bool(row.active),
        row.position,
        forms,
    )


def _tidy(draft: FormCategoryDraft) -> FormCategoryDraft:
    name = fold.clean("name", draft.name, longest=LONGEST_NAME)
    if not name:
        raise Invalid("name", NO_NAME, way_out=TYPE_NAME)
    colour = draft.colour.strip()
    if colour:
        colour = colours.text_of(colours.parse(colour))
    return FormCategoryDraft(name, colour, draft.shared, draft.active)


def _all(work: Work) -> Statement:
    return Statement(
        f"{r.selecting(FormCategory)} WHERE organisation_id = ? ORDER BY position, id",
        (work.organisation_id,),
    )


def _forms(work: Work, category_id: int) -> Statement:
    return Statement(
        f"{r.selecting(Form)} WHERE category_id = ? AND organisation_id = ? ORDER BY id",
        (category_id, work.organisation_id),
    )


def _own(work: Work, rows: Sequence[FormCategory], category_id: int) -> FormCategory:
    row = next((one for one in rows if one.id == category_id), None)
    if row is None or not sees(work.actor, row):
        raise NotFound
    if row.owner_id is None or row.owner_id != work.actor.user_id:
        work.require(ANYBODYS)
    return row


def _refuse_name(work: Work, name: str, rows: Sequence[FormCategory], number: int | None) -> None:
    """What somebody keeps to themselves does not stand in the way of others."""
    for one in rows:
        mine = one.shared or one.owner_id == work.actor.user_id
        if one.id != number and mine and fold.key(one.name) == fold.key(name):
            raise Invalid("name", NAMED_SO, way_out=OTHER_NAME)


def _empty(work: Work, forms: Rows, *, move_forms: bool) -> None:
    if forms and not move_forms:
        raise HoldsForms(len(forms))
    if len(forms) > MOST_MOVED:
        raise Refused(TOO_MANY, way_out=MOVE_SOME, count=len(forms))
    for form in r.rows(Form, forms):
        work.change(form, category_id=None)


create.again = category  # type: ignore[attr-defined]
change.again = category  # type: ignore[attr-defined]
