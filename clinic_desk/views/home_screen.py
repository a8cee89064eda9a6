"""Today at a glance: who waits, who is late, who comes next, what needs an answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.clinic_time import day_span, zone
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.cards import AppointmentCard, DiaryView
from clinic_desk.views import unseen, words
from clinic_desk.views.desk import Desk
from clinic_desk.views.home_ways import Ways
from clinic_desk.views.list_view import fit_columns, visit_table
from clinic_desk.views.messages import Change
from clinic_desk.views.sections import SEES_VISITS
from clinic_desk.views.visit_table import CardRole, VisitTableModel
from clinic_desk.views.waiting import Waiting
from clinic_desk.views.widgets import button, column, label, named, restyle, row

LATE = timedelta(minutes=5)
"""Somebody who has not arrived so long after the time is late."""
TO_COME = frozenset({Status.SCHEDULED, Status.CONFIRMED})


class Tile(QFrame):
    """A number and what it counts; a click or Enter leads there."""

    pressed = Signal()

    def __init__(self, name: str, text: str) -> None:
        super().__init__()
        named(self, f"tile-{name}", text, role="tile")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.number = label("–", f"tile-{name}-number", role="number")
        self.text = label(text, f"tile-{name}-text", role="hint")
        self.setLayout(column(self.number, self.text, margin=14, gap=2))

    def set_number(self, number: int, tone: str = "") -> None:
        """Show *number*, also to a screen reader."""
        self.number.setText(str(number))
        self.setAccessibleName(f"{self.text.text()}: {number}")
        restyle(self.number, tone=tone)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.pressed.emit()

    def keyPressEvent(self, event: QEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space):  # type: ignore[attr-defined]
            self.pressed.emit()
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]


def places(model: VisitTableModel) -> list[int]:
    """The columns that share what room is left."""
    return [model.columns.index(name) for name in ("patient", "type")]


class HomeScreen(QWidget):
    """Signals:
    open_wanted(AppointmentCard): the editor.
    screen_wanted(str): a section, by name.
    booking_wanted(): the window "New appointment".
    """

    open_wanted = Signal(object)
    screen_wanted = Signal(str)
    booking_wanted = Signal()

    def __init__(self, desk: Desk, waiting: Waiting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "home", _("Home"))
        self._desk, self._waiting = desk, waiting
        self._stale = True
        self._cards: list[AppointmentCard] = []
        self.title = label("", "home-title", role="title")
        self.day = label("", "home-day", role="hint")
        self.visits = Tile("visits", _("Visits today"))
        self.waiting = Tile("waiting", _("In the waiting room"))
        self.late = Tile("late", _("Late"))
        self.requests = Tile("requests", _("Requests waiting"))
        self.visits.pressed.connect(lambda: self.screen_wanted.emit("calendar"))
        self.late.pressed.connect(lambda: self.screen_wanted.emit("calendar"))
        self.requests.pressed.connect(lambda: self.screen_wanted.emit("requests"))
        self.book = button(
            _("New appointment"), "home-book", self.booking_wanted.emit, look="primary"
        )
        if not (desk.may(SEES_VISITS) and desk.may("Appointment Create")):
            self.book.hide()
        self.room_model = VisitTableModel(
            ("time", "patient", "type", "provider", "room", "status"), self._zone, self
        )
        self.inside_model = VisitTableModel(
            ("time", "patient", "type", "provider", "room"), self._zone, self
        )
        self.next_model = VisitTableModel(
            ("time", "patient", "born", "type", "provider", "room", "status"), self._zone, self
        )
        self.room = visit_table("home-room", _("Waiting room"))
        self.room.setModel(self.room_model)
        self.inside = visit_table("home-inside", _("In the room"))
        self.inside.setModel(self.inside_model)
        self.next = visit_table("home-next", _("Coming next"))
        self.next.setModel(self.next_model)
        self.waiting.pressed.connect(self.room.setFocus)
        for table in (self.room, self.inside, self.next):
            table.doubleClicked.connect(lambda index: self.open_wanted.emit(index.data(CardRole)))
            table.activated.connect(lambda index: self.open_wanted.emit(index.data(CardRole)))
        self._build()
        self._minute = QTimer(self)
        self._minute.setInterval(30_000)
        self._minute.timeout.connect(self._tick)
        desk.deeds_happened.connect(self._deeds_happened)
        waiting.changed.connect(self._count_requests)
        self._count_requests()
        desk.catalogue_changed.connect(self._catalogue_changed)

    def _build(self) -> None:
        self.nobody = label(_("Nobody is waiting."), "home-nobody", role="hint")
        self.nothing = label(_("No more visits today."), "home-nothing", role="hint")
        here, coming = (
            named(QFrame(), "home-here", role="card"),
            named(QFrame(), "home-coming", role="card"),
        )
        caption = label(_("Waiting room"), "home-room-title", role="heading")
        self.inside_title = label(_("In the room"), "home-inside-title", role="heading")
        here.setLayout(
            column(caption, self.nobody, self.room, self.inside_title, self.inside, margin=14)
        )
        caption = label(_("Coming next"), "home-next-title", role="heading")
        # The table takes the room; without it, what is left stays at the foot.
        coming.setLayout(column(caption, self.nothing, self.next, 0, margin=14, grow=2))
        tiles = QWidget()
        tiles.setLayout(row(self.visits, self.waiting, self.late, self.requests, gap=12))
        head = row(column(self.title, self.day, gap=2), 1, self.book)
        self.ways = Ways(self._desk)
        self.ways.screen_wanted.connect(self.screen_wanted)
        sees = self._desk.may(SEES_VISITS)
        if sees:
            self.ways.hide()
        below = QWidget()
        for part, shown in ((tiles, sees), (here, sees), (coming, sees), (below, not sees)):
            if not shown:  # what is shown before it has its place is a window of its own
                part.hide()
        parts = (self.ways, tiles, here, coming, below)
        self.setLayout(column(head, *parts, margin=16, gap=16, grow=4 if sees else 5))

    @property
    def _zone(self) -> str:
        """Home tells of the whole organisation, whichever place the calendar shows."""
        return self._desk.catalogue.organisation.time_zone

    def load(self) -> None:
        """Read today, where the user may see it."""
        from clinic_desk.services import diary

        self._stale = False
        today = words.wall(self._desk.now(), self._zone).date()
        self.title.setText(self._greeting())
        self.day.setText(words.day_long(today))
        if not self._desk.may(SEES_VISITS):
            return
        self._desk.ask(
            diary.view,
            day_span(today, zone(self._zone)),
            done=self._loaded,
            ticket=("home", id(self)),
            what=_("reading today"),
        )

    def _greeting(self) -> str:
        hour = words.wall(self._desk.now(), self._zone).hour
        name = words.isolated(self._desk.actor.name)
        if hour < 12:
            return _("Good morning, {name}").format(name=name)
        if hour < 18:
            return _("Good afternoon, {name}").format(name=name)
        return _("Good evening, {name}").format(name=name)

    def _count_requests(self) -> None:
        count = len(self._waiting.cards)
        self.requests.set_number(count, "warning" if count else "")

    def _loaded(self, view: DiaryView) -> None:
        self.show_day(unseen.shown(view), self._desk.now())

    def show_day(self, view: DiaryView, now: datetime) -> None:
        """Show the visits of *view* as they stand at *now*."""
        self._cards = sorted(view.appointments, key=lambda card: (card.span, card.id))
        self._sort_out(now)

    def _tick(self) -> None:
        """Who waits and who is late changes by the minute."""
        self._sort_out(self._desk.now())

    def _sort_out(self, now: datetime) -> None:
        arrived = [c for c in self._cards if c.status is Status.ARRIVED]
        here = [c for c in arrived if c.in_room_at is None]
        inside = [c for c in arrived if c.in_room_at is not None]
        late = [c for c in self._cards if c.status in TO_COME and c.span.starts_at + LATE < now]
        coming = [c for c in self._cards if c.status in TO_COME and c.span.ends_at > now]
        self.visits.set_number(sum(1 for c in self._cards if c.status is not Status.REQUESTED))
        self.waiting.set_number(len(here))
        self.late.set_number(len(late), "warning" if late else "")
        self.room_model.set_cards(here)
        self.inside_model.set_cards(inside)
        self.next_model.set_cards(coming)
        self.nobody.setVisible(not here)
        self.room.setVisible(bool(here))
        self.inside_title.setVisible(bool(inside))
        self.inside.setVisible(bool(inside))
        self.nothing.setVisible(not coming)
        self.next.setVisible(bool(coming))
        if here:
            fit_columns(self.room, *places(self.room_model))
        if inside:
            fit_columns(self.inside, *places(self.inside_model))
        if coming:
            fit_columns(self.next, *places(self.next_model))
        for table, cards in ((self.room, here), (self.inside, inside)):
            heading = table.horizontalHeader().sizeHint().height()
            table.setFixedHeight(min(len(cards), 5) * 32 + heading + 4)

    def _deeds_happened(self, changes: frozenset[Change]) -> None:
        if any(kind == "appointment" for kind, _number in changes):
            if self.isVisible():
                self.load()
            else:
                self._stale = True

    def _catalogue_changed(self) -> None:
        if self._zone != self.room_model.zone:
            for model in (self.room_model, self.inside_model, self.next_model):
                model.set_zone(self._zone)
            self._stale = True

    def showEvent(self, event: QEvent) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._minute.start()
        if self._stale:
            self.load()

    def hideEvent(self, event: QEvent) -> None:
        super().hideEvent(event)  # type: ignore[arg-type]
        self._minute.stop()
