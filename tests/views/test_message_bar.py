"""What was done is told over the foot of a page, and covers nothing that is pressed next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.views import robot
from clinic_desk.views.message_bar import AWAY_MS, MessageBar
from clinic_desk.views.messages import Message, Tone


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[QWidget]:
    """A window with one button at its foot, in the middle."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 600)
    inner = QWidget()
    inner.setLayout(QVBoxLayout())
    inner.layout().addStretch(1)  # type: ignore[union-attr]
    inner.layout().addWidget(QPushButton("Save"))  # type: ignore[union-attr]
    around = QVBoxLayout(window)
    around.setContentsMargins(0, 0, 0, 0)
    around.addWidget(inner)
    with qtbot.waitExposed(window):
        window.show()
    yield inner
    window.close()


def save(page: QWidget) -> tuple[QPushButton, QRect]:
    found = page.findChild(QPushButton)
    assert isinstance(found, QPushButton)
    return found, QRect(found.mapTo(page.window(), QPoint(0, 0)), found.size())


def test_a_message_leaves_the_buttons_of_a_page_free(page: QWidget) -> None:
    bar = MessageBar(page, page.window())
    bar.show_message(Message("Changed", Tone.GOOD, undo=1))
    _button, place = save(page)

    assert not bar.geometry().intersects(place)
    assert place.top() - bar.geometry().bottom() < 20


def test_a_message_gives_way_to_a_button_that_comes_later(qtbot: QtBot, page: QWidget) -> None:
    button, _place = save(page)
    button.hide()
    bar = MessageBar(page, page.window())
    bar.show_message(Message("Changed", Tone.GOOD, undo=1))
    before = bar.geometry()
    button.show()
    qtbot.wait(2 * AWAY_MS)

    assert bar.geometry().bottom() < before.bottom()
    assert not bar.geometry().intersects(save(page)[1])


def test_with_nothing_below_it_stands_at_the_foot(page: QWidget) -> None:
    button, _place = save(page)
    button.setEnabled(False)
    bar = MessageBar(page, page.window())
    bar.show_message(Message("Changed", Tone.GOOD))

    assert page.window().height() - bar.geometry().bottom() < 20


def test_what_was_saved_in_several_deeds_is_undone_as_a_whole_the_last_first(
    qtbot: QtBot, page: QWidget
) -> None:
    bar = MessageBar(page, page.window())
    asked: list[int] = []
    bar.undo_wanted.connect(asked.append)
    bar.show_message(Message("Saved: Dr. Ada Lee", Tone.GOOD, undo=9, earlier=(7, 8)))
    assert (bar.text, bar.undo.text()) == ("Saved: Dr. Ada Lee", "Undo")
    robot.click(bar.undo)

    assert asked == [9, 8, 7] and not bar.isVisible()


def test_a_message_leaves_a_field_free_where_there_is_room_above_it(page: QWidget) -> None:
    field = QLineEdit()
    inner = page.layout()
    assert isinstance(inner, QVBoxLayout)
    inner.insertWidget(1, field)
    inner.activate()
    bar = MessageBar(page, page.window())
    bar.show_message(Message("Changed", Tone.GOOD, undo=1))
    place = QRect(field.mapTo(page.window(), QPoint(0, 0)), field.size())

    assert place.height() and not bar.geometry().intersects(place)
    assert not bar.geometry().intersects(save(page)[1])
