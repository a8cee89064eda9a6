"""What a hand has drawn wider or narrower is so at the next start; a small window makes room."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHeaderView, QSplitter, QTableView, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk import i18n
from clinic_desk.views import theme
from clinic_desk.views.cases.opening import open_case
from clinic_desk.views.desk import Desk
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.navigation import NavigationButton
from clinic_desk.views.pages_screen import PagesScreen
from clinic_desk.views.remember import Memory
from clinic_desk.views.widgets import select_row
from tests import builders
from tests.views.conftest import elsewhere, quiet

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> None:
    theme.apply(qapp, "light")


def opened(qtbot: QtBot, desk: Desk, memory: Memory, size: tuple[int, int]) -> MainWindow:
    window = MainWindow(desk, memory)
    qtbot.addWidget(window)
    window.resize(*size)
    window.show()
    quiet(qtbot, desk)
    return window


def draw(splitter: QSplitter, by: int) -> None:
    """Take the handle after the first part and let it go elsewhere."""
    handle = splitter.handle(1)
    at = handle.rect().center()
    QTest.mousePress(handle, LEFT, pos=at)
    QTest.mouseMove(handle, at + QPoint(by, 0))
    QTest.mouseRelease(handle, LEFT, pos=at + QPoint(by, 0))


def draw_column(table: QTableView, place: int, by: int) -> None:
    """Take the right edge of a heading and let it go elsewhere."""
    header = table.horizontalHeader()
    edge = QPoint(
        header.sectionViewportPosition(place) + header.sectionSize(place) - 1, header.height() // 2
    )
    QTest.mousePress(header.viewport(), LEFT, pos=edge)
    QTest.mouseMove(header.viewport(), edge + QPoint(by, 0))
    QTest.mouseRelease(header.viewport(), LEFT, pos=edge + QPoint(by, 0))


def splitter_of(window: MainWindow, section: str, name: str) -> QSplitter:
    QTest.mouseClick(window.navigation.buttons[section], LEFT)
    screen = window.screens.currentWidget()
    assert screen is not None
    if isinstance(screen, PagesScreen):
        screen.show_page(name.partition("-")[0])
    found = screen.findChild(QSplitter, name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("patients", "patients-splitter"),
        ("operational", "locations-splitter"),
        ("admin", "staff-splitter"),
    ],
)
def test_a_splitter_stands_where_it_was_left(
    qtbot: QtBot,
    clinic: builders.Clinic,
    desk: Desk,
    memory: Memory,
    section: str,
    name: str,
) -> None:
    window = opened(qtbot, desk, memory, (1440, 900))
    splitter = splitter_of(window, section, name)
    quiet(qtbot, desk)
    before = splitter.sizes()
    draw(splitter, 90)
    drawn = splitter.sizes()
    assert drawn[0] == pytest.approx(before[0] + 90, abs=3)
    window.close()
    again = opened(qtbot, desk, memory, (1440, 900))
    splitter = splitter_of(again, section, name)
    quiet(qtbot, desk)
    assert splitter.sizes() == pytest.approx(drawn, abs=2)


def test_the_page_of_a_case_has_the_size_and_the_parts_of_last_time(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, memory: Memory
) -> None:
    case = elsewhere(builders.a_case, clinic)
    window = opened(qtbot, desk, memory, (1440, 900))
    page = open_case(desk, case, window)
    quiet(qtbot, desk)
    page.resize(780, 660)
    draw(page.splitter, 60)
    drawn = page.splitter.sizes()
    page.close()
    quiet(qtbot, desk)
    again = open_case(desk, case, window)
    quiet(qtbot, desk)
    assert (again.width(), again.height()) == (780, 660)
    assert again.splitter.sizes() == pytest.approx(drawn, abs=2)
    again.close()


def test_a_column_keeps_the_width_that_a_hand_gave_it(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, memory: Memory
) -> None:
    window = opened(qtbot, desk, memory, (1440, 900))
    QTest.mouseClick(window.navigation.buttons["patients"], LEFT)
    quiet(qtbot, desk)
    table = window.screens.patients.list.table
    header = table.horizontalHeader()
    assert header.sectionResizeMode(1) == QHeaderView.ResizeMode.Interactive
    before = header.sectionSize(1)
    draw_column(table, 1, -20)
    drawn = header.sectionSize(1)
    assert drawn == before - 20
    table.resizeColumnToContents(1)
    assert header.sectionSize(1) == drawn  # the program sizes it no more
    window.close()
    again = opened(qtbot, desk, memory, (1440, 900))
    QTest.mouseClick(again.navigation.buttons["patients"], LEFT)
    quiet(qtbot, desk)
    header = again.screens.patients.list.table.horizontalHeader()
    assert header.sectionSize(1) == drawn
    QTest.mouseDClick(
        header.viewport(),
        LEFT,
        pos=QPoint(header.sectionViewportPosition(1) + drawn - 1, header.height() // 2),
    )
    assert again.memory.numbers("sizes/columns/patients-table") == []


def cut_tabs(page: QWidget) -> bool:
    from PySide6.QtWidgets import QTabBar, QToolButton

    bars = [bar for bar in page.findChildren(QTabBar) if bar.isVisible()]
    assert bars
    return any(b.isVisible() for bar in bars for b in bar.findChildren(QToolButton))


@pytest.mark.parametrize("language", ["en_US", "de", "ar"])
@pytest.mark.parametrize("size", [(1024, 700), (1280, 720)])
def test_in_a_small_window_lists_and_forms_have_the_room(
    qtbot: QtBot,
    clinic: builders.Clinic,
    desk: Desk,
    memory: Memory,
    language: str,
    size: tuple[int, int],
) -> None:
    i18n.set_language(language)
    if language == "ar":
        QApplication.instance().setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # type: ignore[union-attr]
    window = opened(qtbot, desk, memory, size)
    assert not window.sidebar.is_compact
    QTest.mouseClick(window.navigation.buttons["patients"], LEFT)
    quiet(qtbot, desk)
    small = size[0] < 1280
    assert window.sidebar.is_compact is small
    assert window.mini_month.isVisible() is not small
    made: NavigationButton = window.navigation.buttons["admin"]
    assert bool(made.toolTip()) is small
    select_row(window.screens.patients.list.table, 0)
    quiet(qtbot, desk)
    card = window.screens.patients.card
    assert card.tabs.isVisible() and not cut_tabs(card)
    for place in range(card.tabs.count()):
        assert card.tabs.tabToolTip(place) == card.tabs.tabText(place)
    QTest.mouseClick(window.navigation.buttons["calendar"], LEFT)
    assert window.mini_month.isVisible()
    assert window.sidebar.width() >= 236


@pytest.mark.parametrize("language", ["en_US", "de"])
def test_no_page_is_scrolled_sideways_in_a_small_window(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, memory: Memory, language: str
) -> None:
    from PySide6.QtWidgets import QAbstractScrollArea

    i18n.set_language(language)
    window = opened(qtbot, desk, memory, (1024, 700))
    cut = []
    for section in ("operational", "admin"):
        QTest.mouseClick(window.navigation.buttons[section], LEFT)
        screen = getattr(window.screens, section)
        for place in range(screen.list.count()):
            screen.list.setCurrentRow(place)
            quiet(qtbot, desk)
            for table in screen.stack.currentWidget().findChildren(QTableView):
                if table.isVisible() and table.model().rowCount() > 0:
                    select_row(table, 0)
                    quiet(qtbot, desk)
                    break
            cut += [
                (screen.current, area.objectName())
                for area in screen.stack.currentWidget().findChildren(QAbstractScrollArea)
                if area.isVisible() and area.horizontalScrollBar().isVisible()
            ]
    assert cut == []
