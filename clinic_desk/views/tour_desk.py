"""The tour around the calendar: views, requests, editor, keys, pinboard, other desks, paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import robot, theme
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.robot import sure, until
from clinic_desk.views.tour_walk import (
    MOVABLE,
    Walk,
    end_is_free,
    legal,
    stored,
)
from clinic_desk.views.widgets import select_row

if TYPE_CHECKING:
    from clinic_desk.views.agenda.layout import Item

CTRL = Qt.KeyboardModifier.ControlModifier


def day_views(walk: Walk) -> None:
    """Columns of people, columns of rooms."""
    for view, name in ((View.PROVIDERS, "day-by-provider"), (View.ROOMS, "day-by-room")):
        walk.window.calendar.set_providers(frozenset())
        walk.window.calendar.day = walk.window.calendar.first_day
        walk.show(view)
        sure(f"columns in {name}", len(walk.board.grid.columns) > 1)
        walk.album.take(walk.window, name)


def month_and_list(walk: Walk) -> None:
    """Six weeks, and the table for screen readers."""
    walk.show(View.MONTH)
    walk.album.take(walk.window, "month")
    walk.show(View.LIST)
    table = walk.window.calendar.stack.list
    sure("the list has rows", table.model.rowCount())
    select_row(table.table, 0)
    walk.album.take(walk.window, "list")


def requests(walk: Walk) -> None:
    """One click approves; the count follows."""
    window = walk.window
    robot.click(window.navigation.buttons["requests"])
    screen = window.screens.requests
    until("requests", screen.model.rowCount)
    walk.quiet()
    waiting = screen.model.rowCount()
    walk.album.take(window, "requests")
    robot.click(screen.approve)
    until("one fewer", lambda: screen.model.rowCount() == waiting - 1)
    walk.quiet()
    badge = window.navigation.buttons["requests"].badge
    sure("the count follows", badge == (str(waiting - 1) if waiting > 1 else ""))
    walk.album.take(window, "approved")


def home(walk: Walk) -> None:
    """Today at a glance."""
    robot.click(walk.window.navigation.buttons["home"])
    walk.quiet()
    walk.album.take(walk.window, "home")


def editor_with_history(walk: Walk) -> None:
    """Notes saved; the history tells before and after."""
    walk.show(View.WORKWEEK)
    card = walk.visit
    sure("the visit of before", card is not None)
    assert card is not None
    walk.window.open_editor(stored(walk, card.id))
    editor = walk.window.editors[card.id]
    walk.quiet()
    walk.album.take(editor, "editor")
    robot.write(editor.form.notes, "Prefers the window seat")
    robot.click(editor.save_button)
    until("it is saved", lambda: card.id not in walk.window.editors)
    walk.window.open_editor(stored(walk, card.id))
    editor = walk.window.editors[card.id]
    editor.tabs.setCurrentIndex(1)
    until("the history", lambda: editor.history_model.rowCount() > 2)
    walk.quiet()
    walk.album.take(editor, "history")
    editor.close()


def command_line(walk: Walk) -> None:
    """Ctrl+K finds patients and days; F1 lists the keys."""
    window = walk.window
    walk.show(View.WORKWEEK)
    robot.key(walk.board, Qt.Key.Key_K, CTRL)
    palette = window.palette_
    until("the command line", palette.isVisible)
    robot.write(palette.field, "smi")
    until("a patient", lambda: any(hit.sign == "person" for hit in palette.model.hits))
    walk.album.take(palette, "command-line")
    palette.field.clear()
    robot.write(palette.field, "+3w")
    wanted = window.desk.today() + timedelta(weeks=3)
    until("the day", lambda: [hit.sign for hit in palette.model.hits[:1]] == ["calendar"])
    robot.key(palette.field, Qt.Key.Key_Return)
    walk.quiet()
    shown = window.calendar.period()
    weekend = timedelta(days=2)
    sure("three weeks on", shown.first - weekend <= wanted <= shown.last + weekend)
    robot.key(walk.board, Qt.Key.Key_T)
    walk.quiet()
    robot.key(walk.board, Qt.Key.Key_F1)
    walk.quiet()
    sheet = robot.find(window, QWidget, "shortcut-sheet")
    walk.album.take(sheet, "shortcuts")
    sheet.close()


def by_keyboard(walk: Walk) -> None:
    """M, Down, Enter; Ctrl+Z."""
    board = walk.board
    walk.show(View.WORKWEEK)
    card = walk.first_week_with(
        "a visit with free time after it",
        lambda: next((card for i, card in _movable(walk) if end_is_free(walk, i)), None),
    )
    board.setFocus()
    board.select(card.id)
    robot.key(board, Qt.Key.Key_M)
    sure("it is picked up", board.drag_card is not None)
    robot.key(board, Qt.Key.Key_Down)
    walk.album.take(walk.window, "carried-by-keys")
    robot.key(board, Qt.Key.Key_Return)
    walk.quiet()
    if walk.window.panel.refusal.isVisible():
        robot.click(walk.window.panel.refusal.keep)
        raise robot.Failed("the free step was refused")
    sure("it moved one step", stored(walk, card.id).span.starts_at > card.span.starts_at)
    board.setFocus()
    robot.key(board, Qt.Key.Key_Z, CTRL)
    walk.quiet()


def pinboard(walk: Walk) -> None:
    """Ctrl+X, other week, dragged from the pinboard onto the board."""
    board, window = walk.board, walk.window
    walk.show(View.WORKWEEK)
    card = walk.first_week_with("a visit to pin", lambda: _shortest(walk))
    board.setFocus()
    board.select(card.id)
    robot.key(board, Qt.Key.Key_X, CTRL)
    sure("it is pinned", [one.id for one in window.pinboard.cards] == [card.id])
    walk.album.take(window, "pinboard")
    window.calendar.step(1)
    walk.quiet()
    # The next weeks may be full for this provider, room and patient.
    column, minute = walk.first_week_with("a place for it", lambda: _place_for(walk, card))
    table = window.pinboard.table
    start = table.visualRect(table.model().index(0, 0)).center()
    (end,) = walk.in_sight(walk.place(column, minute) + QPoint(0, 12))
    robot.drag(
        table.viewport(),
        start,
        table.viewport().mapFromGlobal(board.viewport().mapToGlobal(end)),
        before_release=lambda: walk.album.take(window, "pin-dragged"),
    )
    walk.quiet()
    sure("it stands in the other week", stored(walk, card.id).span.starts_at > card.span.starts_at)
    sure("the pinboard is empty", not window.pinboard.cards)
    board.setFocus()
    robot.key(board, Qt.Key.Key_Z, CTRL)
    walk.quiet()


def _movable(walk: Walk) -> Iterator[tuple[Item, AppointmentCard]]:
    """The visits of the shown week that can be moved."""
    for item in walk.board.layout_.items():
        if isinstance(item.card, AppointmentCard) and item.card.status in MOVABLE:
            yield item, item.card


def _shortest(walk: Walk) -> AppointmentCard | None:
    """The movable visit of the shown week for which a place is found soonest."""
    cards = [card for _item, card in _movable(walk)]
    return min(
        cards,
        key=lambda card: card.before_minutes + card.span.minutes + card.after_minutes,
        default=None,
    )


def _place_for(walk: Walk, card: AppointmentCard) -> tuple[int, float] | None:
    """A column of the shown week and a minute of it where *card* may stand."""
    places = ((n, legal(walk, card, n)) for n in range(len(walk.board.grid.columns)))
    return next(((n, minute) for n, minute in places if minute is not None), None)


def _other_time(walk: Walk) -> tuple[Item, AppointmentCard, float] | None:
    """A visit of the shown week and another minute of its day at which it may stand."""
    found = ((item, card, legal(walk, card, item.column)) for item, card in _movable(walk))
    return next(((i, card, minute) for i, card, minute in found if minute is not None), None)


def second_window(walk: Walk) -> None:
    """Another sign-in on the same database, with threads and a bell of its own."""
    from clinic_desk.views.second_desk import SecondDesk

    user = next(u for u in walk.organisation.users if u.role == "Front Desk")
    other = SecondDesk(walk.program, user.name, user.password)
    try:
        board = walk.board
        walk.show(View.WORKWEEK)
        item, card, minute = walk.first_week_with(
            "a visit that fits at another time", lambda: _other_time(walk)
        )
        begin = board.grid.instant(item.column, minute)
        seconds = other.move(card, begin)

        def seen() -> bool:
            shown = board.model.card(card.id)
            return shown is not None and shown.span.starts_at == begin

        until("the first window to see it", seen, 5)
        sure(f"within a second, not {seconds():.2f} s", seconds() < 1.5)
        walk.album.take(walk.window, "changed-elsewhere")
    finally:
        other.close()


def _written(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 2000


def dark_and_back(walk: Walk) -> None:
    """The other colours, at once."""
    window = walk.window
    window.actions_["light" if walk.dark else "dark"].trigger()
    robot.pause(100)
    sure("the other colours", theme.current().dark != walk.dark)
    walk.album.take(window, "light" if walk.dark else "dark")
    window.actions_["dark" if walk.dark else "light"].trigger()
    robot.pause(50)


def print_pdf(walk: Walk) -> None:
    """Day sheet and week as files."""
    from clinic_desk.views.paper import Paper

    for week, name in ((False, "day"), (True, "week")):
        pdf = walk.album.folder / f"{name}-sheet.pdf"
        pdf.unlink(missing_ok=True)
        Paper(walk.window).send(week=week, pdf=pdf, ask=False)
        until(f"the {name} sheet", partial(_written, pdf))
        sure("it is a PDF", pdf.read_bytes()[:5] == b"%PDF-")
