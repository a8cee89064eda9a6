"""What the calendar shows: which days, whose, how large, and what time it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from clinic_desk.rules import clinic_time
from clinic_desk.services.cards import DiaryView
from clinic_desk.views.agenda.grid import Kind
from clinic_desk.views.agenda.layout import working_day
from clinic_desk.views.agenda.surface import Surface

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue
    from clinic_desk.services.elsewhere import ElsewhereCard
    from clinic_desk.views.agenda.elsewhere import HeldCard

ZOOMS = (32, 48, 64, 96, 144, 192)
"""Pixels an hour, from the densest to the largest."""
LEAST_HOUR, MOST_HOUR = 16.0, 400.0
TICK_MS = 5000
_WEEKS = (Kind.WEEK, Kind.WORKWEEK)


class Sheet(Surface):
    """A surface that knows its days.

    Signals:
        view_changed(): kind, days or columns are others.
        zoom_changed(float): pixels an hour.
        day_chosen(date): a day's name was clicked.
    """

    view_changed = Signal()
    zoom_changed = Signal(float)
    day_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._zone_asked = False
        self._fit = False
        self._placed = False
        super().__init__(parent)
        self.header.day_chosen.connect(self.day_chosen)
        self._minute = QTimer(self)
        self._minute.timeout.connect(self._tick)
        self._minute.start(TICK_MS)

    # What is shown

    def set_view(
        self, kind: str, first_day: date, columns: Sequence[int] = (), *, days: int | None = None
    ) -> None:
        """Show a calendar of *kind* from *first_day* on. *columns*: providers or operatories of
        a day, in order; of a week the providers to show (none: all). *days* overrides 7 or 5.
        """
        if (Kind(kind) in _WEEKS) != (self.kind in _WEEKS):
            self._placed = False  # of a single day the hours are others
        self.kind, self.first_day, self.ids = Kind(kind), first_day, tuple(columns)
        self.days = days or self.kind.days
        self.model.blockSignals(True)  # the new grid is laid out once, below
        self.model.set_shown(() if self.kind is Kind.OPERATORIES else self.ids)
        self.model.blockSignals(False)
        self._rebuild()
        self.view_changed.emit()

    def set_data(self, view: DiaryView) -> None:
        """Show the cards of *view*; during a drag it waits, see ``AgendaModel.set_data``."""
        self.model.set_data(view)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Names of columns, order and qualifications come from here."""
        self.model.catalogue = catalogue
        if not self._zone_asked:
            self.zone = catalogue.organisation.time_zone
        self._rebuild()

    def set_zone(self, name: str) -> None:
        """Show times in this IANA zone (before: the organisation's)."""
        self._zone_asked = True
        if name != self.zone:
            self.zone = name
            self._rebuild()

    def set_place(self, location_id: int | None) -> None:
        """Show one location (None: all): only hours there count as open."""
        if location_id != self.place:
            self.place, self.elsewhere = location_id, ()
            self._look_changed()

    def set_elsewhere(self, cards: Sequence[ElsewhereCard]) -> None:
        """Who is busy at other locations, of whom nothing else is shown here."""
        if tuple(cards) != tuple(self.elsewhere):
            self.elsewhere = tuple(cards)
            self._look_changed()

    def set_held(self, cards: Sequence[HeldCard]) -> None:
        """What somebody is just booking, here or at another desk."""
        if tuple(cards) != tuple(self.held):
            self.held = tuple(cards)
            self._look_changed()

    def set_step(self, minutes: int) -> None:
        """The grid's step: what drags snap to and arrows walk."""
        self.step = minutes
        self._look_changed()

    def set_initials(self, only: bool) -> None:
        """Show patients by their initials, for screens that strangers see."""
        self.initials = only
        self._look_changed()

    def set_text_zoom(self, zoom: float) -> None:
        """Size of the text on cards, 0.8 to 2, beside the height of the hours."""
        self.text_zoom = min(max(zoom, 0.8), 2.0)
        self._look_changed()
        self._place_children()

    # Zoom

    def set_zoom(self, px_per_hour: float) -> None:
        """Height of an hour in pixels; what is in the middle stays there."""
        self._fit = False
        self._zoom_about(px_per_hour, self.viewport().height() // 2)

    def zoom_by(self, steps: int) -> None:
        """Step through ``ZOOMS``."""
        nearest = min(range(len(ZOOMS)), key=lambda i: abs(ZOOMS[i] - self.grid.hour))
        self.set_zoom(ZOOMS[min(max(nearest + steps, 0), len(ZOOMS) - 1)])

    def fit_day(self, on: bool = True) -> None:
        """Keep the working day, from first opening to last closing, exactly in sight."""
        self._fit = on
        if on:
            self._zoom_about(self._fitting(*self.working_day), 0)
            self.verticalScrollBar().setValue(self.grid.y(self.working_day[0]))

    def _fitting(self, begin: int, end: int) -> float:
        """The height of an hour that brings these minutes in sight, whether there is a bar for
        scrolling across or not: with many side by side it comes, and would change the height.
        """
        bar = self.horizontalScrollBar()
        taken = 0 if bar.isVisible() else bar.sizeHint().height()
        hour = (self.viewport().height() - taken) * 60 / (end - begin)
        return min(max(hour, LEAST_HOUR), MOST_HOUR)

    @property
    def fits_day(self) -> bool:
        """Whether ``fit_day`` holds."""
        return self._fit

    def _zoom_about(self, hour: float, at: int) -> None:
        hour = min(max(hour, LEAST_HOUR), MOST_HOUR)
        if hour == self.grid.hour:
            return
        minute = self.grid.minute_at(at + self.verticalScrollBar().value())
        self.grid = self.grid.resized(self.grid.width, hour)
        self._lay_out()
        self.verticalScrollBar().setValue(self.grid.y(minute) - at)
        self.zoom_changed.emit(hour)

    @property
    def working_day(self) -> tuple[int, int]:
        """Axis minutes of the first opening and the last closing, in whole hours."""
        return working_day(self.grid, self.scene.closed)

    def _data_changed(self) -> None:
        first = self.model.view is not None and not self._placed
        if first and self._fit:
            # Before the cards are laid out for the first time, not once more after it.
            hour = self._fitting(*working_day(self.grid, self._shut()))
            self.grid = self.grid.resized(self.grid.width, hour)
        super()._data_changed()
        if first:
            self._placed = True
            self.scroll_to_work()

    def scroll_to_work(self) -> None:
        """Bring the first opening hour to the top."""
        if self._fit:
            self.fit_day()
        else:
            self.verticalScrollBar().setValue(self.grid.y(self.working_day[0]) - 12)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fit:
            self.fit_day()

    # Time

    def set_now(self, instant: datetime) -> None:
        """It is *instant* now: moves the now-line, and today's mark over midnight."""
        before = self.grid.now(self.now_epoch)
        self.now_epoch = instant.timestamp()
        after = self.grid.now(self.now_epoch)
        if (before or (-1, 0))[0] != (after or (-1, 0))[0]:
            self._look_changed()
        elif before != after:
            self.viewport().update()
        wall = clinic_time.wall(instant, clinic_time.zone(self.zone))
        told = self.ruler.clock.bare(wall.hour * 60 + wall.minute)
        self.ruler.now = (after[1], told) if after else None
        self.ruler.update()

    def _tick(self) -> None:
        now = datetime.now(UTC)
        if now.timestamp() // 60 != self.now_epoch // 60:
            self.set_now(now)

    def showEvent(self, event: QEvent) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.set_now(datetime.fromtimestamp(self.now_epoch, UTC))

    def is_closed(self, column: int, minute: float) -> bool:
        """Whether nobody shown works there."""
        shut = self.scene.closed[column] if column < len(self.scene.closed) else []
        return any(begin <= minute < end for begin, end in shut)

    def free_until(self, column: int, minute: float) -> int | None:
        """Minutes until the column's next visit, event or closing; None where none comes."""
        if column >= len(self.layout_.columns):
            return None
        later = [item.begin for item in self.layout_.columns[column] if item.begin >= minute]
        later += [begin for begin, _end in self.scene.closed[column] if begin >= minute]
        return round(min(later) - minute) if later else None
