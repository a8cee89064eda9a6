"""What is asked for a visit, and what was answered.

What was answered keeps the questions as they were asked, so a later change of the form never
changes what somebody said. Forms stand by category, as each user sees the categories.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic_desk.models.diary import Appointment
from clinic_desk.models.forms import FormAnswer
from clinic_desk.rules import fold, form_fields
from clinic_desk.rules.errors import NotFound, Refused, Stale
from clinic_desk.rules.form_fields import Question
from clinic_desk.rules.words import N_
from clinic_desk.services import patient_access
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.diary_view import instant
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work

LISTS = "Form Category Get All"
NOBODY = (0, 0)

NOT_ASKED = N_("This form is not asked for this visit.")
READ_AGAIN = N_("Open the visit again.")


@dataclass(frozen=True, slots=True)
class VisitForm:
    """A form on a visit, with the questions as they were asked where it was answered.

    ``version`` is that of the answers, 0 where there are none yet; ``category`` is the name of
    the category in which the reader finds the form, empty for none.
    """

    form_id: int
    name: str
    questions: tuple[Question, ...]
    answers: Mapping[str, str]
    version: int
    answered_by: str
    answered_at: datetime | None
    category: str = ""

    @property
    def missing(self) -> int:
        """How many questions that have to be answered are not."""
        return form_fields.missing(self.questions, self.answers)


def of_visit(actor: Actor, kind: str, appointment_id: int) -> tuple[VisitForm, ...]:
    """The forms that are asked for a visit and those answered for it, category by category in
    the order of these and by name, those of none last; two queries. Whoever may not list the
    categories has them by name alone.

    Raises ``NotFound``.
    """
    found = actor.store.rows(*patient_access.row(actor, Appointment, appointment_id))
    if not found:
        raise NotFound
    type_id = r.row(Appointment, found[0]).type_id
    rows = actor.store.rows(
        f"{_ON_VISIT} WHERE f.organisation_id = ? AND f.kind = ? AND (a.id IS NOT NULL"
        f" OR ({_ASKED})) ORDER BY CASE WHEN k.id IS NULL THEN 1 ELSE 0 END, k.position, k.id,"
        " f.id",
        (appointment_id, *_seen_by(actor), actor.organisation_id, kind, type_id),
    )
    cards = [_on_visit(values) for values in rows]
    order = {name: place for place, name in enumerate(dict.fromkeys(c.category for c in cards))}
    return tuple(sorted(cards, key=lambda c: (order[c.category], fold.key(c.name), c.form_id)))


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
            (
                appointment_id,
                *_seen_by(work.actor),
                work.organisation_id,
                kind,
                form_id,
                seen.type_id,
            ),
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
        form_id,
        before.name,
        before.questions,
        clean,
        row.version,
        work.actor.name,
        work.now,
        before.category,
    )


def unanswered(organisation_id: int, kind: str, appointment_id: int) -> Statement:
    """For a look: name, questions and answers of each form that is asked for a visit;
    :func:`waiting` reads the answer.
    """
    return Statement(
        f"{_ON_VISIT} JOIN appointment v ON v.id = ? AND v.organisation_id = f.organisation_id"
        f" WHERE f.organisation_id = ? AND f.kind = ? AND ({_ASKED.replace('?', 'v.type_id')})",
        (appointment_id, *NOBODY, appointment_id, organisation_id, kind),
    )


def waiting(found: Rows) -> str:
    """The name of the first form that still has to be answered; empty where none has."""
    cards = (_on_visit(values) for values in found)
    return next((card.name for card in cards if card.missing), "")


def _seen_by(actor: Actor) -> tuple[int, int]:
    """Whose categories the forms of a visit stand in; none without the permission."""
    return (1, actor.user_id or 0) if actor.may(LISTS) else NOBODY


_ON_VISIT = (
    "SELECT f.id, f.name, f.fields, a.answers, COALESCE(a.version, 0),"
    " COALESCE(u.display_name, ''), a.answered_at, COALESCE(k.name, '') FROM form f"
    " LEFT JOIN form_answer a ON a.form_id = f.id AND a.appointment_id = ?"
    " AND a.organisation_id = f.organisation_id"
    " LEFT JOIN user_account u ON u.id = a.answered_by"
    " LEFT JOIN form_category k ON k.id = f.category_id AND k.active"
    " AND k.organisation_id = f.organisation_id AND ? = 1 AND (k.owner_id = ? OR k.shared)"
)
_ASKED = (
    "f.active AND (NOT EXISTS (SELECT 1 FROM form_type t WHERE t.form_id = f.id)"
    " OR EXISTS (SELECT 1 FROM form_type t WHERE t.form_id = f.id AND t.type_id = ?))"
)


def _on_visit(values: Any) -> VisitForm:
    number, name, fields, given, version, author, at, category = values
    told = json.loads(given) if given else {"questions": fields, "answers": {}}
    return VisitForm(
        number,
        name,
        form_fields.from_json(told["questions"]),
        told["answers"],
        version,
        author,
        None if at is None else instant(at),
        category,
    )
