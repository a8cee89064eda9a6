"""Taking a deed back: an ordinary command through the same door, under today's rules.

Only the fields that the deed changed are written, and only where each still holds what the
deed left there. What was created is withdrawn (a visit is cancelled), what was deleted is
put back. Redo is the undoing of the undoing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import peewee

from clinic_desk.models import schema
from clinic_desk.models.base import UtcDateTimeField
from clinic_desk.models.diary import Appointment, CalendarEvent, Case
from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import NotFound, Refused
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import booking, journal
from clinic_desk.services.booking import Wanted
from clinic_desk.services.cards import DeedCard, EntityChange
from clinic_desk.services.work import PERMISSION_OF, WITHDRAWN, Work, command

MODELS: dict[str, type[peewee.Model]] = {
    "appointment": Appointment,
    "calendar_event": CalendarEvent,
    "patient": Patient,
    "patient_case": Case,
}
"""What can be taken back, by table. A permit is only ever granted; a case stays open."""

STAYS = frozenset({"permit", "patient_case", "resource"})
"""Created beside a visit; it does no harm alone, so undo leaves it."""

PLACE = frozenset({"starts_at", "ends_at", "provider_id", "operatory_id", "patient_id", "status"})

TOO_OLD = N_("This change was made with an older version of the program; it is too old to undo.")
CHANGED_SINCE = N_("This cannot be undone: it was changed again since.")
LOOK = N_("Look at the history and change it by hand.")


@command("Appointment Show", action="undo")
def undo(work: Work, seq: int, *, request_id: str | None = None) -> tuple[tuple[str, int], ...]:
    """Take back deed number *seq*; gives kind and id of all that was written.

    Raises ``Refused`` where something was changed since or the deed is of another schema,
    ``Conflicted`` where the old time is no longer free, ``NotAllowed`` without the permission
    of the deed itself (and "Undo Others" for somebody else's).
    """
    deed = journal.deed(work.actor, seq)
    _allowed(work, deed)
    work.undoes = seq
    # Last written, first taken back: a squeezed-in visit leaves before its neighbour's mark.
    changes = [c for c in reversed(deed.changes) if not (c.created and c.kind in STAYS)]
    for change in changes:
        if change.kind not in MODELS:
            raise Refused(N_("This kind of change cannot be undone."), way_out=LOOK)
    answers = work.lock(*(work.locked_row(MODELS[c.kind], c.id) for c in changes))
    together = {c.id for c in changes if c.kind == "appointment"}
    for change, answer in zip(changes, answers, strict=True):
        _take_back(work, change, answer, together)
    return tuple((c.kind, c.id) for c in changes)


def _allowed(work: Work, deed: DeedCard) -> None:
    if deed.action == WITHDRAWN:
        raise NotFound
    if deed.actor_id != work.actor.user_id:
        work.require("Undo Others")
    if deed.action in PERMISSION_OF:
        work.require(PERMISSION_OF[deed.action])
    versions = work.store.rows(
        "SELECT schema_version FROM deed WHERE organisation_id = ? AND seq = ?",
        (work.organisation_id, deed.seq),
    )
    if versions[0][0] != schema.VERSION:
        raise Refused(TOO_OLD, way_out=LOOK)


def _take_back(
    work: Work, change: EntityChange, answer: list[tuple[Any, ...]], together: set[int]
) -> None:
    model = MODELS[change.kind]
    before = {f.name: _typed(model, f.name, f.before) for f in change.fields}
    if not change.created and all(f.after is None for f in change.fields) and not answer:
        work.put_back(model, change.id, before)
        return
    row = work.found(model, answer)
    after = {f.name: _typed(model, f.name, f.after) for f in change.fields}
    if change.created:
        _withdraw(work, row, after)
        return
    if any(getattr(row, name) != value for name, value in after.items()):
        raise Refused(CHANGED_SINCE, way_out=LOOK)
    if isinstance(row, Appointment) and PLACE & before.keys():
        _check_place(work, row, before, together)
    work.change(row, **before)


def _withdraw(work: Work, row: peewee.Model, after: dict[str, Any]) -> None:
    if isinstance(row, CalendarEvent):
        work.delete(row)
    elif isinstance(row, Appointment):
        if any(getattr(row, name) != value for name, value in after.items() if name != "version"):
            raise Refused(CHANGED_SINCE, way_out=LOOK)
        left = row.permit_id
        work.change(row, status=str(Status.CANCELLED), permit_id=None)
        booking.free_partner(work, row, left)
    elif isinstance(row, Patient):
        work.change(row, active=False)


def _check_place(work: Work, row: Appointment, before: dict[str, Any], together: set[int]) -> None:
    """The old place, under today's rules; a neighbour of the same deed does not stand in it."""
    target = {name: before.get(name, getattr(row, name)) for name in _WANTED}
    if Status(target["status"]) not in HOLDING:
        return
    wanted = Wanted(
        span=Span(target["starts_at"], target["ends_at"]),
        before_minutes=target["before_minutes"],
        after_minutes=target["after_minutes"],
        provider_id=target["provider_id"],
        operatory_id=target["operatory_id"],
        patient_id=target["patient_id"],
        type_id=target["type_id"],
        location_id=target["location_id"],
        time_zone=target["time_zone"],
        ignore_id=row.id,
    )
    (claims,) = work.look_again(booking.claims_for(work.store, wanted))
    standing = booking.taken(claims)
    if before.get("permit_id") is not None:
        work.require("Appointment Overbook")
        standing = [t for t in standing if t.source_id not in together]
    booking.settle(work, wanted, standing, None)


_WANTED = (
    "starts_at",
    "ends_at",
    "before_minutes",
    "after_minutes",
    "provider_id",
    "operatory_id",
    "patient_id",
    "type_id",
    "location_id",
    "time_zone",
    "status",
)


def _typed(model: type[peewee.Model], name: str, value: Any) -> Any:
    """A value of the history's JSON as the row holds it."""
    if not isinstance(value, str):
        return value
    field = next(f for f in model._meta.sorted_fields if name in {f.name, f.column_name})
    if isinstance(field, UtcDateTimeField):
        return datetime.fromisoformat(value)
    if isinstance(field, peewee.DateField):
        return date.fromisoformat(value)
    return value
