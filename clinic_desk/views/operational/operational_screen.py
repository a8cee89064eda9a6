"""The section Operational: what the clinic offers, where, when and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.words import N_
from clinic_desk.views import sections
from clinic_desk.views.admin.pages import PageEntry
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.book_page import BookPage
from clinic_desk.views.pages_screen import PagesScreen

if TYPE_CHECKING:
    from clinic_desk.services.cards import AppointmentCard


def _clinic(desk: Desk) -> QWidget:
    from clinic_desk.views.operational.clinic_page import ClinicPage

    return ClinicPage(desk)


def _locations(desk: Desk) -> QWidget:
    from clinic_desk.views.operational.places import Locations

    return BookPage(Locations(), desk)


def _operatories(desk: Desk) -> QWidget:
    from clinic_desk.views.operational.places import Operatories

    return BookPage(Operatories(), desk)


def _providers(desk: Desk) -> QWidget:
    from clinic_desk.views.operational.provider_page import Providers

    return BookPage(Providers(), desk)


def _types(desk: Desk) -> QWidget:
    from clinic_desk.views.operational.type_page import Types

    return BookPage(Types(), desk)


def _codes(desk: Desk) -> QWidget:
    from clinic_desk.views.operational.codes import Codes

    return BookPage(Codes(), desk)


def _modifiers(desk: Desk) -> QWidget:
    from clinic_desk.views.operational.codes import Modifiers

    return BookPage(Modifiers(), desk)


def _qualifications(desk: Desk) -> QWidget:
    from clinic_desk.views.operational.codes import Qualifications

    return BookPage(Qualifications(), desk)


def _events(desk: Desk) -> QWidget:
    from clinic_desk.views.operational.event_page import Events

    return BookPage(Events(), desk)


def _triage_forms(desk: Desk) -> QWidget:
    from clinic_desk.views.operational.form_builder import TriageForms

    return BookPage(TriageForms(), desk)


def _questionnaires(desk: Desk) -> QWidget:
    from clinic_desk.views.operational.form_builder import Questionnaires

    return BookPage(Questionnaires(), desk)


def _misplaced(desk: Desk) -> QWidget:
    from clinic_desk.views.operational.misplaced_page import MisplacedPage

    return MisplacedPage(desk)


PAGES = (
    PageEntry("clinic", N_("Clinic"), ("Setting Update",), _clinic),
    PageEntry("locations", N_("Locations"), (sections.PLACES,), _locations),
    PageEntry("operatories", N_("Operatories"), (sections.PLACES,), _operatories),
    PageEntry("providers", N_("Providers"), (sections.PLACES,), _providers),
    PageEntry("types", N_("Appointment types"), (sections.SERVICES,), _types),
    PageEntry("events", N_("Calendar events"), ("Calendar Event Update",), _events),
    PageEntry("misplaced", N_("To be placed anew"), ("Appointment Get All",), _misplaced),
    PageEntry("codes", N_("Service codes"), (sections.SERVICES,), _codes),
    PageEntry("modifiers", N_("Code modifiers"), (sections.SERVICES,), _modifiers),
    PageEntry("qualifications", N_("Qualifications"), (sections.SERVICES,), _qualifications),
    PageEntry("triage-forms", N_("Triage forms"), ("Triage Form Get",), _triage_forms),
    PageEntry(
        "questionnaires",
        N_("Approval questionnaires"),
        ("Approval Questionnaire Get All",),
        _questionnaires,
    ),
)
"""In the order of the list. A further page is a line here, its module fetched when wanted."""


class OperationalScreen(PagesScreen):
    """Signals:
    shown_in_calendar(AppointmentCard): a visit that a change would break, in its week.
    """

    shown_in_calendar = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "operational", _("Operational"), PAGES, width=170, parent=parent)
        self.page_made.connect(self._page_made)
        for page in self.made:
            self._page_made(page)

    def _page_made(self, page: QWidget) -> None:
        wanted = getattr(page, "visit_wanted", None)
        if wanted is not None:
            wanted.connect(self._show_visit)

    def show_provider(self, number: int) -> None:
        """Open the page of providers at the provider of this number."""
        page = self.show_page("providers")
        if isinstance(page, BookPage):
            page.wanted(number)

    def _show_visit(self, number: int) -> None:
        from clinic_desk.services import diary

        self._desk.ask(
            diary.appointment,
            number,
            done=self._found,
            ticket=("operational-visit", id(self)),
            what=_("Appointment"),
        )

    def _found(self, card: AppointmentCard) -> None:
        self.shown_in_calendar.emit(card)
