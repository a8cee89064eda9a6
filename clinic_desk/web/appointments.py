"""Appointments: booking, reading, changing and cancelling, by the very rules of the desk."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from clinic_desk.rules import clinic_time
from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.errors import Conflicted, Invalid, Refused, Stale
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import by_uuid, diary
from clinic_desk.services.by_uuid import Visit
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.web import shapes, times
from clinic_desk.web.lists import numbered
from clinic_desk.web.patients import PageNumber, PageSize
from clinic_desk.web.problems import Outdated, Reused
from clinic_desk.web.security import Asking, Caller, Key
from clinic_desk.web.times import Edge

routes = APIRouter(tags=["Scheduling"])

ROOMS_TRIED = 5
"""So often another room is looked for when somebody was faster at the one that was free."""

Match = Annotated[str | None, Header(alias="If-Match", description="The ETag that you read.")]

ALONE = N_("Change the status in a request of its own.")
NOTHING = N_("Say what is to change.")
NOT_A_TAG = N_('If-Match is the ETag of an appointment, such as "3".')


@routes.get("/appointments")
def listed(
    caller: Asking,
    begin: Annotated[Edge | None, Query(alias="from")] = None,
    end: Annotated[Edge | None, Query(alias="to")] = None,
    provider_uuid: UUID | None = None,
    location_uuid: UUID | None = None,
    patient_uuid: UUID | None = None,
    status: Annotated[list[Status] | None, Query(max_length=8)] = None,
    page: PageNumber = 1,
    page_size: PageSize = 50,
) -> shapes.Page[shapes.Appointment]:
    """Appointments that begin in a period, by their beginning. Times without an offset are
    those of the location asked for, else of the organisation.
    """
    caller.actor.require("Appointment Show")
    known = caller.catalogue()
    place = numbered(known.locations.values(), location_uuid) if location_uuid else None
    zone = clinic_time.zone(known.time_zone(place))
    visits, total = by_uuid.visits(
        caller.actor,
        begin=times.edge(begin, zone, "from") if begin else None,
        end=times.edge(end, zone, "to", last=True) if end else None,
        provider_id=numbered(known.providers.values(), provider_uuid) if provider_uuid else None,
        location_id=place,
        patient_id=_patient(caller, patient_uuid) if patient_uuid else None,
        statuses=status or (),
        first=(page - 1) * page_size,
        count=page_size,
    )
    items = [shapes.appointment(visit) for visit in visits]
    return shapes.Page(items=items, page=page, page_size=page_size, total=total)


@routes.post("/appointments", status_code=201)
def create(
    caller: Asking,
    wanted: shapes.NewAppointment,
    request: Request,
    response: Response,
    key: Key = None,
) -> shapes.Appointment:
    """Book an appointment. 409 with every reason where the time cannot be taken."""
    caller.actor.require("Appointment Create")
    known = caller.catalogue()
    location_id = numbered(known.locations.values(), wanted.location_uuid)
    zone = clinic_time.zone(known.time_zone(location_id))
    asked: dict[str, Any] = {
        "span": times.span(wanted.scheduled_start, wanted.scheduled_end, zone),
        "type_id": numbered(known.types.values(), wanted.appointment_type_uuid),
        "provider_id": numbered(known.providers.values(), wanted.provider_uuid),
        "patient_id": _patient(caller, wanted.patient_uuid),
        "location_id": location_id,
        "notes": wanted.notes,
    }
    room = _room(known, wanted.operatory_uuid)
    visit = by_uuid.visit_numbered(caller.actor, _booked(caller, asked, room, key))
    response.headers["Location"] = f"{request.url.path}/{visit.card.uuid}"
    return _told(visit, response)


@routes.get("/appointments/{appointment_uuid}")
def show(caller: Asking, appointment_uuid: UUID, response: Response) -> shapes.Appointment:
    """One appointment."""
    return _told(by_uuid.visit(caller.actor, str(appointment_uuid)), response)


@routes.patch("/appointments/{appointment_uuid}")
def change(
    caller: Asking,
    appointment_uuid: UUID,
    wanted: shapes.AppointmentChange,
    response: Response,
    match: Match = None,
    key: Key = None,
) -> shapes.Appointment:
    """Change the status, or any of time, provider, room and notes."""
    caller.actor.require("Appointment Update")
    visit = by_uuid.visit(caller.actor, str(appointment_uuid))
    version = _version(visit, wanted.version, match)
    fields = _fields(caller, visit, wanted)
    if wanted.status is not None and fields:
        raise Invalid("status", ALONE)
    if wanted.status is not None:
        return _stepped(
            caller, visit, Status(wanted.status), version, wanted.reason, match, key, response
        )
    if not fields:
        raise Invalid("notes", NOTHING)
    try:
        diary.change(
            caller.actor,
            visit.card.id,
            version=version,
            request_id=caller.request_id(key),
            **fields,
        )
    except Stale as error:
        raise _stale(error, match) from error
    return _told(by_uuid.visit_numbered(caller.actor, visit.card.id), response)


@routes.post("/appointments/{appointment_uuid}/cancel")
def cancel(
    caller: Asking,
    appointment_uuid: UUID,
    response: Response,
    wanted: shapes.Cancelling | None = None,
    match: Match = None,
    key: Key = None,
) -> shapes.Appointment:
    """Cancel an appointment; its time is free again."""
    caller.actor.require("Appointment Cancel")
    visit = by_uuid.visit(caller.actor, str(appointment_uuid))
    wanted = wanted or shapes.Cancelling()
    version = _version(visit, wanted.version, match)
    return _stepped(caller, visit, Status.CANCELLED, version, wanted.reason, match, key, response)


def _patient(caller: Caller, uuid: UUID) -> int:
    return by_uuid.patient_number(caller.actor, str(uuid))


def _room(known: Catalogue, uuid: UUID | None) -> int | None:
    return numbered(known.operatories.values(), uuid) if uuid else None


def _booked(caller: Caller, asked: dict[str, Any], room: int | None, key: str | None) -> int:
    """The number of the visit that was booked, in this room or else in a free one.

    A room that we chose is part of what the door remembers of a request, so a repetition asks
    for the one that was chosen first.
    """
    request_id = caller.request_id(key)
    tried: set[int] = set()
    while True:
        done, earlier = (
            by_uuid.earlier_room(caller.actor, request_id) if request_id else (False, None)
        )
        chosen = room
        if room is None and done:
            chosen = earlier
        elif room is None:
            chosen = by_uuid.free_room(
                caller.actor, asked["location_id"], asked["type_id"], asked["span"], tried
            )
        try:
            booked = diary.book(caller.actor, **asked, operatory_id=chosen, request_id=request_id)
        except Conflicted as error:
            only_room = {c.kind for c in error.conflicts} <= {Kind.OPERATORY}
            if room is not None or done or not only_room or chosen in tried or chosen is None:
                raise
            tried.add(chosen)
            if len(tried) == ROOMS_TRIED:
                raise
        except Refused as error:
            if type(error) is not Refused or request_id is None:
                raise
            if done:
                raise Reused from error
            if not by_uuid.earlier_room(caller.actor, request_id)[0]:
                raise
            # The same request is being carried out on another line: ask for its answer.
        else:
            return booked.value.id


def _stepped(
    caller: Caller,
    visit: Visit,
    status: Status,
    version: int,
    reason: str,
    match: str | None,
    key: str | None,
    response: Response,
) -> shapes.Appointment:
    try:
        diary.set_status(
            caller.actor,
            visit.card.id,
            status,
            version=version,
            reason=reason,
            request_id=caller.request_id(key),
        )
    except Stale as error:
        raise _stale(error, match) from error
    return _told(by_uuid.visit_numbered(caller.actor, visit.card.id), response)


def _fields(caller: Caller, visit: Visit, wanted: shapes.AppointmentChange) -> dict[str, Any]:
    """What ``diary.change`` takes; a field that is not sent stays as it is."""
    known, out = caller.catalogue(), dict[str, Any]()
    zone, span = clinic_time.zone(visit.card.time_zone), visit.card.span
    start, end = wanted.scheduled_start, wanted.scheduled_end
    if start or end:
        begin = times.instant(start, zone, "scheduled_start") if start else span.starts_at
        until = times.instant(end, zone, "scheduled_end") if end else begin + _length(span)
        if begin >= until:
            raise Invalid("scheduled_end", times.WRONG_WAY)
        out["span"] = Span(begin, until)
    if wanted.notes is not None:
        out["notes"] = wanted.notes
    if wanted.provider_uuid:
        out["provider_id"] = numbered(known.providers.values(), wanted.provider_uuid)
    if "operatory_uuid" in wanted.model_fields_set:
        out["operatory_id"] = _room(known, wanted.operatory_uuid)
        # Without a room the visit stays at its location.
        if out["operatory_id"] is None and visit.card.location:
            out["location_id"] = visit.card.location.id
    return out


def _length(span: Span) -> Any:
    return span.ends_at - span.starts_at


def _version(visit: Visit, version: int | None, match: str | None) -> int:
    if match is None or match.strip() == "*":
        return version or visit.card.version
    told = match.strip().removeprefix("W/").strip('"')
    if not (told.isascii() and told.isdigit() and len(told) < 10):
        raise Invalid("If-Match", NOT_A_TAG)
    return int(told)


def _stale(error: Stale, match: str | None) -> Stale:
    return Outdated(error.theirs) if match else error


def _told(visit: Visit, response: Response) -> shapes.Appointment:
    response.headers["ETag"] = f'"{visit.card.version}"'
    return shapes.appointment(visit)
