"""The visit that is selected, with what one does to it most."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.lifecycle import Status, may_become
from clinic_desk.services.cards import AppointmentCard, EventCard
from clinic_desk.views import unseen, words
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.to_pinboard import may_pin
from clinic_desk.views.visits import Visits, steps, toggled
from clinic_desk.views.widgets import button, column, label, line, named, restyle, row


class Swatch(QWidget):
    """A bar in the colour of the appointment type."""

    def __init__(self) -> None:
        super().__init__()
        self.colour = QColor()
        self.setFixedWidth(6)
        self.setMinimumHeight(40)
        named(self, "details-swatch")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.colour)
        painter.drawRoundedRect(self.rect(), 3, 3)


class Details(QScrollArea):
    """Follows the selection; edits nothing by itself.

    Signals:
        open_wanted(AppointmentCard): show everything about it.
        park_wanted(AppointmentCard): put it on the pinboard.
        remove_wanted(EventCard): take the event away.
        new_wanted(): book something.
    """

    open_wanted = Signal(object)
    park_wanted = Signal(object)
    remove_wanted = Signal(object)
    new_wanted = Signal()

    def __init__(self, desk: Desk, visits: Visits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "details", _("Details"), role="panel")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._desk, self._visits = desk, visits
        self.card: AppointmentCard | EventCard | None = None
        self._build()
        desk.deeds_happened.connect(self._deeds_happened)
        desk.zone_changed.connect(self._zone_changed)
        self.show_card(None)

    def _build(self) -> None:
        self.swatch = Swatch()
        self.name = label("", "details-name", role="heading", wrap=True)
        self.about = label("", "details-about", role="hint", wrap=True)
        self.alert = label("", "details-alert", role="alert", wrap=True)
        self.when = label("", "details-when", role="strong", wrap=True)
        self.place = label("", "details-place", wrap=True)
        self.type = label("", "details-type", wrap=True)
        self.state = label("", "details-status", role="badge")
        self.extra = label("", "details-extra", role="hint", wrap=True)
        self.notes = label("", "details-notes", wrap=True)
        self.buttons = {}
        grid = QGridLayout()
        grid.setSpacing(6)
        for index, step in enumerate(steps()):
            made = button(step.text, f"details-status-{step.status}")
            made.setToolTip(_("Key {key}").format(key=step.key) if step.key else "")
            made.clicked.connect(lambda _c=False, status=step.status: self._set_status(status))
            made.setCheckable(step.status is not Status.CANCELLED)
            self.buttons[step.status] = made
            grid.addWidget(made, index // 2, index % 2)
        self.room = button(_("In the room"), "details-room", self._enter_room)
        grid.addWidget(self.room, 3, 0, 1, 2)
        self.status_box = QWidget()
        self.status_box.setLayout(grid)
        grid.setContentsMargins(0, 0, 0, 0)
        self.approve = button(_("Approve"), "details-approve", self._approve, look="primary")
        self.decline = button(_("Decline…"), "details-decline", self._decline, look="danger")
        self.request_box = QWidget()
        self.request_box.setLayout(row(self.approve, self.decline, 1))
        self.open = button(_("Open…"), "details-open", self._open, tip=_("Enter or double click"))
        self.park = button(_("To pinboard"), "details-park", self._park)
        self.remove = button(_("Remove event"), "details-remove", self._remove, look="danger")
        self.new = button(_("New appointment"), "details-new", self.new_wanted.emit, look="primary")
        head = row(self.swatch, column(self.name, self.about, gap=2))
        head.setStretch(1, 1)
        inner = named(QWidget(), "details-inner", role="panel")
        inner.setLayout(
            column(
                head,
                self.alert,
                self.when,
                self.place,
                self.type,
                row(self.state, 1),
                self.extra,
                self.notes,
                line("details-line"),
                self.request_box,
                self.status_box,
                row(self.open, self.park, 1),
                row(self.remove, 1),
                row(self.new, 1),
                1,
                margin=12,
            )
        )
        self.setWidget(inner)

    def show_card(self, card: AppointmentCard | EventCard | None) -> None:
        """Show *card*, or that nothing is selected. An older version of what is shown is not."""
        if self._is_older(card):
            return
        self.card = card = unseen.named(card) if isinstance(card, AppointmentCard) else card
        visit = card if isinstance(card, AppointmentCard) else None
        event = card if isinstance(card, EventCard) else None
        told = visit is not None and not visit.busy
        for part in (self.state, self.place):
            part.setVisible(visit is not None)
        self.type.setVisible(told)
        self.swatch.setVisible(card is not None)
        self.when.setVisible(card is not None)
        self.open.setVisible(told)
        self.park.setVisible(told and may_pin(self._desk, visit))
        self.remove.setVisible(event is not None and self._desk.may("Calendar Event Update"))
        self.new.setVisible(card is None)
        self.request_box.hide()
        self.status_box.hide()
        for part in (self.alert, self.extra, self.notes):
            part.hide()
        if visit is not None:
            self._show_visit(visit)
        elif event is not None:
            self._show_event(event)
        else:
            self.name.setText(_("Nothing selected"))
            self.about.setText(
                _("Click a visit to see it here. Drag over free time, or press N, to book.")
            )

    def _is_older(self, card: AppointmentCard | EventCard | None) -> bool:
        shown = self.card
        if card is None or shown is None or type(shown) is not type(card):
            return False
        return shown.id == card.id and card.version < shown.version

    def _deeds_happened(self, changes: frozenset[Change]) -> None:
        """What is shown may be another by now, wherever it stands: read it again."""
        card = self.card
        if not isinstance(card, AppointmentCard):
            return
        mine = {("appointment", card.id), ("patient", card.patient_id), EVERYTHING}
        if mine & changes:
            from clinic_desk.services import diary

            self._desk.ask(
                diary.appointment,
                card.id,
                done=self._renewed,
                failed=_in_silence,
                ticket=("details", id(self)),
                what=_("reading the appointment"),
            )

    def _renewed(self, card: AppointmentCard) -> None:
        shown = self.card
        if isinstance(shown, AppointmentCard) and shown.id == card.id and shown != card:
            self.show_card(card)

    def _show_visit(self, card: AppointmentCard) -> None:
        from clinic_desk.views.admin.pages import allow

        self.swatch.colour = QColor(card.type.colour)
        self.swatch.update()
        self.name.setText(words.isolated(card.patient_name))
        born = words.born(card.patient_born)
        self.about.setText(unseen.why() if card.busy else born)
        _show(self.alert, card.patient_alert and f"⚠ {card.patient_alert}")
        self.when.setText(self._when(card))
        self.place.setText(words.place(card))
        self.type.setText(f"{card.type.code} · {card.type.name}")
        self.state.setText(words.status(card.status))
        restyle(self.state, status=str(card.status))
        _show(self.extra, "\n".join(self._more(card)))
        _show(self.notes, card.notes)
        if card.busy:
            return
        is_request = card.status is Status.REQUESTED
        self.request_box.setVisible(is_request)
        allow(self._desk, self.approve, "Appointment Request Approve")
        allow(self._desk, self.decline, "Appointment Reject")
        may = self._desk.may("Appointment Update")
        self.status_box.setVisible(not is_request and may)
        possible = may_become(card.status)
        for status, made in self.buttons.items():
            made.setChecked(card.status is status)
            made.setEnabled(status in possible or card.status is status)
        self.room.setVisible(card.status is Status.ARRIVED and card.in_room_at is None)

    def _more(self, card: AppointmentCard) -> list[str]:
        """Facts that only some visits have."""
        zone = card.time_zone  # the clock on the wall of the waiting room
        told = []
        if card.before_minutes or card.after_minutes:
            text = _("{before} min before and {after} min after are kept free")
            told.append(text.format(before=card.before_minutes, after=card.after_minutes))
        if card.overbooked:
            told.append("⚠ " + _("Overbooked on purpose"))
        if card.arrived_at and card.status is Status.ARRIVED:
            told.append(_("Arrived at {time}").format(time=words.clock(card.arrived_at, zone)))
        if card.in_room_at and card.status is Status.ARRIVED:
            told.append(
                _("In the room since {time}").format(time=words.clock(card.in_room_at, zone))
            )
        if card.reason:
            told.append(_("Reason: {reason}").format(reason=card.reason))
        if card.main_problem and card.main_problem != card.type.name:
            told.append(_("Main problem: {problem}").format(problem=card.main_problem))
        return told

    def _zone_changed(self) -> None:
        """The place with another clock than the calendar's is another one now."""
        card = self.card
        if isinstance(card, AppointmentCard):
            self.when.setText(self._when(card))

    def _when(self, card: AppointmentCard) -> str:
        told = words.visit_when(card, self._desk.zone)
        return f"{told}  ({words.length(card.span.minutes)})"

    def _show_event(self, card: EventCard) -> None:
        catalogue = self._desk.catalogue
        whose = catalogue.providers.get(card.resource_id) or catalogue.operatories.get(
            card.resource_id
        )
        self.swatch.colour = QColor("#6b716e")
        self.name.setText(words.isolated(card.title))
        self.about.setText(_("Calendar event"))
        self.when.setText(words.when_there(card.span, card.time_zone, self._desk.zone))
        self.place.setText(words.isolated(whose.name) if whose else "")
        self.place.show()

    def _set_status(self, status: Status) -> None:
        if isinstance(self.card, AppointmentCard):
            card = self.card
            self.show_card(card)  # a checkable button must not claim what is not saved yet
            self._visits.set_status(card, toggled(card, status))

    def _enter_room(self) -> None:
        if isinstance(self.card, AppointmentCard):
            self._visits.enter_room(self.card)

    def _approve(self) -> None:
        if isinstance(self.card, AppointmentCard):
            self._visits.approve(self.card)

    def _decline(self) -> None:
        if isinstance(self.card, AppointmentCard):
            self._visits.decline(self.card)

    def _open(self) -> None:
        if self.card is not None:
            self.open_wanted.emit(self.card)

    def _park(self) -> None:
        if self.card is not None:
            self.park_wanted.emit(self.card)

    def _remove(self) -> None:
        if self.card is not None:
            self.remove_wanted.emit(self.card)


def _in_silence(_error: BaseException) -> None:
    """What cannot be read now is told by the state line, and read again later."""


def _show(part: QWidget, text: str) -> None:
    part.setText(text)  # type: ignore[attr-defined]
    part.setVisible(bool(text))
