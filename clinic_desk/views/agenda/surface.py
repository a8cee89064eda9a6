"""The scrolling surface of the calendar: layout and picture, without any gesture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from clinic_desk.rules import clinic_time
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import theme
from clinic_desk.views.agenda import elsewhere, headers, painting
from clinic_desk.views.agenda.canvas import Canvas
from clinic_desk.views.agenda.card_painting import Brushwork
from clinic_desk.views.agenda.grid import Grid, Kind, columns, ruled_for
from clinic_desk.views.agenda.layout import Item, Layout, closed
from clinic_desk.views.agenda.looks import Clock
from clinic_desk.views.agenda.model import AgendaModel
from clinic_desk.views.agenda.text import faces

if TYPE_CHECKING:
    from clinic_desk.services.catalogue import Catalogue
    from clinic_desk.services.elsewhere import ElsewhereCard

LEAST_COLUMN = {Kind.WEEK: 88, Kind.WORKWEEK: 88, Kind.PROVIDERS: 116, Kind.OPERATORIES: 116}
HALO = 4
"""So far the outline and the grips of a selected card stand out over it, in pixels."""
LEAST_LANE, LANES_IN_SIGHT = 26, 9
"""Lanes are kept this wide, up to so many beside each other; then the week scrolls sideways."""


_TOLD = {Kind.PROVIDERS: "room", Kind.OPERATORIES: "provider"}
"""What a card still says of its place, where the column says the rest."""


class Surface(QAbstractScrollArea):
    """Shows a model's cards on a grid; what is shown, and gestures, come with its subclasses."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = AgendaModel(self)
        self.kind, self.first_day, self.days = Kind.WEEK, date(2000, 1, 3), 7
        self.ids: tuple[int, ...] = ()
        self.zone = "UTC"
        self.step = 15
        self.text_zoom = 1.0
        self.initials = False
        self.lifted: int | None = None
        self.place: int | None = None
        self.elsewhere: Sequence[ElsewhereCard] = ()
        self.held: Sequence[elsewhere.HeldCard] = ()
        self.grid = Grid(ruled_for(self.kind, self.first_day, clinic_time.zone("UTC")), (), 0)
        self.layout_ = Layout(self.grid)
        self.canvas = Canvas(self._paint_content)
        self.header = headers.Header(self, lambda: self.grid)
        self.ruler = headers.Ruler(self, lambda: self.grid, Clock())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.model.changed.connect(self._data_changed)
        theme.notifier().theme_changed.connect(self._look_changed)
        self.now_epoch = datetime.now(UTC).timestamp()
        self.scene = self._make_scene()

    # Layout

    def _rebuild(self) -> None:
        """Other days or columns: a new grid."""
        ruled = ruled_for(self.kind, self.first_day, clinic_time.zone(self.zone), self.days)
        no_room = self.kind is Kind.OPERATORIES and self._homeless()
        made = tuple(columns(self.kind, ruled, self.ids, no_room=no_room))
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.grid = Grid(ruled, made, self.grid.width, self.grid.hour, mirrored)
        self._lay_out()

    def _homeless(self) -> bool:
        return any(
            isinstance(card, AppointmentCard) and card.operatory is None
            for card in self.model.cards
        )

    def _lay_out(self) -> None:
        """The grid is another: everything finds its place anew. Cards of days that are not
        shown any more are not even looked at; the data of the new days is on its way.
        """
        view, cards = self.model.view, self.model.cards
        tracks = self.grid.ruled.tracks
        if view is not None and not (
            view.period.starts_at.timestamp() < tracks[-1].ends
            and tracks[0].begins < view.period.ends_at.timestamp()
        ):
            cards = [card for card in cards if card.id in self.model.pending]
        self._show(Layout(self.grid, cards))

    def _data_changed(self) -> None:
        """The cards are others: only what differs is painted."""
        if self.kind is Kind.OPERATORIES and self._homeless() != any(
            column.no_room for column in self.grid.columns
        ):
            self._rebuild()
        else:
            self._show(Layout(self.grid, self.model.cards), self.layout_)

    def _show(self, layout: Layout, before: Layout | None = None) -> None:
        least = LEAST_COLUMN[self.kind]
        if self.kind in (Kind.WEEK, Kind.WORKWEEK):
            least = max(least, min(layout.most_lanes, LANES_IN_SIGHT) * LEAST_LANE)
        width = max(self.viewport().width(), least * len(self.grid.columns))
        if width != self.grid.width:
            before = None
            self.grid = self.grid.resized(width, self.grid.hour)
            layout.fit(self.grid)
        self.layout_ = layout
        shut, pending = self.scene.closed, self.scene.work.pending
        self.scene = self._make_scene()
        if before is not None and shut == self.scene.closed:
            self._refresh(_difference(before, layout, pending ^ self.scene.work.pending))
        else:
            self._update_bars()
            self._renew_picture()
        self._laid_out()

    def _laid_out(self) -> None:
        """A hook: items are others than before."""

    def _make_scene(self) -> painting.Scene:
        catalogue = self.model.catalogue
        names = {}
        if catalogue is not None:
            names = {number: room.name for number, room in catalogue.operatories.items()}
            names |= {number: person.name for number, person in catalogue.providers.items()}
        shown = self.model.provider_ids
        shut = self._shut()
        away = elsewhere.veils([*self.elsewhere, *self.held], self.grid, shown, catalogue)
        work = Brushwork(
            theme.current(),
            faces(self.font(), self.text_zoom),
            self.ruler.clock,
            self.zone,
            self.grid.mirrored,
            names,
            self.model.pending,
            self.lifted,
            self.initials,
            told=_TOLD.get(self.kind, "both"),
        )
        now = self.grid.now(self.now_epoch)
        self._head(catalogue, shut)
        today = now[0] if now else -1
        return painting.Scene(self.grid, self.layout_, shut, work, today, self.step, away)

    def _shut(self) -> list[list[tuple[float, float]]]:
        """Per column when nobody shown works, by the newest data, in axis minutes."""
        known = self.model.catalogue.operatories if self.model.catalogue is not None else {}
        rooms = {number: room.location_id for number, room in known.items()}
        return closed(self.model.view, self.grid, self.model.provider_ids, rooms, self.place)

    def _head(self, catalogue: Catalogue | None, shut: list[list[tuple[float, float]]]) -> None:
        today = clinic_time.wall(datetime.fromtimestamp(self.now_epoch, UTC),
                                 clinic_time.zone(self.zone)).date()  # fmt: skip
        self.header.headings = headers.headings(self.grid, self.kind, catalogue, today, shut)
        self.header.update()

    # Painting and scrolling

    def _paint_content(self, painter: QPainter, x: int, y: int, w: int, h: int) -> None:
        painting.paint(painter, self.scene, x, y, w, h)

    def _renew_picture(self) -> None:
        self.canvas.reset(self.viewport().size(), self.viewport().devicePixelRatioF())
        self.canvas.origin = self.offset
        self.header.offset, self.ruler.offset = self.offset.x(), self.offset.y()
        for part in (self.viewport(), self.header, self.ruler):
            part.update()

    def _refresh(self, content: list[QRect]) -> None:
        """Paint rectangles of content anew, and what stands out over them."""
        self.canvas.invalidate(content)
        seen, shift = QRegion(), -self.offset
        for rect in content:
            seen += rect.translated(shift).adjusted(-HALO, -HALO, HALO, HALO)
        self.viewport().update(seen)

    def _look_changed(self) -> None:
        self.scene = self._make_scene()
        self._renew_picture()

    @property
    def offset(self) -> QPoint:
        """The content pixel at the viewport's top left corner."""
        bar = self.horizontalScrollBar()
        x = bar.maximum() - bar.value() if self.grid.mirrored else bar.value()
        return QPoint(x, self.verticalScrollBar().value())

    def _update_bars(self) -> None:
        size = self.viewport().size()
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        down.setRange(0, max(self.grid.height + 1 - size.height(), 0))
        down.setPageStep(size.height())
        down.setSingleStep(max(round(self.grid.hour / 2), 8))
        across.setRange(0, max(self.grid.width - size.width(), 0))
        across.setPageStep(size.width())
        across.setSingleStep(40)

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        self.canvas.scroll_to(self.offset)
        self.header.offset, self.ruler.offset = self.offset.x(), self.offset.y()
        for part in (self.viewport(), self.header, self.ruler):
            part.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_children()
        self._show(self.layout_)  # the same places, on a page of another width

    def _place_children(self) -> None:
        high, wide = round(headers.HEIGHT * self.text_zoom), round(headers.RULER * self.text_zoom)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        margins = (0, high, wide, 0) if mirrored else (wide, high, 0, 0)
        now = self.viewportMargins()
        if (now.left(), now.top(), now.right(), now.bottom()) != margins:
            self.setViewportMargins(*margins)
        view = self.viewport().geometry()
        self.header.inset, self.header.zoom, self.ruler.zoom = wide, self.text_zoom, self.text_zoom
        left = view.left() if mirrored else view.left() - wide
        self.header.setGeometry(left, view.top() - high, view.width() + wide, high)
        side = view.right() + 1 if mirrored else view.left() - wide
        self.ruler.setGeometry(side, view.top(), wide, view.height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if hasattr(self, "scene") and event.type() in (
            QEvent.Type.LayoutDirectionChange,
            QEvent.Type.FontChange,
        ):
            self._place_children()
            self._rebuild()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.canvas.ratio != self.viewport().devicePixelRatioF():
            self._renew_picture()
        picture = self.canvas.picture()
        painter = QPainter(self.viewport())
        painter.drawPixmap(0, 0, picture)
        self._paint_over(painter, event.region())
        painter.end()

    def _paint_over(self, painter: QPainter, region: QRegion) -> None:
        """A hook: paint what lies over the picture, in viewport coordinates."""

    def sizeHint(self) -> QSize:
        return QSize(900, 640)

    def item_rect(self, item: Item) -> QRect:
        """Where an item is, in viewport coordinates."""
        return QRect(item.x, item.y, item.w, item.h).translated(-self.offset)


def _difference(before: Layout, after: Layout, touched: frozenset[int]) -> list[QRect]:
    """The content rectangles in which two layouts of one grid differ."""
    out: list[QRect] = []
    for key in before.by_key.keys() | after.by_key.keys():
        old, new = before.by_key.get(key, ()), after.by_key.get(key, ())
        if (
            key not in touched
            and len(old) == len(new)
            and all(
                a.rect == b.rect and (a.card is b.card or a.card == b.card)
                for a, b in zip(old, new, strict=True)
            )
        ):
            continue
        out += [QRect(*item.rect) for item in (*old, *new)]
    return out
