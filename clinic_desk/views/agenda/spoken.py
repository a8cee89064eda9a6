"""What a screen reader says of a card and of a free slot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from clinic_desk.i18n import _
from clinic_desk.services.cards import EventCard
from clinic_desk.views import words
from clinic_desk.views.agenda.judge import clock_of, wish_for
from clinic_desk.views.agenda.layout import Card, Item

if TYPE_CHECKING:
    from clinic_desk.views.agenda.selecting import Selecting


def sentence(item: Item, zone: str, names: dict[int, str]) -> str:
    """A card of the board as it is spoken: :func:`card_sentence`, and how many are beside it."""
    told = card_sentence(item.card, zone, names)
    if item.lanes <= 1:
        return told
    beside = _("{number} of {count} beside each other").format(
        number=item.lane + 1, count=item.lanes
    )
    return f"{told}, {beside}"


def card_sentence(card: Card, zone: str, names: Mapping[int, str]) -> str:
    """A card as it is spoken: day, time, patient, type, provider, place, status. Told by the
    clock of its place, which is named where the calendar, in *zone*, shows another hour.
    """
    begin, end, there = card.span.starts_at, card.span.ends_at, card.time_zone
    day = words.day_long(words.wall(begin, there).date())
    times = _("{begin} to {end}").format(
        begin=words.clock(begin, there), end=words.clock_there(end, there, zone)
    )
    parts = [day, times]
    if isinstance(card, EventCard):
        parts += [card.title, names.get(card.resource_id, ""), _("Calendar event")]
    else:
        parts += [card.patient_name, card.type.name, card.provider.name]
        parts.append(card.operatory.name if card.operatory else _("No room"))
        parts.append(card.location.name if card.location else "")
        parts.append(words.status(card.status))
        if card.patient_alert:
            parts.append(card.patient_alert)
        if card.overbooked:
            parts.append(_("overbooked"))
    return ", ".join(part for part in parts if part)


def slot_sentence(board: Selecting) -> str:
    """The slot under the cursor as it is spoken: day, time, whose, free or closed."""
    span = board.cursor_span
    if span is None:
        return ""
    column = board.grid.columns[board.cursor_.column]
    there = clock_of(wish_for(None, span, column), board.model, board.zone, board.place)
    day = words.day_long(words.wall(span.starts_at, there).date())
    parts = [day, words.clock_there(span.starts_at, there, board.zone)]
    number = column.provider_id or column.operatory_id
    if number is not None:
        parts.append(board.scene.work.names.get(number, ""))
    free = not board.is_closed(board.cursor_.column, board.cursor_.minute)
    parts.append(_("free") if free else _("closed"))
    until = board.free_until(board.cursor_.column, board.cursor_.minute)
    if free and until is not None:
        end = span.starts_at + timedelta(minutes=until)
        parts.append(_("until {time}").format(time=words.clock(end, there)))
    return ", ".join(part for part in parts if part)
