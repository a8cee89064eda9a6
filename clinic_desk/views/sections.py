"""The sections of the program: where the navigation, the Go menu and Ctrl with a number lead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clinic_desk.rules.words import N_


@dataclass(frozen=True, slots=True)
class Section:
    """A screen's name, what the user calls it, and its sign among the icons. Whoever holds one
    of *permissions* is led there; where there are none, everybody.
    """

    name: str
    text: str
    sign: str
    permissions: tuple[str, ...] = ()


SECTIONS = (
    Section("home", N_("Home"), "home"),
    Section("calendar", N_("Calendar"), "calendar"),
    Section("appointments", N_("Appointments"), "appointments", ("Appointment Get All",)),
    Section("requests", N_("Appointment requests"), "requests"),
    Section("patients", N_("Patients"), "patients", ("Customer Get All",)),
    Section(
        "operational", N_("Operational"), "operational", ("Location Get All", "Service Get All")
    ),
    Section("admin", N_("Admin"), "admin", ("User Get All", "User Show", "User Update")),
)
"""In the order of the navigation. What is not built yet is absent, not dead."""


def offered(may: Callable[[str], bool]) -> list[Section]:
    """The sections for somebody who *may*."""
    return [s for s in SECTIONS if not s.permissions or any(map(may, s.permissions))]
