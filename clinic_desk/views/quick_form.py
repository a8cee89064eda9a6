"""The short form beside the calendar: a known patient into a swept or chosen time.

It also blocks time (a calendar event). Nothing typed here is lost by a refusal or by what
others do meanwhile; the reasons and the ways out stand in the form. Other desks see that the
time in it is just being booked, and cannot take it, until the form is left.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Conflicted, Invalid
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard, Done, EventCard, Override, PatientCard
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.free_times import FreeTimes
from clinic_desk.views.quick_event import QuickEvent
from clinic_desk.views.quick_fields import QuickFields
from clinic_desk.views.quick_free import FreeLine
from clinic_desk.views.quick_hold import QuickHold
from clinic_desk.views.quick_kinds import QuickKinds
from clinic_desk.views.quick_leaving import QuickLeaving
from clinic_desk.views.refusal import RefusalPanel
from clinic_desk.views.slots import Slot
from clinic_desk.views.widgets import button, column, label, named, row


class QuickForm(QWidget):
    """Signals:
    booked(AppointmentCard): it is saved.
    closed(): the form is finished or was left.
    proposed(Slot): the place in the form is another, or longer or shorter.
    more_wanted(Draft): go on in the booking window, with what is known here.
    pin_wanted(Draft): put what is known here on the pinboard, for another time.
    """

    booked = Signal(object)
    closed = Signal()
    proposed = Signal(object)
    more_wanted = Signal(object)
    pin_wanted = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "quick-form", _("New appointment"))
        self._desk = desk
        self.slot: Slot | None = None
        self.heading = label(_("New appointment"), "quick-heading", role="heading")
        self.when = label("", "quick-when", wrap=True)
        self.fields = QuickFields(desk)
        self.search = self.fields.search
        self.free = FreeLine(desk)
        self.next = button(_("Next free times"), "quick-next", self.look_further, look="quiet")
        self.openings = FreeTimes(desk, "quick-opening")
        self.openings.slot_chosen.connect(self.take_slot)
        self.refusal = RefusalPanel(desk)
        self.refusal.hide()
        self.event_ = QuickEvent(desk)
        self.whose, self.title = self.event_.whose, self.event_.title
        self.book = button(_("Book"), "quick-book", self.submit, look="primary")
        self.more = button(_("All steps…"), "quick-more", self.go_on, look="quiet")
        self.more.setToolTip(_("Several services, another day, a main problem"))
        self.pin = button(_("To pinboard"), "quick-pin", self.put_aside, look="quiet")
        self.pin.setToolTip(_("Another time: what is typed waits on the pinboard"))
        self.leaving = QuickLeaving(self)
        self.leave = button(_("Back"), "quick-leave", self.leaving.reject, tip=_("Esc"))
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(120)
        self._pause.timeout.connect(self._check)
        self.hold = QuickHold(desk, self)
        self._lost = self._warned = self.is_saving = False
        self._connect()

    def _build(self) -> None:
        kinds = self._kinds = QuickKinds()
        self.as_visit, self.as_event = kinds.as_visit, kinds.as_event
        buttons = row(self.book, self.leave, 1)
        ways = row(self.pin, 1, self.more)
        asked = (self.heading, self.when, row(kinds, 1), self.fields, self.event_)
        told = (self.free, self.next, self.openings, self.refusal)
        self.setLayout(column(*asked, *told, buttons, ways, 1))
        kinds.setVisible(self._desk.may("Calendar Event Update"))  # within: else it is a window

    def _connect(self) -> None:
        self.search.chosen.connect(self._patient_chosen)
        self.fields.type.activated.connect(self._type_chosen)
        self.fields.minutes.valueChanged.connect(self._length_changed)
        self.fields.provider.activated.connect(self._place_changed)
        self.fields.operatory.activated.connect(self._place_changed)
        self.whose.activated.connect(lambda _index: self._changed())
        self._kinds.chosen.connect(self._changed)
        self.title.textChanged.connect(lambda _text: self._show_what())
        self.refusal.slot_chosen.connect(self.take_slot)
        self.refusal.overridden.connect(self.submit)
        self.hold.lost.connect(self._hold_lost)
        self.hold.refused.connect(self._hold_refused)
        self.hold.found.connect(self._hold_found)
        self._desk.zone_changed.connect(self._show_what)  # the clock to be named is another one

    # What it is about -----------------------------------------------------------------------

    def begin(self, slot: Slot) -> None:
        """Start a new entry at *slot*; a swept length is kept, else the type says how long. What
        is typed already goes along to *slot*.
        """
        if self.is_saving:
            return
        if self.leaving.is_edited:
            self._go_along(slot)
            return
        self.hold.let_go()
        self.search.clear()
        self.fields.notes.clear()
        self.title.clear()
        self.refusal.hide()
        self.openings.clear()
        self.as_visit.setChecked(True)
        self.whose.clear()
        self.fields.fill_types(slot.provider_id)
        self._set_slot(slot if slot.length_meant else self.fields.as_usual(slot))
        self.search.setFocus()

    def _go_along(self, slot: Slot) -> None:
        """Another place was pointed at: what is typed, and the length, are meant for there."""
        self.refusal.hide()
        self.openings.clear()
        self.fields.fill_types(slot.provider_id)
        minutes = slot.span.minutes if slot.length_meant else self.fields.minutes.value()
        self._set_slot(replace(slot, span=Span.lasting(slot.span.starts_at, minutes)))
        (self.title if self.is_event else self.search).setFocus()

    def _set_slot(self, slot: Slot) -> None:
        self.slot, self._lost, self._warned = slot, False, False
        self.fields.show_slot(slot)
        self.event_.show_slot(self.slot)
        self._changed()

    def _changed(self) -> None:
        """The place or the time is another: it is told, and looked at."""
        self.proposed.emit(self.slot)
        self._show_what()
        self._pause.start()

    @property
    def is_typed(self) -> bool:
        """Whether something was typed, or a patient chosen."""
        texts = self.search.field.text(), self.fields.notes.toPlainText(), self.title.text()
        return any(text.strip() for text in texts)

    def take_slot(self, place: Slot) -> None:
        """Go to another time or person that was offered; what was typed stays."""
        if self.slot is None:
            return
        self.refusal.hide()
        self.openings.clear()
        self._set_slot(
            replace(
                self.slot,
                span=place.span,
                provider_id=place.provider_id,
                operatory_id=place.operatory_id,
                location_id=place.location_id or self.slot.location_id,
            )
        )
        self.book.setFocus()

    def look_further(self) -> None:
        """Offer the next free places for this type and length."""
        if self.slot is not None and self.fields.type_id is not None:
            self.openings.look(self.slot, self.fields.type_id, patient_id=self._patient_id)

    @property
    def _patient_id(self) -> int | None:
        patient = self.search.patient
        return patient.id if patient is not None else None

    def _type_chosen(self) -> None:
        self.fields.take_length()
        self._pause.start()

    def _length_changed(self, minutes: int) -> None:
        if self.slot is not None:
            start = self.slot.span.starts_at
            span = Span(start, start + timedelta(minutes=minutes))
            self.slot = replace(self.slot, span=span)
            self._changed()

    def _place_changed(self) -> None:
        if self.slot is not None:
            self.slot = replace(
                self.slot,
                provider_id=self.fields.provider.currentData(),
                operatory_id=self.fields.operatory.currentData(),
            )
            self.event_.show_slot(self.slot)
            self._changed()

    def _patient_chosen(self, patient: PatientCard | None) -> None:
        self._show_what()
        self._pause.start()
        if patient is not None:
            self.fields.type.setFocus()

    @property
    def is_event(self) -> bool:
        """Whether the time is to be blocked rather than booked."""
        return self.as_event.isChecked()

    def _show_what(self) -> None:
        if self.slot is None:
            return
        who = [self.slot.provider_id, self.slot.operatory_id]
        if self.is_event:
            who = [self.whose.currentData()]
        self.when.setText(self.fields.told(self.slot, who))
        self.fields.setVisible(not self.is_event)
        self.event_.setVisible(self.is_event)
        self.heading.setText(_("Block time") if self.is_event else _("New appointment"))
        self.book.setText(_("Block this time") if self.is_event else _("Book"))
        ready = (
            bool(self.title.text().strip()) if self.is_event else self.search.patient is not None
        )
        self.book.setEnabled(ready and not self.is_saving)
        self.free.setVisible(self._warned or not self.is_event)
        for way in (self.next, self.more, self.pin):
            way.setVisible(not self.is_event)

    # Is it free? ----------------------------------------------------------------------------

    def others_changed(self) -> None:
        """Somebody booked, held or freed something: look again, where the form is in use."""
        if self.slot is not None:
            self._pause.start()

    def _check(self) -> None:
        if self.slot is None or self.fields.type_id is None or self.is_saving:
            return
        if self.is_event:  # free it is where it is held; what hinders that is told
            self.hold.keep_for_event(self.slot.span, self.whose.currentData())
            return
        self.hold.keep(self.slot, self.fields.type_id)
        self.free.look(self.slot, self.fields.type_id, self._patient_id, self.hold.name)

    def _hold_lost(self, error: Conflicted) -> None:
        """The desk slept too long, and somebody else was there first."""
        if self.slot is not None and not self.is_saving:
            self._lost = True
            self._refused(error)

    def _hold_refused(self, error: Conflicted) -> None:
        """Somebody else is there, or just booking."""
        if self.slot is not None and self.is_event and not self._lost:
            self._warned = True
            self.free.warn(self.slot, error.conflicts)
            self.free.show()

    def _hold_found(self) -> None:
        if self._lost or self._warned:
            self._lost = self._warned = False
            self.refusal.hide()
            self._show_what()
            self._pause.start()

    def go_on(self) -> None:
        """Leave for the booking window; what is typed here goes along."""
        known = self.fields.draft(self.slot) if self.slot is not None else None
        if known is not None:
            known.desk = self.hold.hand_over() or known.desk
            self.leave_it()
            self.more_wanted.emit(known)

    def put_aside(self) -> None:
        """Leave for another time; what is typed here waits on the pinboard."""
        known = self.fields.draft(self.slot) if self.slot is not None else None
        if known is not None:
            self.leave_it()
            self.pin_wanted.emit(known)

    def leave_it(self) -> None:
        """Close the form; what it held is free."""
        self._pause.stop()
        self.hold.let_go()
        self.slot = None
        self.closed.emit()

    # Saving -----------------------------------------------------------------------------------

    def submit(self, override: Override | None = None) -> bool:
        """Book, or block the time; False where something is missing for that."""
        if self.slot is None or not self.book.isEnabled():
            return False
        self.is_saving = True
        self.book.setEnabled(False)
        self._pause.stop()  # what is saved is not asked about any more
        if self.is_event:
            self._add_event(self.slot)
        else:
            self._book(self.slot, override)
        return True

    def tell_missing(self) -> None:
        """Why it cannot be saved yet; the keyboard goes there."""
        if not self.is_event:
            self.search.tell(_("Choose the patient first."))
        (self.title if self.is_event else self.search).setFocus()

    def _book(self, slot: Slot, override: Override | None) -> None:
        from clinic_desk.services import diary

        patient = self.search.patient
        assert patient is not None
        when = self.fields.when(slot)
        self._desk.do(
            diary.book,
            span=slot.span,
            type_id=self.fields.type_id,
            provider_id=slot.provider_id,
            patient_id=patient.id,
            location_id=slot.location_id,
            operatory_id=slot.operatory_id,
            notes=self.fields.notes.toPlainText(),
            override=override,
            desk=self.hold.name,
            label=_("Book {patient}, {when}").format(
                patient=words.isolated(patient.name), when=when
            ),
            said=_("Booked: {patient}, {when}").format(
                patient=words.isolated(patient.name), when=when
            ),
            done=self._booked,
            failed=self._refused,
        )

    def _add_event(self, slot: Slot) -> None:
        from clinic_desk.services import events

        when = self.fields.when(slot)
        self._desk.do(
            events.add,
            resource_id=self.whose.currentData(),
            span=slot.span,
            title=self.title.text(),
            location_id=slot.location_id,
            desk=self.hold.name,
            label=_("Block {when}").format(when=when),
            said=_("Blocked: {when}").format(when=when),
            done=self._blocked,
            failed=self._refused,
        )

    def _blocked(self, _answer: Done[EventCard]) -> None:
        self.is_saving = False
        self.hold.hand_over()  # it was let go of in the same deed
        self.leave_it()

    def _booked(self, answer: Done[AppointmentCard]) -> None:
        self.is_saving = False
        self.hold.hand_over()
        self.slot = None
        self.booked.emit(answer.value)
        self.leave_it()

    def _refused(self, error: BaseException) -> bool:
        self.is_saving = False
        self.leaving.stay()
        self._show_what()
        if isinstance(error, Conflicted) and self.slot is not None:
            self.free.hide()
            type_id = None if self.is_event else self.fields.type_id
            self.refusal.explain(error, self.slot, type_id, patient_id=self._patient_id)
            return True
        if isinstance(error, Invalid):
            self.free.setText(words.explained(error, self._desk.zone))
            self.free.show()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leaving.reject()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submit()
        else:
            super().keyPressEvent(event)
