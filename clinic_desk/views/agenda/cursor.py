"""Where the keyboard is: a slot or a visit, and how arrows and Tab walk over both. No Qt."""

from __future__ import annotations

from clinic_desk.views.agenda.grid import Grid
from clinic_desk.views.agenda.layout import Item, Layout


class Cursor:
    """A slot (``column``, ``minute``) and, where a visit lies there, its ``key``."""

    def __init__(self) -> None:
        self.column = 0
        self.minute = 8 * 60
        self.key: int | None = None

    def item(self, layout: Layout) -> Item | None:
        """The part of the visit under the cursor: the one in the cursor's column, if any."""
        parts = layout.by_key.get(self.key, []) if self.key is not None else []
        return next((part for part in parts if part.column == self.column), next(iter(parts), None))

    def put_on(self, item: Item) -> None:
        """Onto a visit."""
        self.key, self.column, self.minute = item.key, item.column, int(item.begin)

    def put_at(self, layout: Layout, column: int, minute: float, step: int) -> None:
        """Onto the slot, or onto the visit that begins in it or covers it."""
        grid = layout.grid
        self.column = min(max(column, 0), max(len(grid.columns) - 1, 0))
        self.minute = grid.floored(min(max(minute, 0), grid.ruled.minutes - step), step)
        self.key = None
        here = self._covering(layout, step)
        if here:
            self.key = min(here, key=lambda item: (item.lane, item.begin)).key

    def _covering(self, layout: Layout, step: int) -> list[Item]:
        if not layout.columns:
            return []
        both = (*layout.columns[self.column], *layout.tall[self.column])
        until = self.minute + step
        return [item for item in both if item.begin < until and item.end > self.minute]

    def down(self, layout: Layout, step: int, steps: int) -> None:
        """Walk *steps* slots down (negative: up); a visit is walked over as one."""
        item, minute = self.item(layout), float(self.minute)
        if item is not None and steps > 0:
            minute = max(item.end, minute + step) if item.end % step == 0 else item.end + step
            minute += (steps - 1) * step
        elif item is not None:
            minute = min(item.begin, self.minute + step) + steps * step
        else:
            minute += steps * step
        self.put_at(layout, self.column, minute, step)

    def across(self, layout: Layout, step: int, columns: int) -> bool:
        """Walk to the visit beside, else to the next column (positive: rightwards on screen).
        False at the side of the calendar.
        """
        grid = layout.grid
        item = self.item(layout)
        onwards = grid.step_column(0, columns)
        if item is not None and abs(columns) == 1:
            beside = [
                other
                for other in self._covering(layout, step)
                if other.key != item.key and (other.lane - item.lane) * onwards > 0
            ]
            if beside:
                nearest = min(beside, key=lambda other: abs(other.lane - item.lane))
                self.key = nearest.key
                return True
        column = grid.step_column(self.column, columns)
        if not 0 <= column < len(grid.columns):
            return False
        self.put_at(layout, column, self.minute, step)
        return True

    def tab(self, layout: Layout, forwards: bool) -> Item | None:
        """The visit after (before) the cursor in reading order; None past the last."""
        items = list(layout.items())
        if not items:
            return None
        here = self.item(layout)
        if here is not None and here in items:
            index = items.index(here) + (1 if forwards else -1)
        else:
            place = (self.column, self.minute)
            after = [i for i, it in enumerate(items) if (it.column, it.begin) >= place]
            first = after[0] if after else len(items)
            index = first if forwards else first - 1
        return items[index] if 0 <= index < len(items) else None


def slot_box(grid: Grid, cursor: Cursor, step: int) -> tuple[int, int, int, int]:
    """The content rectangle of the cursor's slot."""
    if not grid.columns or cursor.column >= len(grid.columns):
        return 0, 0, 0, 0
    box = grid.whole(cursor.column, cursor.minute, min(cursor.minute + step, grid.ruled.minutes))
    return box.x, box.y, box.w, max(box.h, 12)
