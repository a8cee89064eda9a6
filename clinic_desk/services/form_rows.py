"""Forms of every kind under the door: what they ask, and for which visits.

A form is asked for the appointment types that it names, or for all where it names none; it
stands in a category, or under "No category".
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from clinic_desk.models.forms import Form, FormType
from clinic_desk.rules import fold, form_fields
from clinic_desk.rules.errors import Invalid, NotFound, Stale
from clinic_desk.rules.form_fields import Question
from clinic_desk.rules.words import N_
from clinic_desk.services import form_categories
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work

LONGEST_NAME = 120

NO_NAME = N_("The name is missing.")
TYPE_NAME = N_("Give the form a name.")
NAMED_SO = N_("Another form has this name.")
OTHER_NAME = N_("Choose another name, or change that form.")


@dataclass(frozen=True, slots=True)
class FormDraft:
    """What a form shall be. ``type_ids`` empty: for every appointment type; without
    ``category_id`` it stands under "No category".
    """

    name: str = ""
    questions: tuple[Question, ...] = ()
    type_ids: frozenset[int] = frozenset()
    active: bool = True
    category_id: int | None = None


@dataclass(frozen=True, slots=True)
class FormCard:
    """A form as it stands."""

    id: int
    version: int
    name: str
    questions: tuple[Question, ...]
    type_ids: frozenset[int]
    active: bool
    category_id: int | None = None

    @property
    def draft(self) -> FormDraft:
        """What its fields show."""
        return FormDraft(self.name, self.questions, self.type_ids, self.active, self.category_id)


def listed(actor: Actor, kind: str) -> tuple[FormCard, ...]:
    """All forms of *kind* by name, those out of use last; two queries."""
    found = actor.store.rows(
        f"{r.selecting(Form)} WHERE organisation_id = ? AND kind = ?",
        (actor.organisation_id, kind),
    )
    types: dict[int, set[int]] = {}
    for form_id, type_id in actor.store.rows(
        "SELECT t.form_id, t.type_id FROM form_type t JOIN form f ON f.id = t.form_id"
        " WHERE t.organisation_id = ? AND f.kind = ?",
        (actor.organisation_id, kind),
    ):
        types.setdefault(form_id, set()).add(type_id)
    cards = (_card(row, types.get(row.id, ())) for row in r.rows(Form, found))
    return tuple(sorted(cards, key=lambda card: (not card.active, fold.key(card.name), card.id)))


def one(actor: Actor, kind: str, form_id: int) -> FormCard:
    """One form. Raises ``NotFound``."""
    found, types = (
        actor.store.rows(s.sql, s.parameters) for s in _reads(actor.organisation_id, kind, form_id)
    )
    return _card(_one(found), [type_id for _id, type_id in types])


def create(work: Work, kind: str, draft: FormDraft) -> FormCard:
    """Make a form. Raises ``Invalid`` (fields "name", "questions"), ``NotFound``."""
    tidy = _tidy(work, draft)
    names, category = work.lock(_names(work, kind), form_categories.wanted(work, tidy.category_id))
    _refuse_name(tidy.name, names, None)
    form_categories.refuse_unseen(work, category, tidy.category_id)
    row = work.create(
        Form,
        uuid=str(uuid.uuid4()),
        kind=kind,
        name=tidy.name,
        fields=form_fields.to_json(tidy.questions),
        active=tidy.active,
        category_id=tidy.category_id,
        version=1,
    )
    for type_id in sorted(tidy.type_ids):
        work.create(FormType, form_id=row.id, type_id=type_id)
    return _card(row, tidy.type_ids)


def change(
    work: Work,
    kind: str,
    form_id: int,
    draft: FormDraft,
    version: int,
    *,
    anybodys: str = "",
) -> FormCard:
    """Make a form what *draft* says; answers that were given stay as they were asked.

    Where *anybodys* names a permission, a form that somebody else made needs it. Raises
    ``Invalid`` as :func:`create`, ``NotAllowed``, ``Stale``, ``NotFound``.
    """
    tidy = _tidy(work, draft)
    found, types, makers, names, category = work.lock(
        *_reads(work.organisation_id, kind, form_id),
        _maker(work, form_id),
        _names(work, kind),
        form_categories.wanted(work, tidy.category_id),
    )
    row = _to_change(work, found, types, makers, version, anybodys)
    _refuse_name(tidy.name, names, row.id)
    if tidy.category_id != row.category_id:
        form_categories.refuse_unseen(work, category, tidy.category_id)
    before = {type_id: number for number, type_id in types}
    fields = form_fields.to_json(tidy.questions)
    if before.keys() == tidy.type_ids:
        fields = row.fields if fields == row.fields.strip() else fields
    elif fields == row.fields:
        fields += " "  # other types are another version: else a stale save would not be noticed
    work.change(
        row,
        name=tidy.name,
        fields=fields,
        active=tidy.active,
        category_id=tidy.category_id,
    )
    for type_id in sorted(before.keys() - tidy.type_ids):
        gone = FormType(id=before[type_id], form_id=form_id, type_id=type_id)
        gone.organisation_id = work.organisation_id
        work.delete(gone)
    for type_id in sorted(tidy.type_ids - before.keys()):
        work.create(FormType, form_id=form_id, type_id=type_id)
    return _card(row, tidy.type_ids)


def put(
    work: Work,
    kind: str,
    form_id: int,
    category_id: int | None,
    version: int,
    *,
    anybodys: str = "",
) -> FormCard:
    """Put a form into a category, or under "No category". Raises as :func:`change`."""
    found, types, makers, category = work.lock(
        *_reads(work.organisation_id, kind, form_id),
        _maker(work, form_id),
        form_categories.wanted(work, category_id),
    )
    row = _to_change(work, found, types, makers, version, anybodys)
    if category_id != row.category_id:
        form_categories.refuse_unseen(work, category, category_id)
    work.change(row, category_id=category_id)
    return _card(row, [type_id for _id, type_id in types])


def _to_change(
    work: Work, found: Rows, types: Rows, makers: Rows, version: int, anybodys: str
) -> Form:
    """The form, where the actor may change it and has seen it as it stands."""
    row = _one(found)
    maker = makers[0][0] if makers else None
    if anybodys and (maker is None or maker != work.actor.user_id):
        work.require(anybodys)
    if row.version != version:
        raise Stale(_card(row, [type_id for _id, type_id in types]))
    return row


def _tidy(work: Work, draft: FormDraft) -> FormDraft:
    name = fold.clean("name", draft.name, longest=LONGEST_NAME)
    if not name:
        raise Invalid("name", NO_NAME, way_out=TYPE_NAME)
    if not draft.type_ids <= work.catalogue.types.keys():
        raise NotFound
    questions = form_fields.checked_questions(draft.questions)
    return FormDraft(name, questions, draft.type_ids, draft.active, draft.category_id)


def _names(work: Work, kind: str) -> Statement:
    return Statement(
        "SELECT id, name FROM form WHERE organisation_id = ? AND kind = ?",
        (work.organisation_id, kind),
    )


def _refuse_name(name: str, names: Rows, number: int | None) -> None:
    if any(fold.key(other) == fold.key(name) for other_id, other in names if other_id != number):
        raise Invalid("name", NAMED_SO, way_out=OTHER_NAME)


def _maker(work: Work, form_id: int) -> Statement:
    return Statement(
        "SELECT d.actor_id FROM deed d JOIN deed_entity e ON e.organisation_id = d.organisation_id"
        " AND e.seq = d.seq WHERE e.organisation_id = ? AND e.kind = 'form' AND e.entity_id = ?"
        " ORDER BY d.seq LIMIT 1",
        (work.organisation_id, form_id),
    )


def _reads(organisation_id: int, kind: str, form_id: int) -> tuple[Statement, Statement]:
    return (
        Statement(
            f"{r.selecting(Form)} WHERE id = ? AND organisation_id = ? AND kind = ?",
            (form_id, organisation_id, kind),
        ),
        Statement(
            "SELECT id, type_id FROM form_type WHERE form_id = ? AND organisation_id = ?",
            (form_id, organisation_id),
        ),
    )


def _one(found: Rows) -> Form:
    if not found:
        raise NotFound
    return r.row(Form, found[0])


def _card(row: Form, type_ids: Iterable[int]) -> FormCard:
    types: Collection[int] = frozenset(type_ids)
    return FormCard(
        row.id,
        row.version,
        row.name,
        form_fields.from_json(row.fields),
        frozenset(types),
        bool(row.active),
        row.category_id,
    )
