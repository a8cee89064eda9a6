"""What is taken, as it stood at one moment: immutable, and read from any thread.

Providers and operatories are bits of a minute, four weeks to an integer. Patients have few
visits, and a million of them would be too many integers: theirs are packed numbers, eight
bytes a visit.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import datetime

from clinic_desk.rules.spans import Span
from clinic_desk.services import bits
from clinic_desk.services.claims import Head, Taken

BLOCK_DAYS = 28
BLOCK = BLOCK_DAYS * bits.DAY
"""Minutes of a block: long enough that one operation does much, short enough to stop early."""

OVERLAP = 3 * bits.DAY
"""The longest visit (a day) with the longest buffers (a day each) may reach into the next."""

Blocks = Mapping[int, tuple[int, ...]]
"""Provider or operatory to the taken minutes, block by block."""

Buckets = Mapping[int, "array[int]"]
"""Patients by 64 to their visits, each packed into one number, sorted."""

Times = Iterable[tuple[int, int]]
"""First minute and the minute after the last."""

Pair = tuple[int, int]
"""A block and the one after it, whose beginning visits may reach into."""

_LOW = bits.ones(OVERLAP)
_DAY_BYTES = bits.DAY // 8
_ONES = tuple(bits.ones(n) for n in range(bits.DAY + 1))
_BUCKET = 6  # bits of a patient's number that tell the patients of one bucket apart
_PATIENT_SHIFT, _START_SHIFT = 48, 16
_LONGEST = (1 << _START_SHIFT) - 1


def joined(pair: Pair) -> int:
    """The taken minutes of a block and of the ``OVERLAP`` after it."""
    return pair[0] | (pair[1] & _LOW) << BLOCK if pair[1] else pair[0]


class Snapshot:
    """What was taken when the history stood at deed ``seq``. Immutable, for any thread.

    Time before ``begins_at`` is not known and told as free.
    """

    __slots__ = ("_blocks", "_held", "_patients", "base", "head")

    def __init__(self, head: Head, base: int, blocks: Blocks, patients: Buckets) -> None:
        self.head = head
        self.base = base
        self._blocks = blocks
        self._patients = patients
        self._held: dict[int, list[tuple[int, int]]] = {}
        for resource_id, start, end in head.holds:
            self._held.setdefault(resource_id, []).append((start, end))

    @property
    def seq(self) -> int:
        """The newest deed that this snapshot has seen."""
        return self.head.seq

    @property
    def begins_at(self) -> datetime:
        """The first instant that the snapshot knows."""
        return bits.instant(self.base)

    def busy(self, resource_id: int, span: Span) -> bool:
        """Whether any minute of *span* is taken."""
        return self.taken(resource_id, *_minutes(span)) != 0

    def busy_spans(self, resource_id: int, span: Span) -> list[Span]:
        """What is taken of *span*: sorted, disjoint, clipped to it, touching claims joined."""
        start, end = _minutes(span)
        return [
            Span(bits.instant(start + a), bits.instant(start + b))
            for a, b in bits.stretches(self.taken(resource_id, start, end))
        ]

    def taken(self, resource_id: int, start: int, end: int) -> int:
        """The taken minutes from *start* to *end* (since 1970), *start* being bit 0."""
        out = self._held_bits(resource_id, start) if self._held else 0
        blocks = self._blocks.get(resource_id)
        if blocks is None:
            return (out | self._of_patient(resource_id, start, end)) & bits.ones(end - start)
        last = min((end - 1 - self.base) // BLOCK, len(blocks) - 1)
        for number in range(max((start - self.base) // BLOCK, 0), last + 1):
            offset = self.base + number * BLOCK - start
            out |= blocks[number] << offset if offset >= 0 else blocks[number] >> -offset
        return out & bits.ones(end - start)

    def pair(self, resource_id: int, number: int) -> Pair:
        """The taken minutes of a block, and those of the block after it.

        The very same two integers as in an older snapshot where nothing has changed.
        """
        blocks = self._blocks.get(resource_id)
        if blocks is None or resource_id in self._held:
            start = self.base + number * BLOCK
            return (self.taken(resource_id, start, start + BLOCK + OVERLAP), 0)
        return (
            blocks[number] if number < len(blocks) else 0,
            blocks[number + 1] if number + 1 < len(blocks) else 0,
        )

    def renewed(
        self,
        head: Head,
        days: Mapping[int, Mapping[int, int]] | None = None,
        visits: Mapping[int, Times] | None = None,
    ) -> Snapshot:
        """The same at another head, with other *days* (resource to day since the base to its
        minutes) and other *visits* of patients. What is not named is shared with this one.
        """
        if head == self.head:
            return self
        blocks, patients = self._blocks, self._patients
        if days:
            blocks = dict(blocks)
            for resource_id, renewed in days.items():
                blocks[resource_id] = _with_days(blocks.get(resource_id, ()), renewed)
        if visits:
            patients = dict(patients)
            for resource_id, times in visits.items():
                number = resource_id >> _BUCKET
                patients[number] = _with_patient(patients.get(number), resource_id, times)
        return Snapshot(head, self.base, blocks, patients)

    def _held_bits(self, resource_id: int, start: int) -> int:
        out = 0
        for begins, ends in self._held.get(resource_id, ()):
            out |= bits.filled(begins - start, ends - start)
        return out

    def _of_patient(self, resource_id: int, start: int, end: int) -> int:
        bucket = self._patients.get(resource_id >> _BUCKET)
        if bucket is None:
            return 0
        low = _packed(resource_id, max(start - bits.DAY, 0), 0)
        out = 0
        for place in range(bisect_left(bucket, low), len(bucket)):
            value = bucket[place]
            begins = (value >> _START_SHIFT) & 0xFFFFFFFF
            if value >> _PATIENT_SHIFT != low >> _PATIENT_SHIFT or begins >= end:
                break
            out |= bits.filled(begins - start, begins - start + (value & _LONGEST))
        return out


def _minutes(span: Span) -> tuple[int, int]:
    return bits.minute(span.starts_at), bits.minute_up(span.ends_at)


def _packed(resource_id: int, start: int, length: int) -> int:
    low = resource_id & ((1 << _BUCKET) - 1)
    return low << _PATIENT_SHIFT | start << _START_SHIFT | min(length, _LONGEST)


def in_buckets(visits: Iterable[Taken]) -> dict[int, array[int]]:
    """All patients' visits packed away."""
    out: dict[int, array[int]] = {}
    for resource_id, start, end in visits:
        bucket = out.get(resource_id >> _BUCKET)
        if bucket is None:
            bucket = out[resource_id >> _BUCKET] = array("Q")
        bucket.append(_packed(resource_id, start, end - start))
    return {number: array("Q", sorted(set(bucket))) for number, bucket in out.items()}


def _with_patient(bucket: array[int] | None, resource_id: int, times: Times) -> array[int]:
    """The bucket with other visits of one patient."""
    mark = _packed(resource_id, 0, 0) >> _PATIENT_SHIFT
    others = [v for v in bucket or () if v >> _PATIENT_SHIFT != mark]
    own = {_packed(resource_id, start, end - start) for start, end in times}
    return array("Q", sorted(others + list(own)))


def by_day(times: Times, base: int) -> dict[int, int]:
    """Day (since *base*) to its taken minutes; what lies before *base* is left out."""
    out: dict[int, int] = {}
    for start, end in times:
        day, begins = divmod(start - base, bits.DAY)
        ends = end - base - day * bits.DAY
        if ends <= bits.DAY and day >= 0:
            out[day] = out.get(day, 0) | _ONES[ends - begins] << begins
            continue
        for each in range(max(day, 0), (end - base - 1) // bits.DAY + 1):
            offset = base + each * bits.DAY
            piece = bits.filled(start - offset, min(end - offset, bits.DAY))
            out[each] = out.get(each, 0) | piece
    return out


def as_blocks(days: Mapping[int, int]) -> tuple[int, ...]:
    """Days (since the base) as the blocks of one resource."""
    if not days:
        return ()
    count = max(days) // BLOCK_DAYS + 1
    return tuple(_block_of(days, number) for number in range(count))


def _block_of(days: Mapping[int, int], number: int) -> int:
    first = number * BLOCK_DAYS
    pieces = (days.get(first + n, 0).to_bytes(_DAY_BYTES, "little") for n in range(BLOCK_DAYS))
    return int.from_bytes(b"".join(pieces), "little")


def _with_days(blocks: tuple[int, ...], days: Mapping[int, int]) -> tuple[int, ...]:
    """The blocks with some days replaced."""
    out = list(blocks)
    for day, minutes in sorted(days.items()):
        number, place = divmod(day, BLOCK_DAYS)
        if not minutes and number >= len(out):
            continue
        out += [0] * (number + 1 - len(out))
        at = place * bits.DAY
        old = (out[number] >> at) & _ONES[bits.DAY]
        if old != minutes:
            out[number] ^= (old ^ minutes) << at
    return tuple(out)
