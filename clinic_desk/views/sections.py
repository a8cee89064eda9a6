"""The sections of the program: where the navigation, the Go menu and Ctrl with a number lead."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from clinic_desk.rules.words import N_

Wanted = str | tuple[str, ...]
"""A permission, or several that are needed together."""


def holds(may: Callable[[str], bool], *ways: Wanted) -> bool:
    """Whether somebody who *may* holds all that one of *ways* needs; where there are none, yes."""
    needed = [(way,) if isinstance(way, str) else way for way in ways]
    return not ways or any(all(map(may, way)) for way in needed)


@dataclass(frozen=True, slots=True)
class Section:
    """A screen's name, what the user calls it, and its sign among the icons. Whoever holds one
    of *permissions* is led there; where there are none, everybody.
    """

    name: str
    text: str
    sign: str
    permissions: tuple[Wanted, ...] = ()


SEES_VISITS = "Appointment Get All"
"""Whoever lacks it sees no calendar, and nothing that is read from it."""

PLACES = ("Location Get All", "Location Show")
SERVICES = ("Service Get All", "Service Show")
STAFF = ("User Get All", "User Show")
"""Whoever is led to the pages of these may open what is listed there, too."""

SECTIONS = (
    Section("home", N_("Home"), "home"),
    Section("calendar", N_("Calendar"), "calendar", (SEES_VISITS,)),
    Section("appointments", N_("Appointments"), "appointments", (SEES_VISITS,)),
    Section("requests", N_("Appointment requests"), "requests", (SEES_VISITS,)),
    Section("patients", N_("Patients"), "patients", (("Customer Get All", "Customer Show"),)),
    Section("operational", N_("Operational"), "operational", (PLACES, SERVICES, "Setting Update")),
    Section(
        "admin",
        N_("Admin"),
        "admin",
        (STAFF, "User Show", "User Update", "Setting Update", "Consent Get Consented", SEES_VISITS),
    ),
)
"""In the order of the navigation. What is not built yet is absent, not dead."""


def offered(may: Callable[[str], bool]) -> list[Section]:
    """The sections for somebody who *may*."""
    return [section for section in SECTIONS if holds(may, *section.permissions)]


def first(names: Collection[str]) -> str:
    """The section among *names* with which the day begins: the calendar, where it is there."""
    return "calendar" if "calendar" in names else next(iter(names))
