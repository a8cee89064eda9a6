"""What the page of staff sees: lines of the list, the whole of one, and a wish for one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One line of the list. ``name`` is what is typed to sign in, ``role`` the role's name."""

    id: int
    name: str
    display_name: str
    role_id: int
    role: str
    approvals: bool
    active: bool


@dataclass(frozen=True, slots=True)
class StaffDraft:
    """All that can be said about a staff member but the password.

    ``name`` is what is typed to sign in. Without ``location_ids`` all locations are seen.
    ``approvals`` says whom the program writes to when a request waits; ``language`` is a tag
    such as ``pt_BR``, or empty for whatever the computer speaks.
    """

    name: str
    display_name: str
    role_id: int
    email: str = ""
    provider_id: int | None = None
    location_ids: tuple[int, ...] = ()
    language: str = ""
    approvals: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class StaffCard:
    """A staff member. ``must_change``: the password was given by somebody else, and another is
    asked for at the next sign-in.
    """

    id: int
    uuid: str
    version: int
    draft: StaffDraft
    must_change: bool


@dataclass(frozen=True, slots=True)
class RolePage:
    """A role as it was saved. ``permissions`` may hold names that this program does not know
    or that are not in use yet. A ``shipped`` one keeps its name; ``users`` have it.
    """

    id: int
    uuid: str
    version: int
    name: str
    permissions: frozenset[str]
    users: int
    shipped: bool
