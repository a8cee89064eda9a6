"""The kinds of letters, the words they are shipped with, and the places in them.

Every text is English here and translated when a letter is composed; a clinic may put its own
words in their stead, with the same places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from clinic_desk.rules.words import N_


class Kind(StrEnum):
    """What a message is about."""

    CONFIRMATION = "confirmation"
    MOVED = "moved"
    CANCELLED = "cancelled"
    APPROVED = "approved"
    DECLINED = "declined"
    REMINDER = "reminder"
    CODE = "code"
    REPORT = "report"
    CONFIRMATIONS = "confirmations"
    MOVES = "moves"
    CANCELLATIONS = "cancellations"
    REMINDERS = "reminders"


TOGETHER: Final[Mapping[Kind, Kind]] = MappingProxyType(
    {
        Kind.CONFIRMATION: Kind.CONFIRMATIONS,
        Kind.MOVED: Kind.MOVES,
        Kind.CANCELLED: Kind.CANCELLATIONS,
        Kind.REMINDER: Kind.REMINDERS,
    }
)
"""Whose words are taken where several messages of a kind leave as one mail. The messages
themselves keep their kind.
"""


@dataclass(frozen=True, slots=True)
class Words:
    """The subject and the body of a kind of letter, with places such as ``{patient}``."""

    subject: str
    body: str


NAMES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.CONFIRMATION: N_("Confirmation"),
        Kind.MOVED: N_("Moved"),
        Kind.CANCELLED: N_("Cancellation"),
        Kind.APPROVED: N_("Request approved"),
        Kind.DECLINED: N_("Request declined"),
        Kind.REMINDER: N_("Reminder"),
        Kind.CODE: N_("Consent code"),
        Kind.REPORT: N_("Report"),
        Kind.CONFIRMATIONS: N_("Several confirmations"),
        Kind.MOVES: N_("Several moved"),
        Kind.CANCELLATIONS: N_("Several cancellations"),
        Kind.REMINDERS: N_("Reminder of several"),
    }
)
"""What a page of settings calls each kind; for translation."""

PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "patient": N_("The patient’s name"),
        "day": N_("The day of the appointment"),
        "time": N_("The time at which it begins"),
        "provider": N_("Who treats the patient"),
        "location": N_("The name of the location"),
        "address": N_("The address of the location"),
        "clinic": N_("The name of the clinic"),
        "phone": N_("The telephone number of the location"),
    }
)
"""What every letter may say, and what it stands for; for translation."""

_WITHOUT_VISIT: Final = ("patient", "clinic", "phone")
_SEVERAL: Final = MappingProxyType({"appointments": N_("The appointments, one below the other")})

MORE_PLACES: Final[Mapping[Kind, Mapping[str, str]]] = MappingProxyType(
    {
        Kind.MOVED: MappingProxyType({"earlier": N_("The day and time that held before")}),
        Kind.DECLINED: MappingProxyType({"reason": N_("Why the request was declined")}),
        Kind.CODE: MappingProxyType(
            {
                "code": N_("The code; it cannot be left out"),
                "until": N_("Until when the code can be used"),
                "shared": N_("What the clinic would see"),
                "purpose": N_("What the data are for"),
            }
        ),
        **dict.fromkeys(TOGETHER.values(), _SEVERAL),
    }
)
"""What only letters of one kind may say."""

NEEDED: Final[Mapping[Kind, frozenset[str]]] = MappingProxyType(
    {
        Kind.CODE: frozenset({"code", "clinic", "shared", "purpose"}),
        **dict.fromkeys(TOGETHER.values(), frozenset({"appointments"})),
    }
)
"""Without these a letter of that kind would be of no use, or not honest."""


def places(kind: Kind) -> dict[str, str]:
    """Every place that a letter of *kind* may have, with what it stands for."""
    without = kind is Kind.CODE or kind in TOGETHER.values()
    common = {name: PLACES[name] for name in _WITHOUT_VISIT} if without else PLACES
    return {**common, **MORE_PLACES.get(kind, {})}


SHIPPED: Final[Mapping[Kind, Words]] = MappingProxyType(
    {
        Kind.CONFIRMATION: Words(
            N_("Your appointment on {day}"),
            N_(
                "Hello {patient},\n\n"
                "your appointment at {clinic} is on {day} at {time}.\n\n"
                "{provider}\n{location}\n{address}\n\n"
                "If you cannot come, please call us in good time: {phone}\n\n"
                "{clinic}"
            ),
        ),
        Kind.MOVED: Words(
            N_("Your appointment was moved to {day}"),
            N_(
                "Hello {patient},\n\n"
                "your appointment at {clinic} was moved. It is now on {day} at {time}.\n"
                "Before, it was on {earlier}.\n\n"
                "{provider}\n{location}\n{address}\n\n"
                "If this does not suit you, please call us: {phone}\n\n"
                "{clinic}"
            ),
        ),
        Kind.CANCELLED: Words(
            N_("Your appointment on {day} was cancelled"),
            N_(
                "Hello {patient},\n\n"
                "your appointment at {clinic} on {day} at {time} was cancelled.\n\n"
                "For a new one please call us: {phone}\n\n"
                "{clinic}"
            ),
        ),
        Kind.APPROVED: Words(
            N_("Your appointment on {day} is approved"),
            N_(
                "Hello {patient},\n\n"
                "we gladly take your request: your appointment at {clinic} is on {day} at"
                " {time}.\n\n"
                "{provider}\n{location}\n{address}\n\n"
                "If you cannot come, please call us in good time: {phone}\n\n"
                "{clinic}"
            ),
        ),
        Kind.DECLINED: Words(
            N_("Your request for an appointment"),
            N_(
                "Hello {patient},\n\n"
                "we are sorry: we cannot offer you the appointment on {day} at {time}.\n"
                "{reason}\n\n"
                "Please call the clinic, so that we find another time: {phone}\n\n"
                "{clinic}"
            ),
        ),
        Kind.REMINDER: Words(
            N_("Reminder: your appointment on {day}"),
            N_(
                "Hello {patient},\n\n"
                "we expect you at {clinic} on {day} at {time}.\n\n"
                "{provider}\n{location}\n{address}\n\n"
                "If you cannot come, please call us as soon as you can: {phone}\n\n"
                "{clinic}"
            ),
        ),
        Kind.CODE: Words(
            N_("Your code for {clinic}"),
            N_(
                "Hello {patient},\n\n"
                "{clinic} asks to take over these of your data from another clinic: {shared}.\n"
                "What for: {purpose}\n"
                "Your medical records are not among them unless they are named here.\n\n"
                "If you agree, tell {clinic} this code:\n\n"
                "{code}\n\n"
                "It can be used until {until}; only the newest code counts. If you do not"
                " agree, tell it to nobody, and nothing is shared.\n"
            ),
        ),
        Kind.REPORT: Words(
            N_("Your report of {day}"),
            N_(
                "Hello {patient},\n\n"
                "attached you find the report of your appointment at {clinic} on {day}.\n\n"
                "If you have questions, please call us: {phone}\n\n"
                "{clinic}"
            ),
        ),
        Kind.CONFIRMATIONS: Words(
            N_("Your appointments at {clinic}"),
            N_(
                "Hello {patient},\n\n"
                "these are your appointments at {clinic}:\n\n"
                "{appointments}\n\n"
                "If you cannot come, please call us in good time: {phone}\n\n"
                "{clinic}"
            ),
        ),
        Kind.MOVES: Words(
            N_("Your appointments at {clinic} were moved"),
            N_(
                "Hello {patient},\n\n"
                "your appointments at {clinic} were moved. They are now:\n\n"
                "{appointments}\n\n"
                "If this does not suit you, please call us: {phone}\n\n"
                "{clinic}"
            ),
        ),
        Kind.CANCELLATIONS: Words(
            N_("Your appointments at {clinic} were cancelled"),
            N_(
                "Hello {patient},\n\n"
                "these appointments at {clinic} were cancelled:\n\n"
                "{appointments}\n\n"
                "For new ones please call us: {phone}\n\n"
                "{clinic}"
            ),
        ),
        Kind.REMINDERS: Words(
            N_("Reminder: your appointments at {clinic}"),
            N_(
                "Hello {patient},\n\n"
                "we expect you at {clinic}:\n\n"
                "{appointments}\n\n"
                "If you cannot come, please call us as soon as you can: {phone}\n\n"
                "{clinic}"
            ),
        ),
    }
)
"""The words of the program's own letters; for translation."""
