"""What a demo's visits have been through so far, step by step, as the history tells it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import chain
from clinic_desk.services.bulk import Load, Who
from clinic_desk.services.cards import Origin
from clinic_desk.services.demo_rows import Fields

CALLED_OFF = (
    "Patient is ill",
    "Patient found no time",
    "Moved away",
    "Patient called: work",
    "Weather",
)
NO_SHOW = "Did not come, no answer at the telephone"
STATUS = "appointment.status"
PORTAL = Who("Patient portal", None, Origin.PORTAL)


@dataclass(frozen=True)
class Step:
    """One deed on the visit; ``fields`` with their values before and after."""

    at: datetime
    action: str
    before: Fields
    after: Fields
    reason: str = ""


@dataclass
class Life:
    """A visit's row as it stands now, and the steps that brought it there."""

    row: Fields
    steps: list[Step] = field(default_factory=list)

    def step(self, at: datetime, action: str, fields: Fields, reason: str = "") -> None:
        """The visit changes; its version counts on."""
        at = at.replace(microsecond=0)
        before = {k: self.row.get(k) for k in fields if self.row.get(k) != fields[k]}
        self.steps.append(Step(at, action, before, {k: fields[k] for k in before}, reason))
        self.row.update(fields, version=self.row["version"] + 1)


def lived(row: Fields, now: datetime, chance: random.Random) -> Life:
    """How a visit came to the status that *row* has, told backwards from *now*."""
    status = Status(row["status"])
    start, end = row["starts_at"], row["ends_at"]
    booked = _booked(status, start, now, chance)
    first = Status.REQUESTED if status is Status.REQUESTED else Status.SCHEDULED
    life = Life({**row, "status": str(first), "booked_at": booked, "reason": "", "version": 1})
    life.steps.append(Step(booked, "appointment.book", {}, _known(life.row)))
    if first is status:
        return life
    if status is Status.CONFIRMED or chance.random() < 0.7:
        _confirm(life, status, now, chance)
    if status in {Status.ARRIVED, Status.COMPLETED}:
        come = min(now, start - timedelta(minutes=chance.randrange(1, 12)))
        life.step(come, STATUS, {"status": "arrived", "arrived_at": _whole(come)})
        if start <= now:
            entered = min(now, start + timedelta(minutes=chance.randrange(7)))
            life.step(entered, "appointment.room", {"in_room_at": _whole(entered)})
    if status is Status.COMPLETED:
        done = min(now, end + timedelta(minutes=chance.randrange(-4, 6)))
        life.step(done, STATUS, {"status": "completed", "completed_at": _whole(done)})
    if status is Status.MISSED:
        noticed = start + timedelta(minutes=20)
        life.step(noticed, STATUS, {"status": "missed", "reason": NO_SHOW}, NO_SHOW)
    if status is Status.CANCELLED:
        last = life.steps[-1].at
        called = last + (min(now, start) - last) * chance.uniform(0.2, 0.95)
        why = chance.choice(CALLED_OFF)
        life.step(called, STATUS, {"status": "cancelled", "reason": why}, why)
    return life


def _booked(status: Status, start: datetime, now: datetime, chance: random.Random) -> datetime:
    if status is Status.REQUESTED:
        return _whole(now - timedelta(minutes=chance.randrange(20, 2400)))
    lead = timedelta(days=chance.triangular(0.3, 55, 12))
    since = timedelta(minutes=chance.triangular(240, 30 * 1440, 3 * 1440))
    return _whole(min(start - lead, now - since))


def _confirm(life: Life, status: Status, now: datetime, chance: random.Random) -> None:
    """Somebody called in the days before, if there was time to."""
    booked, start = life.row["booked_at"], life.row["starts_at"]
    latest = min(now, start - timedelta(hours=2))
    earliest = max(booked + timedelta(minutes=3), start - timedelta(days=4))
    if earliest < latest:
        at = earliest + (latest - earliest) * chance.random()
    elif status is Status.CONFIRMED:
        at = min(now, booked + timedelta(minutes=3))
    else:
        return
    life.step(at, STATUS, {"status": "confirmed", "confirmed_at": _whole(at)})


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


def _known(row: Fields) -> Fields:
    return {k: v for k, v in row.items() if k != "id" and v is not None}


def tell(load: Load, lives: Sequence[Life], desk: Sequence[Who], chance: random.Random) -> None:
    """Write all steps of all visits into the history, in the order in which they happened."""
    own = {"organisation_id": load.organisation_id}
    steps = [
        (step.at, life.row["id"], number, life, step)
        for life in lives
        for number, step in enumerate(life.steps)
    ]
    for at, row_id, number, life, step in sorted(steps, key=lambda s: s[:3]):
        by_portal = number == 0 and life.row["origin"] == Origin.PORTAL
        created = number == 0
        after = {**own, **step.after} if created else step.after
        load.deed(
            [chain.Change("appointment", row_id, created, step.before, after)],
            action=step.action,
            who=PORTAL if by_portal else chance.choice(desk),
            at=at,
            reason=step.reason,
        )
