"""Calendar events as the clinic plans them: once or coming back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from clinic_desk.rules.recurrence import Rule
from clinic_desk.rules.words import N_
from clinic_desk.services.cards import EventCard
from clinic_desk.services.impact import WouldBreak


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event as somebody wants it: from minute to minute of *day*, by the wall clock of its
    place. ``rule`` None: it does not come back.
    """

    title: str
    resource_id: int
    day: date
    starts_minute: int = 12 * 60
    ends_minute: int = 13 * 60
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """An event that is to come, or what is to come of a series: ``card`` is the next one,
    ``left`` says how many there are, ``last`` is the day of the last one.
    """

    card: EventCard
    rule: Rule | None
    left: int
    last: date


class TakenDates(WouldBreak):
    """Nothing was saved: the time is taken on dates that nobody has given up yet. ``impact``
    has the days as numbers (``date.toordinal``), and who stands there.
    """

    message = N_("Dates on which the time is taken already: {count}.")
    way_out = N_("Look at them, then save without them or go back.")
