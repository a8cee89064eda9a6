"""What the booking window says of what is known so far."""

from __future__ import annotations

from clinic_desk.i18n import _, ngettext
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.views import words
from clinic_desk.views.booking.draft import Draft, span_of


def services(draft: Draft, catalogue: Catalogue) -> str:
    """ "Toothache · NPE + HYG"."""
    codes = " + ".join(catalogue.types[part.type_id].code for part in draft.parts)
    return " · ".join(filter(None, [words.isolated(draft.problem.strip()), codes]))


def times(draft: Draft, catalogue: Catalogue, zone: str) -> str:
    """When it is to be, for a desk that shows *zone*, or how many times are still missing."""
    seats = draft.seats
    if not seats:
        return ""
    if not draft.has_times:
        count = len(draft.parts) - len(seats)
        return ngettext("{count} time missing", "{count} times missing", count).format(count=count)
    if len(draft.visits) > 1:
        count = len(draft.visits)
        return ngettext("{count} visit", "{count} visits", count).format(count=count)
    return words.when_at(span_of(seats), seats[0].location_id, catalogue, zone)


def patient(draft: Draft) -> str:
    """Who it is for."""
    return words.isolated(draft.patient.name) if draft.patient is not None else ""


def deed(draft: Draft, catalogue: Catalogue, zone: str) -> tuple[str, str]:
    """What scheduling it is called for undo, and what the message bar says when it is done."""
    count, first = len(draft.seats), draft.seats[0]
    label = ngettext(
        "Schedule {count} appointment for {patient}",
        "Schedule {count} appointments for {patient}",
        count,
    )
    said = _("Scheduled: {patient}, {when}")
    if count > 1:
        said = ngettext(
            "Scheduled: {patient}, {count} appointment",
            "Scheduled: {patient}, {count} appointments",
            count,
        )
    told = {
        "count": count,
        "patient": patient(draft),
        "when": words.when_at(first.span, first.location_id, catalogue, zone),
    }
    return label.format(**told), said.format(**told)
