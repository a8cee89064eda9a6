"""Texts begin where lines of the language begin, whatever script they are written in."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.views.widgets import column, label

RIGHT, LEFT = Qt.LayoutDirection.RightToLeft, Qt.LayoutDirection.LeftToRight


def ink(made: QLabel) -> tuple[int, int]:
    """The first and the last column of pixels that are not background."""
    picture = made.grab().toImage()
    ground = picture.pixel(picture.width() // 2, 1)
    inked = [
        x
        for x in range(picture.width())
        if any(picture.pixel(x, y) != ground for y in range(picture.height()))
    ]
    return inked[0], inked[-1]


@pytest.mark.parametrize("direction", [LEFT, RIGHT])
@pytest.mark.parametrize("text", ["Dr Chen", "\u2068Smith, Jane\u2069", "زهرا كريمي", "4711"])
@pytest.mark.parametrize("role", ["title", "heading", ""])
@pytest.mark.parametrize("selectable", [False, True])
def test_a_line_begins_at_the_side_of_the_language(
    qtbot: QtBot, direction: Qt.LayoutDirection, text: str, role: str, selectable: bool
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    made = label("", role=role, wrap=True)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    window.setLayout(column(made))
    window.setLayoutDirection(direction)
    window.resize(400, 60)
    window.show()
    made.setText(text)
    first, last = ink(made)
    if direction == LEFT:
        assert first < 12
    else:
        assert last > made.width() - 12


def test_what_stands_in_the_middle_stays_there(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    made = label("Dr Chen")
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    window.setLayout(column(made))
    window.setLayoutDirection(RIGHT)
    assert made.alignment() == Qt.AlignmentFlag.AlignCenter
