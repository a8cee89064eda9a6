"""The page of calendar events: meetings, training, upkeep; once or coming back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from PySide6.QtCore import QTime

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import Invalid
from clinic_desk.services.cards import EventCard
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.clinic_event_cards import EventDraft, PlannedEvent
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice, choose
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.book import Book, Form, Step
from clinic_desk.views.operational.fields import (
    BookFields,
    day_field,
    day_of,
    line_of,
    minute_of,
    offer,
    set_day,
    time_field,
)
from clinic_desk.views.operational.lines import Line
from clinic_desk.views.operational.repeat_fields import RepeatFields
from clinic_desk.views.widgets import column, label, named


class EventForm(Form):
    """Title, whose time it takes, day and times, and how it comes back."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "events-form", _("Calendar event"))
        self._desk = desk
        self._shown: PlannedEvent | None = None
        edited = self.edited.emit
        self.title = line_of("events-title-field", _("Title"), edited)
        self.who = choice("events-who", _("Provider or operatory"), edited)
        self.day = day_field("events-day", _("Day"), edited)
        self.begin = time_field("events-begin", _("From"), 12)
        self.end = time_field("events-end", _("To"), 13)
        for at in (self.begin, self.end):
            at.timeChanged.connect(lambda _time: edited())
        self.repeat = RepeatFields("events-repeat", _("Repeats"))
        self.repeat.edited.connect(self.edited)
        self.left = label("", "events-left", role="hint", wrap=True)
        for narrow in (self.day, self.begin, self.end):
            narrow.setMaximumWidth(200)
        self.fields = BookFields("events-fields", _("Calendar event"))
        add = self.fields.add
        add("title", _("Title"), self.title)
        add("resource_id", _("Provider or operatory"), self.who)
        add("day", _("Day"), self.day)
        add("starts_minute", _("From"), self.begin)
        add("ends_minute", _("To"), self.end)
        add("rule", _("Repeats"), self.repeat, self.left)
        self.setLayout(column(self.fields))
        self.setFocusProxy(self.title)
        self.set_catalogue(desk.catalogue)

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Offer what the catalogue knows now; what is chosen stays."""
        people = [(c.id, c.name) for c in catalogue.providers.values() if c.active]
        rooms = [(c.id, _room(catalogue, c.id)) for c in catalogue.operatories.values() if c.active]
        self.blockSignals(True)
        offer(self.who, "", [*people, *rooms])
        self.blockSignals(False)

    def fill(self, shown: PlannedEvent | None) -> None:
        """Show an event, or empty fields."""
        self._shown = shown
        today = self._desk.today()
        self.blockSignals(True)
        if shown is None:
            self.title.clear()
            self.who.setCurrentIndex(0)
            self._times(12 * 60, 13 * 60)
            set_day(self.day, today)
            self.repeat.begin(today)
            self.left.setText(_("Where the time is taken already, you are asked first."))
        else:
            card = shown.card
            begin, end = _walls(card)
            self.title.setText(card.title)
            choose(self.who, card.resource_id, _name(self._desk.catalogue, card.resource_id))
            self._times(begin.hour * 60 + begin.minute, end.hour * 60 + end.minute)
            set_day(self.day, begin.date())
            self.repeat.show_rule(shown.rule)
            self.left.setText(_told(shown))
        self.blockSignals(False)

    def _times(self, begin: int, end: int) -> None:
        self.begin.setTime(QTime(*divmod(begin, 60)))
        self.end.setTime(QTime(*divmod(end, 60)))

    def draft(self) -> EventDraft:
        """What stands in the fields."""
        shown = self._shown
        return EventDraft(
            self.title.text(),
            self.who.currentData() or 0,
            day_of(self.day),
            minute_of(self.begin),
            minute_of(self.end) or 24 * 60,
            self.repeat.rule() if shown is None else shown.rule,
        )

    def lock(self, why: str) -> None:
        """Lock the fields, saying why; the dates of what is there already always stay."""
        super().lock(why)
        new = self._shown is None
        self.repeat.setEnabled(not why and new)
        self.day.setEnabled(not why and (new or self._shown is None or self._shown.rule is None))

    def tell(self, error: BaseException) -> bool:
        """Show a refusal beside its field; False where it is about none."""
        if isinstance(error, Invalid) and error.field in ("interval", "weekdays", "count", "until"):
            error = Invalid("rule", error.message, way_out=error.way_out, **error.params)
        return super().tell(error)


def _walls(card: EventCard) -> tuple[datetime, datetime]:
    """Begin and end by the clock of the event's place."""
    span, zone = card.span, card.time_zone
    return words.wall(span.starts_at, zone), words.wall(span.ends_at, zone)


def _room(catalogue: Catalogue, number: int) -> str:
    card = catalogue.operatories[number]
    place = catalogue.locations.get(card.location_id)
    if place is None:
        return card.name
    return _("{room} ({location})").format(room=card.name, location=place.name)


def _name(catalogue: Catalogue, number: int) -> str:
    if number in catalogue.providers:
        return catalogue.providers[number].name
    return _room(catalogue, number) if number in catalogue.operatories else _("Gone")


def _short(catalogue: Catalogue, number: int) -> str:
    if number in catalogue.providers:
        card = catalogue.providers[number]
        return card.initials or card.name
    return _name(catalogue, number)


def _told(shown: PlannedEvent) -> str:
    if shown.rule is None:
        return _("To make it come back, delete it and add it anew.")
    return ngettext(
        "{count} is to come, on {last}. A single one is moved or deleted in the calendar.",
        "{count} are to come, the last on {last}. A single one is moved or deleted in the"
        " calendar.",
        shown.left,
    ).format(count=shown.left, last=words.day_long(shown.last))


def _taken(count: int) -> str:
    """ "3 dates are taken already; it would not take place there."""
    return ngettext(
        "On {count} date the time is taken already; saved anyway, it is left out there.",
        "On {count} dates the time is taken already; saved anyway, it is left out there.",
        count,
    ).format(count=count)


def _stays(count: int) -> str:
    return ngettext(
        "On {count} date the time is taken already; saved anyway, it stays as it was there.",
        "On {count} dates the time is taken already; saved anyway, it stays as it was there.",
        count,
    ).format(count=count)


class Events(Book):
    """What takes time and is no visit."""

    name = "events"
    kinds = frozenset({"calendar_event"})
    listing = "Appointment Get All"
    changing = "Calendar Event Update"
    can_be_inactive = False
    growing = 0

    def __init__(self) -> None:
        self.title = _("Calendar events")
        self.one = _("Calendar event")
        self.new_text = _("New calendar event")
        self.choose_text = _("Choose a calendar event on the left, or add one.")
        self.headings = (_("Title"), _("Next"))
        self.remove_text = _("Delete what is to come")

    def form(self, desk: Desk) -> Form:
        """The fields of the page."""
        return EventForm(desk)

    def list_query(self) -> Callable[..., Any]:
        """Asks for all of them."""
        from clinic_desk.services import clinic_events

        return clinic_events.planned

    def show_query(self) -> Callable[..., Any]:
        """Asks for one by its number."""
        from clinic_desk.services import clinic_events

        return clinic_events.planned_one

    def lines(self, desk: Desk, cards: tuple[PlannedEvent, ...]) -> Iterator[Line]:
        """One line of the list for each card."""
        for one in cards:
            day = words.wall(one.card.span.starts_at, one.card.time_zone).date()
            sign = "↻ " if one.rule is not None else ""
            who = _short(desk.catalogue, one.card.resource_id)
            title = _("{who}: {title}").format(who=who, title=one.card.title)
            yield Line(one.card.id, title, sign + words.day_short(day))

    def number(self, shown: PlannedEvent | int) -> int:
        """Its number."""
        return shown.card.id if isinstance(shown, PlannedEvent) else shown

    def heading(self, shown: PlannedEvent) -> str:
        """What stands above the form."""
        return shown.card.title

    def steps(self, shown: PlannedEvent | None, draft: EventDraft) -> list[Step]:
        """The deed that makes the draft true, if any."""
        from clinic_desk.services import clinic_events

        more = {"accept": frozenset[int]()}
        if shown is None:
            return [("add", clinic_events.add, (draft,), more)]
        if _draft_of(shown) == draft:
            return []
        return [("change", clinic_events.change, (shown, draft), more)]

    def remove(self, shown: PlannedEvent) -> Step:
        """The deed that deletes it."""
        from clinic_desk.services import clinic_events

        return ("remove", clinic_events.remove, (shown,), {})

    def told(self, step: str) -> Callable[[int], str]:
        """How many dates are taken, as a sentence."""
        return _taken if step == "add" else _stays


def _draft_of(shown: PlannedEvent) -> EventDraft:
    card = shown.card
    begin, end = _walls(card)
    return EventDraft(
        card.title,
        card.resource_id,
        begin.date(),
        begin.hour * 60 + begin.minute,
        (end.hour * 60 + end.minute) or 24 * 60,
        shown.rule,
    )
