"""Where deeds have left traces in the diary: the resources and days to be read again.

A deed says what it changed, so the place that a visit has left is found by walking its
changes backwards from the row as it stands: nothing needs to be remembered about a million
visits. The answer may name too many days, never too few.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clinic_desk.services import bits
from clinic_desk.services.store import Store

APPOINTMENT, EXTRA, EVENT = "appointment", "appointment_extra", "calendar_event"

MOST_DEEDS = 1000
"""Who has missed more deeds than this reads everything anew; that is quicker by then."""

_IDS_AT_ONCE = 400

Changes = dict[int, list[Mapping[str, Any]]]
"""Row id to the fields that deeds replaced, the newest deed first."""


@dataclass
class Traces:
    """``days`` are pairs of provider or operatory and UTC day; ``patients`` are read whole."""

    days: set[tuple[int, int]] = field(default_factory=set)
    patients: set[int] = field(default_factory=set)

    def add(self, resource_ids: Iterable[int], start: int, end: int) -> None:
        """All days between two minutes for each resource."""
        span = range(start // bits.DAY, (end - 1) // bits.DAY + 1)
        self.days.update((resource_id, day) for resource_id in resource_ids for day in span)


def since(store: Store, organisation_id: int, after: int, until: int) -> Traces | None:
    """The traces of the deeds after number *after* up to number *until*.

    None where they cannot be told: too many deeds, or the text of one has been erased.
    """
    if until - after > MOST_DEEDS:
        return None
    bodies = store.rows(
        "SELECT body FROM deed_text WHERE organisation_id = ? AND seq > ? AND seq <= ?"
        " ORDER BY seq DESC",
        (organisation_id, after, until),
    )
    changes: dict[str, Changes] = {APPOINTMENT: {}, EXTRA: {}, EVENT: {}}
    for (body,) in bodies:
        if not body:
            return None
        for change in reversed(json.loads(body)["changes"]):
            if change["kind"] in changes:
                changes[change["kind"]].setdefault(change["id"], []).append(change["before"])
    out = Traces()
    extras = _extras(store, changes[EXTRA])
    _visits(store, changes[APPOINTMENT], extras, out)
    _events(store, changes[EVENT], out)
    return out


def _visits(store: Store, changes: Changes, extras: Mapping[int, set[int]], out: Traces) -> None:
    rows = _rows(
        store,
        "SELECT id, provider_id, operatory_id, patient_id, starts_at, ends_at, before_minutes,"
        " after_minutes FROM appointment WHERE id IN ({})",
        changes.keys() | extras.keys(),
        ("provider_id", "operatory_id", "patient_id", "starts_at", "ends_at", "before_minutes",
         "after_minutes"),
    )  # fmt: skip
    standing = _rows(
        store,
        "SELECT id, appointment_id, resource_id FROM appointment_extra"
        " WHERE appointment_id IN ({})",
        changes.keys(),
        ("appointment_id", "resource_id"),
    )
    beside = {number: set(found) for number, found in extras.items()}
    for row in standing.values():
        beside.setdefault(row["appointment_id"], set()).add(row["resource_id"])
    for number in changes.keys() | extras.keys():
        for state in _states(rows.get(number, {}), changes.get(number, ())):
            _visit(state, beside.get(number, ()), out)


def _visit(state: Mapping[str, Any], beside: Iterable[int], out: Traces) -> None:
    if "starts_at" not in state:
        return
    start, end = _minute(state["starts_at"]), _minute(state["ends_at"])
    padded = start - state["before_minutes"], end + state["after_minutes"]
    rooms = [state["operatory_id"]] if state.get("operatory_id") else []
    out.add([state["provider_id"], *rooms], *padded)
    # An extra may outlast its visit, by a day at the most.
    out.add(beside, start, start + bits.DAY)
    out.patients.add(state["patient_id"])


def _events(store: Store, changes: Changes, out: Traces) -> None:
    rows = _rows(
        store,
        "SELECT id, resource_id, starts_at, ends_at FROM calendar_event WHERE id IN ({})",
        changes.keys(),
        ("resource_id", "starts_at", "ends_at"),
    )
    for number, replaced in changes.items():
        for state in _states(rows.get(number, {}), replaced):
            if "starts_at" in state:
                times = _minute(state["starts_at"]), _minute(state["ends_at"])
                out.add([state["resource_id"]], *times)


def _extras(store: Store, changes: Changes) -> dict[int, set[int]]:
    """Appointment to the resources that touched extras of it take or took."""
    rows = _rows(
        store,
        "SELECT id, appointment_id, resource_id FROM appointment_extra WHERE id IN ({})",
        changes.keys(),
        ("appointment_id", "resource_id"),
    )
    out: dict[int, set[int]] = {}
    for number, replaced in changes.items():
        for state in _states(rows.get(number, {}), replaced):
            if "appointment_id" in state:
                out.setdefault(state["appointment_id"], set()).add(state["resource_id"])
    return out


def _states(
    row: Mapping[str, Any], replaced: Sequence[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """The row as it stands (empty where it is gone), then as it stood before each deed."""
    state = dict(row)
    yield state
    for before in replaced:
        state = {**state, **before}
        yield state


def _rows(
    store: Store, sql: str, numbers: Iterable[int], names: Sequence[str]
) -> dict[int, dict[str, Any]]:
    out: dict[int, dict[str, Any]] = {}
    wanted = sorted(numbers)
    for first in range(0, len(wanted), _IDS_AT_ONCE):
        some = wanted[first : first + _IDS_AT_ONCE]
        marks = ", ".join("?" * len(some))
        for number, *values in store.rows(sql.format(marks), some):
            out[number] = dict(zip(names, values, strict=True))
    return out


def _minute(value: Any) -> int:
    """A minute from an instant as rows hold it, or as the history's JSON does."""
    if isinstance(value, int):
        return value // 60
    return bits.minute(value if isinstance(value, datetime) else datetime.fromisoformat(value))
