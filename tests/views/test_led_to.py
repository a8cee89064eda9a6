"""Each shipped role signs in and opens all that it is offered: nothing refuses by itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk import config
from clinic_desk.rules.permissions import ROLES
from clinic_desk.services import accounts, demo
from clinic_desk.services.demo_mark import PASSWORD
from clinic_desk.services.store import Store, open_store
from clinic_desk.views import crash, theme
from clinic_desk.views.background import Background
from clinic_desk.views.desk import Desk
from clinic_desk.views.live import Live
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.messages import Message, Tone
from clinic_desk.views.operational.book_page import BookPage
from clinic_desk.views.pages_screen import PagesScreen
from clinic_desk.views.remember import Memory

LEFT = Qt.MouseButton.LeftButton
QUIET = (Tone.PLAIN, Tone.GOOD)


@pytest.fixture(scope="module")
def clinic_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The demo clinic, made once, and who has which role."""
    path = tmp_path_factory.mktemp("roles") / "demo.db"
    info = demo.prepare(config.sqlite_url(path))
    return path, {user.role: user.name for user in info.organisations[0].users}


@pytest.fixture
def store(clinic_file: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Store]:
    """A copy for one test."""
    shutil.copy(clinic_file[0], tmp_path / "demo.db")
    opened = open_store(config.sqlite_url(tmp_path / "demo.db"))
    yield opened
    opened.close()


@pytest.fixture
def troubles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went wrong without anybody asking."""
    found: list[str] = []
    monkeypatch.setattr(crash, "report", lambda error: found.append(repr(error)))
    return found


def quiet(qtbot: QtBot, desk: Desk) -> None:
    """Wait until what a click asked for is answered."""
    for _again in range(2):
        qtbot.wait(15)
        qtbot.waitUntil(lambda: desk.background.idle, timeout=10_000)


def signed_in(
    qtbot: QtBot,
    store: Store,
    background: Background,
    memory: Memory,
    name: str,
    troubles: list[str],
) -> MainWindow:
    theme.apply(QApplication.instance(), "light")  # type: ignore[arg-type]
    actor = accounts.sign_in(store, name, PASSWORD)
    desk = Desk(actor, background, store.catalogue(actor.organisation_id))

    def said(message: Message) -> None:
        if message.tone not in QUIET:
            troubles.append(message.text)

    desk.said.connect(said)
    live = Live(desk)
    window = MainWindow(desk, memory, live)
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    quiet(qtbot, desk)
    return window


def click(qtbot: QtBot, window: MainWindow, part: QWidget) -> None:
    QTest.mouseClick(part, LEFT, pos=part.rect().center())
    quiet(qtbot, window.desk)


def shown(stack: QStackedWidget) -> QWidget:
    found = stack.currentWidget()
    assert found is not None
    return found


def open_first_line(qtbot: QtBot, window: MainWindow, page: QWidget) -> None:
    """Press Down in the page's list, as whoever looks into it does."""
    for seen in page.findChildren(QAbstractItemView):
        if seen.isVisible() and seen.model().rowCount():
            seen.setFocus()
            QTest.keyClick(seen, Qt.Key.Key_Down)
            quiet(qtbot, window.desk)
            return


@pytest.mark.parametrize("role", list(ROLES))
def test_no_section_that_a_role_is_offered_refuses(
    qtbot: QtBot,
    clinic_file: tuple[Path, dict[str, str]],
    store: Store,
    background: Background,
    memory: Memory,
    troubles: list[str],
    role: str,
) -> None:
    window = signed_in(qtbot, store, background, memory, clinic_file[1][role], troubles)
    assert troubles == []
    offered = window.navigation.buttons
    assert shown(window.screens).objectName() == ("calendar" if "calendar" in offered else "home")
    for name, made in offered.items():
        click(qtbot, window, made)
        screen = shown(window.screens)
        assert screen.objectName() == name
        if not isinstance(screen, PagesScreen):
            open_first_line(qtbot, window, screen)
            continue
        assert screen.list.count(), f"{name} leads nowhere"
        for place in range(screen.list.count()):
            screen.list.setFocus()
            screen.list.setCurrentRow(place)
            quiet(qtbot, window.desk)
            page = shown(screen.stack)
            fields = [w for w in page.findChildren(QWidget) if w.isVisible() and w.isEnabled()]
            assert fields, f"nothing can be done on {screen.current}"
            open_first_line(qtbot, window, page)
        assert troubles == [], name
    assert troubles == []
    assert not window.messages.isVisible()


def test_a_partner_is_told_where_the_role_leads_and_has_no_calendar(
    qtbot: QtBot,
    clinic_file: tuple[Path, dict[str, str]],
    store: Store,
    background: Background,
    memory: Memory,
    troubles: list[str],
) -> None:
    window = signed_in(qtbot, store, background, memory, clinic_file[1]["Partner"], troubles)
    assert list(window.navigation.buttons) == ["home", "admin"]
    home = window.screens.home
    assert home.ways.isVisible() and not home.visits.isVisible() and not home.book.isVisible()
    assert "Partner" in home.ways.told.text()
    assert not window.mini_month.isVisible() and not window.pinboard.isVisible()
    assert not window.actions_.menus["appointment"].menuAction().isVisible()
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    quiet(qtbot, window.desk)
    assert window.screens.currentWidget() is home
    click(qtbot, window, home.ways.buttons["admin"])
    assert window.screens.admin.current == "account"
    assert troubles == []


def test_who_may_only_look_is_told_so_at_the_foot_and_finds_no_dead_buttons(
    qtbot: QtBot,
    clinic_file: tuple[Path, dict[str, str]],
    store: Store,
    background: Background,
    memory: Memory,
    troubles: list[str],
) -> None:
    window = signed_in(qtbot, store, background, memory, clinic_file[1]["Front Desk"], troubles)
    click(qtbot, window, window.navigation.buttons["operational"])
    page = window.screens.operational.page("locations")
    assert isinstance(page, BookPage)
    open_first_line(qtbot, window, page)
    face = page.face
    assert face.only_seen.isVisible() and "Location Update All" in face.only_seen.text()
    assert not page.save_button.isVisible() and not page.discard_button.isVisible()
    assert troubles == []


def test_who_may_not_answer_a_request_reads_why(
    qtbot: QtBot,
    clinic_file: tuple[Path, dict[str, str]],
    store: Store,
    background: Background,
    memory: Memory,
    troubles: list[str],
) -> None:
    window = signed_in(qtbot, store, background, memory, clinic_file[1]["Front Desk"], troubles)
    click(qtbot, window, window.navigation.buttons["requests"])
    screen = window.screens.requests
    qtbot.waitUntil(screen.approve.isVisible)
    for made, permission in (
        (screen.approve, "Appointment Request Approve"),
        (screen.decline, "Appointment Reject"),
    ):
        assert not made.isEnabled()
        assert permission in made.toolTip()
    assert troubles == []


def test_who_may_book_begins_a_booking_from_home(
    qtbot: QtBot,
    clinic_file: tuple[Path, dict[str, str]],
    store: Store,
    background: Background,
    memory: Memory,
    troubles: list[str],
) -> None:
    from clinic_desk.views.booking.flow import BookingFlow

    window = signed_in(qtbot, store, background, memory, clinic_file[1]["Front Desk"], troubles)
    click(qtbot, window, window.navigation.buttons["home"])
    assert window.screens.home.book.isVisible() and not window.screens.home.ways.isVisible()
    click(qtbot, window, window.screens.home.book)
    flow = window.findChild(BookingFlow)
    assert flow is not None and flow.isVisible()
    flow.close()
    quiet(qtbot, window.desk)
    assert troubles == []
