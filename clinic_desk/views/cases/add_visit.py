"""A further appointment in the same case: a service, by whom, from when, and one click books."""

from __future__ import annotations

from datetime import date
from functools import partial

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QDateEdit, QFrame, QGridLayout, QPushButton, QWidget

from clinic_desk.i18n import _, pgettext
from clinic_desk.rules.clinic_time import day_span, zone
from clinic_desk.services.cards import Done
from clinic_desk.services.case_cards import CaseCard, Plan, Scheduled
from clinic_desk.services.offer_cards import Seat, Service, TimeOffer, Wish
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, error_line, label, named, row

OFFERED = 6
"""So many times are offered at once."""


class AddVisit(QFrame):
    """Signals:
    left(): it is booked, or not wanted any more.
    flow_wanted(Draft): several services, other rooms, the whole month: the booking window.
    """

    left = Signal()
    flow_wanted = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "case-add-form", _("Add appointment"), role="card")
        self._desk = desk
        self._case: CaseCard | None = None
        self._busy = False
        self.service = named(QComboBox(), "case-add-service", _("Service"))
        self.provider = named(QComboBox(), "case-add-provider", _("Provider"))
        self.day = named(QDateEdit(), "case-add-from", pgettext("from a day on", "From"))
        self.day.setCalendarPopup(True)
        short = self.day.locale().dateFormat(QLocale.FormatType.ShortFormat)
        self.day.setDisplayFormat(short if "yyyy" in short else short.replace("yy", "yyyy"))
        self.heading = label(_("Add appointment"), "case-add-heading", role="heading")
        self.hint = label("", "case-add-hint", role="hint", wrap=True)
        self.told = error_line("case-add-told")
        self._times = QGridLayout()
        self._times.setContentsMargins(0, 0, 0, 0)
        self._times.setSpacing(6)
        self.leave = button(_("Back"), "case-add-leave", self.left.emit, tip=_("Esc"))
        self.further = button(_("More choices…"), "case-add-flow", self._want_flow, look="quiet")
        fields = QGridLayout()
        fields.setHorizontalSpacing(12)
        for place, (text, field) in enumerate(
            (
                (_("Service"), self.service),
                (_("Provider"), self.provider),
                (pgettext("from a day on", "From"), self.day),
            )
        ):
            caption = label(text, role="hint")
            caption.setBuddy(field)
            fields.addWidget(caption, 0, place)
            fields.addWidget(field, 1, place)
        fields.setColumnStretch(0, 1)
        fields.setColumnStretch(1, 1)
        parts = (
            self.heading,
            fields,
            self.told,
            self.hint,
            self._times,
            row(self.further, 1, self.leave),
        )
        self.setLayout(column(*parts, margin=12))
        self.service.activated.connect(self._service_chosen)
        self.provider.activated.connect(lambda _index: self.look())
        self.day.dateChanged.connect(lambda _day: self.look())

    # Beginning --------------------------------------------------------------------------------

    def begin(self, card: CaseCard) -> None:
        """Offer times for another visit of the same service by the same person."""
        self._case = card
        last = card.appointments[-1] if card.appointments else None
        catalogue = self._desk.catalogue
        self.service.clear()
        for kind in sorted(catalogue.types.values(), key=lambda one: (one.position, one.name)):
            if kind.active:
                self.service.addItem(f"{kind.code} · {kind.name}", kind.id)
        wanted = last.type.id if last else (card.type.id if card.type else None)
        self.service.setCurrentIndex(max(0, self.service.findData(wanted)))
        self._fill_providers(last.provider.id if last else None)
        day = self._desk.today()
        self.day.blockSignals(True)
        self.day.setMinimumDate(QDate(day.year, day.month, day.day))
        self.day.setDate(QDate(day.year, day.month, day.day))
        self.day.blockSignals(False)
        self.told.hide()
        self.look()
        self.service.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_card(self, card: CaseCard) -> None:
        """The case is another version now."""
        if self._case is not None:
            self._case = card

    def _fill_providers(self, chosen: int | None) -> None:
        catalogue, type_id = self._desk.catalogue, self.service.currentData()
        self.provider.clear()
        self.provider.addItem(_("Anybody"), None)
        for person in sorted(catalogue.providers.values(), key=lambda one: one.position):
            if person.active and catalogue.qualified(person.id, type_id):
                self.provider.addItem(person.name, person.id)
        self.provider.setCurrentIndex(max(0, self.provider.findData(chosen)))

    def _service_chosen(self) -> None:
        self._fill_providers(self.provider.currentData())
        self.look()

    # Looking ----------------------------------------------------------------------------------

    def look(self) -> None:
        """Ask for the next times that can be booked."""
        from clinic_desk.services import offers

        if self._case is None or self.service.currentData() is None:
            return
        self._clear()
        self.hint.setText(_("Looking for free times…"))
        self.hint.show()
        who = self.provider.currentData()
        service = Service(self.service.currentData(), provider_ids=(who,) if who else None)
        chosen = self.day.date()
        day = date(chosen.year(), chosen.month(), chosen.day())
        self._desk.ask(
            offers.first, Wish((service,), patient_id=self._case.patient.id),
            from_at=day_span(day, zone(self._desk.zone)).starts_at, count=OFFERED,
            done=self._found, failed=self._not_found, ticket=("case add", id(self)),
            what=_("looking for free times"),
        )  # fmt: skip

    def _found(self, offered: tuple[TimeOffer, ...]) -> None:
        self._clear()
        self.hint.setText(_("One click books."))
        if not offered:
            self.hint.setText(
                _("No free time within half a year. Choose another provider or a later day.")
            )
        for place, offer in enumerate(offered):
            seat = offer.seats[0]
            made = button(self._words(seat), "case-add-time", partial(self._book, seat), look="way")
            self._times.addWidget(made, place // 2, place % 2)

    def _not_found(self, error: BaseException) -> None:
        self._clear()
        self.hint.hide()
        self._tell(words.explained(error, self._desk.zone))

    def _words(self, seat: Seat) -> str:
        catalogue = self._desk.catalogue
        parts = [words.isolated(catalogue.providers[seat.provider_id].name)]
        room = catalogue.operatories.get(seat.operatory_id or 0)
        if room is not None:
            parts.append(words.isolated(room.name))
        return f"{self._when(seat)} · {' · '.join(parts)}"

    def _when(self, seat: Seat) -> str:
        there = self._desk.catalogue.time_zone(seat.location_id)
        return words.when_there(seat.span, there, self._desk.zone)

    def _clear(self) -> None:
        while self._times.count():
            item = self._times.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    @property
    def times(self) -> list[QPushButton]:
        """The times that are offered, each a button."""
        return [one for one in self.findChildren(QPushButton, "case-add-time") if one.isVisible()]

    # Booking ----------------------------------------------------------------------------------

    def _book(self, seat: Seat) -> None:
        from clinic_desk.services import cases

        if self._busy or self._case is None:
            return
        self._busy = True
        self.told.hide()
        patient, when = self._case.patient.name, self._when(seat)
        self._desk.do(
            cases.schedule,
            Plan(self._case.patient.id, "", ((seat,),), case_id=self._case.id),
            label=_("Book {patient}, {when}").format(patient=words.isolated(patient), when=when),
            said=_("Booked: {patient}, {when}").format(
                patient=words.isolated(patient), when=when
            ),
            done=self._booked, failed=self._refused,
        )  # fmt: skip

    def _booked(self, _answer: Done[Scheduled]) -> None:
        self._busy = False
        self.left.emit()

    def _refused(self, error: BaseException) -> bool:
        self._busy = False
        self.look()
        self._tell(words.explained(error, self._desk.zone))
        return True

    def _want_flow(self) -> None:
        """The booking window, with what is chosen here filled in."""
        from clinic_desk.views.booking.draft import Draft, Part

        case = self._case
        if case is None:
            return
        part = Part(self.service.currentData(), provider_id=self.provider.currentData())
        self.flow_wanted.emit(
            Draft(case.main_problem, [part], patient=case.patient, case_id=case.id)
        )
        self.left.emit()

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
