"""The life of an appointment: which status may follow which."""

from __future__ import annotations

from enum import StrEnum


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
