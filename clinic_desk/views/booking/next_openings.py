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
        caption = label(_("Next openings"), "booking-openings-label", role="strong")
        self.setLayout(column(caption, row(self._ways, 1), gap=4))

    def show_offers(self, offers: Sequence[TimeOffer], zone: str) -> None:
        """Offer these, told in *zone*; nothing where there is none."""
        emptied(self._ways)
        for number, offer in enumerate(offers):
            made = button(self._short(offer, zone), f"booking-opening-{number}", look="way")
            told = _("{when} · {where}").format(
                when=words.when(offer.seats[0].span, zone),
                where=where(self._desk.catalogue, offer.seats, with_place=True),
            )
            made.setToolTip(told)
            made.setAccessibleName(told)
            made.clicked.connect(partial(self.chosen.emit, offer))
            self._ways.addWidget(made)
        self.setVisible(bool(offers))

    def _short(self, offer: TimeOffer, zone: str) -> str:
        provider = self._desk.catalogue.providers.get(offer.seats[0].provider_id)
        return _("{day}\n{time} · {provider}").format(
            day=words.day_short(words.wall(offer.starts_at, zone).date()),
            time=words.clock(offer.starts_at, zone),
            provider=words.isolated(provider.initials or provider.name) if provider else "",
        )
