"""Small things that cost a receptionist time: where to look next, what to type, where to drop."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from clinic_desk.rules.errors import Busy
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import diary
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard, OpeningCard
from clinic_desk.views import robot
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.patient_search import PatientTableModel
from tests import builders
from tests.views.conftest import elsewhere, quiet, stored

TUE = 1


def at(window: MainWindow, column: int, hour: float) -> QPoint:
    board = window.calendar.board
    left, right = board.grid.edges(column)
    return QPoint((left + right) // 2, board.grid.y(hour * 60)) - board.offset


def shown(qtbot: QtBot, window: MainWindow, hour: float = 8) -> None:
    window.calendar.periods.renew()
    quiet(qtbot, window.desk)
    window.calendar.board.verticalScrollBar().setValue(
        window.calendar.board.grid.y(round(hour * 60))
    )


def ways(window: MainWindow) -> list[str]:
    """What the refusal offers, from the top."""
    buttons = window.panel.refusal.ways.findChildren(QAbstractButton)
    return [button.text() for button in buttons if button.isVisible()]


def test_a_refused_stretch_offers_earlier_starts_of_the_same_day_in_the_order_of_time(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    patient = elsewhere(builders.a_patient, clinic)
    elsewhere(builders.an_appointment, clinic, clinic.span(10, 30), patient_id=patient)
    shown(qtbot, window)
    QTest.mouseClick(
        window.calendar.board.viewport(), robot.LEFT, robot.PLAIN, at(window, TUE, 10.25)
    )
    for _n in range(2):
        assert window.calendar.board.stretch(1)
        quiet(qtbot, window.desk)
    refusal = window.panel.refusal
    qtbot.waitUntil(lambda: refusal.isVisible() and refusal.ways.first() is not None)
    offered = ways(window)
    assert any("9:45" in text for text in offered[:2]), offered
    robot.click(refusal.ways.first())  # type: ignore[arg-type]
    quiet(qtbot, window.desk)
    moved = stored(actor, number)
    assert moved.span.starts_at < clinic.at(10)
    assert moved.span.minutes == 45


def test_free_times_stand_in_the_order_of_time(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, actor: Actor
) -> None:
    elsewhere(builders.a_provider, clinic)
    elsewhere(builders.a_provider, clinic)
    window.desk.renew_catalogue()
    elsewhere(builders.an_appointment, clinic, clinic.span(10))
    patient = elsewhere(builders.a_patient, clinic)
    elsewhere(builders.an_appointment, clinic, clinic.span(12), patient_id=patient)
    shown(qtbot, window)
    board = window.calendar.board
    robot.drag(board.viewport(), at(window, TUE, 10.25), at(window, TUE, 12.25))
    refusal = window.panel.refusal
    qtbot.waitUntil(lambda: refusal.isVisible() and refusal.ways.first() is not None)
    qtbot.waitUntil(lambda: len(ways(window)) == 4)
    later = [OpeningCard(clinic.span(hour), clinic.provider_id, None, None) for hour in (15, 9, 13)]
    near = refusal.ways._nearest(later, 2)
    assert [one.span for one in near] == [clinic.span(13), clinic.span(15)]


def test_who_was_in_the_way_of_saving_is_told_with_the_visit_and_that_nothing_was_saved(
    qtbot: QtBot,
    clinic: builders.Clinic,
    window: MainWindow,
    actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    card = stored(actor, number)

    def busy(*_args: object, **_more: object) -> None:
        raise Busy

    monkeypatch.setattr(diary, "set_status", busy)
    window.visits.set_status(card, Status.CONFIRMED)
    quiet(qtbot, window.desk)
    assert card.patient_name.split(",")[0] in window.messages.text
    assert "Not saved" in window.messages.text


def test_the_command_line_says_when_nothing_is_found_and_what_can_be_typed(
    qtbot: QtBot, window: MainWindow
) -> None:
    palette = window.palette_
    palette.open("")
    qtbot.waitUntil(palette.isVisible)
    robot.write(palette.field, "xyzzyx")
    qtbot.waitUntil(lambda: "Nothing found" in palette.hint.text())
    quiet(qtbot, window.desk)
    assert "+3w" in palette.hint.text()
    assert not palette.list.isVisible()
    palette.field.clear()
    robot.write(palette.field, "month")
    assert palette.list.isVisible()
    assert "Enter" in palette.hint.text()
    palette.close()


def test_a_long_name_stands_in_one_line_beside_its_birth_date(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow
) -> None:
    for first in ("Charlotte", "Charles"):
        elsewhere(builders.a_patient, clinic, first_name=first, last_name="McAllister")
    window.calendar.drops.new_at_cursor()
    qtbot.waitUntil(lambda: window.panel.has_form)
    search = window.panel.form.search
    robot.write(search.field, "mcall")
    qtbot.waitUntil(search.table.isVisible)
    name = search.model.index(0, PatientTableModel.NAME).data()
    wide = search.table.columnWidth(PatientTableModel.NAME)
    assert not search.table.wordWrap()
    assert QFontMetrics(search.table.font()).horizontalAdvance(str(name)) + 6 <= wide
    assert not search.table.isColumnHidden(PatientTableModel.BORN)


@pytest.mark.parametrize("below", [4, 160])
def test_a_visit_may_be_dropped_anywhere_on_the_pinboards_area(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow, below: int
) -> None:
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    shown(qtbot, window)
    viewport = window.calendar.board.viewport()
    target = window.sidebar.mapToGlobal(QPoint(60, window.pinboard.y() + below))
    assert window.sidebar.rect().contains(window.sidebar.mapFromGlobal(target))
    robot.drag(viewport, at(window, TUE, 10.25), viewport.mapFromGlobal(target))
    quiet(qtbot, window.desk)
    assert [card.id for card in window.pinboard.cards] == [number]


def test_a_visit_dropped_above_the_pinboard_is_not_pinned(
    qtbot: QtBot, clinic: builders.Clinic, window: MainWindow
) -> None:
    elsewhere(builders.an_appointment, clinic, clinic.span(10))
    shown(qtbot, window)
    viewport = window.calendar.board.viewport()
    target = window.navigation.mapToGlobal(QPoint(30, 10))
    robot.drag(viewport, at(window, TUE, 10.25), viewport.mapFromGlobal(target))
    assert not window.pinboard.cards
    card = window.calendar.board.selection
    assert isinstance(card, AppointmentCard)
    assert card.span == clinic.span(10)
    QTest.keyClick(window.calendar.board, Qt.Key.Key_Escape)
