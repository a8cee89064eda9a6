"""No day can be offered: why, and the ways out as buttons."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.offer_cards import NoDay, Way
from clinic_desk.views import words
from clinic_desk.views.booking.announcing import announce
from clinic_desk.views.booking.times import where
from clinic_desk.views.booking.values import emptied
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, label, named, row


class NoDayPanel(QFrame):
    """Signals:
    provider_days_wanted(): the hours of the provider who was asked for, else of ``providers``.
    another_wanted(): whoever may give it.
    opening_chosen(TimeOffer): the first one that anybody has.
    """

    provider_days_wanted = Signal()
    another_wanted = Signal()
    opening_chosen = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "booking-no-day", _("Why no day can be offered"), role="refusal")
        self._desk = desk
        self.providers: tuple[int, ...] = ()
        self._asked_place: int | None = None
        self.text = label("", "booking-no-day-text", wrap=True)
        self._ways = row(gap=6)
        self.setLayout(column(self.text, row(self._ways, 1), margin=10))
        self.hide()

    def explain(self, found: NoDay, zone: str, location_id: int | None) -> None:
        """Say why, and offer what can be done; an opening elsewhere than at the location that
        was asked for says where.
        """
        self.providers, self._asked_place = found.provider_ids, location_id
        sentences = [words.filled(found.message, found.params, zone)]
        if found.way_out:
            sentences.append(words.filled(found.way_out, found.params, zone))
        self.text.setText(" ".join(sentences))
        emptied(self._ways)
        for way in found.ways:
            text, name, act = self._way(way, found, zone)
            self._ways.addWidget(button(text, name, act))
        self.show()
        announce(self, self.text.text())

    def _way(self, way: Way, found: NoDay, zone: str) -> tuple[str, str, Callable[[], object]]:
        if way is Way.PROVIDER_DAYS:
            return _("Provider’s days…"), "booking-way-days", self.provider_days_wanted.emit
        opening = found.opening
        if way is Way.FIRST_OPENING and opening is not None:
            place = opening.seats[0].location_id
            there = self._desk.catalogue.time_zone(place)
            elsewhere = place != self._asked_place
            text = _("First opening: {day}, {time} · {provider}").format(
                day=words.day_short(words.wall(opening.starts_at, there).date()),
                time=words.clock_there(opening.starts_at, there, self._desk.zone),
                provider=where(self._desk.catalogue, opening.seats[:1], with_place=elsewhere),
            )
            return text, "booking-way-first", partial(self.opening_chosen.emit, opening)
        return _("Another provider"), "booking-way-another", self.another_wanted.emit
