"""Composing a letter: a kind, a language and the facts become subject, text and simple HTML.

The one module of the services that speaks to people outside: it alone uses the catalogues.
Days and times are those on the wall of the location, in the words of the patient's language;
in a language written from right to left the HTML says so and foreign names are kept apart.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from string import Formatter

from clinic_desk import i18n
from clinic_desk.rules import clinic_time
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services.letter_texts import NEEDED, SHIPPED, Kind, Words, places

MASK = "••••••"
"""Stands for a code wherever somebody else than the patient may read."""

LONGEST_SUBJECT = 200
LONGEST_BODY = 10_000

UNKNOWN = N_("There is no place called “{place}”. You can use: {known}.")
UNCLOSED = N_("A brace is open or closed alone. Write {{{{ or }}}} for a brace itself.")
MISSING = N_("The place “{place}” must stand in this letter.")
EMPTY = N_("A letter needs a subject and a text.")
TOO_LONG = N_("This text is too long; {most} letters at most.")
ONE_LINE = N_("A subject has one line.")

OwnWords = Mapping[tuple[str, str], Words]
"""The clinic's own words, by kind and language."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a letter tells. Instants are aware; ``time_zone`` is the location's IANA zone.
    ``visits`` are those of a letter about several.
    """

    patient: str = ""
    clinic: str = ""
    starts_at: datetime | None = None
    time_zone: str = "UTC"
    provider: str = ""
    location: str = ""
    address: str = ""
    phone: str = ""
    earlier_at: datetime | None = None
    reason: str = ""
    code: str = ""
    until: datetime | None = None
    shared: tuple[str, ...] = ()
    purpose: str = ""
    visits: tuple[Facts, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready to be sent; ``language`` is a tag such as ``pt_BR``."""

    kind: Kind
    subject: str
    text: str
    html: str
    language: str
    right_to_left: bool


def checked(kind: Kind, subject: str, body: str) -> Words:
    """The clinic's own words, tidied. Raises ``Invalid`` naming ``subject`` or ``body``."""
    subject, body = subject.strip(), body.replace("\r\n", "\n").strip()
    if not subject or not body:
        raise Invalid("subject" if not subject else "body", EMPTY)
    if not subject.isprintable():
        raise Invalid("subject", ONE_LINE)
    known = places(kind)
    used: set[str] = set()
    for name, text, most in (("subject", subject, LONGEST_SUBJECT), ("body", body, LONGEST_BODY)):
        if len(text) > most:
            raise Invalid(name, TOO_LONG, most=most)
        used |= _places_of(name, text, known)
    for place in sorted(NEEDED.get(kind, frozenset()) - used):
        raise Invalid("body", MISSING, place=f"{{{place}}}")
    return Words(subject, body)


def language_for(*wanted: str) -> str:
    """The language to write in: the first of *wanted* (best first) that we speak."""
    return i18n.best([tag for tag in wanted if tag])


def words(kind: Kind, language: str, own: OwnWords) -> Words:
    """The words of *kind* in *language*: the clinic's own, else the program's, translated. Own
    ones from before a place was needed are not taken: the letter would not be honest.
    """
    for tag in dict.fromkeys((language, language.partition("_")[0])):
        found = own.get((str(kind), tag))
        if found is not None and NEEDED.get(kind, frozenset()) <= _named(found):
            return found
    with i18n.speaking(language):
        return Words(i18n._(SHIPPED[kind].subject), i18n._(SHIPPED[kind].body))


def composed(kind: Kind, facts: Facts, language: str, own: OwnWords) -> Letter:
    """The letter of *kind* about *facts* in *language*."""
    chosen = words(kind, language, own)
    with i18n.speaking(language):
        values = _values(facts)
        mirrored = i18n.is_right_to_left()
        plain = {name: i18n.isolated(value) for name, value in values.items()}
        subject = " ".join(_filled(chosen.subject, values, str, str).split())
        text = _filled(_without_empty_lines(chosen.body, values), plain, str, str)
        page = _page(_without_empty_lines(chosen.body, values), values, subject)
    return Letter(kind, subject, text + "\n", page, language, mirrored)


def preview(kind: Kind, subject: str, body: str, language: str, clinic: str, zone: str) -> Letter:
    """How the words would look, with an invented patient. Raises ``Invalid`` as
    :func:`checked` does.
    """
    own = {(str(kind), language): checked(kind, subject, body)}
    one = Facts(
        patient="Maria Example",
        clinic=clinic,
        starts_at=datetime(2031, 5, 20, 7, 30, tzinfo=UTC),
        time_zone=zone,
        provider="Dr Chen",
        location=clinic,
        address="1 Main Street",
        phone="555 0100",
        earlier_at=datetime(2031, 5, 19, 13, 0, tzinfo=UTC),
        reason="…",
        code=MASK,
        until=datetime(2031, 5, 20, 8, 0, tzinfo=UTC),
        shared=("…",),
        purpose="…",
    )
    other = replace(one, starts_at=datetime(2031, 5, 27, 7, 30, tzinfo=UTC))
    return composed(kind, replace(one, visits=(one, other)), language, own)


def summary(clinic: str, language: str) -> str:
    """What a calendar calls the visit: nothing of what it is for."""
    with i18n.speaking(language):
        return i18n.filled(N_("Appointment at {clinic}"), {"clinic": clinic})


def _values(facts: Facts) -> dict[str, str]:
    """What stands in for each place, in the language that is being spoken."""
    return {
        "patient": facts.patient,
        "clinic": facts.clinic,
        "day": _day(facts.starts_at, facts.time_zone),
        "time": _time(facts.starts_at, facts.time_zone),
        "provider": facts.provider,
        "location": facts.location,
        "address": facts.address,
        "phone": facts.phone,
        "earlier": _moment(facts.earlier_at, facts.time_zone),
        "reason": facts.reason,
        "code": facts.code,
        "until": _moment(facts.until, facts.time_zone),
        "shared": ", ".join(i18n._(name) for name in facts.shared),
        "purpose": facts.purpose,
        "appointments": "\n".join(_visit_line(visit) for visit in facts.visits),
    }


def _visit_line(facts: Facts) -> str:
    """One of several appointments: when, with whom and where, and where it stood before."""
    when = i18n.filled(
        N_("{day}, {time}"),
        {
            "day": _day(facts.starts_at, facts.time_zone),
            "time": _time(facts.starts_at, facts.time_zone),
        },
    )
    parts = [when, *(i18n.isolated(name) for name in (facts.provider, facts.location) if name)]
    line = " · ".join(parts)
    if facts.earlier_at is None:
        return line
    earlier = _moment(facts.earlier_at, facts.time_zone)
    return i18n.filled(
        N_("{appointment} (before: {earlier})"), {"appointment": line, "earlier": earlier}
    )


def _day(at: datetime | None, zone: str) -> str:
    return i18n.date_text(at.astimezone(clinic_time.zone(zone)).date(), "full") if at else ""


def _time(at: datetime | None, zone: str) -> str:
    return i18n.time_text(at, clinic_time.zone(zone)) if at else ""


def _moment(at: datetime | None, zone: str) -> str:
    return f"{_day(at, zone)}, {_time(at, zone)}" if at else ""


def _named(own: Words) -> set[str | None]:
    return {place for text in (own.subject, own.body) for _, place, _, _ in Formatter().parse(text)}


def _places_of(name: str, text: str, known: Mapping[str, str]) -> set[str]:
    found: set[str] = set()
    listed = ", ".join(f"{{{place}}}" for place in known)
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise Invalid(name, UNCLOSED) from error
    for _literal, place, form, conversion in parts:
        if place is None:
            continue
        # A form or an attribute ("{patient.name!r:9}") is no place of ours either.
        if place not in known or form or conversion:
            raise Invalid(name, UNKNOWN, place=f"{{{place}}}", known=listed)
        found.add(place)
    return found


def _filled(
    template: str,
    values: Mapping[str, str],
    literal: Callable[[str], str],
    value: Callable[[str], str],
) -> str:
    out = []
    for text, place, _form, _conversion in Formatter().parse(template):
        out.append(literal(text))
        if place is not None:
            out.append(value(values.get(place, "")))
    return "".join(out)


def _without_empty_lines(template: str, values: Mapping[str, str]) -> str:
    """The template without the lines that would say nothing but an unknown value."""
    kept = []
    for line in template.split("\n"):
        parts = list(Formatter().parse(line))
        named = [place for _text, place, _form, _conversion in parts if place is not None]
        if named and not any(values.get(place) for place in named):
            continue
        kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _page(template: str, values: Mapping[str, str], subject: str) -> str:
    body = _filled(
        template,
        values,
        html.escape,
        lambda value: f"<bdi>{html.escape(value)}</bdi>" if value else "",
    )
    paragraphs = [part.replace("\n", "<br>\n") for part in body.split("\n\n")]
    direction = "rtl" if i18n.is_right_to_left() else "ltr"
    tag = html.escape(i18n.language().replace("_", "-"))
    inner = "\n".join(f"<p>{part}</p>" for part in paragraphs)
    return (
        f'<!DOCTYPE html>\n<html lang="{tag}" dir="{direction}">\n<head><meta charset="utf-8">'
        f"<title>{html.escape(subject)}</title></head>\n"
        f'<body dir="{direction}" style="font-family: sans-serif; line-height: 1.5">\n'
        f"{inner}\n</body>\n</html>\n"
    )
