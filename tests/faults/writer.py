"""A desk that books without end and says what was acknowledged, until it is killed."""

from __future__ import annotations

import json
import sys
import uuid

from clinic_desk.rules.errors import ClinicError
from clinic_desk.services import diary
from clinic_desk.services.store import open_store
from tests.races.clinic import Arena, racer, slots


def main(url: str, arena: Arena, start: int) -> None:
    """Book slot after slot from *start*; one line for each acknowledged booking."""
    store = open_store(url)
    actor = racer(store, arena)
    for number, place in enumerate(slots(arena, 100_000)[start:], start):
        request_id = str(uuid.uuid4())
        try:
            done = diary.book(
                actor,
                span=place.span,
                type_id=arena.type_id,
                provider_id=place.provider_id,
                operatory_id=place.operatory_id,
                patient_id=arena.patient_ids[number % len(arena.patient_ids)],
                location_id=arena.location_id,
                request_id=request_id,
            )
        except ClinicError:
            continue
        sys.stdout.write(json.dumps([number, request_id, done.value.id]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Arena(**json.loads(sys.argv[2])), int(sys.argv[3]))
