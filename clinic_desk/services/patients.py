"""Patients: finding the right one while the phone is ringing, and writing down a new one.

The search key is folded text (no case, no accents): names first, as lists sort them, then
number, telephone digits, e-mail and date of birth. The first letters of a last name are
answered from a B-tree, any other part from the trigram index of either database.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from clinic_desk.models.people import Patient, Resource
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, NotFound, Stale
from clinic_desk.rules.words import N_
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.booking import full_name
from clinic_desk.services.cards import PatientCard
from clinic_desk.services.diary import KEEP, Keep
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command, query

TRIGRAM = 3
"""Fewer letters than this are in no trigram; they are found at the start of a word only."""

LONGEST_NAME = 120
LAST = "\U0010ffff"
"""Sorts after every letter: the end of a range of texts that begin alike."""


def search_key(
    *,
    first_name: str,
    last_name: str,
    number: str = "",
    phone: str = "",
    email: str = "",
    date_of_birth: date | None = None,
) -> str:
    """The folded key under which a patient is found."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    born = date_of_birth.isoformat().replace("-", "") if date_of_birth else ""
    name = fold.key(f"{last_name} {first_name}")
    rest = " ".join(part for part in (fold.key(number), digits, fold.key(email), born) if part)
    return f"{name} {rest}".strip()


@query("Customer Get All")
def search(actor: Actor, text: str, *, limit: int = 20) -> tuple[PatientCard, ...]:
    """Patients in whose key every word of *text* stands; whose last name begins so come first.

    Two queries at most, each answered from an index; a date that may be read in two ways
    ("12.4.1986" in Europe and in America) is asked for both ways.
    """
    found: dict[int, Any] = {}
    for words in _readings(text):
        if len(found) < limit:
            found |= {row[0]: row for row in _select(actor, *_prefix(" ".join(words)), limit)}
        if len(found) < limit and any(len(word) >= TRIGRAM for word in words):
            # The prefix's own may come again, so that many more are asked for.
            for row in _select(actor, *_parts(actor, words), limit + len(found)):
                found.setdefault(row[0], row)
    return tuple(_found(values) for values in found.values())[:limit]


@query("Customer Show")
def patient(actor: Actor, patient_id: int) -> PatientCard:
    """One patient as they stand now. Raises ``NotFound``."""
    statement = r.by_id(Patient, actor.organisation_id, patient_id)
    found = actor.store.rows(statement.sql, statement.parameters)
    if not found:
        raise NotFound
    return card(r.row(Patient, found[0]))


@command("Customer Create", action="patient.create")
def create(
    work: Work,
    *,
    first_name: str,
    last_name: str,
    date_of_birth: date | None = None,
    phone: str = "",
    email: str = "",
    gender: str = "",
    language: str = "",
    alert: str = "",
    request_id: str | None = None,
) -> PatientCard:
    """Write down a new patient, with the next free number.

    Raises ``Invalid`` naming the field: a name is needed, a birth lies in the past.
    """
    fields = _checked(
        work,
        first_name=first_name,
        last_name=last_name,
        date_of_birth=date_of_birth,
        phone=phone,
        email=email,
        gender=gender,
        language=language,
        alert=alert,
    )
    if not fields["last_name"] and not fields["first_name"]:
        raise Invalid("last_name", N_("A patient needs a name."))
    number = _next_number(work)
    resource = work.create(Resource, kind="patient")
    row = work.create(
        Patient,
        id=resource.id,
        uuid=str(uuid.uuid4()),
        number=number,
        search=_key_of(fields, number),
        active=True,
        version=1,
        **fields,
    )
    return card(row)


@command("Customer Update", action="patient.change")
def change(
    work: Work,
    patient_id: int,
    *,
    version: int,
    first_name: str | Keep = KEEP,
    last_name: str | Keep = KEEP,
    date_of_birth: date | Keep | None = KEEP,
    phone: str | Keep = KEEP,
    email: str | Keep = KEEP,
    gender: str | Keep = KEEP,
    language: str | Keep = KEEP,
    alert: str | Keep = KEEP,
    request_id: str | None = None,
) -> PatientCard:
    """Save what was changed of a patient's data. Raises ``Stale``, ``Invalid``, ``NotFound``."""
    given = {
        "first_name": first_name,
        "last_name": last_name,
        "date_of_birth": date_of_birth,
        "phone": phone,
        "email": email,
        "gender": gender,
        "language": language,
        "alert": alert,
    }
    fields = _checked(work, **{k: v for k, v in given.items() if v is not KEEP})
    (found,) = work.lock(work.locked_row(Patient, patient_id))
    row = work.found(Patient, found)
    if row.version != version:
        raise Stale(card(row))
    new = {name: fields.get(name, getattr(row, name)) for name in given}
    work.change(row, **fields, search=_key_of(new, row.number))
    return card(row)


def card(row: Patient) -> PatientCard:
    """What the faces see of a patient."""
    return PatientCard(
        id=row.id,
        uuid=row.uuid,
        version=row.version,
        number=row.number,
        first_name=row.first_name,
        last_name=row.last_name,
        name=full_name(row.first_name, row.last_name),
        date_of_birth=row.date_of_birth,
        gender=row.gender,
        phone=row.phone,
        email=row.email,
        alert=row.alert,
        preferred_provider_id=row.preferred_provider_id,
        active=row.active,
    )


def _next_number(work: Work) -> str:
    """A number that no patient has, after the latest ones'. Takes the lock."""
    (latest,) = work.look(
        Statement(
            "SELECT number FROM patient WHERE organisation_id = ? ORDER BY id DESC LIMIT 50",
            (work.organisation_id,),
        )
    )
    first = max((int(n) for (n,) in latest if n.isascii() and n.isdigit()), default=0) + 1
    ask = work.lock
    while True:
        wanted = [str(number) for number in range(first, first + 50)]
        marks = ", ".join("?" * len(wanted))
        (taken,) = ask(
            Statement(
                "SELECT number FROM patient"  # noqa: S608 - marks only
                f" WHERE organisation_id = ? AND number IN ({marks})",
                (work.organisation_id, *wanted),
            )
        )
        free = [number for number in wanted if (number,) not in set(map(tuple, taken))]
        if free:
            return free[0]
        first, ask = first + 50, work.look_again


def _readings(text: str) -> list[list[str]]:
    """The words of a query; a telephone number or a date is one word of digits."""
    words = fold.words(text)
    numbers = [word.strip("+") for word in words]
    if not words or not all(number.isdigit() for number in numbers):
        return [words] if words else []
    if len(numbers) == 3 and len(numbers[2]) == 4 and max(map(len, numbers[:2])) <= 2:
        one, other, year = numbers[0].zfill(2), numbers[1].zfill(2), numbers[2]
        dates = dict.fromkeys((year + other + one, year + one + other))
        return [[day] for day in dates if "01" <= day[4:6] <= "12"]
    return [["".join(numbers)]]


def _prefix(text: str) -> tuple[str, list[Any]]:
    return "p.search >= ? AND p.search < ?", [text, text + LAST]


def _parts(actor: Actor, words: list[str]) -> tuple[str, list[Any]]:
    """Every word anywhere; short ones at the start of a word."""
    long = [word for word in words if len(word) >= TRIGRAM]
    short = [word for word in words if len(word) < TRIGRAM]
    conditions: list[str] = []
    values: list[Any] = []
    if actor.store.dialect == "sqlite":
        conditions.append("s.patient_search MATCH ?")
        values.append(" AND ".join('"' + word.replace('"', '""') + '"' for word in long))
    else:
        conditions += ["p.search LIKE ?"] * len(long)
        values += [f"%{_literal(word)}%" for word in long]
    for word in short:
        conditions.append("(p.search LIKE ? ESCAPE '\\' OR p.search LIKE ? ESCAPE '\\')")
        values += [f"{_literal(word)}%", f"% {_literal(word)}%"]
    return " AND ".join(conditions), values


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_COLUMNS = (
    "id",
    "uuid",
    "version",
    "number",
    "first_name",
    "last_name",
    "date_of_birth",
    "gender",
    "phone",
    "email",
    "alert",
    "preferred_provider_id",
    "active",
)
_SELECT = f"SELECT {', '.join(f'p.{name}' for name in _COLUMNS)} FROM"


def _select(actor: Actor, condition: str, values: list[Any], limit: int) -> list[Any]:
    # From the trigram index outward, so that a common part of a name stops at the limit.
    matched = "MATCH" in condition
    source = "patient_search s CROSS JOIN patient p ON p.id = s.rowid" if matched else "patient p"
    order = "ORDER BY p.search" if condition.startswith("p.search >=") else ""
    return actor.store.rows(
        f"{_SELECT} {source} WHERE p.organisation_id = ? AND p.active = ?"
        f" AND {condition} {order} LIMIT ?",
        (actor.organisation_id, r.stored(Patient, "active", True), *values, limit),
    )


def _found(values: Any) -> PatientCard:
    """A card straight from a row of :func:`_select`: twenty at every key press."""
    number, uuid_, version, label, first, last, born, gender, phone, email, alert, who, active = (
        values
    )
    return PatientCard(
        id=number,
        uuid=uuid_,
        version=version,
        number=label,
        first_name=first,
        last_name=last,
        name=full_name(first, last),
        date_of_birth=date.fromisoformat(born) if isinstance(born, str) else born,
        gender=gender,
        phone=phone,
        email=email,
        alert=alert,
        preferred_provider_id=who,
        active=bool(active),
    )


def _checked(work: Work, **fields: Any) -> dict[str, Any]:
    out: dict[str, Any] = {
        name: fold.clean(name, value, longest=LONGEST_NAME) if isinstance(value, str) else value
        for name, value in fields.items()
    }
    born = out.get("date_of_birth")
    if born is not None and not date(1880, 1, 1) <= born <= work.now.date():
        raise Invalid("date_of_birth", N_("A date of birth lies in the past."))
    return out


def _key_of(fields: dict[str, Any], number: str) -> str:
    return search_key(
        first_name=fields["first_name"],
        last_name=fields["last_name"],
        number=number,
        phone=fields["phone"],
        email=fields["email"],
        date_of_birth=fields["date_of_birth"],
    )


create.again = patient  # type: ignore[attr-defined]
change.again = patient  # type: ignore[attr-defined]
