"""The race over HTTP: many programs want the same times of a server that is a process of its own.

``python -m tests.races.api URL --clients 64 --slots 200``: exit code 0 when each time was given
once, everybody got an answer, and every refusal named its reason.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from clinic_desk.models import base, schema
from clinic_desk.services import journal, tokens
from clinic_desk.services.store import Store, open_store
from tests.races import clinic
from tests.races.judge import overlaps

MINUTES = 30


@dataclass
class Answers:
    """What one client was told, slot by slot."""

    statuses: list[int] = field(default_factory=list)
    booked: dict[int, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.races.api", description=__doc__)
    parser.add_argument("url", help="an empty database: sqlite:///… or postgresql://…")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--slots", type=int, default=200)
    args = parser.parse_args()
    database = base.connect(args.url)
    schema.create(database)
    database.close()
    result = run(args.url, args.clients, args.slots)
    print(json.dumps(result, indent=1))
    return 0 if result["clean"] else 1


def run(url: str, clients: int, slots: int) -> dict[str, Any]:
    """The whole race in a database with the present schema; ``clean`` sums it up."""
    store = open_store(url)
    arena = clinic.build(patients=clients)
    wishes = [_wish(store, arena, slot) for slot in range(slots)]
    patients = _uuids(store, "patient", arena.patient_ids)
    console = tokens.at_the_console(store, arena.organisation_id)
    token = tokens.create(console, name="Racer", scopes=("appointments:write",)).value.text
    org = store.catalogue(arena.organisation_id).organisation.uuid
    serving, address = start(url)
    try:
        logs = [Answers() for _ in patients]
        gate = threading.Barrier(clients)
        crowd = [
            threading.Thread(target=_race, args=(address, org, token, wishes, who, gate, log))
            for who, log in zip(patients, logs, strict=True)
        ]
        began = time.perf_counter()
        for racer in crowd:
            racer.start()
        for racer in crowd:
            racer.join()
        seconds = time.perf_counter() - began
    finally:
        serving.terminate()
        _out, trouble = serving.communicate(timeout=60)
    result = _judge(store, arena, logs, slots, trouble)
    store.close()
    return result | {"seconds": round(seconds, 2)}


def start(url: str) -> tuple[subprocess.Popen[str], str]:
    """A server without a limit, and its host and port."""
    serving = subprocess.Popen(
        [sys.executable, "-m", "clinic_desk", "serve", "--port", "0", "--rate", "0",
         "--database", url],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "LC_ALL": "C", "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert serving.stdout is not None
    serving.stdout.readline()
    line = serving.stdout.readline()
    assert line, serving.communicate()
    return serving, urlsplit(line.split()[2]).netloc


def _wish(store: Store, arena: clinic.Arena, slot: int) -> dict[str, Any]:
    """A time of its own for each slot, so that each can be had once."""
    begin = clinic.MONDAY + timedelta(minutes=MINUTES * slot)
    which = slot % len(arena.provider_ids)
    (provider,) = _uuids(store, "provider", [arena.provider_ids[which]])
    (room,) = _uuids(store, "operatory", [arena.operatory_ids[which]])
    return {
        "appointment_type_uuid": _uuids(store, "appointment_type", [arena.type_id])[0],
        "location_uuid": _uuids(store, "location", [arena.location_id])[0],
        "provider_uuid": provider,
        # Half of them leave the room to the server.
        **({"operatory_uuid": room} if slot % 2 else {}),
        "scheduled_start": begin.strftime("%Y-%m-%dT%H:%M:%S"),
        "scheduled_end": (begin + timedelta(minutes=MINUTES)).strftime("%Y-%m-%dT%H:%M:%S"),
    }


def _uuids(store: Store, table: str, numbers: Any) -> list[str]:
    return [
        str(store.rows(f"SELECT uuid FROM {table} WHERE id = ?", (number,))[0][0])
        for number in numbers
    ]


def _race(
    address: str,
    org: str,
    token: str,
    wishes: list[dict[str, Any]],
    patient: str,
    gate: threading.Barrier,
    log: Answers,
) -> None:
    line = http.client.HTTPConnection(address, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for slot, wish in enumerate(wishes):
        gate.wait(120)
        began = time.perf_counter()
        keyed = headers | ({"Idempotency-Key": f"{patient} {slot}"} if slot % 3 == 0 else {})
        try:
            body = json.dumps(wish | {"patient_uuid": patient})
            line.request("POST", f"/api/v1/{org}/appointments", body, keyed)
            answer = line.getresponse()
            told = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            log.wrong.append(f"{type(error).__name__}: {error}")
            line.close()
            continue
        log.milliseconds.append((time.perf_counter() - began) * 1000)
        log.statuses.append(answer.status)
        if answer.status == 201:
            log.booked[slot] = told["uuid"]
        elif answer.status != 409 or not told.get("reasons"):
            log.wrong.append(f"{answer.status}: {told}")
    line.close()


def _judge(
    store: Store, arena: clinic.Arena, logs: list[Answers], slots: int, trouble: str
) -> dict[str, Any]:
    winners = Counter(slot for log in logs for slot in log.booked)
    told = sorted(uuid for log in logs for uuid in log.booked.values())
    kept = sorted(uuid for (uuid,) in store.rows("SELECT uuid FROM appointment"))
    times = sorted(t for log in logs for t in log.milliseconds) or [0.0]
    found = {
        "not given once": len([slot for slot in range(slots) if winners[slot] != 1]),
        "without an answer": len(logs) * slots - sum(len(log.statuses) for log in logs),
        "told otherwise": sum(len(log.wrong) for log in logs),
        "lost or phantoms": len(set(told) ^ set(kept)),
        "doubles": len(overlaps(store)),
        "broken links": len(list(journal.broken_links(store, arena.organisation_id))),
        "trouble": len(trouble),
    }
    return {
        "clean": not any(found.values()),
        **found,
        "examples": [*[line for log in logs for line in log.wrong][:3], trouble[-500:]],
        "statuses": dict(Counter(status for log in logs for status in log.statuses)),
        "p50_ms": round(times[len(times) // 2], 1),
        "p99_ms": round(times[len(times) * 99 // 100], 1),
    }


if __name__ == "__main__":
    sys.exit(main())
