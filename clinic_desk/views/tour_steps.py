"""The steps of the tour: what a receptionist does on a busy morning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget

from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import robot, theme, words
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.robot import Album, sure, until

if TYPE_CHECKING:
    from clinic_desk.services.demo import DemoOrganisation
    from clinic_desk.views.agenda.board import AgendaBoard
    from clinic_desk.views.agenda.layout import Item
    from clinic_desk.views.app import Desktop
    from clinic_desk.views.main_window import MainWindow

ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier
THURSDAY = 3
MOVABLE = frozenset({Status.SCHEDULED, Status.CONFIRMED})


class Walk:
    """What the steps share."""

    def __init__(
        self,
        program: Desktop,
        album: Album,
        folder: Path,
        organisation: DemoOrganisation,
        *,
        dark: bool,
    ) -> None:
        self.program, self.album, self.folder = program, album, folder
        self.organisation, self.dark = organisation, dark
        self.visit: AppointmentCard | None = None

    @property
    def window(self) -> MainWindow:
        return self.program.windows[0]

    @property
    def board(self) -> AgendaBoard:
        return self.window.calendar.board

    def quiet(self) -> None:
        """Wait until nothing is under way."""
        until("the desk to be quiet", lambda: self.program.background.idle, 30)
        robot.pause(60)
        until("the desk to be quiet", lambda: self.program.background.idle, 30)

    def recover(self) -> None:
        """After a failed step: back to the calendar, whatever is open."""
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
            robot.pause(10)
        for editor in list(self.window.editors.values()):
            editor.close()
        self.board.cancel()
        self.window.panel.show_details()
        self.window.show_screen("calendar")

    def show(self, view: View) -> None:
        self.window.activateWindow()
        until("the window in front", self.window.isActiveWindow, 5)
        self.window.show_screen("calendar")
        self.window.calendar.set_view(view)
        self.quiet()

    def place(self, column: int, minute: float) -> QPoint:
        """The viewport point of a column's middle at an axis minute, scrolled into sight."""
        board = self.board
        left, right = board.grid.edges(column)
        y = board.grid.y(minute)
        bar = board.verticalScrollBar()
        if not bar.value() + 30 < y < bar.value() + board.viewport().height() - 60:
            bar.setValue(y - board.viewport().height() // 3)
            robot.pause(20)
        return QPoint((left + right) // 2, y) - board.offset

    def free_minute(self, column: int, length: int) -> float | None:
        """An axis minute at which *length* minutes of a column are open and empty."""
        board = self.board
        shut = board.scene.closed[column]
        taken = [(i.begin, i.end) for i in board.layout_.items() if i.column == column]
        busy = [*shut, *taken]
        for minute in range(8 * 60, 18 * 60 - length, board.step):
            if all(minute + length <= begin or end <= minute for begin, end in busy):
                return float(minute)
        return None


def sign_in(walk: Walk) -> None:
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
    walk.window.resize(1440, 900)
    walk.show(View.WORKWEEK)
    until("visits on the board", lambda: list(walk.board.layout_.items()))
    if walk.window.calendar.first_day < walk.window.desk.today():
        walk.window.calendar.step(1)
        walk.quiet()
    walk.album.take(walk.window, "week")
    sure("the week has visits", len(list(walk.board.layout_.items())) > 10)


def drag_to_thursday(walk: Walk) -> None:
    board = walk.board
    found = None
    for _week in range(4):  # a Thursday may be a holiday
        found = _fits_on(walk, THURSDAY)
        if found is not None:
            break
        walk.window.calendar.step(1)
        walk.quiet()
    sure("a visit that fits on a Thursday", found)
    assert found is not None
    item, card, minute = found
    walk.place(item.column, item.begin)
    start = QPoint(item.x + item.w // 2, item.y + item.h // 2) - board.offset
    held = start.y() + board.offset.y() - item.y
    end = walk.place(THURSDAY, minute) + QPoint(0, held)
    start = QPoint(item.x + item.w // 2, item.y + item.h // 2) - board.offset
    robot.drag(
        board.viewport(),
        start,
        end,
        before_release=lambda: walk.album.take(walk.window, "drag-ghost"),
    )
    walk.quiet()
    now = _stored(walk, card.id)
    sure(f"it is stored on the other day, not at {words.when(now.span, walk.window.desk.zone)}",
         now.span.starts_at != card.span.starts_at and now.version == card.version + 1)  # fmt: skip
    sure("the message offers undo", walk.window.messages.text)
    walk.album.take(walk.window, "moved")
    walk.visit = card


def undo_and_redo(walk: Walk) -> None:
    card = walk.visit
    sure("a moved visit", card is not None)
    assert card is not None
    walk.window.activateWindow()
    robot.key(walk.board, Qt.Key.Key_Z, CTRL)
    walk.quiet()
    sure("Ctrl+Z puts it back", _stored(walk, card.id).span == card.span)
    walk.album.take(walk.window, "undone")
    robot.key(walk.board, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    walk.quiet()
    sure("Ctrl+Shift+Z moves it again", _stored(walk, card.id).span != card.span)
    robot.key(walk.board, Qt.Key.Key_Z, CTRL)
    walk.quiet()
    sure("and back", _stored(walk, card.id).span == card.span)


def refused_drop(walk: Walk) -> None:
    board = walk.board
    pair = _neighbours(walk)
    sure("two visits of one provider on one day", pair)
    assert pair is not None
    item, other = pair
    walk.place(item.column, item.begin)
    start = QPoint(item.x + item.w // 2, item.y + item.h // 2) - board.offset
    end = QPoint(other.x + other.w // 2, other.y + item.h // 2 + 2) - board.offset
    robot.drag(
        board.viewport(),
        start,
        end,
        before_release=lambda: walk.album.take(walk.window, "refused-ghost"),
    )
    walk.quiet()
    panel = walk.window.panel
    until("the reasons", lambda: panel.refusal.isVisible())
    until("ways out", lambda: panel.refusal.ways.first() is not None)
    sure("reasons are told", panel.refusal.reasons.text())
    card = item.card
    sure("nothing has moved", _stored(walk, card.id).span == card.span)
    walk.album.take(walk.window, "refused")
    robot.click(panel.refusal.keep)
    sure("the panel goes back", not panel.refusal.isVisible())


def resize(walk: Walk) -> None:
    board = walk.board
    for item in board.layout_.items():
        card = item.card
        free = isinstance(card, AppointmentCard) and card.status in MOVABLE and item.h > 40
        if free and _end_is_free(walk, item):
            break
    else:
        raise robot.Failed("no visit with free time after it")
    walk.place(item.column, item.end)
    start = QPoint(item.x + item.w // 2, item.y + item.h - 2) - board.offset
    end = start + QPoint(0, board.grid.y(board.step))
    robot.drag(board.viewport(), start, end)
    walk.quiet()
    now = _stored(walk, item.card.id)
    sure("it lasts longer", now.span.minutes > item.card.span.minutes)
    walk.album.take(walk.window, "resized")
    robot.click(walk.window.messages._undo)
    walk.quiet()
    sure("Undo in the message takes it back", _stored(walk, item.card.id).span == item.card.span)


def sweep_and_book(walk: Walk) -> None:
    board = walk.board
    for column in range(len(board.grid.columns)):
        minute = walk.free_minute(column, 45)
        if minute is not None:
            break
    else:
        raise robot.Failed("no free hour in the week")
    top = walk.place(column, minute)
    before = len(walk.window.desk.own._done)
    right = board.grid.edges(column)[1] - board.offset.x() - 3
    start = QPoint(right - 6, top.y() + 3)
    robot.drag(board.viewport(), start, start + QPoint(0, board.grid.y(30) - 6))
    form = walk.window.panel.form
    until("the quick form", lambda: form.isVisible())
    robot.write(form.search.field, "smi")
    until("patients", lambda: form.search.model.rowCount())
    walk.album.take(walk.window, "quick-form-search")
    robot.key(form.search.field, Qt.Key.Key_Return)
    until(
        "the answer whether it is free", lambda: "✓" in form.free.text() or "⚠" in form.free.text()
    )
    walk.album.take(walk.window, "quick-form")
    if "⚠" in form.free.text():
        robot.click(form.next)
        until("free times", lambda: form.openings.first() is not None)
        way = form.openings.first()
        assert way is not None
        robot.click(way)
        walk.quiet()
    robot.click(form.book)
    until("the booking", lambda: len(walk.window.desk.own._done) > before)
    walk.quiet()
    walk.album.take(walk.window, "booked")


def day_views(walk: Walk) -> None:
    for view, name in ((View.PROVIDERS, "day-by-provider"), (View.ROOMS, "day-by-room")):
        walk.window.calendar.set_providers(frozenset())
        walk.window.calendar.day = walk.window.calendar.first_day
        walk.show(view)
        sure(f"columns in {name}", len(walk.board.grid.columns) > 1)
        walk.album.take(walk.window, name)


def month_and_list(walk: Walk) -> None:
    walk.show(View.MONTH)
    walk.album.take(walk.window, "month")
    walk.show(View.LIST)
    table = walk.window.calendar.list
    sure("the list has rows", table.model.rowCount())
    table.table.selectRow(0)
    walk.album.take(walk.window, "list")


def requests(walk: Walk) -> None:
    window = walk.window
    robot.click(window.navigation.buttons["requests"])
    screen = window.requests
    until("requests", lambda: screen.model.rowCount())
    walk.quiet()
    waiting = screen.model.rowCount()
    walk.album.take(window, "requests")
    robot.click(screen.approve)
    until("one fewer", lambda: screen.model.rowCount() == waiting - 1)
    badge = window.navigation.buttons["requests"].badge
    sure("the count follows", badge == (str(waiting - 1) if waiting > 1 else ""))
    walk.album.take(window, "approved")


def home(walk: Walk) -> None:
    robot.click(walk.window.navigation.buttons["home"])
    walk.quiet()
    walk.album.take(walk.window, "home")


def editor_with_history(walk: Walk) -> None:
    walk.show(View.WORKWEEK)
    card = walk.visit
    sure("the visit of before", card is not None)
    assert card is not None
    walk.window.open_editor(_stored(walk, card.id))
    editor = walk.window.editors[card.id]
    walk.quiet()
    walk.album.take(editor, "editor")
    robot.write(editor.form.notes, "Prefers the window seat")
    robot.click(editor.save_button)
    until("it is saved", lambda: card.id not in walk.window.editors)
    walk.window.open_editor(_stored(walk, card.id))
    editor = walk.window.editors[card.id]
    editor.tabs.setCurrentIndex(1)
    until("the history", lambda: editor.history_model.rowCount() > 2)
    walk.quiet()
    walk.album.take(editor, "history")
    editor.close()


def command_line(walk: Walk) -> None:
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
    board = walk.board
    walk.show(View.WORKWEEK)
    for item in board.layout_.items():
        card = item.card
        if (
            isinstance(card, AppointmentCard)
            and card.status in MOVABLE
            and _end_is_free(walk, item)
        ):
            break
    else:
        raise robot.Failed("no visit with free time after it")
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
    sure("it moved one step", _stored(walk, card.id).span.starts_at > card.span.starts_at)
    board.setFocus()
    robot.key(board, Qt.Key.Key_Z, CTRL)
    walk.quiet()


def pinboard(walk: Walk) -> None:
    board, window = walk.board, walk.window
    walk.show(View.WORKWEEK)
    card = next(
        i.card
        for i in board.layout_.items()
        if isinstance(i.card, AppointmentCard) and i.card.status in MOVABLE
    )
    board.setFocus()
    board.select(card.id)
    robot.key(board, Qt.Key.Key_X, CTRL)
    sure("it is pinned", [one.id for one in window.pinboard.cards] == [card.id])
    walk.album.take(window, "pinboard")
    found = None
    for _week in range(4):
        window.calendar.step(1)
        walk.quiet()
        places = ((n, _legal(walk, card, n)) for n in range(len(board.grid.columns)))
        found = next(((n, minute) for n, minute in places if minute is not None), None)
        if found is not None:
            break
    sure("a place in a later week", found)
    assert found is not None
    table = window.pinboard.table
    start = table.visualRect(table.model().index(0, 0)).center()
    end = board.viewport().mapToGlobal(walk.place(*found) + QPoint(0, 12))
    robot.drag(
        table.viewport(), start, table.viewport().mapFromGlobal(end),
        before_release=lambda: walk.album.take(window, "pin-dragged"),
    )  # fmt: skip
    walk.quiet()
    sure("it stands in the other week", _stored(walk, card.id).span.starts_at > card.span.starts_at)
    sure("the pinboard is empty", not window.pinboard.cards)
    board.setFocus()
    robot.key(board, Qt.Key.Key_Z, CTRL)
    walk.quiet()


def second_window(walk: Walk) -> None:
    """Another sign-in on the same database, with threads and a bell of its own."""
    from clinic_desk.views.second_desk import SecondDesk

    user = next(u for u in walk.organisation.users if u.role == "Front Desk")
    other = SecondDesk(walk.program, user.name, user.password)
    try:
        board = walk.board
        walk.show(View.WORKWEEK)
        found = next(
            (i.card, minute)
            for i in board.layout_.items()
            if isinstance(i.card, AppointmentCard) and i.card.status in MOVABLE
            for minute in [_legal(walk, i.card, i.column)]
            if minute is not None
        )
        card, minute = found
        column = next(i.column for i in board.layout_.items() if i.card is card)
        begin = board.grid.instant(column, minute)
        seconds = other.move(card, begin)
        until("the first window to see it", lambda: board.model.card(card.id) is not None
              and board.model.card(card.id).span.starts_at == begin, 5)  # fmt: skip
        sure(f"within a second, not {seconds():.2f} s", seconds() < 1.5)
        walk.album.take(walk.window, "changed-elsewhere")
    finally:
        other.close()


def dark_and_back(walk: Walk) -> None:
    window = walk.window
    window.actions_["light" if walk.dark else "dark"].trigger()
    robot.pause(100)
    sure("the other colours", theme.current().dark != walk.dark)
    walk.album.take(window, "light" if walk.dark else "dark")
    window.actions_["dark" if walk.dark else "light"].trigger()
    robot.pause(50)


def print_pdf(walk: Walk) -> None:
    from clinic_desk.views.commands import Sheets

    for week, name in ((False, "day"), (True, "week")):
        pdf = walk.album.folder / f"{name}-sheet.pdf"
        pdf.unlink(missing_ok=True)
        Sheets(walk.window).send(week=week, pdf=pdf, ask=False)
        until(f"the {name} sheet", lambda pdf=pdf: pdf.exists() and pdf.stat().st_size > 2000)
        sure("it is a PDF", pdf.read_bytes()[:5] == b"%PDF-")


STEPS: dict[str, Callable[[Walk], None]] = {
    "sign in": sign_in,
    "the week": the_week,
    "drag a visit to Thursday": drag_to_thursday,
    "Ctrl+Z, Ctrl+Shift+Z": undo_and_redo,
    "a drop on taken time says every reason and ways out": refused_drop,
    "drag an edge, undo from the message": resize,
    "sweep free time, find the patient, book": sweep_and_book,
    "day by provider, day by room": day_views,
    "month and list": month_and_list,
    "requests: approve": requests,
    "home": home,
    "editor: notes, history": editor_with_history,
    "Ctrl+K to a patient and to +3w; F1": command_line,
    "pick up, carry and drop by keyboard": by_keyboard,
    "pinboard to the next week": pinboard,
    "a second desk's change appears here": second_window,
    "dark and light": dark_and_back,
    "print day and week as PDF": print_pdf,
}


# Looking ------------------------------------------------------------------------------------------


def _stored(walk: Walk, card_id: int) -> AppointmentCard:
    """The visit as the database has it, asked through the window's own reader."""
    from clinic_desk.services import diary

    answer: list[AppointmentCard] = []
    walk.window.desk.ask(diary.appointment, card_id, done=answer.append)
    until("the visit as stored", lambda: answer)
    return answer[0]


def _legal(walk: Walk, card: AppointmentCard, column: int) -> float | None:
    """A minute of a column where the calendar itself sees nothing against the visit."""
    from clinic_desk.rules.spans import Span
    from clinic_desk.views.agenda.judge import Judge, wish_for

    board = walk.board
    board.model.ready()
    judge = Judge(board.model, board.zone, board.snapshot)
    for minute in range(8 * 60, 17 * 60, board.step):
        begin = board.grid.instant(column, float(minute))
        if begin < walk.window.desk.now() or begin == card.span.starts_at:
            continue
        wish = wish_for(card, Span.lasting(begin, card.span.minutes), board.grid.columns[column])
        if not judge.reasons(wish):
            return float(minute)
    return None


def _fits_on(walk: Walk, column: int) -> tuple[Item, AppointmentCard, float] | None:
    """A visit of another day that could stand in *column*, and the minute."""
    for item in walk.board.layout_.items():
        card = item.card
        if isinstance(card, AppointmentCard) and card.status in MOVABLE and item.column != column:
            minute = _legal(walk, card, column)
            if minute is not None:
                return item, card, minute
    return None


def _neighbours(walk: Walk) -> tuple[Item, Item] | None:
    """Two visits of one provider on one day, the first of which can move."""
    items = [i for i in walk.board.layout_.items() if isinstance(i.card, AppointmentCard)]
    for item in items:
        for other in items:
            same = other.column == item.column and other.card.provider.id == item.card.provider.id
            if (
                other is not item
                and same
                and item.card.status in MOVABLE
                and other.begin > item.end
            ):
                return item, other
    return None


def _end_is_free(walk: Walk, item: Item) -> bool:
    """Whether the calendar sees nothing against one more step at the visit's end."""
    from clinic_desk.rules.spans import Span
    from clinic_desk.views.agenda.judge import Judge, Wish

    board, card = walk.board, item.card
    board.model.ready()
    judge = Judge(board.model, board.zone, board.snapshot)
    room = card.operatory.id if card.operatory else None
    longer = Span(card.span.starts_at, card.span.ends_at + timedelta(minutes=board.step))
    later = card.span.shifted(timedelta(minutes=board.step))
    spans = (longer, later)
    return not any(judge.reasons(Wish(card, span, card.provider.id, room)) for span in spans)
