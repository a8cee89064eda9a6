"""What a window offers is what its user may do: the rest is absent, keys and menus included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinic_desk.views.sections import SECTIONS

if TYPE_CHECKING:
    from clinic_desk.views.main_window import MainWindow

OF_THE_CALENDAR = (
    "print-day",
    "print-week",
    "pdf-day",
    "pdf-week",
    "pin",
    "place",
    "view-week",
    "view-workweek",
    "view-day-providers",
    "view-day-operatories",
    "view-month",
    "view-list",
    "zoom-in",
    "zoom-out",
    "zoom-fit",
    "cancelled",
    "panel",
    "date",
    "today",
    "back",
    "forward",
)
"""Actions that mean nothing to somebody who sees no visits."""


def fit(window: MainWindow) -> None:
    """Take out of *window* what its user is not led to."""
    acts, there = window.actions_, window.navigation.buttons
    absent = [section.name for section in SECTIONS if section.name not in there]
    if "calendar" not in there:
        absent += OF_THE_CALENDAR
        absent += [action.objectName() for action in acts.menus["appointment"].actions()]
        acts.menus["appointment"].menuAction().setVisible(False)
    for name in absent:
        if name in acts.by_name:
            acts[name].setVisible(False)
            acts[name].setEnabled(False)
