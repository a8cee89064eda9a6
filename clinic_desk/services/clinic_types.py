"""Appointment types: what can be booked, how long it takes and who may give it.

A type that was booked is never deleted: it is made inactive, which takes it out of what is
offered. Visits keep the length and the buffers that they were booked with.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from clinic_desk.models.catalogue import AppointmentType, TypeQualification
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, NotFound, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import booking, impact
from clinic_desk.services import clinic_fields as fields
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import TypeCard
from clinic_desk.services.catalogue import Catalogue, catalogue, type_card
from clinic_desk.services.clinic_cards import TypeDraft
from clinic_desk.services.impact import Change, Scope
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query

LONGEST_BUFFER = 240
"""Minutes of a buffer."""


@query("Service Get All")
def types(actor: Actor) -> tuple[TypeCard, ...]:
    """All appointment types, those not offered too, in their order."""
    return tuple(catalogue(actor).types.values())


@query("Service Show")
def type_(actor: Actor, type_id: int) -> TypeCard:
    """One appointment type. Raises ``NotFound``."""
    found = catalogue(actor).types.get(type_id)
    if found is None:
        raise NotFound
    return found


@command("Service Update All", action="type.add")
def add(work: Work, draft: TypeDraft, *, request_id: str | None = None) -> TypeCard:
    """Add an appointment type, after the others. Raises ``Invalid`` naming the field."""
    tidy = _tidy(draft)
    work.lock()
    _judge(work, tidy, None)
    row = work.create(
        AppointmentType,
        uuid=str(uuid.uuid4()),
        position=1 + max((c.position for c in work.catalogue.types.values()), default=0),
        version=1,
        **_values(tidy),
    )
    for skill in sorted(tidy.qualification_ids):
        work.create(TypeQualification, type_id=row.id, qualification_id=skill)
    return type_card(row, tidy.qualification_ids)


@command("Service Update All", action="type.change")
def change(
    work: Work,
    before: TypeCard,
    draft: TypeDraft,
    *,
    accept: frozenset[int] = frozenset(),
    request_id: str | None = None,
) -> TypeCard:
    """Make a type what *draft* says; *before* is what was shown.

    Raises ``WouldBreak`` for visits that are not in *accept*: their provider may not give the
    type any more, or it is not offered. ``Invalid`` naming the field, ``Stale``.
    """
    tidy = _tidy(draft)
    found, asks = impact.lock(
        work,
        Scope("type_id", before.id),
        as_type(before.id, tidy),
        accept,
        work.locked_row(AppointmentType, before.id),
        Statement(
            f"{r.selecting(TypeQualification)} WHERE organisation_id = ? AND type_id = ?",
            (work.organisation_id, before.id),
        ),
    )
    row = work.found(AppointmentType, found)
    standing = r.rows(TypeQualification, asks)
    wanted = frozenset(a.qualification_id for a in standing)
    if (row.version, wanted) != (before.version, before.qualification_ids):
        raise Stale(type_card(row, wanted))
    _judge(work, tidy, row.id)
    work.change(row, **_values(tidy))
    fields.rewrite(
        work,
        standing,
        tidy.qualification_ids,
        lambda a: a.qualification_id,
        lambda n: work.create(TypeQualification, type_id=before.id, qualification_id=n),
    )
    return type_card(row, tidy.qualification_ids)


def as_type(type_id: int, draft: TypeDraft) -> Change:
    """The catalogue with this type as *draft* says."""

    def change(known: Catalogue) -> Catalogue:
        if type_id not in known.types:
            raise NotFound
        card = replace(
            known.types[type_id], qualification_ids=draft.qualification_ids, active=draft.active
        )
        return replace(known, types={**known.types, type_id: card})

    return change


def _tidy(draft: TypeDraft) -> TypeDraft:
    if not 1 <= draft.minutes <= booking.LONGEST:
        raise Invalid("minutes", N_("A visit takes 1 minute to 24 hours."))
    for name in ("before_minutes", "after_minutes"):
        if not 0 <= getattr(draft, name) <= LONGEST_BUFFER:
            raise Invalid(name, N_("A buffer has 0 to {most} minutes."), most=LONGEST_BUFFER)
    return replace(
        draft,
        name=fields.required("name", draft.name),
        code=fold.clean("code", draft.code, longest=fields.LONGEST_CODE),
        colour=fields.colour(draft.colour),
        qualification_ids=frozenset(draft.qualification_ids),
    )


def _judge(work: Work, draft: TypeDraft, number: int | None) -> None:
    known = work.catalogue
    others = [c for c in known.types.values() if c.id != number]
    fields.free_name("name", draft.name, (c.name for c in others))
    if draft.code:
        fields.free_name("code", draft.code, (c.code for c in others if c.code))
    fields.known("service_code_id", draft.service_code_id, known.service_codes)
    for skill in draft.qualification_ids:
        fields.known("qualification_ids", skill, known.qualifications)


def _values(draft: TypeDraft) -> dict[str, object]:
    return {
        "code": draft.code,
        "name": draft.name,
        "minutes": draft.minutes,
        "before_minutes": draft.before_minutes,
        "after_minutes": draft.after_minutes,
        "colour": draft.colour,
        "requires_exam": draft.requires_exam,
        "service_code_id": draft.service_code_id,
        "active": draft.active,
    }
