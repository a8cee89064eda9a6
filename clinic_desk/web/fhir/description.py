"""The FHIR face in the words of OpenAPI, beside FHIR's own description of itself.

What a call may be asked is told from the same table as in the CapabilityStatement, and the door
(:mod:`clinic_desk.web.fhir.asking`) goes by what is told here.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI

from clinic_desk.web import rates
from clinic_desk.web.fhir import answers, capability, resources, search
from clinic_desk.web.security import needs

Json = dict[str, Any]

_TEXT: Final = {"type": "string", "minLength": 1}
_UUID: Final = {"type": "string", "format": "uuid"}
_TIME: Final = {"type": "string", "format": "date-time"}
_ID: Final = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}

TOLD: Final = {
    400: "The request makes no sense.",
    401: "The token is missing, not known or withdrawn.",
    403: "The token lacks a scope.",
    404: "There is no such record in this organisation.",
    406: "Only JSON is spoken here.",
    408: "The request did not arrive in time.",
    413: "The request is too large.",
    429: "Too many requests; Retry-After says how many seconds to wait.",
    503: "The database is busy or away; try again.",
}
"""What may go wrong with any call, each told as an OperationOutcome."""


def reading(kind: str, *permissions: str) -> Json:
    """For the route that reads one resource of this kind."""
    return {
        "response_class": answers.Answer,
        "responses": {
            200: {"description": f"The {kind}.", "content": _content(kind)},
            304: {"description": "It is as you have it."},
            **_ERRORS,
        },
        "openapi_extra": needs(*permissions) | {"parameters": [_FORMAT, _KNOWN]},
        "tags": ["FHIR"],
    }


def searching(kind: str, *permissions: str) -> Json:
    """For the route that searches resources of this kind."""
    known = {"Appointment": capability.APPOINTMENTS, "Schedule": capability.SCHEDULES}
    asked = known.get(kind, capability.SLOTS)
    told = [_parameter(name, type_, text, kind) for name, (type_, text) in asked.items()]
    return {
        "response_class": answers.Answer,
        "responses": {
            200: {"description": "A Bundle of what was found.", "content": _content(kind, True)},
            **_ERRORS,
        },
        "openapi_extra": needs(*permissions) | {"parameters": [*told, *_PAGING, _FORMAT]},
        "tags": ["FHIR"],
    }


def telling() -> Json:
    """For the route of the CapabilityStatement, which is open to anybody."""
    told = {"description": "What this face can do.", "content": _content("CapabilityStatement")}
    open_to_all = {status: each for status, each in _ERRORS.items() if status not in {401, 403}}
    return {
        "response_class": answers.Answer,
        "responses": {200: told} | open_to_all,
        "openapi_extra": {"parameters": [_FORMAT]},
        "tags": ["FHIR"],
    }


def add_to(document: Json, face: FastAPI) -> None:
    """Put the calls of this face into the description of all."""
    own = face.openapi()
    for path, calls in own["paths"].items():
        for call in calls.values():
            call["responses"].pop("422", None)  # the framework's own; here it is 404
        document["paths"][f"{answers.PREFIX}{path}"] = calls
    document["components"]["schemas"].update(_schemas())


def _content(kind: str, bundle: bool = False) -> Json:
    name = f"Fhir{kind}{'Bundle' if bundle else ''}"
    return {answers.MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


_ERRORS: Final[dict[int | str, Json]] = {
    status: {"description": text, "content": _content("OperationOutcome")}
    for status, text in TOLD.items()
}
_ERRORS[429]["headers"] = rates.TOLD


def _query(name: str, text: str, schema: Json, **more: Any) -> Json:
    return {"name": name, "in": "query", "description": text, "schema": schema, **more}


_FORMAT: Final = _query(
    "_format", "JSON is the only format.", {"type": "string", "enum": sorted(answers.FORMATS)}
)
_KNOWN: Final = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of the resource that you have.",
    "schema": {"type": "string"},
}
_PAGING: Final = (
    _query(
        "_count",
        f"So many on a page, {search.MOST} at the most.",
        {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    ),
    _query("_page", "A page, as the link to it in a Bundle says.", {"type": "string"}),
    _query("_sort", "The one order that there is.", {"type": "string"}),
)


def _parameter(name: str, type_: str, text: str, kind: str) -> Json:
    """A search parameter, as far as OpenAPI can tell what may stand in it."""
    each: Json = {"type": "string"}
    if type_ == "date":
        # Given again and again, it has to hold each time; all else is joined by commas.
        each["pattern"] = r"^(eq|ge|gt|le|lt|sa|eb)?\d{4}(-\d\d(-\d\d(T\d\d:\d\d.*)?)?)?$"
        return _query(name, text, _several(each), style="form", explode=True)
    if type_ == "reference" or name == "_id":
        each["pattern"] = f"^([A-Za-z0-9:/._-]+/)?{_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}$"
    elif name == "active":
        each["enum"] = ["true", "false"]
    elif name == "status":
        each["enum"] = [*resources.CODES] if kind == "Appointment" else ["free"]
    needed = {"required": True} if name == "schedule" else {}
    several = _several(each) | ({"maxItems": 1} if name == "service-type" else {})
    return _query(name, text, several, style="form", explode=False, **needed)


_HEX = "[0-9a-fA-F]"


def _several(each: Json) -> Json:
    return {"type": "array", "items": each, "minItems": 1, "maxItems": search.MOST_VALUES}


def _object(required: Json, optional: Json | None = None) -> Json:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def _resource(kind: str, required: Json, optional: Json | None = None) -> Json:
    return _object({"resourceType": {"const": kind}, **required}, optional)


def _list(each: Json) -> Json:
    return {"type": "array", "items": each, "minItems": 1}


def _bundle(kind: str) -> Json:
    entry = _object(
        {
            "fullUrl": _TEXT,
            "resource": {"$ref": f"#/components/schemas/Fhir{kind}"},
            "search": _object({"mode": {"const": "match"}}),
        }
    )
    link = _object({"relation": {"enum": ["self", "next"]}, "url": _TEXT})
    return _resource(
        "Bundle",
        {"type": {"const": "searchset"}, "link": _list(link)},
        {"total": {"type": "integer", "minimum": 0}, "entry": _list(entry)},
    )


def _schemas() -> Json:
    """The resources as this face tells them; a field that is empty is left out."""
    version = _object({"versionId": _TEXT})
    coding = _object({"system": _TEXT, "code": _TEXT}, {"display": _TEXT})
    concept = _object({}, {"coding": _list(coding), "text": _TEXT})
    reference = _object({"reference": _TEXT, "type": _TEXT}, {"display": _TEXT})
    name = _object({}, {"text": _TEXT, "family": _TEXT, "given": _list(_TEXT)})
    titled = _object({}, name["properties"] | {"prefix": _list(_TEXT)})
    contact = _object({"system": {"enum": ["phone", "email"]}, "value": _TEXT})
    boolean = {"type": "boolean"}
    taking = _object(
        {
            "actor": reference,
            "required": {"const": "required"},
            "status": {"enum": ["accepted", "declined", "needs-action"]},
        }
    )
    issue = _object(
        {
            "severity": {"enum": ["fatal", "error"]},
            "code": _TEXT,
            "details": _object({"text": _TEXT}),
            "diagnostics": _TEXT,
        },
        {"expression": _list(_TEXT)},
    )
    told = {
        "Appointment": _resource(
            "Appointment",
            {
                "id": _UUID,
                "meta": version,
                "identifier": _list(_object({"system": _TEXT, "value": _TEXT})),
                "status": {"enum": [code for code, ours in resources.CODES.items() if ours]},
                "serviceType": _list(concept),
                "start": _TIME,
                "end": _TIME,
                "minutesDuration": {"type": "integer", "minimum": 1},
                "created": _TIME,
                "participant": _list(taking),
            },
            {"description": _TEXT, "comment": _TEXT},
        ),
        "Schedule": _resource(
            "Schedule",
            {"id": _UUID, "active": boolean, "actor": _list(reference)},
            {"serviceType": _list(concept)},
        ),
        "Slot": _resource(
            "Slot",
            {
                "id": _ID,
                "schedule": _object({"reference": _TEXT}),
                "status": {"enum": sorted(resources.SLOT_STATES.values())},
                "start": _TIME,
                "end": _TIME,
            },
            {"serviceType": _list(concept)},
        ),
        "Patient": _resource(
            "Patient",
            {"id": _UUID, "meta": version, "active": boolean},
            {
                "name": _list(name),
                "telecom": _list(contact),
                "birthDate": {"type": "string", "format": "date"},
            },
        ),
        "Practitioner": _resource(
            "Practitioner",
            {"id": _UUID, "meta": version, "active": boolean},
            {"name": _list(titled)},
        ),
        "Location": _resource(
            "Location",
            {
                "id": _UUID,
                "meta": version,
                "status": {"enum": ["active", "inactive"]},
                "mode": {"const": "instance"},
            },
            {
                "name": _TEXT,
                "telecom": _list(contact),
                "address": _object({"text": _TEXT}),
                "physicalType": _object({"coding": _list(coding)}),
                "partOf": reference,
            },
        ),
        "OperationOutcome": _resource("OperationOutcome", {"issue": _list(issue)}),
        # All that it says is FHIR's own; only what it is is told again.
        "CapabilityStatement": {
            "type": "object",
            "properties": {
                "resourceType": {"const": "CapabilityStatement"},
                "fhirVersion": {"const": capability.VERSION},
            },
            "required": ["resourceType", "status", "date", "kind", "fhirVersion", "format"],
        },
    }
    told |= {f"{kind}Bundle": _bundle(kind) for kind in ("Appointment", "Schedule", "Slot")}
    return {f"Fhir{kind}": schema for kind, schema in told.items()}
