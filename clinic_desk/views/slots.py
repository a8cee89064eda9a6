"""A place in the diary as the screens hand it to each other."""

from __future__ import annotations

from dataclasses import dataclass

from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a visit stands or shall stand: ``span`` without buffers; ``column`` is the provider
    or room in whose column it was drawn; ``length_meant`` is false where nobody said how long,
    so that the type's usual length is to be taken.
    """

    span: Span
    provider_id: int
    operatory_id: int | None
    location_id: int | None
    column: int | None = None
    length_meant: bool = True

    @classmethod
    def of(cls, card: AppointmentCard) -> Slot:
        """Where *card* stands."""
        return cls(
            card.span,
            card.provider.id,
            card.operatory.id if card.operatory else None,
            card.location.id if card.location else None,
        )
