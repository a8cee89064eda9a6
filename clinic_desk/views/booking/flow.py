"""The window "New appointment": the steps at the left, one of them at the right.

Steps can be gone back to at any time; what was answered stays. The chosen times are held for
other desks as long as the window is open, and freed when it closes.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QDialog, QScrollArea, QStackedWidget, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Conflicted, Invalid
from clinic_desk.services.cards import Done, PatientCard
from clinic_desk.services.case_cards import NotScheduled, Scheduled
from clinic_desk.views import words
from clinic_desk.views.booking import telling
from clinic_desk.views.booking.announcing import announce
from clinic_desk.views.booking.draft import PATIENT, SUMMARY, TIME, WHAT, Draft
from clinic_desk.views.booking.holding import Holding
from clinic_desk.views.booking.needed import NeededPermissions
from clinic_desk.views.booking.patient_page import PatientPage
from clinic_desk.views.booking.steps import Steps
from clinic_desk.views.booking.summary_page import SummaryPage
from clinic_desk.views.booking.time_page import TimePage
from clinic_desk.views.booking.what_page import WhatPage
from clinic_desk.views.desk import Desk
from clinic_desk.views.leaving import EditorWindow
from clinic_desk.views.widgets import button, column, label, named, row, scrolled

TWICE_MS = 400
"""Within so much a second click still means what stood there at the first."""
TITLE_BAR, EDGE = 40, 12
"""Pixels that the frame takes above and below; the system tells them too late."""


class BookingFlow(EditorWindow):
    """Signals:
    scheduled(Scheduled): the case and its appointments stand.
    provider_days_wanted(int): the hours of this provider are to be looked at.
    pin_wanted(Draft): what is known goes to the pinboard; the window closes.
    left(): the window is closed.
    """

    scheduled = Signal(object)
    provider_days_wanted = Signal(int)
    pin_wanted = Signal(object)
    left = Signal()

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
        self._arrived = QElapsedTimer()  # at the step in sight
        self._arrived.start()
        self._widest = 0
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
            self.stack.addWidget(_in_an_area(page))
        self.heading = label("", "booking-heading", role="title")
        self.told = label("", "booking-told", wrap=True)
        self.told.setProperty("tone", "error")
        self.pin = button(_("To pinboard"), "booking-pin", self.put_aside, look="quiet")
        self.pin.setToolTip(_("Another time: what is known waits on the pinboard"))
        self.back = button(_("Back"), "booking-back", partial(self._step, -1))
        self.next = button("", "booking-next", partial(self._step, 1), look="primary")
        self.book = button(
            _("Schedule appointments"), "booking-schedule", self.schedule, look="primary"
        )
        self.book.setToolTip(_("Ctrl+Enter"))
        right = QWidget()
        # What books never stands where the button of the step before stood: the last is "Back".
        foot = row(self.told, self.pin, self.book, self.back, self.next, grow=0)
        right.setLayout(column(self.heading, self.stack, foot, margin=18, gap=12, grow=1))
        self.setLayout(row(self.steps, right, gap=0, grow=1))
        self.resize(980, 700)

    def _connect(self) -> None:
        self.steps.wanted.connect(self.go)
        self.steps.permissions_wanted.connect(lambda: NeededPermissions(self._desk, self).open())
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
        self._tell("")
        if step != self.step:
            self._arrived.start()
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
        if by > 0 and self.step == TIME and not self.time.is_complete:
            self.time.explain()
            return
        if by < 0 and self.step == SUMMARY and not self._arrived.hasExpired(TWICE_MS):
            return  # the second half of a double click on what stood there before
        self.go(max(WHAT, min(SUMMARY, self.step + by)))

    def _show_state(self) -> None:
        step = self.step
        draft = self.draft
        answers = [
            telling.services(draft, self._desk.catalogue),
            telling.times(draft, self._desk.catalogue, self._desk.zone),
            telling.patient(draft),
            "",
        ]
        done = [page.is_complete for page in self.pages]
        self.steps.show_state(step, answers, [*done[:3], False])
        self.back.setVisible(step > WHAT)
        self.next.setVisible(step < SUMMARY)
        if step < SUMMARY:
            self.next.setText(self.titles[step + 1])
            self.next.setAccessibleName(self.titles[step + 1])
        if step in (TIME, PATIENT):
            self._widest = max(self._widest, self.next.sizeHint().width())
        self.back.setMinimumWidth(self._widest if step == SUMMARY else 0)
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
        announce(self, text)

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
        label, said = telling.deed(self.draft, self._desk.catalogue, self._desk.zone)
        self._desk.do(
            scheduling.schedule,
            self.draft.plan(),
            label=label,
            said=said,
            done=self._scheduled,
            failed=self._refused,
        )

    def _scheduled(self, answer: Done[Scheduled]) -> None:
        self._saving = False
        self.holding.forget()
        if answer.value is not None:  # None: the answer was lost, and it was saved all the same
            self.scheduled.emit(answer.value)
        self.accept()

    def _refused(self, error: BaseException) -> bool:
        self._saving = False
        self._show_state()
        if isinstance(error, NotScheduled):
            self.go(SUMMARY)
            self.summary.explain(error.services)
            return True
        if isinstance(error, Invalid):
            self._tell(words.explained(error, self.time.zone))
            return True
        return False

    # Leaving ------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Never beyond the screen, whatever size it had on another: the pages scroll."""
        if not event.spontaneous():
            there = self.screen().availableGeometry().adjusted(0, TITLE_BAR, 0, -EDGE)
            size = self.size().boundedTo(there.size())
            self.resize(size)
            right = there.right() + 1 - size.width()
            below = there.bottom() + 1 - size.height()
            self.move(
                max(there.left(), min(self.x(), right)), max(there.top(), min(self.y(), below))
            )
        super().showEvent(event)

    @property
    def is_edited(self) -> bool:
        """Whether something was typed, or somebody chosen, that would be missed."""
        return _typed(self.draft) != _typed(Draft())

    @property
    def is_saving(self) -> bool:
        """Whether it is being scheduled just now."""
        return self._saving

    @property
    def about(self) -> str:
        """As the window is called."""
        return _("New appointment")

    def save(self) -> None:
        """As the button "Schedule appointments"."""
        self.schedule()

    def put_aside(self) -> None:
        """Close, and let what is known wait on the pinboard; what was held is free."""
        if not self._saving and self.draft.parts:
            self.pin_wanted.emit(self.draft)
            self.discard()

    def done(self, result: int) -> None:
        """Every way out ends here: what was held is free."""
        then, self._then = self._then, None
        self.time.pause()
        if self._held and result != QDialog.DialogCode.Accepted:
            self.holding.let_go()
        self._held = ()
        super().done(result)
        self.left.emit()
        if then is not None:
            then()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            held = self.focusWidget()
            if held is self.book:
                self.schedule()
            elif held in (self.next, self.back):
                held.click()
            return
        super().keyPressEvent(event)


def _typed(draft: Draft) -> tuple[object, ...]:
    """What somebody would miss; a time alone is found again by a click."""
    return draft.problem.strip(), draft.notes.strip(), draft.patient and draft.patient.id


def _in_an_area(page: QWidget) -> QScrollArea:
    inner = QWidget()
    inner.setLayout(column(page, margin=2, grow=0))
    return scrolled(inner, f"{page.objectName()}-area")
