"""The screens of the main window; all but the calendar are made when they are first wanted."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from clinic_desk.views.calendar_screen import CalendarScreen
from clinic_desk.views.desk import Desk
from clinic_desk.views.visits import Visits
from clinic_desk.views.waiting import Waiting
from clinic_desk.views.widgets import named

if TYPE_CHECKING:
    from clinic_desk.views.admin.admin_screen import AdminScreen
    from clinic_desk.views.booking.appointments_screen import AppointmentsScreen
    from clinic_desk.views.home_screen import HomeScreen
    from clinic_desk.views.operational.operational_screen import OperationalScreen
    from clinic_desk.views.pages_screen import PagesScreen
    from clinic_desk.views.patients.patients_screen import Holder, PatientsScreen
    from clinic_desk.views.requests_screen import RequestsScreen


class Screens(QStackedWidget):
    """Signals:
    open_wanted(card): the editor.
    screen_wanted(str): another screen, by name.
    shown_in_calendar(AppointmentCard): its week, with the visit selected.
    patient_wanted(PatientCard): an appointment for them.
    booking_wanted(): the window "New appointment".
    park_wanted(AppointmentCard): to the pinboard.
    """

    open_wanted = Signal(object)
    screen_wanted = Signal(str)
    shown_in_calendar = Signal(object)
    patient_wanted = Signal(object)
    booking_wanted = Signal()
    park_wanted = Signal(object)

    def __init__(
        self, desk: Desk, visits: Visits, waiting: Waiting, calendar: CalendarScreen
    ) -> None:
        super().__init__()
        named(self, "screens")
        self._desk, self._visits, self._waiting = desk, visits, waiting
        self.calendar = calendar
        self.addWidget(calendar)

    @cached_property
    def home(self) -> HomeScreen:
        """Today at a glance."""
        from clinic_desk.views import home_screen

        made = home_screen.HomeScreen(self._desk, self._waiting)
        made.open_wanted.connect(self.open_wanted)
        made.screen_wanted.connect(self.screen_wanted)
        made.booking_wanted.connect(self.booking_wanted)
        self.addWidget(made)
        return made

    @cached_property
    def appointments(self) -> AppointmentsScreen:
        """The cases, and the way to a new one."""
        from clinic_desk.views.booking import appointments_screen

        made = appointments_screen.AppointmentsScreen(self._desk)
        made.booking_wanted.connect(self.booking_wanted)
        self.addWidget(made)
        return made

    @cached_property
    def requests(self) -> RequestsScreen:
        """The requests that wait."""
        from clinic_desk.views import requests_screen

        made = requests_screen.RequestsScreen(self._desk, self._visits, self._waiting)
        made.calendar_wanted.connect(lambda: self.screen_wanted.emit("calendar"))
        made.open_wanted.connect(self.open_wanted)
        made.shown_in_calendar.connect(self.shown_in_calendar)
        self.addWidget(made)
        return made

    @cached_property
    def operational(self) -> OperationalScreen:
        """What the clinic offers, where, when and by whom."""
        from clinic_desk.views.operational import operational_screen

        made = operational_screen.OperationalScreen(self._desk)
        made.shown_in_calendar.connect(self.shown_in_calendar)
        self.addWidget(made)
        return made

    @cached_property
    def patients(self) -> PatientsScreen:
        """Whom the clinic looks after."""
        from clinic_desk.views.patients import patients_screen

        made = patients_screen.PatientsScreen(self._desk)
        made.open_wanted.connect(self.open_wanted)
        made.book_wanted.connect(self.patient_wanted)
        made.park_wanted.connect(self.park_wanted)
        self.addWidget(made)
        return made

    @cached_property
    def admin(self) -> AdminScreen:
        """Staff, roles, one's own account."""
        from clinic_desk.views.admin import admin_screen

        made = admin_screen.AdminScreen(self._desk)
        self.addWidget(made)
        return made

    @property
    def admin_made(self) -> PagesScreen | Holder | None:
        """The section, Admin, Operational or Patients, that holds something unsaved; else Admin,
        if somebody has been there.
        """
        made: list[PagesScreen | Holder] = [
            self.__dict__[name] for name in ("operational", "admin") if name in self.__dict__
        ]
        if "patients" in self.__dict__:
            made.append(self.patients.holder)
        held = (one for one in made if one.unsaved is not None)
        return next(held, self.__dict__.get("admin"))

    def bring(self, name: str) -> QWidget:
        """Show the screen called *name* and give it back."""
        known: dict[str, Callable[[], QWidget]] = {
            "home": lambda: self.home,
            "calendar": lambda: self.calendar,
            "appointments": lambda: self.appointments,
            "requests": lambda: self.requests,
            "operational": lambda: self.operational,
            "patients": lambda: self.patients,
            "admin": lambda: self.admin,
        }
        screen = known[name]()
        self.setCurrentWidget(screen)
        return screen
