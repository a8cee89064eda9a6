"""What was done is told over the foot of a page, and covers nothing that is pressed next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
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
    button, place = save(page)
    button.setEnabled(False)
    bar = MessageBar(page, page.window())
    bar.show_message(Message("Changed", Tone.GOOD))
    assert not bar.geometry().intersects(place)  # it can be read that there is nothing to save
    button.hide()
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


def test_the_end_of_a_long_page_can_be_scrolled_out_from_under_a_message(
    page: QWidget, qtbot: QtBot
) -> None:
    area, inner, long = QScrollArea(), page.layout(), QWidget()
    fields = QVBoxLayout(long)
    lines = [QLineEdit() for _n in range(30)]
    for line in lines:
        fields.addWidget(line)
    area.setWidgetResizable(True)
    area.setWidget(long)
    text = QPlainTextEdit("\n".join("line" for _n in range(90)))
    assert isinstance(inner, QVBoxLayout)
    inner.insertWidget(0, area, 3)
    inner.activate()
    bar, scroll = MessageBar(page, page.window()), area.verticalScrollBar()
    qtbot.waitUntil(lambda: scroll.maximum() > 0)
    foot, end = fields.contentsMargins(), scroll.maximum()

    def last_stands_free() -> bool:
        scroll.setValue(scroll.maximum())
        foot_of_last = lines[-1].mapTo(page.window(), QPoint(0, lines[-1].height()))
        return foot_of_last.y() <= bar.mapTo(page.window(), QPoint(0, 0)).y()

    bar.show_message(Message("Changed", Tone.ERROR))
    qtbot.waitUntil(lambda: scroll.maximum() > end)
    assert scroll.value() == 0
    qtbot.waitUntil(last_stands_free)
    bar.clear()
    assert fields.contentsMargins() == foot

    area.hide()
    inner.insertWidget(0, text, 3)
    inner.activate()
    seen = text.viewport()
    qtbot.waitUntil(lambda: seen.isVisible() and seen.height() > 2 * bar.height())
    frame = text.height() - seen.height()  # as wide as the theme draws it
    bar.show_message(Message("Changed", Tone.ERROR))
    qtbot.waitUntil(
        lambda: seen.mapTo(page.window(), QPoint(0, seen.height())).y() <= bar.geometry().top()
    )
    bar.clear()
    qtbot.waitUntil(lambda: text.height() - seen.height() == frame)
