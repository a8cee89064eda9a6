"""Writing a deed down: its row, its text, what it touched, and the bell; and where the
database refuses it, who has the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import peewee

from clinic_desk.models import schema
from clinic_desk.models.diary import Appointment, CalendarEvent
from clinic_desk.models.journal import Deed
from clinic_desk.models.people import Patient
from clinic_desk.rules import conflicts
from clinic_desk.rules.conflicts import APPOINTMENT, EVENT, EXTRA, Conflict
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.rules.spans import Span
from clinic_desk.services import chain
from clinic_desk.services import rows as r
from clinic_desk.services.cards import Done
from clinic_desk.services.transaction import Rows, Statement

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.booking import Wanted
    from clinic_desk.services.work import Work

CATALOGUE_KINDS = frozenset(
    {
        "organisation",
        "location",
        "clinic_hours",
        "closed_day",
        "operatory",
        "provider",
        "qualification",
        "provider_qualification",
        "type_qualification",
        "appointment_type",
        "service_code",
        "service_modifier",
        "provider_weekday",
        "work_hours",
        "work_exception",
        "role",
        "user_account",
    }
)
"""What the catalogue holds: a deed that touches one of these makes older catalogues stale."""


RECORD = "patient_record"
"""In the list of what a deed touched: it touched something that hangs on this patient. So the
patient's history finds the deed when that row is long gone. The feed does not tell of it.
"""
_HANGING = frozenset({"care_team", "document", "patient_note"})


def _records(work: Work, changes: Iterable[chain.Change]) -> list[int]:
    """The patients on whose record something hangs that *changes* touched."""
    found: dict[int, None] = {}
    for change in changes:
        if change.kind in _HANGING:
            row = work.written.get((change.kind, change.id))
            for told in (change.before, change.after, getattr(row, "__data__", {})):
                if told.get("patient_id") is not None:
                    found[int(told["patient_id"])] = None
    return list(found)


def values_of(row: peewee.Model) -> dict[str, Any]:
    """All fields of a row but its number, as the history tells them."""
    names = {f.column_name for f in type(row)._meta.sorted_fields} - {"id"}
    return {name: getattr(row, name) for name in sorted(names)}


def merged(changes: Iterable[chain.Change]) -> list[chain.Change]:
    """One change for each entity, from its first ``before`` to its last ``after``.

    What came back to where it was is not told, nor what was made and taken away again.
    """
    out: dict[tuple[str, int], chain.Change] = {}
    for change in changes:
        key = (change.kind, change.id)
        first = out.get(key)
        out[key] = change if first is None else _joined(first, change)
    return [c for c in out.values() if c.before or c.after]


def _joined(first: chain.Change, then: chain.Change) -> chain.Change:
    if then.before and not then.after:  # deleted
        before = {} if first.created else {**then.before, **first.before}
        return replace(first, created=False, before=before, after={})
    after = {**first.after, **then.after}
    if first.created:
        return replace(first, after=after)
    before = {**then.before, **first.before}
    stays = {k for k in before.keys() & after.keys() if before[k] == after[k]}
    return replace(
        first,
        before={k: v for k, v in before.items() if k not in stays},
        after={k: v for k, v in after.items() if k not in stays},
    )


def written(
    work: Work,
    head: chain.Head,
    changes: Sequence[chain.Change],
    touched: Sequence[tuple[str, int]],
    *,
    catalogue: bool,
) -> list[Statement]:
    """The statements that add the deed after *head*; one on PostgreSQL, three on SQLite.

    *touched* is kind and id of all in *changes*; *catalogue* says that the deed makes older
    catalogues stale.
    """
    seq = head.seq + 1
    body = chain.body_text(changes, reason=work.reason, actor_name=work.actor.name)
    salt = chain.new_salt()
    mark = chain.digest(salt, body)
    catalogue_seq = seq if catalogue else head.catalogue_seq
    who = work.actor.user_id
    linked = chain.link(
        head.chain,
        organisation_id=work.organisation_id,
        seq=seq,
        request_id=work.request_id,
        actor_id=who,
        origin=work.actor.origin,
        action=work.action,
        at=work.now,
        undoes=work.undoes,
        digest=mark,
    )
    deed = Statement(
        "INSERT INTO deed (organisation_id, seq, request_id, actor_id, origin, action, at,"
        " schema_version, catalogue_seq, undoes, fingerprint, digest, chain)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            work.organisation_id,
            seq,
            work.request_id,
            who,
            str(work.actor.origin),
            work.action,
            r.stored(Deed, "at", work.now),
            schema.VERSION,
            catalogue_seq,
            work.undoes,
            work.fingerprint,
            mark,
            linked,
        ),
    )
    text = Statement(
        "INSERT INTO deed_text (organisation_id, seq, salt, body) VALUES (?, ?, ?, ?)",
        (work.organisation_id, seq, salt, body),
    )
    out = [deed, text]
    if touched:
        entities = [*touched, *((RECORD, number) for number in _records(work, changes))]
        marks = ", ".join(["(?, ?, ?, ?, ?)"] * len(entities))
        values = [
            v
            for k, n in entities
            for v in (work.organisation_id, seq, k, n, _version(work.written.get((k, n))))
        ]
        out.append(
            Statement(
                "INSERT INTO deed_entity (organisation_id, seq, kind, entity_id, version)"  # noqa: S608
                f" VALUES {marks}",
                values,
            )
        )
    if work.store.dialect == "sqlite":
        return out
    bell = Statement("SELECT pg_notify('clinic_desk', ?)", (f"{work.organisation_id}:{seq}",))
    return [_together([*out, bell])]


def _version(row: peewee.Model | None) -> int | None:
    """Which version of a record a deed left; a repeated request is told of that one."""
    version = getattr(row, "version", None)
    return version if isinstance(version, int) else None


def _together(statements: Sequence[Statement]) -> Statement:
    """Several writes and a last SELECT as one statement of PostgreSQL: one message, not four."""
    *writes, last = statements
    parts = ", ".join(f"w{n} AS ({s.sql})" for n, s in enumerate(writes))
    values = [v for s in statements for v in s.parameters]
    return Statement(f"WITH {parts} {last.sql}", values)


def against(work: Work) -> tuple[Conflict, ...]:
    """Every reason why what *work* wrote cannot stand where it put it; asked after it was
    rolled back because the database refused the time. Empty where that time is free now.
    """
    from clinic_desk.services import booking

    own = {(source, number) for kind, number in work.written for source in _SOURCES.get(kind, ())}
    out: list[Conflict] = []
    for row in {id(row): row for row in (*work.written.values(), work.trying)}.values():
        if isinstance(row, Appointment) and Status(row.status) in HOLDING:
            wanted = wanted_by(row)
            claims, people = work.look(
                booking.claims_for(work.actor, wanted),
                r.by_id(Patient, work.organisation_id, row.patient_id),
            )
            wanted = named(wanted, work.found(Patient, people))
            # Two that were both squeezed in do not stand in each other's way.
            taken = [
                t
                for t in booking.taken(claims)
                if (t.source, t.source_id) not in own and not (t.shared and row.permit_id)
            ]
            out += booking.conflicts_of(work.catalogue, wanted, taken)
        elif isinstance(row, CalendarEvent):
            (claims,) = work.look(event_claims(work, row))
            out += [
                c for c in against_event(work, row, claims) if (c.source, c.source_id) not in own
            ]
    return tuple(dict.fromkeys(out)) if any(c.source for c in out) else ()


_SOURCES = {"appointment": (APPOINTMENT, EXTRA), "calendar_event": (EVENT,)}


def wanted_by(row: Appointment, **fields: Any) -> Wanted:
    """The place of a visit, with *fields* in place of its own."""
    from clinic_desk.services.booking import Wanted

    def field(name: str) -> Any:
        return fields.get(name, getattr(row, name))

    return Wanted(
        span=Span(field("starts_at"), field("ends_at")),
        before_minutes=field("before_minutes"),
        after_minutes=field("after_minutes"),
        provider_id=field("provider_id"),
        operatory_id=field("operatory_id"),
        patient_id=field("patient_id"),
        type_id=field("type_id"),
        location_id=field("location_id"),
        time_zone=field("time_zone"),
        ignore_id=row.id,
    )


def named(wanted: Wanted, person: Patient) -> Wanted:
    """*wanted* with the patient's name, for its reasons."""
    from clinic_desk.services import booking

    return replace(wanted, patient_name=booking.full_name(person.first_name, person.last_name))


def event_claims(work: Work, row: CalendarEvent) -> Statement:
    """The claims that overlap an event, for :func:`against_event`."""
    from clinic_desk.services import booking

    span = Span(row.starts_at, row.ends_at)
    return booking.claims_within(work.store, [row.resource_id], span, work.actor)


def against_event(work: Work, row: CalendarEvent, claims: Rows) -> tuple[Conflict, ...]:
    """Every reason why an event cannot stand where it is; nothing overrides any of them."""
    from clinic_desk.services import booking

    provider = work.catalogue.providers.get(row.resource_id)
    operatory = work.catalogue.operatories.get(row.resource_id)
    found = conflicts.find(
        conflicts.Proposal(
            span=Span(row.starts_at, row.ends_at),
            before_minutes=0,
            after_minutes=0,
            provider_id=provider.id if provider else None,
            operatory_id=operatory.id if operatory else None,
            patient_id=None,
        ),
        booking.taken(claims),
        conflicts.Place(
            provider_name=provider.name if provider else "",
            operatory_name=operatory.name if operatory else "",
            time_zone=row.time_zone,
        ),
        ignore=(EVENT, row.id),
    )
    return tuple(replace(c, permission=None) for c in found)


def repeated(actor: Actor, call: Any, seq: int, action: str) -> Done[Any]:
    """The answer to a request that had been carried out before, as this deed."""
    from clinic_desk.services import journal

    touched = journal.touched(actor, seq)
    again = getattr(call, "again", None)
    subject = journal.subject(actor, seq)
    value = again(actor, subject) if again and subject is not None else None
    return Done(value, seq, touched, action)
