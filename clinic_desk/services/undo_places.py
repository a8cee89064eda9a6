"""What taking a deed back would make of the clinic's places, people, hours and types: the
catalogue as it would stand, and which booked visits would then no longer fit.

A plain change of hours asks about such visits before it is saved. Undo has no such question,
so it is refused instead, and whoever wants it all the same makes the change by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from clinic_desk.rules.errors import Invalid, Refused
from clinic_desk.rules.hours import OneDay, Weekly
from clinic_desk.rules.words import N_
from clinic_desk.services import clinic_fields as fields
from clinic_desk.services import impact
from clinic_desk.services.impact import Scope
from clinic_desk.services.undo_kinds import KINDS

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue
    from clinic_desk.services.transaction import Rows, Statement
    from clinic_desk.services.work import Work

BREAKS = N_("This cannot be undone: future appointments that would no longer fit: {count}.")
BY_HAND = N_("Change it by hand: the program then shows these appointments first.")
OTHER_HOURS = N_("This cannot be undone: these hours were changed again since.")
LOOK = N_("Look at the hours as they are now, and change them by hand.")


class Step(NamedTuple):
    """A row as it stands (None: it is gone) and as it would stand (None: it would be gone).

    A row that is changed has its changed fields only.
    """

    kind: str
    id: int
    now: Mapping[str, Any] | None
    then: Mapping[str, Any] | None


_SHELVES = {
    "appointment_type": ("types", "type_id"),
    "location": ("locations", "location_id"),
    "operatory": ("operatories", "operatory_id"),
    "provider": ("providers", "provider_id"),
}
_CLINIC = "organisation"
_TELLING = frozenset({"active", "time_zone"})
"""Fields of these that decide whether a visit may stand there."""

_PARTS = {
    "clinic_hours": "location_id",
    "closed_day": "",
    "provider_qualification": "provider_id",
    "type_qualification": "type_id",
    "work_exception": "provider_id",
    "work_hours": "provider_id",
}
"""What hangs on these, by the column of a visit that narrows what is asked; a closed day keeps
its people away from everywhere else too.
"""
_WORDS = frozenset({"name", "reason", "version"})
"""Fields of these that decide nothing."""


def lock(work: Work, steps: Iterable[Step], *reads: Statement) -> list[Rows]:
    """Take the work's lock, and give the answers to *reads*. Raises ``Refused`` where booked
    visits would no longer fit, or where hours were changed since.
    """
    telling = [_whole(work, step) for step in steps if _tells(step)]
    if not telling:
        return work.lock(*reads)
    try:
        return impact.lock(work, _scope(telling), lambda known: after(known, telling), (), *reads)
    except impact.WouldBreak as error:
        raise Refused(BREAKS, way_out=BY_HAND, count=error.impact.count) from error


def _tells(step: Step) -> bool:
    if step.kind == _CLINIC:
        return "time_zone" in (step.then or {})
    if step.kind in _SHELVES:
        return step.now is not None and bool(_TELLING & (step.then or {}).keys())
    return step.kind in _PARTS and bool({*(step.now or {}), *(step.then or {})} - _WORDS)


def _whole(work: Work, step: Step) -> Step:
    """*step* with all fields of its row: a new piece may have taken over the number of an old
    one, and is then told as a change of it.
    """
    if step.kind in {_CLINIC, *_SHELVES} or step.now is None or step.then is None:
        return step
    row = work.find(KINDS[step.kind].model, step.id).__data__
    return step._replace(now={**row, **step.now}, then={**row, **step.then})


def _scope(steps: Iterable[Step]) -> Scope:
    """The narrowest there is: many clinics have far more visits than one provider has."""
    found = set()
    for step in steps:
        row = step.then or step.now or {}
        if step.kind == _CLINIC:
            found.add(("", 0))
        elif step.kind in _SHELVES:
            wide = step.kind == "location" and "time_zone" in row
            found.add(("", 0) if wide else (_SHELVES[step.kind][1], step.id))
        else:
            column = _PARTS[step.kind]
            found.add((column, row[column]) if column else ("", 0))
    return Scope(*found.pop()) if len(found) == 1 else Scope()


def after(known: Catalogue, steps: Iterable[Step]) -> Catalogue:
    """*known* as it would stand. Raises ``Refused`` where hours would overlap."""
    asked = list(steps)
    for step in asked:
        if step.kind == _CLINIC:
            card = replace(known.organisation, time_zone=(step.then or {})["time_zone"])
            known = replace(known, organisation=card)
        elif step.kind in _SHELVES:
            known = _with_card(known, step)
        elif step.kind == "clinic_hours":
            known = _with_week(known, "clinic_hours", "location_id", step)
        elif step.kind == "work_hours":
            known = _with_week(known, "work_hours", "provider_id", step)
        elif step.kind == "closed_day":
            known = _with_closed(known, step)
        elif step.kind == "work_exception":
            known = _with_day(known, step)
        else:
            known = _with_skill(known, step)
    for step in asked:
        _refuse_overlap(known, step)
    return known


def _with_card(known: Catalogue, step: Step) -> Catalogue:
    name, _column = _SHELVES[step.kind]
    shelf = getattr(known, name)
    if step.id not in shelf or step.then is None:
        return known
    told = {k: v for k, v in step.then.items() if k in _TELLING}
    return _having(known, name, step.id, replace(shelf[step.id], **told))


def _with_week(known: Catalogue, name: str, owner: str, step: Step) -> Catalogue:
    number = (step.then or step.now or {})[owner]
    week = list(getattr(known, name).get(number, ()))
    gone = None if step.now is None else _weekly(step.now, of_provider=owner == "provider_id")
    if gone in week:
        week.remove(gone)
    if step.then is not None:
        week.append(_weekly(step.then, of_provider=owner == "provider_id"))
    return _having(known, name, number, tuple(week))


def _weekly(row: Mapping[str, Any], *, of_provider: bool) -> Weekly:
    at = (row["weekday"], row["starts_minute"], row["ends_minute"])
    if not of_provider:
        return Weekly(*at)
    return Weekly(
        *at,
        weeks=row.get("weeks", "every"),
        location_id=row["location_id"],
        operatory_id=row.get("operatory_id"),
    )


def _with_closed(known: Catalogue, step: Step) -> Catalogue:
    number = (step.then or step.now or {})["location_id"]
    days = dict(known.closed_days.get(number, {}))
    if step.now is not None:
        days.pop(step.now["day"], None)
    if step.then is not None:
        if step.then["day"] in days:
            raise Refused(OTHER_HOURS, way_out=LOOK)
        days[step.then["day"]] = step.then.get("name", "")
    return _having(known, "closed_days", number, days)


def _with_day(known: Catalogue, step: Step) -> Catalogue:
    number = (step.then or step.now or {})["provider_id"]
    days = list(known.work_exceptions.get(number, ()))
    gone = None if step.now is None else _one_day(step.now)
    if gone in days:
        days.remove(gone)
    if step.then is not None:
        days.append(_one_day(step.then))
    return _having(known, "work_exceptions", number, tuple(days))


def _one_day(row: Mapping[str, Any]) -> OneDay:
    return OneDay(
        row["day"],
        row.get("starts_minute"),
        row.get("ends_minute"),
        location_id=row.get("location_id"),
    )


def _with_skill(known: Catalogue, step: Step) -> Catalogue:
    name, column = ("providers", "provider_id")
    if step.kind == "type_qualification":
        name, column = ("types", "type_id")
    shelf, number = getattr(known, name), (step.then or step.now or {})[column]
    if number not in shelf:
        return known
    skills = set(shelf[number].qualification_ids)
    if step.now is not None:
        skills.discard(step.now["qualification_id"])
    if step.then is not None:
        skills.add(step.then["qualification_id"])
    card = replace(shelf[number], qualification_ids=frozenset(skills))
    return _having(known, name, number, card)


def _having(known: Catalogue, name: str, number: int, value: object) -> Catalogue:
    shelf: dict[str, Any] = {name: {**getattr(known, name), number: value}}
    return replace(known, **shelf)


def _refuse_overlap(known: Catalogue, step: Step) -> None:
    """Pieces that others entered meanwhile stand beside what comes back, or against it."""
    if step.then is None:
        return
    try:
        if step.kind == "work_hours":
            fields.tidy_week("hours", known.work_hours[step.then["provider_id"]])
        elif step.kind == "clinic_hours":
            fields.tidy_week("hours", known.clinic_hours[step.then["location_id"]])
        elif step.kind == "work_exception":
            _refuse_two(known.work_exceptions[step.then["provider_id"]], step.then["day"])
    except Invalid as error:
        raise Refused(OTHER_HOURS, way_out=LOOK) from error


def _refuse_two(days: Iterable[OneDay], day: date) -> None:
    """Absent and at work on one day, or at work twice at one time."""
    here = sorted((d for d in days if d.day == day), key=lambda d: d.starts_minute or 0)
    absent = any(d.starts_minute is None for d in here)
    twice = any((b.starts_minute or 0) < (a.ends_minute or 0) for a, b in pairwise(here))
    if len(here) > 1 and (absent or twice):
        raise Refused(OTHER_HOURS, way_out=LOOK)
