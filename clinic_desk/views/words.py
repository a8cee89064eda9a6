"""How the desk says things: days, times, statuses, errors and reasons, in the user's language.

Days and times are written by ``i18n``. Names of people and places are wrapped in isolates,
so that they keep their order inside any sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from clinic_desk import i18n
from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.clinic_time import zone as zone_of
from clinic_desk.rules.conflicts import Conflict
from clinic_desk.rules.errors import ClinicError, Conflicted
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard, Origin, PatientCard

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

DASH = "–"


def isolated(name: str) -> str:
    """*name* between Unicode isolates, safe inside text of the other direction."""
    return f"\u2068{name}\u2069" if name else ""


def wall(instant: datetime, zone: str) -> datetime:
    """The naive time on the wall in *zone*."""
    return instant.astimezone(zone_of(zone)).replace(tzinfo=None)


def today(zone: str) -> date:
    """The day it is in *zone*."""
    return wall(datetime.now(UTC), zone).date()


def clock(instant: datetime, zone: str) -> str:
    """ "10:15" or "10:15 AM"; with which of the two it is, "02:30 CET", in an hour that comes
    twice.
    """
    local = instant.astimezone(zone_of(zone))
    told = i18n.minute_text(local.hour * 60 + local.minute)
    once = local.replace(fold=1 - local.fold).utcoffset() == local.utcoffset()
    return told if once else f"{told} {isolated(local.tzname() or '')}"


def times(span: Span, zone: str) -> str:
    """ "10:15–11:00"."""
    return f"{clock(span.starts_at, zone)}{DASH}{clock(span.ends_at, zone)}"


def day_long(day: date) -> str:
    """ "Tuesday, 19 May 2026" in the locale's own order."""
    return i18n.date_text(day, "full")


def day_short(day: date) -> str:
    """ "Tue 19 May": enough to tell days of one season apart."""
    return i18n.day_text(day)


def day_numbers(day: date) -> str:
    """ "19/05/2026", as the locale writes it, with four figures for the year."""
    return _day_numbers(day, i18n.language())


@lru_cache(4096)
def _day_numbers(day: date, _language: str) -> str:
    from babel.dates import format_skeleton

    return format_skeleton("yMd", _noon(day), locale=i18n.locale())


def _noon(day: date) -> datetime:
    """Babel formats by skeleton only what has a time."""
    return datetime.combine(day, time(12))


def month(day: date) -> str:
    """ "May 2026"."""
    return i18n.month_text(day)


def period(first: date, last: date) -> str:
    """ "18–24 May 2026", shortened as far as both ends agree."""
    from babel.dates import format_interval, format_skeleton

    if first == last:
        return format_skeleton("yMMMEd", _noon(first), locale=i18n.locale())
    return format_interval(first, last, "yMMMd", locale=i18n.locale())


def when(span: Span, zone: str) -> str:
    """ "Tue 19 May, 10:15–11:00"."""
    return _("{day}, {times}").format(
        day=day_short(wall(span.starts_at, zone).date()), times=times(span, zone)
    )


def city(zone: str) -> str:
    """What a zone is named after: "New York"."""
    return zone.rpartition("/")[2].replace("_", " ")


def _differ(at: datetime, own: str, zone: str) -> bool:
    """Whether the clocks of *own* and *zone* show different hours at that instant."""
    return own != zone and (
        at.astimezone(zone_of(own)).utcoffset() != at.astimezone(zone_of(zone)).utcoffset()
    )


def _there(told: str, at: datetime, own: str, zone: str) -> str:
    """*told* by the clock in zone *own*, which is named where that of *zone* shows another hour."""
    return f"{told} {isolated(city(own))}" if _differ(at, own, zone) else told


def over_times(heading: str, day: date, own: str, zone: str) -> str:
    """A *heading* over times of *day* by the clock in zone *own*, which is named where that of
    *zone* shows another hour: "Tuesday, 19 May 2026 · New York".
    """
    noon = datetime.combine(day, time(12), zone_of(own))
    return f"{heading} · {isolated(city(own))}" if _differ(noon, own, zone) else heading


def clock_there(instant: datetime, own: str, zone: str) -> str:
    """A time as :func:`times_there`: "10:00 New York"."""
    return _there(clock(instant, own), instant, own, zone)


def times_there(span: Span, own: str, zone: str) -> str:
    """The times on the wall of the place in zone *own*, which is named where the clocks of
    *zone* show another hour: "10:00–11:00 New York".
    """
    return _there(times(span, own), span.starts_at, own, zone)


def when_there(span: Span, own: str, zone: str) -> str:
    """Day and times as :func:`times_there`: "Tue 19 May, 10:00–11:00 New York"."""
    return _("{day}, {times}").format(
        day=day_short(wall(span.starts_at, own).date()), times=times_there(span, own, zone)
    )


def when_at(span: Span, location_id: int | None, catalogue: Catalogue, zone: str) -> str:
    """Day and times of something at a location, by its clock, for a desk that shows *zone*."""
    return when_there(span, catalogue.time_zone(location_id), zone)


def visit_when(card: AppointmentCard, zone: str) -> str:
    """When a visit is, by the clock of its own place, for a desk that shows *zone*."""
    return when_there(card.span, card.time_zone, zone)


def length(minutes: int) -> str:
    """ "45 min" or "1 h 30 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("{minutes} min").format(minutes=rest)
    if not rest:
        return _("{hours} h").format(hours=hours)
    return _("{hours} h {minutes} min").format(hours=hours, minutes=rest)


def ago(instant: datetime, now: datetime | None = None) -> str:
    """ "5 min ago", "2 h ago", "3 days ago"."""
    minutes = int(((now or datetime.now(UTC)) - instant) / timedelta(minutes=1))
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("{minutes} min ago").format(minutes=minutes)
    if minutes < 48 * 60:
        return _("{hours} h ago").format(hours=minutes // 60)
    days = minutes // (24 * 60)
    return ngettext("{days} day ago", "{days} days ago", days).format(days=days)


def born(day: date | None) -> str:
    """ "born 12.04.1986", or that the birth date is not known."""
    if day is None:
        return _("birth date unknown")
    return _("born {day}").format(day=day_numbers(day))


def patient(card: PatientCard) -> str:
    """Name, birth date and number: what tells two patients apart."""
    parts = [isolated(card.name), born(card.date_of_birth)]
    if card.number:
        parts.append(_("no. {number}").format(number=card.number))
    return " · ".join(parts)


def status(value: Status) -> str:
    """The status as a heading or a badge says it."""
    return {
        Status.REQUESTED: _("Requested"),
        Status.SCHEDULED: _("Scheduled"),
        Status.CONFIRMED: _("Confirmed"),
        Status.ARRIVED: _("Arrived"),
        Status.COMPLETED: _("Completed"),
        Status.CANCELLED: _("Cancelled"),
        Status.MISSED: _("Missed"),
        Status.DECLINED: _("Declined"),
    }[value]


def origin(value: Origin) -> str:
    """Through which door it came."""
    return {
        Origin.DESK: _("front desk"),
        Origin.PORTAL: _("patient portal"),
        Origin.API: _("another program"),
        Origin.PARTNER: _("partner"),
    }[value]


def doer(name: str, value: Origin) -> str:
    """Who did something; a program is told to be one."""
    if name and value is Origin.API:
        return _("API: {name}").format(name=isolated(name))
    return isolated(name or origin(value))


def place(card: AppointmentCard) -> str:
    """ "Dr Chen · Room 2 · Main Street"."""
    parts = [card.provider.name]
    if card.operatory is not None:
        parts.append(card.operatory.name)
    if card.location is not None:
        parts.append(card.location.name)
    return " · ".join(isolated(part) for part in parts)


def explained(error: BaseException, zone: str = "UTC") -> str:
    """What went wrong and what to do now, as one or two sentences."""
    if isinstance(error, Conflicted):
        told = [filled(error.message, error.params, zone), *reasons(error, zone)]
        if error.way_out:
            told.append(filled(error.way_out, error.params, zone))
        return " ".join(told)
    if isinstance(error, ClinicError):
        return i18n.localised(error, zone_of(zone))
    return _("Something unexpected went wrong. Nothing was lost; the details are in the log.")


def filled(template: str, params: Mapping[str, Any], zone: str, own: str = "") -> str:
    """*template* translated, its places filled, names isolated; times are told in *zone*, or as
    :func:`times_there` where they happen in the zone *own*.
    """
    own = own or zone
    safe = {name: _safe(value, own, zone) for name, value in params.items()}
    return i18n.filled(template, safe, zone_of(zone))


def _safe(value: Any, own: str, zone: str) -> Any:
    if isinstance(value, str):
        return isolated(value)
    if own == zone:
        return value
    if isinstance(value, Span):
        return _there(i18n.span_text(value, zone_of(own)), value.starts_at, own, zone)
    if isinstance(value, datetime) and value.tzinfo is not None:
        day = day_short(wall(value, own).date())
        return _("{day}, {times}").format(day=day, times=clock_there(value, own, zone))
    return value


def reason(conflict: Conflict, zone: str, own: str = "") -> str:
    """One reason against a place, as a sentence for a desk that shows *zone*: times are those
    of the place's clock (*own*, else as the reason says), as :func:`times_there`.
    """
    own = own or conflict.params.get("zone") or zone
    return filled(conflict.message, conflict.params, zone, own)


def reasons(error: Conflicted, zone: str, own: str = "") -> list[str]:
    """Every reason of a refusal, one sentence each, as :func:`reason`."""
    return [reason(conflict, zone, own) for conflict in error.conflicts]
