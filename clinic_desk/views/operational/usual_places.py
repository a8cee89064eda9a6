"""Where a provider usually is on each weekday: a choice per day, beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice, choose
from clinic_desk.views.operational.fields import offer
from clinic_desk.views.widgets import label, named


class UsualPlaces(QWidget):
    """``edited`` when the user chose another place."""

    edited = Signal()

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        named(self, name, spoken)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        first = i18n.first_weekday()
        order = [(first + n) % 7 for n in range(7)]
        self.boxes = {}
        for at, weekday in enumerate(order):
            text = i18n.weekday_text(weekday)
            box = choice(f"{name}-{weekday}", text, self.edited.emit)
            box.setMinimumContentsLength(4)
            caption = label(text)
            caption.setBuddy(box)
            line, side = divmod(at, 2)
            grid.addWidget(caption, line, 2 * side)
            grid.addWidget(box, line, 2 * side + 1)
            self.boxes[weekday] = box
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        self.setFocusProxy(self.boxes[order[0]])

    def set_places(self, places: Mapping[int, str]) -> None:
        """The locations to choose from; what is chosen stays."""
        for box in self.boxes.values():
            offer(box, _("Default"), places.items())

    def set_value(self, weekdays: Iterable[tuple[int, int]]) -> None:
        """Show pairs of weekday (0 is Monday) and location."""
        at = dict(weekdays)
        for weekday, box in self.boxes.items():
            choose(box, at.get(weekday), words.isolated(_("A location that is gone")))

    def value(self) -> tuple[tuple[int, int], ...]:
        """The pairs as they stand, those with a place of their own."""
        found = ((weekday, box.currentData()) for weekday, box in sorted(self.boxes.items()))
        return tuple((weekday, place) for weekday, place in found if isinstance(place, int))
