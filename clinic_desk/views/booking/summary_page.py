"""The last step: all of it once more, and, where something stands in the way, what and why."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import NotFound, Refused
from clinic_desk.services.case_cards import RefusedService
from clinic_desk.services.offer_cards import Seat, TimeOffer
from clinic_desk.views import words
from clinic_desk.views.booking.announcing import announce
from clinic_desk.views.booking.draft import Draft
from clinic_desk.views.booking.known_of_patient import KnownOfPatient
from clinic_desk.views.booking.patient_page import lines_of
from clinic_desk.views.booking.times import where
from clinic_desk.views.booking.values import Values, emptied
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
        self.known = KnownOfPatient(desk)
        self.values = Values("booking-line", _("Summary"))
        card = named(QFrame(), "booking-summary-card", _("Summary"), role="card")
        card.setLayout(column(self.values, margin=14))
        self.refusal = named(QFrame(), "booking-refused", _("What cannot be booked"))
        self.refusal.setProperty("role", "refusal")
        self._reasons = QVBoxLayout(self.refusal)
        self.refusal.hide()
        self.setLayout(column(card, self.refusal, self.known, 1, gap=12))

    @property
    def is_complete(self) -> bool:
        """Whether it can be scheduled."""
        return self._draft.is_complete

    def begin(self) -> None:
        """Show everything as it is now, and look whether something stands in the way."""
        draft = self._draft
        lines = [(_("Main problem"), words.isolated(draft.problem.strip()) or "–"), *self._times()]
        if draft.patient is not None:
            lines += lines_of(draft.patient)
        else:
            lines.append((_("Patient"), _("not chosen yet")))
        if draft.notes.strip():
            lines.append((_("Notes"), words.isolated(draft.notes.strip())))
        self.values.show_lines(lines)
        self.known.show_patient(draft.patient)
        self._check()

    def _times(self) -> list[tuple[str, str]]:
        catalogue = self._desk.catalogue
        lines = []
        for part in self._draft.parts:
            text = _("no time yet")
            if part.seat is not None:
                text = _("{when} · {where}").format(
                    when=self._when(part.seat),
                    where=where(catalogue, (part.seat,), with_place=True),
                )
            lines.append((words.isolated(catalogue.types[part.type_id].name), text))
        return lines

    def _when(self, seat: Seat) -> str:
        return words.when_at(seat.span, seat.location_id, self._desk.catalogue, self._desk.zone)

    # What stands in the way ---------------------------------------------------------------------

    def _check(self) -> None:
        from clinic_desk.services import scheduling

        if not self._draft.is_complete or not self._desk.may("Appointment Get All"):
            self.clear()
            return
        self._desk.ask(
            scheduling.check,
            self._draft.plan(),
            done=self._checked,
            failed=self._not_checked,
            ticket=("booking-check", id(self)),
            what=_("checking whether the time is free"),
        )

    def _checked(self, found: Sequence[RefusedService]) -> None:
        if found:
            self.explain(found)
        else:
            self.clear()

    def _not_checked(self, error: BaseException) -> None:
        """Booking decides anyhow; only what nobody expects is told."""
        if not isinstance(error, Refused) or isinstance(error, NotFound):
            self._desk.complain(error)

    def explain(self, services: Sequence[RefusedService]) -> None:
        """Say of each service that cannot be booked why, and offer other times for it alone."""
        self.clear()
        title = _("Not all of it can be booked. Nothing is booked so far.")
        self._reasons.addWidget(
            label(title, "booking-refused-title", role="strong", wrap=True),
        )
        zone = self._desk.zone
        for service in services:
            there = self._desk.catalogue.time_zone(service.seat.location_id)
            told = "\n".join(f"• {words.reason(c, zone, there)}" for c in service.reasons)
            text = label(f"{words.isolated(service.name)}\n{told}", wrap=True)
            self._reasons.addWidget(named(text, f"booking-refused-{service.number}"))
            for place, opening in enumerate(service.openings):
                self._offer(service, place, opening)
        self.refusal.show()
        reasons = [words.reason(c, zone) for s in services for c in s.reasons]
        announce(self, " ".join([title, *dict.fromkeys(reasons)]))

    def _offer(self, service: RefusedService, place: int, offer: TimeOffer) -> None:
        text = _("{when} · {where}").format(
            when=self._when(offer.seats[0]),
            where=where(self._desk.catalogue, offer.seats, with_place=False),
        )
        made = button(text, f"booking-instead-{service.number}-{place}", look="way")
        made.clicked.connect(partial(self._take, service.number, offer))
        self._reasons.addWidget(made)

    def _take(self, number: int, offer: TimeOffer) -> None:
        self._draft.parts[number].seat = offer.seats[0]
        self.clear()
        self.changed.emit()
        self.begin()

    def clear(self) -> None:
        """What was refused before is no longer so."""
        emptied(self._reasons)
        self.refusal.hide()
