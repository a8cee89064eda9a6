"""Fields of a form that say under themselves what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QScrollArea, QWidget

from clinic_desk.rules.errors import ClinicError
from clinic_desk.views import words
from clinic_desk.views.widgets import column, error_line, label, named, row

QWIDGETSIZE_MAX = (1 << 24) - 1
"""What Qt calls a width without a limit."""


class Fields(QWidget):
    """A form whose fields have the names that a refusal gives them."""

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        named(self, name, spoken)
        self._prefix = name
        self._wrong: dict[str, QLabel] = {}
        self._holders: dict[str, QWidget] = {}
        self._fields: dict[str, QWidget] = {}
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(10)
        self.form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def add(
        self,
        name: str,
        caption: str,
        field: QWidget,
        *below: QWidget,
        beside: QWidget | None = None,
    ) -> None:
        """A row for *field*; *below* are hints that stand under it."""
        told = error_line(f"{self._prefix}-{name}-wrong")
        holder = QWidget()
        # A field that is kept narrow stands at the beginning, not in the middle.
        narrow = field.maximumWidth() < QWIDGETSIZE_MAX
        parts = row(field, beside, 1) if narrow else row(field, beside, grow=0)
        holder.setLayout(column(parts, told, *below, gap=3))
        heading = label(caption)
        heading.setBuddy(field)
        self.form.addRow(heading, holder)
        self._wrong[name], self._fields[name], self._holders[name] = told, field, holder

    def set_row_visible(self, name: str, shown: bool) -> None:
        """Show or hide the row of a field."""
        self.form.setRowVisible(self._holders[name], shown)

    def tell(self, error: BaseException) -> bool:
        """Show what is wrong at its field; False where *error* is about none of them."""
        self.untell()
        name = getattr(error, "field", "") if isinstance(error, ClinicError) else ""
        if name not in self._wrong:
            return False
        told = self._wrong[name]
        told.setText(words.explained(error))
        told.show()
        self._fields[name].setFocus()
        QTimer.singleShot(0, told, lambda: _bring_into_view(told))  # when its height is known
        return True

    def untell(self) -> None:
        """Nothing is wrong any more."""
        for told in self._wrong.values():
            told.hide()


def begin_together(parts: Iterable[Fields]) -> None:
    """Let the fields of several forms below each other begin at one line."""
    rows = [(one.form, place) for one in parts for place in range(one.form.rowCount())]
    found = [form.itemAt(place, QFormLayout.ItemRole.LabelRole) for form, place in rows]
    captions = [item.widget() for item in found if item is not None]
    widest = max((one.sizeHint().width() for one in captions if one is not None), default=0)
    for caption in captions:
        if caption is not None:
            caption.setMinimumWidth(widest)


def _bring_into_view(told: QLabel) -> None:
    around = told.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(told)
        around = around.parentWidget()


def text_field(name: str, spoken: str, edited: Callable[[], object]) -> QLineEdit:
    """A line to write in."""
    made = named(QLineEdit(), name, spoken)
    made.textEdited.connect(lambda _text: edited())
    return made


def choice(name: str, spoken: str, edited: Callable[[], object]) -> QComboBox:
    """A list to choose from, no wider than it must be."""
    made = named(QComboBox(), name, spoken)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(12)
    made.activated.connect(lambda _index: edited())
    return made


def choose(box: QComboBox, value: object, missing: str = "") -> None:
    """Choose the entry with *value*; where there is none (any more), one called *missing*."""
    place = box.findData(value)
    if place < 0 and missing:
        box.addItem(missing, value)
        place = box.count() - 1
    box.setCurrentIndex(place)
