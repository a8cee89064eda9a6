"""Calendar events in the window, once and coming back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QDate, QTime
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from clinic_desk.rules.recurrence import Every, Rule
from clinic_desk.services import clinic_events
from clinic_desk.services.actor import Actor
from clinic_desk.services.clinic_event_cards import EventDraft, PlannedEvent
from clinic_desk.views import robot
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.operational.book_page import BookPage
from clinic_desk.views.operational.event_page import EventForm
from clinic_desk.views.operational.operational_screen import OperationalScreen
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.views.conftest import elsewhere, quiet
from tests.views.operational.conftest import choose, form, names, page, pick, save, write

WEEK = timedelta(days=7)


@pytest.fixture
def book(qtbot: QtBot, section: OperationalScreen) -> BookPage:
    return page(qtbot, section, "events")


def begin(book: BookPage, title: str) -> EventForm:
    """A new event on the builders' Tuesday at noon."""
    robot.click(book.face.add)
    fields = form(book, EventForm)
    write(fields.title, title)
    pick(fields.who, "Dr")
    fields.day.setDate(QDate(TUESDAY.year, TUESDAY.month, TUESDAY.day))
    return fields


def typed(field: QSpinBox, text: str) -> None:
    write(field.lineEdit(), text)


def only(actor: Actor) -> PlannedEvent:
    (found,) = elsewhere(clinic_events.planned, actor)
    return found


def test_an_event_is_added_once_and_stands_in_the_calendar(
    qtbot: QtBot, window: MainWindow, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    assert book.face.none.text() == "Nothing yet."
    begin(book, "Inventory")
    save(qtbot, book)
    assert [name.split(": ")[1] for name in names(book)] == ["Inventory"]
    assert only(actor).card.span == clinic.span(12, minutes=60)
    robot.click(window.navigation.buttons["calendar"])
    quiet(qtbot, book.desk)
    cards = [item.card for item in window.calendar.board.layout_.items()]
    assert [card.title for card in cards if hasattr(card, "title")] == ["Inventory"]


@pytest.mark.parametrize("width", [1024, 1440])
def test_no_button_is_cut_off_in_a_small_window(
    qtbot: QtBot, window: MainWindow, book: BookPage, width: int
) -> None:
    book.discard_button.setText("Änderungen verwerfen")
    book.face.remove.setText("Alles Kommende löschen")
    window.resize(width, 700)
    begin(book, "Inventory")
    save(qtbot, book)
    choose(qtbot, book, "Inventory")
    quiet(qtbot, window.desk)
    for button in (book.save_button, book.discard_button, book.face.remove):
        assert button.isVisible()
        assert button.width() >= button.sizeHint().width()


def test_a_weekly_meeting_is_one_line_and_says_what_is_to_come(
    qtbot: QtBot, book: BookPage, actor: Actor
) -> None:
    fields = begin(book, "Team")
    pick(fields.repeat.kind, "Weekly")
    typed(fields.repeat.interval, "2")
    robot.click(fields.repeat.days[1])
    robot.click(fields.repeat.days[3])
    pick(fields.repeat.ends, "After so many times")
    typed(fields.repeat.count, "6")
    save(qtbot, book)

    found = only(actor)
    assert found.rule == Rule(Every.WEEK, 2, frozenset({1, 3}), count=6)
    assert len(names(book)) == 1 and names(book)[0].endswith(": Team")
    assert fields.left.text().startswith("6 are to come")
    assert not fields.repeat.isEnabled() and not fields.day.isEnabled()


def test_dates_that_are_taken_are_shown_before_anything_is_saved(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    elsewhere(builders.an_appointment, clinic, clinic.span(12, day=TUESDAY + WEEK))
    fields = begin(book, "Team")
    pick(fields.repeat.kind, "Weekly")
    pick(fields.repeat.ends, "After so many times")
    typed(fields.repeat.count, "4")
    save(qtbot, book)

    panel = book.face.impact
    assert panel.isVisible() and panel.text.text().startswith("On 1 date the time is taken")
    assert elsewhere(clinic_events.planned, actor) == ()
    robot.click(panel.show_them)
    assert "is taken by" in panel.model.index(0, 4).data()
    robot.click(panel.save)
    quiet(qtbot, book.desk)
    assert only(actor).left == 3


def test_all_that_is_to_come_moves_and_goes(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    rule = Rule(Every.WEEK, count=5)
    draft = EventDraft("Team", clinic.provider_id, TUESDAY, rule=rule)
    elsewhere(clinic_events.add, actor, draft)
    book.load()
    quiet(qtbot, book.desk)
    choose(qtbot, book, "Team")
    fields = form(book, EventForm)
    write(fields.title, "Huddle")
    fields.begin.setTime(QTime(8, 0))
    fields.end.setTime(QTime(8, 30))
    save(qtbot, book)
    after = only(actor)
    assert (after.card.title, after.left, after.card.span) == (
        "Huddle",
        5,
        clinic.span(8, minutes=30),
    )
    robot.click(book.face.remove)
    quiet(qtbot, book.desk)
    assert elsewhere(clinic_events.planned, actor) == () and names(book) == []


def test_what_is_wrong_with_a_series_stands_beside_its_fields(qtbot: QtBot, book: BookPage) -> None:
    fields = begin(book, "Team")
    pick(fields.repeat.kind, "Daily")
    pick(fields.repeat.ends, "On a day")
    fields.repeat.until.setDate(QDate(2040, 1, 1))
    save(qtbot, book)
    assert fields.fields._wrong["rule"].isVisible() and book.unsaved
