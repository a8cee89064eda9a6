"""The tour through a case: its page from a visit, another name, its history, a series."""

from __future__ import annotations

from PySide6.QtCore import Qt

from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.case_cards import Scope
from clinic_desk.views import robot
from clinic_desk.views.appointment.series import SeriesPart
from clinic_desk.views.appointment.series_question import SeriesQuestion
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.cases.case_page import CasePage
from clinic_desk.views.robot import sure, until
from clinic_desk.views.tour_walk import MOVABLE, Walk, stored


def case(walk: Walk) -> None:
    """From the editor to the case; renamed; before and after in its history; one more visit."""
    card = _visit(walk)
    walk.window.open_editor(stored(walk, card.id))
    robot.click(walk.window.editors[card.id].case_button)
    walk.quiet()
    page = walk.window.findChild(CasePage)
    sure("the page of the case", page is not None)
    assert isinstance(page, CasePage)
    walk.album.take(page, "case")
    before = page.head.problem.text()
    robot.click(page.head.rename)
    robot.write(page.head.field, "Sensitive tooth, lower left")
    robot.key(page.head.field, Qt.Key.Key_Return)
    until("the new name", lambda: page.head.problem.text() == "Sensitive tooth, lower left")
    robot.click(page.visits.add)
    walk.quiet()
    walk.album.take(page, "case-add-appointment")
    count = len(page.visits.model.cards)
    sure("times are offered", page.visits.form.times)
    robot.click(page.visits.form.times[0])
    until("one more visit", lambda: len(page.visits.model.cards) == count + 1)
    page.tabs.setCurrentWidget(page.history)
    walk.quiet()
    model = page.history.model
    texts = [str(model.index(n, model.BEFORE).data()) for n in range(model.rowCount())]
    sure("the name before", any(before in text for text in texts))
    walk.album.take(page, "case-history")
    page.reject()
    for editor in list(walk.window.editors.values()):
        editor.reject()
    for _n in range(2):
        walk.window.desk.undo()
        walk.quiet()


def series(walk: Walk) -> None:
    """A visit comes back every fourth week; the following ones are cancelled; all taken back."""
    card = _visit(walk)
    window = walk.window
    window.open_editor(stored(walk, card.id))
    editor = window.editors[card.id]
    part = editor.parts.show_part("series")
    assert isinstance(part, SeriesPart)
    part.form.interval.setValue(4)
    robot.pause(300)
    walk.quiet()
    if part.next.isVisible():
        robot.click(part.next)
    walk.album.take(editor, "series")
    robot.click(part.book)
    until("the series", lambda: part.table.isVisible() and part.model.rowCount() > 1)
    walk.album.take(editor, "series-booked")
    robot.click(editor.head.buttons[Status.CANCELLED])
    asked = window.findChild(SeriesQuestion)
    sure("the question", asked is not None and asked.isVisible())
    assert isinstance(asked, SeriesQuestion)
    robot.click(asked.buttons[Scope.FOLLOWING])
    walk.quiet()
    walk.album.take(asked, "this-following-all")
    asked.reject()
    editor.reject()
    window.desk.undo()
    walk.quiet()
    sure("it is taken back", stored(walk, card.id).series_id is None)


def _visit(walk: Walk) -> AppointmentCard:
    """A visit of the shown week that can be moved and belongs to no series."""
    walk.show(View.WORKWEEK)
    for item in walk.board.layout_.items():
        card = item.card
        if isinstance(card, AppointmentCard) and card.status in MOVABLE and not card.series_id:
            return card
    raise robot.Failed("no visit that can be repeated")
