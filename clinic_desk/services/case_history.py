"""The history of a case: every field that was changed, of the case and its appointments.

Numbers become the names that people know, so a reader sees "Dr Chen" before and "Dr Okafor"
after. What was erased from the history is told as a line without values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from clinic_desk.models.diary import Case
from clinic_desk.models.journal import Deed
from clinic_desk.rules.errors import NotFound
from clinic_desk.rules.words import N_
from clinic_desk.services import patient_access
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.booking import full_name
from clinic_desk.services.cards import Origin
from clinic_desk.services.case_cards import HistoryLine, HistoryPage
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.diary_view import instant
from clinic_desk.services.work import query

LABELS = {
    "main_problem": N_("Main problem"),
    "open": N_("Open"),
    "requests_allowed": N_("Allow appointment requests"),
    "patient_id": N_("Patient"),
    "type_id": N_("Service"),
    "provider_id": N_("Provider"),
    "operatory_id": N_("Room"),
    "location_id": N_("Location"),
    "starts_at": N_("Start"),
    "ends_at": N_("End"),
    "before_minutes": N_("Minutes before"),
    "after_minutes": N_("Minutes after"),
    "status": N_("Status"),
    "notes": N_("Notes"),
    "reason": N_("Reason"),
    "confirmed_at": N_("Confirmed"),
    "arrived_at": N_("Arrived"),
    "in_room_at": N_("In the room"),
    "completed_at": N_("Completed"),
    "permit_id": N_("Overbooked"),
    "series_id": N_("Series"),
    "cancelled_by": N_("Cancelled by"),
}
"""The fields that a reader is told of; the others follow from these."""

ABOUT = {
    "patient_case": N_("Case"),
    "appointment": N_("Appointment"),
    "case_type": N_("Types that may be requested"),
}

READ_AT_ONCE = 100


def visible_case(actor: Actor, case_id: int) -> Case:
    """The row of a case; one query. Raises ``NotFound``, also where *actor* may not see the
    patient: who may not, learns nothing.
    """
    visible, values = patient_access.seen(actor, "c.patient_id")
    names = ", ".join(f"c.{name}" for name in r.columns(Case))
    found = actor.store.rows(
        f"SELECT {names} FROM patient_case c"  # noqa: S608 - our own words
        f" WHERE c.organisation_id = ? AND c.id = ? AND {visible}",
        (actor.organisation_id, case_id, *values),
    )
    if not found:
        raise NotFound
    return r.row(Case, found[0])


@query("Appointment Show")
def history(
    actor: Actor,
    case_id: int,
    *,
    actor_id: int | None = None,
    field: str | None = None,
    from_at: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> HistoryPage:
    """What happened to a case and its appointments, the newest first.

    Filtered by who did it, by a *field* (a key of :data:`LABELS`), and by time; *before* is
    the ``older`` of the page above. A deed is never torn apart, so a page may be longer than
    *limit*. Raises ``NotFound``.
    """
    entities = _entities(actor, case_id)
    catalogue = actor.store.catalogue(actor.organisation_id)
    lines: list[HistoryLine] = []
    while True:
        found = _deeds(actor, entities, actor_id, from_at, until, before)
        for deed in found:
            lines += _lines(catalogue, entities, deed, field)
            before = deed[0]
            if len(lines) >= limit:
                return HistoryPage(_with_names(actor, lines), before)
        if len(found) < READ_AT_ONCE:
            return HistoryPage(_with_names(actor, lines), None)


def _with_names(actor: Actor, lines: list[HistoryLine]) -> tuple[HistoryLine, ...]:
    """The lines with patients by name, not by number; a query where there are any."""
    told = {n for x in lines if x.field == "patient_id" for n in (x.before, x.after) if n}
    if not told:
        return tuple(lines)
    marks = ", ".join("?" * len(told))
    found = actor.store.rows(
        "SELECT id, first_name, last_name FROM patient"  # noqa: S608 - marks only
        f" WHERE organisation_id = ? AND id IN ({marks})",
        (actor.organisation_id, *sorted(told)),
    )
    names = {number: full_name(first, last) for number, first, last in found}
    return tuple(
        replace(x, before=names.get(x.before), after=names.get(x.after))
        if x.field == "patient_id"
        else x
        for x in lines
    )


def _entities(actor: Actor, case_id: int) -> set[tuple[str, int]]:
    patient_id = visible_case(actor, case_id).patient_id
    visits = actor.store.rows(
        "SELECT id FROM appointment WHERE organisation_id = ? AND patient_id = ? AND case_id = ?",
        (actor.organisation_id, patient_id, case_id),
    )
    return {("patient_case", case_id), *(("appointment", number) for (number,) in visits)}


def _deeds(
    actor: Actor,
    entities: set[tuple[str, int]],
    actor_id: int | None,
    from_at: datetime | None,
    until: datetime | None,
    before: int | None,
) -> list[Any]:
    visits = [number for kind, number in entities if kind == "appointment"]
    cases = [number for kind, number in entities if kind == "patient_case"]
    touched = "(e.kind = 'patient_case' AND e.entity_id = ?)"
    if visits:
        marks = ", ".join("?" * len(visits))
        touched += f" OR (e.kind = 'appointment' AND e.entity_id IN ({marks}))"
    where, values = "", []
    for condition, value in (
        ("d.actor_id = ?", actor_id),
        ("d.at >= ?", None if from_at is None else r.stored(Deed, "at", from_at)),
        ("d.at < ?", None if until is None else r.stored(Deed, "at", until)),
        ("d.seq < ?", before),
    ):
        if value is not None:
            where += f" AND {condition}"
            values.append(value)
    return actor.store.rows(
        "SELECT d.seq, d.at, d.actor_id, d.origin, d.action, d.undoes, t.body FROM deed d"  # noqa: S608
        " LEFT JOIN deed_text t ON t.organisation_id = d.organisation_id AND t.seq = d.seq"
        " WHERE d.organisation_id = ? AND d.seq IN (SELECT e.seq FROM deed_entity e"
        f" WHERE e.organisation_id = ? AND ({touched})){where} ORDER BY d.seq DESC LIMIT ?",
        (
            actor.organisation_id,
            actor.organisation_id,
            *cases,
            *sorted(visits),
            *values,
            READ_AT_ONCE,
        ),
    )


def _lines(
    catalogue: Catalogue, entities: set[tuple[str, int]], deed: Any, field: str | None
) -> Iterator[HistoryLine]:
    seq, at, actor_id, origin, action, undoes, body = deed
    text: dict[str, Any] = json.loads(body) if body else {}
    for change in text.get("changes", ()):
        kind, number = change["kind"], change["id"]
        (case_id,) = (n for k, n in entities if k == "patient_case")
        if (kind, number) not in entities and not _of_case(change, case_id):
            continue
        before, after = change["before"], change["after"]
        for name, label in LABELS.items():
            if name not in before and name not in after:
                continue
            if field not in {None, name} or (
                change["created"] and _says_nothing(kind, name, after)
            ):
                continue
            yield HistoryLine(
                seq=seq,
                at=instant(at),
                actor_id=actor_id,
                who=text.get("actor", ""),
                origin=Origin(origin),
                action=action,
                reason=text.get("reason", ""),
                undoes=undoes,
                kind=kind,
                entity_id=number,
                about=ABOUT[kind],
                field=name,
                label=label,
                before=_read(catalogue, name, before.get(name)),
                after=_read(catalogue, name, after.get(name)),
            )


def _says_nothing(kind: str, name: str, after: dict[str, Any]) -> bool:
    """Whether a field of something new stands as it stands in most: empty, none, no minutes; a
    visit's patient is that of the case.
    """
    if (kind, name) == ("appointment", "patient_id"):
        return True
    return after.get(name) in {"", None} or (name in _MINUTES and not after[name])


_MINUTES = frozenset({"before_minutes", "after_minutes"})


def _of_case(change: dict[str, Any], case_id: int) -> bool:
    """Whether a pair of case and type belongs to the case: its number says nothing."""
    fields = {**change["before"], **change["after"]}
    return change["kind"] == "case_type" and fields.get("case_id") == case_id


def _read(catalogue: Catalogue, name: str, value: Any) -> Any:
    """*value* as a reader understands it."""
    if value is None:
        return None
    shelves: dict[str, Any] = {
        "type_id": catalogue.types,
        "provider_id": catalogue.providers,
        "operatory_id": catalogue.operatories,
        "location_id": catalogue.locations,
    }
    if name in shelves:
        known = shelves[name].get(value)
        return known.name if known else str(value)
    if name in {"permit_id", "series_id"}:  # that there is one; its number says nothing
        return True
    if name.endswith("_at") and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value
