"""A week on the screen: opened, and turned to the next one.

*Opened* is the whole way: a new calendar with its toolbar asks the database for the week on its
thread, lays it out and paints it. *From rows* begins where the rival does, with what the
database gave in memory, and makes cards of it, lays them out and paints them.
*The first time* is in a fresh process and a fresh browser, *again* in the same ones. *Next
week* is the calendar's own step, once its neighbours have been read ahead, as they are while
somebody looks at a week.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from clinic_desk.services import diary_view
from clinic_desk.services.cards import AppointmentCard, DiaryView
from clinic_desk.views.agenda.board import AgendaBoard
from clinic_desk.views.calendar_screen import CalendarScreen
from tests.benchmarks.clock import Times, in_turns
from tests.benchmarks.floor import Floor, bare
from tests.benchmarks.peers import DayPilot, Missing
from tests.benchmarks.screen import HIGH, WIDE, Offscreen, Paints, offscreen
from tests.benchmarks.table import Row
from tests.benchmarks.world import World

FROM_ROWS = {2100: 1 / 5}
"""At most so much of DayPilot's time, by visits in the week. From the opening on we also ask the
database and make a toolbar, which the rival does not: those rows are told, not judged.
"""

TURNED = {300: 1 / 5, 2100: 1 / 10, 10_000: 1 / 40}
FLOOR_OPENED, FLOOR_TURNED = 1.5, 1.0
RIVAL = "DayPilot Lite, Chromium"
STALL = 100.0
"""Milliseconds that the window may be deaf."""


@dataclass
class Beside:
    """Ours and the rival's times; ``lacking`` says why the rival has none."""

    first: tuple[Times, Times] = field(default_factory=lambda: (Times(), Times()))
    opened: tuple[Times, Times] = field(default_factory=lambda: (Times(), Times()))
    turned: tuple[Times, Times] = field(default_factory=lambda: (Times(), Times()))
    lacking: str = ""


def rows(world: World) -> list[Row]:
    """SQLite: both databases give the same cards; see ``growth`` for the reading alone."""
    return [row for visits in world.scale.visits for row in _measured(world, visits)]


def _measured(world: World, visits: int) -> list[Row]:
    times = max(world.scale.times // (10 if visits < 5000 else 40), 2)
    with world.open("sqlite", world.scale.week(visits)) as actor, offscreen(actor) as desk:
        week = Week(desk)
        found = _beside(week, world.folder / "events.json", actor.store.url, times)
        laid, floor = week.from_cards(times * 2)
        from_rows = week.from_rows(times * 2)
        stepped, floor_turn = in_turns(times * 2, week.step, week.floor_turn, warm=2)
        week.close()
    name, told = f"{visits:,} visits", f"{len(week.cards):,} visits in view"
    stalls, turned = week.stalls, found.turned[0]
    return [
        _row(f"week opened the first time, {name}", found.first, None, found, told),
        _row(f"week opened again, {name}", found.opened, None, found, told),
        _row(
            f"week from rows, {name}",
            (from_rows, found.opened[1]),
            FROM_ROWS.get(visits),
            found,
            told,
        ),
        _row(f"next week, {name}", found.turned, TURNED.get(visits), found, told),
        Row(f"week from cards, {name}", laid.p50, "bare Qt floor", floor.p50, FLOOR_OPENED),
        Row(f"next week, {name}", stepped.p50, "bare Qt floor", floor_turn.p50, FLOOR_TURNED),
        Row(f"stall while opening, {name}, p95", stalls.p95, at_most=STALL, absolute=True,
            note=f"p50 {stalls.p50:.0f}, at most {stalls.most:.0f} ms"),
        Row(f"stall while turning, {name}, p95", turned.p95, at_most=STALL, absolute=True,
            note=f"p50 {turned.p50:.0f}, at most {turned.most:.0f} ms"),
    ]  # fmt: skip


def _row(
    subject: str, times: tuple[Times, Times], goal: float | None, found: Beside, told: str
) -> Row:
    ours, theirs = times
    if not theirs.values:
        return Row(subject, ours.p50, RIVAL, None, goal, note=found.lacking)
    note = f"{told}; p95 {ours.p95:.0f} and {theirs.p95:.0f} ms"
    return Row(subject, ours.p50, RIVAL, theirs.p50, goal, note=note)


def _beside(week: Week, file: Path, url: str, times: int) -> Beside:
    """Ours and the rival in turns: fresh processes first, then again and again in one."""
    found = Beside()
    peer: DayPilot | None = None
    for number in range(max(times // 4, 1)):
        found.first[0].values.append(_fresh(url))
        try:
            peer = _rival(week, file)
        except Missing as missing:
            found.lacking = str(missing)
            continue
        found.first[1].values.append(peer.open())
        if number < max(times // 4, 1) - 1:
            peer.close()
    for number in range(-1, times):
        ours = week.open(), week.turn(1), week.turn(-1)
        theirs = (peer.open(), peer.turn(7), peer.turn(-7)) if peer else ()
        if number >= 0:
            for side, values in enumerate((ours, theirs)):
                found.opened[side].values += values[:1]
                found.turned[side].values += values[1:]
    if peer is not None:
        peer.close()
    return found


def _rival(week: Week, file: Path) -> DayPilot:
    """A fresh browser with the events in memory. Raises ``Missing``."""
    peer = DayPilot()
    peer.load(file, week.events, f"{week.screen.first_day}")
    return peer


def _fresh(url: str) -> float:
    """Our first week in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.first_week", url],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)


class Week:
    """One calendar after the other on the same desk."""

    def __init__(self, desk: Offscreen) -> None:
        self._desk = desk
        self.stalls = Times()
        self.screen: CalendarScreen = self._shown()
        self._by = 1
        self.cards = self._read(self.screen)
        self._next = self._read_next()
        first, zone = self.screen.first_day, desk.desk.zone
        visits = [*bare(self.cards, first, zone), *bare(self._next, first, zone)]
        self.events = list(_events(visits, first))
        self._floor = Floor(visits)
        self._floor.show()
        self._floor_week = 0

    def open(self) -> float:
        """A new calendar until it is painted; what it replaced is gone before."""
        self._desk.drop(self.screen)
        began = time.perf_counter()
        self.screen = self._shown()
        took = (time.perf_counter() - began) * 1000
        self._desk.rest()
        return took

    def turn(self, by: int) -> float:
        """The calendar's own step until it is painted, its neighbours read before."""
        self._desk.rest()
        self._by = by
        began = time.perf_counter()
        self.step_to(by)
        return (time.perf_counter() - began) * 1000

    def step(self) -> None:
        """Forth and back, without waiting."""
        self._by = -self._by
        self.step_to(self._by)

    def step_to(self, by: int) -> None:
        """Turn and paint. The week must be known."""
        before = self._paints.count
        self.screen.step(by)
        assert self.screen.data is not None
        assert self.screen.data.period == self.screen.period().span(), "it was not read ahead"
        self._desk.until(lambda: self._paints.count > before)

    def from_cards(self, times: int) -> tuple[Times, Times]:
        """From cards in memory to pixels, without reading and toolbar; ours and bare Qt."""
        ours, floor = Times(), Times()
        for _ in range(times):
            self._timed(ours, self._lay_out)
            self._timed(floor, self._floor_open)
        return ours, floor

    def from_rows(self, times: int) -> Times:
        """From rows in memory to pixels, as the rival begins with its events."""
        assert self.screen.data is not None
        found, data = Times(), self.screen.data
        catalogue, rows_ = self._desk.desk.catalogue, self._rows()

        def deed() -> QWidget:
            cards = tuple(diary_view.card_as_seen(catalogue, values) for values in rows_)
            return self._lay_out(replace(data, appointments=cards))

        for _ in range(times):
            self._timed(found, deed)
        return found

    def _timed(self, found: Times, deed: Callable[[], QWidget]) -> None:
        made: list[QWidget] = []
        found.run(lambda: made.append(deed()))
        made[0].hide()
        made[0].deleteLater()
        self._desk.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _rows(self) -> list[Any]:
        """What the database gives for the week that is shown."""
        sql, parameters = diary_view.within(self._desk.desk.actor, self.screen.period().span())
        return self._desk.desk.actor.store.rows(sql, parameters)

    def _lay_out(self, data: DiaryView | None = None) -> QWidget:
        assert self.screen.data is not None
        board = AgendaBoard()
        board.resize(WIDE, HIGH)
        board.set_catalogue(self._desk.desk.catalogue)
        board.set_view("week", self.screen.first_day)
        board.fit_day()
        board.show()  # as the program does it: the room is known when the visits come
        board.set_data(data or self.screen.data)
        self._desk.painted(board, board.viewport())
        return board

    def _floor_open(self) -> QWidget:
        floor = Floor(self._floor.visits)
        self._desk.painted(floor, floor)
        return floor

    def floor_turn(self) -> None:
        """Another week with bare Qt."""
        self._floor_week = 1 - self._floor_week
        self._floor.week(self._floor_week)

    def close(self) -> None:
        """Take both windows away."""
        self._floor.deleteLater()
        self._desk.drop(self.screen)

    def _shown(self) -> CalendarScreen:
        began = time.perf_counter()
        screen = self._desk.calendar()
        made = (time.perf_counter() - began) * 1000
        paints = self._paints = Paints(screen.board.viewport())
        waited = self._desk.until(lambda: screen.data is not None)
        before = paints.count
        screen.board.viewport().update()
        self.stalls.values.append(
            max(made, waited, self._desk.until(lambda: paints.count > before))
        )
        return screen

    def _read(self, screen: CalendarScreen) -> tuple[AppointmentCard, ...]:
        assert screen.data is not None
        return screen.data.appointments

    def _read_next(self) -> tuple[AppointmentCard, ...]:
        self._desk.rest()
        self.step_to(1)
        found = self._read(self.screen)
        self._desk.rest()
        self.step_to(-1)
        return found


def _events(visits: list[Any], first: date) -> Iterator[dict[str, str]]:
    for number, (day, begin, end, text, _colour) in enumerate(visits):
        when = first + timedelta(days=day)
        times = [f"{when}T{m // 60:02}:{m % 60:02}:00" for m in (begin, end)]
        yield {"id": str(number), "text": text, "start": times[0], "end": times[1]}
