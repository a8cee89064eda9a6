"""Time off, and other hours on one day: a list of both, and fields to add to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.services.clinic_cards import DayCard
from clinic_desk.services.clinic_hours import LONGEST_REASON, MOST_DAYS
from clinic_desk.views import words
from clinic_desk.views.operational import stretches as days_
from clinic_desk.views.operational.fields import (
    day_field,
    day_of,
    minute_of,
    offer,
    set_day,
    time_field,
)
from clinic_desk.views.operational.stretches import Days, Piece, Stretch
from clinic_desk.views.widgets import button, column, error_line, label, named, row

STRETCH = Qt.ItemDataRole.UserRole
OFF, HOURS = "off", "hours"


class DaysOff(QWidget):
    """``edited`` when the user added or removed something.

    Attributes:
        days: what holds on which day in place of the weekly hours.
    """

    edited = Signal()

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        named(self, name, spoken)
        self.days: Days = {}
        self._places: Mapping[int, str] = {}
        self.list = named(QListWidget(), f"{name}-list", spoken)
        self.list.setFixedHeight(4 * 26 + 6)
        self.list.currentRowChanged.connect(lambda _place: self._allow())
        self.wrong = error_line(f"{name}-wrong")
        self.kind = named(QComboBox(), f"{name}-kind", _("What"))
        self.kind.addItem(_("Time off"), OFF)
        self.kind.addItem(_("Other hours on one day"), HOURS)
        self.kind.currentIndexChanged.connect(lambda _place: self._kind_chosen())
        self.first = day_field(f"{name}-first", _("First day"), self._first_chosen)
        self.last = day_field(f"{name}-last", _("Last day"))
        self.begin = time_field(f"{name}-begin", _("From"), 9)
        self.end = time_field(f"{name}-end", _("To"), 17)
        self.where = named(QComboBox(), f"{name}-where", _("Location"))
        self.reason = named(QLineEdit(), f"{name}-reason", _("Reason"))
        self.reason.setMaxLength(LONGEST_REASON)
        self.reason.setPlaceholderText(_("Vacation, training…"))
        self.reason.returnPressed.connect(self._add)
        self.add = button(_("Add to the list"), f"{name}-add", self._add)
        self.remove = button(_("Remove"), f"{name}-remove", self._remove)
        self.setLayout(
            column(
                self.list,
                row(self.remove, 1),
                self._form(),
                self.wrong,
                row(self.add, 1),
            )
        )
        self.setFocusProxy(self.list)
        self._kind_chosen()
        self._show()

    def _form(self) -> QFormLayout:
        form = self._fields = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for field in (
            self.kind,
            self.first,
            self.last,
            self.begin,
            self.end,
            self.where,
            self.reason,
        ):
            caption = label(field.accessibleName())
            caption.setBuddy(field)
            form.addRow(caption, field)
        return form

    # Filling ----------------------------------------------------------------------------------

    def set_today(self, today: date) -> None:
        """The day that is offered first."""
        set_day(self.first, today)
        set_day(self.last, today)

    def set_places(self, places: Mapping[int, str]) -> None:
        """The locations at which other hours can be."""
        self._places = dict(places)
        offer(self.where, "", places.items())
        self._kind_chosen()
        self._show()

    def set_days(self, cards: Iterable[DayCard]) -> None:
        """Show these exceptions."""
        self.days = days_.days_of(cards)
        self.tell("")
        self._show()

    def tell(self, text: str) -> None:
        """What is wrong; empty: nothing."""
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))

    def lock(self, why: str) -> None:
        """Nothing can be changed, and *why*; empty: it can."""
        for part in (self.kind, self.first, self.last, self.begin, self.end, self.where):
            part.setEnabled(not why)
            part.setToolTip(why)
        self.reason.setEnabled(not why)
        self.add.setEnabled(not why)
        self._locked = bool(why)
        self._allow()

    _locked = False

    def _allow(self) -> None:
        chosen = isinstance(self._chosen(), Stretch)
        self.remove.setEnabled(chosen and not self._locked)

    def _show(self) -> None:
        self.list.clear()
        for stretch in days_.stretches(self.days):
            item = QListWidgetItem(self.text_of(stretch))
            item.setData(STRETCH, stretch)
            item.setToolTip(item.text())
            item.setSizeHint(QSize(0, 26))
            self.list.addItem(item)
        if not self.days:
            item = QListWidgetItem(_("Nothing entered: the weekly hours hold."))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self._allow()

    def text_of(self, stretch: Stretch) -> str:
        """ "May 20 – 24, 2031: away (Vacation)"."""
        text = _("{days}: {what}").format(
            days=words.period(stretch.first, stretch.last),
            what=", ".join(self._piece(piece) for piece in stretch.what.pieces),
        )
        if not stretch.what.reason:
            return text
        reason = words.isolated(stretch.what.reason)
        return _("{text} ({reason})").format(text=text, reason=reason)

    def _piece(self, piece: Piece) -> str:
        begin, end, place = piece
        where = self._places.get(place or 0, "")
        if begin is None or end is None:
            if place is None:
                return _("away")
            return _("not at {location}").format(location=words.isolated(where))
        times = f"{i18n.minute_text(begin)}{words.DASH}{i18n.minute_text(end)}"
        if not where or len(self._places) < 2:
            return times
        return _("{times} at {location}").format(times=times, location=words.isolated(where))

    # Changing ---------------------------------------------------------------------------------

    def _kind_chosen(self) -> None:
        off = self.kind.currentData() == OFF
        self._fields.setRowVisible(self.last, off)
        self._fields.setRowVisible(self.begin, not off)
        self._fields.setRowVisible(self.end, not off)
        self._fields.setRowVisible(self.where, not off and len(self._places) > 1)
        self.tell("")

    def _first_chosen(self) -> None:
        if day_of(self.last) < day_of(self.first):
            self.last.setDate(self.first.date())

    def _add(self) -> None:
        first, reason = day_of(self.first), self.reason.text().strip()
        found: Days | None
        if self.kind.currentData() == OFF:
            last = day_of(self.last)
            if last < first:
                self._refuse(_("The last day is before the first one."), self.last)
                return
            if (last - first).days >= MOST_DAYS:
                text = _("Enter {most} days at a time at most.").format(most=MOST_DAYS)
                self._refuse(text, self.last)
                return
            found = days_.absent(self.days, first, last, reason)
        else:
            begin, end = minute_of(self.begin), minute_of(self.end) or 1440
            if end <= begin:
                self._refuse(_("These hours end before they begin."), self.end)
                return
            place = self.where.currentData()
            where = place if isinstance(place, int) else None
            found = days_.added(self.days, first, (begin, end, where), reason)
            if found is None:
                self._refuse(_("Other hours are there already."), self.begin)
                return
        self.days = found
        self.tell("")
        self.reason.clear()
        self._show()
        self.edited.emit()

    def _refuse(self, text: str, field: QWidget) -> None:
        self.tell(text)
        field.setFocus()

    def _chosen(self) -> object:
        item = self.list.item(self.list.currentRow())
        return item.data(STRETCH) if self.list.currentRow() >= 0 else None

    def _remove(self) -> None:
        chosen = self._chosen()
        if isinstance(chosen, Stretch):
            self.days = days_.without(self.days, chosen)
            self._show()
            self.edited.emit()
