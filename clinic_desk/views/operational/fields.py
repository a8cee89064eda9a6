"""Fields that several pages ask for: names to tick, choices that may be none, colours."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date

from PySide6.QtCore import QDate, QLocale, QSize, Qt, QTime, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDateEdit,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QTimeEdit,
    QWidget,
)

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules import colour as colours
from clinic_desk.rules.errors import Invalid
from clinic_desk.services.cards import TypeCard
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields, text_field
from clinic_desk.views.operational.lines import swatch
from clinic_desk.views.tick_lines import tick_by_words
from clinic_desk.views.time_field import TimeField
from clinic_desk.views.widgets import button, column, label, named, row

ID = Qt.ItemDataRole.UserRole
ALIKE = 60.0
"""Colours nearer than this, as weighted distance of red, green and blue, look like one."""


class BookFields(Fields):
    """Fields that can be locked one by one."""

    def each(self) -> tuple[QWidget, ...]:
        """All of them."""
        return tuple(self._fields.values())


def tick(name: str, text: str, edited: Callable[[], object]) -> QCheckBox:
    """A box to tick."""
    made = named(QCheckBox(text), name, text)
    made.clicked.connect(lambda _on: edited())
    return made


def minutes(name: str, spoken: str, edited: Callable[[], object], most: int, step: int) -> QSpinBox:
    """A number of minutes."""
    made = named(QSpinBox(), name, spoken)
    made.setRange(0, most)
    made.setSingleStep(step)
    made.setSuffix(" " + _("min"))
    made.setMaximumWidth(140)
    made.valueChanged.connect(lambda _value: edited())
    return made


def day_field(name: str, spoken: str, edited: Callable[[], object] | None = None) -> QDateEdit:
    """A day, with a calendar to choose from."""
    made = named(QDateEdit(), name, spoken)
    made.setCalendarPopup(True)
    short = made.locale().dateFormat(QLocale.FormatType.ShortFormat)
    made.setDisplayFormat(short if "yyyy" in short else short.replace("yy", "yyyy"))
    if edited is not None:
        made.dateChanged.connect(lambda _day: edited())
    return made


def day_of(field: QDateEdit) -> date:
    """The day in a field."""
    shown = field.date()
    return date(shown.year(), shown.month(), shown.day())


def set_day(field: QDateEdit, day: date) -> None:
    """Show *day* in a field."""
    field.setDate(QDate(day.year, day.month, day.day))


def time_field(name: str, spoken: str, hour: int) -> QTimeEdit:
    """A time of day, beginning at *hour*."""
    made = named(TimeField(QTime(hour, 0)), name, spoken)
    made.setDisplayFormat("h:mm AP" if i18n.has_twelve_hours() else "HH:mm")
    return made


def minute_of(field: QTimeEdit) -> int:
    """The minute of the day in a field."""
    return field.time().hour() * 60 + field.time().minute()


def offer(box: QComboBox, none: str, entries: Iterable[tuple[int, str]]) -> None:
    """Other entries after one that means none; what was chosen stays where it can."""
    before = box.currentData()
    box.clear()
    if none:
        box.addItem(none, None)
    for number, text in entries:
        box.addItem(words.isolated(text), number)
    box.setCurrentIndex(max(0, box.findData(before)))


class Ticks(QListWidget):
    """A list of names of which any number can be ticked. ``edited`` when the user did."""

    edited = Signal()

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        named(self, name, spoken)
        tick_by_words(self)
        self.itemChanged.connect(lambda _item: self.edited.emit())

    def offer(self, entries: Iterable[tuple[int, str]]) -> None:
        """Other names; what was ticked stays."""
        before = self.ticked()
        self.blockSignals(True)
        self.clear()
        for number, text in entries:
            item = QListWidgetItem(words.isolated(text))
            item.setData(ID, number)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            item.setSizeHint(QSize(0, 26))
            self.addItem(item)
        self.blockSignals(False)
        self.setFixedHeight(min(max(self.count(), 2), 5) * 26 + 6)
        self.tick(before)

    def tick(self, numbers: Collection[int]) -> None:
        """Tick these and no others."""
        self.blockSignals(True)
        for item in self._items():
            on = item.data(ID) in numbers
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.blockSignals(False)

    def ticked(self) -> frozenset[int]:
        """The numbers of all that are ticked."""
        return frozenset(
            item.data(ID) for item in self._items() if item.checkState() == Qt.CheckState.Checked
        )

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(n) for n in range(self.count())]


class ColourField(QWidget):
    """A colour as ``#rrggbb``, with its picture, a dialog, and what to think of it.

    Black or white can be read on any colour, so nothing is forbidden; the hint says which
    letters stand on it, and with what it can be confused. ``edited`` when the user changed it.
    """

    edited = Signal()

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        named(self, name, spoken)
        self._others: tuple[TypeCard, ...] = ()
        self.text = text_field(f"{name}-text", spoken, self._edited)
        self.text.setMaximumWidth(120)
        self.choose = button(_("Choose…"), f"{name}-choose", self._choose)
        self.sample = label("", f"{name}-sample")
        self.hint = label("", f"{name}-hint", role="hint", wrap=True)
        self.setFocusProxy(self.text)
        self.setLayout(column(row(self.sample, self.text, self.choose, 1), self.hint, gap=4))

    def set_others(self, others: Iterable[TypeCard]) -> None:
        """The types with which it should not be confused."""
        self._others = tuple(others)
        self._judge()

    def set_value(self, value: str) -> None:
        """Show a colour."""
        if self.text.text() != value:
            self.text.setText(value)
        self._judge()

    def value(self) -> str:
        """What stands in the field."""
        return self.text.text().strip().lower()

    def _edited(self) -> None:
        self._judge()
        self.edited.emit()

    def _choose(self) -> None:
        found = QColorDialog.getColor(QColor(self.value()), self, self.accessibleName())
        if found.isValid():
            self.set_value(found.name())
            self.edited.emit()

    def _judge(self) -> None:
        try:
            rgb = colours.parse(self.value())
        except Invalid:
            self.sample.clear()
            self.hint.setText(_("Write the colour as #rrggbb, or choose it."))
            return
        self.sample.setPixmap(swatch(self.value(), 24))
        self.hint.setText("\n".join(self._said(rgb)))

    def _said(self, rgb: colours.Rgb) -> list[str]:
        ink = colours.text_on(rgb)
        ratio = f"{colours.contrast(ink, rgb):.1f}"
        on = _("White letters read well on it ({ratio}:1).")
        if ink == colours.BLACK:
            on = _("Black letters read well on it ({ratio}:1).")
        out = [on.format(ratio=ratio)]
        if colours.contrast(rgb, colours.WHITE) < colours.SIGN_CONTRAST:
            out.append(_("It is pale: on white its stripe is hard to see."))
        alike = next((t for t in self._others if _alike(rgb, t.colour)), None)
        if alike is not None:
            name = words.isolated(alike.code or alike.name)
            out.append(_("It looks like {type} for some colleagues.").format(type=name))
        return out


def _alike(one: colours.Rgb, text: str) -> bool:
    """Whether two colours are confused by somebody, red-green blindness counted."""
    try:
        other = colours.parse(text)
    except Invalid:
        return False
    return any(_distance(see(one), see(other)) < ALIKE for see in (_all, _without_red_green))


def _all(rgb: colours.Rgb) -> tuple[float, float, float]:
    return (float(rgb[0]), float(rgb[1]), float(rgb[2]))


def _without_red_green(rgb: colours.Rgb) -> tuple[float, float, float]:
    """What is left where red and green cannot be told apart (Viénot 1999, roughly)."""
    yellow = 0.29 * rgb[0] + 0.71 * rgb[1]
    return yellow, yellow, float(rgb[2])


def _distance(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    red, green, blue = (a - b for a, b in zip(one, other, strict=True))
    return float((2 * red * red + 4 * green * green + 3 * blue * blue) ** 0.5)


def line_of(name: str, spoken: str, edited: Callable[[], object], width: int = 0) -> QLineEdit:
    """A line to write in, no wider than *width* where that is given."""
    made = text_field(name, spoken, edited)
    if width:
        made.setMaximumWidth(width)
    return made
