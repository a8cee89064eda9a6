"""Hours of a week, drawn or typed: the picture, and beside it the same as a list with fields.

What the picture can do, the list can do: it is the path for screen readers, and for times that
are no quarter of an hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize, Qt, QTime, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.hours import EVEN, EVERY, ODD, Weekly
from clinic_desk.views import words
from clinic_desk.views.foot import Foot
from clinic_desk.views.operational import week_names
from clinic_desk.views.operational.fields import minute_of, time_field
from clinic_desk.views.operational.week_hours import WeekHours
from clinic_desk.views.widgets import button, column, error_line, label, named, restyle, row, tool

PIECE = Qt.ItemDataRole.UserRole


class WeekEditor(QWidget):
    """``edited`` when the user changed the hours.

    Attributes:
        picture: the painted week.
        list: the same hours, a line each.
    """

    edited = Signal()

    def __init__(self, name: str, spoken: str, *, alternating: bool) -> None:
        super().__init__()
        named(self, name, spoken)
        self.alternating = alternating
        self.picture = WeekHours(f"{name}-picture", spoken)
        self.picture.changed.connect(self._changed)
        self.picture.selected.connect(self._selected)
        self.list = named(QListWidget(), f"{name}-list", _("Hours as a list"))
        self.list.currentItemChanged.connect(lambda item, _before: self._chosen(item))
        self.list.setMinimumSize(90, 120)
        self.wrong = error_line(f"{name}-wrong")
        self._fields(name)
        self._weeks(name)
        hint = label(
            _("Sweep to add, drag to move, pull an edge to change, Del to remove."),
            f"{name}-hint",
            role="hint",
            wrap=True,
        )
        side = QWidget()
        side.setLayout(column(self._form, self.wrong, Foot((self.add,), self.remove), 1))
        side.setFixedWidth(210)
        self.setLayout(
            column(
                row(self.kinds, 1),
                row(self.place, 1),
                hint,
                self.picture,
                row(self.list, side, gap=16, grow=0),
            )
        )
        self.set_places({})
        self.setFocusProxy(self.picture)

    def _fields(self, name: str) -> None:
        self.day = named(QComboBox(), f"{name}-day", _("Day"))
        first = i18n.first_weekday()
        for weekday in [(first + n) % 7 for n in range(7)]:
            self.day.addItem(i18n.weekday_text(weekday), weekday)
        self.begin = time_field(f"{name}-begin", _("From"), 9)
        self.end = time_field(f"{name}-end", _("To"), 17)
        self.place = named(QComboBox(), f"{name}-place", _("Location of new hours"))
        self.where = named(QComboBox(), f"{name}-where", _("Location"))
        self.every = named(QComboBox(), f"{name}-every", _("Weeks"))
        for weeks, text in self._kinds():
            self.every.addItem(text, weeks)
        for box in (self.place, self.where):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(12)
        self.place.activated.connect(lambda _index: self._place_chosen())
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for field in (self.day, self.begin, self.end, self.where, self.every):
            caption = label(field.accessibleName())
            caption.setBuddy(field)
            form.addRow(caption, field)
        self._form = form
        for box in (self.day, self.where, self.every):
            box.activated.connect(lambda _index: self._typed())
        for at in (self.begin, self.end):
            at.editingFinished.connect(self._typed)
        self.add = button(_("Add hours"), f"{name}-add", self._add)
        self.remove = button(_("Remove"), f"{name}-remove", self.picture.remove_selected)
        if not self.alternating:
            form.setRowVisible(self.every, False)

    @staticmethod
    def _kinds() -> tuple[tuple[str, str], ...]:
        kinds = sorted((ODD, EVEN), key=lambda weeks: not week_names.is_this(weeks))
        return tuple((weeks, week_names.heading(weeks)) for weeks in (EVERY, *kinds))

    def _weeks(self, name: str) -> None:
        self.kinds = named(QFrame(), f"{name}-kinds", _("Which weeks"), role="segments")
        self._group = QButtonGroup(self)
        made = {}
        for weeks, text in self._kinds():
            one = tool(text, f"{name}-{weeks}")
            one.setToolTip(week_names.explained(weeks))
            one.setCheckable(True)
            one.setProperty("look", "segment")
            one.clicked.connect(lambda _on=False, weeks=weeks: self.picture.set_weeks(weeks))
            self._group.addButton(one)
            made[weeks] = one
        self.week_buttons = made
        made[EVERY].setChecked(True)
        self.kinds.setLayout(row(*made.values(), margin=2, gap=0))
        if not self.alternating:
            self.kinds.hide()

    # Filling ----------------------------------------------------------------------------------

    def set_places(self, places: Mapping[int, str]) -> None:
        """The locations that hours can be at; with none, they are at no location at all."""
        before = self.place.currentData(), self.where.currentData()
        for box in (self.place, self.where):
            box.clear()
            for number, text in places.items():
                box.addItem(words.isolated(text), number)
        for box, value in zip((self.place, self.where), before, strict=True):
            box.setCurrentIndex(max(0, box.findData(value)))
        self.place.setVisible(len(places) > 1)
        self._form.setRowVisible(self.where, len(places) > 1)
        self.picture.set_places(places)
        self._place_chosen()
        self._show()

    def set_place(self, number: int | None) -> None:
        """New hours are at this location until another is chosen."""
        self.place.setCurrentIndex(max(0, self.place.findData(number)))
        self._place_chosen()

    def set_pieces(self, pieces: Iterable[Weekly]) -> None:
        """Show these hours."""
        self.picture.set_pieces(pieces)
        self._show()

    @property
    def pieces(self) -> tuple[Weekly, ...]:
        """All hours as they stand."""
        return self.picture.pieces

    def tell(self, text: str) -> None:
        """What is wrong with the hours; empty: nothing."""
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))

    def _place_chosen(self) -> None:
        number = self.place.currentData()
        self.picture.week.place = number if isinstance(number, int) else None

    # Following --------------------------------------------------------------------------------

    def _changed(self) -> None:
        self.tell("")
        self._show()
        self.edited.emit()

    def _show(self) -> None:
        """The list says what the picture shows."""
        self.list.blockSignals(True)
        self.list.clear()
        for piece in self.pieces:
            item = QListWidgetItem(self.picture.text_of(piece))
            item.setData(PIECE, piece)
            item.setSizeHint(QSize(0, 26))
            item.setToolTip(item.text())
            self.list.addItem(item)
            if piece == self.picture.selection:
                self.list.setCurrentItem(item)
        if not self.pieces:
            item = QListWidgetItem(_("No hours yet."))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.remove.setEnabled(self.picture.selection is not None and self.isEnabled())

    def _chosen(self, item: QListWidgetItem | None) -> None:
        piece = item.data(PIECE) if item is not None else None
        if isinstance(piece, Weekly):
            if piece.weeks != self.picture.week.weeks:
                self.week_buttons[piece.weeks].setChecked(True)
                self.picture.set_weeks(piece.weeks)
            self.picture.select(piece)

    def _selected(self, piece: Weekly | None) -> None:
        self._show()
        self.tell("")
        if piece is None:
            return
        self.day.setCurrentIndex(self.day.findData(piece.weekday))
        for field, minute in ((self.begin, piece.starts_minute), (self.end, piece.ends_minute)):
            field.blockSignals(True)
            field.setTime(QTime(*divmod(minute % 1440, 60)))
            field.blockSignals(False)
        self.where.setCurrentIndex(max(0, self.where.findData(piece.location_id)))
        self.every.setCurrentIndex(self.every.findData(piece.weeks))

    # Typing -----------------------------------------------------------------------------------

    def _wanted(self) -> Weekly | None:
        """The hours in the fields; None where they end before they begin."""
        begin, end = (minute_of(field) for field in (self.begin, self.end))
        end = end or 1440  # midnight ends a day
        if end <= begin:
            self.tell(_("These hours end before they begin."))
            return None
        number: Any = self.where.currentData()
        made = Weekly(
            self.day.currentData(),
            begin,
            end,
            weeks=self.every.currentData() if self.alternating else EVERY,
            location_id=number if isinstance(number, int) else None,
        )
        standing = self.picture.selection
        return replace(made, operatory_id=standing.operatory_id) if standing else made

    def _typed(self) -> None:
        """A field was changed: so are the hours that are selected."""
        standing = self.picture.selection
        if standing is None:
            return
        wanted = self._wanted()
        if wanted is None or wanted == standing:
            return
        if wanted.weeks != standing.weeks:
            self.picture.week.weeks = wanted.weeks
            self.week_buttons[wanted.weeks].setChecked(True)
        if not self.picture.change_selected(wanted):
            self.tell(_("Other hours are there already."))

    def _add(self) -> None:
        self.picture.select(None)
        wanted = self._wanted()
        if wanted is None:
            return
        self.picture.week.weeks = wanted.weeks
        self.week_buttons[wanted.weeks].setChecked(True)
        if not self.picture.add_piece(wanted):
            self.tell(_("Other hours are there already."))

    def lock(self, why: str) -> None:
        """Nothing can be changed, and *why*; empty: it can."""
        for part in (self.picture, self.day, self.begin, self.end, self.where, self.every):
            part.setEnabled(not why)
            part.setToolTip(why)
        self.add.setEnabled(not why)
        self.remove.setEnabled(not why and self.picture.selection is not None)
        restyle(self, locked=bool(why))
