"""Opening the page of a case from anywhere: once per case, beside what is open already."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QWidget

from clinic_desk.views.desk import Desk
from clinic_desk.views.kept_sizes import keep_window

if TYPE_CHECKING:
    from clinic_desk.views.appointment_editor import AppointmentEditor
    from clinic_desk.views.cases.case_page import CasePage
    from clinic_desk.views.main_window import MainWindow

SHOWS_CASES = "Appointment Show"
"""The permission that opens the page."""


def open_case(desk: Desk, case_id: int, window: QWidget) -> CasePage:
    """Show the page of a case in front of *window*, the main one or one that it owns.

    The main window counts it among its editors, so that nothing typed is lost when it closes.
    """
    from clinic_desk.views.booking.opening import open_flow
    from clinic_desk.views.cases.case_page import CasePage

    main = main_window(window)
    open_ones = main.editors if main is not None else {}
    # Visits have positive numbers, so a case stands among them under its negative one.
    page = cast("CasePage | None", open_ones.get(-case_id))
    if page is None:
        page = CasePage(desk, case_id, main or window)
        open_ones[-case_id] = cast("AppointmentEditor", page)
        page.finished_with.connect(lambda number: open_ones.pop(-number, None))
        if main is not None:
            page.open_wanted.connect(main.open_editor)
            page.visits.park_wanted.connect(main.park)
            page.visits.form.flow_wanted.connect(partial(open_flow, main))
            main.sizes.keep(page)
            keep_window(page, main.memory, "case")
            _lead_into(main, page)
    page.show()
    page.raise_()
    page.activateWindow()
    return page


def _lead_into(main: MainWindow, page: CasePage) -> None:
    """What is looked at in the calendar must not lie under the page, so that closes first."""
    from clinic_desk.views.booking.opening import show

    page.shown_in_calendar.connect(lambda card: page.leave_then(partial(show, main, card)))
    page.day_wanted.connect(lambda day: page.leave_then(partial(main.go_to, day)))


def main_window(widget: QWidget | None) -> MainWindow | None:
    """The main window to which *widget* belongs, if it has one."""
    while widget is not None and not hasattr(widget, "editors"):
        widget = widget.parentWidget()
    return cast("MainWindow | None", widget)
