"""The tour through Operational: shorter hours, time off, a meeting that comes back, forms."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt

from clinic_desk.rules.hours import EVERY
from clinic_desk.views import robot
from clinic_desk.views.robot import sure, until
from clinic_desk.views.tour_walk import Walk

if TYPE_CHECKING:
    from clinic_desk.views.operational.book_page import BookPage


def _page(walk: Walk, name: str) -> BookPage:
    """A page of the section, brought by clicks."""
    from clinic_desk.views.operational.book_page import BookPage

    window = walk.window
    robot.click(window.navigation.buttons["operational"])
    section = window.screens.operational
    rows = (section.list.item(n) for n in range(section.list.count()))
    item = next(one for one in rows if one.data(Qt.ItemDataRole.UserRole) == name)
    section.list.setCurrentItem(item)
    page = section.page(name)
    sure("a page with a list", isinstance(page, BookPage))
    assert isinstance(page, BookPage)
    walk.quiet()
    return page


def _first(walk: Walk, page: BookPage) -> None:
    page.face.table.setFocus()
    robot.key(page.face.table, Qt.Key.Key_Down)
    walk.quiet()
    until("the first one open", lambda: page.card is not None)


def hours(walk: Walk) -> None:
    """Hours pulled shorter on the week name the visits outside them; nothing is saved yet."""
    from clinic_desk.views.operational.provider_page import ProviderForm

    page = _page(walk, "locations")
    _first(walk, page)
    walk.album.take(walk.window, "locations")
    page = _page(walk, "providers")
    _first(walk, page)
    assert isinstance(page.form, ProviderForm)
    walk.album.take(walk.window, "provider")
    week = page.form.week.picture
    page.face.scroll.ensureWidgetVisible(week)
    robot.pause(30)
    before = week.pieces
    for piece in [p for p in before if p.weeks == EVERY]:
        left, right = week.column(week.days().index(piece.weekday))
        x, end = (left + right) // 2, week.level(piece.ends_minute)
        to = week.level(piece.starts_minute + 60)
        robot.drag(week, QPoint(x, end - 2), QPoint(x, to))
    sure("the hours are shorter", week.pieces != before)
    walk.album.take(walk.window, "hours-drawn")
    robot.click(page.save_button)
    until("the question", page.face.impact.isVisible)
    robot.click(page.face.impact.show_them)
    sure("the visits are listed", page.face.impact.model.rowCount() > 0)
    walk.album.take(walk.window, "hours-impact")
    robot.click(page.face.impact.back)
    robot.click(page.discard_button)
    sure("nothing was saved", week.pieces == before and not page.unsaved)


def time_off(walk: Walk) -> None:
    """Two weeks of vacation are one line; taken back they leave nothing."""
    from clinic_desk.views.operational.provider_page import ProviderForm

    page = _page(walk, "providers")
    _first(walk, page)
    assert isinstance(page.form, ProviderForm)
    days = page.form.days
    page.face.scroll.ensureWidgetVisible(days.add)
    standing = len(page.card.days)
    day = walk.window.desk.today() + timedelta(days=200)
    days.first.setDate(days.first.date().addDays((day - walk.window.desk.today()).days))
    days.last.setDate(days.first.date().addDays(13))
    robot.write(days.reason, "Vacation")
    robot.click(days.add)
    _save(walk, page)
    sure("fourteen days away", len(page.card.days) == standing + 14)
    walk.album.take(walk.window, "time-off")
    days.list.setFocus()
    days.list.setCurrentRow(days.list.count() - 1)
    robot.click(days.remove)
    _save(walk, page)
    sure("all days back", len(page.card.days) == standing)


def meeting(walk: Walk) -> None:
    """A weekly meeting is written where the time is free, and goes again."""
    from clinic_desk.views.operational.event_page import EventForm

    page = _page(walk, "events")
    robot.click(page.face.add)
    assert isinstance(page.form, EventForm)
    robot.write(page.form.title, "Morning huddle")
    page.form.repeat.kind.setFocus()
    robot.key(page.form.repeat.kind, Qt.Key.Key_Down, times=2)
    page.form.repeat.kind.activated.emit(page.form.repeat.kind.currentIndex())
    _save(walk, page)
    sure("it comes back", page.card is not None and page.card.left > 20)
    walk.album.take(walk.window, "meeting")
    robot.click(page.face.remove)
    until("it is gone", lambda: page.card is None)
    walk.quiet()


def forms(walk: Walk) -> None:
    """Each category shows its forms, and a form tells in which it stands."""
    from clinic_desk.views.operational.form_builder import TriageForm, TriageForms

    page = _page(walk, "triage-forms")
    assert isinstance(page.book, TriageForms)
    assert isinstance(page.form, TriageForm)
    panel, form = page.book.categories, page.form
    until("the categories", lambda: len(panel.cards) > 1)
    robot.key(panel.list, Qt.Key.Key_Home)
    everything = len(page.face.model.shown)
    seen = 0
    for card in panel.cards:
        robot.key(panel.list, Qt.Key.Key_Down)
        sure("the next category", panel.category_id == card.id)
        seen += len(page.face.model.shown)
        _first(walk, page)
        sure("its form", page.card.category_id == card.id == form.category.currentData())
        walk.album.take(walk.window, f"forms-of-category-{card.position + 1}")
    sure("every form stands in one", seen == everything)
    robot.key(panel.list, Qt.Key.Key_Home)


def _save(walk: Walk, page: BookPage) -> None:
    """Save, anyway where that is asked."""
    robot.click(page.save_button)
    walk.quiet()
    if page.face.impact.isVisible():
        robot.click(page.face.impact.save)
    until("it is saved", lambda: not page.unsaved)
    walk.quiet()
