"""What the calendar shows, read in the background and kept: the next week is there before it
is asked for. Whatever changes makes the kept views stale; only what is visible is read again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, timedelta

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from clinic_desk.i18n import _
from clinic_desk.rules.clinic_time import day_span, zone
from clinic_desk.rules.errors import Disconnected
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import DiaryView
from clinic_desk.views import unseen
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Change
from clinic_desk.views.sections import SEES_VISITS

KEPT = 8
"""Views kept besides the one shown."""
PREFETCH_MS = 40
"""After a period was shown, before its neighbours are read."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``, both shown, under one set of filters."""

    first: date
    last: date
    location_id: int | None
    with_cancelled: bool
    zone: str

    @property
    def days(self) -> int:
        """How many days it has, both ends included."""
        return (self.last - self.first).days + 1

    def span(self) -> Span:
        """From the first instant of the first day to the last of the last."""
        place = zone(self.zone)
        return Span(day_span(self.first, place).starts_at, day_span(self.last, place).ends_at)

    def moved(self, days: int) -> Period:
        """The same number of days, so many days later (earlier for a negative number)."""
        by = timedelta(days=days)
        return Period(
            self.first + by, self.last + by, self.location_id, self.with_cancelled, self.zone
        )


class Periods(QObject):
    """Signals:
    ready(Period, DiaryView): the period that is shown now, new or renewed.
    loading(bool): whether the shown period is being read for the first time.
    """

    ready = Signal(object, object)
    loading = Signal(bool)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._kept: OrderedDict[Period, DiaryView] = OrderedDict()
        self._stale: set[Period] = set()
        self._deeds = 0  # how often all that was known became stale
        self._shown: Period | None = None
        self._neighbours: tuple[Period, ...] = ()
        self._later = QTimer(self)  # the picture first
        self._later.setSingleShot(True)
        self._later.setInterval(PREFETCH_MS)
        self._later.timeout.connect(self._prefetch)
        desk.deeds_happened.connect(self._deeds_happened)

    def show(self, period: Period, neighbours: tuple[Period, ...]) -> None:
        """Show *period*: at once where it is known, and renewed where it is stale."""
        self._shown, self._neighbours = period, neighbours
        known = self._kept.get(period)
        if known is not None:
            self._kept.move_to_end(period)
            self.ready.emit(period, known)
        if known is None or period in self._stale:
            self.loading.emit(known is None)
            self._read(period)
        else:
            self._later.start()

    def renew(self) -> None:
        """Read the shown period again, whatever is known of it."""
        self._deeds += 1
        self._stale.update(self._kept)
        if self._shown is not None:
            self._read(self._shown)

    def forget(self) -> None:
        """Throw everything away: the catalogue is another."""
        self._deeds += 1
        self._kept.clear()
        self._stale.clear()
        if self._shown is not None:
            self._read(self._shown)

    def _read(self, period: Period) -> None:
        from clinic_desk.services import diary

        if not self._desk.may(SEES_VISITS):  # nobody is led to the calendar, so nothing is asked
            self.loading.emit(False)
            return
        shown, asked = period == self._shown, self._deeds
        self._desk.ask(
            diary.view,
            period.span(),
            location_id=period.location_id,
            with_cancelled=period.with_cancelled,
            done=lambda view: self._arrived(period, view, asked),
            failed=self._failed if shown else _in_silence,
            ticket=("period", id(self), "shown" if shown else period),
            what=_("reading the calendar"),
        )

    def _arrived(self, period: Period, view: DiaryView, asked: int) -> None:
        """*asked*: how many deeds were known when it was asked for; it may not tell later ones."""
        if not shiboken6.isValid(self):
            return
        if asked < self._deeds and period in self._kept:
            return  # no older than what is kept, and no fresher than stale
        view = self._kept[period] = unseen.shown(view)
        self._kept.move_to_end(period)
        if asked < self._deeds:
            self._stale.add(period)
        else:
            self._stale.discard(period)
        while len(self._kept) > KEPT:
            gone, _view = self._kept.popitem(last=False)
            self._stale.discard(gone)
        if period == self._shown:
            self.loading.emit(False)
            self.ready.emit(period, view)
            self._later.start()

    def _failed(self, error: BaseException) -> None:
        self.loading.emit(False)
        if not isinstance(error, Disconnected):  # the state line says that already
            self._desk.complain(error)

    def _prefetch(self) -> None:
        for period in self._neighbours:
            if period not in self._kept or period in self._stale:
                self._read(period)

    def _deeds_happened(self, changes: frozenset[Change]) -> None:
        if any(kind in ("appointment", "calendar_event", "patient") for kind, _number in changes):
            self.renew()


def _in_silence(_error: BaseException) -> None:
    """What was read ahead is read again when it is shown."""
