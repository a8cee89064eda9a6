"""What the faces see of cases: the plan that makes one, the page, its history, its series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from clinic_desk.rules.conflicts import Conflict
from clinic_desk.rules.errors import Conflicted
from clinic_desk.rules.recurrence import Rule, Skipped
from clinic_desk.rules.words import N_
from clinic_desk.services.cards import AppointmentCard, Origin, PatientCard, TypeCard
from clinic_desk.services.offer_cards import Seat, TimeOffer


@dataclass(frozen=True, slots=True)
class Plan:
    """What "Schedule appointments" carries out: a case and its visits, each of one or more
    seats. With ``case_id`` the visits join that case. ``desk`` is the dialog whose holds end.
    """

    patient_id: int
    main_problem: str
    visits: tuple[tuple[Seat, ...], ...]
    case_id: int | None = None
    notes: str = ""
    desk: str = ""

    @property
    def seats(self) -> tuple[Seat, ...]:
        """All seats of all visits, in order."""
        return tuple(seat for visit in self.visits for seat in visit)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The case and the appointments that were just made for it."""

    case_id: int
    main_problem: str
    appointments: tuple[AppointmentCard, ...]


@dataclass(frozen=True, slots=True)
class RefusedService:
    """A service of a plan that cannot be booked: ``number`` counts the plan's seats from 0.
    ``openings`` are the next times of the same provider, then of anybody.
    """

    number: int
    name: str
    seat: Seat
    reasons: tuple[Conflict, ...]
    openings: tuple[TimeOffer, ...] = ()


class NotScheduled(Conflicted):
    """Nothing of the plan was booked; ``services`` are those that stand in the way."""

    message = N_("Nothing was booked, since not all of it can be.")
    way_out = N_("Choose another time for what is named; the rest is kept as it is.")

    def __init__(self, services: tuple[RefusedService, ...]) -> None:
        super().__init__(tuple(dict.fromkeys(c for s in services for c in s.reasons)))
        self.services = services

    def __str__(self) -> str:
        services = getattr(self, "services", ())
        told = [f"{s.name}: {' '.join(map(str, s.reasons))}" for s in services]
        return " ".join([self.message, *told, self.way_out])


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """How many appointments a case has: all, still to come, over, and fallen through
    (cancelled, missed, declined).
    """

    total: int = 0
    ahead: int = 0
    over: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list, without its appointments."""

    id: int
    version: int
    patient_id: int
    patient_name: str
    main_problem: str
    type: TypeCard | None
    open: bool
    counts: CaseCounts


@dataclass(frozen=True, slots=True)
class CaseCard:
    """The page of a case. ``services`` are the types of its appointments in the order of their
    first one. ``allowed_type_ids`` empty: any type may be requested.
    """

    id: int
    uuid: str
    version: int
    patient: PatientCard
    main_problem: str
    type: TypeCard | None
    open: bool
    requests_allowed: bool
    allowed_type_ids: tuple[int, ...]
    services: tuple[TypeCard, ...]
    appointments: tuple[AppointmentCard, ...]
    counts: CaseCounts


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One field of one record that a deed changed.

    ``label`` and ``about`` are texts for translation; ``before`` and ``after`` are what a
    reader understands: names in place of numbers, instants (UTC), texts, True and False, None.
    """

    seq: int
    at: datetime
    actor_id: int | None
    who: str
    origin: Origin
    action: str
    reason: str
    undoes: int | None
    kind: str
    entity_id: int
    about: str
    field: str
    label: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Lines, the newest first; ``older`` is where the next page begins, None at the end."""

    lines: tuple[HistoryLine, ...]
    older: int | None


class Scope(StrEnum):
    """Which visits of a series a change is for."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class SeriesDate:
    """A date of a series: its seat, every reason against it, and the next free time of the
    same provider within a week where it cannot be had. ``appointment_id`` is the visit that
    stands on it, in a change, with its ``version``; ``seat`` None: the wall time does not exist
    on that day.
    """

    day: date
    seat: Seat | None
    reasons: tuple[Conflict, ...] = ()
    next_free: TimeOffer | None = None
    appointment_id: int | None = None
    version: int = 0

    @property
    def free(self) -> bool:
        """Whether nothing stands in the way."""
        return self.seat is not None and not self.reasons


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """The dates to come, and those that the rule names and that do not exist."""

    dates: tuple[SeriesDate, ...]
    left_out: tuple[Skipped, ...] = ()

    @property
    def clashes(self) -> tuple[SeriesDate, ...]:
        """The dates for which somebody has to choose."""
        return tuple(d for d in self.dates if not d.free)

    @property
    def versions(self) -> dict[int, int]:
        """The visits of a change, each with the version that was seen."""
        return {d.appointment_id: d.version for d in self.dates if d.appointment_id is not None}


@dataclass(frozen=True, slots=True)
class SeriesCard:
    """A series as it stands: the rule by which it was made, and all its visits in order, those
    that are over or were cancelled too.
    """

    id: int
    rule: Rule
    visits: tuple[AppointmentCard, ...]


class SeriesClash(Conflicted):
    """Dates of a series cannot be had and nobody chose for them; nothing was changed."""

    message = N_("Nothing was changed, since some dates of the series cannot be had.")
    way_out = N_("Choose for each of them: leave it out, the next free time, or another one.")

    def __init__(self, dates: tuple[SeriesDate, ...]) -> None:
        self.dates = dates
        super().__init__(tuple(dict.fromkeys(c for d in dates for c in d.reasons)))

    def __str__(self) -> str:
        told = (f"{d.day.isoformat()}: {' '.join(map(str, d.reasons))}" for d in self.dates)
        return " ".join([self.message, *told, self.way_out])


@dataclass(frozen=True, slots=True)
class SeriesDone:
    """What became of a series: its visits in order, and the deeds to undo, the newest first.

    ``refused`` are dates that somebody else took while the series was being written, ``left``
    those of visits that somebody changed since they were looked at; all others stand.
    """

    series_id: int
    appointment_ids: tuple[int, ...]
    seqs: tuple[int, ...]
    refused: tuple[SeriesDate, ...] = ()
    left: tuple[SeriesDate, ...] = ()
