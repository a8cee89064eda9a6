"""Pictures: mended in part they are the same as painted as a whole; text can be read."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from clinic_desk.rules import colour
from clinic_desk.rules.lifecycle import Status
from clinic_desk.services.cards import Origin
from clinic_desk.views import theme
from clinic_desk.views.agenda import icons, pages
from clinic_desk.views.agenda.board import AgendaBoard
from clinic_desk.views.agenda.card_painting import _write
from clinic_desk.views.agenda.layout import Item, Layout
from clinic_desk.views.agenda.looks import Manner, shade, signs
from tests.views.agenda import made

NOW = datetime(2031, 5, 20, 8, 0, tzinfo=UTC)


def rgb(shown: QColor) -> tuple[int, int, int]:
    return shown.red(), shown.green(), shown.blue()


def many(count: int = 60):
    rng = random.Random(7)
    statuses = [*Status]
    return [
        made.visit(
            n,
            made.hour(rng.randrange(7), rng.randrange(8, 17), rng.choice((0, 15, 30)),
                      minutes=rng.choice((15, 30, 60))),
            status=statuses[n % len(statuses)],
        )
        for n in range(1, count)
    ]  # fmt: skip


@given(
    st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}"),
    st.sampled_from([*Status]),
    st.sampled_from(["light", "dark"]),
)
def test_the_text_of_a_card_reads_on_any_colour(chosen, status, name):
    card = made.visit(1, made.hour(0, 9), type=replace(made.EXAM, colour=chosen), status=status)
    look = shade(card, theme.load(name))
    grounds = [look.fill, *([look.pattern] if look.pattern else [])]

    for ink in (look.ink, look.strong, look.soft):
        for ground in grounds:
            assert colour.contrast(rgb(ink), rgb(ground)) >= 4.5
    if look.manner in (Manner.PLAIN, Manner.STRIPED):
        assert colour.contrast(rgb(look.stripe), rgb(look.fill)) >= 3


def test_statuses_are_told_apart_without_colour():
    told = {
        status: (shade(card, theme.load("light")).manner, tuple(signs(card)))
        for status in Status
        if status is not Status.DECLINED
        for card in [made.visit(1, made.hour(0, 9), status=status)]
    }

    assert len(set(told.values())) == len(told)


def test_a_card_carries_a_sign_for_everything_that_matters():
    card = made.visit(
        1,
        made.hour(0, 9),
        status=Status.ARRIVED,
        in_room_at=NOW,
        overbooked=True,
        patient_alert="Latex",
        origin=Origin.PARTNER,
        series_id=4,
    )

    assert signs(card, pending=True) == [
        "pending", "in-room", "overbooked", "alert", "partner", "series"
    ]  # fmt: skip
    assert set(signs(card)) < set(icons.NAMES)


@pytest.mark.parametrize("name", icons.NAMES)
def test_every_sign_is_drawn_inside_its_square(qapp, name):
    shown = icons.pixmap(name, 32, QColor("black")).toImage()
    inked = sum(shown.pixelColor(x, y).alpha() > 60 for x in range(32) for y in range(32))

    assert 40 < inked < 700


@pytest.mark.parametrize(
    "direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft]
)
def test_mending_gives_the_same_picture_as_painting_anew(qtbot, direction):
    board = made.shown(qtbot, *many(), direction=direction)
    board.set_now(NOW)
    changed = [*many()[:-9], made.visit(99, made.hour(3, 11))]
    board.set_data(made.diary(changed))
    board.verticalScrollBar().setValue(board.verticalScrollBar().value() + 37)
    board.set_data(made.diary(changed[3:]))
    mended = made.picture(board)
    board._renew_picture()

    assert made.picture(board) == mended


def test_a_small_change_paints_a_small_part(qtbot):
    cards = many()
    board = made.shown(qtbot, *cards)
    made.picture(board)
    before = board.canvas.painted
    board.set_data(made.diary([*cards, made.visit(99, made.hour(6, 16))]))
    made.picture(board)
    whole = board.viewport().width() * board.viewport().height()

    assert 0 < board.canvas.painted - before < whole / 20


def test_lifting_a_card_paints_its_rectangle_only(qtbot):
    board = made.shown(qtbot, *many())
    made.picture(board)
    before, pos = board.canvas.painted, made.middle(board, 1)
    made.press(board, pos)
    made.move(board, pos + QPoint(0, 14), pos + QPoint(0, 60))
    made.picture(board)
    item = made.item(board, 1)

    assert board.canvas.painted - before <= (item.w + 2) * (item.h + 2)
    board.cancel()


def test_a_refresh_without_news_paints_nothing(qtbot):
    cards = many()
    board = made.shown(qtbot, *cards)
    made.picture(board)
    before = board.canvas.painted
    board.set_data(made.diary(cards))
    made.picture(board)

    assert board.canvas.painted == before


def test_another_theme_paints_the_calendar_in_its_colours(qtbot, qapp):
    board = made.shown(qtbot, *many())
    try:
        theme.apply(qapp, "dark")
        shown = board.viewport().grab().toImage()
        corner = shown.pixelColor(
            board.grid.edges(2)[1] - 4, board.grid.y(19 * 60) - board.offset.y()
        )
        assert corner.lightness() < 80
    finally:
        theme.apply(qapp, "light")


def test_the_card_of_another_zone_says_its_own_time(qtbot):
    card = made.visit(1, made.hour(0, 15), time_zone="America/New_York")
    board = made.shown(qtbot, card)

    assert "9:00" in board.ruler.clock.of_card(card, 900, 960, made.ZONE)
    assert "New York" in board.ruler.clock.of_card(card, 900, 960, made.ZONE)


def test_a_narrow_card_of_another_zone_says_when_it_begins_by_its_own_clock(qtbot):
    card = made.visit(1, made.hour(0, 15), time_zone="America/New_York")
    meeting = replace(made.event(2, made.hour(1, 15)), time_zone="America/New_York")
    board = made.shown(qtbot, card, events=[meeting])
    board.resize(620, 800)
    found: dict[Any, Any] = {}
    for item in board.layout_.items():
        _write(item, shade(item.card, theme.current()), board.scene.work, found, [])
    told = [word.text for _face, _colour, words in found.values() for word in words]

    assert [text for text in told if text.startswith("9:00") and "3:00" not in text]
    assert not [text for text in told if "3:00" in text]


def test_strangers_see_initials(qtbot):
    board = made.shown(qtbot, made.visit(1, made.hour(0, 9), patient_name="Jane Smith"))
    board.set_initials(True)
    board.select(1)
    board.toggle_hover()

    assert "Jane" not in board.hover.text
    assert "J. S." in board.hover.text


def test_fitting_the_day_shows_all_working_hours(qtbot):
    board = made.shown(qtbot, *many())
    board.fit_day()
    top, bottom = board.offset.y(), board.offset.y() + board.viewport().height()

    assert abs(top - board.grid.y(8 * 60)) <= 1
    bar = board.horizontalScrollBar().sizeHint().height()  # whether there is one or not
    assert 0 <= bottom - board.grid.y(18 * 60) <= bar + 1
    board.resize(1100, 600)
    assert abs(board.offset.y() - board.grid.y(8 * 60)) <= 1


def test_a_crowded_week_that_fits_the_day_lays_out_its_cards_once(qtbot, monkeypatch):
    """Its bar for scrolling across comes with the cards, and takes height away."""
    board = AgendaBoard()
    qtbot.addWidget(board)
    board.resize(1100, 800)
    board.set_catalogue(made.CATALOGUE)
    board.set_view("week", made.MONDAY)
    board.fit_day()
    with qtbot.waitExposed(board):
        board.show()
    crowd = [made.visit(n, made.hour(n % 7, 10)) for n in range(1, 400)]
    laid_out: list[int] = []
    arrange = Layout._arrange

    def counted(self: Layout, column: int, items: list[Item]) -> None:
        laid_out.append(len(items))
        arrange(self, column, items)

    monkeypatch.setattr(Layout, "_arrange", counted)

    board.set_data(made.diary(crowd))
    qtbot.wait(50)

    assert board.horizontalScrollBar().isVisible()
    assert sum(laid_out) == len(crowd)


def test_zoom_keeps_what_is_in_the_middle(qtbot):
    board = made.shown(qtbot, *many())
    half = board.viewport().height() // 2
    board.verticalScrollBar().setValue(300)
    before = board.grid.minute_at(board.offset.y() + half)
    board.set_zoom(96)

    assert abs(board.grid.minute_at(board.offset.y() + half) - before) < 2


def test_a_page_is_painted_light_whatever_the_theme(qapp):
    def page() -> QImage:
        image = QImage(1100, 800, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        pages.paint_page(
            painter, QRectF(0, 0, 1100, 800), made.diary(many()),
            kind="week", first_day=made.MONDAY, zone=made.ZONE, catalogue=made.CATALOGUE,
        )  # fmt: skip
        painter.end()
        return image

    light = page()
    theme.apply(qapp, "dark")
    try:
        assert page() == light
    finally:
        theme.apply(qapp, "light")
    assert isinstance(QApplication.instance(), QApplication)
