"""The messages of one page of the outbox as rows. Asks nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor

from clinic_desk.i18n import _, pgettext
from clinic_desk.services.outbox import LineCard
from clinic_desk.views import theme, words
from clinic_desk.views.desk import Desk
from clinic_desk.views.rows import AnyIndex, Rows

STATE, KIND, PATIENT, RECIPIENT, WHEN = range(5)

_TONES = {
    "failed": "state.error",
    "waiting": "state.warning",
    "sending": "state.warning",
    "withdrawn": "text.faint",
}


_UNSENT = ("waiting", "failed")


def state_text(state: str) -> str:
    """What a state is called."""
    return {
        "waiting": _("Waiting"),
        "sending": _("Being sent"),
        "sent": _("Sent"),
        "failed": _("Failed"),
        "withdrawn": _("Withdrawn"),
    }[state]


def when_text(line: LineCard, zone: str) -> str:
    """When a message left or will leave, else when it was written."""
    at = line.sent_at if line.state == "sent" else None
    if at is None:
        at = line.due_at if line.state in ("waiting", "sending") else line.created_at
    if at is None:
        return ""
    day = words.day_short(words.wall(at, zone).date())
    return _("{day}, {times}").format(day=day, times=words.clock(at, zone))


def state_since(line: LineCard, zone: str, *, whole: bool = False) -> str:
    """The state, and of what did not leave yet since when: the time of today, else the day, or
    both where the *whole* is told.
    """
    if line.state not in _UNSENT or line.created_at is None:
        return state_text(line.state)
    day, time = words.wall(line.created_at, zone).date(), words.clock(line.created_at, zone)
    since = time if day == words.today(zone) else words.day_short(day)
    if whole:
        since = _("{day}, {times}").format(day=words.day_short(day), times=time)
    if line.state == "failed":
        return _("Failed, unsent since {time}").format(time=since)
    return _("Waiting since {time}").format(time=since)


class OutboxModel(Rows):
    """Attributes:
    lines: those of the page, the newest first.
    """

    def __init__(self, zone: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self.lines: list[LineCard] = []

    def set_lines(self, lines: Sequence[LineCard]) -> bool:
        """Show these; False where they are the same messages, so that what is chosen stays."""
        new = list(lines)
        if [one.id for one in new] == [one.id for one in self.lines]:
            self.lines = new
            if new:
                self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, WHEN))
            return False
        self.beginResetModel()
        self.lines = new
        self.endResetModel()
        return True

    def follow(self, desk: Desk) -> None:
        """Show times in the zone of *desk*, for as long as there is a table."""
        self._desk = desk
        desk.zone_changed.connect(self._zone_changed)

    def _zone_changed(self) -> None:
        self.set_zone(self._desk.zone)

    def set_zone(self, zone: str) -> None:
        """Show times in this zone."""
        self.beginResetModel()
        self._zone = zone
        self.endResetModel()

    def _heads(self) -> Sequence[str]:
        return (_("State"), _("Message"), _("Patient"), pgettext("recipient", "To"), _("When"))

    def _in_rows(self) -> Sequence[LineCard]:
        return self.lines

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line, column = self.lines[index.row()], index.column()
        spoken = Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole
        if column == STATE and role in spoken:
            since = state_since(line, self._zone, whole=True)
            told = trouble_text(line, self._zone) if role == Qt.ItemDataRole.ToolTipRole else ""
            return "\n".join(filter(None, [since, told]))
        if role == Qt.ItemDataRole.DisplayRole or role in spoken:
            return self._text(line, column)
        coloured = line.state in _TONES and (column == STATE or line.state == "withdrawn")
        if role == Qt.ItemDataRole.ForegroundRole and coloured:
            return QColor(theme.colour(_TONES[line.state]))
        return None

    def _text(self, line: LineCard, column: int) -> str:
        if column == STATE:
            return state_since(line, self._zone)
        if column == KIND:
            return _(line.kind_name)
        if column == PATIENT:
            return words.isolated(line.patient_name) or "—"
        if column == RECIPIENT:
            return words.isolated(line.recipient)
        return when_text(line, self._zone)


def trouble_text(line: LineCard, zone: str) -> str:
    """Why a message did not go out, with a way out; empty where nothing is told."""
    told = line.trouble
    parts = [words.filled(text, told.params, zone) for text in (told.message, told.way_out) if text]
    return " ".join(parts)
