"""What a change would break, before it is saved: how many visits, which, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.services.impact import Impact, ImpactLine
from clinic_desk.views import words
from clinic_desk.views.list_view import fit_columns, visit_table
from clinic_desk.views.rows import AnyIndex, Rows
from clinic_desk.views.widgets import OnEnter, button, column, label, named, row, select_row

WIDE = 760
"""Pixels that have room for whole names."""


def no_longer_fit(count: int) -> str:
    """ "3 future appointments would no longer fit." """
    return ngettext(
        "{count} future appointment would no longer fit.",
        "{count} future appointments would no longer fit.",
        count,
    ).format(count=count)


def outside_hours(count: int) -> str:
    """ "12 future appointments fall outside these hours." """
    return ngettext(
        "{count} future appointment falls outside these hours.",
        "{count} future appointments fall outside these hours.",
        count,
    ).format(count=count)


class ImpactModel(Rows):
    """When, who, what, with whom, and why it would not fit."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[ImpactLine, ...] = ()

    def set_lines(self, lines: tuple[ImpactLine, ...]) -> None:
        """Other visits."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def _heads(self) -> Sequence[str]:
        return (_("Time"), _("Patient"), _("Type"), _("Provider"), _("Why"))

    def _in_rows(self) -> Sequence[ImpactLine]:
        return self.lines

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        line = self.lines[index.row()]
        return (
            words.when(line.span, line.time_zone),
            words.isolated(line.patient_name),
            words.isolated(line.type_name),
            words.isolated(line.provider_name),
            " ".join(words.reason(one, line.time_zone) for one in line.reasons),
        )[index.column()]


class ImpactPanel(QFrame):
    """Signals:
    accepted(): save anyway.
    left(): back to the form; nothing was saved.
    visit_wanted(int): show this visit in the calendar.
    """

    accepted = Signal()
    left = Signal()
    visit_wanted = Signal(int)

    def __init__(self, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, f"{prefix}-impact", _("What this would break"), role="refusal")
        self.impact = Impact(frozenset(), ())
        self.text = label("", f"{prefix}-impact-text", role="strong", wrap=True)
        self.more = label("", f"{prefix}-impact-more", role="hint", wrap=True)
        self.model = ImpactModel(self)
        self.table = visit_table(f"{prefix}-impact-table", _("Appointments that would not fit"))
        self.table.setModel(self.model)
        self.table.setMinimumHeight(120)
        self.table.setMaximumHeight(220)
        self.table.doubleClicked.connect(lambda index: self._open(index.row()))
        OnEnter(self.table, lambda: self._open(self.table.currentIndex().row()))
        self.show_them = button(_("Show them"), f"{prefix}-impact-show", self._toggle)
        self.save = button(_("Save anyway"), f"{prefix}-impact-save", self.accepted.emit)
        self.back = button(_("Back"), f"{prefix}-impact-back", self._back, look="primary")
        self.setLayout(
            column(
                self.text,
                self.table,
                self.more,
                row(self.show_them, self.save, self.back, 1),
                margin=12,
            )
        )
        self.hide()

    def ask(self, impact: Impact, told: Callable[[int], str]) -> None:
        """Ask about *impact*; *told* says how many they are in one sentence."""
        self.impact = impact
        self.text.setText(told(impact.count))
        self.setAccessibleDescription(self.text.text())
        self.model.set_lines(impact.lines)
        self._unfold(False)
        self.show()
        self.back.setFocus()

    def _toggle(self) -> None:
        self._unfold(not self.table.isVisible())

    def _unfold(self, shown: bool) -> None:
        self.table.setVisible(shown)
        left_out = self.impact.count - len(self.impact.lines)
        hint = _("Enter or a double click opens the calendar at the appointment.")
        if left_out:
            hint = _("The first {count} are listed.").format(count=len(self.impact.lines))
        self.more.setText(hint)
        self.more.setVisible(shown)
        self.show_them.setText(_("Hide them") if shown else _("Show them"))
        if shown:
            fit_columns(self.table, *((4,) if self.width() > WIDE else (1, 2, 4)))
            select_row(self.table, 0)
            self.table.setFocus()

    def _back(self) -> None:
        self.hide()
        self.left.emit()

    def _open(self, place: int) -> None:
        # What is in the way may be no visit: then there is none to open.
        if 0 <= place < len(self.model.lines) and self.model.lines[place].id:
            self.visit_wanted.emit(self.model.lines[place].id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self._back()
            return
        super().keyPressEvent(event)
