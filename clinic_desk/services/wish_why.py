"""Why a line such as "smith hyg tue pm chen" gives no times, and what was perhaps meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from enum import StrEnum

from clinic_desk.rules import clinic_time, fold
from clinic_desk.rules.spans import Span
from clinic_desk.rules.wish_tongues import ENGLISH, Words, slip
from clinic_desk.rules.wish_words import When, read
from clinic_desk.rules.words import N_
from clinic_desk.services import patients
from clinic_desk.services.actor import Actor
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.looking import looking
from clinic_desk.services.offer_cards import Wish
from clinic_desk.services.wish_words import (
    AHEAD,
    LONGEST_LINE,
    PROVIDER,
    Reading,
    meanings_of,
    midnight_of,
    offers_for,
    wishes_of,
)
from clinic_desk.services.work import query


class Silence(StrEnum):
    """Why a line gives no times."""

    NAMELESS = "nameless"
    WORDS = "words"
    NOBODY = "nobody"
    NO_TIME = "no time"


@dataclass(frozen=True, slots=True)
class Silent:
    """Why, and about which words: each with what it was perhaps meant to be, else empty.

    ``message`` with ``params`` is what keeps the provider who was named from it, where that is
    known, and ``way_out`` what to do; ``instead`` is the line without the provider, where that
    gives times.
    """

    why: Silence
    words: tuple[tuple[str, str], ...] = ()
    message: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    way_out: str = ""
    instead: str = ""


@query("Appointment Get All")
def why_none(
    actor: Actor, text: str, *, words: Words = ENGLISH, now: datetime | None = None
) -> Silent:
    """Why :func:`offers_for` gives nothing for *text*: words that nothing and nobody is called,
    no name at all, a name that nobody has, or no time that is free, and what keeps a provider
    who is named from it. A query for each word.
    """
    now = now or datetime.now(UTC)
    catalogue = actor.store.catalogue(actor.organisation_id)
    zone = clinic_time.zone(catalogue.organisation.time_zone)
    when, rest = read(text, now.astimezone(zone).date(), words)
    rest = rest[:LONGEST_LINE]
    names = [word for word in rest if patients.search(actor, word, limit=1)]
    meant = [word for word in rest if meanings_of(catalogue, word).found]
    unknown = [word for word in rest if word not in names and word not in meant]
    if unknown:
        told = tuple((word, slip(word, words) or _alike(catalogue, word)) for word in unknown)
        return Silent(Silence.WORDS, told)
    if not names:
        return Silent(Silence.NAMELESS)
    wishes = list(wishes_of(actor, catalogue, rest))
    if not wishes:
        return Silent(Silence.NOBODY, tuple((word, "") for word in names))
    reading = next((r for _patient, r, _wish in wishes if r.providers), None)
    if reading is None:
        return Silent(Silence.NO_TIME)
    meant_for = [wish for _patient, r, wish in wishes if r is reading]
    message = _kept_from(actor, catalogue, reading, meant_for, when, now)
    who = ", ".join(catalogue.providers[n].name for n in reading.providers)
    kind = catalogue.types[meant_for[0].services[0].type_id].name
    taken = {word for word, role in reading.told if role == PROVIDER}
    instead = " ".join(word for word in text.replace(",", " ").split() if word not in taken)
    return Silent(
        Silence.NO_TIME,
        message=message,
        params={"provider": who, "type": kind},
        way_out=_TAKE_ANOTHER if message else "",
        instead=instead if offers_for(actor, instead, words=words, now=now, most=1) else "",
    )


def _kept_from(
    actor: Actor,
    catalogue: Catalogue,
    reading: Reading,
    wishes: Sequence[Wish],
    when: When,
    now: datetime,
) -> str:
    """What keeps the providers who were named from what was wished: empty where they may give
    it and work then, so that they are just booked up.
    """
    able = [
        wish
        for wish in wishes
        if any(catalogue.qualified(n, wish.services[0].type_id) for n in reading.providers)
    ]
    if not able:
        return _NOT_QUALIFIED
    for wish in able:
        with looking(actor, wish, now) as look:
            if look.works(_period(when, look.zone, now)):
                return ""
    return _NOT_THEN


def _period(when: When, zone: tzinfo, now: datetime) -> Span:
    """All that *when* means from *now* on; of one day only the part that was named."""
    begin = midnight_of(when.first, zone)
    end = begin + AHEAD if when.last is None else midnight_of(when.last + _DAY, zone)
    if when.last == when.first:
        first, last = when.minutes
        midnight = datetime.combine(when.first, time())
        begin, end = (
            clinic_time.earliest(midnight + timedelta(minutes=m), zone) for m in (first, last)
        )
    begin = max(begin, now)
    return Span(begin, max(end, begin + timedelta(minutes=1)))


def _alike(catalogue: Catalogue, word: str) -> str:
    """The service or the person most like *word*; empty where none is near."""
    names = [t.code for t in catalogue.types.values() if t.active]
    names += [part for t in catalogue.types.values() if t.active for part in fold.words(t.name)]
    names += [p.last_name for p in catalogue.providers.values() if p.active]
    known = {fold.key(name): name for name in names}
    near = get_close_matches(fold.key(word), known, n=1, cutoff=0.74)
    return known[near[0]] if near else ""


_DAY = timedelta(days=1)
_NOT_QUALIFIED = N_("{provider} is not qualified for {type}.")
_NOT_THEN = N_("{provider} does not work then.")
_TAKE_ANOTHER = N_("Choose another provider.")
