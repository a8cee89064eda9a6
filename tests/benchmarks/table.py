"""One row per measurement, and how they are printed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """What was measured. Times are milliseconds; ``beside`` names what ``theirs`` is of.

    ``at_most`` is the goal: of ours by theirs where ``theirs`` is compared with, else of
    ours in milliseconds. None: the row only informs.
    """

    subject: str
    ours: float | None
    beside: str = ""
    theirs: float | None = None
    at_most: float | None = None
    absolute: bool = False
    note: str = ""
    failed: bool = False

    @property
    def ratio(self) -> float | None:
        """Ours by theirs; below 1 ours is faster."""
        return self.ours / self.theirs if self.ours is not None and self.theirs else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none, or nothing to compare with."""
        value = self.ours if self.absolute else self.ratio
        if value is None or self.at_most is None:
            return None
        return value <= self.at_most

    @property
    def goal(self) -> str:
        """The goal in a few letters."""
        if self.at_most is None:
            return ""
        return f"≤ {self.at_most:g} ms" if self.absolute else f"≤ {_factor(self.at_most)}"


def _factor(ratio: float) -> str:
    """A ratio as people say it: 1/5, 3 ×."""
    return f"1/{1 / ratio:.3g}" if ratio < 1 else f"{ratio:.3g}×"


def _time(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}" if value < 100 else f"{value:.0f}"


HEAD = ("what", "ours ms", "beside", "theirs ms", "ratio", "goal", "met")


def printed(rows: Sequence[Row]) -> str:
    """The table as text, with the notes under it."""
    cells = [HEAD] + [
        (
            row.subject,
            _time(row.ours),
            row.beside,
            _time(row.theirs),
            "–" if row.ratio is None else _factor(row.ratio),
            row.goal,
            {True: "yes", False: "NO", None: "–"}[row.met],
        )
        for row in rows
    ]
    wide = [max(len(line[n]) for line in cells) for n in range(len(HEAD))]
    right = {1, 3, 4, 5}
    lines = [
        "  ".join(
            cell.rjust(wide[n]) if n in right else cell.ljust(wide[n])
            for n, cell in enumerate(line)
        ).rstrip()
        for line in cells
    ]
    lines.insert(1, "  ".join("-" * w for w in wide))
    lines += ["", *(f"{row.subject}: {row.note}" for row in rows if row.note)]
    return "\n".join(lines).rstrip()


def as_json(rows: Sequence[Row]) -> str:
    """The rows with their ratios, for another program."""
    return json.dumps(
        [asdict(row) | {"ratio": row.ratio, "met": row.met} for row in rows], indent=1
    )


def from_json(text: str) -> list[Row]:
    """The rows that another process measured."""
    names = Row.__dataclass_fields__.keys()
    found: list[dict[str, Any]] = json.loads(text)
    return [Row(**{k: v for k, v in row.items() if k in names}) for row in found]
