"""The fields of a patient: cleaned, checked for all countries, with the keys that find them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from clinic_desk.rules import clinic_time, fold
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services import contacts
from clinic_desk.services.contacts import Keys, Written
from clinic_desk.services.work import Work

ALERTS = "Alert Show"
"""Opens medical alerts: to read them and to write them."""

LONGEST = {
    "alert": 200,
    "medical_alert": 500,
    "address": 200,
    "postcode": 20,
    "country": 2,
    "language": 20,
    "gender": 40,
}
LONGEST_NAME = 120
OLDEST_YEARS = 130

PLAIN = (
    "first_name",
    "last_name",
    "gender",
    "language",
    "alert",
    "medical_alert",
    "address",
    "postcode",
    "city",
    "country",
    "guardian_name",
    "guardian_relation",
)
"""Texts that mean what they say."""

NAMES = (
    *PLAIN,
    "date_of_birth",
    "email",
    "phone",
    "national_id",
    "guardian_email",
    "guardian_phone",
    "preferred_provider_id",
)
"""All that a form may give."""

NO_NAME = N_("A patient needs a first or last name.")
NOT_YET = N_("A date of birth lies in the past.")
TOO_OLD = N_("A date of birth lies no more than {years} years back.")
NO_COUNTRY = N_("A country is two letters, such as AT or US.")
NO_PROVIDER = N_("This provider does not exist any more.")


def checked(work: Work, given: Mapping[str, Any]) -> dict[str, Any]:
    """*given* as it is stored, its keys included. Raises ``Invalid`` naming the field.

    A number without a country is one of *given*'s country, else of the organisation's.
    """
    country = _country(given.get("country", ""))
    home = country or work.catalogue.organisation.country
    out: dict[str, Any] = {}
    for name in PLAIN:
        if name in given:
            longest = LONGEST.get(name, LONGEST_NAME)
            lines = name in {"address", "medical_alert"}
            out[name] = fold.clean(name, given[name], lines=lines, longest=longest)
    if "country" in given:
        out["country"] = country
    if "date_of_birth" in given:
        out["date_of_birth"] = _born(work, given["date_of_birth"])
    if "preferred_provider_id" in given:
        out["preferred_provider_id"] = _provider(work, given["preferred_provider_id"])
    for name in _CONTACTS.keys() & given.keys():
        written = _written(name, given[name], home)
        out[name] = written.shown
        if _CONTACTS[name]:
            out[_CONTACTS[name]] = written.key
    return out


CONTACT_KEYS = {"email": "email_key", "phone": "phone_key", "national_id": "national_key"}
"""Where the key of a contact stands."""

_CONTACTS = {
    "phone": "phone_key",
    "email": "email_key",
    "national_id": "national_key",
    "guardian_phone": "",
    "guardian_email": "",
}
"""What is read by somebody else's rules, and where its key stands."""


def _written(name: str, text: str, country: str) -> Written:
    if name.endswith("phone"):
        return contacts.phone(text, country, name)
    return contacts.email(text, name) if name.endswith("email") else contacts.national(text, name)


def keys(fields: Mapping[str, Any]) -> Keys:
    """The keys among *fields*; empty for those that are not there."""
    return Keys(
        email=fields.get("email_key", ""),
        phone=fields.get("phone_key", ""),
        national=fields.get("national_key", ""),
    )


def require_name(fields: Mapping[str, Any]) -> None:
    """Raise ``Invalid`` unless there is a first or a last name."""
    if not fields["last_name"] and not fields["first_name"]:
        raise Invalid("last_name", NO_NAME)


def search_key(
    *,
    first_name: str,
    last_name: str,
    number: str = "",
    phone: str = "",
    email: str = "",
    date_of_birth: date | None = None,
    also: Iterable[str] = (),
) -> str:
    """The folded key under which a patient is found; *also* are further numbers and digits."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    born = date_of_birth.isoformat().replace("-", "") if date_of_birth else ""
    name = fold.key(f"{last_name} {first_name}")
    rest = (fold.key(number), digits, fold.key(email), born, *map(fold.key, also))
    return f"{name} {' '.join(part for part in rest if part)}".strip()


def key_of(fields: Mapping[str, Any], number: str, country: str, former: Iterable[str] = ()) -> str:
    """The search key of a patient with these stored *fields*: the telephones, the
    guardian's too, as people abroad and at home dial them, the guardian's address, and the
    *former* numbers of records that were merged into this one.
    """
    home = fields.get("country") or country
    guardian = fields.get("guardian_phone", "")
    abroad = "".join(sign for sign in guardian if sign.isdigit())
    return search_key(
        first_name=fields["first_name"],
        last_name=fields["last_name"],
        number=number,
        phone=fields["phone"],
        email=fields["email"],
        date_of_birth=fields["date_of_birth"],
        also=(
            _dialled_at_home(fields["phone"], home),
            *former,
            abroad,
            _dialled_at_home(guardian, home),
            fields.get("guardian_email", ""),
        ),
    )


def _dialled_at_home(phone: str, country: str) -> str:
    try:
        return contacts.phone(phone, country).also
    except Invalid:
        return ""  # from an older database


def _country(text: str) -> str:
    found = fold.clean("country", text).upper()
    if found and not (len(found) == 2 and found.isascii() and found.isalpha()):
        raise Invalid("country", NO_COUNTRY)
    return found


def _born(work: Work, born: date | None) -> date | None:
    if born is None:
        return None
    zone = clinic_time.zone(work.catalogue.organisation.time_zone)
    return birth(born, work.now.astimezone(zone).date())


def birth(born: date, today: date) -> date:
    """*born*, where somebody who lives today may be born then. Raises ``Invalid``."""
    if born > today:
        raise Invalid("date_of_birth", NOT_YET)
    if (today.year - born.year) - (
        (today.month, today.day) < (born.month, born.day)
    ) > OLDEST_YEARS:
        raise Invalid("date_of_birth", TOO_OLD, years=OLDEST_YEARS)
    return born


def _provider(work: Work, number: int | None) -> int | None:
    if number is not None and number not in work.catalogue.providers:
        raise Invalid("preferred_provider_id", NO_PROVIDER)
    return number
