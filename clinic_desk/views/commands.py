"""What the main window's actions do, and the menu of the right button."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QDialog, QLayout, QMenu, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.cards import AppointmentCard, EventCard
from clinic_desk.views import panes
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.menu import Menu
from clinic_desk.views.paper import Paper
from clinic_desk.views.sections import SECTIONS
from clinic_desk.views.to_pinboard import may_pin
from clinic_desk.views.widgets import button, column, label, named, row

if TYPE_CHECKING:
    from clinic_desk.views.main_window import MainWindow

STATUSES = {
    "confirm": Status.CONFIRMED,
    "arrive": Status.ARRIVED,
    "complete": Status.COMPLETED,
    "miss": Status.MISSED,
    "cancel": Status.CANCELLED,
}


def connect_actions(window: MainWindow) -> None:
    """Give every action of *window* its deed."""
    acts, calendar, desk = window.actions_, window.calendar, window.desk
    paper = Paper(window)
    deeds: dict[str, Callable[[], object]] = {
        "print-day": lambda: paper.send(week=False, pdf=None, ask=False),
        "print-week": lambda: paper.send(week=True, pdf=None, ask=False),
        "pdf-day": lambda: paper.send(week=False, pdf=None, ask=True),
        "pdf-week": lambda: paper.send(week=True, pdf=None, ask=True),
        "new-window": window.new_window_wanted.emit,
        "sign-out": window.sign_out_wanted.emit,
        "quit": window.close,
        "undo": desk.undo,
        "redo": desk.redo,
        "pin": lambda: _with_visit(window, window.park),
        "place": lambda: _place(window),
        "zoom-in": lambda: calendar.zoom(1),
        "zoom-out": lambda: calendar.zoom(-1),
        "zoom-fit": lambda: calendar.zoom(0),
        "cancelled": lambda: calendar.set_with_cancelled(acts["cancelled"].isChecked()),
        "panel": window.toggle_panel,
        "light": lambda: window.set_theme("light"),
        "dark": lambda: window.set_theme("dark"),
        "system": lambda: window.set_theme("system"),
        "palette": partial(_open_palette, window),
        "date": partial(_open_palette, window),
        "today": lambda: window.go_to(desk.today()),
        "back": lambda: calendar.step(-1),
        "forward": lambda: calendar.step(1),
        **{s.name: partial(window.show_screen, s.name) for s in SECTIONS},
        "next-pane": lambda: panes.cycle(window, 1),
        "previous-pane": lambda: panes.cycle(window, -1),
        "new": lambda: _new(window),
        "booking": window.open_booking,
        "next-free": lambda: _next_free(window),
        "open": lambda: _with_visit(window, window.open_editor),
        "again": lambda: _with_visit(window, partial(_again, window)),
        "room": lambda: _with_visit(window, window.visits.enter_room),
        "approve": lambda: _with_visit(window, window.visits.approve),
        "decline": lambda: _with_visit(window, window.visits.decline),
        "handbook": lambda: show_handbook(window),
        "shortcuts": lambda: show_shortcuts(window).open(),
        "about": lambda: about(window).open(),
    }
    for name, deed in deeds.items():
        acts.connect(name, deed)
    for view in View:
        acts.connect(f"view-{view}", partial(_show_view, window, view))
    for name, status in STATUSES.items():
        acts.connect(name, partial(_set_status, window, status))
    calendar.selected.connect(lambda card: _enable(window, card))
    _enable(window, None)
    books = desk.may("Appointment Create")
    acts.enable(["booking"], books)
    acts.enable(["new", "next-free"], books or desk.may("Calendar Event Update"))


def _enable(window: MainWindow, card: object) -> None:
    """What needs a visit is offered only while one is selected."""
    visit = isinstance(card, AppointmentCard)
    asked = isinstance(card, AppointmentCard) and card.status is Status.REQUESTED
    acts = window.actions_
    acts.enable(["open"], visit)
    acts.enable(["pin"], may_pin(window.desk, card))
    acts.enable(["again"], visit and window.desk.may("Appointment Create"))
    acts.enable([*STATUSES, "room"], visit and not asked)
    if isinstance(card, EventCard):
        acts.enable(["cancel"], True)
    for name, permission in (
        ("approve", "Appointment Request Approve"),
        ("decline", "Appointment Reject"),
    ):
        acts.enable([name], asked and window.desk.may(permission))


def _with_visit(window: MainWindow, deed: Callable[[AppointmentCard], object]) -> None:
    card = window.calendar.current
    if isinstance(card, AppointmentCard):
        deed(card)


def _again(window: MainWindow, card: AppointmentCard) -> None:
    from clinic_desk.views.booking.opening import open_again

    open_again(window, card)


def _set_status(window: MainWindow, status: Status) -> None:
    card = window.calendar.current
    if isinstance(card, EventCard) and status is Status.CANCELLED:
        window.visits.remove_event(card)
    elif isinstance(card, AppointmentCard):
        window.calendar.drops.status_wanted(card, status)


def _show_view(window: MainWindow, view: View) -> None:
    window.show_screen("calendar")
    window.calendar.set_view(view)
    window.calendar.focus()


def _open_palette(window: MainWindow) -> None:
    window.palette_.open()


def _new(window: MainWindow) -> None:
    window.show_screen("calendar")
    window.calendar.drops.new_at_cursor()


def _next_free(window: MainWindow) -> None:
    """The quick form with the next free times at once: for what is typed in it, if anything is."""
    if not any(form.is_edited for form in window.panel.begun):
        _new(window)
    if window.panel.has_form:
        window.panel.form.look_further()


def _place(window: MainWindow) -> None:
    card = window.pinboard.current() or next(iter(window.pinboard.cards), None)
    if card is None:
        window.desk.say(_("The pinboard is empty."))
    else:
        window.carrying.carry(card)


def context_menu(window: MainWindow, card: object, where: QPoint) -> QMenu:
    """The menu of a visit, an event or free time, at a point of the screen."""
    acts = window.actions_
    menu = named(Menu(window), "context-menu", _("Menu"))
    if isinstance(card, AppointmentCard):
        menu.addAction(acts["open"])
        menu.addAction(acts["again"])
        menu.addAction(acts["pin"])
        menu.addSeparator()
        names = ["approve", "decline"] if card.status is Status.REQUESTED else [*STATUSES, "room"]
        for name in names:
            menu.addAction(acts[name])
    elif isinstance(card, EventCard):
        remove = menu.addAction(_("Remove event"))
        remove.triggered.connect(lambda: window.visits.remove_event(card))
    else:
        menu.addAction(acts["new"])
        if window.pinboard.cards:
            menu.addAction(acts["place"])
        menu.addAction(acts["palette"])
    menu.popup(where)
    return menu


def show_shortcuts(window: MainWindow) -> QDialog:
    """The sheet of all keys."""
    from clinic_desk.views.shortcuts import ShortcutSheet

    return ShortcutSheet(window.actions_.sheet, window.memory, window)


def show_handbook(window: MainWindow) -> QDialog:
    """The handbook beside the window, once: asked for again, it comes to the front."""
    from clinic_desk.views.handbook import Handbook

    shown = window.findChild(Handbook) or Handbook(window.memory, window)
    shown.show()
    shown.raise_()
    shown.activateWindow()
    return shown


def about(window: MainWindow) -> QDialog:
    """Name, version, database."""
    from clinic_desk import __version__
    from clinic_desk.config import shown

    dialog = named(QDialog(window), "about", _("About Clinic Desk"))
    dialog.setWindowTitle(_("About Clinic Desk"))
    close = button(_("Close"), "about-close", dialog.accept, look="primary")
    parts: list[QWidget | QLayout] = [
        label(f"{_('Clinic Desk')} {__version__}", "about-title", role="title"),
        label(
            _("A desktop scheduler for clinics that cannot be double-booked."),
            "about-text",
            wrap=True,
        ),
        label(
            _("Database: {where}").format(where=shown(window.desk.actor.store.url)),
            "about-where",
            wrap=True,
        ),
        label(
            _("Times are shown in {zone}.").format(zone=window.desk.zone), "about-zone", wrap=True
        ),
        row(1, close),
    ]
    dialog.setLayout(column(*parts, margin=20, gap=10))
    close.setDefault(True)
    dialog.setMinimumWidth(420)
    return dialog
