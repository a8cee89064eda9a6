"""Taking a deed back: an ordinary command through the same door, under today's rules.

Only the fields that the deed changed are written, and only where each still holds what the
deed left there. What was created is withdrawn (a visit is cancelled), what was deleted is
put back. Redo is the undoing of the undoing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import peewee

from clinic_desk.models import schema
from clinic_desk.models.base import UtcDateTimeField
from clinic_desk.models.diary import Appointment, CalendarEvent, Case
from clinic_desk.models.documents import PatientNote
from clinic_desk.models.people import CareTeam, Patient
from clinic_desk.rules.errors import Conflicted, NotFound, Refused
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.rules.words import N_
from clinic_desk.services import booking, deeds, journal, messages, visit
from clinic_desk.services import rows as r
from clinic_desk.services.cards import DeedCard, EntityChange, Override
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import PERMISSION_OF, WITHDRAWN, Work, command

MODELS: dict[str, type[peewee.Model]] = {
    "appointment": Appointment,
    "calendar_event": CalendarEvent,
    "care_team": CareTeam,
    "patient": Patient,
    "patient_case": Case,
    "patient_note": PatientNote,
}
"""What can be taken back, by table. A permit is only ever granted; a case stays open."""

STAYS = frozenset({"permit", "patient_case", "resource"})
"""Created beside a visit; it does no harm alone, so undo leaves it."""

PLACE = frozenset(
    {
        "starts_at",
        "ends_at",
        "before_minutes",
        "after_minutes",
        "provider_id",
        "operatory_id",
        "patient_id",
        "type_id",
        "location_id",
    }
)
"""A visit that gets one of these back has to win its time again; so has one whose status
gave it away.
"""

DERIVED = frozenset({"version", "permit_id"})
"""What others' deeds may change without changing a visit itself: a neighbour that left takes
the mark of being squeezed in with it.
"""

EVENT_PLACE = frozenset({"starts_at", "ends_at", "resource_id"})

TOO_OLD = N_("This change was made with an older version of the program; it is too old to undo.")
CHANGED_SINCE = N_("This cannot be undone: it was changed again since.")
HAS_VISITS = N_("This patient has appointments by now, so the registration cannot be undone.")
CANCEL_FIRST = N_("Cancel the appointments first, or correct the patient's data by hand.")
LOOK = N_("Look at the history and change it by hand.")
ONLY_MESSAGES = N_("This only concerned messages; there is nothing to undo in the calendar.")
SEE_OUTBOX = N_("Withdraw a message or send it again in the outbox.")


def covers(changed: Iterable[tuple[str, int]]) -> bool:
    """Whether what a deed touched (kinds and ids) is of kinds that can be taken back; whether it
    still can be, only :func:`undo` finds out.
    """
    kinds = {kind for kind, _number in changed} - {"outbox"}
    return bool(kinds) and kinds <= MODELS.keys() | STAYS


@command("Appointment Show", action="undo")
def undo(
    work: Work, seq: int, *, override: str | None = None, request_id: str | None = None
) -> tuple[tuple[str, int], ...]:
    """Take back deed number *seq*; gives kind and id of all that was written.

    *override* is the reason for setting refusals aside, as a move knows it, where the old
    place needs one today. Raises ``Refused`` where something was changed since or the deed is
    of another schema, ``Conflicted`` with every reason where the old time cannot be had,
    ``NotAllowed`` without the permission of the deed that was first done (and "Undo Others"
    for somebody else's).
    """
    deed = journal.told(work.actor, seq)
    first = _allowed(work, deed)
    work.undoes = seq
    # Last written, first taken back: a squeezed-in visit leaves before its neighbour's mark.
    changes = [
        c
        for c in reversed(deed.changes)
        if c.kind != "outbox" and not (c.created and c.kind in STAYS)
    ]
    if deed.changes and all(change.kind == "outbox" for change in deed.changes):
        raise Refused(ONLY_MESSAGES, way_out=SEE_OUTBOX)
    for change in changes:
        if change.kind not in MODELS:
            raise Refused(N_("This kind of change cannot be undone."), way_out=LOOK)
    answers = work.lock(*(work.locked_row(MODELS[c.kind], c.id) for c in changes))
    undoing = _Undoing(work, first, changes, None if override is None else Override(override))
    for change, answer in zip(changes, answers, strict=True):
        undoing.take_back(change, answer)
    booking.unmark(work, *undoing.stood)
    messages.tell_remembered(work)
    return tuple(dict.fromkeys((c.kind, c.id) for c in changes))


def _allowed(work: Work, deed: DeedCard) -> DeedCard:
    """The deed at the beginning: doing it again needs what doing it needed."""
    if deed.action == WITHDRAWN:
        raise NotFound
    if deed.actor_id != work.actor.user_id:
        work.require("Undo Others")
    first = deed
    while first.undoes is not None:
        first = journal.told(work.actor, first.undoes)
    if first.action in PERMISSION_OF:
        work.require(PERMISSION_OF[first.action])
    versions = work.store.rows(
        "SELECT schema_version FROM deed WHERE organisation_id = ? AND seq = ?",
        (work.organisation_id, deed.seq),
    )
    if versions[0][0] not in schema.UNDONE_TODAY:
        raise Refused(TOO_OLD, way_out=LOOK)
    return first


class _Undoing:
    """One deed being taken back, change by change, under the lock."""

    def __init__(
        self,
        work: Work,
        first: DeedCard,
        changes: list[EntityChange],
        override: Override | None,
    ) -> None:
        self.work = work
        self.first = first
        self.override = override
        self.together = {c.id for c in changes if c.kind == "appointment"}
        self.stood: list[Appointment | None] = []

    def take_back(self, change: EntityChange, answer: Rows) -> None:
        model = MODELS[change.kind]
        before = {f.name: _typed(model, f.name, f.before) for f in change.fields}
        after = {f.name: _typed(model, f.name, f.after) for f in change.fields}
        if not answer and _was_deletion(change):
            self._put_back(model, change.id, before)
            return
        # A row that this undoing has changed already is the same object again.
        row = self.work.found(model, answer)
        if any(getattr(row, k) != v for k, v in after.items() if k not in DERIVED):
            raise Refused(CHANGED_SINCE, way_out=LOOK)
        if change.created:
            self._withdraw(row)
        elif isinstance(row, Appointment):
            if before.keys() != {"permit_id"} or row.permit_id == after["permit_id"]:
                self._change_visit(row, before)
        else:
            if isinstance(row, CalendarEvent) and EVENT_PLACE & before.keys():
                self._refuse_taken(CalendarEvent(**{**row.__data__, **before}))
            self.work.change(row, **before)

    def _put_back(self, model: type[peewee.Model], row_id: int, fields: dict[str, Any]) -> None:
        if model is CalendarEvent:
            self._refuse_taken(CalendarEvent(**{**fields, "id": row_id}))
        self.work.put_back(model, row_id, fields)

    def _withdraw(self, row: peewee.Model) -> None:
        if isinstance(row, (CalendarEvent, CareTeam, PatientNote)):
            self.work.delete(row)
        elif isinstance(row, Appointment):
            self._write(row, {"status": str(Status.CANCELLED), "permit_id": None})
        elif isinstance(row, Patient):
            self._refuse_visited(row)
            self.work.change(row, active=False)

    def _refuse_visited(self, row: Patient) -> None:
        """Nobody would find the patient of these visits any more."""
        gone = (str(Status.CANCELLED), str(Status.DECLINED))
        (found,) = self.work.look_again(
            Statement(
                "SELECT 1 FROM appointment WHERE organisation_id = ? AND patient_id = ?"
                " AND status NOT IN (?, ?) LIMIT 1",
                (self.work.organisation_id, row.id, *gone),
            )
        )
        if found:
            raise Refused(HAS_VISITS, way_out=CANCEL_FIRST)

    def _change_visit(self, row: Appointment, before: dict[str, Any]) -> None:
        if before.get("starts_at", row.starts_at) >= before.get("ends_at", row.ends_at):
            # Its beginning alone would come back, behind an end that was changed since.
            raise Refused(CHANGED_SINCE, way_out=LOOK)
        visit.require_place(self.work, row.location_id, before.get("location_id", row.location_id))
        status = before.get("status")
        if status == Status.CANCELLED and self.first.action != "appointment.book":
            self.work.require("Appointment Cancel")
        if Status(before.get("status", row.status)) not in HOLDING:
            before["permit_id"] = None
        elif PLACE & before.keys() or Status(row.status) not in HOLDING:
            before["permit_id"] = self._won(row, before)
        self._write(row, before)

    def _won(self, row: Appointment, before: dict[str, Any]) -> int | None:
        """The old place, under today's rules; a neighbour of the same deed does not stand in it.
        Gives the permit under which the visit stands there.
        """
        work = self.work
        wanted = deeds.wanted_by(row, **before)
        claims, people = work.look_again(
            booking.claims_for(work.store, wanted),
            r.by_id(Patient, work.organisation_id, wanted.patient_id or 0),
        )
        wanted = deeds.named(wanted, work.found(Patient, people))
        standing = booking.taken(claims)
        permit_id: int | None = before.get("permit_id")
        if permit_id is not None:
            work.require("Appointment Overbook")
            standing = [t for t in standing if t.source_id not in self.together]
        permit = booking.settle(work, wanted, standing, self.override)
        return permit.id if permit else permit_id

    def _write(self, row: Appointment, fields: dict[str, Any]) -> None:
        """Where it stood and where it stands: a mark stays where time is shared today."""
        self.stood.append(booking.marked(row))
        messages.remember(self.work, row)
        self.work.change(row, **fields)
        self.stood.append(booking.marked(row))

    def _refuse_taken(self, event: CalendarEvent) -> None:
        (claims,) = self.work.look_again(deeds.event_claims(self.work, event))
        found = deeds.against_event(self.work, event, claims)
        if found:
            raise Conflicted(found)


def _was_deletion(change: EntityChange) -> bool:
    """A deed that deletes tells every field of the row, its ``uuid`` among them, or the
    organisation that it belonged to where it has none.
    """
    names = {f.name for f in change.fields if f.after is None and f.before is not None}
    return not change.created and bool({"uuid", "organisation_id"} & names)


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
