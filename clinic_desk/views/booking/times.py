"""The times of a day: those that can be booked, and the others with every reason against them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.offer_cards import Seat, TimeOffer
from clinic_desk.views import theme, words
from clinic_desk.views.booking.draft import span_of
from clinic_desk.views.mini_month import AnyIndex
from clinic_desk.views.widgets import named

PADDING = 10
"""Pixels of a line beside its text."""

OfferRole = Qt.ItemDataRole.UserRole + 1


def where(catalogue: Catalogue, seats: Sequence[Seat], *, with_place: bool) -> str:
    """ "Dr Chen · Room 2", for all services of a visit, each name once."""
    names: list[str] = []
    for seat in seats:
        provider = catalogue.providers.get(seat.provider_id)
        if provider is not None:  # this desk may not have heard of somebody new yet
            names.append(provider.name)
        room = catalogue.operatories.get(seat.operatory_id or 0)
        if room is not None:
            names.append(room.name)
    place = catalogue.locations.get((seats[0].location_id if seats else None) or 0)
    if with_place and place is not None:
        names.append(place.name)
    return " · ".join(words.isolated(name) for name in dict.fromkeys(names))


class TimesModel(QAbstractListModel):
    """The offers of one day; decides nothing."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.offers: tuple[TimeOffer, ...] = ()
        self._catalogue: Catalogue | None = None
        self._zone = "UTC"
        self._with_place = False
        self.chosen: Seat | None = None

    def set_offers(
        self, offers: Sequence[TimeOffer], catalogue: Catalogue, zone: str, *, with_place: bool
    ) -> None:
        """Show these times of a day in *zone*; each is told by the clock of its location."""
        self.beginResetModel()
        self.offers = tuple(offers)
        self._catalogue, self._zone, self._with_place = catalogue, zone, with_place
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self.offers)

    def is_chosen(self, offer: TimeOffer) -> bool:
        """Whether it is the time that was taken before."""
        return bool(offer.seats) and offer.seats[0] == self.chosen

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """What cannot be booked can be read, by the keyboard too."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        offer = self.offers[index.row()]
        if role == OfferRole:
            return offer
        if role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return self._text(offer)
        if role == Qt.ItemDataRole.ForegroundRole and not offer.bookable:
            return QColor(theme.colour("text.faint"))
        if role == Qt.ItemDataRole.FontRole and self.is_chosen(offer):
            font = QFont()
            font.setBold(True)
            return font
        return None

    def _text(self, offer: TimeOffer) -> str:
        if not offer.bookable:
            told = " ".join(words.reason(c, self._zone) for c in offer.reasons)
            return _("{time}  Unavailable. {reasons}").format(
                time=words.clock(offer.starts_at, self._zone), reasons=told
            )
        assert self._catalogue is not None
        text = _("✓ {times}  {where}") if self.is_chosen(offer) else _("{times}  {where}")
        span, begins = span_of(offer.seats), offer.starts_at
        there = self._catalogue.time_zone(offer.seats[0].location_id)
        days = (words.wall(begins, zone).date() for zone in (there, self._zone))
        tell = words.times_there if len(set(days)) == 1 else words.when_there
        return text.format(
            times=tell(span, there, self._zone),
            where=where(self._catalogue, offer.seats, with_place=self._with_place),
        )


class TimesDelegate(QStyledItemDelegate):
    """Gives each line a height that can be hit, and a frame to where the keys are."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """As high as its text, and room around it."""
        size = super().sizeHint(option, index)
        return QSize(size.width(), size.height() + PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """The line as ever; what Enter would take has a frame, chosen or not."""
        super().paint(painter, option, index)
        times = self.parent()
        if isinstance(times, QListView) and times.hasFocus() and times.currentIndex() == index:
            painter.save()
            painter.setPen(QPen(QColor(theme.colour("focus")), 1.5))
            painter.drawRect(QRectF(option.rect).adjusted(1, 1, -1, -1))
            painter.restore()


class TimesList(QListView):
    """Signals:
    chosen(TimeOffer): a time that can be booked was picked.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "booking-times", _("Times of the day"))
        self.times = TimesModel(self)
        self.setModel(self.times)
        self.setItemDelegate(TimesDelegate(self))
        self.setWordWrap(True)
        self.setSpacing(1)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.clicked.connect(self._take)

    def renew(
        self, offers: Sequence[TimeOffer], catalogue: Catalogue, zone: str, *, with_place: bool
    ) -> None:
        """Show these times; of the same day, whoever walks them stays where they are."""
        if tuple(offers) == self.times.offers:
            return
        before = self.currentIndex().data(OfferRole)
        scrolled = self.verticalScrollBar().value()
        self.times.set_offers(offers, catalogue, zone, with_place=with_place)
        same = [n for n, o in enumerate(offers) if before and o.starts_at == before.starts_at]
        self.set_chosen(self.times.chosen, same[0] if same else None)
        if same:
            self.verticalScrollBar().setValue(scrolled)

    def set_chosen(self, seat: Seat | None, row: int | None = None) -> None:
        """Mark the time that is taken, if it is of this day; *row* is the line to be at else,
        where the keys begin: it does not look as if it were chosen.
        """
        self.times.chosen = seat
        offers = self.times.offers
        taken = next((n for n, offer in enumerate(offers) if self.times.is_chosen(offer)), None)
        row = taken if taken is not None else row
        if row is None:
            row = next((n for n, offer in enumerate(offers) if offer.bookable), 0)
        how = QItemSelectionModel.SelectionFlag
        mark = how.ClearAndSelect if taken is not None else how.Clear
        self.selectionModel().setCurrentIndex(self.times.index(row), mark)
        if self.times.rowCount():
            self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)
        self.viewport().update()

    def _take(self, index: QModelIndex) -> None:
        offer = index.data(OfferRole)
        if isinstance(offer, TimeOffer) and offer.bookable:
            self.chosen.emit(offer)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._take(self.currentIndex())
        else:
            super().keyPressEvent(event)
