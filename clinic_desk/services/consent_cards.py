"""Consents as faces see them: nothing here tells of the other record before it may."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from clinic_desk.rules.words import N_


class State(StrEnum):
    """How far a consent has come; the last three are ends."""

    ASKED = "asked"
    VERIFIED = "verified"
    AGREED = "agreed"
    LOCKED = "locked"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


STATE_NAMES: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.ASKED: N_("Asked"),
        State.VERIFIED: N_("Verified, not registered yet"),
        State.AGREED: N_("Agreed"),
        State.LOCKED: N_("Locked after wrong codes"),
        State.EXPIRED: N_("Expired"),
        State.WITHDRAWN: N_("Withdrawn"),
    }
)
"""What each state is called; for translation."""


class Share(StrEnum):
    """A group of fields that is shared as a whole."""

    PERSON = "person"
    CONTACT = "contact"
    ADDRESS = "address"
    GUARDIAN = "guardian"
    IDENTIFIER = "identifier"
    ALERT = "alert"


SHARE_NAMES: Final[Mapping[Share, str]] = MappingProxyType(
    {
        Share.PERSON: N_("name, date of birth, gender and language"),
        Share.CONTACT: N_("telephone and e-mail"),
        Share.ADDRESS: N_("postal address"),
        Share.GUARDIAN: N_("guardian"),
        Share.IDENTIFIER: N_("national identifier"),
        Share.ALERT: N_("notes for the visit, such as an interpreter"),
    }
)
"""What the patient is told, in the message and on paper; for translation."""

FIELDS: Final[Mapping[Share, tuple[str, ...]]] = MappingProxyType(
    {
        Share.PERSON: ("first_name", "last_name", "date_of_birth", "gender", "language"),
        Share.CONTACT: ("phone", "email"),
        Share.ADDRESS: ("address", "postcode", "city", "country"),
        Share.GUARDIAN: (
            "guardian_name",
            "guardian_relation",
            "guardian_phone",
            "guardian_email",
        ),
        Share.IDENTIFIER: ("national_id",),
        Share.ALERT: ("alert",),
    }
)
"""Which fields of a patient each group copies. Medical alerts are in none of them."""

ALWAYS: Final = Share.PERSON
"""Without it there would be nobody to register."""


class Side(StrEnum):
    """Which side of a consent the actor's organisation is on."""

    ASKS = "asks"
    KEEPS = "keeps"


class Channel(StrEnum):
    """How the person answers."""

    EMAIL = "email"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Code:
    """A code on its way to be compared. It never tells its value, so neither the mark of a
    request nor a log ever holds it.
    """

    value: str = field(repr=False)

    def __repr__(self) -> str:
        return "•••"


@dataclass(frozen=True, slots=True)
class Scan:
    """A picture of a signed form; what it holds is told by its sum alone."""

    name: str
    media_type: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """The sum of the content, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    def __repr__(self) -> str:
        return f"Scan({self.sha256})"


@dataclass(frozen=True, slots=True)
class AskedCard:
    """What the asking desk knows before the code is verified: nothing but its own question.

    ``expires_at`` is when the code ends; ``tries_left`` counts down from five.
    """

    id: int
    version: int
    state: State
    channel: Channel
    purpose: str
    shares: tuple[Share, ...]
    asked_at: datetime
    expires_at: datetime
    tries_left: int


@dataclass(frozen=True, slots=True)
class ConsentCard:
    """A consent in the register of either side.

    ``side`` is that of the organisation that looks. ``other`` is the other organisation's
    name and ``person`` the patient's; for who asks both are empty until the code was verified.
    ``until_at`` None means until it is withdrawn. ``patient_id`` is the patient of the
    organisation that looks: the registration that was made, or the record that is kept.
    """

    id: int
    version: int
    side: Side
    state: State
    channel: Channel
    purpose: str
    shares: tuple[Share, ...]
    other: str
    person: str
    patient_id: int | None
    reason: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    verified_at: datetime | None
    agreed_at: datetime | None
    until_at: datetime | None
    withdrawn_at: datetime | None

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether anything is left that could be taken back."""
        return self.state in {State.ASKED, State.VERIFIED, State.AGREED}


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """One page of the register, the newest first; ``counts`` by state, whatever the filter."""

    items: tuple[ConsentCard, ...]
    total: int
    counts: Mapping[State, int]
