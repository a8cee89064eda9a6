"""The imports of patients that there were: when, by whom, which file, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import QDialog, QWidget

from clinic_desk.i18n import _
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.patients import import_reading as reading
from clinic_desk.views.patients import texts
from clinic_desk.views.patients.record_tables import NOTHING, TextRows, fit, short_table
from clinic_desk.views.widgets import button, column, keep_room, label, named, row

if TYPE_CHECKING:
    from clinic_desk.services.patient_imports import ImportCard

FILE = 2


class ImportList(QDialog):
    """Reads the list when it is shown.

    Attributes:
        cards: the imports in sight, the newest first.
    """

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "imports", _("Earlier imports"))
        self.setWindowTitle(_("Earlier imports"))
        self._desk = desk
        self.cards: tuple[ImportCard, ...] = ()
        headings = (_("When"), _("Who"), _("File"), _("Imported"), _("Not imported"))
        self.rows = TextRows(headings, self)
        self.table = short_table("imports-table", _("Earlier imports"), growing=FILE)
        self.table.setModel(self.rows)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.table.activated.connect(self._open)
        self.none = label("", "imports-none", role="hint", wrap=True)
        self.detail = keep_room(label("", "imports-detail", wrap=True))
        self.place = keep_room(label("", "imports-place", role="hint", wrap=True))
        self.open_result = button(_("Open the result file"), "imports-open", self._open)
        self.close_button = button(_("Close"), "imports-close", self.reject)
        self.setLayout(
            column(
                label(_("Earlier imports"), "imports-title", role="title"),
                self.none,
                self.table,
                self.detail,
                self.place,
                row(self.open_result, 1, self.close_button),
                margin=16,
                grow=2,
            )
        )
        self.resize(820, 520)
        self._chosen()
        self.load()

    def load(self) -> None:
        """Read the list anew."""
        from clinic_desk.services import patient_imports

        self.none.setText(_("Reading…"))
        self._desk.ask(
            patient_imports.imports,
            done=self._read,
            failed=self._not_read,
            ticket=("imports", id(self)),
            what=_("reading the imports"),
        )

    def _read(self, cards: Sequence[ImportCard]) -> None:
        self.cards = tuple(cards)
        self.rows.set_rows([self._row(card) for card in self.cards])
        self.none.setText(_("Nothing was imported yet. “Import…” takes over a list of patients."))
        self.none.setVisible(not self.cards)
        fit(self.table)
        if self.cards:
            self.table.setCurrentIndex(self.rows.index(0, 0))
            self.table.setFocus()
        self._chosen()

    def _not_read(self, error: BaseException) -> None:
        self.none.setText(words.explained(error, self._desk.zone))

    def _row(self, card: ImportCard) -> tuple[str, ...]:
        day = words.day_numbers(words.wall(card.began_at, self._desk.zone).date())
        counted = card.ended_at is not None
        return (
            _("{day}, {times}").format(day=day, times=words.clock(card.began_at, self._desk.zone)),
            words.isolated(card.who) or NOTHING,
            words.isolated(card.file_name),
            texts.number(card.taken) if counted else NOTHING,
            texts.number(card.refused) if counted else NOTHING,
        )

    @property
    def current(self) -> ImportCard | None:
        """The import of the current line."""
        place = self.table.currentIndex().row()
        return self.cards[place] if 0 <= place < len(self.cards) else None

    def _chosen(self, *_rows: QModelIndex) -> None:
        card = self.current
        there = card is not None and bool(card.result_place) and Path(card.result_place).is_file()
        self.open_result.setEnabled(there)
        self.detail.setText("" if card is None else _told(card))
        self.place.setText("" if card is None else _where(card, there=there))

    def _open(self, *_index: QModelIndex) -> None:
        card = self.current
        if card is not None and self.open_result.isEnabled():
            QDesktopServices.openUrl(QUrl.fromLocalFile(card.result_place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if focused in (self.open_result, self.close_button) and focused is not None:
                focused.click()
            event.accept()
            return
        super().keyPressEvent(event)


def _told(card: ImportCard) -> str:
    if card.ended_at is None:
        return _("It still runs, or it was cut off. Begun again with the same file, it goes on.")
    parts = [
        _("{outcome}: {count}").format(outcome=reading.outcome(found), count=texts.number(count))
        for found, count in card.counts
    ]
    return "   ".join(parts) or _("The file held no rows.")


def _where(card: ImportCard, *, there: bool) -> str:
    if not card.result_place:
        return ""
    if there:
        text = _("What became of each row stands in {file}.")
    else:
        text = _(
            "What became of each row was written to {file} on the computer that imported it;"
            " here it is not."
        )
    return text.format(file=words.isolated(card.result_place))
