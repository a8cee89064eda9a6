"""The last step: all of it once more, and, where something stands in the way, what and why."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.case_cards import NotScheduled, RefusedService
from clinic_desk.services.offer_cards import TimeOffer
from clinic_desk.views import words
from clinic_desk.views.booking.draft import Draft
from clinic_desk.views.booking.patient_page import lines_of
from clinic_desk.views.booking.times import where
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, label, named


class SummaryPage(QWidget):
    """Signals:
    changed(): another time was taken for a service that was refused.
    """

    changed = Signal()

    def __init__(self, desk: Desk, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "booking-summary", _("Summary"))
        self._desk, self._draft = desk, draft
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(16)
        card = named(QFrame(), "booking-summary-card", _("Summary"), role="card")
        card.setLayout(column(self._grid, margin=14))
        self.refusal = named(
            QFrame(), "booking-refused", _("What cannot be booked"), role="refusal"
        )
        self._reasons = QVBoxLayout(self.refusal)
        self.refusal.hide()
        self.setLayout(column(card, self.refusal, 1, gap=12))

    @property
    def is_complete(self) -> bool:
        """Whether it can be scheduled."""
        return self._draft.is_complete

    def begin(self) -> None:
        """Show everything as it is now."""
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        draft, catalogue = self._draft, self._desk.catalogue
        zone = catalogue.time_zone(draft.location_id)
        lines = [(_("Main problem"), draft.problem.strip() or "–")]
        for visit in draft.visits:
            for part in visit:
                kind = catalogue.types[part.type_id]
                if part.seat is None:
                    text = _("no time yet")
                else:
                    text = _("{when} · {where}").format(
                        when=words.when(part.seat.span, zone),
                        where=where(catalogue, (part.seat,), with_place=True),
                    )
                lines.append((words.isolated(kind.name), text))
        if draft.patient is not None:
            lines += lines_of(draft.patient)
        else:
            lines.append((_("Patient"), _("not chosen yet")))
        if draft.notes.strip():
            lines.append((_("Notes"), draft.notes.strip()))
        for place, (caption, text) in enumerate(lines):
            self._grid.addWidget(label(caption, role="hint"), place, 0)
            self._grid.addWidget(label(text, f"booking-line-{place}", wrap=True), place, 1)

    def explain(self, error: NotScheduled) -> None:
        """Say of each service that cannot be booked why, and offer other times for it alone."""
        self.clear()
        zone = self._desk.catalogue.time_zone(self._draft.location_id)
        title = label(
            _("Nothing was booked, since not all of it can be."), "booking-refused-title",
            role="strong", wrap=True,
        )  # fmt: skip
        self._reasons.addWidget(title)
        for service in error.services:
            told = "\n".join(f"• {words.reason(c, zone)}" for c in service.reasons)
            text = label(f"{words.isolated(service.name)}\n{told}", wrap=True)
            self._reasons.addWidget(named(text, f"booking-refused-{service.number}"))
            for place, opening in enumerate(service.openings):
                self._offer(service, place, opening, zone)
        self.refusal.show()

    def _offer(self, service: RefusedService, place: int, offer: TimeOffer, zone: str) -> None:
        text = _("{when} · {where}").format(
            when=words.when(offer.seats[0].span, zone),
            where=where(self._desk.catalogue, offer.seats, with_place=False),
        )
        made = button(text, f"booking-instead-{service.number}-{place}", look="way")
        made.clicked.connect(partial(self._take, service.number, offer))
        self._reasons.addWidget(made)

    def _take(self, number: int, offer: TimeOffer) -> None:
        self._draft.parts[number].seat = offer.seats[0]
        self.clear()
        self.begin()
        self.changed.emit()

    def clear(self) -> None:
        """What was refused before is no longer so."""
        while (item := self._reasons.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.refusal.hide()
