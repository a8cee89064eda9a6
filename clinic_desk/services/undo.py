"""Taking a deed back: an ordinary command through the same door, under today's rules.

Only the fields that the deed changed are written, and only where each still holds what the
deed left there. What was deleted is put back. What was created goes away where nothing refers to
it by now, else undo is refused; a visit is cancelled, and patients and staff go out of use.
What each kind of row needs says :mod:`clinic_desk.services.undo_kinds`, what is asked again
:mod:`clinic_desk.services.undo_checks`. Redo is the undoing of the undoing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import peewee

from clinic_desk.models import schema
from clinic_desk.models.base import UtcDateTimeField
from clinic_desk.models.diary import Appointment, CalendarEvent
from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import Conflicted, NotFound, Refused
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.rules.words import N_
from clinic_desk.services import (
    booking,
    chain,
    deeds,
    journal,
    messages,
    undo_checks,
    undo_places,
    visit,
)
from clinic_desk.services import rows as r
from clinic_desk.services.cards import DeedCard, EntityChange, Override
from clinic_desk.services.transaction import Statement
from clinic_desk.services.undo_kinds import (
    KINDS,
    LOOK,
    NEVER,
    ONLY_MESSAGES,
    SEE_OUTBOX,
    STAYS,
    THIS_KIND,
    Gone,
)
from clinic_desk.services.undo_places import Step
from clinic_desk.services.work import PERMISSION_OF, WITHDRAWN, Work, command

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
    changes = [c for c in reversed(deed.changes) if not _stays(c, deed)]
    if deed.changes and all(change.kind == "outbox" for change in deed.changes):
        raise Refused(ONLY_MESSAGES, way_out=SEE_OUTBOX)
    for change in changes:
        kind = KINDS.get(change.kind)
        if kind is None or (change.created and kind.gone is Gone.NEVER):
            raise Refused(THIS_KIND, way_out=LOOK)
    steps = [_step(change) for change in changes]
    answers = undo_places.lock(
        work,
        steps,
        *(
            work.locked_row(KINDS[c.kind].model, c.id, seen=_is_told(work, deed, c))
            for c in changes
        ),
    )
    undoing = _Undoing(work, first, steps, None if override is None else Override(override))
    rows = {
        (step.kind, step.id): work.found(KINDS[step.kind].model, answer)
        for step, answer in zip(steps, answers, strict=True)
        if answer or step.now is not None
    }
    for step in steps:
        undoing.refuse_changed(step, rows.get((step.kind, step.id)))
    undo_checks.require(work, first, steps, rows)
    for step in steps:
        undoing.take(step, rows.get((step.kind, step.id)))
    booking.unmark(work, *undoing.stood)
    messages.tell_remembered(work)
    return tuple(dict.fromkeys((c.kind, c.id) for c in changes))


def _is_told(work: Work, deed: DeedCard, change: EntityChange) -> bool:
    """Whether taking *change* back tells of its row: what one did oneself one knows, and a
    neighbour gets or loses a mark.
    """
    own = deed.actor_id == work.actor.user_id
    return not own and any(f.name != "permit_id" for f in change.fields)


def _stays(change: EntityChange, deed: DeedCard) -> bool:
    """Messages have a way of their own; what was made beside something else does no harm."""
    if change.kind == "outbox":
        return True
    beside = change.kind == "patient_case" and any(c.kind == "appointment" for c in deed.changes)
    return change.created and (change.kind in STAYS or beside)


def _step(change: EntityChange) -> Step:
    """What taking *change* back does to its row."""
    kind = KINDS[change.kind]
    before = {f.name: _typed(kind.model, f.name, f.before) for f in change.fields}
    after = {f.name: _typed(kind.model, f.name, f.after) for f in change.fields}
    if _was_deletion(change):
        return Step(change.kind, change.id, None, before)
    if not change.created:
        return Step(change.kind, change.id, after, before)
    then: dict[str, Any] | None = None
    if kind.gone is Gone.CANCELLED:
        then = {"status": str(Status.CANCELLED), "permit_id": None}
    elif kind.gone is Gone.INACTIVE:
        then = {"active": False}
    return Step(change.kind, change.id, after, then)


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
    for permission in undo_checks.permissions_of(first):
        work.require(permission)
    if first.action in NEVER:
        why, way_out = NEVER[first.action]
        raise Refused(why, way_out=way_out)
    versions = work.store.rows(
        "SELECT schema_version FROM deed WHERE organisation_id = ? AND seq = ?",
        (work.organisation_id, deed.seq),
    )
    if versions[0][0] not in schema.UNDONE_TODAY:
        raise Refused(TOO_OLD, way_out=LOOK)
    return first


class _Undoing:
    """One deed being taken back, step by step, under the lock."""

    def __init__(
        self, work: Work, first: DeedCard, steps: list[Step], override: Override | None
    ) -> None:
        self.work = work
        self.first = first
        self.override = override
        self.together = {step.id for step in steps if step.kind == "appointment"}
        self.stood: list[Appointment | None] = []

    def refuse_changed(self, step: Step, row: peewee.Model | None) -> None:
        """Only what still holds what the deed left there is taken back."""
        if row is None:
            return
        now = step.now if step.now is not None else dict.fromkeys(step.then or {})
        kept = DERIVED | chain.SECRET
        if any(getattr(row, k) != v for k, v in now.items() if k not in kept):
            raise Refused(CHANGED_SINCE, way_out=LOOK)

    def take(self, step: Step, row: peewee.Model | None) -> None:
        """Take one row back; what others' rows of the same deed need was asked before."""
        model = KINDS[step.kind].model
        then = None if step.then is None else dict(step.then)
        if row is None:
            assert then is not None
            if model is CalendarEvent:
                self._refuse_taken(CalendarEvent(**{**then, "id": step.id}))
            self.work.put_back(model, step.id, then)
            return
        # A row that this undoing has changed already is the same object again.
        row = self.work.written.get((step.kind, step.id), row)
        if then is None:
            self.work.delete(row)
        elif "version" not in r.columns(model):
            self.work.delete(row)
            self.work.put_back(model, step.id, {**row.__data__, **then})
        elif isinstance(row, Appointment):
            if "uuid" in (step.now or {}):  # it was made by this deed
                self._write(row, then)
            elif then.keys() != {"permit_id"} or row.permit_id == (step.now or {})["permit_id"]:
                self._change_visit(row, then)
        else:
            if isinstance(row, Patient) and then == {"active": False}:
                self._refuse_visited(row)
            if isinstance(row, CalendarEvent) and EVENT_PLACE & then.keys():
                self._refuse_taken(CalendarEvent(**{**row.__data__, **then}))
            self.work.change(row, **then)

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
        place = before.get("location_id", row.location_id)
        if place is not None:
            visit.require_place(self.work, row.location_id, place)
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
            booking.claims_for(work.actor, wanted),
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
