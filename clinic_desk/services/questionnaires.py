"""Approval questionnaires: what has to be answered before an appointment request is approved.

Whoever decides about requests answers them; approving is refused until every question that
has to be answered is.
"""

from __future__ import annotations

from collections.abc import Mapping

from clinic_desk.rules.errors import Refused
from clinic_desk.rules.words import N_
from clinic_desk.services import form_answers, form_rows
from clinic_desk.services.actor import Actor
from clinic_desk.services.form_answers import VisitForm
from clinic_desk.services.form_rows import FormCard, FormDraft
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work, command, query

APPROVAL = "approval"
ANYBODYS = "Approval Questionnaire Update All"

OPEN = N_("The approval questionnaire “{name}” is not answered yet.")
ANSWER = N_("Open the request and answer it in the part “Approval”.")


@query("Approval Questionnaire Get All")
def questionnaires(actor: Actor) -> tuple[FormCard, ...]:
    """All approval questionnaires by name, those out of use last; two queries."""
    return form_rows.listed(actor, APPROVAL)


@query("Approval Questionnaire Show")
def questionnaire(actor: Actor, form_id: int) -> FormCard:
    """One approval questionnaire. Raises ``NotFound``."""
    return form_rows.one(actor, APPROVAL, form_id)


@command("Approval Questionnaire Create", action="questionnaire.create")
def create(work: Work, draft: FormDraft, *, request_id: str | None = None) -> FormCard:
    """Make one. Raises ``Invalid`` (fields "name", "questions"), ``NotFound``."""
    return form_rows.create(work, APPROVAL, draft)


@command("Approval Questionnaire Update", action="questionnaire.change")
def change(
    work: Work, form_id: int, draft: FormDraft, *, version: int, request_id: str | None = None
) -> FormCard:
    """Make it what *draft* says. One that somebody else made needs the permission to change
    any.

    Raises ``Invalid`` as :func:`create`, ``NotAllowed``, ``Stale``, ``NotFound``.
    """
    return form_rows.change(work, APPROVAL, form_id, draft, version, anybodys=ANYBODYS)


@command("Approval Questionnaire Update", action="questionnaire.category")
def put(
    work: Work,
    form_id: int,
    category_id: int | None,
    *,
    version: int,
    request_id: str | None = None,
) -> FormCard:
    """Put one into a category, or under "No category" with None; one that somebody else made
    needs the permission to change any. Raises ``NotAllowed``, ``Stale``, ``NotFound``.
    """
    return form_rows.put(work, APPROVAL, form_id, category_id, version, anybodys=ANYBODYS)


@query("Appointment Request Approve")
def of_request(actor: Actor, appointment_id: int) -> tuple[VisitForm, ...]:
    """What is asked for a request and was answered, by name; two queries. Raises ``NotFound``."""
    return form_answers.of_visit(actor, APPROVAL, appointment_id)


@command("Appointment Request Approve", action="questionnaire.answer")
def answer(
    work: Work,
    appointment_id: int,
    form_id: int,
    answers: Mapping[str, str],
    *,
    version: int,
    request_id: str | None = None,
) -> VisitForm:
    """Answer one for a request, or correct it; raises as ``forms.answer``."""
    return form_answers.answer(work, APPROVAL, appointment_id, form_id, answers, version)


def asked(work: Work, appointment_id: int) -> Statement:
    """For a look before the lock: what :func:`refuse_open` has to know."""
    return form_answers.unanswered(work.organisation_id, APPROVAL, appointment_id)


def refuse_open(found: Rows) -> None:
    """Raise ``Refused`` where a questionnaire of the request still has to be answered."""
    name = form_answers.waiting(found)
    if name:
        raise Refused(OPEN, way_out=ANSWER, name=name)


create.again = questionnaire  # type: ignore[attr-defined]
change.again = questionnaire  # type: ignore[attr-defined]
put.again = questionnaire  # type: ignore[attr-defined]
