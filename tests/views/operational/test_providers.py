"""Providers in the window: who they are, their week, and when they are away."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from PySide6.QtCore import QDate, QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.rules.hours import EVEN, EVERY, ODD, OneDay, Weekly
from clinic_desk.services import clinic_hours, clinic_providers
from clinic_desk.services.actor import Actor
from clinic_desk.services.clinic_cards import ProviderFile
from clinic_desk.views import robot
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.book_page import BookPage
from clinic_desk.views.operational.operational_screen import OperationalScreen
from clinic_desk.views.operational.provider_page import ProviderForm
from clinic_desk.views.operational.week_hours import WeekHours
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.views.conftest import elsewhere, quiet
from tests.views.operational.conftest import choose, form, names, page, pick, save, seen, write

DAY = timedelta(days=1)


@pytest.fixture
def book(qtbot: QtBot, section: OperationalScreen) -> BookPage:
    """The page of providers with the only one open."""
    found = page(qtbot, section, "providers")
    choose(qtbot, found, "Dr")
    return found


def stored(actor: Actor, clinic: Clinic) -> ProviderFile:
    """The provider as the database has it."""
    return elsewhere(clinic_providers.provider, actor, clinic.provider_id)


def at(week: WeekHours, weekday: int, minute: int) -> QPoint:
    """The point of a minute, in the middle of a day's column."""
    left, right = week.column(week.days().index(weekday))
    return QPoint((left + right) // 2, week.level(minute))


def picture(book: BookPage) -> WeekHours:
    """The week, scrolled into sight."""
    week = form(book, ProviderForm).week.picture
    seen(book, week)
    return week


def enter(book: BookPage, first: date, last: date, reason: str) -> None:
    """Time off by the fields and a click."""
    days = form(book, ProviderForm).days
    seen(book, days)
    days.first.setDate(QDate(first.year, first.month, first.day))
    days.last.setDate(QDate(last.year, last.month, last.day))
    QTest.keyClicks(days.reason, reason)
    robot.click(days.add)


def test_a_provider_is_added_by_keys_with_a_title_and_a_qualification(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    skill = elsewhere(builders.a_qualification, clinic, "Dentist")
    book.desk.renew_catalogue()
    quiet(qtbot, book.desk)
    robot.click(book.face.add)
    fields = form(book, ProviderForm)
    write(fields.title, "Dr")
    write(fields.first, "Ada")
    write(fields.last, "Weiss")
    pick(fields.place, "Main Street")
    seen(book, fields.skills)
    fields.skills.setFocus()
    fields.skills.setCurrentRow(0)
    edits: list[None] = []
    fields.skills.edited.connect(lambda: edits.append(None))
    line = fields.skills.visualItemRect(fields.skills.item(0))
    for where in (line.center(), QPoint(line.left() + 10, line.center().y())):  # words, box
        QTest.mouseClick(fields.skills.viewport(), Qt.MouseButton.LeftButton, pos=where)
        assert len(edits) == 1, "once with each click"
        edits.clear()
    assert fields.skills.ticked() == frozenset()
    QTest.keyClick(fields.skills, Qt.Key.Key_Space)
    assert len(edits) == 1
    save(qtbot, book)

    assert any("Weiss" in name for name in names(book))
    (made,) = [c for c in elsewhere(clinic_providers.providers, actor) if c.last_name == "Weiss"]
    assert (made.first_name, made.qualification_ids) == ("Ada", frozenset({skill}))
    assert made.default_location_id == clinic.location_id


def test_a_bad_address_is_refused_beside_its_field(qtbot: QtBot, book: BookPage) -> None:
    fields = form(book, ProviderForm)
    write(fields.email, "ada@")
    save(qtbot, book)
    assert fields.fields._wrong["email"].isVisible()
    assert fields.email.text() == "ada@" and book.unsaved


def test_hours_are_dragged_to_another_day_and_pulled_at_an_edge(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    week = picture(book)
    QTest.mouseClick(week, Qt.MouseButton.LeftButton, pos=at(week, 5, 10 * 60))
    QTest.keyClick(week, Qt.Key.Key_Delete)  # Saturday is free now
    robot.drag(week, at(week, 6, 10 * 60), at(week, 5, 11 * 60))  # Sunday goes there, later
    robot.drag(week, at(week, 0, 18 * 60) - QPoint(0, 2), at(week, 0, 16 * 60))
    save(qtbot, book)

    weekly = stored(actor, clinic).weekly
    assert [w.weekday for w in weekly] == [0, 1, 2, 3, 4, 5]
    assert (weekly[0].starts_minute, weekly[0].ends_minute) == (8 * 60, 16 * 60)
    assert (weekly[5].starts_minute, weekly[5].ends_minute) == (9 * 60, 19 * 60)


def test_a_week_is_drawn_by_keys_alone(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    week = picture(book)
    week.setFocus()
    QTest.mouseClick(week, Qt.MouseButton.LeftButton, pos=at(week, 1, 9 * 60))
    QTest.keyClick(week, Qt.Key.Key_Delete)
    week.cursor_at = (1, 9 * 60)
    QTest.keyClick(week, Qt.Key.Key_Return)
    for _n in range(4):
        QTest.keyClick(
            week,
            Qt.Key.Key_Down,
            Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier,
        )
    save(qtbot, book)

    (tuesday,) = [w for w in stored(actor, clinic).weekly if w.weekday == 1]
    assert tuesday == Weekly(1, 9 * 60, 11 * 60, location_id=clinic.location_id)


def test_odd_and_even_weeks_have_hours_of_their_own(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    editor = form(book, ProviderForm).week
    week = picture(book)
    QTest.mouseClick(week, Qt.MouseButton.LeftButton, pos=at(week, 4, 9 * 60))
    QTest.keyClick(week, Qt.Key.Key_Delete)
    seen(book, editor.kinds)
    robot.click(editor.week_buttons[ODD])
    robot.drag(week, at(week, 4, 8 * 60), at(week, 4, 12 * 60))
    robot.click(editor.week_buttons[EVEN])
    robot.drag(week, at(week, 4, 13 * 60), at(week, 4, 17 * 60))
    save(qtbot, book)

    friday = {w.weeks: w.starts_minute for w in stored(actor, clinic).weekly if w.weekday == 4}
    assert friday == {ODD: 8 * 60, EVEN: 13 * 60}
    assert all(w.weeks == EVERY for w in stored(actor, clinic).weekly if w.weekday != 4)


def test_shorter_hours_of_a_provider_name_the_visits_outside_them(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    late = elsewhere(builders.an_appointment, clinic, clinic.span(17))
    week = picture(book)
    robot.drag(week, at(week, 1, 18 * 60) - QPoint(0, 2), at(week, 1, 16 * 60))
    save(qtbot, book)

    panel = book.face.impact
    assert panel.text.text() == "1 future appointment falls outside these hours."
    robot.click(panel.show_them)
    (line,) = panel.model.lines
    assert line.id == late
    assert "does not work then" in panel.model.index(0, 4).data()
    robot.click(panel.save)
    quiet(qtbot, book.desk)
    assert not book.unsaved
    (tuesday,) = [w for w in stored(actor, clinic).weekly if w.weekday == 1]
    assert tuesday.ends_minute == 16 * 60


def test_time_off_is_one_line_and_one_deed_and_says_who_has_to_be_placed_anew(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    elsewhere(builders.an_appointment, clinic, clinic.span(10))
    enter(book, TUESDAY, TUESDAY + 13 * DAY, "Vacation")
    days = form(book, ProviderForm).days
    assert days.list.count() == 1
    assert "Jun 2, 2031: away" in days.list.item(0).text()
    save(qtbot, book)
    panel = book.face.impact
    assert panel.text.text() == "1 future appointment would have to be placed anew."
    assert stored(actor, clinic).days == ()
    robot.click(panel.save)
    quiet(qtbot, book.desk)

    cards = stored(actor, clinic).days
    assert len(cards) == 14 and {card.reason for card in cards} == {"Vacation"}
    assert not book.unsaved and days.list.count() == 1

    days.list.setCurrentRow(0)
    robot.click(days.remove)
    save(qtbot, book)
    assert stored(actor, clinic).days == ()


def test_other_hours_on_one_day_are_entered_and_overlaps_are_told(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    days = form(book, ProviderForm).days
    seen(book, days)
    pick(days.kind, "Other hours on one day")
    days.first.setDate(QDate(2031, 5, 24))
    robot.click(days.add)
    robot.click(days.add)
    assert days.wrong.text() == "Other hours are there already."
    save(qtbot, book)

    (card,) = stored(actor, clinic).days
    saturday = OneDay(date(2031, 5, 24), 9 * 60, 17 * 60, location_id=clinic.location_id)
    assert card.hours == saturday


def test_a_save_of_several_parts_asks_once_and_going_back_saves_none_of_them(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    elsewhere(builders.an_appointment, clinic, clinic.span(10))
    elsewhere(builders.an_appointment, clinic, clinic.span(17, 30, day=TUESDAY + 6 * DAY))
    before = stored(actor, clinic)
    week = picture(book)
    robot.drag(week, at(week, 0, 18 * 60) - QPoint(0, 2), at(week, 0, 17 * 60))
    enter(book, TUESDAY, TUESDAY, "Flu")
    save(qtbot, book)
    panel = book.face.impact
    assert panel.text.text() == "2 future appointments would no longer fit."
    QTest.keyClick(panel.back, Qt.Key.Key_Escape)
    assert stored(actor, clinic) == before and book.unsaved

    save(qtbot, book)
    robot.click(panel.save)
    quiet(qtbot, book.desk)
    found = stored(actor, clinic)
    assert found.weekly[0].ends_minute == 17 * 60 and len(found.days) == 1
    assert not panel.isVisible() and not book.unsaved


def test_what_was_booked_meanwhile_is_asked_about_between_two_parts_of_a_save(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    week = picture(book)
    robot.drag(week, at(week, 6, 18 * 60) - QPoint(0, 2), at(week, 6, 17 * 60))
    enter(book, TUESDAY, TUESDAY, "Flu")
    begun = book._next

    def booked_first() -> None:
        if "week" in book._done:
            elsewhere(builders.an_appointment, clinic, clinic.span(10))
        begun()

    book._next = booked_first  # type: ignore[method-assign]
    save(qtbot, book)
    assert book.face.impact.isVisible()
    QTest.keyClick(book.face.impact.back, Qt.Key.Key_Escape)

    found = stored(actor, clinic)
    assert found.weekly[6].ends_minute == 17 * 60 and found.days == ()
    assert book.unsaved
    robot.click(book.discard_button)
    assert form(book, ProviderForm).draft().weekly == found.weekly
    assert not book.unsaved


def test_whoever_may_change_hours_alone_finds_the_rest_locked_with_the_reason(
    qtbot: QtBot, desk: Desk, clinic: Clinic, store: object
) -> None:
    from clinic_desk.views.operational.provider_page import Providers

    names_ = frozenset({"Location Get All", "Location Show", "Hours Update"})
    less = builders.an_actor(clinic, names_)
    own = Desk(less, desk.background, less.store.catalogue(less.organisation_id))
    alone = BookPage(Providers(), own)
    qtbot.addWidget(alone)
    alone.resize(1100, 800)
    alone.show()
    quiet(qtbot, own)
    choose(qtbot, alone, "Dr")
    fields = form(alone, ProviderForm)
    assert not fields.last.isEnabled() and "Service Update All" in fields.last.toolTip()
    assert fields.week.picture.isEnabled() and fields.days.add.isEnabled()
    assert not alone.face.add.isEnabled()
    enter(alone, TUESDAY, TUESDAY, "Training")
    save(qtbot, alone)
    assert len(elsewhere(clinic_hours.days, less, clinic.provider_id)) == 1


def test_a_provider_is_opened_from_elsewhere_by_number(
    qtbot: QtBot, section: OperationalScreen, clinic: Clinic
) -> None:
    section.show_provider(clinic.provider_id)
    found = section.page("providers")
    assert isinstance(found, BookPage)
    quiet(qtbot, found.desk)
    assert section.current == "providers" and "Dr Provider" in found.face.title.text()


def test_from_right_to_left_a_drag_lands_on_the_day_that_is_seen(
    qtbot: QtBot, book: BookPage, actor: Actor, clinic: Clinic
) -> None:
    week = picture(book)
    week.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    week.update()
    assert week.days()[-1] == 6  # Sunday stands at the right, where an American week begins
    left, _right = week.column(0)
    assert left == 0 and week.column(6)[1] < week.width()
    QTest.mouseClick(week, Qt.MouseButton.LeftButton, pos=at(week, 5, 10 * 60))
    QTest.keyClick(week, Qt.Key.Key_Delete)
    robot.drag(week, at(week, 5, 9 * 60), at(week, 5, 11 * 60))
    save(qtbot, book)
    (saturday,) = [w for w in stored(actor, clinic).weekly if w.weekday == 5]
    assert (saturday.starts_minute, saturday.ends_minute) == (9 * 60, 11 * 60)
