"""Visits put aside while their new time is looked for. They keep their old time till placed.

New visits wait here too (:mod:`clinic_desk.views.pinned_wish`), until they have found a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QTableView,
    QWidget,
)

from clinic_desk.i18n import _, ngettext
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import unseen, words
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.pinboard_list import CardRole, PinboardTableModel, PinDelegate
from clinic_desk.views.pinned_wish import FIRST, PinnedWish, read, wish_of
from clinic_desk.views.to_pinboard import on_pinboard
from clinic_desk.views.widgets import column, label, named, restyle, row, tool

if TYPE_CHECKING:
    from clinic_desk.views.booking.draft import Draft

SETTING = "pinboard"
HEIGHT = 40


class Pinboard(QWidget):
    """Signals:
    place_wanted(AppointmentCard): the user wants to choose a place for it by keyboard.
    dragged(AppointmentCard, QPoint): it is being dragged over the screen.
    dropped(AppointmentCard, QPoint): it was let go there.
    shown(AppointmentCard): show it in the details.
    """

    place_wanted = Signal(object)
    dragged = Signal(object, QPoint)
    dropped = Signal(object, QPoint)
    shown = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "pinboard", _("Pinboard"), role="pinboard")
        self._desk = desk
        self._pressed: tuple[AppointmentCard, QPoint] | None = None
        self._dragging = False
        self._loaded = False
        self.model = PinboardTableModel(desk, self)
        self.title = label(_("Pinboard"), "pinboard-title", role="strong")
        self.back = tool(
            "✕",
            "pinboard-return",
            tip=_("Take off the pinboard: it stays at its old time"),
        )
        self.back.clicked.connect(self._return_current)
        self.hint = label(
            _("Drop a visit here to carry it to another week."),
            "pinboard-hint",
            role="hint",
            wrap=True,
        )
        self.table = named(QTableView(), "pinboard-list", _("Pinned visits"))
        self.table.setModel(self.model)
        self.table.setItemDelegate(PinDelegate(desk, self.table))
        self.table.setShowGrid(False)
        self.table.setFrameShape(QTableView.Shape.NoFrame)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(HEIGHT)
        self.table.horizontalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.viewport().installEventFilter(self)
        self.table.installEventFilter(self)
        self.table.selectionModel().currentChanged.connect(self._current_changed)
        self.setLayout(column(row(self.title, 1, self.back), self.hint, self.table, gap=4))
        desk.deeds_happened.connect(self._deeds_happened)
        self._retitle()

    @property
    def cards(self) -> Sequence[AppointmentCard]:
        """The pinned visits, in the order of pinning."""
        return tuple(self.model.cards)

    def load(self) -> None:
        """Bring back what this user had pinned when the program was closed."""
        self._desk.background.read(
            _stored, self._desk.actor, done=self._restored, ticket=("pins", id(self))
        )

    def _restored(self, cards: Sequence[AppointmentCard]) -> None:
        """What was pinned meanwhile comes after what was stored."""
        known = {card.id for card in cards}
        lowest = min([FIRST, *known])
        since = [
            replace(card, id=card.id - FIRST + lowest) if card.id < 0 else card
            for card in self.model.cards
            if (card.id not in known if card.id > 0 else not self._loaded)
        ]
        self._loaded = True
        self._show([*cards, *since])
        if since:
            self._store()

    def pin(self, card: AppointmentCard) -> None:
        """Put a visit aside; it stays booked where it is."""
        if unseen.refused(self._desk, card):
            return
        if card.id not in {one.id for one in self.model.cards}:
            self._show([*self.model.cards, card])
            self._store()
        self._desk.say(on_pinboard(card))

    def pin_wish(self, draft: Draft) -> None:
        """Put what is known of a new visit aside; nothing is booked or held."""
        number = min([FIRST, *(card.id for card in self.model.cards)]) - 1
        card = wish_of(self._desk.catalogue, draft, number)
        if card is None:
            self._desk.say(_("There is no service that it could be for."))
            return
        self._show([*self.model.cards, card])
        self._store()
        self._desk.say(
            _("{patient} is on the pinboard. Drop it on a free time to book it.").format(
                patient=words.isolated(card.name)
            )
        )

    def unpin(self, card_id: int) -> None:
        """Take a visit off the pinboard."""
        left = [one for one in self.model.cards if one.id != card_id]
        if len(left) != len(self.model.cards):
            self._show(left)
            self._store()

    def set_target(self, on: bool) -> None:
        """Show that a visit dragged here would be pinned."""
        restyle(self, target=on)

    def holds(self, where: QPoint) -> bool:
        """Whether a point of the screen lies on the pinboard."""
        return self.isVisible() and self.rect().contains(self.mapFromGlobal(where))

    def current(self) -> AppointmentCard | None:
        """The visit of the current line, if there is one."""
        card = self.table.currentIndex().data(CardRole)
        return card if isinstance(card, AppointmentCard) else None

    def _show(self, cards: Iterable[AppointmentCard]) -> None:
        self.model.set_cards(cards)
        self._retitle()

    def _retitle(self) -> None:
        count = len(self.model.cards)
        text = ngettext("Pinboard ({count})", "Pinboard ({count})", count).format(count=count)
        self.title.setText(text if count else _("Pinboard"))
        self.hint.setVisible(not count)
        self.table.setVisible(bool(count))
        self.table.setFixedHeight(min(count, 4) * HEIGHT + 4)
        self.back.setVisible(bool(count))

    def _store(self) -> None:
        if not self._loaded:  # what was stored before must not be lost; it is on its way
            return
        from clinic_desk.services import settings

        kept = [c.stored() if isinstance(c, PinnedWish) else c.id for c in self.model.cards]
        self._desk.background.write(settings.put, self._desk.actor, SETTING, kept)

    def _deeds_happened(self, changes: frozenset[Change]) -> None:
        """A pinned visit that somebody changed is shown as it is now."""
        asked = [card.id for card in self.model.cards if not isinstance(card, PinnedWish)]
        if EVERYTHING not in changes and not {("appointment", n) for n in asked} & changes:
            return
        if not self._loaded:
            self.load()
        elif asked:
            self._desk.background.read(
                _present, self._desk.actor, asked, done=self._renewed, ticket=("pins", id(self))
            )

    def _renewed(self, found: tuple[Sequence[int], list[AppointmentCard]]) -> None:
        """What was pinned or taken off while they were read stays pinned, or off."""
        asked, cards = found
        now = {card.id: card for card in cards}
        kept = [card for card in self.model.cards if card.id in now or card.id not in asked]
        self._show([now.get(card.id, card) for card in kept])

    def _current_changed(self, index: QModelIndex) -> None:
        card = index.data(CardRole)
        if card is not None and not isinstance(card, PinnedWish):
            self.shown.emit(card)

    def _return_current(self) -> None:
        card = self.current() or (self.model.cards[-1] if self.model.cards else None)
        if card is not None:
            self.unpin(card.id)

    def placed(self, card: AppointmentCard) -> None:
        """It has found its new time."""
        self.unpin(card.id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Dragging off the board, and its keys."""
        if watched is self.table and isinstance(event, QKeyEvent):
            return event.type() == QEvent.Type.KeyPress and self._key(event)
        if watched is self.table.viewport() and isinstance(event, QMouseEvent):
            return self._mouse(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        card = self.current()
        if card is None:
            return False
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.place_wanted.emit(card)
            return True
        if event.key() == Qt.Key.Key_Delete:
            self.unpin(card.id)
            return True
        if event.key() == Qt.Key.Key_Escape and self._dragging:
            self._dragging, self._pressed = False, None
            self.dropped.emit(card, QPoint(-1, -1))
            return True
        return False

    def _mouse(self, event: QMouseEvent) -> bool:
        where = event.globalPosition().toPoint()
        if event.type() == QEvent.Type.MouseButtonPress:
            card = self.table.indexAt(event.position().toPoint()).data(CardRole)
            self._pressed = (card, where) if isinstance(card, AppointmentCard) else None
        elif event.type() == QEvent.Type.MouseMove and self._pressed is not None:
            card, start = self._pressed
            far = (where - start).manhattanLength() >= QApplication.startDragDistance()
            if self._dragging or far:
                self._dragging = True
                self.dragged.emit(card, where)
                return True
        elif event.type() == QEvent.Type.MouseButtonRelease:
            pressed, self._pressed = self._pressed, None
            if self._dragging and pressed is not None:
                self._dragging = False
                self.dropped.emit(pressed[0], where)
                return True
        return False


def _present(actor: Any, ids: Sequence[int]) -> tuple[Sequence[int], list[AppointmentCard]]:
    """The visits asked for, and them as they are now; those that are over are left out."""
    from clinic_desk.rules.errors import NotFound
    from clinic_desk.rules.lifecycle import HOLDING
    from clinic_desk.services import diary

    found = []
    for number in ids:
        try:
            card = diary.appointment(actor, number)
        except NotFound:
            continue
        if card.status in HOLDING and not card.busy:
            found.append(card)
    return ids, found


def _stored(actor: Any) -> list[AppointmentCard]:
    from clinic_desk.services import settings

    kept = settings.get(actor, SETTING, []) or []
    visits = {c.id: c for c in _present(actor, [n for n in kept if isinstance(n, int)])[1]}
    found: list[AppointmentCard] = []
    for number, one in enumerate(kept, 1):
        card = read(actor, one, FIRST - number) if isinstance(one, dict) else visits.get(one)
        if card is not None:
            found.append(card)
    return found
