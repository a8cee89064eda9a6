"""The user's language: texts by gettext, dates, times and numbers by Babel.

A process has one language (:func:`set_language`); a mail or a web request may speak
another one for a while (:func:`speaking`), which holds for its thread or task only.
English is the source and the fallback. ``en_XA`` (half as long again, with accents) and
``ar_XB`` (mirrored) are made at run time, to see whether layouts survive translation.
"""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from clinic_desk.config import resources_folder
from clinic_desk.rules.errors import ClinicError, Conflicted
from clinic_desk.rules.spans import Span
from clinic_desk.rules.words import Term

if TYPE_CHECKING:
    from babel import Locale

SOURCE = "en"
LONG = "en_XA"
MIRRORED = "ar_XB"

Width = Literal["short", "medium", "long", "full"]

_RIGHT_TO_LEFT = frozenset(
    {
        "apc",
        "ar",
        "arc",
        "bal",
        "bgn",
        "ckb",
        "dv",
        "fa",
        "he",
        "iw",
        "ks",
        "lrc",
        "mzn",
        "nqo",
        "pnb",
        "ps",
        "rhg",
        "sd",
        "sdh",
        "skr",
        "syr",
        "trw",
        "ug",
        "ur",
        "yi",
    }
)
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa"})
"""Known here because every start asks; a test holds it against Babel, which reads a file for it."""

_DOMAIN = "clinic_desk"
_process_language = SOURCE
_context_language: ContextVar[str] = ContextVar("language", default="")


def language() -> str:
    """The tag that texts are shown in just now, such as ``de`` or ``pt_BR``."""
    return _context_language.get() or _process_language


def set_language(tag: str) -> None:
    """Let the whole process speak *tag*; a region without catalogue keeps its formats."""
    global _process_language  # noqa: PLW0603 - this is the one place that a process has for it
    _process_language = tag or SOURCE


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Speak *tag* in this thread or task until the block ends."""
    token = _context_language.set(tag)
    try:
        yield
    finally:
        _context_language.reset(token)


def available() -> tuple[str, ...]:
    """The languages that have a compiled catalogue, English first."""
    folders = resources_folder().joinpath("locale").glob(f"*/LC_MESSAGES/{_DOMAIN}.mo")
    return (SOURCE, *sorted({file.parts[-3] for file in folders} - {SOURCE}))


def best(wanted: Iterable[str]) -> str:
    """The first of *wanted* (the system's tags, best first) that we speak, else English."""
    known = available()
    for tag in wanted:
        plain = tag.replace("-", "_")
        for candidate in (plain, plain.partition("_")[0]):
            found = [name for name in known if name == candidate]
            found += [name for name in known if name.partition("_")[0] == candidate]
            if found:
                # The region stays, for its formats: de_AT has German texts and Austrian dates.
                same_tongue = plain.partition("_")[0] == found[0].partition("_")[0]
                return plain if same_tongue and "_" not in found[0] else found[0]
    return SOURCE


def speaks(tag: str) -> bool:
    """Whether *tag*, or its language without the region, has texts; pseudo-locales too."""
    tongue = tag.replace("-", "_").partition("_")[0]
    known = {name.partition("_")[0] for name in available()}
    return tag in (LONG, MIRRORED) or tongue in known


def name_of(tag: str) -> str:
    """The language's name for itself: "Deutsch", "português (Brasil)"."""
    return _babel_locale(tag).get_display_name() or tag


def _(text: str) -> str:
    """The translation of *text*; the empty text stays empty."""
    if not text:
        return ""
    translation, finish = _catalogue(language())
    return finish(translation.gettext(text))


def ngettext(singular: str, plural: str, count: int) -> str:
    """The translation for *count*, by the plural rule of the language."""
    translation, finish = _catalogue(language())
    return finish(translation.ngettext(singular, plural, count))


def pgettext(context: str, text: str) -> str:
    """The translation of *text* where it means *context*."""
    translation, finish = _catalogue(language())
    return finish(translation.pgettext(context, text))


@cache
def _catalogue(tag: str) -> tuple[gettext.NullTranslations, Callable[[str], str]]:
    if tag == LONG:
        return gettext.NullTranslations(), _lengthened
    if tag == MIRRORED:
        return gettext.NullTranslations(), _mirrored
    found = gettext.translation(
        _DOMAIN,
        resources_folder() / "locale",
        languages=[tag, tag.rpartition("_")[0] or tag, tag.partition("_")[0]],
        fallback=True,
    )
    return found, str


def forget_catalogues() -> None:
    """Read the catalogues again at the next text (they were compiled meanwhile)."""
    _catalogue.cache_clear()


_PIECE = re.compile(r"(\{[^{}]*\}|<[^<>]*>|&\w+;|\s+)")
_ACCENTS = str.maketrans("AEIOUYaeiouycnsz", "ÅÉÎÖÛÝåéîöûýçñšž")
_FILLING = "one two three four five six seven eight nine ten "


def _lengthened(text: str) -> str:
    """Accented and 40 % longer, with the places ``{name}`` and the mnemonic left alone."""
    worn = "".join(
        part if _PIECE.fullmatch(part) else part.translate(_ACCENTS) for part in _PIECE.split(text)
    )
    extra = max(2, len(text) * 2 // 5)
    tail = (_FILLING * (1 + extra // len(_FILLING)))[:extra].strip()
    return f"[{worn} {tail}]"


def _mirrored(text: str) -> str:
    """Every word under a right-to-left override, so that nothing can pass for translated."""
    return "".join(
        part if not part or _PIECE.fullmatch(part) else f"\u202e{part}\u202c"
        for part in _PIECE.split(text)
    )


def is_right_to_left(tag: str = "") -> bool:
    """Whether the language is written from right to left."""
    whole = (tag or language()).replace("-", "_").split("_")
    scripts = {part.capitalize() for part in whole[1:] if len(part) == 4}
    if scripts:
        return bool(scripts & _RIGHT_TO_LEFT_SCRIPTS)
    return whole[0].lower() in _RIGHT_TO_LEFT


def locale() -> Locale:
    """Babel's locale for dates, times and numbers of the present language."""
    return _babel_locale(language())


@cache
def _babel_locale(tag: str) -> Locale:
    """The nearest locale that Babel knows; a pseudo language goes by its real sister."""
    from babel import Locale, UnknownLocaleError

    tag = {LONG: "en", MIRRORED: "ar"}.get(tag, tag)
    while tag:
        try:
            return Locale.parse(tag)
        except (UnknownLocaleError, ValueError):
            tag = tag.rpartition("_")[0]
    return Locale.parse(SOURCE)


def date_text(day: date, width: Width = "medium") -> str:
    """The day as the locale writes it: 19.05.2026, May 19, 2026 …"""
    from babel.dates import format_date

    return format_date(day, width, locale=locale())


def day_typed(text: str, today: date) -> date | None:
    """The day that somebody who sees this locale's dates means by *text*; None for no day.

    What the locale shows, 4/12/1986 or 12/04/1986, is read back as the same day.
    """
    from clinic_desk.rules import written_dates

    here = locale()
    skeleton = here.datetime_skeletons.get("yMd") or here.date_formats["short"]
    shown = written_dates.order_shown(str(getattr(skeleton, "pattern", skeleton)))
    otherwise = shown or written_dates.order_in(here.territory or "")
    return written_dates.day(text, written_dates.order_of([text], otherwise), today)


def day_text(day: date) -> str:
    """Weekday, day and month, short: "Tue, May 19"."""
    return _day_label(language(), day)


@lru_cache(maxsize=4096)
def _day_label(tag: str, day: date) -> str:
    from babel.dates import format_skeleton

    return format_skeleton("MMMEd", datetime.combine(day, time()), locale=_babel_locale(tag))


def month_text(day: date) -> str:
    """Month and year: "May 2026"."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", datetime.combine(day, time()), locale=locale())


def time_text(at: datetime | time, zone: ZoneInfo | None = None) -> str:
    """The time of day, 12 or 24 hours by locale; an aware instant is shown in *zone*."""
    if isinstance(at, datetime) and zone is not None and at.tzinfo is not None:
        at = at.astimezone(zone)
    return minute_text(at.hour * 60 + at.minute)


def minute_text(minute: int) -> str:
    """The label of a minute of the day, 0 to 1440; a look-up, cheap enough for painting."""
    return _minute_label(language(), minute % 1440)


@cache
def _minute_label(tag: str, minute: int) -> str:
    from babel.dates import format_time

    return format_time(time(*divmod(minute, 60)), "short", locale=_babel_locale(tag))


def span_text(span: Span, zone: ZoneInfo) -> str:
    """The day and both times in *zone*: "Tue, May 19, 09:00–09:45"."""
    begin, end = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    first, last = day_text(begin.date()), day_text(end.date())
    if first == last:
        return f"{first}, {time_text(begin)}–{time_text(end)}"
    return f"{first}, {time_text(begin)} – {last}, {time_text(end)}"


DayName = Literal["narrow", "short", "abbreviated", "wide"]
"""How much room a name may take. One letter ("narrow") does not always tell two days apart."""


def weekday_text(weekday: int, width: DayName = "wide") -> str:
    """The name of a weekday, 0 for Monday, as a heading writes it."""
    return str(locale().days["stand-alone"][width][weekday])


def number_text(number: float) -> str:
    """The number with the locale's separators and digits."""
    from babel.numbers import format_decimal

    return format_decimal(number, locale=locale())


def first_weekday() -> int:
    """The day that weeks begin with, 0 for Monday."""
    import babel  # first: a thread that loads it from its top must not meet us in its core
    from babel.core import get_global

    here = locale()
    if here.territory is None:  # plain "en" has American times, so its weeks are American too
        here = babel.Locale.parse(get_global("likely_subtags").get(str(here), str(here)))
    return int(here.first_week_day)


def has_twelve_hours() -> bool:
    """Whether the locale counts the day in twice twelve hours."""
    return "a" in str(locale().time_formats["short"].pattern)


def warm_up() -> None:
    """Read what dates and times are written with, before somebody waits for it."""
    day_text(date.min)
    month_text(date.min)
    date_text(date.min, "full")
    number_text(0)
    first_weekday()
    for minute in range(0, 1440, 15):
        minute_text(minute)


def localised(error: ClinicError, zone: ZoneInfo | None = None) -> str:
    """What went wrong and the way out, in the present language.

    Instants and spans among the params are shown in *zone*, else in the zone they carry.
    """
    sentences = [filled(error.message, error.params, zone)]
    if isinstance(error, Conflicted):
        sentences += [filled(c.message, c.params, zone) for c in error.conflicts]
    if error.way_out:
        sentences.append(filled(error.way_out, error.params, zone))
    return " ".join(sentences)


def filled(template: str, params: Mapping[str, Any], zone: ZoneInfo | None = None) -> str:
    """*template* translated, its places filled as the locale writes such values."""
    return _(template).format(**{name: _shown(value, zone) for name, value in params.items()})


def _shown(value: Any, zone: ZoneInfo | None) -> Any:
    if isinstance(value, Span):
        own = value.starts_at.tzinfo
        return span_text(value, zone or (own if isinstance(own, ZoneInfo) else ZoneInfo("UTC")))
    if isinstance(value, datetime):
        local = value.astimezone(zone) if zone is not None and value.tzinfo else value
        return f"{day_text(local.date())}, {time_text(local)}"
    if isinstance(value, date):
        return date_text(value)
    if isinstance(value, time):
        return time_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    if isinstance(value, Term):
        return _(value)
    return isolated(value) if isinstance(value, str) else value


def isolated(text: str) -> str:
    """*text* kept apart from the direction of the sentence around it.

    A Latin name in an Arabic sentence (or the other way round) would otherwise turn the
    whole line and tear its full stop away.
    """
    foreign = is_right_to_left() or any(
        unicodedata.bidirectional(sign) in {"R", "AL"} for sign in text
    )
    return f"\u2068{text}\u2069" if foreign and text else text
