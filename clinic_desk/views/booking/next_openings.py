"""The next openings as buttons, one click away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.services.offer_cards import TimeOffer
from clinic_desk.views import words
from clinic_desk.views.booking.times import where
from clinic_desk.views.booking.values import emptied
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, label, named, row


class NextOpenings(QWidget):
    """Signals:
    chosen(TimeOffer): one was picked.
    """

    chosen = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "booking-openings", _("Next openings"))
        self._desk = desk
        self._ways = row(gap=6)
        self.caption = label(_("Next openings"), "booking-openings-label", role="strong")
        self.setLayout(column(self.caption, row(self._ways, 1), gap=4))

    def show_offers(self, offers: Sequence[TimeOffer], zone: str) -> None:
        """Offer these, told by the clocks of their locations, which are named where they are not
        those of *zone*, named above; nothing where there is none.
        """
        if offers:
            day = words.wall(offers[0].starts_at, zone).date()
            title = words.over_times(_("Next openings"), day, zone, self._desk.zone)
            self.caption.setText(title)
        emptied(self._ways)
        for number, offer in enumerate(offers):
            made = button(self._short(offer, zone), f"booking-opening-{number}", look="way")
            seat = offer.seats[0]
            told = _("{when} · {where}").format(
                when=words.when_at(
                    seat.span, seat.location_id, self._desk.catalogue, self._desk.zone
                ),
                where=where(self._desk.catalogue, offer.seats, with_place=True),
            )
            made.setToolTip(told)
            made.setAccessibleName(told)
            made.clicked.connect(partial(self.chosen.emit, offer))
            self._ways.addWidget(made)
        self.setVisible(bool(offers))

    def _short(self, offer: TimeOffer, zone: str) -> str:
        there = self._desk.catalogue.time_zone(offer.seats[0].location_id)
        provider = self._desk.catalogue.providers.get(offer.seats[0].provider_id)
        return _("{day}\n{time} · {provider}").format(
            day=words.day_short(words.wall(offer.starts_at, there).date()),
            time=words.clock_there(offer.starts_at, there, zone),
            provider=words.isolated(provider.initials or provider.name) if provider else "",
        )
