"""The lists of webhooks and of their calls, and the words for what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor

from clinic_desk.i18n import _, ngettext
from clinic_desk.services.outbox import Trouble
from clinic_desk.services.webhooks import ACTIVE, STOPPED, CallCard, WebhookCard
from clinic_desk.views import theme, words
from clinic_desk.views.admin.tokens_table import moment
from clinic_desk.views.rows import AnyIndex, Rows

C = TypeVar("C", WebhookCard, CallCard)


def event_line(event: str) -> str:
    """What happened, as a person says it."""
    lines = {
        "appointment.created": _("An appointment was booked or requested"),
        "appointment.updated": _("An appointment was moved or changed, or came one step further"),
        "appointment.cancelled": _("An appointment was cancelled, or a request declined"),
        "appointment.deleted": _("An appointment was removed"),
        "patient.created": _("A patient was registered"),
        "patient.updated": _("A patient’s data were changed"),
        "patient.merged": _("A patient was merged into another one"),
        "patient.deleted": _("A patient was removed"),
        "webhook.test": _("A test"),
    }
    return lines.get(event, event)


def state_text(card: WebhookCard) -> str:
    """Whether a webhook is called."""
    if card.state == STOPPED:
        return _("stopped by the program")
    if card.state != ACTIVE:
        return _("paused")
    return _("active") if card.failing_since is None else _("active, but calls fail")


def former_text(card: WebhookCard, zone: str) -> str:
    """Until when the former secret holds beside the new one; nothing where it does no more."""
    until = card.former_until
    if until is None or until <= datetime.now(UTC):
        return ""
    return _("the former secret holds until {time}").format(time=moment(until, zone))


def call_state(card: CallCard) -> str:
    """What became of a call."""
    states = {
        "waiting": _("waits"),
        "sending": _("is being made"),
        "sent": _("arrived"),
        "failed": _("failed"),
    }
    return states.get(card.state, card.state)


def trouble_text(trouble: Trouble, zone: str) -> str:
    """Why a call did not arrive, with a way out; empty where nothing is told."""
    texts = (trouble.message, trouble.way_out)
    return " ".join(words.filled(text, trouble.params, zone) for text in texts if text)


def backlog(card: WebhookCard) -> str:
    """How many calls wait and have failed."""
    parts = []
    if card.waiting:
        text = ngettext("{count} waits", "{count} wait", card.waiting)
        parts.append(text.format(count=card.waiting))
    if card.failed:
        text = ngettext("{count} failed", "{count} failed", card.failed)
        parts.append(text.format(count=card.failed))
    return _("; ").join(parts)


def last_delivery(card: WebhookCard) -> str:
    """How long ago a call arrived."""
    return words.ago(card.delivered_at) if card.delivered_at is not None else _("never")


class _Cards(Rows, Generic[C]):
    """Cards in rows; what is in trouble stands in the colour of errors."""

    def __init__(self, zone: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.zone = zone
        self.shown: tuple[C, ...] = ()

    def _in_rows(self) -> Sequence[C]:
        return self.shown

    def _texts(self, card: C) -> Sequence[str]:
        """What stands in a row."""
        raise NotImplementedError

    def _tone(self, card: C) -> str:
        """The colour of a row by its meaning; empty is the usual one."""
        raise NotImplementedError

    def set_cards(self, cards: Sequence[C], zone: str) -> None:
        """Show these, with times in *zone*; nothing happens where they are shown already."""
        if (tuple(cards), zone) != (self.shown, self.zone):
            self.beginResetModel()
            self.shown, self.zone = tuple(cards), zone
            self.endResetModel()

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        card = self.shown[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return self._texts(card)[index.column()]
        if role == Qt.ItemDataRole.ForegroundRole and (tone := self._tone(card)):
            return QColor(theme.colour(tone))
        return None


class WebhooksModel(_Cards[WebhookCard]):
    """Address, state, last delivery, calls that wait or failed."""

    ADDRESS, STATE = 0, 1

    def _heads(self) -> Sequence[str]:
        return (_("Address"), _("State"), _("Last delivery"), _("Calls"))

    def _texts(self, card: WebhookCard) -> Sequence[str]:
        return (words.isolated(card.url), state_text(card), last_delivery(card), backlog(card))

    def _tone(self, card: WebhookCard) -> str:
        if card.state == STOPPED or card.failing_since is not None:
            return "state.error"
        return "" if card.state == ACTIVE else "text.faint"


class CallsModel(_Cards[CallCard]):
    """When, what, what became of it, and why."""

    EVENT, WHY = 1, 3

    def _heads(self) -> Sequence[str]:
        return (_("When"), _("What"), _("State"), _("Why"))

    def _texts(self, card: CallCard) -> Sequence[str]:
        return (
            moment(card.created_at, self.zone),
            event_line(card.event),
            self._state(card),
            trouble_text(card.trouble, self.zone),
        )

    def _state(self, card: CallCard) -> str:
        if card.state != "waiting" or not card.tries:
            return call_state(card)
        is_today = words.wall(card.due_at, self.zone).date() == words.today(self.zone)
        at = words.clock(card.due_at, self.zone) if is_today else moment(card.due_at, self.zone)
        return _("tries again at {time}").format(time=at)

    def _tone(self, card: CallCard) -> str:
        return "state.error" if card.state == "failed" else ""
