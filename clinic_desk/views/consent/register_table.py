"""The lines of the register of consents, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor

from clinic_desk.i18n import _
from clinic_desk.services.consent_cards import ConsentCard
from clinic_desk.views import theme, words
from clinic_desk.views.consent import texts
from clinic_desk.views.rows import AnyIndex, Rows


class RegisterModel(Rows):
    """Asked, who, the other clinic, which side, state."""

    ASKED, PERSON, CLINIC, SIDE, STATE = range(5)

    def __init__(self, zone: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self.cards: tuple[ConsentCard, ...] = ()

    def set_cards(self, cards: Sequence[ConsentCard], zone: str) -> None:
        """Show these, with times in *zone*."""
        self.beginResetModel()
        self.cards, self._zone = tuple(cards), zone
        self.endResetModel()

    def _heads(self) -> Sequence[str]:
        return (_("Asked"), _("Person"), _("Other clinic"), _("Side"), _("State"))

    def _in_rows(self) -> Sequence[ConsentCard]:
        return self.cards

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        card = self.cards[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(card, index.column())
        faint = not card.can_be_withdrawn or (
            index.column() in (self.PERSON, self.CLINIC) and not card.person
        )
        if role == Qt.ItemDataRole.ForegroundRole and faint:
            return QColor(theme.colour("text.faint"))
        return None

    def _text(self, card: ConsentCard, column: int) -> str:
        unknown = _("not known yet")
        if column == self.ASKED:
            return texts.moment(card.asked_at, self._zone)
        if column == self.PERSON:
            return words.isolated(card.person) or unknown
        if column == self.CLINIC:
            return words.isolated(card.other) or unknown
        return texts.side(card) if column == self.SIDE else texts.state(card.state)
