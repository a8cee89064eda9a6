"""The very first start: language, database, clinic; and a server that asks for a password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import keyring
import psycopg
import pytest
from keyring.backends import fail
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk import config, i18n
from clinic_desk.services import safe
from clinic_desk.services.safe import Place
from clinic_desk.services.store import open_store
from clinic_desk.views import robot
from clinic_desk.views.app import Desktop
from clinic_desk.views.first_run import DatabaseChoice, LanguageChoice
from clinic_desk.views.remember import Memory
from clinic_desk.views.start_window import StartWindow
from tests import builders, databases
from tests.services.test_server_check import rules  # noqa: F401 - a fixture
from tests.views.conftest import PASSWORD, a_user_who_signs_in, quiet


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A computer where nothing was ever chosen, without a keyring."""
    folder = tmp_path / "home"
    monkeypatch.setenv(config.HOME_VARIABLE, str(folder))
    monkeypatch.delenv(config.DATABASE_VARIABLE, raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    monkeypatch.setattr(safe, "_memory", {})
    yield folder
    keyring.set_keyring(before)


@pytest.fixture
def program(qtbot: QtBot, home: Path) -> Iterator[Desktop]:
    made = start(home)
    yield made
    for window in list(made.windows):
        window.close()
    if made.start is not None:
        made.start.close()
    made.close()
    made.deleteLater()


def start(home: Path) -> Desktop:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    made = Desktop(application, config.load().database, Memory(home))
    made.open()
    return made


def shown(desktop: Desktop) -> StartWindow:
    assert desktop.start is not None
    return desktop.start


def database_page(qtbot: QtBot, desktop: Desktop) -> DatabaseChoice:
    page = robot.find(shown(desktop), LanguageChoice, "first-language")
    robot.click(page.go)
    found = robot.find(shown(desktop), DatabaseChoice, "first-database")
    qtbot.waitUntil(lambda: desktop.background.idle)
    return found


def test_language_this_computer_and_the_demo_are_three_clicks(
    qtbot: QtBot, program: Desktop, home: Path
) -> None:
    page = database_page(qtbot, program)
    assert page.local.isChecked() and not page.box.isVisible()
    robot.click(page.go)
    window = shown(program)
    qtbot.waitUntil(lambda: window.findChild(QAbstractButton, "start-demo") is not None)
    assert config.saved_settings()["database"] == config.default_database(home)
    assert config.saved_settings()["language"].startswith("en")


def test_pointing_at_a_language_speaks_it_at_once_and_back_leads_back(
    qtbot: QtBot, program: Desktop
) -> None:
    page = robot.find(shown(program), LanguageChoice, "first-language")
    names = [page.list.item(n).text() for n in range(page.list.count())]
    assert "Deutsch" in names and "العربية" in names
    item = page.list.item(names.index("Deutsch"))
    QTest.mouseClick(
        page.list.viewport(), Qt.MouseButton.LeftButton, pos=page.list.visualItemRect(item).center()
    )
    assert i18n.language() == "de"
    qtbot.wait(50)
    page = robot.find(shown(program), LanguageChoice, "first-language")
    assert page.tag() == "de"
    choice = database_page(qtbot, program)
    robot.click(robot.find(choice, QAbstractButton, "database-back"))
    assert robot.find(shown(program), LanguageChoice, "first-language").isVisible()


def fill(page: DatabaseChoice, url: str, user: str, password: str = "") -> None:
    parts = urlsplit(url)
    QTest.mouseClick(page.shared, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    page.port.setValue(parts.port or 0)
    for field, text in (
        (page.host, parts.hostname or ""),
        (page.name, parts.path[1:]),
        (page.user, user),
        (page.password, password),
    ):
        field.clear()
        QTest.keyClicks(field, text)


def test_a_server_is_tried_before_it_is_chosen_and_what_is_wrong_stands_at_its_field(
    qtbot: QtBot, program: Desktop, tmp_path: Path
) -> None:
    url, remove = databases.fresh("postgresql", tmp_path)
    made = open_store(url)
    a_user_who_signs_in(builders.a_clinic(made))
    made.close()
    page = database_page(qtbot, program)
    fill(page, url, "clinic")
    assert not page.go.isEnabled() and "Test" in page.go.toolTip()
    QTest.keyClicks(page.name, "x")
    robot.click(page.test)
    wrong = robot.find(page, QWidget, "database-fields-name-wrong")
    qtbot.waitUntil(wrong.isVisible, timeout=15_000)
    assert not page.go.isEnabled()
    QTest.keyClick(page.name, Qt.Key.Key_Backspace)
    assert not wrong.isVisible()
    QTest.keyClick(page.name, Qt.Key.Key_Return)
    qtbot.waitUntil(page.go.isEnabled, timeout=15_000)
    assert "There is a clinic" in page.told.text()
    robot.click(page.go)
    qtbot.waitUntil(lambda: shown(program).sign_in is not None, timeout=15_000)
    assert program.url == config.saved_settings()["database"]
    form = shown(program).sign_in
    assert form is not None
    form.name.setText("kim")
    form.password.setText(PASSWORD)
    form.submit()
    qtbot.waitUntil(lambda: len(program.windows) == 1, timeout=15_000)
    assert program.desk is not None
    quiet(qtbot, program.desk)
    program.windows[0].close()
    program.close()
    remove()


def grant(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as line:
        line.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO desk_pw")
        line.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO desk_pw")


@pytest.mark.usefixtures("rules")
def test_the_servers_password_stands_in_no_settings_and_is_asked_for_where_it_is_not_kept(
    qtbot: QtBot, program: Desktop, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, remove = databases.fresh("postgresql", tmp_path)
    made = open_store(url)
    a_user_who_signs_in(builders.a_clinic(made))
    made.close()
    grant(url)
    secret = "right: / @ #"
    page = database_page(qtbot, program)
    assert [page.keep.itemData(n) for n in range(page.keep.count())] == [Place.MEMORY, Place.FILE]
    fill(page, url, "desk_pw", secret)
    robot.click(page.test)
    qtbot.waitUntil(page.go.isEnabled, timeout=15_000)
    robot.click(page.go)
    qtbot.waitUntil(lambda: shown(program).sign_in is not None, timeout=15_000)
    written = "".join(p.read_text("utf-8", "replace") for p in home.rglob("*") if p.is_file())
    assert "right" not in written
    told = [label.text() for label in shown(program).findChildren(QLabel)]
    assert not any("right" in text for text in told)

    monkeypatch.setattr(safe, "_memory", {})  # the program was ended
    shown(program).close()
    program.close()
    again = start(home)
    window = shown(again)
    qtbot.waitUntil(lambda: window.findChild(QWidget, "start-password") is not None, timeout=15_000)
    field = robot.find(window, QWidget, "start-password")
    QTest.keyClicks(field, secret)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.sign_in is not None, timeout=15_000)
    window.close()
    again.close()
    again.deleteLater()
    remove()
