"""Triage forms: the questions that are asked for a visit, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping

from clinic_desk.rules.form_fields import Question
from clinic_desk.services import form_answers, form_rows
from clinic_desk.services.actor import Actor
from clinic_desk.services.form_answers import VisitForm
from clinic_desk.services.form_rows import FormCard, FormDraft
from clinic_desk.services.work import Work, command, query

__all__ = ["FormCard", "FormDraft", "Question", "VisitForm"]

TRIAGE = "triage"


@query("Triage Form Get")
def forms(actor: Actor) -> tuple[FormCard, ...]:
    """All triage forms by name, those out of use last; two queries."""
    return form_rows.listed(actor, TRIAGE)


@query("Triage Form Show")
def form(actor: Actor, form_id: int) -> FormCard:
    """One triage form. Raises ``NotFound``."""
    return form_rows.one(actor, TRIAGE, form_id)


@command("Triage Form Create", action="form.create")
def create(work: Work, draft: FormDraft, *, request_id: str | None = None) -> FormCard:
    """Make a triage form. Raises ``Invalid`` (fields "name", "questions"), ``NotFound``."""
    return form_rows.create(work, TRIAGE, draft)


@command("Triage Form Create", action="form.change")
def change(
    work: Work, form_id: int, draft: FormDraft, *, version: int, request_id: str | None = None
) -> FormCard:
    """Make a triage form what *draft* says; answers that were given stay as they were asked.

    Raises ``Invalid`` as :func:`create`, ``Stale``, ``NotFound``.
    """
    return form_rows.change(work, TRIAGE, form_id, draft, version)


@command("Triage Form Create", action="form.category")
def put(
    work: Work,
    form_id: int,
    category_id: int | None,
    *,
    version: int,
    request_id: str | None = None,
) -> FormCard:
    """Put a triage form into a category, or under "No category" with None.

    Raises ``NotFound`` where form or category is not there or not seen, ``Stale``.
    """
    return form_rows.put(work, TRIAGE, form_id, category_id, version)


@query("Triage Form Show")
def of_visit(actor: Actor, appointment_id: int) -> tuple[VisitForm, ...]:
    """The forms that are asked for a visit and those answered for it, by name; two queries.

    Raises ``NotFound``.
    """
    return form_answers.of_visit(actor, TRIAGE, appointment_id)


@command("Appointment Update Triage", action="triage.answer")
def answer(
    work: Work,
    appointment_id: int,
    form_id: int,
    answers: Mapping[str, str],
    *,
    version: int,
    request_id: str | None = None,
) -> VisitForm:
    """Answer a form for a visit, or correct what was answered; *version* 0 where nothing was.

    Answers are texts by the question's key: a number with a point, a day as ISO, a choice by
    its words. Raises ``Invalid`` (the field is the key of a question), ``Refused`` for a form
    that is not asked, ``Stale``, ``NotFound``.
    """
    return form_answers.answer(work, TRIAGE, appointment_id, form_id, answers, version)


create.again = form  # type: ignore[attr-defined]
change.again = form  # type: ignore[attr-defined]
put.again = form  # type: ignore[attr-defined]
