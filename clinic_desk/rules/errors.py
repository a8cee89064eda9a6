"""Everything that can go wrong without being our own bug.

::

    ClinicError                 a sentence and a way out
    ├── Refused                 the request cannot be granted (the user can do something about it)
    │   ├── NotAllowed          the signed-in user lacks a permission
    │   ├── NotFound            there is no such record (or it may not be seen)
    │   ├── Invalid             a field holds something that makes no sense
    │   ├── InUseElsewhere      a patient's data belong to another organisation's patient
    │   ├── Conflicted          the time is not free; carries every reason
    │   ├── Stale               somebody else changed it first; carries both versions
    │   └── Withdrawn           a request found unsaved, which may not arrive any more
    └── Unavailable             the world's fault: the environment has to change
        ├── Busy                somebody else is writing; try again
        ├── Disconnected        the database cannot be reached
        ├── OutcomeUnknown      the connection was lost while saving; ask ``was_saved``
        ├── DiskFull            there is no room to write
        ├── WrongSchema         the database is older or newer than the program
        └── Damaged             the file is not a sound database

Anything else that is raised is a bug: it is logged and shown by the crash dialog.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clinic_desk.rules.permissions import BY_NAME, TICKED
from clinic_desk.rules.words import N_, Term

if TYPE_CHECKING:
    from clinic_desk.rules.conflicts import Conflict


class ClinicError(Exception):
    """A sentence for the user, and a way out.

    ``message`` and ``way_out`` are English templates marked for translation, with
    ``{name}`` places that ``params`` fill; ``str(error)`` is the English sentence.
    """

    message = N_("That did not work.")
    way_out = ""

    def __init__(
        self, message: str | None = None, *, way_out: str | None = None, **params: Any
    ) -> None:
        self.message = message or type(self).message
        self.way_out = type(self).way_out if way_out is None else way_out
        self.params: Mapping[str, Any] = params
        super().__init__(str(self))

    def __str__(self) -> str:
        sentence = self.message.format(**self.params)
        return f"{sentence} {self.way_out.format(**self.params)}".rstrip()


class Refused(ClinicError):
    """The request cannot be granted as it stands."""


ASK_FOR_TICK = N_("Ask an administrator to tick “Approvals” for you on the page “Staff”.")


class NotAllowed(Refused):
    """The signed-in user lacks ``permission``; what that guards is told in plain words first."""

    message = N_("You may not do this: {what} (permission “{permission}”).")
    way_out = N_("Ask an administrator of your organisation.")

    def __init__(self, permission: str) -> None:
        known = BY_NAME.get(permission)
        what = Term(known.guards if known else permission)
        way_out = ASK_FOR_TICK if permission in TICKED else None
        super().__init__(what=what, permission=permission, way_out=way_out)
        self.permission = permission


class NotFound(Refused):
    """There is no such record, or it belongs to somebody whose records you may not see."""

    message = N_("This record does not exist any more.")
    way_out = N_("Refresh the view and choose again.")


class Invalid(Refused):
    """A field holds something that makes no sense; ``field`` names it."""

    def __init__(self, field: str, message: str, **params: Any) -> None:
        super().__init__(message, **params)
        self.field = field


class InUseElsewhere(Refused):
    """Somebody's data stand in another organisation. Always the same words: neither whose they
    are, nor where, nor which of them.
    """

    message = N_("These data are already in use.")
    way_out = N_(
        "Ask the person for their consent, or register them as somebody who shares this contact."
    )


class Conflicted(Refused):
    """The time cannot be taken; ``conflicts`` holds every reason."""

    message = N_("This time cannot be booked.")

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        self.conflicts = conflicts
        super().__init__()

    def __str__(self) -> str:
        return " ".join([self.message, *(str(c) for c in self.conflicts)])


class Stale(Refused):
    """Somebody changed the record first; ``theirs`` is the card as it stands now."""

    message = N_("Somebody changed this meanwhile.")
    way_out = N_("Look at the present version and decide again.")

    def __init__(self, theirs: Any = None) -> None:
        super().__init__()
        self.theirs = theirs


class Withdrawn(Refused):
    """The same request was asked after and found unsaved, so it may not arrive any more."""

    message = N_("This change was not saved and has been withdrawn.")
    way_out = N_("Do it again if you still want it.")


class Unavailable(ClinicError):
    """The environment's fault: disk, network, server."""


class Busy(Unavailable):
    """Another writer holds the organisation's lock for too long."""

    message = N_("Somebody else is saving just now.")
    way_out = N_("Try again in a moment.")


class Disconnected(Unavailable):
    """The database cannot be reached; nothing was saved."""

    message = N_("The database cannot be reached.")
    way_out = N_("Nothing was saved. Check the network; the program reconnects by itself.")


class OutcomeUnknown(Unavailable):
    """The connection was lost before the answer; ``request_id`` says what to ask for."""

    message = N_("The connection was lost while saving.")
    way_out = N_("The program asks as soon as it can whether it was saved.")

    def __init__(self, request_id: str) -> None:
        super().__init__()
        self.request_id = request_id


class DiskFull(Unavailable):
    """There is no room to write."""

    message = N_("The disk is full. Nothing was lost.")
    way_out = N_("Free some space, then save again.")


class WrongSchema(Unavailable):
    """The database is older or newer than this program."""


class Damaged(Unavailable):
    """The file is not a sound database."""

    message = N_("This file is not a sound Clinic Desk database.")
    way_out = N_(
        "Close Clinic Desk and start it again. If it says so still, restore the last good backup."
    )
