"""Reading the diary: cards for the calendar, in one query a period, however many visits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from clinic_desk.models.diary import Appointment, CalendarEvent
from clinic_desk.models.people import Patient
from clinic_desk.rules import clinic_time
from clinic_desk.rules.errors import NotFound
from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.rules.spans import Span
from clinic_desk.services import patient_access
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.booking import full_name
from clinic_desk.services.cards import AppointmentCard, DiaryView, EventCard, Origin
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import query

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

_FIELDS = (
    "id",
    "uuid",
    "version",
    "starts_at",
    "ends_at",
    "time_zone",
    "status",
    "patient_id",
    "type_id",
    "provider_id",
    "operatory_id",
    "location_id",
    "before_minutes",
    "after_minutes",
    "case_id",
    "notes",
    "origin",
    "series_id",
    "visit_id",
    "permit_id",
    "confirmed_at",
    "arrived_at",
    "in_room_at",
    "completed_at",
    "reason",
)
READ = (
    "SELECT "
    + ", ".join(f"a.{name}" for name in _FIELDS)
    + ", p.last_name, p.first_name, p.date_of_birth, p.alert, c.main_problem"
)
"""What :func:`card_of` needs of each visit; whoever wants more adds it at the end."""

FROM = (
    " FROM appointment a JOIN patient p ON p.id = a.patient_id"
    " JOIN patient_case c ON c.id = a.case_id"
)
"""Where visits are read from: ``a`` the visit, ``p`` its patient, ``c`` its case."""

_TYPE, _WHO = _FIELDS.index("type_id"), _FIELDS.index("provider_id")
_STATUS = {str(status): status for status in Status}
_ORIGIN = {str(origin): origin for origin in Origin}

BUSY_COLOUR = "#8a8f98"
"""Of a visit that is told as busy only."""

LONGEST = timedelta(days=1)
"""No appointment is longer, and few events, so a window needs to look back no further."""


@query("Appointment Get All")
def view(
    actor: Actor,
    period: Span,
    *,
    location_id: int | None = None,
    provider_ids: Collection[int] | None = None,
    with_cancelled: bool = False,
) -> DiaryView:
    """Everything a calendar shows of *period*: visits, events, hours; three queries at most.
    A visit of a patient whom *actor* may not see is told as busy: when, with whom and where.

    Filtering by location keeps the visits without one ("No location set").
    """
    store = actor.store
    head = store.rows(
        "SELECT seq, catalogue_seq FROM deed WHERE organisation_id = ? ORDER BY seq DESC LIMIT 1",
        (actor.organisation_id,),
    )
    seq, catalogue_seq = head[0] if head else (0, 0)
    catalogue = store.catalogue(actor.organisation_id, at_least=catalogue_seq)
    found = store.rows(
        *within(
            actor,
            period,
            location_id=location_id,
            provider_ids=provider_ids,
            with_cancelled=with_cancelled,
        )
    )
    catalogue = _holding(actor, catalogue, found)
    return DiaryView(
        period=period,
        appointments=tuple(card_as_seen(catalogue, values) for values in found),
        events=_events(actor, period),
        open_hours=_open_hours(catalogue, period, provider_ids),
        clinic_hours=_clinic_hours(catalogue, period),
        seq=seq,
        read_at=datetime.now(UTC),
    )


def within(
    actor: Actor,
    period: Span,
    *,
    location_id: int | None = None,
    provider_ids: Collection[int] | None = None,
    with_cancelled: bool = False,
) -> Statement:
    """What reads the visits of *period*, by their beginning; see :func:`card_as_seen`."""
    select, who = _select(actor)
    where = ["a.organisation_id = ?", "a.starts_at > ?", "a.starts_at < ?", "a.ends_at > ?"]
    begin, end = _stored(period.starts_at), _stored(period.ends_at)
    parameters: list[Any] = [actor.organisation_id, _stored(period.starts_at - LONGEST), end, begin]
    if not with_cancelled:
        where.append(f"a.status IN ({', '.join('?' * len(HOLDING))})")
        parameters += sorted(HOLDING)
    if location_id is not None:
        where.append("(a.location_id = ? OR a.location_id IS NULL)")
        parameters.append(location_id)
    if provider_ids is not None:
        where.append(f"a.provider_id IN ({', '.join('?' * len(provider_ids)) or 'NULL'})")
        parameters += sorted(provider_ids)
    return Statement(
        f"{select} WHERE {' AND '.join(where)} ORDER BY a.starts_at, a.id", (*who, *parameters)
    )


def _select(actor: Actor) -> tuple[str, list[Any]]:
    """What :func:`card_as_seen` reads, and its values; at its end, whether one may see whom."""
    visible, who = patient_access.seen(actor)
    return f"{READ}, CASE WHEN {visible} THEN 1 ELSE 0 END{FROM}", who


@query("Appointment Show")
def appointment(actor: Actor, appointment_id: int) -> AppointmentCard:
    """One visit as it stands now, told as busy as :func:`view` does. Raises ``NotFound``."""
    select, who = _select(actor)
    found = actor.store.rows(
        f"{select} WHERE a.id = ? AND a.organisation_id = ?",
        (*who, appointment_id, actor.organisation_id),
    )
    if not found:
        raise NotFound
    return _cards(actor, found)[0]


@query("Appointment Get All")
def requests_waiting(actor: Actor) -> tuple[AppointmentCard, ...]:
    """Every appointment request that waits for a decision, the soonest visit first; of those
    patients whom *actor* may see.
    """
    select, who = _select(actor)
    found = actor.store.rows(
        f"{select} WHERE a.organisation_id = ? AND a.status = 'requested' ORDER BY a.starts_at",
        (*who, actor.organisation_id),
    )
    found = [values for values in found if values[-1]]
    return _cards(actor, found)


def card(
    catalogue: Catalogue, row: Appointment, person: Patient, main_problem: str
) -> AppointmentCard:
    """The card of a row that was just written."""
    values = [getattr(row, name) for name in _FIELDS]
    values += [person.last_name, person.first_name, person.date_of_birth, person.alert]
    return card_of(catalogue, (*values, main_problem), row.booked_at)


def _cards(actor: Actor, found: list[Any]) -> tuple[AppointmentCard, ...]:
    catalogue = _holding(actor, actor.store.catalogue(actor.organisation_id), found)
    return tuple(card_as_seen(catalogue, values) for values in found)


def _holding(actor: Actor, catalogue: Catalogue, found: list[Any]) -> Catalogue:
    """*catalogue*, or the newest where a row tells of a type or provider that it does not
    know: made at another desk a moment ago.
    """
    if all(v[_TYPE] in catalogue.types and v[_WHO] in catalogue.providers for v in found):
        return catalogue
    actor.store.forget_catalogue(actor.organisation_id)
    return actor.store.catalogue(actor.organisation_id)


def _stored(instant: datetime) -> Any:
    return r.stored(Appointment, "starts_at", instant)


def instant(value: Any) -> datetime:
    """An instant as either database gives it, aware and in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromtimestamp(value, UTC)


def _maybe(value: Any) -> datetime | None:
    return None if value is None else instant(value)


def _born(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else value or None


def card_as_seen(catalogue: Catalogue, values: Any) -> AppointmentCard:
    """The card of a row that :func:`within` reads; of a patient who may not be seen it tells
    when, with whom and where, and nothing else.
    """
    made = card_of(catalogue, values[:-1])
    if values[-1]:
        return made
    return replace(
        made,
        uuid="",
        patient_id=0,
        patient_name="",
        patient_born=None,
        patient_alert="",
        type=replace(made.type, code="", name="", colour=BUSY_COLOUR),
        case_id=0,
        main_problem="",
        notes="",
        series_id=None,
        visit_id=None,
        reason="",
        busy=True,
    )


def card_of(
    catalogue: Catalogue, values: Any, booked_at: datetime | None = None
) -> AppointmentCard:
    """The card of a row that :data:`READ` names."""
    (
        number,
        uuid,
        version,
        starts_at,
        ends_at,
        time_zone,
        status,
        patient_id,
        type_id,
        provider_id,
        operatory_id,
        location_id,
        before_minutes,
        after_minutes,
        case_id,
        notes,
        origin,
        series_id,
        visit_id,
        permit_id,
        confirmed_at,
        arrived_at,
        in_room_at,
        completed_at,
        reason,
        last_name,
        first_name,
        date_of_birth,
        alert,
        main_problem,
    ) = values
    return AppointmentCard(
        id=number,
        uuid=uuid,
        version=version,
        span=Span(instant(starts_at), instant(ends_at)),
        time_zone=time_zone,
        status=_STATUS[status],
        patient_id=patient_id,
        patient_name=full_name(first_name, last_name),
        patient_born=_born(date_of_birth),
        patient_alert=alert,
        type=catalogue.types[type_id],
        provider=catalogue.providers[provider_id],
        operatory=catalogue.operatories.get(operatory_id),
        location=catalogue.locations.get(location_id),
        before_minutes=before_minutes,
        after_minutes=after_minutes,
        case_id=case_id,
        main_problem=main_problem,
        notes=notes,
        origin=_ORIGIN[origin],
        series_id=series_id,
        visit_id=visit_id,
        overbooked=permit_id is not None,
        confirmed_at=_maybe(confirmed_at),
        arrived_at=_maybe(arrived_at),
        in_room_at=_maybe(in_room_at),
        completed_at=_maybe(completed_at),
        reason=reason,
        booked_at=booked_at,
    )


def _events(actor: Actor, period: Span) -> tuple[EventCard, ...]:
    sql, parameters = events_within(actor, period)
    found = actor.store.rows(sql, parameters)
    return tuple(event_card(row) for row in r.rows(CalendarEvent, found))


def events_within(actor: Actor, period: Span) -> Statement:
    """The events that overlap *period*: those of a day by their window, as visits are, and
    longer ones by an index of theirs. The past costs nothing, however long it is.
    """
    day = "interval '24 hours'" if actor.store.dialect == "postgresql" else "86400"
    select = f"{r.selecting(CalendarEvent)} WHERE organisation_id = ? AND"
    begin, end = _stored(period.starts_at), _stored(period.ends_at)
    before = _stored(period.starts_at - LONGEST)
    return Statement(
        f"{select} starts_at > ? AND starts_at < ? AND ends_at > ?"
        f" UNION ALL {select} starts_at <= ? AND ends_at - starts_at > {day} AND ends_at > ?"
        " ORDER BY starts_at, id",
        (
            *(actor.organisation_id, before, end, begin),
            *(actor.organisation_id, before, begin),
        ),
    )


def event_card(row: CalendarEvent) -> EventCard:
    """The card of a calendar event's row."""
    return EventCard(
        id=row.id,
        uuid=row.uuid,
        version=row.version,
        span=Span(row.starts_at, row.ends_at),
        time_zone=row.time_zone,
        resource_id=row.resource_id,
        title=row.title,
        location_id=row.location_id,
        series_id=row.series_id,
    )


def _open_hours(
    catalogue: Catalogue, period: Span, provider_ids: Collection[int] | None
) -> dict[int, tuple[tuple[int, Span], ...]]:
    zone = clinic_time.zone(catalogue.organisation.time_zone)
    days = clinic_time.days(period, zone)
    return {
        provider_id: tuple(catalogue.provider_hours(provider_id, days, zone))
        for provider_id in catalogue.providers
        if provider_ids is None or provider_id in provider_ids
    }


def _clinic_hours(catalogue: Catalogue, period: Span) -> dict[int, tuple[Span, ...]]:
    out = {}
    for location_id, place in catalogue.locations.items():
        zone = clinic_time.zone(place.time_zone)
        days = clinic_time.days(period, zone)
        out[location_id] = catalogue.clinic_spans(location_id, days, zone)
    return out
