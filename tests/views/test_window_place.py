"""Several windows: none lies exactly on another, none reaches beyond the screen."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.views.window_place import STEP, cascade


@pytest.mark.parametrize("share", [0.4, 0.95])
def test_each_window_stands_a_step_away_from_all_others_within_the_screen(
    qtbot: QtBot, share: float
) -> None:
    made: list[QWidget] = []
    for _number in range(6):
        window = QWidget()
        qtbot.addWidget(window)
        screen = window.screen().availableGeometry()
        window.setMinimumSize(screen.size() * 0.35)
        window.resize(screen.size() * share)
        window.move(screen.topLeft())
        cascade(window, made)
        window.show()
        assert screen.contains(window.geometry())
        made.append(window)
    places = [(window.x(), window.y()) for window in made]
    assert len(set(places)) == len(made)
    assert places[1] == (places[0][0] + STEP, places[0][1] + STEP)


def test_beside_a_window_that_fills_the_screen_the_next_one_does_not(qtbot: QtBot) -> None:
    first, second = QWidget(), QWidget()
    for window in (first, second):
        qtbot.addWidget(window)
    first.showMaximized()
    second.showMaximized()
    cascade(second, [first])
    assert not second.isMaximized()
    assert second.pos() != first.pos()
