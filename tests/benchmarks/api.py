"""The API over HTTP, on a server that was started as a clinic starts it.

Bookings by several programs at once, each at times of its own and all at the same time, beside
as many connections that insert with the same guarantee and nothing else. Free times and patients
by one program, beside the server's own shortest answer and the engine's own indexed query.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from clinic_desk.models.diary import Appointment
from clinic_desk.rules.scopes import SCOPES
from clinic_desk.services import rows as r
from clinic_desk.services import tokens
from clinic_desk.services.actor import Actor
from clinic_desk.web.app import THREADS
from tests.benchmarks import booking, callers, patients
from tests.benchmarks.clock import Times, in_turns
from tests.benchmarks.table import Row
from tests.benchmarks.world import World

GOAL = 5.0
"""At least a fifth as many as the bare insert."""

WARM_MS = 10.0
"""Free times of half a year, when the server has run for a while."""

AHEAD = timedelta(days=182)
ROOT = Path(__file__).parents[2]
SHOWN = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
ROUNDS = 2
WARM = 5
APART = timedelta(weeks=520)


def rows(world: World) -> list[Row]:
    """Both databases."""
    out: list[Row] = []
    quick = world.scale.quick
    for dialect in SHOWN:
        with world.open(dialect, world.scale.small) as actor, _served(actor) as api:
            out += _bookings(actor, api, (4,) if quick else (1, 4, 16, 64), world.scale.times)
            if quick:  # a server takes a second to start
                out += _free(actor, api, 10)
                out += _search(actor, api, 10)
        if not quick:
            with world.open(dialect, world.scale.house) as actor, _served(actor) as api:
                out += _free(actor, api, world.scale.times)
            with world.open(dialect, world.scale.patients) as actor, _served(actor) as api:
                out += _search(actor, api, world.scale.times * 2)
    return out


@dataclass(frozen=True)
class Api:
    """A server that runs, its process, and a token for all of the organisation."""

    host: str
    port: int
    org: str
    token: str

    def request(self, method: str, path: str, body: object = None) -> str:
        """A request as it goes over the line."""
        content = "" if body is None else json.dumps(body)
        return (
            f"{method} /api/v1/{self.org}{path} HTTP/1.1\r\nHost: {self.host}\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n{content}"
        )

    def line(self) -> callers.Line:
        """One connection to it."""
        return callers.connected(self.host, self.port)


@contextlib.contextmanager
def _served(actor: Actor) -> Iterator[Api]:
    """``clinic-desk serve`` in a process of its own, without a limit on how often is asked."""
    store = actor.store
    console = tokens.at_the_console(store, actor.organisation_id)
    made = tokens.create(console, name="Benchmark", scopes=tuple(SCOPES)).value
    org = store.catalogue(actor.organisation_id).organisation.uuid
    command = [sys.executable, "-m", "clinic_desk", "serve", "--port", "0", "--rate", "0"]
    with tempfile.TemporaryDirectory(prefix="clinic-desk-bench-api-") as folder:
        environment = os.environ | {
            "XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder, "PYTHONUNBUFFERED": "1",
            "LC_ALL": "C",
        }  # fmt: skip
        process = subprocess.Popen(
            [*command, "--database", store.url],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            told = process.stdout.readline() + process.stdout.readline()
            found = re.search(r"http://\S+", told)
            if found is None:
                raise RuntimeError(f"the server did not start: {told}")
            at = urlsplit(found[0])
            assert at.hostname and at.port
            yield Api(at.hostname, at.port, org, made.text)
        finally:
            process.terminate()
            process.wait(60)
            tokens.revoke(console, made.card.id)


# Booking -----------------------------------------------------------------------------------


def _bookings(actor: Actor, api: Api, clients: Sequence[int], times: int) -> list[Row]:
    out = []
    # Years apart: a room that the API chose is not wanted by the bare side.
    places = booking.places_free(actor), booking.places_free(actor, booking.FAR + APART)
    written = _written(actor, api)
    shown = SHOWN[actor.store.dialect]
    _tidy(actor)  # a run that was broken off left its visits
    try:
        with _callers(api) as send:
            # Each of the server's threads has its line to the database, and knows the statements.
            warm = [list(itertools.islice(places[0], WARM)) for _thread in range(THREADS)]
            _expect(send([[written(p) for p in part] for part in warm])[1], {201: THREADS * WARM})
            for count in clients:
                each = max(times // count // ROUNDS, 2)
                out += [
                    _distinct(actor, send, places, written, count, each, shown),
                    _same(actor, send, places, written, count, each, shown),
                ]
    finally:
        _tidy(actor)
    return out


Send = Callable[[list[list[str]]], tuple[float, list[tuple[int, float]]]]
Write = Callable[[booking.Place], str]
Places = tuple[Iterator[booking.Place], Iterator[booking.Place]]
"""Where we book, and where the bare side does."""


@contextlib.contextmanager
def _callers(api: Api) -> Iterator[Send]:
    """The callers' process: give it each caller's requests, and get what came of them."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.callers", api.host, str(api.port)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    given, told = process.stdin, process.stdout

    def send(requests: list[list[str]]) -> tuple[float, list[tuple[int, float]]]:
        print(json.dumps(requests), file=given, flush=True)
        told.readline()
        print("go", file=given, flush=True)
        seconds, answers = json.loads(told.readline())
        return seconds, [(status, taken) for status, taken in answers]

    try:
        yield send
    finally:
        given.close()
        process.wait(60)


def _written(actor: Actor, api: Api) -> Write:
    """Makes the request that books a place: as the document has it, without a room."""
    known = actor.store.catalogue(actor.organisation_id)
    found = actor.store.rows(
        "SELECT id, uuid FROM patient WHERE organisation_id = ? ORDER BY id LIMIT 300",
        (actor.organisation_id,),
    )
    patient = dict(found)

    def write(place: booking.Place) -> str:
        provider_id, _room_id, patient_id, type_id, span = place
        location_id = known.work_hours[provider_id][0].location_id or 0
        return api.request(
            "POST",
            "/appointments",
            {
                "patient_uuid": patient[patient_id],
                "appointment_type_uuid": known.types[type_id].uuid,
                "location_uuid": known.locations[location_id].uuid,
                "provider_uuid": known.providers[provider_id].uuid,
                "scheduled_start": span.starts_at.isoformat(),
                "scheduled_end": span.ends_at.isoformat(),
                "notes": "",
            },
        )

    return write


def _distinct(
    actor: Actor,
    send: Send,
    places: Places,
    write: Write,
    count: int,
    each: int,
    shown: str,
) -> Row:
    """Every caller books times of its own: all of them must be booked."""
    ours, bare, taken = 0.0, 0.0, Times()
    for _round in range(ROUNDS):
        mine = [list(itertools.islice(places[0], each)) for _caller in range(count)]
        seconds, answers = send([[write(place) for place in part] for part in mine])
        _expect(answers, {201: count * each})
        ours += seconds
        taken.values += [milliseconds for _status, milliseconds in answers]
        theirs = [list(itertools.islice(places[1], each)) for _caller in range(count)]
        seconds, booked = _bare(actor, theirs)
        assert booked == count * each, f"{booked} of {count * each} were inserted"
        bare += seconds
    name = f"API booking on {shown}, {_clients(count)}, times of their own"
    return _row(name, ours, bare, ROUNDS * count * each, taken)


def _same(
    actor: Actor,
    send: Send,
    places: Places,
    write: Write,
    count: int,
    each: int,
    shown: str,
) -> Row:
    """All callers want the same times: one of them gets each, all others are told why not."""
    ours, bare, taken = 0.0, 0.0, Times()
    for _round in range(ROUNDS):
        wanted = list(itertools.islice(places[0], each))
        seconds, answers = send([[write(place) for place in wanted]] * count)
        _expect(answers, {201: each, 409: (count - 1) * each})
        ours += seconds
        taken.values += [milliseconds for _status, milliseconds in answers]
        wanted = list(itertools.islice(places[1], each))
        seconds, booked = _bare(actor, [wanted] * count)
        assert booked == each, f"{booked} were inserted where {each} fit"
        bare += seconds
    name = f"API booking on {shown}, {_clients(count)}, the same times"
    return _row(name, ours, bare, ROUNDS * count * each, taken)


def _clients(count: int) -> str:
    return "1 client" if count == 1 else f"{count} clients"


def _row(name: str, ours: float, bare: float, requests: int, taken: Times) -> Row:
    return Row(
        name,
        ours * 1000 / requests,
        "bare insert, as many connections",
        bare * 1000 / requests,
        GOAL,
        note=f"{requests / ours:.0f}/s beside {requests / bare:.0f}/s;"
        f" an answer p50 {taken.p50:.1f}, p95 {taken.p95:.1f} ms",
    )


def _expect(answers: list[tuple[int, float]], wanted: dict[int, int]) -> None:
    """No answer is lost, none is another than these. Raises ``RuntimeError``."""
    found: dict[int, int] = {}
    for status, _taken in answers:
        found[status] = found.get(status, 0) + 1
    if found != {status: number for status, number in wanted.items() if number}:
        raise RuntimeError(f"answers {found}, expected {wanted}")


def _bare(actor: Actor, parts: list[list[booking.Place]]) -> tuple[float, int]:
    """A connection for each part inserts its places; gives the seconds and how many went in."""
    booked: list[int] = []
    broken: list[BaseException] = []
    begin = threading.Barrier(len(parts) + 1)

    def insert_all(part: list[booking.Place]) -> None:
        try:
            insert = booking.bare_insert(actor, booked)
            begin.wait()
            for place in part:
                _insert(actor, insert, place)
        except BaseException as error:
            broken.append(error)
            begin.abort()
        finally:
            actor.store.forget_connection()

    threads = [threading.Thread(target=insert_all, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    begin.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if broken:
        raise broken[0]
    return seconds, len(booked)


def _insert(actor: Actor, insert: Callable[[booking.Place], None], place: booking.Place) -> None:
    """Insert, or be refused because the time is taken; a file that is busy is asked again."""
    while True:
        try:
            insert(place)
        except Exception as error:  # each driver has classes of its own for the same
            kinds = {kind.__name__ for kind in type(error).__mro__}
            if "IntegrityError" in kinds:
                if actor.store.dialect == "sqlite":
                    actor.store.connection().execute("ROLLBACK")
                return
            if actor.store.dialect != "sqlite" or "OperationalError" not in kinds:
                raise
            time.sleep(0.0005)  # the engine gives up waiting, in no order
        else:
            return


def _tidy(actor: Actor) -> None:
    """The visits go, so that the next run finds their places."""
    far = r.stored(Appointment, "starts_at", booking.FAR)
    found = actor.store.rows(
        "SELECT id FROM appointment WHERE organisation_id = ? AND starts_at >= ?",
        (actor.organisation_id, far),
    )
    booking.taken_away(actor, [number for (number,) in found])


# Asking ------------------------------------------------------------------------------------


def _free(actor: Actor, api: Api, times: int) -> list[Row]:
    """Free times of half a year, of everybody at a location who may give a type: of all locations
    and types, where that are the most.
    """
    known = actor.store.catalogue(actor.organisation_id)
    location_id, type_id, count = max(
        (
            (place, kind, _able(known, place, kind))
            for place in known.locations
            for kind in known.types
        ),
        key=lambda found: found[2],
    )
    start = datetime.now(UTC) + timedelta(hours=1)
    wish = "&".join(
        (
            f"location_uuid={known.locations[location_id].uuid}",
            f"appointment_type_uuid={known.types[type_id].uuid}",
            f"from={start:%Y-%m-%dT%H:%M:%SZ}",
            f"to={start + AHEAD:%Y-%m-%dT%H:%M:%SZ}",
        )
    )
    ours, short = _asked(
        api, times, itertools.repeat(f"/schedule/availability?{wish}"), _shortest(api)
    )
    shown, all_of_them = SHOWN[actor.store.dialect], len(known.providers)
    name = f"API free times, {count} of {all_of_them} providers, half a year, {shown}"
    beside = "the server's shortest answer"
    return [
        Row(f"{name}, p50", ours.p50, beside, short.p50),
        Row(f"{name}, p95", ours.p95, beside, short.p95, WARM_MS, absolute=True),
    ]


def _able(known: Any, location_id: int, type_id: int) -> int:
    """How many providers work there and may give that."""
    return sum(
        any(hours.location_id == location_id for hours in known.work_hours.get(number, ()))
        and known.qualified(number, type_id)
        for number in known.providers
    )


def _search(actor: Actor, api: Api, times: int) -> list[Row]:
    """Patients by what people type, as many of them as the engine's own query gives."""
    typed = patients.typed(actor, times + 20)
    paths = (
        f"/patients?query={quote(text)}&page_size={patients.LIMIT}"
        for text in itertools.cycle(typed)
    )
    theirs = itertools.cycle(typed)
    query = patients.engines_query(actor)
    ours, bare = _asked(api, times, paths, lambda: query(next(theirs).split()))
    found = actor.store.rows(
        "SELECT COUNT(*) FROM patient WHERE organisation_id = ?", (actor.organisation_id,)
    )
    name = f"API patient search in {found[0][0]:,}, {SHOWN[actor.store.dialect]}"
    beside = "the engine's indexed query"
    return [
        Row(f"{name}, p50", ours.p50, beside, bare.p50),
        Row(
            f"{name}, p95",
            ours.p95,
            beside,
            bare.p95,
            note="ours also tells how many there are in all, in their order; the query does not",
        ),
    ]


def _shortest(api: Api) -> Callable[[], object]:
    """The least that a server can be asked: an address that it does not have."""
    line = api.line()
    request = b"GET /nothing HTTP/1.1\r\nHost: here\r\n\r\n"

    def short() -> None:
        assert callers.ask(line, request) == 404

    return short


def _asked(
    api: Api, times: int, paths: Iterator[str], beside: Callable[[], object]
) -> tuple[Times, Times]:
    """One caller asks for one path after the other, in turns with what stands beside it."""
    line = api.line()

    def ask() -> None:
        status = callers.ask(line, api.request("GET", next(paths)).encode())
        if status != 200:
            raise RuntimeError(f"the answer was {status}")

    ours, theirs = in_turns(times, ask, beside, warm=20)
    line.at.close()
    return ours, theirs
