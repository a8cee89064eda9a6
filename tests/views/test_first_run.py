"""The very first start: language, database, clinic; and a server that asks for a password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import keyring
import psycopg
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import PasswordDeleteError, PasswordSetError
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk import config, i18n
from clinic_desk.services import founding, safe
from clinic_desk.services.founding import Founding
from clinic_desk.services.safe import Place
from clinic_desk.services.store import open_store
from clinic_desk.views import robot
from clinic_desk.views.app import Desktop
from clinic_desk.views.first_run import DatabaseChoice, LanguageChoice
from clinic_desk.views.founding_form import FoundingForm
from clinic_desk.views.remember import Memory
from clinic_desk.views.start_window import StartWindow
from tests import builders, databases
from tests.services.test_server_check import rules  # noqa: F401 - a fixture
from tests.views.conftest import PASSWORD, a_user_who_signs_in, elsewhere, quiet

SECRET = "right: / @ #"
"""As in the rules of the server."""


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


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A database without a clinic, on a server."""
    url, remove = databases.fresh("postgresql", tmp_path)
    yield url
    remove()


def grant(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as line:
        line.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO desk_pw")
        line.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO desk_pw")


def start(home: Path) -> Desktop:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    made = Desktop(application, config.load().database, Memory(home))
    made.open()
    return made


def shown(desktop: Desktop) -> StartWindow:
    assert desktop.start is not None
    return desktop.start


def shows(qtbot: QtBot, window: StartWindow, name: str) -> None:
    """Wait for a page with this on it."""
    qtbot.waitUntil(
        lambda: any(found.isVisible() for found in window.findChildren(QWidget, name)),
        timeout=15_000,
    )


def database_page(qtbot: QtBot, desktop: Desktop) -> DatabaseChoice:
    page = shown(desktop).page
    assert isinstance(page, LanguageChoice)
    robot.click(page.go)
    found = shown(desktop).page
    assert isinstance(found, DatabaseChoice)
    qtbot.waitUntil(lambda: desktop.background.idle)
    return found


def test_language_this_computer_and_the_demo_are_three_clicks(
    qtbot: QtBot, program: Desktop, home: Path
) -> None:
    page = database_page(qtbot, program)
    assert page.local.isChecked() and not page.box.isVisible()
    robot.click(page.go)
    window = shown(program)
    shows(qtbot, window, "start-demo")
    assert config.saved_settings()["database"] == config.default_database(home)
    assert config.saved_settings()["language"].startswith("en")


def press(window: StartWindow, key: Qt.Key) -> None:
    focus = window.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key)


def test_enter_leads_through_all_pages(qtbot: QtBot, program: Desktop) -> None:
    window = shown(program)
    press(window, Qt.Key.Key_Return)
    assert isinstance(window.page, DatabaseChoice)
    while not window.page.local.hasFocus():
        press(window, Qt.Key.Key_Backtab)
    press(window, Qt.Key.Key_Return)
    shows(qtbot, window, "start-own")
    robot.find(window, QWidget, "start-own").setFocus()
    press(window, Qt.Key.Key_Return)
    assert isinstance(window.page, FoundingForm)
    robot.find(window.page, QWidget, "founding-back").setFocus()
    press(window, Qt.Key.Key_Return)
    shows(qtbot, window, "start-own")
    robot.find(window, QWidget, "start-other").setFocus()
    press(window, Qt.Key.Key_Return)
    page = window.page
    assert isinstance(page, DatabaseChoice)
    robot.find(page, QWidget, "database-back").setFocus()
    press(window, Qt.Key.Key_Return)
    assert isinstance(window.page, LanguageChoice)


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
    qtbot: QtBot, program: Desktop, server: str
) -> None:
    made = open_store(server)
    a_user_who_signs_in(builders.a_clinic(made))
    made.close()
    page = database_page(qtbot, program)
    fill(page, server, "clinic")
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


def test_what_is_missing_is_told_at_its_field_and_what_was_typed_is_there_after_going_back(
    qtbot: QtBot, program: Desktop
) -> None:
    page = database_page(qtbot, program)
    fill(page, "postgresql://far.example.org:5433/clinic", "", "a secret")
    robot.click(page.test)
    assert robot.find(page, QWidget, "database-fields-user-wrong").isVisible()
    assert page.user.hasFocus()
    QTest.keyClicks(page.user, "kim")
    typed = page.typed()
    robot.click(robot.find(page, QAbstractButton, "database-back"))
    again = database_page(qtbot, program)
    assert again.shared.isChecked() and again.typed() == typed
    assert not again.go.isEnabled()


def test_on_a_small_screen_a_page_scrolls_to_what_is_wrong(qtbot: QtBot, program: Desktop) -> None:
    page = database_page(qtbot, program)
    fill(page, "postgresql://far.example.org:5433/clinic", "")
    window = shown(program)
    window.resize(640, 300)
    QTest.keyClick(page.certificate, Qt.Key.Key_Return)
    told = robot.find(page, QLabel, "database-fields-user-wrong")
    qtbot.waitUntil(lambda: not told.visibleRegion().isEmpty())
    page.certificate.setFocus()
    for _step in range(3):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: not page.test.visibleRegion().isEmpty())
    assert window.height() == 300


class Ring(KeyringBackend):
    """A keyring for one test; *full* refuses."""

    priority = 5
    full = False

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.full:
            raise PasswordSetError
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.mark.usefixtures("rules")
def test_a_clinic_of_ones_own_on_a_server_whose_password_goes_into_the_keyring(
    qtbot: QtBot, program: Desktop, server: str
) -> None:
    ring = Ring()
    keyring.set_keyring(ring)
    grant(server)
    page = database_page(qtbot, program)
    kept_in = [page.keep.itemData(n) for n in range(page.keep.count())]
    assert kept_in == [Place.KEYRING, Place.MEMORY] and not page.keep.hint.isVisible()
    fill(page, server, "desk_pw", SECRET)
    robot.click(page.test)
    qtbot.waitUntil(page.go.isEnabled, timeout=15_000)
    assert "empty" in page.told.text()
    robot.click(page.go)
    window = shown(program)
    shows(qtbot, window, "start-own")
    assert list(ring.kept.values()) == [SECRET]

    robot.click(robot.find(window, QAbstractButton, "start-own"))
    form = robot.find(window, FoundingForm, "founding")
    form.country.show_country("AT")
    for line, text in (
        (form.clinic, "Hill Clinic"), (form.last, "Gruber"), (form.user, "eva"),
        (form.password, PASSWORD), (form.again, PASSWORD + "x"),
    ):  # fmt: skip
        QTest.keyClicks(line, text)
    robot.click(robot.find(form, QAbstractButton, "founding-go"))
    assert robot.find(form, QWidget, "founding-fields-again-wrong").isVisible()
    robot.click(robot.find(form, QAbstractButton, "founding-back"))
    shows(qtbot, window, "start-own")
    robot.click(robot.find(window, QAbstractButton, "start-own"))
    assert form.isVisible() and form.clinic.text() == "Hill Clinic"
    QTest.keyClick(form.again, Qt.Key.Key_Backspace)
    QTest.keyClick(form.again, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.sign_in is not None, timeout=30_000)
    assert window.sign_in is not None and window.sign_in.name.text() == "eva"
    assert window.sign_in.password.hasFocus()
    made = open_store(config.with_password(program.url, SECRET))
    assert made.rows("SELECT name, country FROM organisation") == [("Hill Clinic", "AT")]
    made.close()
    window.close()
    program.close()


@pytest.mark.usefixtures("rules")
def test_a_keyring_that_refuses_leaves_the_choice_and_what_was_typed(
    qtbot: QtBot, program: Desktop, server: str
) -> None:
    ring = Ring()
    ring.full = True
    keyring.set_keyring(ring)
    grant(server)
    page = database_page(qtbot, program)
    fill(page, server, "desk_pw", SECRET)
    robot.click(page.test)
    qtbot.waitUntil(page.go.isEnabled, timeout=15_000)
    robot.click(page.go)
    qtbot.waitUntil(page.keep.hint.isVisible, timeout=15_000)
    assert "no safe" in page.told.text() and page.password.text() == SECRET
    page.keep.setFocus()
    QTest.keyClick(page.keep, Qt.Key.Key_Down)
    assert page.keep.place() is Place.FILE
    robot.click(page.go)
    window = shown(program)
    shows(qtbot, window, "start-own")
    window.close()
    program.close()


def test_somebody_who_was_first_is_told_and_what_was_typed_stays(
    qtbot: QtBot, program: Desktop
) -> None:
    page = database_page(qtbot, program)
    robot.click(page.go)
    window = shown(program)
    shows(qtbot, window, "start-own")
    robot.click(robot.find(window, QAbstractButton, "start-own"))
    form = robot.find(window, FoundingForm, "founding")
    form.country.show_country("AT")
    for line, text in (
        (form.clinic, "Mine"), (form.last, "Gruber"), (form.user, "eva"),
        (form.password, PASSWORD), (form.again, PASSWORD),
    ):  # fmt: skip
        QTest.keyClicks(line, text)
    wish = Founding("First", "UTC", "US", 1, "A", "B", "kim", PASSWORD)
    path = config.sqlite_path(program.url)
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    elsewhere(founding.found, program.url, wish)
    robot.click(robot.find(form, QAbstractButton, "founding-go"))
    qtbot.waitUntil(form.told.isVisible, timeout=15_000)
    assert "already" in form.told.text() and form.clinic.text() == "Mine"
    robot.click(robot.find(form, QAbstractButton, "founding-back"))
    qtbot.waitUntil(lambda: window.sign_in is not None, timeout=15_000)


@pytest.mark.usefixtures("rules")
def test_the_servers_password_stands_in_no_settings_and_is_asked_for_where_it_is_not_kept(
    qtbot: QtBot, program: Desktop, server: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = open_store(server)
    a_user_who_signs_in(builders.a_clinic(made))
    made.close()
    grant(server)
    page = database_page(qtbot, program)
    assert [page.keep.itemData(n) for n in range(page.keep.count())] == [Place.MEMORY, Place.FILE]
    fill(page, server, "desk_pw", SECRET)
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
    shows(qtbot, window, "start-password")
    field = robot.find(window, QWidget, "start-password")
    QTest.keyClicks(field, SECRET)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.sign_in is not None, timeout=15_000)
    window.close()
    again.close()
    again.deleteLater()
