"""The panel at the right: the selected visit, the quick form, or why a drop was refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import AppointmentCard, EventCard, Override
from clinic_desk.views.desk import Desk
from clinic_desk.views.details import Details
from clinic_desk.views.drops import RefusedDrop
from clinic_desk.views.slots import Slot
from clinic_desk.views.visits import Visits
from clinic_desk.views.widgets import column, named, scrolled

if TYPE_CHECKING:
    from clinic_desk.views.quick_form import QuickForm
    from clinic_desk.views.quick_leaving import QuickLeaving
    from clinic_desk.views.refusal import RefusalPanel


class SidePanel(QStackedWidget):
    """Shows one thing at a time; a form in progress is not pushed aside by the selection.

    Signals:
        form_left(): the quick form or a refusal is finished or was left.
        booked(AppointmentCard): the quick form's visit is saved.
        more_wanted(Draft): the quick form is left for the booking window.
        pin_wanted(Draft): what is known in the quick form goes to the pinboard.
        proposed(Slot): the place in the quick form is another, or longer or shorter.
        form_asks(): the quick form is about to ask something; it should be in sight.
        tried_elsewhere(Slot): after a refused drop another place was picked; it is on its way.
    """

    form_left = Signal()
    booked = Signal(object)
    more_wanted = Signal(object)
    pin_wanted = Signal(object)
    proposed = Signal(object)
    form_asks = Signal()
    tried_elsewhere = Signal(object)

    def __init__(self, desk: Desk, visits: Visits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "side-panel", _("Side panel"), role="panel")
        self.details = Details(desk, visits)
        self._desk = desk
        self._refused: RefusedDrop | None = None
        self._form_page: QScrollArea | None = None
        self._refusal_page: QScrollArea | None = None
        self.addWidget(self.details)
        desk.undo_changed.connect(self.leave_refusal)
        self.setMinimumWidth(280)

    @cached_property
    def form(self) -> QuickForm:
        """The quick form, made when it is first wanted."""
        from clinic_desk.views import quick_form

        made = quick_form.QuickForm(self._desk)
        made.closed.connect(self._form_closed)
        made.booked.connect(self._booked)
        made.more_wanted.connect(self.more_wanted)
        made.pin_wanted.connect(self.pin_wanted)
        made.proposed.connect(self.proposed)
        made.leaving.sight_wanted.connect(self._show_form)
        self._form_page = self._scrolled(made, "form-page")
        self.addWidget(self._form_page)
        return made

    @cached_property
    def refusal(self) -> RefusalPanel:
        """Why not, made when it is first wanted."""
        from clinic_desk.views import refusal

        made = refusal.RefusalPanel(self._desk)
        made.dismissed.connect(self._left)
        made.slot_chosen.connect(self._elsewhere)
        made.overridden.connect(self._override)
        self._refusal_page = self._scrolled(made, "refusal-page")
        self.addWidget(self._refusal_page)
        return made

    def _booked(self, card: AppointmentCard | None) -> None:
        if card is not None:
            self.show_details()  # so that the selection of the new visit is shown
            self.details.show_card(card)
            self.booked.emit(card)

    def _scrolled(self, widget: QWidget, name: str) -> QScrollArea:
        inner = named(QWidget(), f"{name}-inner", role="panel")
        inner.setLayout(column(widget, 1, margin=12))
        return scrolled(inner, name, role="panel")

    @property
    def has_form(self) -> bool:
        """Whether the quick form is in progress."""
        return self._form_page is not None and self.currentWidget() is self._form_page

    def show_card(self, card: AppointmentCard | EventCard | None) -> None:
        """The selection is another. A form in progress stays in sight."""
        self.details.show_card(card)
        if self._is_refusing and self._is_about(card):
            return
        self._refused = None
        if not self.has_form:
            self.setCurrentWidget(self.details)

    def _is_about(self, card: AppointmentCard | EventCard | None) -> bool:
        """Whether the refusal in sight is about *card*."""
        about = self._refused.card if self._refused is not None else None
        return card is not None and type(card) is type(about) and card.id == about.id

    @property
    def _is_refusing(self) -> bool:
        return self._refusal_page is not None and self.currentWidget() is self._refusal_page

    def leave_refusal(self) -> None:
        """Other days are shown, or something else was done: a refusal is no longer about that."""
        if self._is_refusing:
            self._refused = None
            self.show_details()

    def show_details(self) -> None:
        """Show the selected visit again; or the form that was begun before."""
        page = self._form_page if self.begun else None
        self.setCurrentWidget(page if page is not None else self.details)

    def others_changed(self) -> None:
        """Somebody may have taken or freed the time in the form."""
        if self._form_page is not None:
            self.form.others_changed()

    @property
    def begun(self) -> tuple[QuickLeaving, ...]:
        """The quick form, where it is in progress: to be left as an editor is."""
        in_progress = self._form_page is not None and self.form.slot is not None
        return (self.form.leaving,) if in_progress else ()

    def settle_form(self, then: Callable[[], object]) -> bool:
        """Whether nothing is typed in the quick form; else it asks, and calls *then* when it was
        left.
        """
        for form in self.begun:
            if form.is_edited:
                form.raise_()
                form.leave_then(then)
                return False
        return True

    def _show_form(self) -> None:
        self.form_asks.emit()
        self.show_details()  # that is the form, while it is in progress

    def begin_form(self, slot: Slot) -> None:
        """Open the quick form at *slot*."""
        form = self.form
        assert self._form_page is not None
        self.setCurrentWidget(self._form_page)
        form.begin(slot)

    def explain(self, drop: RefusedDrop) -> None:
        """Say why a drop was refused, and offer what can be tried instead."""
        self._refused = drop
        refusal = self.refusal
        assert self._refusal_page is not None
        self.setCurrentWidget(self._refusal_page)
        type_id = drop.type_id if drop.elsewhere is not None else None
        may = drop.again is not None
        refusal.explain(
            drop.error,
            drop.slot,
            type_id,
            patient_id=drop.patient_id,
            dismissible=True,
            may_override=may,
            about=drop.card,
        )

    def _form_closed(self) -> None:
        self.show_details()
        self.form_left.emit()

    def _left(self) -> RefusedDrop | None:
        """The refusal is answered: the calendar has the focus again. What it was about."""
        refused, self._refused = self._refused, None
        self.show_details()
        if not self.has_form:
            self.form_left.emit()
        return refused

    def _elsewhere(self, slot: Slot) -> None:
        refused = self._left()
        if refused is not None and refused.elsewhere is not None:
            self.tried_elsewhere.emit(slot)
            refused.elsewhere(slot)

    def _override(self, override: Override) -> None:
        refused = self._left()
        if refused is not None and refused.again is not None:
            refused.again(override)
