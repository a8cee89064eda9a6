"""Which patients somebody may see and change: decided here and nowhere else.

A user who is bound to locations sees the patients who come there, those of their care team, and
those who have never come anywhere yet (or nobody could book their first visit). In somebody's
own care is a patient of their care team, or one whom they treat.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import peewee

from clinic_desk.rules import permissions
from clinic_desk.rules.errors import NotAllowed, NotFound
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.transaction import Statement

if TYPE_CHECKING:
    from clinic_desk.services.work import Work

ANYBODYS = "Customer Update All"
OWN_CARE = "Customer Update"


def of_visit(name: str) -> str:
    """SQL for the patient of the visit that the row *name* belongs to."""
    return f"(SELECT o.patient_id FROM appointment o WHERE o.id = {name}.appointment_id)"  # noqa: S608


_OF_PATIENTS = (
    "appointment",
    "care_team",
    "document",
    "outbox",
    "patient_case",
    "patient_note",
)
_OF_VISITS = ("appointment_message", "form_answer", "payment", "referral")
WHOSE = (
    {"patient": "patient.id"}
    | {table: f"{table}.patient_id" for table in _OF_PATIENTS}
    | {table: of_visit(table) for table in _OF_VISITS}
)
"""By table: the patient whom a row is about, as SQL."""


def seen(actor: Actor, patient: str = "p.id") -> tuple[str, list[Any]]:
    """SQL that is true for the patients whom *actor* may see, and its values; *patient* is the
    expression of the patient's number.
    """
    if actor.user_id is None:  # a program: its role says all
        return "1 = 1", []
    who = [actor.organisation_id, actor.user_id]
    # Names that no statement around it has: *patient* may be a column of one that is called t.
    bound = f"""(NOT EXISTS (SELECT 1 FROM user_location seen_l
        WHERE seen_l.organisation_id = ? AND seen_l.user_id = ?)
    OR EXISTS (SELECT 1 FROM care_team seen_t
        WHERE seen_t.organisation_id = ? AND seen_t.user_id = ? AND seen_t.patient_id = {patient})
    OR NOT EXISTS (SELECT 1 FROM appointment seen_v
        WHERE seen_v.patient_id = {patient} AND seen_v.location_id IS NOT NULL)
    OR EXISTS (SELECT 1 FROM appointment seen_v JOIN user_location seen_l
        ON seen_l.organisation_id = ? AND seen_l.user_id = ?
        AND seen_l.location_id = seen_v.location_id
        WHERE seen_v.patient_id = {patient}))"""  # noqa: S608 - our own words
    return bound, who * 3


def row(actor: Actor, model: type[peewee.Model], number: int) -> Statement:
    """The row with this id, if it is the organisation's and *actor* may see whose it is."""
    asked = r.by_id(model, actor.organisation_id, number)
    whose = WHOSE.get(r.table(model))
    if whose is None or actor.user_id is None:
        return asked
    visible, values = seen(actor, whose)
    return Statement(f"{asked.sql} AND {visible}", (*asked.parameters, *values))


def rights(actor: Actor, patient_id: int) -> Statement:
    """One row of two truths about a patient of the organisation: whether *actor* may see them,
    and whether they are in the actor's own care. No row where there is no such patient.
    """
    visible, values = seen(actor)
    who = (actor.organisation_id, actor.user_id or 0)
    return Statement(
        f"SELECT CASE WHEN {visible} THEN 1 ELSE 0 END, CASE WHEN"  # noqa: S608 - our own words
        " EXISTS (SELECT 1 FROM care_team t WHERE t.organisation_id = ? AND t.user_id = ?"
        " AND t.patient_id = p.id) OR EXISTS (SELECT 1 FROM user_account u WHERE"
        " u.organisation_id = ? AND u.id = ? AND u.provider_id IS NOT NULL"
        " AND (u.provider_id = p.preferred_provider_id OR EXISTS (SELECT 1 FROM appointment v"
        " WHERE v.patient_id = p.id AND v.provider_id = u.provider_id))) THEN 1 ELSE 0 END"
        " FROM patient p WHERE p.organisation_id = ? AND p.id = ?",
        (*values, *who, *who, actor.organisation_id, patient_id),
    )


BOUND = (
    "CASE WHEN EXISTS (SELECT 1 FROM user_location u WHERE u.organisation_id = ?"
    " AND u.user_id = ?) THEN 1 ELSE 0 END"
)
"""SQL: whether a user (organisation, user) is bound to locations at all; who is not, sees all."""


def visible(actor: Actor, table: str, numbers: Collection[int]) -> set[int]:
    """Those rows of a table of :data:`WHOSE` that stand and that *actor* may see; a query."""
    if not numbers:
        return set()
    condition, values = seen(actor, WHOSE[table])
    found = actor.store.rows(
        f"SELECT id FROM {table} WHERE organisation_id = ?"  # noqa: S608 - our own words
        f" AND id IN ({', '.join('?' * len(numbers))}) AND {condition}",
        (actor.organisation_id, *sorted(numbers), *values),
    )
    return {number for (number,) in found}


def require_seen(actor: Actor, patient_id: int) -> None:
    """Raise ``NotFound`` unless *actor* may see this patient: who may not, learns nothing."""
    found = actor.store.rows(*rights(actor, patient_id))
    if not found or not found[0][0]:
        raise NotFound


def require_change(work: Work, answer: list[tuple[Any, ...]]) -> None:
    """Raise ``NotFound`` or ``NotAllowed`` unless the actor may change the patient of whom
    *answer* tells (to the question :func:`rights`).
    """
    if not answer or not answer[0][0]:
        raise NotFound
    if not may_change(work.actor, own=bool(answer[0][1])):
        raise NotAllowed(ANYBODYS)


def may_change(actor: Actor, *, own: bool) -> bool:
    """Whether *actor* may change the data of a patient whom they see; *own* says that this one
    is in their own care.
    """
    # Where the wider permission guards nothing yet, the narrower one has to do for all.
    everybody = actor.may(ANYBODYS) or not permissions.BY_NAME[ANYBODYS].in_use
    return everybody if not own else everybody or actor.may(OWN_CARE)
