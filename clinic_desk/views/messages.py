"""What the desk tells its screens: sentences with a tone, and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Change = tuple[str, int]
"""Kind and id of something that changed: ``("appointment", 17)``."""

EVERYTHING: Change = ("appointment", 0)
"""Says that what changed is not known: read whatever is shown anew."""


class Tone(StrEnum):
    """How loud a message is."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"


class Group(StrEnum):
    """Deeds that are done in a row."""

    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Message:
    """One line for the message bar. ``undo`` is the number of the deed it offers to undo, and
    ``earlier`` those before it that belong to the same act and go with it; the deeds of one group
    that follow each other are told, and undone, together.
    """

    text: str
    tone: Tone = Tone.PLAIN
    undo: int | None = None
    group: Group | None = None
    earlier: tuple[int, ...] = ()
