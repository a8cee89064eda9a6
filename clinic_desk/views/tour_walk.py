"""What the steps of the tour share: the program, the album, and looking for fitting visits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import robot
from clinic_desk.views.agenda.judge import Judge, Wish, wish_for
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.robot import Album, until

if TYPE_CHECKING:
    from clinic_desk.services.demo import DemoOrganisation
    from clinic_desk.views.agenda.board import AgendaBoard
    from clinic_desk.views.agenda.layout import Item
    from clinic_desk.views.app import Desktop
    from clinic_desk.views.main_window import MainWindow

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
        """The main window of the desk that walks."""
        return self.program.windows[0]

    @property
    def board(self) -> AgendaBoard:
        """The calendar in it."""
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
        """Bring the calendar to the front in this view, and wait until it stands still."""
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


def stored(walk: Walk, card_id: int) -> AppointmentCard:
    """The visit as the database has it, asked through the window's own reader."""
    from clinic_desk.services import diary

    answer: list[AppointmentCard] = []
    walk.window.desk.ask(diary.appointment, card_id, done=answer.append)
    until("the visit as stored", lambda: answer)
    return answer[0]


def legal(walk: Walk, card: AppointmentCard, column: int) -> float | None:
    """A minute of a column where the calendar itself sees nothing against the visit."""
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


def fits_on(walk: Walk, column: int) -> tuple[Item, AppointmentCard, float] | None:
    """A visit of another day that could stand in *column*, and the minute."""
    for item in walk.board.layout_.items():
        card = item.card
        if isinstance(card, AppointmentCard) and card.status in MOVABLE and item.column != column:
            minute = legal(walk, card, column)
            if minute is not None:
                return item, card, minute
    return None


def neighbours(walk: Walk) -> tuple[Item, Item] | None:
    """Two visits of one provider on one day, the first of which can move."""
    items = list(walk.board.layout_.items())
    for item in items:
        card = item.card
        if not isinstance(card, AppointmentCard) or card.status not in MOVABLE:
            continue
        for other in items:
            later = other.column == item.column and other.begin > item.end
            if (
                later
                and isinstance(other.card, AppointmentCard)
                and other.card.provider.id == card.provider.id
            ):
                return item, other
    return None


def end_is_free(walk: Walk, item: Item) -> bool:
    """Whether the calendar sees nothing against one more step at the visit's end."""
    board, card = walk.board, item.card
    if not isinstance(card, AppointmentCard):
        return False
    board.model.ready()
    judge = Judge(board.model, board.zone, board.snapshot)
    room = card.operatory.id if card.operatory else None
    longer = Span(card.span.starts_at, card.span.ends_at + timedelta(minutes=board.step))
    later = card.span.shifted(timedelta(minutes=board.step))
    spans = (longer, later)
    return not any(judge.reasons(Wish(card, span, card.provider.id, room)) for span in spans)
