"""A meeting a week for each provider of an organisation that is filled for measuring."""

from __future__ import annotations

import itertools
import random
import uuid
from datetime import date
from typing import Any

from clinic_desk.models.diary import Appointment, CalendarEvent
from clinic_desk.services import chain, portable
from clinic_desk.services.bulk import Load, Numbers
from clinic_desk.services.catalogue import Catalogue

MINUTES = 30

Fields = dict[str, Any]
"""A row in portable form, by its columns."""

COLUMNS = (
    "id",
    "uuid",
    "organisation_id",
    "resource_id",
    "location_id",
    "starts_at",
    "ends_at",
    "time_zone",
    "title",
    "version",
)
INSTANTS = frozenset(
    c.name
    for model in (Appointment, CalendarEvent)
    for c in portable.columns(model)
    if c.kind is portable.Kind.INSTANT
)


class Meetings:
    """Laid in the first break of a day, if it has one, so that they take no open time."""

    def __init__(self, catalogue: Catalogue, uuids: random.Random) -> None:
        self._catalogue = catalogue
        self._uuids = uuids
        self._waiting: list[Fields] = []
        self.written = 0

    def lay(self, provider_id: int, day: date) -> None:
        """A meeting of this provider on that day, to be written with the next visits."""
        halves = self._catalogue.provider_hours(provider_id, [day])
        for (location_id, before), (_, after) in itertools.pairwise(halves):
            begin = portable.seconds(before.ends_at)
            end = begin + 60 * MINUTES
            if end <= portable.seconds(after.starts_at):
                own = str(uuid.UUID(int=self._uuids.getrandbits(128), version=4))
                values = (0, own, self._catalogue.organisation.id, provider_id, location_id)
                zone = self._catalogue.time_zone(location_id)
                more = (begin, end, zone, "Team meeting", 1)
                self._waiting.append(dict(zip(COLUMNS, (*values, *more), strict=True)))
                return

    def write(self, load: Load, numbers: Numbers, today: int) -> None:
        """Add what was laid, each with a deed of its own."""
        meetings, self._waiting = self._waiting, []
        for fields in meetings:
            fields["id"] = numbers.next("calendar_event")
        load.write(CalendarEvent, [tuple(f.values()) for f in meetings], COLUMNS)
        for fields in meetings:
            at = portable.instant(min(fields["starts_at"], today))
            load.deed([made("calendar_event", fields)], at=at)
        self.written += len(meetings)


def made(kind: str, fields: Fields) -> chain.Change:
    """What the history says of a row that was filled in."""
    after = {k: v for k, v in fields.items() if v is not None and k != "id"}
    for name in INSTANTS & after.keys():
        after[name] = portable.instant(after[name]).isoformat()
    return chain.Change(kind, fields["id"], True, {}, after)
