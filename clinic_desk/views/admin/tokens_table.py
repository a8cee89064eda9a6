"""The list of tokens: which program, what it may do, since when, and when it last asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor

from clinic_desk.i18n import _
from clinic_desk.services.tokens import TokenCard
from clinic_desk.views import theme, words
from clinic_desk.views.rows import AnyIndex, Rows


def scope_line(scope: str) -> str:
    """One plain line of what a scope lets a program do."""
    lines = {
        "catalogue:read": _("See the appointment types, locations, providers and rooms"),
        "patients:read": _("Find patients, and read their birth date, phone and email"),
        "patients:write": _("Register new patients; find and read all of them"),
        "availability:read": _("See which times are free, and nothing about who has the others"),
        "appointments:read": _("Read all appointments, with patient and notes"),
        "appointments:write": _("Book, move, change and cancel appointments; read all of them"),
    }
    return lines.get(scope, scope)


def scope_told(scope: str) -> str:
    """What a scope lets a program do, and after it how programs call it."""
    line = scope_line(scope)
    if line == scope:
        return words.isolated(scope)
    return _("{words} ({name})").format(words=line, name=words.isolated(scope))


def moment(at: datetime, zone: str) -> str:
    """Day and time of an instant on the wall in *zone*, short."""
    day = words.day_numbers(words.wall(at, zone).date())
    return words.isolated(_("{day}, {times}").format(day=day, times=words.clock(at, zone)))


def state(card: TokenCard) -> str:
    """Whether a token holds."""
    return _("active") if card.revoked_at is None else _("withdrawn")


def last_used(card: TokenCard) -> str:
    """How long ago the program asked for something."""
    return words.ago(card.last_used_at) if card.last_used_at is not None else _("never")


class TokensModel(Rows):
    """Program, scopes, made, last used, state; what was withdrawn stands in fainter letters."""

    PROGRAM, SCOPES, MADE, USED, STATE = range(5)

    def __init__(self, zone: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._all: tuple[TokenCard, ...] = ()
        self._withdrawn = True
        self.shown: list[TokenCard] = []

    @property
    def total(self) -> int:
        """How many there are, also those that are not shown."""
        return len(self._all)

    def set_cards(self, cards: Sequence[TokenCard], zone: str) -> None:
        """Show these, with times in *zone*."""
        self._all, self._zone = tuple(cards), zone
        self._sift()

    def sift(self, *, withdrawn: bool) -> None:
        """Show those that were withdrawn as well, or not."""
        self._withdrawn = withdrawn
        self._sift()

    def _sift(self) -> None:
        self.beginResetModel()
        self.shown = [one for one in self._all if self._withdrawn or one.revoked_at is None]
        self.endResetModel()

    def _heads(self) -> Sequence[str]:
        return (_("Program"), _("It may"), _("Made"), _("Last used"), _("State"))

    def _in_rows(self) -> Sequence[TokenCard]:
        return self.shown

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        card = self.shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(card, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(map(scope_told, card.scopes))
        if role == Qt.ItemDataRole.ForegroundRole and card.revoked_at is not None:
            return QColor(theme.colour("text.faint"))
        return None

    def _text(self, card: TokenCard, column: int) -> str:
        if column == self.PROGRAM:
            return words.isolated(card.name)
        if column == self.SCOPES:
            return _("; ").join(map(scope_line, card.scopes))
        if column == self.MADE:
            return words.day_numbers(words.wall(card.created_at, self._zone).date())
        return last_used(card) if column == self.USED else state(card)
