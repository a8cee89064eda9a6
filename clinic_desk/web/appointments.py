"""Appointments: booking, reading, changing and cancelling, by the very rules of the desk."""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from clinic_desk.rules import clinic_time, fold
from clinic_desk.rules.errors import Invalid, Refused, Stale
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import N_
from clinic_desk.services import (
    booking,
    by_uuid,
    diary,
    first_answers,
    lengths,
    record_pages,
    revision,
)
from clinic_desk.services.actor import Actor
from clinic_desk.services.by_uuid import Visit
from clinic_desk.services.cards import AppointmentCard, Done
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.rooms import ANY_ROOM
from clinic_desk.web import matching, paging, shapes, times
from clinic_desk.web.endpoint import Endpoint
from clinic_desk.web.lists import chosen, numbered
from clinic_desk.web.paging import After, PageNumber, PageSize
from clinic_desk.web.problems import Checks, MergedMeanwhile, Outdated
from clinic_desk.web.security import Asking, Caller, Key, needs
from clinic_desk.web.times import Edge

routes = APIRouter(tags=["Scheduling"], route_class=Endpoint)

NOTHING = N_("Say what is to change.")
NO_STEP = N_("A reason says why the status changes: send the status too.")
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "It is as you have it."}}


@routes.get("/appointments", responses=paging.LINKED, openapi_extra=needs("Appointment Show"))
def listed(
    caller: Asking,
    request: Request,
    response: Response,
    begin: Annotated[Edge | None, Query(alias="from")] = None,
    end: Annotated[Edge | None, Query(alias="to")] = None,
    provider_uuid: UUID | None = None,
    location_uuid: UUID | None = None,
    patient_uuid: UUID | None = None,
    status: Annotated[list[Status] | None, Query(max_length=8)] = None,
    page: PageNumber = 1,
    page_size: PageSize = 50,
    after: After = None,
) -> shapes.Page[shapes.Appointment]:
    """Appointments that begin in a period, by their beginning. Times without an offset are
    those of the location asked for, else of the organisation.
    """
    known = caller.catalogue()
    checks = Checks()
    place = chosen(checks, "location_uuid", known.locations, location_uuid)
    zone = clinic_time.zone(known.time_zone(place))
    first, last = paging.period(checks, begin, end, zone)
    provider = chosen(checks, "provider_uuid", known.providers, provider_uuid)
    patient = checks.of("patient_uuid", _patient, caller, patient_uuid) if patient_uuid else None
    checks.done()
    walk = paging.Walk(caller, request, page, after)
    found = record_pages.visits(
        caller.actor,
        begin=first,
        end=last,
        provider_id=provider,
        location_id=place,
        patient_id=patient,
        statuses=status or (),
        page=page,
        size=page_size,
        after=walk.after,
    )
    walk.link(response, found.end)
    items = [shapes.appointment(visit) for visit in found.items]
    return shapes.Page(items=items, page=found.page, page_size=page_size, total=found.total)


@routes.post(
    "/appointments",
    status_code=201,
    openapi_extra=needs("Appointment Create", "Appointment Show", commands=("appointment.book",)),
)
def create(
    caller: Asking,
    wanted: shapes.NewAppointment,
    request: Request,
    response: Response,
    key: Key = None,
) -> shapes.Appointment:
    """Book an appointment. 409 with every reason where the time cannot be taken."""
    known = caller.catalogue()
    checks, places = Checks(), known.locations.values()
    location_id = checks.of("location_uuid", numbered, places, wanted.location_uuid)
    zone = clinic_time.zone(known.time_zone(location_id))
    asked: dict[str, Any] = {
        "span": _span(checks, wanted.scheduled_start, wanted.scheduled_end, zone),
        "type_id": _of_type(checks, known, wanted.appointment_type_uuid),
        "location_id": location_id,
        "provider_id": _provider(checks, known, wanted.provider_uuid),
        "operatory_id": ANY_ROOM,
        "notes": wanted.notes,
    }
    if wanted.operatory_uuid:
        asked["operatory_id"] = checks.of("operatory_uuid", _room, known, wanted.operatory_uuid)
    checks.of("notes", _clean_notes, wanted.notes)
    person_uuid = str(wanted.patient_uuid)
    person = checks.of("patient_uuid", by_uuid.person, caller.actor, person_uuid)
    checks.done()
    assert person is not None
    try:
        done = caller.once(diary.book, key, **asked, patient_id=person.number)
    except Refused as error:
        _refuse_merged(caller, person_uuid, error)
        raise
    visit = _answered(caller, done, key, (person_uuid, person.first_name, person.last_name))
    response.headers["Location"] = f"{request.url.path}/{visit.card.uuid}"
    return _told(visit, response)


@routes.get(
    "/appointments/{appointment_uuid}",
    response_model=shapes.Appointment,
    responses=UNCHANGED,
    openapi_extra=needs("Appointment Show"),
)
def show(
    caller: Asking, appointment_uuid: UUID, response: Response, known: matching.Known = None
) -> shapes.Appointment | Response:
    """One appointment."""
    visit = by_uuid.visit(caller.actor, str(appointment_uuid))
    etag = matching.tag(visit.card.version)
    if matching.is_known(known, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return _told(visit, response)


@routes.patch(
    "/appointments/{appointment_uuid}",
    openapi_extra=needs("Appointment Update", "Appointment Show", commands=("appointment.revise",)),
)
def change(
    caller: Asking,
    appointment_uuid: UUID,
    wanted: shapes.AppointmentChange,
    response: Response,
    match: matching.Match = None,
    key: Key = None,
) -> shapes.Appointment:
    """Change any of status, time, type, provider, place and notes: all that is sent, or nothing.

    At another location without a room, a free one there is taken.
    """
    visit = by_uuid.visit(caller.actor, str(appointment_uuid))
    fields = _fields(caller, visit, wanted)
    if not fields:
        raise Invalid("body", NOTHING)
    version = _version(visit, wanted.version, match)
    return _revised(caller, visit, fields | {"version": version}, match, key, response)


@routes.post(
    "/appointments/{appointment_uuid}/cancel",
    openapi_extra=needs(
        "Appointment Cancel",
        "Appointment Update",
        "Appointment Show",
        commands=("appointment.status cancelled",),
    ),
)
def cancel(
    caller: Asking,
    appointment_uuid: UUID,
    response: Response,
    wanted: shapes.Cancelling | None = None,
    match: matching.Match = None,
    key: Key = None,
) -> shapes.Appointment:
    """Cancel an appointment; its time is free again."""
    visit = by_uuid.visit(caller.actor, str(appointment_uuid))
    wanted = wanted or shapes.Cancelling()
    reason = _clean_reason(wanted.reason)  # judged also where there is nothing to cancel
    fields: dict[str, Any] = {"status": Status.CANCELLED, "reason": reason}
    fields["version"] = _version(visit, wanted.version, match)
    return _revised(caller, visit, fields, match, key, response)


def _refuse_merged(caller: Caller, patient_uuid: str, error: Refused) -> None:
    """Raise ``MergedMeanwhile`` where that is why there is nobody any more to book for."""
    if type(error) is Refused and caller.actor.may("Customer Show"):
        kept = by_uuid.kept(caller.actor, patient_uuid)
        if kept is not None:
            raise MergedMeanwhile(kept) from error


def _patient(caller: Caller, uuid: UUID) -> int:
    return by_uuid.person(caller.actor, str(uuid)).number


def _room(known: Catalogue, uuid: UUID | None) -> int | None:
    return numbered(known.operatories.values(), uuid) if uuid else None


def _revised(
    caller: Caller,
    visit: Visit,
    fields: dict[str, Any],
    match: str | None,
    key: str | None,
    response: Response,
) -> shapes.Appointment:
    command = functools.partial(_revise, number=visit.card.id)
    try:
        done = caller.once(command, key, **fields)
    except Stale as error:
        raise (Outdated(error.theirs) if matching.versions(match or "*") else error) from error
    whose = (visit.patient_uuid, visit.first_name, visit.last_name)
    return _told(_answered(caller, done, key, whose), response)


def _revise(actor: Actor, *, number: int, **fields: Any) -> Done[AppointmentCard]:
    return revision.revise(actor, number, **fields)


def _answered(
    caller: Caller, done: Done[AppointmentCard], key: str | None, whose: tuple[str, str, str]
) -> Visit:
    """The visit to tell of, as its deed left it; *whose* are the patient's uuid and names. With
    a key it is that of the first answer, whatever happened since.
    """
    card = done.value
    if key is not None:
        return first_answers.visit(caller.actor, card.id, done.seq)
    if card.booked_at is None:  # a line was lost, and the deed had been done already
        return by_uuid.visit_numbered(caller.actor, card.id)
    return Visit(card, *whose, card.booked_at)


def _fields(caller: Caller, visit: Visit, wanted: shapes.AppointmentChange) -> dict[str, Any]:
    """What ``revision.revise`` takes; a field that is not sent stays as it is. Raises what is
    wrong with any of them.
    """
    known, checks = caller.catalogue(), Checks()
    out, zone = _where(checks, known, visit, wanted)
    if wanted.scheduled_start and wanted.scheduled_end:
        span = _span(checks, wanted.scheduled_start, wanted.scheduled_end, zone)
        out |= {"starts_at": span.starts_at, "ends_at": span.ends_at} if span else {}
    elif wanted.scheduled_start:
        out["starts_at"] = _instant(checks, "scheduled_start", wanted.scheduled_start, zone)
    elif wanted.scheduled_end:
        out["ends_at"] = _instant(checks, "scheduled_end", wanted.scheduled_end, zone)
    if wanted.notes is not None:
        out["notes"] = wanted.notes
        checks.of("notes", _clean_notes, wanted.notes)
    if wanted.status is not None:
        out |= {"status": Status(wanted.status), "reason": wanted.reason}
        checks.of("reason", _clean_reason, wanted.reason)
    elif wanted.reason:
        checks.wrong(Invalid("reason", NO_STEP))
    if wanted.provider_uuid:
        out["provider_id"] = _provider(checks, known, wanted.provider_uuid)
    if wanted.appointment_type_uuid:
        out["type_id"] = _of_type(checks, known, wanted.appointment_type_uuid)
    checks.done()
    return out


def _where(
    checks: Checks, known: Catalogue, visit: Visit, wanted: shapes.AppointmentChange
) -> tuple[dict[str, Any], ZoneInfo]:
    """What is asked for of the place, and the zone of a time there."""
    out: dict[str, Any] = {}
    zone = clinic_time.zone(visit.card.time_zone)
    if wanted.location_uuid:
        places = known.locations.values()
        out["location_id"] = checks.of("location_uuid", numbered, places, wanted.location_uuid)
        zone = clinic_time.zone(known.time_zone(out["location_id"]))
    if "operatory_uuid" not in wanted.model_fields_set:
        return out, zone
    room = out["operatory_id"] = checks.of("operatory_uuid", _room, known, wanted.operatory_uuid)
    if "location_id" in out:
        return out, zone
    if room is not None:  # the room says where, and so when
        zone = clinic_time.zone(known.time_zone(known.operatories[room].location_id))
    elif visit.card.location:  # without a room the visit stays at its location
        out["location_id"] = visit.card.location.id
    return out, zone


def _of_type(checks: Checks, known: Catalogue, uuid: UUID) -> int | None:
    return checks.of("appointment_type_uuid", numbered, known.types.values(), uuid)


def _provider(checks: Checks, known: Catalogue, uuid: UUID) -> int | None:
    return checks.of("provider_uuid", numbered, known.providers.values(), uuid)


def _instant(checks: Checks, field: str, text: str, zone: ZoneInfo) -> datetime | None:
    return checks.of(field, times.instant, text, zone, field)


def _span(checks: Checks, start: str, end: str, zone: ZoneInfo) -> Span | None:
    """The time of a visit, as far as nothing is wrong with it."""
    begin = _instant(checks, "scheduled_start", start, zone)
    ends = _instant(checks, "scheduled_end", end, zone)
    if begin is None or ends is None:
        return None
    if begin >= ends:
        checks.wrong(Invalid("scheduled_end", times.WRONG_WAY))
        return None
    return checks.of("span", booking.checked_span, Span(begin, ends))


def _clean_notes(text: str) -> str:
    return fold.clean("notes", text, lines=True, longest=lengths.NOTES)


def _clean_reason(text: str) -> str:
    return fold.clean("reason", text, lines=True, longest=lengths.REASON)


def _version(visit: Visit, version: int | None, match: str | None) -> int | None:
    """The version that is to be changed, by what the request says alone: so a repetition says
    the same. The body's and If-Match's must both hold. Raises ``Stale`` where they cannot.
    """
    allowed = matching.versions(match) if match is not None else None
    if allowed is None:
        return version
    now = visit.card.version
    if version is not None and version not in allowed:
        raise (Stale if now in allowed else Outdated)(visit.card)
    if not allowed:
        raise Outdated(visit.card)
    return version or (now if now in allowed else max(allowed))


def _told(visit: Visit, response: Response) -> shapes.Appointment:
    response.headers["ETag"] = matching.tag(visit.card.version)
    return shapes.appointment(visit)
