"""Locations and operatories in the window; what a change would break is asked about first."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from clinic_desk.rules.hours import Weekly
from clinic_desk.services import clinic as set_up
from clinic_desk.services.actor import Actor
from clinic_desk.views import robot
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.operational.book_page import BookPage
from clinic_desk.views.operational.operational_screen import OperationalScreen
from clinic_desk.views.operational.places import LocationForm, OperatoryForm
from clinic_desk.views.operational.week_hours import WeekHours
from tests import builders
from tests.builders import Clinic
from tests.views.conftest import elsewhere, quiet
from tests.views.operational.conftest import choose, form, names, page, pick, save, seen, write


def main_street(qtbot: QtBot, section: OperationalScreen) -> BookPage:
    book = page(qtbot, section, "locations")
    choose(qtbot, book, "Main Street")
    return book


def pull(week: WeekHours, weekday: int, start: int, end: int) -> None:
    """Drag on the week from one minute of a day to another."""
    left, right = week.column(week.days().index(weekday))
    x = (left + right) // 2
    robot.drag(week, QPoint(x, week.level(start)), QPoint(x, week.level(end)))


def test_the_navigation_leads_to_the_section_and_the_list_to_its_pages(
    qtbot: QtBot, window: MainWindow, section: OperationalScreen
) -> None:
    assert window.screens.currentWidget() is section
    assert section.current == "clinic"
    page(qtbot, section, "operatories")
    section.list.setFocus()
    QTest.keyClick(section.list, Qt.Key.Key_Up)
    assert section.current == "locations"


def test_a_location_is_added_by_keys_and_stands_in_the_list(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    book = page(qtbot, section, "locations")
    robot.click(book.face.add)
    fields = form(book, LocationForm)
    write(fields.name, "Harbour")
    QTest.keyClick(fields.name, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    quiet(qtbot, book.desk)

    assert "Harbour" in names(book)
    assert [card.name for card in elsewhere(set_up.locations, actor)] == ["Harbour", "Main Street"]
    assert not book.unsaved


def test_a_refusal_stands_beside_its_field_and_nothing_typed_is_lost(
    qtbot: QtBot, section: OperationalScreen
) -> None:
    book = main_street(qtbot, section)
    fields = form(book, LocationForm)
    write(fields.phone, "call me")
    save(qtbot, book)

    assert fields.phone.text() == "call me"
    wrong = fields.fields._wrong["phone"]
    assert wrong.isVisible() and wrong.text()
    assert book.unsaved == "Main Street"


def test_hours_are_swept_on_the_week_and_saved(
    qtbot: QtBot, section: OperationalScreen, actor: Actor, clinic: Clinic
) -> None:
    place = elsewhere(builders.a_location, clinic, name="Harbour", hours=(9 * 60, 10 * 60))
    book = page(qtbot, section, "locations")
    section.list.setFocus()
    book.load()
    quiet(qtbot, book.desk)
    choose(qtbot, book, "Harbour")
    week = form(book, LocationForm).week.picture
    seen(book, week)
    pull(week, 2, 13 * 60, 15 * 60)
    save(qtbot, book)

    hours = elsewhere(set_up.location, actor, place).hours
    assert Weekly(2, 13 * 60, 15 * 60) in hours and len(hours) == 8


def test_shorter_hours_say_which_visits_fall_outside_before_anything_is_saved(
    qtbot: QtBot, window: MainWindow, section: OperationalScreen, actor: Actor, clinic: Clinic
) -> None:
    early = elsewhere(builders.an_appointment, clinic, clinic.span(8))
    elsewhere(builders.an_appointment, clinic, clinic.span(12))
    book = main_street(qtbot, section)
    week = form(book, LocationForm).week.picture
    seen(book, week)
    pull(week, 1, 7 * 60, 10 * 60)  # the upper edge of Tuesday
    save(qtbot, book)

    panel = book.face.impact
    assert panel.isVisible()
    assert panel.text.text() == "1 future appointment falls outside these hours."
    assert panel.back.hasFocus()
    before = elsewhere(set_up.location, actor, clinic.location_id).hours
    assert Weekly(1, 7 * 60, 20 * 60) in before

    robot.click(panel.show_them)
    assert [line.id for line in panel.model.lines] == [early]
    assert panel.table.isVisible()
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    quiet(qtbot, book.desk)
    assert window.screens.currentWidget() is window.calendar
    assert window.calendar.period().first <= builders.TUESDAY <= window.calendar.period().last

    robot.click(window.navigation.buttons["operational"])
    assert panel.isVisible() and book.unsaved == "Main Street"
    robot.click(panel.save)
    quiet(qtbot, book.desk)
    after = elsewhere(set_up.location, actor, clinic.location_id).hours
    assert Weekly(1, 10 * 60, 20 * 60) in after
    assert not panel.isVisible() and not book.unsaved


def test_going_back_saves_nothing_and_keeps_what_was_drawn(
    qtbot: QtBot, section: OperationalScreen, actor: Actor, clinic: Clinic
) -> None:
    elsewhere(builders.an_appointment, clinic, clinic.span(8))
    book = main_street(qtbot, section)
    week = form(book, LocationForm).week.picture
    seen(book, week)
    pull(week, 1, 7 * 60, 10 * 60)
    save(qtbot, book)
    QTest.keyClick(book.face.impact.back, Qt.Key.Key_Escape)
    quiet(qtbot, book.desk)

    assert not book.face.impact.isVisible()
    assert Weekly(1, 10 * 60, 20 * 60) in week.pieces
    hours = elsewhere(set_up.location, actor, clinic.location_id).hours
    assert Weekly(1, 7 * 60, 20 * 60) in hours


def test_a_closed_day_is_added_by_keys_and_named(
    qtbot: QtBot, section: OperationalScreen, actor: Actor, clinic: Clinic
) -> None:
    book = main_street(qtbot, section)
    closed = form(book, LocationForm).closed
    seen(book, closed)
    write(closed.text, "Inventory")
    QTest.keyClick(closed.text, Qt.Key.Key_Return)
    save(qtbot, book)

    (day,) = elsewhere(set_up.location, actor, clinic.location_id).closed
    assert day == (book.desk.today(), "Inventory")


def test_what_is_typed_is_asked_about_before_another_page_or_entry_is_shown(
    qtbot: QtBot, section: OperationalScreen
) -> None:
    book = main_street(qtbot, section)
    write(form(book, LocationForm).name, "Side Street")
    section.list.setFocus()
    QTest.keyClick(section.list, Qt.Key.Key_Down)
    (asked,) = book.findChildren(LeavingQuestion)
    assert section.current == "locations"
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    assert form(book, LocationForm).name.text() == "Side Street"


def test_a_room_is_added_and_taken_out_of_use_after_its_visits_were_named(
    qtbot: QtBot, section: OperationalScreen, actor: Actor, clinic: Clinic
) -> None:
    elsewhere(builders.an_appointment, clinic, clinic.span(9), operatory_id=clinic.operatory_id)
    book = page(qtbot, section, "operatories")
    robot.click(book.face.add)
    fields = form(book, OperatoryForm)
    write(fields.name, "Surgery")
    pick(fields.place, "Main Street")
    save(qtbot, book)
    assert "Surgery" in names(book)

    choose(qtbot, book, "Room")
    QTest.keyClick(fields.active, Qt.Key.Key_Space)
    save(qtbot, book)
    assert book.face.impact.text.text() == "1 future appointment would no longer fit."
    robot.click(book.face.impact.save)
    quiet(qtbot, book.desk)
    assert not elsewhere(set_up.operatory, actor, clinic.operatory_id).active
    assert not any(name.startswith("Room") for name in names(book))
    robot.click(book.face.inactive)
    assert any(name.startswith("Room") for name in names(book))


def test_the_list_is_searched_over_any_part_and_says_where_nothing_is_found(
    qtbot: QtBot, section: OperationalScreen
) -> None:
    book = page(qtbot, section, "locations")
    QTest.keyClicks(book.face.search, "street ma")
    assert names(book) == ["Main Street"]
    QTest.keyClicks(book.face.search, "x")
    assert not names(book) and book.face.none.text() == "Nothing is called that."


def test_what_somebody_else_saved_meanwhile_is_shown_beside_what_was_typed(
    qtbot: QtBot, section: OperationalScreen, actor: Actor, clinic: Clinic
) -> None:
    from dataclasses import replace

    book = main_street(qtbot, section)
    fields = form(book, LocationForm)
    write(fields.name, "Mine")
    theirs = elsewhere(set_up.location, actor, clinic.location_id)
    elsewhere(set_up.change_location, actor, theirs, replace(theirs.draft, phone="+43 1 5880117"))
    save(qtbot, book)

    assert book.conflict.isVisible() and fields.name.text() == "Mine"
    robot.click(robot.find(book.conflict, QPushButton, "locations-theirs"))
    assert (fields.name.text(), fields.phone.text()) == ("Main Street", "+43 1 5880117")


def test_turning_the_wheel_over_a_field_scrolls_the_page_and_changes_nothing(
    qtbot: QtBot, section: OperationalScreen
) -> None:
    book = main_street(qtbot, section)
    zone = form(book, LocationForm).zone
    before = zone.currentText()
    middle = QPointF(zone.rect().center())
    turned = QWheelEvent(
        middle,
        QPointF(zone.mapToGlobal(middle.toPoint())),
        QPoint(),
        QPoint(0, -240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(zone, turned)
    assert zone.currentText() == before and not book.unsaved
    assert not turned.isAccepted()  # so it goes on to the page


def test_a_zone_is_found_by_any_part_of_its_name(
    qtbot: QtBot, section: OperationalScreen, actor: Actor, clinic: Clinic
) -> None:
    book = main_street(qtbot, section)
    zone = form(book, LocationForm).zone
    field, finder = zone.lineEdit(), zone.completer()
    assert field is not None and finder is not None
    popup = finder.popup()
    assert popup is not None
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "new_york")
    qtbot.waitUntil(popup.isVisible)
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert zone.currentText() == "America/New_York"
    save(qtbot, book)
    assert elsewhere(set_up.location, actor, clinic.location_id).card.time_zone == (
        "America/New_York"
    )


def test_a_zone_that_is_none_is_refused_beside_its_field(
    qtbot: QtBot, section: OperationalScreen
) -> None:
    book = main_street(qtbot, section)
    zone = form(book, LocationForm).zone
    field = zone.lineEdit()
    assert field is not None
    write(field, "Mars/Phobos")
    save(qtbot, book)
    assert form(book, LocationForm).fields._wrong["time_zone"].isVisible()
    assert zone.currentText() == "Mars/Phobos" and zone.findText("Mars/Phobos") < 0


def test_what_another_desk_saves_appears_by_itself(
    qtbot: QtBot, section: OperationalScreen, actor: Actor, clinic: Clinic
) -> None:
    from dataclasses import replace

    book = main_street(qtbot, section)
    theirs = elsewhere(set_up.location, actor, clinic.location_id)
    draft = replace(theirs.draft, name="High Street")
    elsewhere(set_up.change_location, actor, theirs, draft)
    qtbot.waitUntil(lambda: names(book) == ["High Street"], timeout=15_000)
    qtbot.waitUntil(lambda: form(book, LocationForm).name.text() == "High Street", timeout=15_000)
