"""A visit carried over a full week: the work of each frame, the first one included.

A frame is a move of the mouse, with all that the calendar decides then (the place, every
reason why not, the hatching of forbidden time between frames), until it is painted. The floor
is bare Qt: a rectangle over a picture of the week.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from clinic_desk.views.agenda.layout import Item
from clinic_desk.views.calendar_screen import CalendarScreen
from tests.benchmarks.clock import Times
from tests.benchmarks.floor import Floor, bare
from tests.benchmarks.screen import Offscreen, offscreen
from tests.benchmarks.table import Row
from tests.benchmarks.world import World

GOAL = 4.0
"""Milliseconds, by the 95th percentile."""

FRAMES = 60
_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


def rows(world: World) -> list[Row]:
    """For each number of visits but the least."""
    out = []
    for visits in world.scale.visits[1:] or world.scale.visits:
        with (
            world.open("sqlite", world.scale.week(visits)) as actor,
            offscreen(actor) as desk,
        ):
            first, frames, floor, worked = measure(
                desk,
                max(world.scale.times // 10, 2) if world.scale.quick else world.scale.times // 4,
            )
        name = f"drag, {visits:,} visits"
        out += [
            Row(f"{name}, frame p95", frames.p95, "bare Qt floor, p95", floor.p95, GOAL,
                absolute=True,
                note=f"p50 {frames.p50:.2f}, p99 {frames.at(0.99):.2f}, most {frames.most:.1f} ms"
                f", of the processor p95 {worked.p95:.2f}, p99 {worked.at(0.99):.2f} ms"
                f" of {len(frames.values)} frames"),
            Row(f"{name}, first frame p95", first.p95, at_most=GOAL, absolute=True,
                note=f"p50 {first.p50:.2f}, most {first.most:.1f} ms of {len(first.values)}"),
        ]  # fmt: skip
    return out


def measure(desk: Offscreen, drags: int) -> tuple[Times, Times, Times, Times]:
    """The first frames, all frames, and those of the floor, drag by drag in turns; and what all
    frames took of the processor, which tells whether a late one was ours or the machine's.
    """
    screen = desk.calendar()
    desk.until(lambda: screen.data is not None)
    screen.renew_occupancy()
    desk.rest(0.6)
    floor = _floor(screen, desk)
    first, frames, bottom, worked = Times(), Times(), Times(), Times()
    try:
        for item in _items(screen, drags):
            mine = _dragged(desk, screen, item, worked)
            theirs = _carried(floor)
            first.values.append(mine.values[0])
            frames.values += mine.values
            bottom.values += theirs.values
    finally:
        floor.deleteLater()
        desk.drop(screen)
    return first, frames, bottom, worked


def _items(screen: CalendarScreen, count: int) -> Iterator[Item]:
    """Visits in sight, spread over the week."""
    board = screen.board
    inner = board.viewport().rect().adjusted(60, 60, -60, -120)
    seen = [
        item
        for column in board.layout_.columns
        for item in column
        if inner.contains(board.item_rect(item).center())
    ]
    for number in range(count):
        yield seen[number * len(seen) // count]


def _dragged(desk: Offscreen, screen: CalendarScreen, item: Item, worked: Times) -> Times:
    """One drag: press, frames, Esc. The first frame is the one in which the drag begins."""
    board = screen.board
    begin = board.item_rect(item).center()
    desk.rest(0.4)
    _send(screen, QEvent.Type.MouseButtonPress, begin, _LEFT)
    desk.app.processEvents()
    found = Times()
    for place in _way(begin, board.viewport().rect().center()):
        busy = time.thread_time()
        found.run(lambda place=place: _frame(desk, screen, place))  # type: ignore[misc]
        worked.values.append((time.thread_time() - busy) * 1000)
    if not board.gestures.busy:
        raise RuntimeError("the drag did not begin")
    board.cancel()
    _send(screen, QEvent.Type.MouseButtonRelease, begin, _NONE)
    desk.app.processEvents()
    return found


def _frame(desk: Offscreen, screen: CalendarScreen, place: QPoint) -> None:
    _send(screen, QEvent.Type.MouseMove, place, _NONE)
    desk.app.processEvents()


def _way(begin: QPoint, towards: QPoint) -> Iterator[QPoint]:
    """Across days and hours, far from the edges where the calendar would scroll."""
    step = QPoint(7 if begin.x() < towards.x() else -7, 3 if begin.y() < towards.y() else -3)
    return (begin + QPoint(0, 14) + step * number for number in range(FRAMES))


def _send(screen: CalendarScreen, kind: QEvent.Type, place: QPoint, button: Qt.MouseButton) -> None:
    port = screen.board.viewport()
    held = _NONE if kind is QEvent.Type.MouseButtonRelease else _LEFT
    told = _LEFT if kind is QEvent.Type.MouseButtonRelease else button
    event = QMouseEvent(
        kind,
        QPointF(place),
        QPointF(port.mapToGlobal(place)),
        told,
        held,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(port, event)


def _floor(screen: CalendarScreen, desk: Offscreen) -> Floor:
    assert screen.data is not None
    visits = bare(screen.data.appointments, screen.first_day, desk.desk.zone)
    floor = Floor(visits)
    desk.painted(floor, floor)
    floor.lift()
    return floor


def _carried(floor: Floor) -> Times:
    found = Times()
    for number in range(FRAMES):
        found.run(lambda number=number: floor.carry(200 + 7 * number, 200 + 3 * number))  # type: ignore[misc]
    return found
