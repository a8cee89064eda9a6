"""The card that says all it knows, shown while the pointer rests; and the badge of a drag."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard, EventCard
from clinic_desk.views import theme, words
from clinic_desk.views.agenda.card_painting import initials
from clinic_desk.views.agenda.ghost import mark
from clinic_desk.views.agenda.layout import Card
from clinic_desk.views.agenda.sheet import Sheet
from clinic_desk.views.widgets import named

WIDTH = 300


class HoverCard(QFrame):
    """All data of one card, beside it; goes away by itself with the pointer."""

    def __init__(self, board: Sheet) -> None:
        super().__init__(board)
        self.setWindowFlags(Qt.WindowType.ToolTip)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        named(self, "agenda-hover")
        self._board = board
        self._stripe = QColor()
        self._text = named(QLabel(self), "agenda-hover-text")
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setWordWrap(True)
        self._text.setFixedWidth(WIDTH)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(18, 10, 12, 10)
        inside.addWidget(self._text)

    @property
    def text(self) -> str:
        """What it says now, as rich text."""
        return self._text.text()

    def show_for(self, card: Card, beside: QRect) -> None:
        """Say what is known of *card*, next to *beside* (the board's viewport pixels)."""
        self._stripe = mark(card)
        self._text.setText(self.told(card))
        self._text.setStyleSheet(f"color: {theme.colour('text').name()};")
        self.adjustSize()
        view = self._board.viewport()
        screen = self._board.screen().availableGeometry()
        right = view.mapToGlobal(QPoint(beside.right() + 8, beside.top()))
        left = view.mapToGlobal(QPoint(beside.left() - 8 - self.width(), beside.top()))
        place = right if right.x() + self.width() <= screen.right() else left
        place.setY(max(min(place.y(), screen.bottom() - self.height()), screen.top()))
        place.setX(max(place.x(), screen.left()))
        self.move(place)
        self.show()

    def told(self, card: Card) -> str:
        """The rich text of *card*."""
        rows: list[str] = []

        def row(text: str, meaning: str = "text", *, strong: bool = False, size: int = 0) -> None:
            if text:
                style = f"color:{theme.colour(meaning).name()};"
                style += "font-weight:600;" if strong else ""
                style += f"font-size:{size}px;" if size else ""
                rows.append(f'<div style="{style}">{escape(text)}</div>')

        if isinstance(card, EventCard):
            row(card.title, strong=True, size=15)
            row(words.when_there(card.span, card.time_zone, self._board.zone))
            row(self._board.scene.work.names.get(card.resource_id, ""))
            row(_("Calendar event"), "text.faint")
            return "".join(rows)
        name = initials(card.patient_name) if self._board.initials else card.patient_name
        row(words.isolated(name), strong=True, size=15)
        if not self._board.initials:
            row(words.born(card.patient_born), "text.faint")
            row(card.patient_alert, "state.error", strong=True)
        told = words.visit_when(card, self._board.zone)
        row(_("{time} · {length}").format(time=told, length=words.length(card.span.minutes)))
        row("" if card.busy else f"{card.type.code} · {card.type.name}")
        row(words.place(card))
        row(" · ".join(_status_words(card)), "text.soft", strong=True)
        if not self._board.initials:
            row(card.main_problem, "text.soft")
            row(card.notes, "text.soft")
            row(card.reason, "text.soft")
        return "".join(rows)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour("border.strong"))
        painter.setBrush(theme.colour("surface.raised"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 7, 7)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._stripe)
        x = self.width() - 12 if self.isRightToLeft() else 6
        painter.drawRoundedRect(x, 10, 5, self.height() - 20, 2, 2)


def _status_words(card: AppointmentCard) -> list[str]:
    out = [words.status(card.status)]
    if card.in_room_at is not None and card.completed_at is None:
        out[0] = _("In the room")
    if card.overbooked:
        out.append(_("overbooked"))
    if card.series_id is not None:
        out.append(_("one of a series"))
    if card.origin.value != "desk":
        out.append(_("booked by {face}").format(face=words.origin(card.origin)))
    return out


class Badge(QLabel):
    """A small card that goes with the pointer while a drag is outside the calendar."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        named(self, "agenda-drag-badge")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.hide()

    def follow(self, card: Card, at: QPoint, *, hidden_name: bool) -> None:
        """Show *card* at a global point of its window."""
        text = card.title if isinstance(card, EventCard) else card.patient_name
        if isinstance(card, AppointmentCard):
            name = initials(text) if hidden_name else text
            text = f"{card.type.code}  {name}"
        stripe, back = mark(card).name(), theme.colour("surface.raised").name()
        self.setText(text)
        self.setStyleSheet(
            f"background: {back}; color: {theme.colour('text').name()}; padding: 4px 8px;"
            f"border: 1px solid {theme.colour('border.strong').name()};"
            f"border-left: 6px solid {stripe}; border-radius: 4px;"
        )
        self.adjustSize()
        self.move(self.window().mapFromGlobal(at) + QPoint(12, 12))
        self.raise_()
        self.show()
