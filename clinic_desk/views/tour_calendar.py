"""The tour on the calendar: drag, undo, refuse, stretch, sweep."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton

from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import robot, words
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.robot import sure, until
from clinic_desk.views.tour_walk import (
    MOVABLE,
    Walk,
    end_is_free,
    fits_on,
    half,
    middle,
    neighbours,
    stored,
)

CTRL = Qt.KeyboardModifier.ControlModifier
THURSDAY = 3


def sign_in(walk: Walk) -> None:
    """Name and password, Enter."""
    walk.program.open()
    start = walk.program.start
    assert start is not None
    until("the sign-in", lambda: start.sign_in is not None, 60)
    form = start.sign_in
    assert form is not None
    user = next(u for u in walk.organisation.users if u.role == "Scheduler")
    form.name.clear()
    form.password.clear()
    robot.write(form.name, user.name)
    robot.write(form.password, user.password)
    walk.album.take(start, "sign-in")
    robot.key(form.password, Qt.Key.Key_Return)
    until("the main window", lambda: walk.program.windows, 30)


def the_week(walk: Walk) -> None:
    """The work week, readable."""
    walk.window.resize(1440, 900)
    walk.show(View.WORKWEEK)
    until("visits on the board", lambda: list(walk.board.layout_.items()))
    if walk.window.calendar.first_day < walk.window.desk.today():
        walk.window.calendar.step(1)
        walk.quiet()
    walk.album.take(walk.window, "week")
    sure("the week has visits", len(list(walk.board.layout_.items())) > 10)


def drag_to_thursday(walk: Walk) -> None:
    """A visit of another day, dragged to where it fits on Thursday."""
    board = walk.board
    item, card, minute = walk.first_week_with(  # a Thursday may be a holiday, or full
        "a visit that fits on a Thursday", lambda: fits_on(walk, THURSDAY)
    )
    start, end = walk.in_sight(middle(item), walk.place(THURSDAY, minute) + half(item))
    robot.drag(
        board.viewport(),
        start,
        end,
        before_release=lambda: walk.album.take(walk.window, "drag-ghost"),
    )
    until("the message offers undo", walk.window.messages.undo.isVisible)
    walk.quiet()
    now = stored(walk, card.id)
    sure(f"it is stored on the other day, not at {words.when(now.span, walk.window.desk.zone)}",
         now.span.starts_at != card.span.starts_at and now.version == card.version + 1)  # fmt: skip
    walk.album.take(walk.window, "moved")
    walk.visit = card


def undo_and_redo(walk: Walk) -> None:
    """Back, forth, and back again."""
    card = walk.visit
    sure("a moved visit", card is not None)
    assert card is not None
    walk.front()
    robot.key(walk.board, Qt.Key.Key_Z, CTRL)
    walk.quiet()
    sure("Ctrl+Z puts it back", stored(walk, card.id).span == card.span)
    walk.album.take(walk.window, "undone")
    robot.key(walk.board, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    walk.quiet()
    sure("Ctrl+Shift+Z moves it again", stored(walk, card.id).span != card.span)
    robot.key(walk.board, Qt.Key.Key_Z, CTRL)
    walk.quiet()
    sure("and back", stored(walk, card.id).span == card.span)


def refused_drop(walk: Walk) -> None:
    """Onto another visit of the same provider: nothing moves, every reason is told."""
    board = walk.board
    item, other = walk.first_week_with(
        "two visits of one provider on one day", lambda: neighbours(walk)
    )
    onto = QPoint(other.x + other.w // 2, other.y + 2) + half(item)
    start, end = walk.in_sight(middle(item), onto)
    robot.drag(
        board.viewport(),
        start,
        end,
        before_release=lambda: walk.album.take(walk.window, "refused-ghost"),
    )
    walk.quiet()
    panel = walk.window.panel
    until("the reasons", panel.refusal.isVisible)
    until("ways out", lambda: panel.refusal.ways.first() is not None)
    sure("reasons are told", panel.refusal.reasons.text())
    card = item.card
    sure("nothing has moved", stored(walk, card.id).span == card.span)
    walk.album.take(walk.window, "refused")
    robot.click(panel.refusal.keep)
    sure("the panel goes back", not panel.refusal.isVisible())


def resize(walk: Walk) -> None:
    """Longer by one step at the lower edge; Undo in the message."""
    board = walk.board
    item = walk.first_week_with(
        "a visit with free time after it",
        lambda: next(
            (
                item
                for item in board.layout_.items()
                if isinstance(item.card, AppointmentCard)
                and item.card.status in MOVABLE
                and item.h > 40
                and end_is_free(walk, item)
            ),
            None,
        ),
    )
    edge = QPoint(item.x + item.w // 2, item.y + item.h - 2)
    start, end = walk.in_sight(edge, edge + QPoint(0, board.grid.y(board.step)))
    robot.drag(board.viewport(), start, end)
    undo = walk.window.messages.undo
    until("Undo in the message", undo.isVisible)
    undo.setFocus()  # the message stays while somebody is about to use it
    walk.quiet()
    now = stored(walk, item.card.id)
    sure("it lasts longer", now.span.minutes > item.card.span.minutes)
    walk.album.take(walk.window, "resized")
    robot.click(undo)
    walk.quiet()
    sure("Undo in the message takes it back", stored(walk, item.card.id).span == item.card.span)


def sweep_and_book(walk: Walk) -> None:
    """Free time swept, a patient found by three letters, Enter, Book."""
    board, calendar = walk.board, walk.window.calendar
    week = calendar.first_day
    column, minute = walk.first_week_with("free time", lambda: _free_time(walk))
    before = walk.window.desk.own.count
    top = walk.place(column, minute) + QPoint(0, 3)
    robot.drag(board.viewport(), *walk.in_sight(top, top + QPoint(0, board.grid.y(30) - 6)))
    form = walk.window.panel.form
    until("the quick form", form.isVisible)
    robot.write(form.search.field, "smi")
    until("patients", form.search.table.isVisible)
    walk.album.take(walk.window, "quick-form-search")
    robot.key(form.search.field, Qt.Key.Key_Return)
    until("a patient", lambda: form.search.patient is not None)
    walk.quiet()  # what it said before was of the provider alone
    sure("the answer whether it is free", "✓" in form.free.text() or "⚠" in form.free.text())
    walk.album.take(walk.window, "quick-form")
    if "⚠" in form.free.text():  # the patient is elsewhere then
        robot.click(form.next)
        until("free times", lambda: form.openings.first() is not None)
        way = form.openings.first()
        assert isinstance(way, QPushButton)
        robot.click(way)
        walk.quiet()
    robot.click(form.book)
    until("an answer", lambda: walk.window.desk.own.count > before or form.refusal.isVisible())
    sure(f"the booking, not: {form.refusal.reasons.text()}", walk.window.desk.own.count > before)
    walk.quiet()
    walk.album.take(walk.window, "booked")
    calendar.go_to(week)
    walk.quiet()


def _free_time(walk: Walk) -> tuple[int, float] | None:
    """A column of the shown week, and the minute at which something can be swept in it."""
    for column in range(len(walk.board.grid.columns)):
        minute = walk.free_minute(column, 45)
        if minute is not None:
            return column, minute
    return None
