"""Two versions of a visit in words, so that nobody overwrites what they have not seen."""

from __future__ import annotations

from clinic_desk.i18n import _
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.views import words
from clinic_desk.views.visit_form import Values

MOST = 120
"""Letters of notes that are shown."""


def told(
    shown: Values, other: Values, catalogue: Catalogue, own: str, zone: str, *more: str
) -> str:
    """When, by the clock of the visit's *own* zone at a desk that shows *zone*, and with whom;
    *more*, and of the rest what *other* says differently.
    """
    differs = shown.differing(other)
    provider = catalogue.providers.get(shown.provider_id)  # one may be newer than this desk knows
    parts = [words.when_there(shown.span, own, zone)]
    if provider is not None:
        parts.append(words.isolated(provider.name))
    if "operatory_id" in differs:
        room = catalogue.operatories.get(shown.operatory_id or 0)
        parts.append(words.isolated(room.name) if room is not None else _("no room"))
    if "type_id" in differs and shown.type_id in catalogue.types:
        parts.append(words.isolated(catalogue.types[shown.type_id].name))
    parts += more
    if "notes" in differs:
        parts.append(_notes(shown.notes))
    return ", ".join(parts)


def _notes(text: str) -> str:
    line = " ".join(text.split())
    if not line:
        return _("no notes")
    short = line if len(line) <= MOST else f"{line[: MOST - 1]}…"
    return _("notes “{notes}”").format(notes=words.isolated(short))
