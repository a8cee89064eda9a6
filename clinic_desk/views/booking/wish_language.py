"""The words about time in the user's language, for the command line: "tue pm", "Di nachmittag"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from clinic_desk.i18n import _, language, locale, ngettext
from clinic_desk.rules import wish_words
from clinic_desk.rules.wish_tongues import TONGUES, Words
from clinic_desk.services.wish_why import Silence, Silent
from clinic_desk.services.wish_words import PATIENT, WordOffer
from clinic_desk.views import when, words
from clinic_desk.views.desk import Desk

_PARTS = {
    "morning": ("am", "morning1", "morning2"),
    "noon": ("pm",),
    "afternoon": ("afternoon1", "afternoon2"),
    "evening": ("evening1", "evening2"),
}


def spoken() -> Words:
    """Weekdays, units and parts of the day as the user's language names them, and all that
    people say beside that.
    """
    days = locale().days["stand-alone"]
    months = locale().months["format"]
    periods = locale().day_periods.get("stand-alone", {}).get("wide", {})
    known = TONGUES.get(language(), Words())
    return replace(
        known,
        weekdays={
            n: (
                days["wide"][n],
                days["abbreviated"][n],
                days["abbreviated"][n].rstrip("."),
                *known.weekdays.get(n, ()),
            )
            for n in range(7)
        },
        months={n: (months["wide"][n], months["abbreviated"][n]) for n in range(1, 13)},
        units={
            unit: (word, *known.units.get(unit, ()))
            for unit, word in (("day", _("day")), ("week", _("week")), ("month", _("month")))
        },
        parts={
            part: (*(periods[n] for n in names if n in periods), *known.parts.get(part, ()))
            for part, names in _PARTS.items()
        },
        today=(_("today"), *known.today),
        tomorrow=(_("tomorrow"), *known.tomorrow),
        next=(_("next"), *known.next),
        month_first=when.month_first(),
    )


def meant(text: str, found: Sequence[WordOffer], desk: Desk, known: Words) -> list[WordOffer]:
    """*found* where the line says more than a name; whoever types a name alone wants to see the
    patient, and Enter must not book.
    """
    timely = bool(wish_words.read(text, desk.today(), known)[0].told)
    return [o for o in found if timely or any(role != PATIENT for _word, role in o.reading)]


def says_when(text: str, desk: Desk) -> bool:
    """Whether *text* has words about time in the user's language."""
    return bool(wish_words.read(text, desk.today(), spoken())[0].told)


def told(offer: WordOffer, zone: str) -> str:
    """The offer as a line of the list, for a desk that shows *zone*; the birth date tells two of
    one name apart.
    """
    born = offer.patient.date_of_birth
    place = [words.isolated(offer.provider.name)]
    if offer.operatory is not None:
        place.append(words.isolated(offer.operatory.name))
    return _("Book {when} · {patient} ({born}) · {type} · {place}").format(
        when=words.when_there(offer.span, offer.time_zone, zone),
        patient=words.isolated(offer.patient.name),
        born=words.day_numbers(born) if born is not None else "–",
        type=offer.type.code,
        place=" · ".join(place),
    )


def heard(offer: WordOffer, zone: str) -> str:
    """All of it, for a tool tip and for a reader: also where."""
    where = words.isolated(offer.location.name) if offer.location is not None else ""
    return " · ".join(filter(None, [told(offer, zone), where]))


def why(silent: Silent) -> str:
    """Why a line gives no times, and what to do."""
    names = ", ".join(f"“{words.isolated(word)}”" for word, _guess in silent.words)
    if silent.why is Silence.WORDS:
        text = ngettext(
            "Not understood: {words}. It is no patient, service, provider, location or time.",
            "Not understood: {words}. They are no patient, service, provider, location or time.",
            len(silent.words),
        )
        return text.format(words=names)
    if silent.why is Silence.NOBODY:
        return _("No patient is called all of {words}. Leave a word out.").format(words=names)
    if silent.why is Silence.NAMELESS:
        return _("Whose appointment is it? Add a part of the patient’s name.")
    if silent.message:
        told = (words.filled(t, silent.params, "UTC") for t in (silent.message, silent.way_out))
        return " ".join(told)
    return _("No free time for that. Leave out the day, the time or the provider.")


def mended(text: str, silent: Silent) -> str:
    """The line with every word that was perhaps a slip as it was perhaps meant, or without the
    provider who has no time; empty where none is known.
    """
    if silent.instead:
        return silent.instead
    guesses = dict(silent.words)
    if silent.why is not Silence.WORDS or not all(guesses.values()):
        return ""
    return " ".join(guesses.get(word, word) for word in text.replace(",", " ").split())
