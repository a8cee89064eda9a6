""" "History": every edit of a case and its visits, filtered, with a jump into the calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHeaderView, QTableView, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.clinic_time import day_span, zone
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.case_cards import HistoryLine, HistoryPage
from clinic_desk.views import words
from clinic_desk.views.cases.history_table import CaseHistoryTableModel
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import OnEnter, button, column, label, named, row

DAYS = {0: 0, 1: 7, 2: 30, 3: 365}
"""The places of the choice of time after "any": so many days before today are shown too."""


class HistoryTab(QWidget):
    """Signals:
    day_wanted(date): show that day in the calendar.
    visit_wanted(AppointmentCard): show that visit in the calendar.
    """

    day_wanted = Signal(object)
    visit_wanted = Signal(object)

    def __init__(self, desk: Desk, case_id: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "case-history-tab", _("History"))
        self._desk, self._case_id = desk, case_id
        self._visits: dict[int, AppointmentCard] = {}
        self._lines: list[HistoryLine] = []
        self._older: int | None = None
        self._build()
        self._fill_filters()
        desk.zone_changed.connect(self._zone_changed)

    def _build(self) -> None:
        self.who = named(QComboBox(), "case-history-who", _("Who"))
        self.what = named(QComboBox(), "case-history-what", _("What"))
        self.time = named(QComboBox(), "case-history-time", _("Time"))
        self.model = CaseHistoryTableModel(self._desk.zone, self)
        table = self.table = named(QTableView(), "case-history", _("History"))
        table.setModel(self.model)
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setWordWrap(True)
        table.setTabKeyNavigation(False)
        table.setFrameShape(QTableView.Shape.NoFrame)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(self.model.TIME, QHeaderView.ResizeMode.ResizeToContents)
        header.sectionResized.connect(lambda *_args: table.resizeRowsToContents())
        OnEnter(table, self._jump)
        table.doubleClicked.connect(self._jump_to)
        table.selectionModel().currentChanged.connect(lambda *_args: self._offer())
        self.empty = label("", "case-history-empty", role="hint", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.all = button(_("Show everything"), "case-history-all", self._show_all)
        self.more = button(_("Show older ones"), "case-history-older", self._read_older)
        self.jump = button(_("Show in calendar"), "case-history-jump", self._jump, tip=_("Enter"))
        filters = row(self.who, self.what, self.time, 1)
        nothing = row(1, self.all, 1)
        self.where = label("", "case-history-where", role="hint")
        below = row(self.more, 1, self.where, self.jump)
        parts = (filters, self.table, self.empty, nothing, below)
        self.setLayout(column(*parts, margin=10, grow=1))
        self.setFocusProxy(self.table)
        for hidden in (self.empty, self.all, self.more):
            hidden.hide()
        self._offer()

    def _fill_filters(self) -> None:
        from clinic_desk.services.case_history import LABELS

        self.who.addItem(_("Anybody"), None)
        users = sorted(self._desk.catalogue.users.values(), key=lambda one: one.display_name)
        for user in users:
            self.who.addItem(user.display_name, user.id)
        self.what.addItem(_("All fields"), None)
        for name, text in sorted(LABELS.items(), key=lambda item: _(item[1])):
            self.what.addItem(_(text), name)
        self.time.addItem(_("Any time"), None)
        texts = (_("Today"), _("Last 7 days"), _("Last 30 days"), _("Last year"))
        for place, text in enumerate(texts):
            self.time.addItem(text, DAYS[place])
        for choice in (self.who, self.what, self.time):
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            choice.currentIndexChanged.connect(lambda _index: self.read())

    # Reading ----------------------------------------------------------------------------------

    def set_visits(self, visits: Iterable[AppointmentCard]) -> None:
        """The case's appointments as they stand now."""
        self._visits = {card.id: card for card in visits}
        self._fill()

    def _fill(self) -> None:
        model = self.model
        model.set_lines(self._lines, self._visits)
        self.table.clearSpans()
        for number in model.headings:
            self.table.setSpan(number, model.WHAT, 1, model.AFTER - model.WHAT + 1)
        self.table.resizeRowsToContents()

    def read(self) -> None:
        """Ask for the newest lines that pass the filters."""
        self._ask(None)

    def _ask(self, before: int | None) -> None:
        from clinic_desk.services import cases

        arrived = self._show_newest if before is None else self._show_more
        self._desk.ask(
            cases.history, self._case_id, actor_id=self.who.currentData(),
            field=self.what.currentData(), from_at=self._from(), before=before, done=arrived,
            ticket=("case history", id(self)), what=_("reading the history"),
        )  # fmt: skip

    def _from(self) -> datetime | None:
        days: int | None = self.time.currentData()
        if days is None:
            return None
        first = self._desk.today() - timedelta(days=days)
        return day_span(first, zone(self._desk.zone)).starts_at

    def _read_older(self) -> None:
        self._ask(self._older)

    def _show_newest(self, page: HistoryPage) -> None:
        self._lines = list(page.lines)
        self._show(page.older, 0)

    def _show_more(self, page: HistoryPage) -> None:
        self._lines += page.lines
        self._show(page.older, self.table.verticalScrollBar().value())

    def _show(self, older: int | None, place: int) -> None:
        self._older = older
        self._fill()
        self.table.verticalScrollBar().setValue(place)
        self.more.setVisible(older is not None)
        nothing = not self._lines
        self.table.setVisible(not nothing)
        self.empty.setText(_("Nothing in the history matches what is chosen above."))
        self.empty.setVisible(nothing)
        self.all.setVisible(nothing and self._filtered)
        self._offer()

    @property
    def _filtered(self) -> bool:
        return any(one.currentIndex() for one in (self.who, self.what, self.time))

    def _show_all(self) -> None:
        for choice in (self.who, self.what, self.time):
            choice.blockSignals(True)
            choice.setCurrentIndex(0)
            choice.blockSignals(False)
        self.read()

    def _zone_changed(self) -> None:
        self.model.zone = self._desk.zone
        self._fill()

    # Into the calendar ------------------------------------------------------------------------

    def _offer(self) -> None:
        found = self.model.moment(self.table.currentIndex())
        self.jump.setEnabled(found is not None)
        self.where.setText(words.day_long(found[0]) if found is not None else "")

    def _jump(self) -> None:
        self._jump_to(self.table.currentIndex())

    def _jump_to(self, index: QModelIndex) -> None:
        found = self.model.moment(index)
        if found is None:
            return
        day, card = found
        if card is not None:
            self.visit_wanted.emit(card)
        else:
            self.day_wanted.emit(day)
