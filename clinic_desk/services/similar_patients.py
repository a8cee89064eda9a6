"""Who may be the same person: candidates from the indexes, judged by a rule."""

from __future__ import annotations

from datetime import date
from typing import Any

from clinic_desk.rules import fold, similar_names
from clinic_desk.rules.errors import Invalid
from clinic_desk.services import contacts, patient_finding
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import PatientCard
from clinic_desk.services.contacts import Keys
from clinic_desk.services.patient_cards import Likeness, SimilarPatient

MOST = 200
"""So many born on one day are looked at; with a million patients there are about fifty."""

_WEIGHT = (Likeness.NATIONAL, Likeness.BORN, Likeness.EMAIL, Likeness.PHONE, Likeness.NAME)


def found(
    actor: Actor,
    *,
    first_name: str,
    last_name: str,
    date_of_birth: date | None,
    phone: str,
    email: str,
    national_id: str,
    limit: int,
) -> tuple[SimilarPatient, ...]:
    """As ``patients.similar``: five questions at the most, each from an index."""
    country = actor.store.catalogue(actor.organisation_id).organisation.country
    keys = Keys(
        email=_key(contacts.email, email),
        phone=_key(contacts.phone, phone, country),
        national=_key(contacts.national, national_id),
    )
    likeness: dict[int, set[Likeness]] = {}
    cards: dict[int, PatientCard] = {}
    for why, values in _by_keys(actor, keys):
        card = patient_finding.card_of(values)
        cards[card.id] = card
        likeness.setdefault(card.id, set()).add(why)
    for card in _by_name(actor, first_name, last_name, date_of_birth):
        if not similar_names.alike(first_name, last_name, card.first_name, card.last_name):
            continue
        cards[card.id] = card
        same_day = date_of_birth is not None and card.date_of_birth == date_of_birth
        if same_day:
            likeness.setdefault(card.id, set()).update({Likeness.BORN, Likeness.NAME})
        elif date_of_birth is None or card.date_of_birth is None:
            likeness.setdefault(card.id, set()).add(Likeness.NAME)
    best = sorted(likeness, key=lambda n: (_rank(likeness[n]), cards[n].name, n))
    return tuple(SimilarPatient(cards[n], frozenset(likeness[n])) for n in best[:limit])


def _rank(why: set[Likeness]) -> tuple[int, int]:
    return min(map(_WEIGHT.index, why)), -len(why)


def _key(read: Any, *text: str) -> str:
    try:
        return str(read(*text).key)
    except Invalid:
        return ""  # half typed


def _by_keys(actor: Actor, keys: Keys) -> list[tuple[Likeness, Any]]:
    out: list[tuple[Likeness, Any]] = []
    for why, column, key in (
        (Likeness.NATIONAL, "national_key", keys.national),
        (Likeness.EMAIL, "email_key", keys.email),
        (Likeness.PHONE, "phone_key", keys.phone),
    ):
        if key:
            where = f"p.{column} = ? AND p.{column} <> ''"
            out += [(why, row) for row in patient_finding.select(actor, where, [key], 20)]
    return out


def _by_name(actor: Actor, first_name: str, last_name: str, born: date | None) -> list[PatientCard]:
    """Those born that day; without a day, those whose last name begins like this one."""
    if born is not None:
        words = [born.isoformat().replace("-", "")]
        rows = patient_finding.select(actor, *patient_finding.contains(actor, words), MOST)
    else:
        rows = []
    name = fold.key(f"{last_name} {first_name}") if first_name and last_name else ""
    if name:
        rows += patient_finding.select(actor, *patient_finding.begins(name), 20)
    cards = {row[0]: patient_finding.card_of(row) for row in rows}
    return list(cards.values())
