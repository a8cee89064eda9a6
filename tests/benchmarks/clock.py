"""Measuring in turns: whatever else the machine does then falls on both sides alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Times:
    """Milliseconds of repeated runs of one thing."""

    values: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        return self.at(0.95)

    @property
    def most(self) -> float:
        return max(self.values)

    def at(self, share: float) -> float:
        """The value that this share of the runs does not exceed."""
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def run(self, deed: Callable[[], object]) -> None:
        """Time *deed* once."""
        began = time.perf_counter()
        deed()
        self.values.append((time.perf_counter() - began) * 1000)


def in_turns(times: int, *deeds: Callable[[], object], warm: int = 1) -> list[Times]:
    """Run all *deeds* one after the other, *times* over; *warm* rounds before do not count."""
    found = [Times() for _ in deeds]
    gc.collect()
    for number in range(-warm, times):
        for mine, deed in zip(found, deeds, strict=True):
            if number < 0:
                deed()
            else:
                mine.run(deed)
    return found
