"""A visit that comes back: the rule, every date it gives with what stands in the way, and the
series as it stands once it is booked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedLayout, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import Invalid, NotAllowed
from clinic_desk.rules.lifecycle import OPEN
from clinic_desk.rules.recurrence import Rule, Skipped
from clinic_desk.services.cards import AppointmentCard, Done
from clinic_desk.services.case_cards import SeriesCard, SeriesClash, SeriesPlan
from clinic_desk.views import words
from clinic_desk.views.appointment import series_deeds
from clinic_desk.views.appointment.parts import Part
from clinic_desk.views.appointment.series_dates import DatesTable
from clinic_desk.views.appointment.series_rule import RuleForm, rule_text
from clinic_desk.views.cases.opening import main_window
from clinic_desk.views.desk import Desk
from clinic_desk.views.list_view import fit_columns, visit_table
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.visit_table import CardRole, VisitTableModel
from clinic_desk.views.widgets import button, column, label, named, row

if TYPE_CHECKING:
    from clinic_desk.views.remember import Memory

PAUSE_MS = 200
"""Turning a number faster than this asks once."""

COLUMNS = ("day", "time", "provider", "room", "status")


class SeriesPart(Part):
    """Attributes:
    plan: the dates that the rule gives, None until they were looked at.
    """

    def __init__(self, desk: Desk, card: AppointmentCard, memory: Memory | None = None) -> None:
        super().__init__(desk, card, memory)
        named(self, "series", _("Series"))
        self.plan: SeriesPlan | None = None
        self._rule: Rule | None = None
        self._busy = False
        self._pages = QStackedLayout()
        self._new, self._old, self._none = QWidget(), QWidget(), QWidget()
        self._build_new()
        self._build_old()
        nothing = label(
            _("Only a visit that is still to come can be repeated."), "series-over", role="hint",
            wrap=True,
        )  # fmt: skip
        self._none.setLayout(column(nothing, 1, margin=10))
        self.setLayout(self._pages)  # first: the first page is shown at once, and is a window else
        for page in (self._new, self._old, self._none):
            self._pages.addWidget(page)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.look)
        self.form.edited.connect(self._pause.start)
        desk.deeds_happened.connect(self._happened)
        self.form.begin(words.wall(card.span.starts_at, card.time_zone).date())
        self._show()

    def _build_new(self) -> None:
        self.form = RuleForm()
        self.state = label("", "series-state", wrap=True)
        self.left_out = label("", "series-left-out", role="hint", wrap=True)
        self.told = label("", "series-told", wrap=True)
        self.told.setProperty("tone", "error")
        self.dates = DatesTable(self.desk)
        self.dates.chosen.connect(self._offer)
        self.next = button(_("Next free time for all"), "series-next", self.dates.take_next)
        self.book = button(_("Book series"), "series-book", self._book, look="primary")
        below = row(self.next, 1, self.book)
        parts = (self.form, self.state, self.told, self.dates, self.left_out, below)
        self._new.setLayout(column(*parts, margin=10, grow=3))
        for part in (self.told, self.left_out, self.next):
            part.hide()

    def _build_old(self) -> None:
        self.rule = label("", "series-rule-text", role="strong", wrap=True)
        self.model = VisitTableModel(COLUMNS, self.desk.zone, self)
        self.table = visit_table("series-visits", _("Visits of the series"))
        self.table.setModel(self.model)
        self.table.doubleClicked.connect(lambda index: self._open(index.data(CardRole)))
        self.open = button(_("Open…"), "series-open", self._open_current)
        hint = label(
            _("Who moves, changes or cancels one of these is asked about the others."),
            "series-hint", role="hint", wrap=True,
        )  # fmt: skip
        parts = (self.rule, self.table, hint, row(1, self.open))
        self._old.setLayout(column(*parts, margin=10, grow=1))

    # Showing ----------------------------------------------------------------------------------

    def show_card(self, card: AppointmentCard) -> None:
        """The visit is another version now: it may have joined a series, or be over."""
        moved = card.span != self.card.span
        super().show_card(card)
        if moved:
            self.form.begin(words.wall(card.span.starts_at, card.time_zone).date())
        self._show()

    def _show(self) -> None:
        if self.card.series_id is not None:
            self._pages.setCurrentWidget(self._old)
            self._read_series()
        elif self.card.status in OPEN:
            self._pages.setCurrentWidget(self._new)
            self.look()
        else:
            self._pages.setCurrentWidget(self._none)

    def _happened(self, changes: frozenset[Change]) -> None:
        known = {("appointment", card.id) for card in self.model.cards}
        if self.card.series_id is not None and (known & changes or EVERYTHING in changes):
            self._read_series()

    def _read_series(self) -> None:
        from clinic_desk.services import series

        self.desk.ask(
            series.card, self.card.id, done=self._show_series, failed=self._not_read,
            ticket=("series", id(self)), what=_("reading the series"),
        )  # fmt: skip

    def _show_series(self, found: SeriesCard) -> None:
        self.rule.setText(rule_text(found.rule))
        self.model.set_cards(found.visits)
        fit_columns(self.table, COLUMNS.index("provider"))
        place = self.model.row_of(self.card.id)
        if place >= 0:
            self.table.setCurrentIndex(self.model.index(place, 0))

    def _not_read(self, error: BaseException) -> None:
        self.rule.setText(words.explained(error, self.desk.zone))

    def _open_current(self) -> None:
        self._open(self.table.currentIndex().data(CardRole))

    def _open(self, card: object) -> None:
        window = main_window(self)
        if window is not None and isinstance(card, AppointmentCard):
            window.open_editor(card)

    # Looking ----------------------------------------------------------------------------------

    def look(self) -> None:
        """Ask which dates the rule gives, and what stands in the way."""
        from clinic_desk.services import series

        self.told.hide()
        self.plan, self._rule = None, None
        self._offer()
        try:
            rule = self.form.rule()
        except Invalid as error:
            self._not_looked(error)
            return
        self._rule = rule
        self.state.setText(_("Looking at the dates…"))
        self.desk.ask(
            series.preview, self.card.id, rule, done=self._looked, failed=self._not_looked,
            ticket=("series preview", id(self)), what=_("looking at the dates of a series"),
        )  # fmt: skip

    def _looked(self, plan: SeriesPlan) -> None:
        self.plan = plan
        self.dates.show_dates(plan.dates, self.card.patient_id)
        self.left_out.setText(_missing(plan.left_out))
        self.left_out.setVisible(bool(plan.left_out))
        self._offer()

    def _not_looked(self, error: BaseException) -> None:
        self.state.setText("")
        self.dates.show_dates((), self.card.patient_id)
        self.told.setText(words.explained(error, self.desk.zone))
        self.told.show()

    def _offer(self) -> None:
        """Say how many visits there will be; offer to book them."""
        may = self.desk.may("Appointment Create")
        self.book.setToolTip("" if may else words.explained(NotAllowed("Appointment Create")))
        plan = self.plan
        if plan is None:
            self.book.setEnabled(False)
            self.next.hide()
            return
        choices = self.dates.choices()
        left = sum(seat is None for seat in choices.values())
        count = len(plan.dates) - left
        text = ngettext(
            "{count} further visit can be booked.", "{count} further visits can be booked.", count
        ).format(count=count)
        if choices:
            clash = ngettext(
                "{count} date cannot be had; choose what is done then.",
                "{count} dates cannot be had; choose for each what is done then.",
                len(choices),
            ).format(count=len(choices))
            text = f"{text}\n{clash}"
        self.state.setText(text)
        offered = any(one.next_free is not None for one in plan.clashes)
        self.next.setVisible(len(choices) > 1 and offered)
        self.book.setText(
            ngettext("Book {count} visit", "Book {count} visits", count).format(count=count)
        )
        self.book.setEnabled(may and count > 0 and not self._busy)

    # Booking ----------------------------------------------------------------------------------

    def _book(self) -> None:
        from clinic_desk.services import series

        if self._rule is None or self._busy:
            return
        self._busy = True
        self._offer()
        patient = words.isolated(self.card.patient_name)

        def said(count: int) -> str:
            return ngettext(
                "{patient}: series of {count} visit", "{patient}: series of {count} visits", count
            ).format(patient=patient, count=count)

        series_deeds.send(
            self.desk, series.repeat, self.card.id, self._rule, choices=self.dates.choices(),
            label=_("Series for {patient}").format(patient=patient), said=said,
            done=self._booked, failed=self._refused,
        )  # fmt: skip

    def _booked(self, _answer: Done[Any]) -> None:
        self._busy = False
        self._offer()

    def _refused(self, error: BaseException) -> bool:
        self._busy = False
        if isinstance(error, SeriesClash):  # somebody was faster: the dates as they are now
            self.look()
        self._offer()
        self.told.setText(words.explained(error, self.desk.zone))
        self.told.show()
        return True


def _missing(left_out: Sequence[Skipped]) -> str:
    """The dates that the rule names and that the calendar does not have."""
    if not left_out:
        return ""
    text = _("day {day} of {month}")
    days = ", ".join(
        text.format(day=one.day, month=words.month(one.nearest.date())) for one in left_out
    )
    return _("Left out, since they do not exist: {days}").format(days=days)
