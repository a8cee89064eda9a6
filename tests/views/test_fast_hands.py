"""Requests are answered one by one, however fast the hand; every answer can be taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.rules.errors import Busy
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services import requests
from clinic_desk.services.actor import Actor
from clinic_desk.views import requests_screen, robot
from clinic_desk.views.main_window import MainWindow
from tests import builders
from tests.views.conftest import quiet, stored

HOURS = (8, 9, 10, 11)


@pytest.fixture
def waiting(clinic: builders.Clinic) -> list[int]:
    """Requests of four patients, one after the other."""
    names = ("Ada", "Bo", "Cy", "Di")
    return [
        builders.an_appointment(
            clinic,
            clinic.span(hour),
            status="requested",
            patient_id=builders.a_patient(clinic, first_name=name, last_name=f"Number{hour}"),
        )
        for hour, name in zip(HOURS, names, strict=True)
    ]


@pytest.fixture
def screen(qtbot: QtBot, waiting: list[int], window: MainWindow) -> requests_screen.RequestsScreen:
    window.show_screen("requests")
    quiet(qtbot, window.desk)
    qtbot.waitUntil(lambda: window.screens.requests.model.rowCount() == len(waiting))
    window.screens.requests.table.setFocus()
    return window.screens.requests


def click(button: QWidget) -> None:
    """A click where the mouse is already."""
    QTest.mouseClick(button, robot.LEFT, robot.PLAIN, QPoint(12, button.height() // 2))


def move_over(button: QWidget) -> None:
    """The mouse moves from where it clicked."""
    for x in (14, 26):
        at = QPointF(x, button.height() // 2)
        none = Qt.MouseButton.NoButton
        where = QPointF(button.mapToGlobal(at.toPoint()))
        move = QMouseEvent(QEvent.Type.MouseMove, at, where, none, none, robot.PLAIN)
        QApplication.sendEvent(button, move)


def approved(actor: Actor, numbers: list[int]) -> int:
    return sum(stored(actor, number).status is Status.SCHEDULED for number in numbers)


def test_fast_clicks_approve_one_request(
    qtbot: QtBot,
    waiting: list[int],
    screen: requests_screen.RequestsScreen,
    window: MainWindow,
    actor: Actor,
) -> None:
    for _n in range(4):
        click(screen.approve)
        qtbot.wait(60)
    quiet(qtbot, window.desk)
    assert approved(actor, waiting) == 1


def test_after_a_while_with_the_next_one_in_sight_a_click_is_meant(
    qtbot: QtBot,
    waiting: list[int],
    screen: requests_screen.RequestsScreen,
    window: MainWindow,
    actor: Actor,
) -> None:
    click(screen.approve)
    qtbot.waitUntil(lambda: screen.model.rowCount() == 3)
    qtbot.wait(requests_screen.SETTLE_MS + 80)
    click(screen.approve)
    quiet(qtbot, window.desk)
    assert approved(actor, waiting) == 2


def test_after_the_mouse_moved_a_click_is_meant(
    qtbot: QtBot,
    waiting: list[int],
    screen: requests_screen.RequestsScreen,
    window: MainWindow,
    actor: Actor,
) -> None:
    click(screen.approve)
    qtbot.waitUntil(lambda: screen.model.rowCount() == 3)
    move_over(screen.approve)
    click(screen.approve)
    quiet(qtbot, window.desk)
    assert approved(actor, waiting) == 2


def test_a_key_held_down_approves_one_request(
    qtbot: QtBot,
    waiting: list[int],
    screen: requests_screen.RequestsScreen,
    window: MainWindow,
    actor: Actor,
) -> None:
    for again in (False, True, True, True, True, True, True, True, True, True):
        press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, robot.PLAIN, "a", again)
        QApplication.sendEvent(screen.table, press)
        qtbot.wait(100)
    quiet(qtbot, window.desk)
    assert approved(actor, waiting) == 1


def test_a_button_held_down_by_the_space_bar_approves_one_request(
    qtbot: QtBot,
    waiting: list[int],
    screen: requests_screen.RequestsScreen,
    window: MainWindow,
    actor: Actor,
) -> None:
    screen.approve.setFocus()
    for _n in range(4):
        QTest.keyClick(screen.approve, Qt.Key.Key_Space)
    quiet(qtbot, window.desk)
    assert approved(actor, waiting) == 1


def test_the_undo_of_every_approval_stays_in_reach(
    qtbot: QtBot,
    waiting: list[int],
    screen: requests_screen.RequestsScreen,
    window: MainWindow,
    actor: Actor,
) -> None:
    for left in (3, 2, 1):
        click(screen.approve)
        qtbot.waitUntil(lambda left=left: screen.model.rowCount() == left)  # type: ignore[misc]
        move_over(screen.approve)
    assert approved(actor, waiting) == 3
    assert "3" in window.messages.text
    assert window.messages.undo.text() == "Undo all"
    robot.click(window.messages.undo)
    quiet(qtbot, window.desk)
    assert approved(actor, waiting) == 0
    assert window.desk.own.to_undo is None


# Why not -----------------------------------------------------------------------------------------


def in_dialog(act: Callable[[QDialog], object]) -> list[bool]:
    """Do something in the dialog that opens next; tells afterwards that it opened."""
    opened: list[bool] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and dialog.isActiveWindow():
            opened.append(True)
            try:
                act(dialog)
            finally:
                dialog.reject()
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)
    return opened


def test_declining_names_the_patient_and_says_beside_the_field_that_a_reason_is_missing(
    qtbot: QtBot, screen: requests_screen.RequestsScreen, window: MainWindow
) -> None:
    told: list[str] = []

    def act(dialog: QDialog) -> None:
        about = robot.find(dialog, QLabel, "reason-about")
        missing = robot.find(dialog, QLabel, "reason-missing")
        told.append(about.text())
        assert not missing.isVisible()
        robot.click(robot.find(dialog, QPushButton, "reason-go"))
        told.append(missing.text() if missing.isVisible() else "")
        assert dialog.isVisible()
        field = robot.find(dialog, QLineEdit, "reason-field")
        assert field.hasFocus()
        robot.write(field, "x")
        assert not missing.isVisible()

    opened = in_dialog(act)
    click(screen.decline)
    assert opened
    card = screen.current()
    assert card is not None
    assert "Number8" in told[0]
    assert "8:00" in told[0]
    assert "reason" in told[1].lower()


def test_what_is_undone_names_the_patient(
    qtbot: QtBot, screen: requests_screen.RequestsScreen, window: MainWindow
) -> None:
    click(screen.approve)
    quiet(qtbot, window.desk)
    assert "Number8" in window.actions_["undo"].text()
    window.desk.undo()
    quiet(qtbot, window.desk)
    assert "Number8" in window.messages.text


def test_after_a_refusal_the_same_request_can_be_approved_at_once(
    qtbot: QtBot,
    waiting: list[int],
    screen: requests_screen.RequestsScreen,
    window: MainWindow,
    actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def busy(*_args: object, **_more: object) -> None:
        raise Busy

    with monkeypatch.context() as patched:
        patched.setattr(requests, "approve", busy)
        QTest.keyClick(screen.table, Qt.Key.Key_A)
        quiet(qtbot, window.desk)
    assert "Number8" in window.messages.text
    QTest.keyClick(screen.table, Qt.Key.Key_A)
    quiet(qtbot, window.desk)
    assert approved(actor, waiting) == 1
