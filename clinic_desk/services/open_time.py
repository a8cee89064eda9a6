"""When providers may be booked, as bits of a minute: work hours inside clinic hours.

Hours are weekly patterns on the wall of a location. A day on which its clocks do not change
is a pattern laid down whole; days of clock change, and days with an exception of the
provider's own, are asked of the rules one by one. So half a year of fifty providers is ready
in milliseconds, and says what the rules say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from clinic_desk.rules import clinic_time
from clinic_desk.rules.hours import Weekly, is_odd
from clinic_desk.rules.spans import Span, common
from clinic_desk.services import bits
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.snapshot import BLOCK, OVERLAP, Pair, joined

_DAY = timedelta(days=1)
_BYTES = bits.DAY // 8
_NEVER = bytes(_BYTES)
_ALWAYS = bits.ones(bits.DAY)


class OpenTime:
    """The open time of one organisation in blocks that begin at minute *base*.

    Made for one catalogue and kept as long as that is the newest; not for two threads at once.
    """

    def __init__(self, catalogue: Catalogue, base: int) -> None:
        self.catalogue = catalogue
        self.base = base
        self._blocks: dict[tuple[int, int, int], int] = {}
        self._places: dict[int, list[int]] = {}
        self._patterns: dict[tuple[int, int, int, int], bytes] = {}
        self._steps: dict[tuple[str, int], int] = {}
        self._longest: dict[tuple[int, int, int], tuple[Pair, int]] = {}

    def places(self, provider_id: int) -> list[int]:
        """The open locations at which a provider may work on some day."""
        catalogue = self.catalogue
        known = self._places.get(provider_id)
        if known is not None:
            return known
        named = {w.location_id for w in catalogue.work_hours.get(provider_id, ())}
        named |= {e.location_id for e in catalogue.work_exceptions.get(provider_id, ())}
        places = (catalogue.locations.get(number or 0) for number in named)
        found = sorted(place.id for place in places if place is not None and place.active)
        self._places[provider_id] = found
        return found

    def block(self, provider_id: int, location_id: int, number: int) -> int:
        """The minutes of a block (and the overlap after it) in which a visit may take place."""
        key = (provider_id, location_id, number)
        if key not in self._blocks:
            self._blocks[key] = self._laid(provider_id, location_id, number)
        return self._blocks[key]

    def fits(self, provider_id: int, location_id: int, number: int, taken: Pair) -> int:
        """The longest visit for which the block has room beside what is *taken*.

        Remembered for as long as the very same integers are taken.
        """
        key = (provider_id, location_id, number)
        known = self._longest.get(key)
        if known is not None and known[0][0] is taken[0] and known[0][1] is taken[1]:
            return known[1]
        longest = bits.longest_run(self.block(*key) & ~joined(taken))
        self._longest[key] = (taken, longest)
        return longest

    def steps(self, location_id: int, step: int, number: int) -> int:
        """The minutes of a block whose wall time at the location is on the step of the day."""
        zone_name = self.catalogue.time_zone(location_id)
        key = (f"{zone_name}/{step}", number)
        if key not in self._steps:
            self._steps[key] = _steps(zone_name, step, self.base + number * BLOCK)
        return self._steps[key]

    def _laid(self, provider_id: int, location_id: int, number: int) -> int:
        zone_name = self.catalogue.time_zone(location_id)
        start = self.base + number * BLOCK
        end = start + BLOCK + OVERLAP
        apart = {e.day for e in self.catalogue.work_exceptions.get(provider_id, ())}
        out, row_at = 0, 0
        row: list[bytes] = []
        for day in _days(zone_name, start, end):
            midnight = _plain_midnight(zone_name, day)
            if (
                midnight is None
                or day in apart
                or (row and midnight != row_at + len(row) * bits.DAY)
            ):
                out |= _laid_at(row, row_at - start)
                row = []
            if midnight is None or day in apart:
                for span in self._asked(provider_id, location_id, day):
                    out |= bits.filled(
                        bits.minute(span.starts_at) - start, bits.minute(span.ends_at) - start
                    )
                continue
            row_at = row_at if row else midnight
            row.append(self._pattern(provider_id, location_id, day))
        out |= _laid_at(row, row_at - start)
        return out & bits.ones(end - start)

    def _pattern(self, provider_id: int, location_id: int, day: date) -> bytes:
        if day in self.catalogue.closed_days.get(location_id, {}):
            return _NEVER
        key = (provider_id, location_id, day.weekday(), is_odd(day))
        if key not in self._patterns:
            work = [
                w
                for w in self.catalogue.work_hours.get(provider_id, ())
                if w.location_id == location_id and w.holds_on(day)
            ]
            clinic = self.catalogue.clinic_hours.get(location_id)
            held = [w for w in clinic or () if w.holds_on(day)]
            allowed = _wall_bits(held) if clinic else _ALWAYS
            self._patterns[key] = (_wall_bits(work) & allowed).to_bytes(_BYTES, "little")
        return self._patterns[key]

    def _asked(self, provider_id: int, location_id: int, day: date) -> list[Span]:
        """What the rules say of one day that is not like the others."""
        worked = [
            span
            for place, span in self.catalogue.provider_hours(provider_id, [day])
            if place == location_id
        ]
        zone = clinic_time.zone(self.catalogue.time_zone(location_id))
        if not worked:
            return []
        return common(worked, self.catalogue.clinic_spans(location_id, [day], zone))


def _wall_bits(weekly: Sequence[Weekly]) -> int:
    out = 0
    for hours in weekly:
        out |= bits.filled(hours.starts_minute, hours.ends_minute)
    return out


def _laid_at(row: list[bytes], offset: int) -> int:
    laid = int.from_bytes(b"".join(row), "little")
    return laid << offset if offset >= 0 else laid >> -offset


@lru_cache(maxsize=512)
def _days(zone_name: str, start: int, end: int) -> tuple[date, ...]:
    """The wall's days between two minutes."""
    span = Span(bits.instant(start), bits.instant(end))
    return tuple(clinic_time.days(span, clinic_time.zone(zone_name)))


@lru_cache(maxsize=8192)
def _plain_midnight(zone_name: str, day: date) -> int | None:
    """The minute at which a day begins; None where its clocks change."""
    zone = clinic_time.zone(zone_name)
    span = clinic_time.day_span(day, zone)
    begins, ends = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    if span.minutes != bits.DAY or begins.utcoffset() != ends.utcoffset():
        return None
    return None if span.starts_at.second else bits.minute(span.starts_at)


def _steps(zone_name: str, step: int, start: int) -> int:
    zone = clinic_time.zone(zone_name)
    end = start + BLOCK + OVERLAP
    out, at = 0, start
    while at < end:
        until = _same_offset_until(zone, at, end)
        local = bits.instant(at).astimezone(zone)
        first = -(local.hour * 60 + local.minute) % step
        out |= (bits.every(step, until - at) << first & bits.ones(until - at)) << (at - start)
        at = until
    return out


def _same_offset_until(zone: ZoneInfo, at: int, end: int) -> int:
    """The first minute after *at* with another offset from UTC, or *end*."""

    def offset(minute: int) -> timedelta | None:
        return bits.instant(minute).astimezone(zone).utcoffset()

    mine, low = offset(at), at
    while low < end and offset(min(low + bits.DAY, end)) == mine:
        low += bits.DAY
    if low >= end:
        return end
    high = min(low + bits.DAY, end)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(middle) == mine else (low, middle)
    return high
