"""A visit moved at one desk until it is painted at another, another process.

The clock starts when the first desk's deed is committed and stops when the second desk's
calendar has painted the visit at its new place. Beside it is the least that can tell another
process something: PostgreSQL's NOTIFY heard by a waiting LISTEN; on SQLite a commit seen by
somebody who does nothing but ask for ``data_version``; their commit is part of that time.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views.calendar_screen import CalendarScreen
from clinic_desk.views.live import Live
from tests.benchmarks.clock import Times
from tests.benchmarks.other_desk import CHANNEL
from tests.benchmarks.screen import Offscreen, Paints, offscreen
from tests.benchmarks.table import Row
from tests.benchmarks.world import World

GOAL = 150.0
"""Milliseconds on PostgreSQL."""

WAIT = 5.0
"""Seconds after which nothing will be heard any more."""


def rows(world: World) -> list[Row]:
    """Both databases, in a clinic of 300 visits a week."""
    out = []
    size, times = (
        world.scale.week(300),
        max(world.scale.times // 10, 2) if world.scale.quick else world.scale.times // 4,
    )
    for dialect, shown, beside in (
        ("postgresql", "PostgreSQL", "bare NOTIFY to LISTEN, p95"),
        ("sqlite", "SQLite", "bare data_version, p95"),
    ):
        with world.open(dialect, size) as actor, offscreen(actor) as desk:
            ours, bare = measure(desk, actor, times)
        goal = GOAL if dialect == "postgresql" else None
        out.append(
            Row(f"refresh at a second desk, {shown}, p95", ours.p95, beside, bare.p95, goal,
                absolute=True, note=f"p50 {ours.p50:.1f}, most {ours.most:.0f} ms; bare p50"
                f" {bare.p50:.2f} ms; {len(ours.values)} moves")
        )  # fmt: skip
    return out


def measure(desk: Offscreen, actor: Actor, times: int) -> tuple[Times, Times]:
    """Ours and the bare signal, in turns; each visit goes back to where it was."""
    screen = desk.calendar()
    desk.until(lambda: screen.data is not None)
    screen.step(1)
    desk.rest()
    live = Live(desk.desk)
    live.start()
    ours, bare = Times(), Times()
    try:
        with _other_desk(actor.store.url) as ask, _hearing(actor) as hear:
            for number in range(-1, times):
                desk.rest(0.1)
                card, there = _free_place(screen)
                found = [_moved(desk, screen, ask, card.id, there)]
                theirs = hear(lambda: ask("bare"))
                found.append(_moved(desk, screen, ask, card.id, card.span.starts_at))
                if number >= 0:
                    ours.values += found
                    bare.values.append(theirs)
    finally:
        live.close()
        desk.drop(screen)
    return ours, bare


Ask = Callable[[str], float]
Ask0 = Callable[[], float]


@contextlib.contextmanager
def _other_desk(url: str) -> Iterator[Ask]:
    """Another process; ask it to do something, and it says when that was committed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.other_desk", url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert process.stdin is not None and process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def ask(line: str) -> float:
        stdin.write(line + "\n")
        return float(stdout.readline())

    try:
        if stdout.readline().strip() != "ready":
            raise RuntimeError("the other desk did not start")
        yield ask
    finally:
        stdin.close()
        process.wait(20)
        stdout.close()


def _moved(desk: Offscreen, screen: CalendarScreen, ask: Ask, number: int, to: datetime) -> float:
    """Milliseconds from the commit there to the painting here. The question waits on a thread
    of its own, since the window must go on.
    """
    version = _card(screen, number).version
    answer: list[float] = []
    thread = threading.Thread(
        target=lambda: answer.append(ask(f"move {number} {version} {to.isoformat()}"))
    )
    paints = Paints(screen.board.viewport())
    thread.start()
    desk.until(lambda: _card(screen, number).span.starts_at == to)
    before = paints.count
    desk.until(lambda: paints.count > before or not screen.board.canvas._dirty)
    painted = time.time()
    thread.join()
    paints.deleteLater()
    return (painted - answer[0]) * 1000


def _card(screen: CalendarScreen, number: int) -> AppointmentCard:
    found = screen.board.model.card(number)
    assert isinstance(found, AppointmentCard)
    return found


def _free_place(screen: CalendarScreen) -> tuple[AppointmentCard, datetime]:
    """A visit and a place after it into which it can be moved: time of the same provider that
    nobody shown takes, inside the same work hours.
    """
    data = screen.data
    assert data is not None
    for card in data.appointments:
        mine = [c for c in data.appointments if c.provider.id == card.provider.id]
        for _, hours in data.open_hours[card.provider.id]:
            at = hours.starts_at
            while at + (card.span.ends_at - card.span.starts_at) <= hours.ends_at:
                end = at + (card.span.ends_at - card.span.starts_at)
                around = [_with_buffers(c) for c in mine]
                margin = timedelta(minutes=max(card.before_minutes, card.after_minutes))
                if all(e <= at - margin or end + margin <= b for b, e in around):
                    return card, at
                at += timedelta(minutes=15)
    raise RuntimeError("no visit can be moved anywhere")


def _with_buffers(card: AppointmentCard) -> tuple[datetime, datetime]:
    return (
        card.span.starts_at - timedelta(minutes=card.before_minutes),
        card.span.ends_at + timedelta(minutes=card.after_minutes),
    )


@contextlib.contextmanager
def _hearing(actor: Actor) -> Iterator[Callable[[Ask0], float]]:
    """Gives what does something and says how long after its beginning that was heard."""
    if actor.store.dialect == "postgresql":
        import psycopg

        with psycopg.connect(actor.store.url, autocommit=True) as line:
            line.execute(f"LISTEN {CHANNEL}".encode())
            yield lambda deed: _heard(deed, lambda: list(line.notifies(timeout=WAIT, stop_after=1)))
        return
    from sqlcipher3 import dbapi2 as sqlite

    file = sqlite.connect(actor.store.url.removeprefix("sqlite:///"), check_same_thread=False)
    asked = "PRAGMA data_version"

    def changes() -> None:
        known, end = file.execute(asked).fetchone(), time.monotonic() + WAIT
        while file.execute(asked).fetchone() == known and time.monotonic() < end:
            time.sleep(0.0001)

    try:
        yield lambda deed: _heard(deed, changes)
    finally:
        file.close()


def _heard(deed: Ask0, wait: Callable[[], object]) -> float:
    heard: list[float] = []

    def listen() -> None:
        wait()
        heard.append(time.time())

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(0.02)
    began = deed()
    thread.join(2 * WAIT)
    return (heard[0] - began) * 1000
