"""How somebody is reached, of all countries: checked, written one way, and found by its key.

Keys are what two spellings of one address, number or identifier have in common; they never
leave the database. A question by key has to say ``<> ''`` too, or SQLite reads all patients.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import lru_cache

from clinic_desk.models.people import Organisation, Patient
from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import catalogue
from clinic_desk.services.store import Store
from clinic_desk.services.transaction import Statement
from clinic_desk.services.work import Work, command

LONGEST = 254
"""Characters of a mail address; no mail server takes more."""

LONGEST_PHONE = 60
"""Characters of a telephone number or an identifier, however it is written."""

SHORTEST_IDENTIFIER = 4
AT_ONCE = 100
"""So many patients get their keys in one deed."""

BAD_PHONE = N_("This is no telephone number of any country.")
BAD_EMAIL = N_("This is no mail address.")
BAD_IDENTIFIER = N_("A national identifier has at least four letters or digits.")


@dataclass(frozen=True, slots=True)
class Written:
    """A contact as it is shown, the key by which it is found, and what else people type for it."""

    shown: str = ""
    key: str = ""
    also: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """What is asked for when somebody's data may be known already; empty ones are not asked."""

    email: str = ""
    phone: str = ""
    national: str = ""

    def __bool__(self) -> bool:
        return bool(self.email or self.phone or self.national)

    def __repr__(self) -> str:  # not for logs
        return "Keys(•••)"

    @property
    def locks(self) -> tuple[int, ...]:
        """What whoever decides on these locks in all organisations (``Work.keys``)."""
        kinds = (("email", self.email), ("phone", self.phone), ("national", self.national))
        return tuple(
            int.from_bytes(hashlib.sha256(f"{kind}:{key}".encode()).digest()[:8], signed=True)
            for kind, key in kinds
            if key
        )


def phone(text: str, country: str, field: str = "phone") -> Written:
    """A telephone number as people of *country* (ISO 3166) dial it. The key is E.164.

    Raises ``Invalid`` naming *field* for what no country dials.
    """
    text = fold.clean(field, text, longest=LONGEST_PHONE)
    if not text:
        return Written()
    found = _phone(text, country.upper())
    if found is None:
        raise Invalid(field, BAD_PHONE)
    return found


@lru_cache(maxsize=1024)
def _phone(text: str, country: str) -> Written | None:
    import phonenumbers
    from phonenumbers import PhoneNumberFormat as Form

    plain = unicodedata.normalize("NFKC", text)
    try:
        number = phonenumbers.parse(plain, country or None)
    except phonenumbers.NumberParseException:
        return None
    # Not "valid": countries open new ranges faster than desks are updated.
    if not phonenumbers.is_possible_number(number):
        return None
    national = phonenumbers.format_number(number, Form.NATIONAL)
    return Written(
        shown=phonenumbers.format_number(number, Form.INTERNATIONAL),
        key=phonenumbers.format_number(number, Form.E164),
        also="".join(sign for sign in national if sign.isdigit()),
    )


def email(text: str, field: str = "email") -> Written:
    """A mail address; nobody is asked whether it exists. Raises ``Invalid`` naming *field*."""
    text = fold.clean(field, text, longest=LONGEST)
    if not text:
        return Written()
    import email_validator

    try:
        found = email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError as error:
        raise Invalid(field, BAD_EMAIL) from error
    return Written(found.normalized, f"{found.local_part.casefold()}@{found.ascii_domain.lower()}")


def national(text: str, field: str = "national_id") -> Written:
    """A national identifier: any letters and digits, whatever stands between them.

    Raises ``Invalid`` for what could be anybody's ("n/a").
    """
    text = fold.clean(field, text, longest=LONGEST_PHONE)
    if not text:
        return Written()
    plain = unicodedata.normalize("NFKC", text).casefold()
    key = "".join(sign for sign in plain if sign.isalnum())
    if len(key) < SHORTEST_IDENTIFIER or not any(sign.isdigit() for sign in key):
        raise Invalid(field, BAD_IDENTIFIER)
    return Written(text, key)


def in_use_elsewhere(organisation_id: int, keys: Keys) -> Statement:
    """Three truths in one row: whether the address, the number, the identifier belong to a
    patient of another organisation. The same statement whatever there is to find, and whatever
    was asked; it tells neither whose nor how many.
    """
    active = r.stored(Patient, "active", True)
    asked = ", ".join(
        f"EXISTS (SELECT 1 FROM patient WHERE {column} = ? AND {column} <> ''"  # noqa: S608
        " AND organisation_id <> ? AND active = ?)"
        for column in ("email_key", "phone_key", "national_key")
    )
    values = [
        v for k in (keys.email, keys.phone, keys.national) for v in (k, organisation_id, active)
    ]
    return Statement(f"SELECT {asked}", values)


def keys_of(row: Patient, country: str) -> Keys:
    """The keys of a patient as they stand; empty for what cannot be read."""
    return Keys(
        email=_key(email, row.email),
        phone=_key(phone, row.phone, country),
        national=_key(national, row.national_id),
    )


def _key(read: Callable[..., Written], *text: str) -> str:
    try:
        found: str = read(*text).key
    except Invalid:
        return ""
    return found


def fill_keys(
    store: Store, cancelled: Callable[[], bool] = lambda: False
) -> Generator[int, None, None]:
    """Give the patients of an upgraded database their keys, in all organisations; yields how
    many have them by now, deed by deed. May stop at any point and be called again.
    """
    done = 0
    for organisation_id, country in store.rows(
        f"SELECT id, country FROM {r.table(Organisation)} ORDER BY id"  # noqa: S608
    ):
        program = Actor(store, organisation_id, None, "Clinic Desk", "", frozenset({FILLING}))
        last = 0
        while not cancelled():
            found = store.rows(*_without_keys(organisation_id, last))
            if not found:
                break
            last = found[-1][0]
            done += _fill(program, [number for (number,) in found], country).value
            yield done


def renew_keys(
    actor: Actor, cancelled: Callable[[], bool] = lambda: False
) -> Generator[int, None, None]:
    """Read the numbers of the actor's organisation that say no country anew, as people of its
    present country dial them; yields how many were looked at, some at a time. May stop at any
    point and be called again.
    """
    country = catalogue(actor).organisation.country
    program = Actor(
        actor.store, actor.organisation_id, None, "Clinic Desk", "", frozenset({FILLING})
    )
    last = done = 0
    while not cancelled():
        asked = numbers_at_home(actor.organisation_id, last)
        found = actor.store.rows(asked.sql, asked.parameters)
        if not found:
            break
        last = found[-1][0]
        _fill(program, [number for (number,) in found], country)
        done += len(found)
        yield done


def numbers_at_home(organisation_id: int, after: int = 0) -> Statement:
    """The next patients whose telephone number says no country of its own; what the services
    write always does, so these are from older databases.
    """
    return Statement(
        "SELECT id FROM patient WHERE organisation_id = ? AND id > ? AND phone <> ''"  # noqa: S608
        f" AND substr(phone, 1, 1) <> '+' ORDER BY id LIMIT {AT_ONCE}",
        (organisation_id, after),
    )


FILLING = "Customer Update"
"""Who may do it by hand; it writes nothing that does not follow from what stands there."""


@command(FILLING, action="patient.keys")
def _fill(work: Work, numbers: list[int], country: str, *, request_id: str | None = None) -> int:
    marks = ", ".join("?" * len(numbers))
    (found,) = work.lock(
        Statement(
            f"{r.selecting(Patient)} WHERE organisation_id = ? AND id IN ({marks}) ORDER BY id",
            (work.organisation_id, *numbers),
        )
    )
    count = 0
    for row in r.rows(Patient, found):
        keys = keys_of(row, country)
        count += work.change(
            row, email_key=keys.email, phone_key=keys.phone, national_key=keys.national
        )
    return count


def _without_keys(organisation_id: int, after: int) -> tuple[str, tuple[int, ...]]:
    missing = " OR ".join(
        f"({text} <> '' AND {key} = '')"
        for text, key in (
            ("email", "email_key"),
            ("phone", "phone_key"),
            ("national_id", "national_key"),
        )
    )
    sql = f"""SELECT id FROM patient WHERE organisation_id = ? AND id > ?
        AND ({missing}) ORDER BY id LIMIT {AT_ONCE}"""  # noqa: S608 - our own words
    return sql, (organisation_id, after)
