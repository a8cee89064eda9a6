"""What a token may be given: a few scopes, each a set of the desk's permissions.

A program that holds a token asks through the same services as a person does, so one table of
permissions holds for every face; a scope only says which of them the program has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_

SCOPES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "catalogue:read": frozenset({"Location Get All", "Service Get All"}),
        "patients:read": frozenset({"Customer Get All", "Customer Show"}),
        "patients:write": frozenset({"Customer Get All", "Customer Show", "Customer Create"}),
        # Free time alone: the lists and pages of appointments need "Appointment Show" too.
        "availability:read": frozenset({"Appointment Get All"}),
        "appointments:read": frozenset({"Appointment Get All", "Appointment Show"}),
        "appointments:write": frozenset(
            {
                "Appointment Get All",
                "Appointment Show",
                "Appointment Create",
                "Appointment Update",
                "Appointment Cancel",
                "Appointment Change Location",
            }
        ),
    }
)
"""Every scope, with the permissions that it grants. None of them overrides or overbooks."""


def checked(scopes: Iterable[str]) -> tuple[str, ...]:
    """*scopes* in their order of the table, each once. Raises ``Invalid`` for none, or for one
    that does not exist.
    """
    wanted = {scope.strip() for scope in scopes} - {""}
    unknown = sorted(wanted - SCOPES.keys())
    if unknown:
        raise Invalid(
            "scopes",
            N_("There is no scope “{scope}”; there are: {known}."),
            scope=unknown[0],
            known=", ".join(SCOPES),
        )
    if not wanted:
        raise Invalid("scopes", N_("Choose at least one scope: {known}."), known=", ".join(SCOPES))
    return tuple(scope for scope in SCOPES if scope in wanted)


def granted(scopes: Iterable[str]) -> frozenset[str]:
    """The permissions that a token with *scopes* has; one that this program does not know
    grants nothing.
    """
    return frozenset().union(*(SCOPES.get(scope, frozenset()) for scope in scopes))
