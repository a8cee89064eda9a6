"""Forms of every kind under the door: what they ask, for which visits, and what was answered.

A form is asked for the appointment types that it names, or for all where it names none. What
was answered keeps the questions as they were asked, so a later change of the form never
changes what somebody said.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic_desk.models.diary import Appointment
from clinic_desk.models.forms import Form, FormAnswer, FormType
from clinic_desk.rules import fold, form_fields
from clinic_desk.rules.errors import Invalid, NotFound, Refused, Stale
from clinic_desk.rules.form_fields import Question
from clinic_desk.rules.words import N_
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.diary_view import instant
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work

LONGEST_NAME = 120

NO_NAME = N_("The name is missing.")
TYPE_NAME = N_("Give the form a name.")
NAMED_SO = N_("Another form has this name.")
OTHER_NAME = N_("Choose another name, or change that form.")
NOT_ASKED = N_("This form is not asked for this visit.")
READ_AGAIN = N_("Open the visit again.")


@dataclass(frozen=True, slots=True)
class FormDraft:
    """What a form shall be. ``type_ids`` empty: for every appointment type."""

    name: str = ""
    questions: tuple[Question, ...] = ()
    type_ids: frozenset[int] = frozenset()
    active: bool = True


@dataclass(frozen=True, slots=True)
class FormCard:
    """A form as it stands."""

    id: int
    version: int
    name: str
    questions: tuple[Question, ...]
    type_ids: frozenset[int]
    active: bool

    @property
    def draft(self) -> FormDraft:
        """What its fields show."""
        return FormDraft(self.name, self.questions, self.type_ids, self.active)


@dataclass(frozen=True, slots=True)
class VisitForm:
    """A form on a visit, with the questions as they were asked where it was answered.

    ``version`` is that of the answers, 0 where there are none yet.
    """

    form_id: int
    name: str
    questions: tuple[Question, ...]
    answers: Mapping[str, str]
    version: int
    answered_by: str
    answered_at: datetime | None

    @property
    def missing(self) -> int:
        """How many questions that have to be answered are not."""
        return form_fields.missing(self.questions, self.answers)


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
    (names,) = work.lock(_names(work, kind))
    _refuse_name(tidy.name, names, None)
    row = work.create(
        Form,
        uuid=str(uuid.uuid4()),
        kind=kind,
        name=tidy.name,
        fields=form_fields.to_json(tidy.questions),
        active=tidy.active,
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
    found, types, names, makers = work.lock(
        *_reads(work.organisation_id, kind, form_id), _names(work, kind), _maker(work, form_id)
    )
    row = _one(found)
    maker = makers[0][0] if makers else None
    if anybodys and (maker is None or maker != work.actor.user_id):
        work.require(anybodys)
    if row.version != version:
        raise Stale(_card(row, [type_id for _id, type_id in types]))
    _refuse_name(tidy.name, names, row.id)
    before = {type_id: number for number, type_id in types}
    fields = form_fields.to_json(tidy.questions)
    if before.keys() == tidy.type_ids:
        fields = row.fields if fields == row.fields.strip() else fields
    elif fields == row.fields:
        fields += " "  # other types are another version: else a stale save would not be noticed
    work.change(row, name=tidy.name, fields=fields, active=tidy.active)
    for type_id in sorted(before.keys() - tidy.type_ids):
        gone = FormType(id=before[type_id], form_id=form_id, type_id=type_id)
        gone.organisation_id = work.organisation_id
        work.delete(gone)
    for type_id in sorted(tidy.type_ids - before.keys()):
        work.create(FormType, form_id=form_id, type_id=type_id)
    return _card(row, tidy.type_ids)


def of_visit(actor: Actor, kind: str, appointment_id: int) -> tuple[VisitForm, ...]:
    """The forms that are asked for a visit and those answered for it, by name; two queries.

    Raises ``NotFound``.
    """
    known = r.by_id(Appointment, actor.organisation_id, appointment_id)
    found = actor.store.rows(known.sql, known.parameters)
    if not found:
        raise NotFound
    type_id = r.row(Appointment, found[0]).type_id
    rows = actor.store.rows(
        f"{_ON_VISIT} WHERE f.organisation_id = ? AND f.kind = ? AND (a.id IS NOT NULL"
        f" OR ({_ASKED})) ORDER BY f.id",
        (appointment_id, actor.organisation_id, kind, type_id),
    )
    cards = (_on_visit(values) for values in rows)
    return tuple(sorted(cards, key=lambda card: (fold.key(card.name), card.form_id)))


def answer(
    work: Work,
    kind: str,
    appointment_id: int,
    form_id: int,
    answers: Mapping[str, str],
    version: int,
) -> VisitForm:
    """Answer a form for a visit, or correct what was answered; *version* 0 where nothing was.

    Answers are texts by the question's key: a number with a point, a day as ISO, a choice by
    its words. Raises ``Invalid`` (the field is the key of a question), ``Refused`` for a form
    that is not asked, ``Stale``, ``NotFound``.
    """
    seen = work.find(Appointment, appointment_id)
    visits, asked, given = work.lock(
        r.by_id(Appointment, work.organisation_id, appointment_id),
        Statement(
            f"{_ON_VISIT} WHERE f.organisation_id = ? AND f.kind = ? AND f.id = ?"
            f" AND (a.id IS NOT NULL OR ({_ASKED}))",
            (appointment_id, work.organisation_id, kind, form_id, seen.type_id),
        ),
        Statement(
            f"{r.selecting(FormAnswer)} WHERE organisation_id = ? AND appointment_id = ?"
            " AND form_id = ?",
            (work.organisation_id, appointment_id, form_id),
        ),
    )
    if not visits:
        raise NotFound
    if not asked:
        raise Refused(NOT_ASKED, way_out=READ_AGAIN)
    before = _on_visit(asked[0])
    if before.version != version:
        raise Stale(before)
    clean = form_fields.checked_answers(before.questions, answers)
    told = {"questions": form_fields.to_json(before.questions), "answers": clean}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True)
    if given:
        row = work.found(FormAnswer, given)
        if text != row.answers:
            work.change(row, answers=text, answered_by=work.actor.user_id, answered_at=work.now)
    else:
        row = work.create(
            FormAnswer,
            uuid=str(uuid.uuid4()),
            form_id=form_id,
            appointment_id=appointment_id,
            answers=text,
            answered_by=work.actor.user_id,
            answered_at=work.now,
            version=1,
        )
    return VisitForm(
        form_id, before.name, before.questions, clean, row.version, work.actor.name, work.now
    )


def unanswered(organisation_id: int, kind: str, appointment_id: int) -> Statement:
    """For a look: name, questions and answers of each form that is asked for a visit;
    :func:`waiting` reads the answer.
    """
    return Statement(
        f"{_ON_VISIT} JOIN appointment v ON v.id = ? AND v.organisation_id = f.organisation_id"
        f" WHERE f.organisation_id = ? AND f.kind = ? AND ({_ASKED.replace('?', 'v.type_id')})",
        (appointment_id, appointment_id, organisation_id, kind),
    )


def waiting(found: Rows) -> str:
    """The name of the first form that still has to be answered; empty where none has."""
    cards = (_on_visit(values) for values in found)
    return next((card.name for card in cards if card.missing), "")


_ON_VISIT = (
    "SELECT f.id, f.name, f.fields, a.answers, COALESCE(a.version, 0),"
    " COALESCE(u.display_name, ''), a.answered_at FROM form f"
    " LEFT JOIN form_answer a ON a.form_id = f.id AND a.appointment_id = ?"
    " AND a.organisation_id = f.organisation_id"
    " LEFT JOIN user_account u ON u.id = a.answered_by"
)
_ASKED = (
    "f.active AND (NOT EXISTS (SELECT 1 FROM form_type t WHERE t.form_id = f.id)"
    " OR EXISTS (SELECT 1 FROM form_type t WHERE t.form_id = f.id AND t.type_id = ?))"
)


def _tidy(work: Work, draft: FormDraft) -> FormDraft:
    name = fold.clean("name", draft.name, longest=LONGEST_NAME)
    if not name:
        raise Invalid("name", NO_NAME, way_out=TYPE_NAME)
    if not draft.type_ids <= work.catalogue.types.keys():
        raise NotFound
    questions = form_fields.checked_questions(draft.questions)
    return FormDraft(name, questions, draft.type_ids, draft.active)


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
    )


def _on_visit(values: Any) -> VisitForm:
    number, name, fields, given, version, author, at = values
    told = json.loads(given) if given else {"questions": fields, "answers": {}}
    return VisitForm(
        number,
        name,
        form_fields.from_json(told["questions"]),
        told["answers"],
        version,
        author,
        None if at is None else instant(at),
    )
