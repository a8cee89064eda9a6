"""The words about time in the user's language, for the command line: "tue pm", "Di nachmittag"."""

from __future__ import annotations

from collections.abc import Sequence

from clinic_desk.i18n import _, locale
from clinic_desk.rules import wish_words
from clinic_desk.rules.wish_words import Words
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
    """Weekdays, units and parts of the day as the user's language names them."""
    days = locale().days["stand-alone"]
    periods = locale().day_periods.get("stand-alone", {}).get("wide", {})
    return Words(
        weekdays={
            n: (days["wide"][n], days["abbreviated"][n], days["abbreviated"][n].rstrip("."))
            for n in range(7)
        },
        units={"day": (_("day"),), "week": (_("week"),), "month": (_("month"),)},
        parts={
            part: tuple(periods[name] for name in names if name in periods)
            for part, names in _PARTS.items()
        },
        today=(_("today"),),
        tomorrow=(_("tomorrow"),),
        next=(_("next"),),
        month_first=when.month_first(),
    )


def meant(text: str, found: Sequence[WordOffer], desk: Desk, known: Words) -> list[WordOffer]:
    """*found* where the line says more than a name; whoever types a name alone wants to see the
    patient, and Enter must not book.
    """
    timely = bool(wish_words.read(text, desk.today(), known)[0].told)
    return [o for o in found if timely or any(role != PATIENT for _word, role in o.reading)]


def told(offer: WordOffer) -> str:
    """The offer as a line of the list; the birth date tells two of one name apart."""
    born = offer.patient.date_of_birth
    place = [words.isolated(offer.provider.name)]
    if offer.operatory is not None:
        place.append(words.isolated(offer.operatory.name))
    return _("Book {when} · {patient} ({born}) · {type} · {place}").format(
        when=words.when(offer.span, offer.time_zone),
        patient=words.isolated(offer.patient.name),
        born=words.day_numbers(born) if born is not None else "–",
        type=offer.type.code,
        place=" · ".join(place),
    )


def heard(offer: WordOffer) -> str:
    """All of it, for a tool tip and for a reader: also where."""
    where = words.isolated(offer.location.name) if offer.location is not None else ""
    return " · ".join(filter(None, [told(offer), where]))
