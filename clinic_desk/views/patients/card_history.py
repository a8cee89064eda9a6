"""What was changed of a patient: who, when, before and after."""

from __future__ import annotations

from PySide6.QtWidgets import QHeaderView, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.case_cards import HistoryPage
from clinic_desk.views.desk import Desk
from clinic_desk.views.patients.record_tables import HistoryRows, fit, short_table
from clinic_desk.views.widgets import button, column, label, named, row


class CardHistory(QWidget):
    """Read when it is first looked at, page by page."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "patient-history", _("History"))
        self._desk = desk
        self._patient_id = 0
        self._older: int | None = None
        self.model = HistoryRows(desk.zone, self)
        self.table = short_table("patient-history-table", _("History"), 4, (0, 105, 165))
        self.table.setModel(self.model)
        self.table.setWordWrap(True)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.more = button(_("Show older ones"), "patient-history-more", self._ask_older)
        self.more.hide()
        self.none = label(
            _("Nothing has been changed since the program keeps a history."),
            "patient-history-none", role="hint", wrap=True,
        )  # fmt: skip
        self.none.hide()
        self.setLayout(column(self.none, self.table, row(self.more, 1), margin=16, grow=1))

    def load(self, patient_id: int) -> None:
        """Read the newest page of a patient's history."""
        self._patient_id = patient_id
        self._ask(None)

    def _ask_older(self) -> None:
        self._ask(self._older)

    def _ask(self, before: int | None) -> None:
        from clinic_desk.services import patient_history

        self._desk.ask(
            patient_history.history,
            self._patient_id,
            before=before,
            done=self._first if before is None else self._next,
            ticket=("patient-history", id(self)),
            what=_("reading the history"),
        )

    def _first(self, page: HistoryPage) -> None:
        self.model.set_lines(page.lines)
        self._shown(page)

    def _next(self, page: HistoryPage) -> None:
        self.model.set_lines((*self.model.lines, *page.lines))
        self._shown(page)

    def _shown(self, page: HistoryPage) -> None:
        self._older = page.older
        self.more.setVisible(page.older is not None)
        self.none.setVisible(not self.model.lines)
        fit(self.table)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
