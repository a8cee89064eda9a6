"""What the description of the API tells beyond its shapes: names that a generated client can be
proud of, the scope that a call takes, headers of answers, the words behind ``kind`` and ``code``,
and the calls that we make (webhooks).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.scopes import SCOPES
from clinic_desk.services.cards import Origin
from clinic_desk.services.changes import EVENTS
from clinic_desk.services.offer_cards import Why
from clinic_desk.services.webhooks import TEST
from clinic_desk.web import faults, problems
from clinic_desk.web.security import ONE_OF, PERMISSIONS

Json = dict[str, Any]

NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "GET /appointments": ("list_appointments", "List appointments"),
    "POST /appointments": ("book_appointment", "Book an appointment"),
    "GET /appointments/{appointment_uuid}": ("get_appointment", "Read an appointment"),
    "PATCH /appointments/{appointment_uuid}": ("change_appointment", "Change an appointment"),
    "POST /appointments/{appointment_uuid}/cancel": (
        "cancel_appointment",
        "Cancel an appointment",
    ),
    "GET /schedule/availability": ("find_free_times", "Find free times"),
    "GET /patients": ("find_patients", "Find patients"),
    "POST /patients": ("register_patient", "Register a patient"),
    "GET /patients/{patient_uuid}": ("get_patient", "Read a patient"),
    "GET /appointment-types": ("list_appointment_types", "List appointment types"),
    "GET /locations": ("list_locations", "List locations"),
    "GET /providers": ("list_providers", "List providers"),
    "GET /operatories": ("list_operatories", "List operatories (rooms)"),
    "GET /changes": ("list_changes", "Follow what changes"),
    "GET /feeds/{address}": ("read_calendar", "Read a calendar"),
    "HEAD /feeds/{address}": ("check_calendar", "Ask whether a calendar changed"),
    "GET /metadata": ("fhir_metadata", "What this face can do"),
}
"""What a call is called, by its method and its path behind the organisation; those of FHIR are
named by what they read."""

TAGS: Final = {
    "Scheduling": "Free times and appointments.",
    "Patients": "Finding patients, and registering new ones.",
    "Catalogue": "Appointment types, locations, providers and operatories (rooms).",
    "Changes": "What happened since one last asked.",
    "FHIR": "The diary in the words of FHIR R4B, to be read.",
    "Calendars": "A provider's calendar for a phone, at a secret address.",
}

PLAIN: Final = {
    "org_id": "The number of the organisation.",
    "location_uuid": "From `GET /locations`.",
    "provider_uuid": "From `GET /providers`.",
    "preferred_provider_uuid": "From `GET /providers`.",
    "operatory_uuid": "A room, from `GET /operatories`.",
    "appointment_type_uuid": "From `GET /appointment-types`.",
    "patient_uuid": "From `GET /patients`.",
    "appointment_uuid": "From the answer to the booking, or from `GET /appointments`.",
    "schedule_uuid": "From a search for Schedule.",
    "slot_id": "From a search for Slot.",
    "is_active": "Only those that are in use, or only those that are not.",
    "status": "If there are several, it comes several times.",
    "page_size": "So many on a page.",
    "limit": "So many at the most.",
    "version": "The version that was read, instead of If-Match.",
    "primary_phone": "With the code of its country, or as it is dialled in the clinic's.",
}
"""What a parameter or a field is of which its own part says no more."""

INSTANTS: Final = frozenset({"starts_at", "ends_at", "created_at", "occurred_at"})
WALLS: Final = frozenset({"scheduled_start", "scheduled_end"})
WALL: Final = "The wall clock in `time_zone`, without an offset."
SIGNED: Final = "Signed as https://www.standardwebhooks.com says."

_LISTS = re.compile(r"\b(All|Page)_(\w+?)_(?![a-zA-Z])")


def complete(document: Json) -> Json:
    """*document* with all that the framework does not know of; made anew."""
    text = json.dumps(document)
    # A generated client has a class of this name.
    text = _LISTS.sub(lambda found: f"{found[2]}{'List' if found[1] == 'All' else 'Page'}", text)
    whole: Json = json.loads(text)
    for method, path, call in _calls(whole):
        behind = re.sub(r"^/(api/v1|fhir/r4)/\{org_id\}", "", path)
        name, summary = NAMES.get(f"{method} {behind}") or _of_hospitals(behind)
        call["operationId"], call["summary"] = name, summary
        if scopes := _scopes(call):
            listed = " or ".join(f"`{scope}`" for scope in scopes)
            call["description"] = f"{call['description']}\n\nScope: {listed}."
        _tell_headers(call)
        for given in call.get("parameters", ()):
            said = given["schema"].get("description") or PLAIN.get(given["name"], "")
            if said not in (own := given.get("description", "")):
                given["description"] = f"{own} {said}".strip()
    for name, schema in whole["components"]["schemas"].items():
        if schema.get("title", "").endswith("]"):  # generators call a class by it
            schema["title"] = name
    for schema in _own(whole):
        _tell_formats(schema["properties"])
        if schema.get("additionalProperties") is False:  # it is sent to us
            for field in schema["properties"].keys() & PLAIN.keys() - {"status"}:
                schema["properties"][field].setdefault("description", PLAIN[field])
    _tell_words(whole["components"]["schemas"])
    used = {tag for _method, _path, call in _calls(whole) for tag in call["tags"]}
    whole["tags"] = [{"name": n, "description": t} for n, t in TAGS.items() if n in used]
    whole["webhooks"] = {event: {"post": _call_of(event)} for event in (*EVENTS, TEST)}
    return whole


def _calls(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            yield method.upper(), path, call


def _of_hospitals(behind: str) -> tuple[str, str]:
    kind, _slash, one = behind.strip("/").partition("/")
    if one:
        return f"fhir_read_{kind.lower()}", f"Read: {kind}"
    return f"fhir_search_{kind.lower()}", f"Search: {kind}"


def _scopes(call: Json) -> list[str]:
    """Each scope that is enough by itself."""
    needed, enough = set(call.get(PERMISSIONS, ())), set(call.get(ONE_OF, ()))
    if not needed | enough:
        return []
    return [
        scope
        for scope, granted in SCOPES.items()
        if needed <= granted and (not enough or enough & granted)
    ]


def _tell_headers(call: Json) -> None:
    answers = call["responses"]
    for status in ("200", "201"):
        shape = answers.get(status, {}).get("content", {}).get("application/json", {})
        name = shape.get("schema", {}).get("$ref", "").rpartition("/")[2]
        told = answers[status].setdefault("headers", {}) if name else {}
        if name == "Appointment":
            told["ETag"] = _header("The version, to be sent as If-Match.")
        elif "304" in answers:
            told["ETag"] = _header("To be sent as If-None-Match.")
        if status == "201":
            told["Location"] = _header("The address of what was made.")


def _header(text: str) -> Json:
    return {"description": text, "schema": {"type": "string"}}


def _own(document: Json) -> Iterator[Json]:
    """The schemas that are ours, not FHIR's."""
    for name, schema in document["components"]["schemas"].items():
        if not name.startswith("Fhir") and "properties" in schema:
            yield schema


def _tell_formats(properties: Json) -> None:
    for name, told in properties.items():
        for kind in (told, *told.get("anyOf", ())):
            if kind.get("type") != "string" or "format" in kind or "pattern" in kind:
                continue
            if name == "uuid" or name.endswith("_uuid"):
                kind["format"] = "uuid"
            elif name in INSTANTS:
                kind["format"] = "date-time"
            elif name in WALLS:
                kind |= {"description": WALL, "examples": ["2025-05-20T10:00:00"]}


def _tell_words(schemas: Json) -> None:
    """The words that programs go by; a newer version may have more of them."""
    for schema, field, words in (
        ("Reason", "kind", Kind),
        ("WhyNone", "kind", (*Why, "past")),
        ("Change", "kind", EVENTS),
        ("Change", "origin", Origin),
        ("FieldError", "code", faults.WORDS),
        ("Problem", "code", problems.WORDS),
    ):
        schemas[schema]["properties"][field]["description"] = _one_of(words)


def _one_of(words: Iterable[str]) -> str:
    return f"Now one of {', '.join(f'`{word}`' for word in words)}; more may come."


def _call_of(event: str) -> Json:
    """What we send where an administrator has entered an address."""
    what = "Names the record that it happened to, and nothing that stands in it."
    if event == TEST:
        what = "An administrator tries whether calls arrive; there is no record of this number."
    texts = {
        "webhook-id": "The same for each repetition of a call.",
        "webhook-timestamp": "When it was sent, in seconds since 1970.",
        "webhook-signature": "One signature, or two while the secret is renewed.",
    }
    data = {
        "type": "object",
        "properties": {
            "uuid": {"type": "string", "format": "uuid"},
            "version": {"type": ["integer", "null"]},
        },
        "required": ["uuid", "version"],
    }
    return {
        "operationId": f"on_{event.replace('.', '_')}",
        "summary": event,
        "description": f"{what} {SIGNED}",
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in texts.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "type": {"const": event},
                            "timestamp": {"type": "string", "format": "date-time"},
                            "data": data,
                        },
                        "required": ["type", "timestamp", "data"],
                    }
                }
            },
        },
        "responses": {
            "2XX": {"description": "Arrived."},
            "410": {"description": "No more calls are wanted."},
            "default": {"description": "Not arrived: it is repeated."},
        },
    }
