"""Finding the right patient while the phone is ringing.

The search key is folded text (no case, no accents): names first, as lists sort them, then
number, telephone digits, e-mail and date of birth, at last the guardian's. The first letters
of a last name are answered from a B-tree, any other part from the trigram index of either
database. An identifier has a key of its own, and is found whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from clinic_desk.models.people import Patient
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid
from clinic_desk.services import contacts, patient_access
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.booking import full_name
from clinic_desk.services.cards import PatientCard
from clinic_desk.services.patient_cards import PatientPlace
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, query

TRIGRAM = 3
"""Fewer letters than this are in no trigram; they are found at the start of a word only, two of
them with the blank before it, and one that is a word of its own with both.
"""

TURNS = 3
"""So many short words are tried as the beginning of the name."""

ABROAD = 8
"""So many digits that begin with 00 are a telephone number with its country."""

CJK = "\u2e80"
"""From here on stand the scripts that write no blank between the names."""

LAST = "\U0010ffff"
"""Sorts after every letter: the end of a range of texts that begin alike."""


@query("Customer Get All")
def search(actor: Actor, text: str, *, limit: int = 20) -> tuple[PatientCard, ...]:
    """Patients in whose key every word of *text* stands; whose last name begins so come first.

    Two queries as a rule, each answered from an index; a date that may be read in two ways
    ("12.4.1986" in Europe and in America) is asked for both ways, short names in either order,
    and what finds nobody may be an identifier.
    """
    found: dict[int, Any] = {}
    for words in _readings(text):
        for condition, values in _ways(actor, words):
            if len(found) >= limit:
                break
            # What is found already may come again, so that many more are asked for.
            for row in select(actor, condition, values, limit + len(found)):
                found.setdefault(row[0], row)
        short = len(words[0]) < TRIGRAM or len(found) >= limit
        if short and len(words) == 1 and words[0].isdigit():
            found = {row[0]: row for row in select(actor, *_numbered(actor, words[0]), 1)} | found
    identifier = "" if found else _identifier(text)
    if identifier:
        found = {row[0]: row for row in select(actor, *_identified(identifier), limit)}
    return tuple(card_of(values) for values in found.values())[:limit]


@query("Customer Get All")
def listed(
    actor: Actor, *, after: PatientPlace | None = None, limit: int = 100
) -> tuple[tuple[PatientCard, ...], PatientPlace | None]:
    """The organisation's active patients by name, page by page, and where the next page begins;
    None at the end. One query, from an index, however many there are.
    """
    where = "p.search >= ?"
    values: list[Any] = [after.key if after else ""]
    if after is not None:
        where += " AND (p.search > ? OR p.id > ?)"
        values += [after.key, after.id]
    found = select(actor, where, values, limit + 1, more=", p.search")
    cards = tuple(card_of(row[:-1]) for row in found[:limit])
    last = PatientPlace(found[limit - 1][-1], found[limit - 1][0]) if len(found) > limit else None
    return cards, last


def next_number(work: Work) -> str:
    """A number that no patient has, after the latest ones'. Takes the lock."""
    return next_numbers(work, 1)[0]


def next_numbers(work: Work, count: int, but: Iterable[str] = ()) -> list[str]:
    """So many numbers that no patient has, after the latest ones', and none of *but*. Takes the
    lock.
    """
    (latest,) = work.look(
        Statement(
            "SELECT number FROM patient WHERE organisation_id = ? ORDER BY id DESC LIMIT 50",
            (work.organisation_id,),
        )
    )
    first = max((int(n) for (n,) in latest if n.isascii() and n.isdigit()), default=0) + 1
    ask, step, spoken_for = work.lock, count + 49, frozenset(but)
    free: list[str] = []
    while True:
        wanted = [str(number) for number in range(first, first + step)]
        marks = ", ".join("?" * len(wanted))
        (found,) = ask(
            Statement(
                "SELECT number FROM patient"  # noqa: S608 - marks only
                f" WHERE organisation_id = ? AND number IN ({marks})",
                (work.organisation_id, *wanted),
            )
        )
        taken = {str(number) for (number,) in found} | spoken_for
        free += [number for number in wanted if number not in taken]
        if len(free) >= count:
            return free[:count]
        first, ask = first + step, work.look_again


def _readings(text: str) -> list[list[str]]:
    """The words of a query; a telephone number or a date is one word of digits."""
    words = fold.words(text)
    numbers = [word.strip("+") for word in words]
    if not words or not all(number.isdigit() for number in numbers):
        if len(words) == 1 and len(words[0]) > 1 and words[0][0] >= CJK:
            return [words, [words[0][0], words[0][1:]]]  # both names in one, as they are written
        return [words] if words else []
    if len(numbers) == 3 and len(numbers[2]) == 4 and max(map(len, numbers[:2])) <= 2:
        one, other, year = numbers[0].zfill(2), numbers[1].zfill(2), numbers[2]
        dates = dict.fromkeys((year + other + one, year + one + other))
        return [[day] for day in dates if "01" <= day[4:6] <= "12"]
    digits = "".join(numbers)
    if digits.startswith("00") and len(digits) >= ABROAD:
        digits = digits[2:]  # as people abroad dial it; the key has the number with its country
    return [[digits]]


def _ways(actor: Actor, words: list[str]) -> Iterator[tuple[str, list[Any]]]:
    """SQL for the patients of these words and its values, one way after the other: none alone
    is answered from an index where all words are short.
    """
    yield begins(" ".join(words))
    if any(len(word) >= TRIGRAM for word in words):
        yield contains(actor, words)
        return
    for place in range(min(len(words), TURNS) if len(words) > 1 else 0):
        first, values = begins(words[place])
        others = [told(word) for word in words[:place] + words[place + 1 :]]
        conditions = [first, *(condition for condition, _values in others)]
        yield " AND ".join(conditions), values + [v for _c, some in others for v in some]
    yield _indexed(actor, [f" {word}" if len(word) > 1 else f" {word} " for word in words])


def _identifier(text: str) -> str:
    """The key of the identifier that *text* may be; empty for what is none."""
    try:
        return contacts.national(text).key
    except Invalid:
        return ""


def _identified(key: str) -> tuple[str, list[Any]]:
    return "p.national_key = ? AND p.national_key <> ''", [key]


def begins(text: str) -> tuple[str, list[Any]]:
    """SQL for the patients whose key begins with *text*, and its values."""
    return "p.search >= ? AND p.search < ?", [text, text + LAST]


def _numbered(actor: Actor, number: str) -> tuple[str, list[Any]]:
    """SQL for the patient with this number, or into whom the one with it was merged."""
    former = "SELECT m.merged_into_id FROM patient m WHERE m.organisation_id = ? AND m.number = ?"
    return f"(p.number = ? OR p.id = ({former}))", [number, actor.organisation_id, number]


def contains(actor: Actor, words: list[str]) -> tuple[str, list[Any]]:
    """SQL for every word anywhere; short ones at the start of a word."""
    long = [word for word in words if len(word) >= TRIGRAM]
    short = [word for word in words if len(word) < TRIGRAM]
    asked = [_indexed(actor, long), *map(told, short)]
    return " AND ".join(condition for condition, _v in asked), [v for _c, vs in asked for v in vs]


def _indexed(actor: Actor, parts: list[str]) -> tuple[str, list[Any]]:
    """SQL for all *parts*, of three signs at least, anywhere in the key: from the trigrams."""
    if actor.store.dialect == "sqlite":
        quoted = ('"' + part.replace('"', '""') + '"' for part in parts)
        return "s.patient_search MATCH ?", [" AND ".join(quoted)]
    return " AND ".join(["p.search LIKE ?"] * len(parts)), [f"%{_literal(p)}%" for p in parts]


def told(word: str) -> tuple[str, list[Any]]:
    """SQL for the patients (``p``) in whose key one folded word stands, a short one at the start
    of a word, and its values; for a list that is read anyway, not from an index.
    """
    literal, marks = _literal(word), "p.search LIKE ? ESCAPE '\\'"
    if len(word) >= TRIGRAM:
        return marks, [f"%{literal}%"]
    return f"({marks} OR {marks})", [f"{literal}%", f"% {literal}%"]


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
_SELECT = f"SELECT {', '.join(f'p.{name}' for name in _COLUMNS)}"


def select(
    actor: Actor,
    condition: str,
    values: list[Any],
    limit: int,
    *,
    first: int = 0,
    more: str = "",
) -> list[Any]:
    """At most *limit* rows for :func:`card_of` of active patients whom *actor* may see, after
    the *first* ones; *more* are further columns at their end.
    """
    # From the trigram index outward, so that a common part of a name stops at the limit.
    matched = "MATCH" in condition
    source = "patient_search s CROSS JOIN patient p ON p.id = s.rowid" if matched else "patient p"
    order = "ORDER BY p.search, p.id" if condition.startswith("p.search >=") else ""
    visible, who = patient_access.seen(actor)
    return actor.store.rows(
        f"{_SELECT}{more} FROM {source} WHERE p.organisation_id = ? AND p.active = ?"
        f" AND {condition} AND {visible} {order} LIMIT ? OFFSET ?",
        (actor.organisation_id, r.stored(Patient, "active", True), *values, *who, limit, first),
    )


def card_of(values: Any) -> PatientCard:
    """A card straight from a row of :func:`select`: twenty at every key press."""
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
