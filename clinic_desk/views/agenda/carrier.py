"""Selection and carrying: what a gesture does to the calendar, and what leaves it at a drop."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtGui import (
    QPainter,
    QRegion,
)
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views.agenda import ghost as ghosts
from clinic_desk.views.agenda import label as labels
from clinic_desk.views.agenda import overlay
from clinic_desk.views.agenda.edges import Edges
from clinic_desk.views.agenda.gestures import Gestures
from clinic_desk.views.agenda.glide import Glide
from clinic_desk.views.agenda.grip import Mode, ghost_lines
from clinic_desk.views.agenda.hover import Badge
from clinic_desk.views.agenda.judge import Judge, Snapshot, wish_for
from clinic_desk.views.agenda.layout import Card, key_of
from clinic_desk.views.agenda.pointer import Pointer
from clinic_desk.views.agenda.selecting import Selecting

WARM_MS = 250
VEIL_MS = 4
"""Pause between two columns when the places are hatched where a card cannot go."""


class Carrier(Selecting):
    """A sheet whose cards can be selected, carried and dropped; see ``AgendaBoard``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._alive = False
        super().__init__(parent)
        self.snapshot: Snapshot | None = None
        self.gestures = Gestures(self)
        self.edges = Edges(self, self._scrolled_under, self._turned)
        self.glide = Glide(self)
        self._pointer = Pointer(self)
        self._badge: Badge | None = None
        self._veil = QTimer(self)
        self._veil.setInterval(VEIL_MS)
        self._veil.timeout.connect(self._veil_more)
        self._warm = QTimer(self)
        self._warm.setSingleShot(True)
        self._warm.setInterval(WARM_MS)
        self._warm.timeout.connect(self._warm_up)
        self._alive = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)

    # What the shell says

    def set_occupancy(self, snapshot: Snapshot | None) -> None:
        """The whole organisation's taken time, for reasons that the loaded cards do not tell."""
        self.snapshot = snapshot

    def settle(self, card: AppointmentCard) -> None:
        """*card* was stored: its present version replaces what is shown of it."""
        self.model.settle(card)

    def take_back(self, appointment_id: int) -> None:
        """The move of this visit was refused: it glides back to where it stood."""
        before = [QRect(*item.rect) for item in self.layout_.by_key.get(appointment_id, [])]
        self.model.take_back(appointment_id)
        after = [QRect(*item.rect) for item in self.layout_.by_key.get(appointment_id, [])]
        if before and after and before[0] != after[0]:
            self.glide.start(self.layout_.by_key[appointment_id][0], before[0], after[0])

    # What gestures ask and tell

    @property
    def drag_card(self) -> Card | None:
        """The card in the air, by mouse or by keyboard."""
        return self.gestures.card

    def is_outside(self, pos: QPoint) -> bool:
        """Whether a viewport point lies outside the whole calendar, headings and hours included."""
        return not self.rect().contains(self.viewport().mapTo(self, pos))

    def lifted_changed(self) -> None:
        """A card was picked up or put down: its place is painted anew, nothing else."""
        self.lift()
        self.hover.hide()
        self.viewport().update(self.cursor_rect().adjusted(-3, -4, 3, 4))
        if self.gestures.busy:
            self._veil.start()
            self.drag_started.emit(self.gestures.card)
            return
        self._veil.stop()
        self.edges.stop()
        self.viewport().update()
        if self._badge is not None:
            self._badge.hide()
        self.drag_ended.emit()

    def lift(self) -> None:
        """Paint the carried card's own place pale, or, of a copy, as it stands."""
        before, card = self.lifted, self.gestures.card
        self.lifted = None if card is None or self.gestures.copy else key_of(card)
        if self.lifted == before:
            return
        self.scene.work = self.scene.work._replace(lifted=self.lifted)
        touched = [
            i for key in (before, self.lifted) for i in self.layout_.by_key.get(key or 0, ())
        ]
        self._refresh([QRect(*item.rect) for item in touched])

    def _warm_up(self) -> None:
        """Fetch in a quiet moment what the first frame of a drag would wait for."""
        self.model.ready()
        card = next(iter(self.model.cards), None)
        if card is not None and self.grid.columns and not self.gestures.busy:
            wish = wish_for(card, card.span, self.grid.columns[0])
            Judge(self.model, self.zone, self.snapshot).reasons(wish)
            lines = ghost_lines(wish, self.model.catalogue, card.time_zone, self.zone)
            labels.label(lines, (), 0, self.scene.work.faces, copy=False)

    def _veil_more(self) -> None:
        """Hatch one more column where the carried card cannot go."""
        index = self.gestures.find_forbidden()
        if index < 0:
            self._veil.stop()
            return
        left, right = self.grid.edges(index)
        strip = QRect(left - self.offset.x(), 0, right - left, self.viewport().height())
        self.viewport().update(strip)

    def carried_to(self, pos: QPoint) -> None:
        """The pointer of a drag is at a viewport point."""
        at, card = self.viewport().mapToGlobal(pos), self.gestures.card
        if self.gestures.mode is not Mode.MOVE or card is None:
            return
        if self.is_outside(pos):
            if self._badge is None:
                self._badge = Badge(self.window())
            self._badge.follow(card, at, hidden_name=self.initials)
        elif self._badge is not None:
            self._badge.hide()
        self.drag_moved.emit(at)

    def ghost_moved(self, before: ghosts.Ghost | None, after: ghosts.Ghost | None) -> None:
        """Repaint what the ghost left and what it entered."""
        region = QRegion()
        for one in (before, after):
            if one is not None:
                region += one.box.translated(-self.offset).adjusted(-2, -2, 2, 2)
                region += self.label_rect(one).adjusted(-1, -1, 1, 1)
        self.viewport().update(region)
        if after is not None and self.gestures.by_keys:
            self.reveal(after.box)

    def ghost_spoken(self) -> None:
        """Say where the ghost is and why it may not stay there."""
        ghost = self.gestures.ghost
        if ghost is not None:
            self.say(" ".join([", ".join(ghost.lines) + ".", *ghost.reasons]))

    def say(self, text: str) -> None:
        """Tell a screen reader."""
        self.spoken.emit(text)
        self.access.announce(text)

    def label_rect(self, ghost: ghosts.Ghost) -> QRect:
        """Where the label of a ghost stands, in viewport pixels."""
        if ghost.label is None:
            return QRect()
        box = ghost.box.translated(-self.offset)
        return labels.place(ghost.label, box, ghost.at, self.viewport().rect())

    def _scrolled_under(self) -> None:
        self.gestures.follow(self._pointer.modifiers)
        self.viewport().update()

    def _turned(self, side: int) -> None:
        self.period_wanted.emit(-side if self.grid.mirrored else side)

    def _laid_out(self) -> None:
        if not self._alive:
            return
        if self.gestures.busy:
            self.gestures.regrid()
            self._veil.start()
        elif self.cursor_.key is not None and self.cursor_.key not in self.layout_.by_key:
            self.cursor_.key = None
            self.cursor_moved(reveal=False)
        else:
            self.tell_selection()
        self.access.items_changed()

    def _data_changed(self) -> None:
        super()._data_changed()
        if self._alive:
            self._warm.start()

    def _paint_over(self, painter: QPainter, region: QRegion) -> None:
        overlay.paint(self, painter, region)

    # Intentions

    def drop(self) -> bool:
        """Let go of what is carried: one intention leaves. False where nothing changes."""
        gestures = self.gestures
        mode, ghost, copy, grip = gestures.mode, gestures.ghost, gestures.copy, gestures.grip
        wish = gestures.drop()
        if wish is None or ghost is None:
            return False
        if mode is Mode.SWEEP:
            self.proposal = (ghost.column, ghost.begin, ghost.end)
            self.create_wanted.emit(wish.span, wish.provider_id, wish.operatory_id)
            return True
        card: Any = grip.card if grip else None
        if copy:
            self.copy_wanted.emit(card, wish.span, wish.provider_id, wish.operatory_id)
            return True
        if not self.grid.exists(ghost.column, ghost.begin):  # nobody may set this aside
            self.say(" ".join(ghost.reasons))
            return False
        if isinstance(card, AppointmentCard):
            self.model.set_pending(card, wish.span, wish.provider_id, wish.operatory_id)
        if ghost.legal:
            self.say(_("Moved to {place}").format(place=", ".join(ghost.lines)))
        self.move_wanted.emit(card, wish.span, wish.provider_id, wish.operatory_id)
        return True

    def cancel(self) -> bool:
        """Give up what is under way, everything is as it was; whether there was anything."""
        if not self.gestures.cancel():
            return False
        self.say(_("Put back"))
        return True
