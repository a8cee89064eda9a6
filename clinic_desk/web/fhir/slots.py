"""Schedule and Slot: who can be booked where, and when."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from clinic_desk.rules import clinic_time
from clinic_desk.rules.errors import Invalid, NotFound
from clinic_desk.rules.words import N_
from clinic_desk.services import free_slots
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.free_slots import Place
from clinic_desk.web import times
from clinic_desk.web.endpoint import Endpoint
from clinic_desk.web.fhir import answers, capability, resources, search
from clinic_desk.web.fhir.asking import Asking
from clinic_desk.web.fhir.description import reading, searching
from clinic_desk.web.fhir.search import Asked

routes = APIRouter(route_class=Endpoint)

DAYS = 7
"""So far ahead free slots are listed, unless somebody asks for more."""

_SLOT = re.compile(r"([0-9a-f]{32})-(0|[0-9a-f]{16})-([0-9a-f]{1,7})-([0-9a-f]{1,3})")
_PAGE = re.compile(r"(\d{1,11})\.(\d{1,2})", re.ASCII)

NO_SCHEDULE = N_("Say in which schedule: schedule=Schedule/….")
FREE_ONLY = N_("Only free slots are listed; read one by its id to see whether it is taken.")


@routes.get("/{org_id}/Schedule/{schedule_uuid}", **reading("Schedule", "Appointment Get All"))
def read_schedule(caller: Asking, request: Request, schedule_uuid: UUID) -> JSONResponse:
    """One Schedule."""
    found = _places(caller)
    known = caller.catalogue()
    for place in found:
        if resources.schedule_id(known, place) == schedule_uuid:
            return answers.read(request, resources.schedule(known, place))
    raise NotFound


@routes.get("/{org_id}/Schedule", **searching("Schedule", "Appointment Get All"))
def find_schedules(caller: Asking, request: Request) -> JSONResponse:
    """Schedules, in the clinic's order of providers."""
    asked = Asked(request.query_params, capability.SCHEDULES, [])
    asked.sorted_by("_id")
    found = _places(caller)
    known = caller.catalogue()
    ids = asked.references("_id", "Schedule")
    actors = asked.references("actor", "Practitioner", "Location")
    active = asked.codes("active", {"true": True, "false": False})
    wanted = {uuid for _kind, uuid in ids} if ids is not None else None
    whose = {uuid for _kind, uuid in actors} if actors is not None else None
    fitting = [
        place
        for place in found
        if (wanted is None or str(resources.schedule_id(known, place)) in wanted)
        and (whose is None or whose & _uuids(known, place))
        and (active is None or ("true" if _active(known, place) else "false") in active)
    ]
    first, count = _number(asked.text("_page")), asked.count()
    more = str(first + count) if first + count < len(fitting) else None
    base = answers.base(request)
    return answers.bundle(
        base,
        [resources.schedule(known, place) for place in fitting[first : first + count]],
        asked.links(f"{base}/Schedule", more),
        len(fitting),
    )


@routes.get("/{org_id}/Slot/{slot_id}", **reading("Slot", "Appointment Get All"))
def read_slot(caller: Asking, request: Request, slot_id: str) -> JSONResponse:
    """One Slot, as it stands now."""
    found = _places(caller)
    match, known = _SLOT.fullmatch(slot_id), caller.catalogue()
    if match is None:
        raise NotFound
    place = next((p for p in found if resources.schedule_id(known, p).hex == match[1]), None)
    if place is None:
        raise NotFound
    slot = free_slots.one(
        caller.actor,
        place,
        datetime.fromtimestamp(int(match[3], 16) * 60, UTC),
        minutes=int(match[4], 16),
        type_id=_type(known, match[2]),
    )
    return answers.read(request, resources.slot(known, slot))


@routes.get("/{org_id}/Slot", **searching("Slot", "Appointment Get All"))
def find_slots(caller: Asking, request: Request) -> JSONResponse:
    """Free slots by their beginning."""
    asked = Asked(request.query_params, capability.SLOTS, ["start"])
    asked.sorted_by("start")
    places = _places(caller)
    known = caller.catalogue()
    named = asked.references("schedule", "Schedule")
    if not named:
        raise Invalid("schedule", NO_SCHEDULE)
    uuids = {uuid for _kind, uuid in named}
    wanted = [p for p in places if str(resources.schedule_id(known, p)) in uuids]
    if set(asked.codes("status", dict.fromkeys(_STATES)) or ["free"]) != {"free"}:
        raise Invalid("status", FREE_ONLY)
    zone = clinic_time.zone(known.time_zone(wanted[0][1] if wanted else None))
    begin, end = asked.period("start", zone)
    now = datetime.now(UTC)
    for edge in (begin, end):
        if edge is not None:
            times.within_reach(edge, now, "start")
    type_id = _service(asked, known)
    count = asked.count()
    found = free_slots.listed(
        caller.actor,
        wanted,
        type_id=type_id,
        begin=begin,
        end=end or max(begin or now, now) + timedelta(days=DAYS),
        after=_after(asked.text("_page")),
        count=count + 1,
        now=now,
    )
    more = None
    if len(found) > count:
        last = found[count - 1]
        more = f"{int(last.span.starts_at.timestamp())}.{wanted.index(last.place)}"
    base = answers.base(request)
    return answers.bundle(
        base,
        [resources.slot(known, slot) for slot in found[:count]],
        asked.links(f"{base}/Slot", more),
        # How many there are is only known where this page is the first and the last.
        None if more or "_page" in asked else len(found),
    )


_STATES = ("busy", "free", "busy-unavailable", "busy-tentative", "entered-in-error")


def _places(caller: Asking) -> tuple[Place, ...]:
    return free_slots.places(caller.actor)


def _uuids(known: Catalogue, place: Place) -> set[str]:
    return {known.providers[place[0]].uuid, known.locations[place[1]].uuid}


def _active(known: Catalogue, place: Place) -> bool:
    return known.providers[place[0]].active and known.locations[place[1]].active


def _type(known: Catalogue, name: str) -> int | None:
    """The number of the type whose uuid begins so. Raises ``NotFound``."""
    if name == "0":
        return None
    for kind in known.types.values():
        if kind.uuid.replace("-", "").startswith(name):
            return kind.id
    raise NotFound


def _service(asked: Asked, known: Catalogue) -> int | None:
    """The number of the one type that slots are wanted for."""
    text = asked.text("service-type")
    if text is None:
        return None
    by_code = {" ".join(kind.code.split()): kind for kind in known.types.values() if kind.active}
    codes = asked.codes("service-type", by_code)
    if not codes or len(codes) != 1:
        raise Invalid(
            "service-type",
            search.NO_SUCH_CODE,
            name="service-type",
            code=text[:64],
            known=", ".join(by_code),
        )
    return by_code[codes[0]].id


def _number(token: str | None) -> int:
    if token is None:
        return 0
    if not (token.isascii() and token.isdigit() and len(token) < 7):
        raise Invalid("_page", search.NOT_A_PAGE)
    return int(token)


def _after(token: str | None) -> tuple[datetime, int] | None:
    if token is None:
        return None
    match = _PAGE.fullmatch(token)
    if match is None:
        raise Invalid("_page", search.NOT_A_PAGE)
    return datetime.fromtimestamp(int(match[1]), UTC), int(match[2])
