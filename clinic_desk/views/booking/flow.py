"""The window "New appointment": the steps at the left, one of them at the right.

Steps can be gone back to at any time; what was answered stays. The chosen times are held for
other desks as long as the window is open, and freed when it closes.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QStackedWidget, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import Conflicted, Invalid
from clinic_desk.services.cards import Done, PatientCard
from clinic_desk.services.case_cards import NotScheduled, Scheduled
from clinic_desk.views import words
from clinic_desk.views.booking.draft import Draft, span_of
from clinic_desk.views.booking.holding import Holding
from clinic_desk.views.booking.patient_page import PatientPage
from clinic_desk.views.booking.steps import Steps
from clinic_desk.views.booking.summary_page import SummaryPage
from clinic_desk.views.booking.time_page import TimePage
from clinic_desk.views.booking.what_page import WhatPage
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, label, named, row

WHAT, TIME, PATIENT, SUMMARY = range(4)


class BookingFlow(QDialog):
    """Signals:
    scheduled(Scheduled): the case and its appointments stand.
    provider_days_wanted(): the hours of a provider are to be looked at.
    """

    scheduled = Signal(object)
    provider_days_wanted = Signal()

    def __init__(
        self, desk: Desk, draft: Draft | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "booking-flow", _("New appointment"))
        self.setWindowTitle(_("New appointment"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk = desk
        self.draft = draft or Draft()
        self._saving = False
        self.holding = Holding(desk, self.draft.desk, self)
        self.what = WhatPage(desk, self.draft)
        self.time = TimePage(desk, self.draft)
        self.patient = PatientPage(desk, self.draft)
        self.summary = SummaryPage(desk, self.draft)
        self.pages: tuple[WhatPage | TimePage | PatientPage | SummaryPage, ...] = (
            self.what,
            self.time,
            self.patient,
            self.summary,
        )
        self._build()
        self._connect()
        self._held = self.draft.seats
        if self._held:
            self.holding.keep(self._held)
        self.go(WHAT)

    def _build(self) -> None:
        self.titles = [
            _("Main problem"),
            _("Choose location and time"),
            _("Patient info"),
            _("Summary"),
        ]
        self.steps = Steps(self.titles)
        self.stack = named(QStackedWidget(), "booking-pages")
        for page in self.pages:
            self.stack.addWidget(_scrolled(page))
        self.heading = label("", "booking-heading", role="title")
        self.told = label("", "booking-told", wrap=True)
        self.told.setProperty("tone", "error")
        self.told.hide()
        self.back = button(_("Back"), "booking-back", partial(self._step, -1))
        self.next = button("", "booking-next", partial(self._step, 1), look="primary")
        self.book = button(
            _("Schedule appointments"), "booking-schedule", self.schedule, look="primary"
        )
        self.book.setToolTip(_("Ctrl+Enter"))
        right = QWidget()
        foot = row(self.told, 1, self.back, self.next, self.book)
        right.setLayout(column(self.heading, self.stack, foot, margin=18, gap=12, grow=1))
        self.setLayout(row(self.steps, right, gap=0, grow=1))
        self.resize(980, 700)

    def _connect(self) -> None:
        self.steps.wanted.connect(self.go)
        self.what.edited.connect(self._edited)
        self.what.problem.returnPressed.connect(partial(self._step, 1))
        self.time.edited.connect(self._providers_edited)
        self.time.taken.connect(self._time_taken)
        self.time.provider_days_wanted.connect(self.provider_days_wanted)
        self.patient.chosen.connect(self._patient_chosen)
        self.summary.changed.connect(self._edited)
        self.holding.refused.connect(self._hold_refused)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self.schedule)

    # Going --------------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """The step in sight."""
        return self.stack.currentIndex()

    def go(self, step: int) -> None:
        """Show a step; whatever is missing elsewhere, any may be looked at."""
        if step == TIME and not self.draft.parts:
            step = WHAT
        if step != TIME:
            self.time.pause()
        self.told.hide()
        self.stack.setCurrentIndex(step)
        self.heading.setText(self.titles[step])
        self.pages[step].begin()
        self._show_state()
        if step == SUMMARY:
            (self.book if self.book.isEnabled() else self.back).setFocus()

    def _step(self, by: int) -> None:
        if by > 0 and self.step == WHAT and not self.what.is_complete:
            self.what.explain()
            return
        self.go(max(WHAT, min(SUMMARY, self.step + by)))

    def _show_state(self) -> None:
        step = self.step
        answers = [self._services(), self._times(), self._who(), ""]
        done = [page.is_complete for page in self.pages]
        self.steps.show_state(step, answers, [*done[:3], False])
        self.back.setVisible(step > WHAT)
        self.next.setVisible(step < SUMMARY)
        if step < SUMMARY:
            self.next.setText(self.titles[step + 1])
            self.next.setAccessibleName(self.titles[step + 1])
        self.book.setVisible(step == SUMMARY)
        self.book.setEnabled(self.draft.is_complete and not self._saving)
        if step == SUMMARY and not self.draft.is_complete:
            self._tell(self._missing())

    def _missing(self) -> str:
        """What is still to be answered."""
        what = [
            title
            for title, page in zip(self.titles, self.pages[:3], strict=False)
            if not page.is_complete
        ]
        return _("Still to do: {what}.").format(what=", ".join(what))

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.setVisible(bool(text))

    def _services(self) -> str:
        kinds = self._desk.catalogue.types
        codes = " + ".join(kinds[part.type_id].code for part in self.draft.parts)
        problem = self.draft.problem.strip()
        return " · ".join(filter(None, [problem, codes]))

    def _times(self) -> str:
        seats = self.draft.seats
        if not seats:
            return ""
        if not self.draft.has_times:
            count = len(self.draft.parts) - len(seats)
            return ngettext("{count} time missing", "{count} times missing", count).format(
                count=count
            )
        if len(self.draft.visits) > 1:
            count = len(self.draft.visits)
            return ngettext("{count} visit", "{count} visits", count).format(count=count)
        return words.when(span_of(seats), self.time.zone)

    def _who(self) -> str:
        return words.isolated(self.draft.patient.name) if self.draft.patient is not None else ""

    # What happens -------------------------------------------------------------------------------

    def _edited(self) -> None:
        self._hold()
        self._show_state()

    def _providers_edited(self) -> None:
        for line, part in zip(self.what.lines, self.draft.parts, strict=False):
            line.set_provider(part.provider_id)
        self._edited()

    def _hold(self) -> None:
        """Hold what is chosen now, where that is something else than before."""
        seats = self.draft.seats
        if seats != self._held:
            self._held = seats
            self.holding.keep(seats)

    def _time_taken(self, _number: int) -> None:
        self._providers_edited()
        left = self.draft.open_visit()
        if left is not None:
            self.time.show_visit(left)
        elif self.draft.patient is None:
            self.go(PATIENT)
        else:
            self.go(SUMMARY)

    def _patient_chosen(self, patient: PatientCard | None) -> None:
        self._show_state()
        if patient is not None and self.step == PATIENT:
            self.go(SUMMARY if self.draft.has_times else TIME)

    def _hold_refused(self, error: Conflicted) -> None:
        self._held = ()
        self.go(TIME)
        self.time.refused(error)

    # Saving -------------------------------------------------------------------------------------

    def schedule(self) -> None:
        """Make the case and its appointments; or go to what is missing."""
        from clinic_desk.services import scheduling

        if self._saving:
            return
        if not self.draft.is_complete:
            self.go(next(n for n, page in enumerate(self.pages) if not page.is_complete))
            if self.step == WHAT:
                self.what.explain()
            return
        self._saving = True
        self.summary.clear()
        self._show_state()
        patient = self.draft.patient
        assert patient is not None
        count = len(self.draft.seats)
        named_ = ngettext(
            "Schedule {count} appointment for {patient}",
            "Schedule {count} appointments for {patient}",
            count,
        )
        done = ngettext(
            "Scheduled: {patient}, {when}", "Scheduled: {patient}, {count} appointments", count
        )
        told = {
            "count": count,
            "patient": words.isolated(patient.name),
            "when": words.when(self.draft.seats[0].span, self.time.zone),
        }
        self._desk.do(
            scheduling.schedule,
            self.draft.plan(),
            label=named_.format(**told),
            said=done.format(**told),
            done=self._scheduled,
            failed=self._refused,
        )

    def _scheduled(self, answer: Done[Scheduled]) -> None:
        self._saving = False
        self.holding.forget()
        self.scheduled.emit(answer.value)
        self.accept()

    def _refused(self, error: BaseException) -> bool:
        self._saving = False
        self._show_state()
        if isinstance(error, NotScheduled):
            self.go(SUMMARY)
            self.summary.explain(error)
            return True
        if isinstance(error, Invalid):
            self._tell(words.explained(error, self.time.zone))
            return True
        return False

    # Leaving ------------------------------------------------------------------------------------

    def done(self, result: int) -> None:
        """The window closes: what it held is free."""
        self.time.pause()
        if self._held and result != QDialog.DialogCode.Accepted:
            self.holding.let_go()
        self._held = ()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._held:
            self.holding.let_go()
            self._held = ()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            held = self.focusWidget()
            if held is self.book:
                self.schedule()
            elif held in (self.next, self.back):
                held.click()
            return
        super().keyPressEvent(event)


def _scrolled(page: QWidget) -> QScrollArea:
    inner = QWidget()
    inner.setLayout(column(page, margin=2, grow=0))
    area = named(QScrollArea(), f"{page.objectName()}-area")
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    return area
