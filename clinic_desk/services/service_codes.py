"""Service codes and code modifiers: what a visit is charged as.

What stands on a visit, a type or a provider is never deleted: it is made inactive, which takes
it out of what is offered and leaves it where it stands.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from clinic_desk.models.catalogue import ServiceCode, ServiceModifier
from clinic_desk.rules.errors import NotFound, Stale
from clinic_desk.services import clinic_fields as fields
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import CodeCard
from clinic_desk.services.catalogue import catalogue, code_card
from clinic_desk.services.clinic_cards import CodeDraft
from clinic_desk.services.work import Work, command, query


@query("Service Get All")
def codes(actor: Actor) -> tuple[CodeCard, ...]:
    """All service codes, those not in use too, in their order."""
    return tuple(catalogue(actor).service_codes.values())


@query("Service Get All")
def modifiers(actor: Actor) -> tuple[CodeCard, ...]:
    """All code modifiers, those not in use too, in their order."""
    return tuple(catalogue(actor).service_modifiers.values())


@query("Service Show")
def code(actor: Actor, code_id: int) -> CodeCard:
    """One service code. Raises ``NotFound``."""
    return _one(catalogue(actor).service_codes, code_id)


@query("Service Show")
def modifier(actor: Actor, modifier_id: int) -> CodeCard:
    """One code modifier. Raises ``NotFound``."""
    return _one(catalogue(actor).service_modifiers, modifier_id)


@command("Service Update All", action="code.add")
def add_code(work: Work, draft: CodeDraft, *, request_id: str | None = None) -> CodeCard:
    """Add a service code. Raises ``Invalid`` naming the field."""
    return _add(work, ServiceCode, draft)


@command("Service Update All", action="code.change")
def change_code(
    work: Work, before: CodeCard, draft: CodeDraft, *, request_id: str | None = None
) -> CodeCard:
    """Make a service code what *draft* says; *before* is what was shown.

    Raises ``Invalid`` naming the field, ``Stale`` with the present card.
    """
    return _change(work, ServiceCode, before, draft)


@command("Service Update All", action="modifier.add")
def add_modifier(work: Work, draft: CodeDraft, *, request_id: str | None = None) -> CodeCard:
    """Add a code modifier. Raises ``Invalid`` naming the field."""
    return _add(work, ServiceModifier, draft)


@command("Service Update All", action="modifier.change")
def change_modifier(
    work: Work, before: CodeCard, draft: CodeDraft, *, request_id: str | None = None
) -> CodeCard:
    """Make a code modifier what *draft* says. Raises as :func:`change_code`."""
    return _change(work, ServiceModifier, before, draft)


def _one(shelf: Mapping[int, CodeCard], number: int) -> CodeCard:
    if number not in shelf:
        raise NotFound
    return shelf[number]


Model = type[ServiceCode] | type[ServiceModifier]


def _add(work: Work, model: Model, draft: CodeDraft) -> CodeCard:
    tidy = _tidy(draft)
    work.lock()
    others = _judge(work, model, tidy, None)
    row = work.create(
        model,
        uuid=str(uuid.uuid4()),
        code=tidy.code,
        name=tidy.name,
        active=tidy.active,
        position=1 + max((c.position for c in others), default=0),
        version=1,
    )
    return code_card(row)


def _change(work: Work, model: Model, before: CodeCard, draft: CodeDraft) -> CodeCard:
    tidy = _tidy(draft)
    (found,) = work.lock(work.locked_row(model, before.id))
    row = work.found(model, found)
    if row.version != before.version:
        raise Stale(code_card(row))
    _judge(work, model, tidy, row.id)
    work.change(row, code=tidy.code, name=tidy.name, active=tidy.active)
    return code_card(row)


def _tidy(draft: CodeDraft) -> CodeDraft:
    return CodeDraft(
        fields.required("code", draft.code, longest=fields.LONGEST_CODE),
        fields.required("name", draft.name),
        draft.active,
    )


def _judge(work: Work, model: Model, draft: CodeDraft, number: int | None) -> list[CodeCard]:
    known = work.catalogue
    shelf = known.service_codes if model is ServiceCode else known.service_modifiers
    others = [c for c in shelf.values() if c.id != number]
    fields.free_name("code", draft.code, (c.code for c in others))
    return others
