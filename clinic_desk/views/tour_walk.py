"""What the steps of the tour share: the program, the album, and looking for fitting visits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QApplication

from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.views import robot
from clinic_desk.views.agenda.edges import ZONE
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
SHORT_MS = 500
"""A single-shot timer as short as this is a pause before something is asked or shown."""
CALM = ZONE + 8
"""Pixels from the upper and lower side within which a drag would scroll the calendar."""
WEEKS = 12
"""So many weeks ahead there is free time: the demo's visits reach eight weeks."""

T = TypeVar("T")


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
        """Wait until nothing is under way, and nothing is about to be asked."""
        until("the desk to be quiet", self._is_quiet, 60)
        robot.pause(30)  # what other processes tell arrives
        until("the desk to be quiet", self._is_quiet, 60)

    def _is_quiet(self) -> bool:
        QApplication.sendPostedEvents()
        return self.program.background.idle and not any(
            timer.isActive() and timer.isSingleShot() and timer.interval() <= SHORT_MS
            for window in self.program.windows
            for timer in window.findChildren(QTimer)
        )

    def front(self) -> None:
        """Bring the main window to the front, so that its keys are its own."""
        self.window.activateWindow()
        until("the window in front", self.window.isActiveWindow)

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
        self.front()
        self.window.show_screen("calendar")
        self.window.calendar.set_view(view)
        self.quiet()

    def place(self, column: int, minute: float) -> QPoint:
        """The point of a column's middle at an axis minute, on the calendar's whole page."""
        board = self.board
        left, right = board.grid.edges(column)
        return QPoint((left + right) // 2, board.grid.y(minute))

    def fits_in_sight(self, *points: QPoint) -> bool:
        """Whether these points of the page can be in sight together, where no drag scrolls."""
        heights = [point.y() for point in points]
        return max(heights) - min(heights) < self.board.viewport().height() - 2 * CALM

    def in_sight(self, *points: QPoint) -> list[QPoint]:
        """The points of the page as points of the viewport, scrolled to where a drag from one to
        another stays: near a side it would scroll the page, for as long as it is there.
        """
        board = self.board
        bar, height = board.verticalScrollBar(), board.viewport().height()
        heights = [point.y() for point in points]
        if min(heights) < bar.value() + CALM or max(heights) > bar.value() + height - CALM:
            bar.setValue((min(heights) + max(heights) - height) // 2)
            self.quiet()
        seen = [point - board.offset for point in points]
        calm = all(CALM <= point.y() <= height - CALM for point in seen)
        robot.sure("both ends of the drag in sight", calm)
        return seen

    def first_week_with(self, what: str, look: Callable[[], T | None]) -> T:
        """What *look* finds in the shown week or the first later one. Raises ``Failed``."""
        for _week in range(WEEKS):
            found = look()
            if found is not None:
                return found
            self.window.calendar.step(1)
            self.quiet()
        raise robot.Failed(f"in {WEEKS} weeks not found: {what}")

    def free_minute(self, column: int, length: int) -> float | None:
        """An axis minute, still to come, at which *length* minutes of a column are open and
        empty.
        """
        board, now = self.board, self.window.desk.now()
        shut = board.scene.closed[column]
        taken = [(i.begin, i.end) for i in board.layout_.items() if i.column == column]
        busy = [*shut, *taken]
        for minute in range(8 * 60, 18 * 60 - length, board.step):
            empty = all(minute + length <= begin or end <= minute for begin, end in busy)
            if empty and board.grid.instant(column, float(minute)) > now:
                return float(minute)
        return None


def middle(item: Item) -> QPoint:
    """The point of the page by which a visit is taken."""
    return QPoint(item.x + item.w // 2, item.y) + half(item)


def half(item: Item) -> QPoint:
    """From a visit's beginning to where it is taken."""
    return QPoint(0, item.h // 2)


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
            if minute is None:
                continue
            if walk.fits_in_sight(middle(item), walk.place(column, minute) + half(item)):
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
                and walk.fits_in_sight(middle(item), QPoint(other.x, other.y) + half(item))
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
