"""Appointment requests that wait for an answer, beside what stands around them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QSplitter, QStackedLayout, QTableView, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.clinic_time import day_span, zone
from clinic_desk.services.cards import AppointmentCard, DiaryView
from clinic_desk.views import unseen, words
from clinic_desk.views.desk import Desk
from clinic_desk.views.list_view import fit_columns, visit_table
from clinic_desk.views.narrow_table import LeavesOut
from clinic_desk.views.visit_table import CardRole, VisitTableModel, own_day
from clinic_desk.views.visits import Visits
from clinic_desk.views.waiting import Waiting
from clinic_desk.views.widgets import button, column, label, named, row, select_row

COLUMNS = ("day", "time", "patient", "born", "type", "provider", "location", "origin")
AROUND = ("time", "patient", "code")
GROWING = ("patient", "type")
BESIDE = ("location", "origin", "born")
"""What a small window leaves out of the table, the first one first: it stands beside it anyway."""
LONGEST_WORDS = 240
"""Letters of the client's words that stand beside the list; all of them are in the tool tip."""
SETTLE_MS = 600
"""So long the next request is in sight before a hand that has not moved can mean it."""


class Hold(QObject):
    """Holds back what is pressed again before the next thing has been seen: until the mouse
    moves, or ``SETTLE_MS`` after it was shown.
    """

    def __init__(self, parent: QObject, watched: Sequence[QWidget]) -> None:
        super().__init__(parent)
        self.is_held = False
        self._from: QPoint | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(SETTLE_MS)
        self._later.timeout.connect(self.end)
        for widget in watched:
            widget.setMouseTracking(True)
            widget.installEventFilter(self)

    def begin(self) -> None:
        """Something was pressed."""
        self.is_held, self._from = True, None
        self._later.stop()

    def next_is_shown(self) -> None:
        """What could be pressed next is in sight from now on."""
        if self.is_held:
            self._later.start(SETTLE_MS)

    def end(self) -> None:
        """What is pressed from now on is meant."""
        self.is_held = False
        self._later.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.is_held and event.type() == QEvent.Type.MouseMove:
            assert isinstance(event, QMouseEvent)
            where = event.globalPosition().toPoint()
            self._from = self._from or where
            if (where - self._from).manhattanLength() >= QApplication.startDragDistance():
                self.end()
        return False


class RequestsScreen(QWidget):
    """Signals:
    open_wanted(AppointmentCard): the editor.
    shown_in_calendar(AppointmentCard): go to its week.
    calendar_wanted(): there is nothing to answer here.
    """

    open_wanted = Signal(object)
    shown_in_calendar = Signal(object)
    calendar_wanted = Signal()

    def __init__(
        self, desk: Desk, visits: Visits, waiting: Waiting, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "requests", _("Appointment requests"))
        self._desk, self._visits, self._waiting = desk, visits, waiting
        self.title = label(_("Appointment requests"), "requests-title", role="title")
        self.count = label("", "requests-count", role="hint")
        self.model = VisitTableModel(COLUMNS, desk.zone, self)
        self.table = visit_table("requests-table", _("Requests that wait"))
        self.table.setModel(self.model)
        self.table.installEventFilter(self)
        places = [[COLUMNS.index(name) for name in names] for names in (GROWING, BESIDE)]
        self._narrow = LeavesOut(self.table, *places)
        self.table.doubleClicked.connect(lambda index: self.open_wanted.emit(index.data(CardRole)))
        self.table.selectionModel().currentRowChanged.connect(self._row_changed)
        self.around_model = VisitTableModel(AROUND, desk.zone, self)
        self.around = visit_table("requests-around", _("That day with the same provider"))
        self.around.setModel(self.around_model)
        self.approve = button(
            _("Approve"), "requests-approve", self._approve, look="primary", tip=_("Key A")
        )
        self.decline = button(
            _("Decline…"), "requests-decline", self._decline, look="danger", tip=_("Key D")
        )
        self.open = button(_("Open…"), "requests-open", self._open, tip=_("Enter"))
        self.in_calendar = button(_("Show in calendar"), "requests-show", self._show_in_calendar)
        self._build()
        self._hold = Hold(self, (self.approve, self.decline, self.table.viewport()))
        waiting.changed.connect(self._show)
        desk.zone_changed.connect(self._zone_changed)
        self.setFocusProxy(self.table)
        self._show()

    def _build(self) -> None:
        self.patient = label("", "requests-patient", role="heading", wrap=True)
        self.born = label("", "requests-born", role="hint", wrap=True)
        self.problem = label("", "requests-problem", wrap=True)
        self.said = label("", "requests-words", wrap=True)
        self.when = label("", "requests-when", role="strong", wrap=True)
        self.alert = label("", "requests-alert", role="alert", wrap=True)
        self.fits = label("", "requests-fits", wrap=True)
        self.fits.setProperty("tone", "good")
        self.around_title = label("", "requests-around-title", role="strong", wrap=True)
        side = named(QWidget(), "requests-side", role="panel")
        side.setLayout(
            column(
                self.patient,
                self.born,
                self.alert,
                self.problem,
                self.said,
                self.when,
                self.fits,
                row(self.approve, self.decline, 1),
                row(self.open, self.in_calendar, 1),
                self.around_title,
                self.around,
                margin=16,
            )
        )
        side.setMinimumWidth(340)
        empty = QWidget()
        nothing = label(_("Nothing is waiting."), "requests-empty", role="heading")
        hint = label(
            _("New requests appear here and, striped, in the calendar."),
            "requests-empty-hint",
            role="hint",
        )
        away = button(_("Go to the calendar"), "requests-calendar", self.calendar_wanted.emit)
        empty.setLayout(column(1, row(1, nothing, 1), row(1, hint, 1), row(1, away, 1), 2, gap=12))
        self.splitter = named(QSplitter(Qt.Orientation.Horizontal), "requests-splitter")
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(side)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setCollapsible(1, False)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        self._stack.addWidget(self.splitter)
        self._stack.addWidget(empty)
        head = row(self.title, self.count, 1, margin=16)
        self.setLayout(column(head, holder, gap=0, grow=1))

    def _show(self) -> None:
        """Show the requests that wait now. The chosen one stays chosen, wherever it stands now;
        of one that was answered, the line after it is.
        """
        cards = self._waiting.cards
        row_before, before = max(self.table.currentIndex().row(), 0), self.current()
        chosen = next((n for n, card in enumerate(cards) if before and card.id == before.id), -1)
        if before is not None and chosen < 0 and self._answers_have_focus():
            self.table.setFocus()  # the next key on the button would answer somebody else
        self.model.set_cards(cards)
        self._stack.setCurrentIndex(0 if cards else 1)
        text = ngettext("{count} waiting", "{count} waiting", len(cards)).format(count=len(cards))
        self.count.setText(text if cards else "")
        if cards:
            fit_columns(self.table, *map(COLUMNS.index, GROWING))
            self._narrow.fit()
            select_row(self.table, min(row_before, len(cards) - 1) if chosen < 0 else chosen)
            self._row_changed(self.table.currentIndex())
        self._hold.next_is_shown()

    def _answers_have_focus(self) -> bool:
        """Whether they have it, or will when this window comes to the front again."""
        return self.window().focusWidget() in (self.approve, self.decline)

    def current(self) -> AppointmentCard | None:
        """The request of the current line, if there is one."""
        card = self.table.currentIndex().data(CardRole)
        return card if isinstance(card, AppointmentCard) else None

    def _row_changed(self, index: QModelIndex) -> None:
        from clinic_desk.views.admin.pages import allow

        card = index.data(CardRole)
        if not isinstance(card, AppointmentCard):
            return
        self.patient.setText(words.isolated(card.patient_name))
        self.born.setText(words.born(card.patient_born))
        self.when.setText(
            f"{words.visit_when(card, self._desk.zone)}\n{card.type.name}\n{words.place(card)}"
        )
        self.alert.setText(f"⚠ {card.patient_alert}")
        self.alert.setVisible(bool(card.patient_alert))
        self._show_words(card)
        self.fits.setText("✓ " + _("The time is held for this request."))
        allow(self._desk, self.approve, "Appointment Request Approve", tip=_("Key A"))
        allow(self._desk, self.decline, "Appointment Reject", tip=_("Key D"))
        self._look_around(card)

    def _show_words(self, card: AppointmentCard) -> None:
        """What the client wants and wrote, to be read before the answer."""
        said = " ".join(card.notes.split())
        shown = said if len(said) <= LONGEST_WORDS else said[: LONGEST_WORDS - 1].rstrip() + "…"
        self.problem.setText(words.isolated(card.main_problem))
        self.problem.setVisible(bool(card.main_problem))
        self.said.setText(f"“{words.isolated(shown)}”")
        self.said.setVisible(bool(shown))
        self.said.setToolTip(f"<p>{escape(card.notes)}</p>" if shown != said else "")

    def _look_around(self, card: AppointmentCard) -> None:
        from clinic_desk.services import diary

        day = own_day(card)
        if self.around_model.zone != card.time_zone:  # the line above names the place
            self.around_model.set_zone(card.time_zone)
        text = _("{day} with {provider}")
        self.around_title.setText(
            text.format(day=words.day_short(day), provider=words.isolated(card.provider.name))
        )
        self._desk.ask(
            diary.view,
            day_span(day, zone(card.time_zone)),
            provider_ids=[card.provider.id],
            done=self._show_around,
            ticket=("requests-around", id(self)),
            what=_("reading the day"),
        )

    def _show_around(self, view: DiaryView) -> None:
        self.around_model.set_cards(
            sorted(unseen.shown(view).appointments, key=lambda card: (card.span, card.id))
        )
        fit_columns(self.around, AROUND.index("patient"))
        card = self.current()
        if card is not None:
            self._mark(self.around, card.id)

    def _mark(self, table: QTableView, card_id: int) -> None:
        found = self.around_model.row_of(card_id)
        if found >= 0:
            select_row(table, found)

    def _zone_changed(self) -> None:
        self.model.set_zone(self._desk.zone)
        self._row_changed(self.table.currentIndex())

    def _approve(self) -> None:
        """Once per look: the next request comes to stand where the last one was, so that a
        second click of the same hand is not meant for it.
        """
        card = self.current()
        if card is not None and not self._hold.is_held:
            self._hold.begin()
            self._visits.approve(card, failed=self._not_approved)

    def _not_approved(self, _error: BaseException) -> bool:
        """The same request is still there, and may be pressed again."""
        self._hold.end()
        return False

    def _decline(self) -> None:
        card = self.current()
        if card is not None:
            self._visits.decline(card)

    def _open(self) -> None:
        card = self.current()
        if card is not None:
            self.open_wanted.emit(card)

    def _show_in_calendar(self) -> None:
        card = self.current()
        if card is not None:
            self.shown_in_calendar.emit(card)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A approves, D declines, Enter opens."""
        if (
            watched is self.table
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            acts = {
                Qt.Key.Key_A: self._approve,
                Qt.Key.Key_D: self._decline,
                Qt.Key.Key_Return: self._open,
                Qt.Key.Key_Enter: self._open,
            }
            act = acts.get(Qt.Key(event.key()))
            if act is not None and event.modifiers() == Qt.KeyboardModifier.NoModifier:
                if not event.isAutoRepeat():
                    act()
                return True
        return super().eventFilter(watched, event)
