"""Cards and boards for the calendar's tests: one week of May 2031 in Vienna, no database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from clinic_desk.rules import clinic_time, hours
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import (
    AppointmentCard,
    DiaryView,
    EventCard,
    LocationCard,
    OperatoryCard,
    OrganisationCard,
    Origin,
    ProviderCard,
    TypeCard,
)
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.views.agenda.board import AgendaBoard
from clinic_desk.views.agenda.layout import Item

ZONE = "Europe/Vienna"
MONDAY = date(2031, 5, 19)
CHEN, PATEL, ROOM_1, ROOM_2 = 11, 12, 21, 22


def at(
    day: int, hour: int, minute: int = 0, *, monday: date = MONDAY, zone: str = ZONE
) -> datetime:
    """The instant of a wall time, *day* days after Monday."""
    when = monday + timedelta(days=day)
    wall = datetime.combine(when, time(hour, minute))
    return clinic_time.earliest(wall, clinic_time.zone(zone))


EXAM = TypeCard(
    1, "t1", "NPE", "New patient exam", 60, 0, 0, "#0067db", False, frozenset(), True, 1
)
CLEANING = TypeCard(2, "t2", "HYG", "Hygiene", 45, 0, 0, "#21a76a", False, frozenset(), True, 2)
LOCATION = LocationCard(1, "l1", "Main Street", "", ZONE, True)
PROVIDERS = {
    number: ProviderCard(
        number, f"p{number}", f"Dr {name}", "Dr", "A", name, name[:2], "#0067db",
        frozenset(), 1, number, True,
    )
    for number, name in ((CHEN, "Chen"), (PATEL, "Patel"))
}  # fmt: skip
ROOMS = {
    ROOM_1: OperatoryCard(ROOM_1, "r1", "Op 1", 1, 1, True),
    ROOM_2: OperatoryCard(ROOM_2, "r2", "Op 2", 1, 2, True),
}
_EVERY_DAY = tuple(hours.Weekly(day, 8 * 60, 18 * 60, location_id=1) for day in range(7))
CATALOGUE = Catalogue(
    seq=1,
    organisation=OrganisationCard(1, "o", "Test Clinic", ZONE, "AT", 15, True),
    locations={1: LOCATION},
    operatories=ROOMS,
    providers=PROVIDERS,
    types={1: EXAM, 2: CLEANING},
    qualifications={},
    users={},
    roles={},
    clinic_hours={1: tuple(hours.Weekly(day, 7 * 60, 19 * 60) for day in range(7))},
    closed_days={},
    work_hours={CHEN: _EVERY_DAY, PATEL: _EVERY_DAY},
    work_exceptions={},
)


def visit(number: int, span: Span, **more: Any) -> AppointmentCard:
    """A visit of Dr Chen in Op 1, of a patient of its own."""
    made = AppointmentCard(
        id=number,
        uuid=f"a{number}",
        version=1,
        span=span,
        time_zone=ZONE,
        status=Status.SCHEDULED,
        patient_id=1000 + number,
        patient_name=f"Patient {number}",
        patient_born=date(1986, 4, 12),
        patient_alert="",
        type=EXAM,
        provider=PROVIDERS[CHEN],
        operatory=ROOMS[ROOM_1],
        location=LOCATION,
        before_minutes=0,
        after_minutes=0,
        case_id=number,
        main_problem="",
        notes="",
        origin=Origin.DESK,
        series_id=None,
        visit_id=None,
        overbooked=False,
    )
    return replace(made, **more)


def event(number: int, span: Span, resource_id: int = CHEN, title: str = "Meeting") -> EventCard:
    return EventCard(number, f"e{number}", 1, span, ZONE, resource_id, title, 1, None)


def hour(day: int, begins: int, minute: int = 0, *, minutes: int = 60) -> Span:
    """A span that begins on *day* at a wall time."""
    return Span.lasting(at(day, begins, minute), minutes)


def diary(
    cards: Iterable[AppointmentCard] = (),
    events: Iterable[EventCard] = (),
    *,
    monday: date = MONDAY,
    days: int = 7,
) -> DiaryView:
    """What the service would give for a week."""
    zone = clinic_time.zone(ZONE)
    shown = [monday + timedelta(days=n) for n in range(days)]
    period = Span(at(0, 0, monday=monday), at(days, 0, monday=monday))
    return DiaryView(
        period,
        tuple(sorted(cards, key=lambda card: card.span)),
        tuple(events),
        {number: tuple(CATALOGUE.provider_hours(number, shown, zone)) for number in PROVIDERS},
        {1: CATALOGUE.clinic_spans(1, shown, zone)},
        1,
        datetime.now(UTC),
    )


def shown(qtbot: Any, *cards: AppointmentCard, kind: str = "week", **more: Any) -> AgendaBoard:
    """A board of 1,100 by 800 pixels, an hour 48 pixels high, on the screen and focused."""
    board = AgendaBoard()
    board.setLayoutDirection(more.pop("direction", Qt.LayoutDirection.LeftToRight))
    board.resize(1100, 800)
    qtbot.addWidget(board)
    board.set_catalogue(CATALOGUE)
    ids = {"day-providers": tuple(PROVIDERS), "day-operatories": tuple(ROOMS)}.get(kind, ())
    board.set_view(kind, more.pop("first", MONDAY), more.pop("ids", ids))
    board.set_zoom(48)
    board.set_data(diary(cards, more.pop("events", ()), **more))
    with qtbot.waitExposed(board):
        board.show()
    board.verticalScrollBar().setValue(board.grid.y(7 * 60))
    board.activateWindow()
    board.setFocus()
    return board


def item(board: AgendaBoard, number: int) -> Item:
    return board.layout_.by_key[number][0]


def middle(board: AgendaBoard, number: int) -> QPoint:
    """The middle of a visit in the viewport."""
    return board.item_rect(item(board, number)).center()


def place(board: AgendaBoard, column: int, begins: int, minute: int = 0) -> QPoint:
    """The viewport pixel of a wall time in a column."""
    left, right = board.grid.edges(column)
    return QPoint((left + right) // 2, board.grid.y(begins * 60 + minute)) - board.offset


def press(board: AgendaBoard, pos: QPoint, keys: Any = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mousePress(board.viewport(), Qt.MouseButton.LeftButton, keys, pos)


def move(board: AgendaBoard, *steps: QPoint) -> None:
    """Move the mouse, with a first step that is far enough to be meant."""
    for pos in steps:
        QTest.mouseMove(board.viewport(), pos)


def release(board: AgendaBoard, pos: QPoint, keys: Any = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseRelease(board.viewport(), Qt.MouseButton.LeftButton, keys, pos)


def drag(board: AgendaBoard, begin: QPoint, end: QPoint) -> None:
    """Press, carry and let go."""
    press(board, begin)
    move(board, begin + QPoint(0, 14), end)
    release(board, end)


def key(board: AgendaBoard, *keys: Qt.Key, mod: Any = Qt.KeyboardModifier.NoModifier) -> None:
    for each in keys:
        QTest.keyClick(board, each, mod)


def picture(board: AgendaBoard) -> bytes:
    """What the viewport shows, byte by byte."""
    image = board.viewport().grab().toImage()
    return bytes(image.constBits())
