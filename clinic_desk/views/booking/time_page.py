"""The second step: location, provider, a day that can be booked, and one of its times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

import shiboken6
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Conflicted
from clinic_desk.services.offer_cards import DayOffer, NoDay, TimeOffer
from clinic_desk.views import words
from clinic_desk.views.booking.announcing import announce
from clinic_desk.views.booking.draft import Draft, span_of
from clinic_desk.views.booking.month import MonthPicker
from clinic_desk.views.booking.next_openings import NextOpenings
from clinic_desk.views.booking.no_day import NoDayPanel
from clinic_desk.views.booking.place_bar import PlaceBar
from clinic_desk.views.booking.times import TimesList, where
from clinic_desk.views.booking.visit_tabs import VisitTabs
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import column, error_line, label, named, row

OPENINGS = 4
AGAIN_MS = 20_000
"""What expires does so without a deed: the times of the day are read again."""
LATER_MS = 150
"""Several changes at once are one reading."""


class TimePage(QWidget):
    """Signals:
    taken(int): a time was chosen for this visit.
    edited(): location or provider are others, or a time was given up.
    provider_days_wanted(int): the hours of the provider who was asked for.
    """

    taken = Signal(int)
    edited = Signal()
    provider_days_wanted = Signal(int)

    def __init__(self, desk: Desk, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "booking-time", _("Choose location and time"))
        self._desk, self._draft = desk, draft
        self.number = 0
        self._picked = draft.day is not None  # whether somebody chose the day that is shown
        self.tabs = VisitTabs(desk, draft)
        self.place = PlaceBar(desk, draft)
        self.openings = NextOpenings(desk)
        self.none = NoDayPanel(desk)
        self.month = MonthPicker(self._today)
        self.heading = label("", "booking-day", role="strong")
        self.times = TimesList()
        self.chosen = label("", "booking-chosen", wrap=True)
        self.chosen.setProperty("tone", "good")
        self.missing = error_line("booking-time-missing")
        self.hint = label("", "booking-times-hint", role="hint", wrap=True)
        self.told = label("", "booking-time-told", wrap=True)
        self.told.setProperty("tone", "warning")
        self.told.hide()
        left = column(self.month, 1)
        right = column(
            self.heading, self.chosen, self.missing, self.times, self.hint, gap=4, grow=3
        )
        self.setLayout(
            column(
                self.tabs,
                self.place,
                self.openings,
                self.none,
                self.told,
                row(left, right, gap=16, grow=1),
                grow=5,
            )
        )
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(LATER_MS)
        self._later.timeout.connect(self._read_again)
        self._again = QTimer(self)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self.read_times)
        self._connect()

    def _connect(self) -> None:
        self.tabs.visit_wanted.connect(self.show_visit)
        self.place.edited.connect(self._place_edited)
        self.month.day_chosen.connect(self._pick_day)
        self.month.month_wanted.connect(lambda _month: self._read_days())
        self.times.chosen.connect(self.take)
        self.openings.chosen.connect(self.take)
        self.none.another_wanted.connect(self._anybody)
        self.none.opening_chosen.connect(self._take_of_anybody)
        self.none.provider_days_wanted.connect(self._days_wanted)
        self._desk.catalogue_changed.connect(self._catalogue_changed)
        self._desk.zone_changed.connect(self._catalogue_changed)
        self._desk.deeds_happened.connect(self._deeds_happened)

    @property
    def zone(self) -> str:
        """The zone whose days are offered: that of the location, of any the organisation's."""
        return self._desk.catalogue.time_zone(self._draft.location_id)

    @property
    def _today(self) -> date:
        return words.today(self.zone)

    @property
    def is_complete(self) -> bool:
        """Whether every service has its time."""
        return self._draft.has_times

    # What is asked -----------------------------------------------------------------------------

    def begin(self) -> None:
        """Show the first visit that has no time; or the one that was shown."""
        wanted = self._draft.open_visit()
        self.show_visit(min(self.number, len(self._draft.visits) - 1) if wanted is None else wanted)
        self._again.start()
        self.times.setFocus()

    def pause(self) -> None:
        """Another step is in sight."""
        self._again.stop()
        self._later.stop()

    def show_visit(self, number: int) -> None:
        """Choose the time of visit *number*."""
        self.number = number
        self.missing.hide()
        self.tabs.show_visits(number)
        self.place.show_visit(number)
        self.refresh()

    def explain(self) -> None:
        """Somebody wants to go on, and a visit has no time yet: say so beside the list."""
        left = self._draft.open_visit()
        if left is not None and left != self.number:
            self.show_visit(left)
        self.missing.setText(_("No time is chosen yet. Click one in the list, or press Enter."))
        self.missing.show()
        announce(self, self.missing.text())
        self.times.setFocus()

    def refresh(self) -> None:
        """Read everything anew: openings, days and times."""
        from clinic_desk.services import offers

        if not self._draft.visits:
            return
        self.number = min(self.number, len(self._draft.visits) - 1)
        self._show_chosen()
        self.month.model.today = self._today  # of another location it may be another one
        chosen = self._draft.visits[self.number][0].seat
        if chosen is not None:
            day = words.wall(chosen.span.starts_at, self.zone).date()
            self._draft.day = day
        elif not self._picked:
            self._draft.day = None
        if self._draft.day is not None and self._draft.day < self._today:
            self._draft.day = None
        if self._draft.day is not None:
            self.month.set_month(self._draft.day)
            self.show_day(self._draft.day)
        else:
            self.heading.setText(_("Looking for the first free day…"))
        self._read_days()
        self._desk.ask(
            offers.spread,
            self._draft.wish(self.number),
            count=OPENINGS,
            done=self._openings_found,
            failed=self._desk.complain,
            ticket=("booking-openings", id(self)),
            what=_("looking for free times"),
        )

    def _show_chosen(self) -> None:
        """What is taken so far for the visit in sight, wherever it lies."""
        visit = self._draft.visits[self.number]
        seats = [part.seat for part in visit if part.seat is not None]
        self.chosen.setVisible(len(seats) == len(visit))
        if self.chosen.isVisibleTo(self):
            self.chosen.setText(
                _("✓ Chosen: {when} · {where}").format(
                    when=words.when_at(
                        span_of(seats), seats[0].location_id, self._desk.catalogue, self._desk.zone
                    ),
                    where=where(self._desk.catalogue, seats, with_place=False),
                )
            )

    def _read_days(self) -> None:
        from clinic_desk.services import offers

        month = self.month.month
        self._desk.ask(
            offers.days,
            self._draft.wish(self.number),
            month,
            done=partial(self._days_found, month),
            failed=self._desk.complain,
            ticket=("booking-days", id(self)),
            what=_("looking for free times"),
        )

    def read_times(self) -> None:
        """Read the times of the day that is shown."""
        from clinic_desk.services import offers

        day = self._draft.day
        if day is None or not self._draft.visits:
            return
        self._desk.ask(
            offers.times,
            self._draft.wish(self.number),
            day,
            done=partial(self._times_found, day),
            failed=self._desk.complain,
            ticket=("booking-times", id(self)),
            what=_("looking for free times"),
        )

    def _pick_day(self, day: date) -> None:
        self._picked = True
        self.show_day(day)

    def show_day(self, day: date) -> None:
        """Show the times of *day*."""
        self._draft.day = day
        if (day.year, day.month) != (self.month.month.year, self.month.month.month):
            self.month.set_month(day)
            self._read_days()
        self.month.set_chosen(day)
        title = words.over_times(words.day_long(day), day, self.zone, self._desk.zone)
        self.heading.setText(title)
        self.read_times()

    # What is found ------------------------------------------------------------------------------

    def _days_found(self, month: date, found: Sequence[DayOffer]) -> None:
        if shiboken6.isValid(self) and month == self.month.month:
            self.month.set_days(found)

    def _openings_found(self, found: Sequence[TimeOffer]) -> None:
        self.openings.show_offers(found, self.zone)
        if not found:
            self._ask_why()
            return
        self.none.hide()
        if self._draft.day is None:
            day = words.wall(found[0].starts_at, self.zone).date()
            self.month.set_month(day)
            self._read_days()
            self.show_day(day)

    def _ask_why(self) -> None:
        from clinic_desk.services import no_day

        if self._draft.day is None:
            self.heading.setText("")
        self._desk.ask(
            no_day.why_none,
            self._draft.wish(self.number),
            done=self._why_found,
            failed=self._desk.complain,
            ticket=("booking-why", id(self)),
            what=_("looking for free times"),
        )

    def _why_found(self, found: NoDay | None) -> None:
        if found is not None:
            self.none.explain(found, self.zone, self._draft.location_id)

    def _times_found(self, day: date, found: Sequence[TimeOffer]) -> None:
        if not shiboken6.isValid(self):
            return
        if day != self._draft.day or self.number >= len(self._draft.visits):
            return
        places = [p for p in self._desk.catalogue.locations.values() if p.active]
        with_place = self._draft.location_id is None and len(places) > 1
        self.times.times.chosen = self._draft.visits[self.number][0].seat
        self.times.renew(found, self._desk.catalogue, self.zone, with_place=with_place)
        free = sum(1 for offer in found if offer.bookable)
        known = self.month.model.told(day) if day in self.month.model.empty else ""
        self.hint.setText("" if free else known or _("Nothing can be booked on this day."))
        self.hint.setVisible(not free)

    # What is chosen -----------------------------------------------------------------------------

    def take(self, offer: TimeOffer) -> None:
        """Choose this time for the visit."""
        self.told.hide()
        self.missing.hide()
        self._draft.take(self.number, offer)
        day = words.wall(offer.starts_at, self.zone).date()
        if day != self._draft.day:
            self.show_day(day)
        self.times.set_chosen(offer.seats[0])
        self._show_chosen()
        self.tabs.show_visits(self.number)
        self.taken.emit(self.number)

    def refused(self, error: Conflicted) -> None:
        """The time that was just chosen is somebody else's: say whose, and what is left."""
        seat, zone = self._draft.visits[self.number][0].seat, self._desk.zone
        there = self._desk.catalogue.time_zone(seat.location_id) if seat is not None else ""
        told = " ".join(words.reasons(error, zone, there)) or words.explained(error, zone)
        self.told.setText(
            _("This time was just taken. {reasons} Choose another one.").format(reasons=told)
        )
        self.told.show()
        announce(self, self.told.text())
        self._draft.drop(self.number)
        self.tabs.show_visits(self.number)
        self.refresh()
        self.edited.emit()

    def _place_edited(self) -> None:
        for number in range(len(self._draft.visits)):
            if self._no_longer_fits(number):
                self._draft.drop(number)
        self.tabs.show_visits(self.number)
        self.refresh()
        self.edited.emit()

    def _no_longer_fits(self, number: int) -> bool:
        """Whether the chosen time is somewhere else, or somebody else's, than is asked for."""
        place = self._draft.location_id
        seats = [part.seat for part in self._draft.visits[number] if part.seat is not None]
        people = {seat.provider_id for seat in seats}
        if self._draft.wish(number).same_provider and len(people) > 1:
            return True
        return any(
            part.seat is not None
            and (
                place not in (None, part.seat.location_id)
                or part.provider_id not in (None, part.seat.provider_id)
            )
            for part in self._draft.visits[number]
        )

    def _days_wanted(self) -> None:
        asked = [part.provider_id for part in self._draft.visits[self.number]]
        wanted = next((number for number in (*asked, *self.none.providers) if number), None)
        if wanted is not None:
            self.provider_days_wanted.emit(wanted)

    def _catalogue_changed(self) -> None:
        """Hours, services or people are others: perhaps there are days now."""
        if self.isVisible() and self._draft.visits:
            self.place.show_visit(self.number)
            self.refresh()

    def _anybody(self) -> None:
        for part in self._draft.visits[self.number]:
            part.provider_id = None
        self.place.show_visit(self.number)
        self._place_edited()
        if self.place.providers:
            self.place.providers[0].setFocus()

    def _take_of_anybody(self, offer: TimeOffer) -> None:
        for part in self._draft.visits[self.number]:
            part.provider_id = None
        if self._draft.location_id not in (None, offer.seats[0].location_id):
            self.place.set_location(offer.seats[0].location_id)
        self.place.show_visit(self.number)
        self.none.hide()
        self.take(offer)
        self.refresh()

    def others_changed(self) -> None:
        """Somebody booked, held or freed something: read the times and the days again."""
        if self.isVisible():
            self._later.start()

    def _deeds_happened(self, _changes: object) -> None:
        self.others_changed()

    def _read_again(self) -> None:
        self.read_times()
        self._read_days()
