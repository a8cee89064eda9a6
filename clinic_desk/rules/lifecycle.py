"""The life of an appointment: which status may follow which.

::

    requested ──► scheduled ──► confirmed ──► arrived ──► completed
        │             └─────── each step may be skipped ─────┘
        ├──► declined                any open one ──► cancelled, missed

A step back (an arrival marked by mistake, a cancelled visit that comes after all) is allowed
too, but is a command of its own: from a status that has given its time away it has to win
that time again, and whoever commands it checks that.
"""

from __future__ import annotations

from enum import StrEnum

from clinic_desk.rules.errors import Refused
from clinic_desk.rules.words import N_


class Status(StrEnum):
    """Where an appointment stands."""

    REQUESTED = "requested"
    SCHEDULED = "scheduled"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    MISSED = "missed"
    DECLINED = "declined"


HOLDING = frozenset(
    {Status.REQUESTED, Status.SCHEDULED, Status.CONFIRMED, Status.ARRIVED, Status.COMPLETED}
)
"""The statuses whose appointments take the time of their resources."""

OPEN = frozenset({Status.SCHEDULED, Status.CONFIRMED, Status.ARRIVED})
"""The visit is still to come or going on: it may be cancelled or missed."""

_ROAD = (
    Status.REQUESTED,
    Status.SCHEDULED,
    Status.CONFIRMED,
    Status.ARRIVED,
    Status.COMPLETED,
)

_FORWARD: dict[Status, frozenset[Status]] = {
    Status.REQUESTED: frozenset({Status.SCHEDULED, Status.DECLINED, Status.CANCELLED}),
    **{
        status: frozenset({*_ROAD[_ROAD.index(status) + 1 :], Status.CANCELLED, Status.MISSED})
        for status in OPEN
    },
    Status.COMPLETED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.MISSED: frozenset(),
    Status.DECLINED: frozenset(),
}

_BACK: dict[Status, frozenset[Status]] = {
    Status.REQUESTED: frozenset(),
    Status.SCHEDULED: frozenset(),
    Status.CONFIRMED: frozenset({Status.SCHEDULED}),
    Status.ARRIVED: frozenset({Status.SCHEDULED, Status.CONFIRMED}),
    Status.COMPLETED: frozenset({Status.SCHEDULED, Status.CONFIRMED, Status.ARRIVED}),
    Status.CANCELLED: frozenset({Status.SCHEDULED, Status.CONFIRMED}),
    # The patient came after all, late.
    Status.MISSED: frozenset({Status.SCHEDULED, Status.CONFIRMED, Status.ARRIVED}),
    Status.DECLINED: frozenset({Status.REQUESTED}),
}


def steps_forward(status: Status) -> frozenset[Status]:
    """What an appointment of *status* may become in the ordinary course of things."""
    return _FORWARD[status]


def steps_back(status: Status) -> frozenset[Status]:
    """What an appointment of *status* may be set back to."""
    return _BACK[status]


def may_become(status: Status) -> frozenset[Status]:
    """Every status that may follow *status*, steps back included."""
    return _FORWARD[status] | _BACK[status]


def is_step_back(before: Status, after: Status) -> bool:
    """Whether going from *before* to *after* takes something back."""
    return after in _BACK[before]


def takes_time_again(before: Status, after: Status) -> bool:
    """Whether the step must win its time again, because *before* had given it away."""
    return before not in HOLDING and after in HOLDING


def is_later(status: Status, than: Status) -> bool:
    """Whether *status* lies further along the road from requested to completed than *than*.

    False where one of them is off that road (cancelled, missed, declined).
    """
    if status not in HOLDING or than not in HOLDING:
        return False
    return _ROAD.index(status) > _ROAD.index(than)


def check_step(before: Status, after: Status) -> None:
    """Raise ``Refused`` unless an appointment of *before* may become *after*."""
    if after in may_become(before):
        return
    if before is after:
        raise Refused(
            N_("This appointment is {status} already."),
            way_out=N_("Refresh the view: somebody was faster."),
            status=before,
        )
    raise Refused(
        N_("An appointment that is {before} cannot become {after}."),
        way_out=N_("Set it back to an open status first, or book a new one."),
        before=before,
        after=after,
    )
