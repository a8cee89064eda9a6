"""What stands in a diary, laid out so that a drag frame looks at a handful of claims only."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime, timedelta

from clinic_desk.rules.conflicts import Taken
from clinic_desk.rules.spans import Span


class Standing:
    """An immutable index over claims: built once when a drag begins, asked at every frame.

    Claims of one resource are sorted by their start; a question looks back no further than
    that resource's longest claim. Safe to read from any thread.
    """

    __slots__ = ("_of",)

    def __init__(self, taken: Iterable[Taken]) -> None:
        by_resource: dict[int, list[Taken]] = {}
        for claim in taken:
            by_resource.setdefault(claim.resource_id, []).append(claim)
        self._of: dict[int, tuple[list[Taken], list[datetime], timedelta]] = {}
        for resource_id, claims in by_resource.items():
            claims.sort(key=_start)
            starts = [c.span.starts_at for c in claims]
            longest = max(c.span.ends_at - c.span.starts_at for c in claims)
            self._of[resource_id] = (claims, starts, longest)

    def near(self, resource_ids: Iterable[int | None], span: Span) -> list[Taken]:
        """The claims of these resources that overlap *span* (give it with its buffers)."""
        out: list[Taken] = []
        for resource_id in resource_ids:
            if resource_id is None or resource_id not in self._of:
                continue
            claims, starts, longest = self._of[resource_id]
            first = bisect_left(starts, span.starts_at - longest)
            last = bisect_left(starts, span.ends_at)
            out += [c for c in claims[first:last] if c.span.ends_at > span.starts_at]
        return out


def _start(claim: Taken) -> datetime:
    return claim.span.starts_at
