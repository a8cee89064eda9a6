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

ORG = f"{PREFIX}/{{org_id}}"

UUIDS = {
    "patient_uuid": "patient",
    "appointment_type_uuid": "type",
    "location_uuid": "location",
    "provider_uuid": "provider",
    "preferred_provider_uuid": "provider",
    "operatory_uuid": "operatory",
    "appointment_uuid": "appointment",
}
"""What each field that holds a uuid names, by its name in paths, questions and bodies."""

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
    """One call; ``path`` is that of the description, behind the organisation."""

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
        return api.ask(self.method, self.path.format(**self.filled), **more)

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
    kinds = sorted(set(UUIDS.values()) - {"appointment"})
    return {kind: api.uuid(kind) for kind in kinds} | {
        "appointment": api.uuid("appointment", visit)
    }


def calls(api: Api, own: dict[str, str]) -> list[Call]:
    """All calls under an organisation, each with everything that may be said, said."""
    paths = api.client.get(f"{PREFIX}/openapi.json").json()["paths"]
    out = []
    for path, methods in paths.items():
        if not path.startswith(ORG):
            continue
        for method, told in methods.items():
            name = f"{method.upper()} {path.removeprefix(ORG)}"
            filled, params = {}, {}
            for parameter in told.get("parameters", ()):
                field = parameter["name"]
                if parameter["in"] == "path" and field != "org_id":
                    filled[field] = own[UUIDS[field]]
                if parameter["in"] == "query" and field.endswith("_uuid"):
                    params[field] = own[UUIDS[field]]
            body = None
            if "requestBody" in told:
                body = {
                    field: own[value] if field.endswith("_uuid") else value
                    for field, value in BODIES[name].items()
                }
            out.append(Call(method.upper(), path.removeprefix(ORG), told, filled, params, body))
    return out


def uuid_fields(api: Api) -> set[tuple[str, str]]:
    """Every place of the description that takes a uuid: the call's name and the field's."""
    document = api.client.get(f"{PREFIX}/openapi.json").json()
    schemas = document["components"]["schemas"]
    out = set()
    for path, methods in document["paths"].items():
        if not path.startswith(ORG):
            continue
        for method, told in methods.items():
            name = f"{method.upper()} {path.removeprefix(ORG)}"
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
