"""A line such as "smith hyg tue pm chen", and up to six times that can be booked at once.

Words about time are taken out first (:mod:`clinic_desk.rules.wish_words`); each of the others
may be a service, a provider, a location or a part of the patient's name. The readings that
make sense are ranked, and the best ones are looked up, so an ambiguous word gives alternatives.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from clinic_desk.rules import clinic_time, fold
from clinic_desk.rules.spans import Span
from clinic_desk.rules.wish_tongues import ENGLISH, Words
from clinic_desk.rules.wish_words import When, read
from clinic_desk.services import diary, patients
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import (
    AppointmentCard,
    Done,
    LocationCard,
    OperatoryCard,
    PatientCard,
    ProviderCard,
    TypeCard,
)
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.looking import looking
from clinic_desk.services.offer_cards import Seat, Service, TimeOffer, Wish
from clinic_desk.services.work import query

MOST = 6
READINGS = 3
PATIENTS = 3
"""So many patients of one name are offered."""

AHEAD = timedelta(days=60)
WEEK = timedelta(days=7)
LONGEST_LINE = 10
"""Words after this many are read as parts of the name alone."""

TYPE, PROVIDER, LOCATION, PATIENT = "type", "provider", "location", "patient"
_NAME = 1.5


@dataclass(frozen=True, slots=True)
class WordOffer:
    """A time that :func:`book` takes. ``reading`` tells what each word was taken for."""

    patient: PatientCard
    type: TypeCard
    provider: ProviderCard
    operatory: OperatoryCard | None
    location: LocationCard | None
    span: Span
    time_zone: str
    reading: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand the words: the name, and what they may mean in the catalogue."""

    name: str
    types: tuple[int, ...]
    providers: tuple[int, ...]
    locations: tuple[int, ...]
    score: float
    told: tuple[tuple[str, str], ...]


@dataclass
class Meanings:
    """What one word may mean: role to ids, each with how well it fits."""

    word: str
    found: dict[str, dict[int, float]] = field(default_factory=dict)


@query("Appointment Get All")
def offers_for(
    actor: Actor,
    text: str,
    *,
    words: Words = ENGLISH,
    now: datetime | None = None,
    most: int = MOST,
) -> tuple[WordOffer, ...]:
    """Up to *most* times for what *text* wishes, the likeliest reading first.

    *words* are those of the user's language. A line without a patient offers nothing; without
    a service it means what the patient had last. Days are those of the organisation's zone.
    """
    now = now or datetime.now(UTC)
    catalogue = actor.store.catalogue(actor.organisation_id)
    zone = clinic_time.zone(catalogue.organisation.time_zone)
    when, rest = read(text, now.astimezone(zone).date(), words)
    if not rest:
        return ()
    wishes = list(itertools.islice(wishes_of(actor, catalogue, rest), most))
    out: dict[tuple[int, Seat], WordOffer] = {}
    for number, (patient, reading, wish) in enumerate(wishes):
        share = most - len(out) - (len(wishes) - number - 1) if not number else 1
        found = 0
        for offer in _times(actor, wish, when, now):
            card = _card(catalogue, patient, offer.seats[0], reading)
            if (patient.id, offer.seats[0]) not in out:
                out[patient.id, offer.seats[0]] = card
                found += 1
            if found >= max(share, 1) or len(out) == most:
                break
    return tuple(out.values())


def book(actor: Actor, offer: WordOffer, *, request_id: str | None = None) -> Done[AppointmentCard]:
    """Book what was offered; as :func:`clinic_desk.services.diary.book`, which it is."""
    return diary.book(
        actor,
        span=offer.span,
        type_id=offer.type.id,
        provider_id=offer.provider.id,
        patient_id=offer.patient.id,
        location_id=offer.location.id if offer.location else None,
        operatory_id=offer.operatory.id if offer.operatory else None,
        request_id=request_id,
    )


def wishes_of(
    actor: Actor, catalogue: Catalogue, rest: Sequence[str]
) -> Iterator[tuple[PatientCard, Reading, Wish]]:
    """Patients with what they may wish, the likeliest first; nobody twice with the same."""
    seen: set[tuple[int, Wish]] = set()
    known: dict[str, tuple[PatientCard, ...]] = {}
    tried = 0
    for reading in _readings(catalogue, rest):
        if reading.name not in known:
            known[reading.name] = patients.search(actor, reading.name, limit=PATIENTS)
        if not known[reading.name]:
            continue
        for patient in known[reading.name]:
            for wish in _of(actor, catalogue, patient, reading):
                if (patient.id, wish) not in seen:
                    seen.add((patient.id, wish))
                    yield patient, reading, wish
        tried += 1
        if tried == READINGS:
            return


def _readings(catalogue: Catalogue, rest: Sequence[str]) -> list[Reading]:
    """All ways to understand the words that leave a name, the likeliest first."""
    meanings = [meanings_of(catalogue, word) for word in rest[:LONGEST_LINE]]
    out: list[Reading] = []
    for roles in itertools.product(*([*m.found, PATIENT] for m in meanings)):
        given = list(zip(meanings, roles, strict=True))
        name = " ".join(
            [m.word for m, role in given if role == PATIENT] + list(rest[LONGEST_LINE:])
        )
        ids, score = {}, 0.0
        for wanted in (TYPE, PROVIDER, LOCATION):
            some = [m.found[wanted] for m, role in given if role == wanted]
            common = set.intersection(*(set(s) for s in some)) if some else set()
            if some and not common:
                break
            ranked = sorted(common, key=lambda n: -sum(s[n] for s in some))
            ids[wanted] = tuple(ranked)
            score += sum(s[ranked[0]] for s in some) if ranked else 0
        else:
            if name:
                score += _NAME * sum(role == PATIENT for role in roles)
                told = tuple((m.word, role) for m, role in given)
                out.append(Reading(name, ids[TYPE], ids[PROVIDER], ids[LOCATION], score, told))
    return sorted(out, key=lambda r: -r.score)


def meanings_of(catalogue: Catalogue, word: str) -> Meanings:
    """What a word may be called in the catalogue: services, providers, locations."""
    key = fold.key(word)
    out = Meanings(word)
    shelves: tuple[tuple[str, Iterable[tuple[int, float]]], ...] = (
        (
            TYPE,
            (
                (t.id, max(_fit(key, [t.code], 4, 2), _fit(key, fold.words(t.name), 3, 2.5)))
                for t in catalogue.types.values()
                if t.active
            ),
        ),
        (
            PROVIDER,
            (
                (
                    p.id,
                    max(
                        _fit(key, [p.initials], 3, 0),
                        _fit(key, fold.words(p.last_name), 4, 2.5),
                        _fit(key, fold.words(p.first_name), 2, 0),
                    ),
                )
                for p in catalogue.providers.values()
                if p.active
            ),
        ),
        (
            LOCATION,
            (
                (x.id, _fit(key, fold.words(x.name), 3, 1))
                for x in catalogue.locations.values()
                if x.active
            ),
        ),
    )
    for role, fits in shelves:
        found = {number: fit for number, fit in fits if fit}
        if found:
            out.found[role] = found
    return out


def _fit(key: str, names: Iterable[str], whole: float, begun: float) -> float:
    """How well a word fits: it is one of the names, or at least three letters of one."""
    folded = [fold.key(name) for name in names]
    if key and key in folded:
        return whole
    return begun if len(key) >= 3 and any(name.startswith(key) for name in folded) else 0.0


def _of(
    actor: Actor, catalogue: Catalogue, patient: PatientCard, reading: Reading
) -> Iterator[Wish]:
    for type_id in (reading.types or _usual(actor, catalogue, patient))[:2]:
        if not reading.types and not catalogue.types[type_id].active:
            continue
        who = reading.providers or None
        preferred = patient.preferred_provider_id
        if who is None and preferred in catalogue.providers:
            others = [n for n in catalogue.providers if n != preferred]
            who = (preferred, *others) if preferred is not None else None
        places = reading.locations or (None,)
        yield Wish(
            (Service(type_id, provider_ids=who),),
            location_id=places[0],
            patient_id=patient.id,
        )


def _usual(actor: Actor, catalogue: Catalogue, patient: PatientCard) -> tuple[int, ...]:
    """What the patient had last; else the first service of the list."""
    last = actor.store.rows(
        "SELECT type_id FROM appointment WHERE organisation_id = ? AND patient_id = ?"
        " ORDER BY starts_at DESC LIMIT 1",
        (actor.organisation_id, patient.id),
    )
    offered = [t.id for t in catalogue.types.values() if t.active]
    known = [number for (number,) in last if number in offered]
    return tuple(known or offered[:1])


def _times(actor: Actor, wish: Wish, when: When, now: datetime) -> Iterator[TimeOffer]:
    """Starts that fit, each after the end of the one before: not six quarters of one hour."""
    with looking(actor, wish, now) as look:
        zone = look.zone
        begin = midnight_of(when.first, zone)
        end = begin + AHEAD if when.last is None else midnight_of(when.last + _DAY, zone)
        first, last = when.minutes
        free_from = begin = max(begin, now)
        while begin < end:
            stretch = min(begin + WEEK, end)
            for offer in look.offers(Span(begin, stretch)):
                local = offer.starts_at.astimezone(zone)
                minute = local.hour * 60 + local.minute
                if offer.starts_at < free_from or not first <= minute < last:
                    continue
                if when.at is None or local.time() == when.at:
                    free_from = offer.seats[-1].span.ends_at
                    yield offer
            begin = stretch


def midnight_of(day: date, zone: tzinfo) -> datetime:
    """When *day* begins in *zone*."""
    return clinic_time.earliest(datetime.combine(day, time()), zone)


def _card(catalogue: Catalogue, patient: PatientCard, seat: Seat, reading: Reading) -> WordOffer:
    return WordOffer(
        patient=patient,
        type=catalogue.types[seat.type_id],
        provider=catalogue.providers[seat.provider_id],
        operatory=catalogue.operatories.get(seat.operatory_id or 0),
        location=catalogue.locations.get(seat.location_id or 0),
        span=seat.span,
        time_zone=catalogue.time_zone(seat.location_id),
        reading=reading.told,
    )


_DAY = timedelta(days=1)
