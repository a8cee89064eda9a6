"""Side by side: lanes for items that overlap."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush


def assign(items: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The lane of each item and the number of lanes of its cluster, in the order given.

    An item is ``(start, end)`` in whole numbers of any unit (seconds, minutes, pixels),
    half-open; an empty one takes the room of one unit. A cluster is a run of items that hang
    together by overlaps; it gets as few lanes as its fullest instant needs, and each item the
    lowest lane that is free. O(n log n).
    """
    lanes = [0] * len(items)
    widths = [1] * len(items)
    order = sorted(range(len(items)), key=lambda i: (items[i][0], -items[i][1]))
    cluster: list[int] = []
    busy: list[tuple[int, int]] = []  # (end, lane)
    freed: list[int] = []
    width, latest = 0, 0
    for index in order:
        start, end = items[index]
        if end <= start:
            end = start + 1
        if cluster and start >= latest:
            for member in cluster:
                widths[member] = width
            cluster, busy, freed, width = [], [], [], 0
        while busy and busy[0][0] <= start:
            heappush(freed, heappop(busy)[1])
        if freed:
            lane = heappop(freed)
        else:
            lane, width = width, width + 1
        lanes[index] = lane
        heappush(busy, (end, lane))
        latest = end if not cluster else max(latest, end)
        cluster.append(index)
    for member in cluster:
        widths[member] = width
    return list(zip(lanes, widths, strict=True))
