"""What stands on printed pages: the day by provider with its gaps, the week by days. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.clinic_time import day_span, zone
from clinic_desk.rules.lifecycle import HOLDING
from clinic_desk.rules.spans import Span, common, minus
from clinic_desk.services.cards import AppointmentCard, DiaryView, EventCard
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.views import words

LEAST_GAP = 10
"""Shorter gaps, in minutes, are not printed."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line: cells in the order of the columns; a gap has only its time."""

    cells: tuple[str, ...]
    gap: bool = False
    struck: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One provider's day, or one day of the week."""

    title: str
    hint: str
    rows: tuple[SheetRow, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole print-out. ``weights`` are the relative widths of the columns, ``zone`` the IANA
    name of the clock, ``head`` the end of the history that it shows.
    """

    title: str
    place: str
    columns: tuple[str, ...]
    weights: tuple[int, ...]
    sections: tuple[Section, ...]
    zone: str
    head: str
    landscape: bool = False


def day_sheet(
    view: DiaryView,
    catalogue: Catalogue,
    day: date,
    zone_name: str,
    *,
    provider_ids: Collection[int] = (),
    place: str = "",
    head: str = "",
) -> Sheet:
    """The day of each provider who works or has visits, with the gaps between them."""
    whole = day_span(day, zone(zone_name))
    sections = []
    for provider in sorted(catalogue.providers.values(), key=lambda one: (one.position, one.name)):
        if provider_ids and provider.id not in provider_ids:
            continue
        visits = [
            card
            for card in view.appointments
            if card.provider.id == provider.id and card.span.overlaps(whole)
        ]
        events = [
            card
            for card in view.events
            if card.resource_id == provider.id and card.span.overlaps(whole)
        ]
        hours = [
            span for _place, span in view.open_hours.get(provider.id, ()) if span.overlaps(whole)
        ]
        if visits or events or hours:
            hint = ", ".join(words.times(span, zone_name) for span in hours) or _("not in today")
            rows = _day_rows(visits, events, common(hours, [whole]), zone_name)
            sections.append(Section(provider.name, hint, tuple(rows)))
    if not sections:
        sections.append(Section(_("No visits and no work hours on this day"), "", ()))
    return Sheet(
        title=words.day_long(day),
        place=place,
        columns=(
            _("Time"),
            _("Min"),
            _("Patient"),
            _("Born"),
            _("Type"),
            _("Room"),
            _("Status"),
            "☐",
        ),
        weights=(23, 6, 28, 10, 9, 12, 13, 4),
        sections=tuple(sections),
        zone=zone_name,
        head=head or str(view.seq),
    )


def _day_rows(
    visits: list[AppointmentCard], events: list[EventCard], hours: list[Span], zone_name: str
) -> Iterable[SheetRow]:
    taken = [card.span for card in visits if card.status in HOLDING] + [e.span for e in events]
    free = [gap for gap in minus(hours, taken) if gap.minutes >= LEAST_GAP] if hours else []
    lines: list[tuple[Span, SheetRow]] = [(gap, _gap(gap, zone_name)) for gap in free]
    lines += [(card.span, _visit(card, zone_name)) for card in visits]
    lines += [
        (
            card.span,
            SheetRow((words.times(card.span, zone_name), str(card.span.minutes), card.title)),
        )
        for card in events
    ]
    lines.sort(key=lambda line: line[0])
    return [line for _span, line in lines]


def _gap(gap: Span, zone_name: str) -> SheetRow:
    return SheetRow((words.times(gap, zone_name), str(gap.minutes), ""), gap=True)


def _visit(card: AppointmentCard, zone_name: str) -> SheetRow:
    note = " · ".join(
        part
        for part in (card.patient_alert and f"⚠ {card.patient_alert}", " ".join(card.notes.split()))
        if part
    )
    return SheetRow(
        (
            words.times(card.span, zone_name),
            str(card.span.minutes),
            words.isolated(card.patient_name),
            str(card.patient_born.year) if card.patient_born else "",
            card.type.code,
            card.operatory.name if card.operatory else "",
            words.status(card.status),
            "☐" if card.status in HOLDING else "",
        ),
        struck=card.status not in HOLDING,
        note=note,
    )


def week_sheet(
    view: DiaryView,
    first: date,
    days: int,
    zone_name: str,
    *,
    names: Mapping[int, str] = MappingProxyType({}),
    provider_ids: Collection[int] = (),
    place: str = "",
    head: str = "",
) -> Sheet:
    """Each day of the week with its visits and events in order; *names* of whose events are."""
    sections = []
    for day in (first + timedelta(days=n) for n in range(days)):
        whole = day_span(day, zone(zone_name))
        visits = [
            card
            for card in view.appointments
            if whole.holds(card.span.starts_at)
            and card.status in HOLDING
            and (not provider_ids or card.provider.id in provider_ids)
        ]
        events = [
            card
            for card in view.events
            if whole.holds(card.span.starts_at)
            and (not provider_ids or card.resource_id in provider_ids)
        ]
        rows = [(card.span, _week_visit(card, zone_name)) for card in visits]
        rows += [(card.span, _week_event(card, zone_name, names)) for card in events]
        rows.sort(key=lambda line: line[0])
        hint = ngettext("{count} visit", "{count} visits", len(visits)).format(count=len(visits))
        sections.append(Section(words.day_long(day), hint, tuple(row for _span, row in rows)))
    return Sheet(
        title=words.period(first, first + timedelta(days=days - 1)),
        place=place,
        columns=(_("Time"), _("Patient"), _("Type"), _("Provider"), _("Room"), _("Status")),
        weights=(22, 28, 9, 20, 14, 13),
        sections=tuple(sections),
        zone=zone_name,
        head=head or str(view.seq),
    )


def _week_visit(card: AppointmentCard, zone_name: str) -> SheetRow:
    return SheetRow(
        (
            words.times(card.span, zone_name),
            words.isolated(card.patient_name),
            card.type.code,
            card.provider.name,
            card.operatory.name if card.operatory else "",
            words.status(card.status),
        )
    )


def _week_event(card: EventCard, zone_name: str, names: Mapping[int, str]) -> SheetRow:
    whose = names.get(card.resource_id, "")
    return SheetRow((words.times(card.span, zone_name), card.title, "", whose))
