"""The rows of consents: whose record is meant, how often was asked, and both histories.

**Nothing tells whether there is such a record.** Whoever asks about data that nobody has gets
a row like everybody else: it points to a patient of the asking organisation itself (the
database wants one), is never sent a code for and fits no code. Whose record it is stands in
no history, and in no card before the code was verified.

**Several records** (a mother and her child share an address; two clinics know one person):
nobody at the desk chooses. It is the record of the same identifier, then the one whose date
of birth and name are those that were typed, then the same e-mail, then one that has an
e-mail address at all, then the oldest. The message greets its person by name and goes to the
contact on record, so whoever gets the code knows for whom it is, and gives it or not.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, cast

from clinic_desk.models.consents import Consent
from clinic_desk.models.people import Patient
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid, NotFound
from clinic_desk.rules.words import N_
from clinic_desk.services import chain, deeds
from clinic_desk.services import rows as r
from clinic_desk.services.consent_cards import ALWAYS, AskedCard, Channel, Share, State
from clinic_desk.services.contacts import Keys
from clinic_desk.services.transaction import Rows, Statement
from clinic_desk.services.work import Work

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor

MOST_TRIES = 5
NOBODY = "-"
"""The code's mark of a consent about data that no record has."""

NO_RECORD = 8
"""From this rank on a row of :func:`whose` only leans on a patient."""

UNKNOWN_SHARE = N_("There is no such group of data.")


@dataclass(frozen=True, slots=True)
class Marks:
    """What the column of the code's hash keeps: whom the question was about, salted, and the
    hash of the newest code (empty until one was sent, and once it was used).
    """

    contact: str
    code: str = ""

    def __str__(self) -> str:
        return f"{self.contact}|{self.code}"

    @classmethod
    def of(cls, row: Consent) -> Marks:
        """Those of a row."""
        contact, _, code = str(row.code_hash).partition("|")
        return cls(contact, code)


def contact_mark(keys: Keys, person: str = "") -> str:
    """What is left of the contacts that were asked about, and of the *person* that was typed
    (see :func:`typed`): enough to count and to find again, not to read.
    """
    salt = secrets.token_hex(8)
    return ".".join([salt, *_sums(salt, keys), _sum(salt, person)])


def typed(draft: Mapping[str, Any]) -> str:
    """The name and the date of birth of a draft: they tell apart those who share a contact."""
    name = fold.key(f"{draft.get('last_name') or ''} {draft.get('first_name') or ''}")
    return f"person\n{name}\n{draft.get('date_of_birth') or ''}"


def same_question(row: Consent, keys: Keys, person: str) -> bool:
    """Whether a row is about the same typed person at one of these contacts. By nothing but what
    was typed: whose records there are must not be seen by what becomes of a question.
    """
    mark = Marks.of(row).contact
    salt, *sums = mark.split(".")
    return _sum(salt, person) in sums and same_contact(mark, keys)


def same_contact(mark: str, keys: Keys) -> bool:
    """Whether a mark is about one of these contacts."""
    salt, *sums = mark.split(".")
    return not set(sums).isdisjoint(_sums(salt, keys))


def _sums(salt: str, keys: Keys) -> list[str]:
    found = (keys.email, keys.phone, keys.national)
    return [_sum(salt, key) for key in found if key]


def _sum(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()[:24]


def whose(
    organisation_id: int, keys: Keys, *, first_name: str, last_name: str, born: date | None
) -> Statement:
    """The record that is meant, as organisation and id, and whether it is one: one statement
    and one row whatever there is to find (see above). No row in an empty database.
    """
    name = fold.key(f"{last_name} {first_name}")
    active = r.stored(Patient, "active", True)
    parts: list[str] = []
    values: list[Any] = [r.stored(Patient, "date_of_birth", born), len(name), name]
    for rank, (column, key) in enumerate(
        (("national_key", keys.national), ("email_key", keys.email), ("phone_key", keys.phone))
    ):
        parts.append(
            f"SELECT {_RANKED}, {rank} AS how FROM patient"  # noqa: S608 - our own words
            f" WHERE {column} = ? AND {column} <> '' AND organisation_id <> ? AND active = ?"
        )
        values += [key, organisation_id, active]
    parts.append(
        f"SELECT * FROM (SELECT {_RANKED}, {NO_RECORD} AS how FROM patient"  # noqa: S608
        " WHERE organisation_id = ? ORDER BY id LIMIT 1) AS own"
    )
    parts.append(
        f"SELECT * FROM (SELECT {_RANKED}, {NO_RECORD + 1} AS how FROM patient"  # noqa: S608
        " ORDER BY id LIMIT 1) AS somebody"
    )
    return Statement(
        "SELECT organisation_id, id, how FROM ("  # noqa: S608
        f"SELECT m.*, CASE WHEN date_of_birth = ? THEN 0 ELSE 1 END AS other_birth,"
        " CASE WHEN substr(search, 1, CAST(? AS INTEGER)) = ? THEN 0 ELSE 1 END AS other_name"
        f" FROM ({' UNION ALL '.join(parts)}) AS m) AS f"
        " ORDER BY CASE WHEN how = 0 THEN 0 WHEN how < 8 THEN 1 ELSE how END,"
        " other_birth, other_name, how,"
        " CASE WHEN email <> '' OR guardian_email <> '' THEN 0 ELSE 1 END, id LIMIT 1",
        [*values, organisation_id],
    )


_RANKED = "organisation_id, id, date_of_birth, search, email, guardian_email"


def recent(organisation_id: int, since: datetime) -> Statement:
    """What this organisation asked since then: when, and the marks."""
    return Statement(
        "SELECT asked_at, code_hash FROM consent WHERE organisation_id = ? AND asked_at > ?",
        (organisation_id, r.stored(Consent, "asked_at", since)),
    )


def waited_for(organisation_id: int, since: datetime, *, locked: bool = False) -> Statement:
    """What this organisation asked since then and nobody ended yet, the newest first."""
    return Statement(
        f"{r.selecting(Consent)} WHERE organisation_id = ? AND asked_at > ?"
        " AND state IN ('asked', 'verified') ORDER BY id DESC" + (" FOR UPDATE" if locked else ""),
        (organisation_id, r.stored(Consent, "asked_at", since)),
    )


def source(row: Consent) -> Statement:
    """The record that a consent is about, or the one into which it was merged."""
    keeper, number = row.source_organisation_id, row.source_patient_id
    return Statement(
        f"{r.selecting(Patient)} WHERE organisation_id = ? AND id = COALESCE((SELECT merged_into_id"  # noqa: S608
        " FROM patient WHERE organisation_id = ? AND id = ?), ?)",
        (keeper, keeper, number, number),
    )


def own(actor: Actor, number: int) -> Statement:
    """A consent that the actor's organisation asked for."""
    return r.by_id(Consent, actor.organisation_id, number)


def kept(row: Consent) -> bool:
    """Whether there is a record at all; only for what no face ever sees."""
    return Marks.of(row).code != NOBODY


def groups(names: Sequence[str]) -> tuple[Share, ...]:
    """The groups that are asked for, in their order, with the one that nobody can do without.

    Raises ``Invalid`` for one that does not exist.
    """
    if not set(names) <= set(Share):
        raise Invalid("shares", UNKNOWN_SHARE)
    return tuple(share for share in Share if share in names or share is ALWAYS)


def shares(row: Consent) -> tuple[Share, ...]:
    """The groups of a row."""
    return groups([name for name in json.loads(row.fields) if name in set(Share)])


def state(row: Consent, now: datetime) -> State:
    """How far a consent is at *now*; an end that time brought counts before it is written."""
    found = State(row.state)
    ends = {State.ASKED: row.expires_at, State.VERIFIED: row.expires_at}
    end = row.until_at if found is State.AGREED else ends.get(found)
    if found is State.ASKED and row.tries >= MOST_TRIES:
        return State.LOCKED
    return State.EXPIRED if end is not None and end <= now else found


def asked_card(row: Consent, now: datetime | None = None) -> AskedCard:
    """What the asking desk may know."""
    return AskedCard(
        id=row.id,
        version=row.version,
        state=state(row, now or datetime.now(UTC)),
        channel=Channel(row.channel),
        purpose=row.purpose,
        shares=shares(row),
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        tries_left=max(0, MOST_TRIES - row.tries),
    )


# Both histories -------------------------------------------------------------------------


def head_of(organisation_id: int) -> Statement:
    """For ``work.lock``, after ``work.name_too``: where the other history ends."""
    return Statement(
        "SELECT seq, chain, catalogue_seq FROM deed WHERE organisation_id = ?"
        " ORDER BY seq DESC LIMIT 1",
        (organisation_id,),
    )


@dataclass(frozen=True)
class _Doer:
    """The other organisation: in a foreign history no user has a number."""

    name: str
    origin: Any
    user_id: None = None


@dataclass(frozen=True)
class _OtherSide:
    """As much of a ``Work`` as a deed in the other history is written from."""

    work: Work
    organisation_id: int
    actor: _Doer
    reason: str = ""
    undoes: None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.work, name)


def tell_other(
    work: Work, organisation_id: int, head: Rows, row: Consent, told: dict[str, Any]
) -> None:
    """Write into the other organisation's history, in the same transaction, what became of the
    consent. It names this organisation, nobody who works there and nothing of its records.
    """
    doer = _Doer(work.catalogue.organisation.name, work.actor.origin)
    change = chain.Change("consent", row.id, False, {}, {"organisation": doer.name, **told})
    side = _OtherSide(work, organisation_id, doer)
    start = chain.Head(*head[0]) if head else chain.Head()
    for statement in deeds.written(
        cast("Work", side), start, [change], [("consent", row.id)], catalogue=False
    ):
        work._transaction.write(statement)  # noqa: SLF001 - the second half of one deed


def require(found: Rows) -> Consent:
    """The row of an answer. Raises ``NotFound``."""
    if not found:
        raise NotFound
    return r.row(Consent, found[0])
