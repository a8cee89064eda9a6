"""Every call of the API, taken from its own description, with a request that it grants."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx

from clinic_desk.web.app import PREFIX
from clinic_desk.web.security import COMMANDS, ONE_OF, PERMISSIONS
from tests import builders
from tests.builders import TUESDAY
from tests.web.conftest import Api

FACES = (PREFIX, "/fhir/r4")
"""Where an organisation's calls stand: the API's own, and FHIR's."""

UUIDS = {
    "patient_uuid": "patient",
    "appointment_type_uuid": "type",
    "location_uuid": "location",
    "provider_uuid": "provider",
    "preferred_provider_uuid": "provider",
    "operatory_uuid": "operatory",
    "appointment_uuid": "appointment",
    "schedule_uuid": "schedule",
}
"""What each field that holds a uuid names, by its name in paths, questions and bodies."""

IDS = {"slot_id": "slot", "schedule": "schedule"}
"""What other fields name that no call can do without."""

BODIES: dict[str, dict[str, Any]] = {
    "POST /patients": {"last_name": "Nkemelu", "preferred_provider_uuid": "provider"},
    "POST /appointments": {
        "patient_uuid": "patient",
        "appointment_type_uuid": "type",
        "location_uuid": "location",
        "provider_uuid": "provider",
        "operatory_uuid": "operatory",
        "scheduled_start": f"{TUESDAY}T10:00:00",
        "scheduled_end": f"{TUESDAY}T10:30:00",
    },
    "PATCH /appointments/{appointment_uuid}": {
        "notes": "Brings a friend",
        "status": "confirmed",
        "scheduled_start": f"{TUESDAY}T14:00:00",
        "appointment_type_uuid": "type",
        "provider_uuid": "provider",
        "location_uuid": "location",
        "operatory_uuid": "operatory",
    },
    "POST /appointments/{appointment_uuid}/cancel": {"reason": "ill"},
}
"""Bodies that are granted; a field that holds a uuid says whose."""


@dataclass(frozen=True)
class Call:
    """One call; ``path`` is that of the description, behind the organisation at this face."""

    face: str
    method: str
    path: str
    told: dict[str, Any]
    filled: dict[str, str]
    params: dict[str, Any]
    body: dict[str, Any] | None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def needs(self) -> frozenset[str]:
        return frozenset(self.told.get(PERMISSIONS, ()))

    @property
    def one_of(self) -> frozenset[str]:
        return frozenset(self.told.get(ONE_OF, ()))

    def open_to(self, permissions: frozenset[str]) -> bool:
        """Whether somebody with these permissions may make this call."""
        return self.needs <= permissions and bool(not self.one_of or self.one_of & permissions)

    @property
    def commands(self) -> tuple[str, ...]:
        return tuple(self.told.get(COMMANDS, ()))

    def ask(self, api: Api) -> httpx.Response:
        more: dict[str, Any] = {"params": self.params} if self.params else {}
        if self.body is not None:
            more["json"] = self.body
        return api.ask(self.method, self.path.format(**self.filled), face=self.face, **more)

    def is_refused(self, answer: httpx.Response, *, unknown: str) -> bool:
        """Whether what the call does not know was refused, as this face refuses it."""
        if self.face == PREFIX:
            told = answer.json()["errors"][0]["code"]
            return (answer.status_code, told) == (422, "no-such-field")
        told = answer.json()["issue"][0]["expression"]
        return (answer.status_code, told) == (400, [f"http.{unknown}"])

    def is_not_found(self, answer: httpx.Response) -> bool:
        """Whether nothing was found, as this face tells it."""
        told = answer.json()
        code = told["code"] if self.face == PREFIX else told["issue"][0]["code"]
        return (answer.status_code, code) == (404, "not-found")

    def variants(self, name: str, value: str) -> Iterator[Call]:
        """The same call with another uuid wherever a field of this name stands."""
        if name in self.filled:
            yield replace(self, filled=self.filled | {name: value})
        if name in self.params:
            yield replace(self, params=self.params | {name: value})
        if self.body is not None and name in self.body:
            yield replace(self, body=self.body | {name: value})


def at(api: Api, org: str) -> Api:
    """The same program, asking in another organisation."""
    return replace(api, org=org)


def known(api: Api) -> dict[str, str]:
    """A uuid of every kind, of the program's own clinic; the appointment is at three."""
    visit = builders.an_appointment(api.clinic, api.clinic.span(15))
    kinds = sorted(set(UUIDS.values()) - {"appointment", "schedule"})
    name = schedule(api)
    minutes = int(api.clinic.at(15).timestamp()) // 60  # as long as the clinic’s step
    return {kind: api.uuid(kind) for kind in kinds} | {
        "appointment": api.uuid("appointment", visit),
        "schedule": name,
        "slot": f"{uuid.UUID(name).hex}-0-{minutes:x}-f",
    }


def schedule(api: Api) -> str:
    """The name of the provider's schedule at the location, in FHIR."""
    return str(uuid.uuid5(uuid.UUID(api.uuid("provider")), api.uuid("location")))


def calls(api: Api, own: dict[str, str]) -> list[Call]:
    """All calls under an organisation that need a token, each with everything that may be said,
    said.
    """
    out = []
    for face, method, path, told in _described(api):
        name = f"{method} {path}"
        filled, params = {}, {}
        for parameter in told.get("parameters", ()):
            field = parameter["name"]
            if parameter["in"] == "path" and field != "org_id":
                filled[field] = own[(UUIDS | IDS)[field]]
            if parameter["in"] == "query" and (field.endswith("_uuid") or field in IDS):
                params[field] = own[(UUIDS | IDS)[field]]
        body = None
        if "requestBody" in told:
            body = {
                field: own[value] if field.endswith("_uuid") else value
                for field, value in BODIES[name].items()
            }
        out.append(Call(face, method, path, told, filled, params, body))
    return out


def _described(api: Api) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Face, method, path behind the organisation and description of each call."""
    for path, methods in api.client.get(f"{PREFIX}/openapi.json").json()["paths"].items():
        for face in FACES:
            if not path.startswith(start := f"{face}/{{org_id}}"):
                continue
            for method, told in methods.items():
                if "security" in told:
                    yield face, method.upper(), path.removeprefix(start), told


def uuid_fields(api: Api) -> set[tuple[str, str]]:
    """Every place of the description that takes a uuid: the call's name and the field's."""
    document = api.client.get(f"{PREFIX}/openapi.json").json()
    schemas = document["components"]["schemas"]
    out = set()
    for _face, method, path, told in _described(api):
        name = f"{method} {path}"
        fields = [(p["name"], p["schema"]) for p in told.get("parameters", ())]
        body = told.get("requestBody", {}).get("content", {}).get("application/json", {})
        for reference in str(body).split("#/components/schemas/")[1:]:
            schema = schemas[reference.split("'")[0]]
            fields += list(schema["properties"].items())
        out |= {
            (name, field)
            for field, schema in fields
            if "'uuid'" in str(schema) and field != "org_id"
        }
    return out


def nobodys() -> str:
    """A uuid that nobody has."""
    return str(uuid.uuid4())
