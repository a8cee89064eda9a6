"""Who of a list of patients is there already: in the clinic, or further up in the same list.

Two are the same person by the identifier, or by the name and one thing more. A father and a son
share name and contact: where both have a date of birth, that decides, and no contact does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from clinic_desk.models.people import Patient
from clinic_desk.rules import fold
from clinic_desk.services import rows as r
from clinic_desk.services.patient_finding import LAST
from clinic_desk.services.transaction import Statement


@dataclass(frozen=True, slots=True)
class Person:
    """By what one person is told from another; the contacts are keys, empty where there are
    none. ``row`` is the row of the list, 0 for a patient of the clinic.
    """

    number: str
    name: str
    born: date | None
    email: str
    phone: str
    national: str
    row: int = 0

    @property
    def marks(self) -> list[int]:
        """Numbers of which two that may be the same person have one in common."""
        pairs = [("", self.national)] if self.national else []
        more = (self.born, self.email, self.phone)
        return [hash(pair) for pair in [*pairs, *((self.name, part) for part in more if part)]]

    def is_same(self, other: Person) -> bool:
        """Whether *other* is this person for certain."""
        if self.national and self.national == other.national:
            return True
        if self.name != other.name:
            return False
        if self.born and other.born:
            return self.born == other.born
        return self._in_common(other) > 0

    def likest(self, others: Iterable[Person]) -> Person | None:
        """Who of *others* is this person: of several the one born on the same day, then the one
        with the most in common, then the first.
        """
        return max(filter(self.is_same, others), key=self._likeness, default=None)

    def _likeness(self, other: Person) -> tuple[bool, int]:
        born = self.born is not None and self.born == other.born
        return born, self._in_common(other) + (self.name == other.name)

    def _in_common(self, other: Person) -> int:
        pairs = (
            (self.email, other.email),
            (self.phone, other.phone),
            (self.national, other.national),
        )
        return sum(bool(mine) and mine == theirs for mine, theirs in pairs)


def person(fields: Mapping[str, Any], number: str, row: int) -> Person:
    """Who a row with these stored *fields* is."""
    return Person(
        number,
        _name(fields["last_name"], fields["first_name"]),
        fields["date_of_birth"],
        fields["email_key"],
        fields["phone_key"],
        fields["national_key"],
        row,
    )


def asked(organisation_id: int, one: Person) -> Statement:
    """For the patients who may be *one*; :func:`answered` reads the answer."""
    columns = (
        "SELECT id, number, last_name, first_name, date_of_birth, email_key, phone_key,"
        " national_key FROM patient WHERE organisation_id = ? AND active = ?"
    )
    active = r.stored(Patient, "active", True)
    born = r.stored(Patient, "date_of_birth", one.born)
    return Statement(
        f"{columns} AND national_key = ? AND national_key <> ''"
        f" UNION {columns} AND search >= ? AND search < ? AND (date_of_birth = ?"
        " OR (email_key = ? AND email_key <> '') OR (phone_key = ? AND phone_key <> ''))"
        " ORDER BY id",
        (
            *(organisation_id, active, one.national),
            *(organisation_id, active, f"{one.name} ", f"{one.name} {LAST}", born),
            *(one.email, one.phone),
        ),
    )


def answered(rows: Iterable[tuple[Any, ...]]) -> list[Person]:
    """The patients who may be somebody, the oldest record first."""
    return [
        Person(
            str(number),
            _name(last, first),
            date.fromisoformat(born) if isinstance(born, str) else born,
            email,
            phone,
            national,
        )
        for _id, number, last, first, born, email, phone, national in rows
    ]


def _name(last: str, first: str) -> str:
    return fold.key(f"{last} {first}")
