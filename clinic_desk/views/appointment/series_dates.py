"""The dates of a series as a table: which can be had, why others cannot, and what then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

import shiboken6
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.rules.clinic_time import day_span, zone
from clinic_desk.services.case_cards import SeriesDate
from clinic_desk.services.offer_cards import Seat, Service, TimeOffer, Wish
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import column, label, named, row

MORE = "more"
"""The entry of a choice that looks for other times."""

OFFERED = 8
WEEK = timedelta(days=7)


class DatesTable(QTableWidget):
    """Each date a row; where somebody stands in the way, the reasons and what is done instead.

    With *moving* the visits stand already, and one that cannot go stays where it is. *free* is
    what is said of a date without a hindrance.

    Signals:
        chosen(): another choice was made.
    """

    WHEN, STATE = range(2)

    chosen = Signal()

    def __init__(
        self, desk: Desk, *, moving: bool = False, free: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(0, 2, parent)
        named(self, "series-dates", _("Dates of the series"))
        self._desk, self._moving = desk, moving
        self._free = free or _("free")
        self._patient_id = 0
        self.dates: tuple[SeriesDate, ...] = ()
        self.boxes: dict[date, QComboBox] = {}
        self.setHorizontalHeaderLabels([_("When"), _("What then")])
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QTableWidget.Shape.NoFrame)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(self.STATE, QHeaderView.ResizeMode.Stretch)
        header.sectionResized.connect(lambda *_args: self._fit_rows())

    def show_dates(self, dates: Sequence[SeriesDate], patient_id: int) -> None:
        """Show *dates* in the desk's zone; what was chosen for one of them stays chosen."""
        kept = self.choices()
        self._patient_id = patient_id
        self.dates = tuple(dates)
        self.boxes = {}
        self.clearContents()
        self.setRowCount(len(self.dates))
        for place, one in enumerate(self.dates):
            self._fill(place, one, kept.get(one.day))
        self._fit_rows()
        QTimer.singleShot(0, self, self._fit_rows)  # what is in the rows has its size by then
        before: QWidget = self
        for box in self.boxes.values():  # the choices follow each other by Tab
            QWidget.setTabOrder(before, box)
            before = box
        self.chosen.emit()

    def _fit_rows(self) -> None:
        """Rows as high as the reasons are long in the width that there is."""
        plain = self.fontMetrics().height() + 12
        for place in range(self.rowCount()):
            inside = self.cellWidget(place, self.STATE)
            width = self.columnWidth(self.STATE)
            self.setRowHeight(place, inside.heightForWidth(width) if inside else plain)

    def _fill(self, place: int, one: SeriesDate, kept: Seat | None) -> None:
        when = words.day_numbers(one.day)
        reasons = [_("This time does not exist on that day.")]
        if one.seat is not None:
            when = self._when(one.seat)
            reasons = [words.reason(conflict, self._desk.zone) for conflict in one.reasons]
        self.setItem(place, self.WHEN, QTableWidgetItem(when))
        text = "\n".join(f"• {reason}" for reason in reasons)
        item = QTableWidgetItem("" if reasons else self._free)
        # The widget below is what is seen; this is what a screen reader reads in the table.
        item.setData(Qt.ItemDataRole.AccessibleTextRole, text or self._free)
        self.setItem(place, self.STATE, item)
        if one.free:
            return
        inside = QWidget()
        why = label(text, "series-reasons", wrap=True)
        if self._moving:
            stays = label(_("Stays where it is."), "series-stays", role="strong", wrap=True)
            inside.setLayout(column(why, stays, margin=6, gap=4))
        else:
            box = self.boxes[one.day] = self._choice(one, kept)
            inside.setLayout(column(why, row(box, 1), margin=6, gap=4))
        self.setCellWidget(place, self.STATE, inside)

    def _choice(self, one: SeriesDate, kept: Seat | None) -> QComboBox:
        spoken = _("What then on {day}").format(day=words.day_short(one.day))
        box = named(QComboBox(), "series-choice", spoken)
        box.addItem(_("Leave it out"), None)
        offered = [] if one.next_free is None else [one.next_free.seats[0]]
        if kept is not None and kept not in offered:
            offered.append(kept)
        for seat in offered:
            box.addItem(self._words(seat), seat)
        if kept is not None:
            box.setCurrentIndex(1 + offered.index(kept))
        if one.seat is not None:
            box.addItem(_("Other times…"), MORE)
        box.setEnabled(box.count() > 1)
        box.activated.connect(partial(self._activated, one))
        return box

    def _when(self, seat: Seat) -> str:
        there = self._desk.catalogue.time_zone(seat.location_id)
        return words.when_there(seat.span, there, self._desk.zone)

    def _words(self, seat: Seat) -> str:
        person = self._desk.catalogue.providers[seat.provider_id]
        return f"{self._when(seat)} · {words.isolated(person.name)}"

    # Choosing ---------------------------------------------------------------------------------

    def choices(self) -> dict[date, Seat | None]:
        """What was chosen for each date that cannot be had: another place, or None."""
        found: dict[date, Seat | None] = {}
        for day, box in self.boxes.items():
            data: Any = box.currentData()
            found[day] = data if isinstance(data, Seat) else None
        return found

    def take_next(self) -> None:
        """For each date that cannot be had, the next free time where there is one."""
        for one in self.dates:
            box = self.boxes.get(one.day)
            if box is not None and one.next_free is not None and box.currentData() is None:
                box.setCurrentIndex(1)
        self.chosen.emit()

    def _activated(self, one: SeriesDate, _index: int) -> None:
        box = self.boxes.get(one.day)
        if box is not None and box.currentData() == MORE and one.seat is not None:
            box.setCurrentIndex(0)
            self._look(one.day, one.seat)
        self.chosen.emit()

    def _look(self, day: date, seat: Seat) -> None:
        """Ask for other times in the week from *day* on, by anybody."""
        from clinic_desk.services import offers

        place = zone(self._desk.zone)
        begin = day_span(day, place).starts_at
        wish = Wish(
            (Service(seat.type_id, minutes=seat.span.minutes),),
            location_id=seat.location_id,
            patient_id=self._patient_id,
            chosen=tuple(
                [d.seat for d in self.dates if d.seat is not None and d.free]
                + [other for other in self.choices().values() if other is not None]
            ),
        )
        self._desk.ask(
            offers.first, wish, from_at=begin, until=begin + WEEK, count=OFFERED,
            done=partial(self._found, day), ticket=("series other", id(self), day),
            what=_("looking for free times"),
        )  # fmt: skip

    def _found(self, day: date, offered: tuple[TimeOffer, ...]) -> None:
        box = self.boxes.get(day) if shiboken6.isValid(self) else None
        if box is None:
            return
        known = [box.itemData(place) for place in range(box.count())]
        last = box.findData(MORE)
        if last >= 0:
            box.removeItem(last)
        for offer in offered:
            if offer.seats[0] not in known:
                box.addItem(self._words(offer.seats[0]), offer.seats[0])
        if box.isVisible():
            box.showPopup()
