"""What a month shows: its data and its layout, without any gesture."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _, first_weekday, ngettext
from clinic_desk.rules import clinic_time
from clinic_desk.services.cards import AppointmentCard, DiaryView, ProviderCard
from clinic_desk.views import theme, words
from clinic_desk.views.agenda import shaded
from clinic_desk.views.agenda.access import install
from clinic_desk.views.agenda.judge import Snapshot
from clinic_desk.views.agenda.layout import Card
from clinic_desk.views.agenda.looks import Clock
from clinic_desk.views.agenda.model import AgendaModel
from clinic_desk.views.agenda.month_access import MonthFaces
from clinic_desk.views.agenda.month_grid import MonthGrid, by_day
from clinic_desk.views.agenda.month_painting import MonthScene, Place
from clinic_desk.views.agenda.text import faces
from clinic_desk.views.widgets import named

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class MonthSheet(QWidget):
    """Holds a month's cards and paints nothing by itself; see ``MonthView``.

    Signals:
        day_wanted(date): a day is to be opened.
        open_wanted(card): the editor.
    """

    day_wanted = Signal(object)
    open_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "month", _("Month"))
        self.model = AgendaModel(self)
        self.zone = "UTC"
        self.month = date(2000, 1, 1)
        self.cursor_day = self.month
        self.initials = False
        self.snapshot: Snapshot | None = None
        self.scene: MonthScene | None = None
        self.places: list[Place] = []
        """Where each card was painted."""
        self.selected: int | None = None
        """The key of the selected card."""
        install()
        self.faces = MonthFaces(self)
        self._minutes: dict[int, int] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.model.changed.connect(self._renew)
        theme.notifier().theme_changed.connect(self._renew)

    # What the shell says

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Names, closed days and qualifications come from here."""
        self.model.catalogue = catalogue
        self._renew()

    def set_zone(self, name: str) -> None:
        """Days and times are those of this IANA zone."""
        self.zone = name
        self._renew()

    def set_view(self, month: date, provider_ids: Collection[int] = ()) -> None:
        """Show the month of *month*, of these providers only (none: of all)."""
        if (month.year, month.month) != (self.month.year, self.month.month):
            self.cursor_day = month
        self.month = month.replace(day=1)
        self.model.set_shown(provider_ids)
        self._renew()

    def set_data(self, view: DiaryView) -> None:
        """Show the cards of *view*; while a card is carried it waits."""
        self.model.set_data(view)

    def set_occupancy(self, snapshot: Snapshot | None) -> None:
        """The whole organisation's taken time, as for the board."""
        self.snapshot = snapshot

    def set_initials(self, only: bool) -> None:
        """Show patients by their initials."""
        self.initials = only
        self._renew()

    def settle(self, card: AppointmentCard) -> None:
        """*card* was stored: its present version replaces what is shown of it."""
        self.model.settle(card)

    def take_back(self, appointment_id: int) -> None:
        """The move was refused: the visit stands where it stood."""
        self.model.take_back(appointment_id)

    # Looking

    def _renew(self) -> None:
        zone = clinic_time.zone(self.zone)
        cards = by_day(self.model.cards, zone)
        self._minutes = {
            id(card): clinic_time.minute_of_day(card.span.starts_at, zone)
            for found in cards.values()
            for card in found[:60]
        }
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        first = first_weekday()
        self.scene = MonthScene(
            MonthGrid.around(self.month, first, self.width(), self.height(), mirrored=mirrored),
            self.month,
            clinic_time.wall(datetime.now(UTC), zone).date(),
            cards,
            faces(self.font()),
            Clock(),
            self._closed(),
            self.initials,
        )
        self.update()
        self.faces.renewed()

    @property
    def providers(self) -> Mapping[int, ProviderCard]:
        """Who they are whose cards these are."""
        return self.model.catalogue.providers if self.model.catalogue is not None else {}

    def go_to(self, day: date) -> None:
        """Put the cursor on a day."""
        self.cursor_day = day
        self.faces.focus_moved()
        self.update()

    def open(self, day: date, card: Card | None) -> None:
        """Open a card, or the day."""
        if card is None:
            self.day_wanted.emit(day)
        else:
            self.open_wanted.emit(card)

    def _closed(self) -> dict[date, str]:
        catalogue = self.model.catalogue
        if catalogue is None:
            return {}
        out: dict[date, list[str]] = {}
        places = self._in_use(catalogue)
        for place in places:
            for day, name in catalogue.closed_days.get(place, {}).items():
                out.setdefault(day, []).append(name)
        return {d: ", ".join(dict.fromkeys(n)) for d, n in out.items() if len(n) == len(places)}

    @staticmethod
    def _in_use(catalogue: Catalogue) -> list[int]:
        return [place.id for place in catalogue.locations.values() if place.active]

    def why_closed(self, day: date) -> str:
        """That everything is closed on a day, and what that day is called; else nothing."""
        catalogue = self.model.catalogue
        if catalogue is None:
            return ""
        name = shaded.closed_name(catalogue, self._in_use(catalogue), day)
        return "" if name is None else shaded.day_closed(name)

    @property
    def grid(self) -> MonthGrid:
        """The geometry of what is shown."""
        assert self.scene is not None
        return self.scene.grid

    def place_at(self, pos: QPoint) -> Place | None:
        """What was painted under a point."""
        return next((place for place in self.places if place.rect.contains(pos)), None)

    def sentence(self, day: date) -> str:
        """A day as it is spoken: its date, how many visits it holds, and whether it is closed."""
        count = len(self.scene.cards.get(day, [])) if self.scene else 0
        told = ngettext("{count} visit", "{count} visits", count).format(count=count)
        return ", ".join(filter(None, (words.day_long(day), told, self.why_closed(day))))

    def sizeHint(self) -> QSize:
        return QSize(900, 640)

    def _ring(self, painter: QPainter, day: date, colour: QColor) -> None:
        box = self.grid.cell(day)
        if box.w:
            painter.setPen(QPen(colour, 2))
            painter.drawRoundedRect(QRect(box.x + 1, box.y + 2, box.w - 3, box.h - 3), 4, 4)

    def resizeEvent(self, _event: QEvent) -> None:
        self._renew()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LayoutDirectionChange, QEvent.Type.FontChange):
            self._renew()
