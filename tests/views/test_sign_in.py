"""From the first start to the signed-in window."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QPushButton,
    QStyle,
    QStyleOptionComboBox,
)
from pytestqt.qtbot import QtBot

from clinic_desk import config, i18n
from clinic_desk.rules.errors import Damaged
from clinic_desk.services import accounts, diary
from clinic_desk.services.store import Store, open_store
from clinic_desk.views import robot
from clinic_desk.views.app import Desktop
from clinic_desk.views.background import Background
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.first_run import DatabaseChoice
from clinic_desk.views.founding_form import FoundingForm
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.messages import EVERYTHING
from clinic_desk.views.remember import Memory
from clinic_desk.views.sign_in import SignIn
from tests import builders, databases
from tests.views.conftest import PASSWORD, a_user_who_signs_in, quiet, stored

Start = Callable[[str], Desktop]


@pytest.fixture
def started(qtbot: QtBot, tmp_path: Path) -> Iterator[Start]:
    """Starts the desktop on a database."""
    opened: list[Desktop] = []

    def start(url: str) -> Desktop:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        desktop = Desktop(application, url, Memory(tmp_path))
        opened.append(desktop)
        desktop.open()
        return desktop

    yield start
    for desktop in opened:
        for window in list(desktop.windows):
            window.close()
        if desktop.start is not None:
            desktop.start.close()
        desktop.close()
        desktop.deleteLater()


def test_the_right_name_and_password_open_the_window(
    qtbot: QtBot, store: Store, clinic: builders.Clinic, started: Start
) -> None:
    a_user_who_signs_in(clinic)
    desktop = started(store.url)
    start = desktop.start
    assert start is not None
    qtbot.waitUntil(lambda: start.sign_in is not None)
    form = start.sign_in
    assert form is not None
    QTest.keyClicks(form.name, "KIM")
    QTest.keyClicks(form.password, "wrong")
    QTest.keyClick(form.password, Qt.Key.Key_Return)
    qtbot.waitUntil(form.told.isVisible)
    assert "do not fit" in form.told.text()
    assert desktop.windows == []
    form.password.clear()
    QTest.keyClicks(form.password, PASSWORD)
    QTest.keyClick(form.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(desktop.windows) == 1, timeout=10_000)
    assert desktop.start is None
    assert "Test Clinic" in desktop.windows[0].windowTitle()


def test_signing_out_asks_again_and_forgets_the_desk(
    qtbot: QtBot, store: Store, clinic: builders.Clinic, started: Start
) -> None:
    a_user_who_signs_in(clinic)
    desktop = started(store.url)
    for _time in range(2):
        qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
        assert desktop.start is not None
        form = desktop.start.sign_in
        assert form is not None
        form.name.setText("kim")
        form.password.setText(PASSWORD)
        form.submit()
        qtbot.waitUntil(lambda: len(desktop.windows) == 1, timeout=10_000)
        desktop.windows[0].actions_["sign-out"].trigger()
        assert desktop.windows == []
    assert desktop.desk is None


def test_signing_out_leaves_no_connection_and_no_thread(
    qtbot: QtBot, tmp_path: Path, started: Start
) -> None:
    url, remove = databases.fresh("postgresql", tmp_path)
    made = open_store(url)
    a_user_who_signs_in(builders.a_clinic(made))
    made.close()

    def connections() -> int:
        with psycopg.connect(databases.server_url(), autocommit=True) as line:
            name = urlsplit(url).path[1:]
            found = line.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (name,)
            ).fetchone()
        return int(found[0]) if found else 0

    def threads() -> list[str]:
        return sorted(thread.name for thread in threading.enumerate())

    desktop = started(url)
    seen = []
    for _time in range(4):
        qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
        qtbot.waitUntil(lambda: desktop.background.idle)
        seen.append((connections(), threads()))
        assert desktop.start is not None
        form = desktop.start.sign_in
        assert form is not None
        form.name.setText("kim")
        form.password.setText(PASSWORD)
        form.submit()
        qtbot.waitUntil(lambda: len(desktop.windows) == 1, timeout=10_000)
        assert desktop.desk is not None
        quiet(qtbot, desktop.desk)
        assert connections() > 1
        desktop.windows[0].actions_["sign-out"].trigger()
    assert max(count for count, _names in seen) <= 2, "a line for each reader"
    assert all(names == seen[0][1] for _count, names in seen)
    qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
    remove()


def test_what_was_asked_for_last_is_saved_before_the_desk_is_left(
    qtbot: QtBot, store: Store, clinic: builders.Clinic, started: Start
) -> None:
    a_user_who_signs_in(clinic)
    number = builders.an_appointment(clinic, clinic.span(10))
    desktop = started(store.url)
    qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
    assert desktop.start is not None
    form = desktop.start.sign_in
    assert form is not None
    form.name.setText("kim")
    form.password.setText(PASSWORD)
    form.submit()
    qtbot.waitUntil(lambda: len(desktop.windows) == 1, timeout=10_000)
    desk = desktop.desk
    assert desk is not None
    desktop.background.write(time.sleep, 0.3)
    desk.do(diary.move, number, span=clinic.span(14), version=1, label="Move")
    desktop.windows[0].actions_["sign-out"].trigger()
    assert desktop.start is not None
    qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
    assert stored(builders.an_actor(clinic), number).span == clinic.span(14)


def test_signing_out_waits_for_the_answer_about_something_typed(
    qtbot: QtBot, store: Store, clinic: builders.Clinic, started: Start
) -> None:
    a_user_who_signs_in(clinic)
    actor = builders.an_actor(clinic)
    number = builders.an_appointment(clinic, clinic.span(10))
    desktop = started(store.url)
    qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
    assert desktop.start is not None
    form = desktop.start.sign_in
    assert form is not None
    form.name.setText("kim")
    form.password.setText(PASSWORD)
    form.submit()
    qtbot.waitUntil(lambda: len(desktop.windows) == 1, timeout=10_000)
    first = desktop.windows[0]
    first.actions_["new-window"].trigger()
    second = desktop.windows[1]
    second.open_editor(stored(actor, number))
    editor = second.editors[number]
    QTest.keyClicks(editor.form.notes, "typed")
    for way in ("keep", "save"):
        first.actions_["sign-out"].trigger()
        assert desktop.windows == [first, second]
        (question,) = [q for q in editor.findChildren(LeavingQuestion) if q.isVisible()]
        robot.click(robot.find(question, QAbstractButton, f"leaving-{way}"))
    qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
    assert desktop.windows == []
    assert stored(actor, number).notes == "typed"


def test_two_windows_share_one_desk(
    qtbot: QtBot, store: Store, clinic: builders.Clinic, started: Start
) -> None:
    a_user_who_signs_in(clinic)
    desktop = started(store.url)
    qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
    assert desktop.start is not None
    form = desktop.start.sign_in
    assert form is not None
    form.name.setText("kim")
    form.password.setText(PASSWORD)
    form.submit()
    qtbot.waitUntil(lambda: len(desktop.windows) == 1, timeout=10_000)
    desktop.windows[0].actions_["new-window"].trigger()
    assert len(desktop.windows) == 2
    assert desktop.desk is not None
    quiet(qtbot, desktop.desk)
    desktop.windows[1].calendar.set_view(View.LIST)
    desktop.windows[1].close()
    assert len(desktop.windows) == 1
    quiet(qtbot, desktop.desk)
    desktop.desk.set_zone("Asia/Tokyo")
    desktop.desk.announce([EVERYTHING])
    desktop.background.slow.emit("nothing that the closed window would tell")
    quiet(qtbot, desktop.desk)


def test_wrong_passwords_make_wait_longer_and_longer_and_the_right_one_opens_afterwards(
    qtbot: QtBot,
    store: Store,
    clinic: builders.Clinic,
    started: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accounts, "_guard", accounts._Guard())
    a_user_who_signs_in(clinic)
    desktop = started(store.url)
    qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
    assert desktop.start is not None and desktop.start.sign_in is not None
    form = desktop.start.sign_in
    QTest.keyClicks(form.name, "kim")
    waits = []
    for _wrong in range(accounts.FREE_TRIES + 4):
        form.password.clear()
        QTest.keyClicks(form.password, "a guess")
        QTest.keyClick(form.password, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: form.password.isEnabled() and form.told.isVisible())
        if form.countdown.running:
            waits.append(int("".join(filter(str.isdigit, form.told.text()))))
        qtbot.waitUntil(lambda: not form.countdown.running, timeout=6000)
    assert waits == sorted(waits) and waits[0] < waits[-1]
    form.password.clear()
    QTest.keyClicks(form.password, PASSWORD)
    QTest.keyClick(form.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(desktop.windows) == 1, timeout=10_000)


def test_at_the_door_another_database_can_be_chosen_and_the_first_one_is_let_go(
    qtbot: QtBot, tmp_path: Path, started: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(config.HOME_VARIABLE, str(tmp_path / "home"))
    url, remove = databases.fresh("postgresql", tmp_path)
    made = open_store(url)
    a_user_who_signs_in(builders.a_clinic(made))
    made.close()
    desktop = started(url)
    start = desktop.start
    assert start is not None
    qtbot.waitUntil(lambda: start.sign_in is not None)
    robot.click(robot.find(start, QAbstractButton, "sign-in-other"))
    qtbot.waitUntil(lambda: isinstance(start.page, DatabaseChoice))
    page = start.page
    assert isinstance(page, DatabaseChoice)
    assert page.shared.isChecked() and page.name.text() == urlsplit(url).path[1:]
    with psycopg.connect(databases.server_url()) as line:
        asked = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = %s"
        qtbot.waitUntil(lambda: line.execute(asked, (page.name.text(),)).fetchone() == (0,))
    robot.click(page.local)
    robot.click(page.go)
    qtbot.waitUntil(lambda: start.findChild(QAbstractButton, "start-own") is not None)
    remove()


def test_an_empty_database_offers_the_demo_or_a_clinic_of_ones_own(
    qtbot: QtBot, tmp_path: Path, started: Start
) -> None:
    desktop = started(config.sqlite_url(tmp_path / "new" / "clinic.db"))
    start = desktop.start
    assert start is not None
    qtbot.waitUntil(lambda: start.findChild(QAbstractButton, "start-own") is not None)
    assert start.findChild(QAbstractButton, "start-demo") is not None
    robot.click(robot.find(start, QAbstractButton, "start-own"))
    form = robot.find(start, FoundingForm, "founding")

    def told(name: str) -> QLabel:
        return robot.find(form, QLabel, f"founding-fields-{name}-wrong")

    form.submit()
    assert told("clinic").isVisible()
    form.clinic.setText("My Clinic")
    form.zone.setCurrentText("Europe/Vienna")
    form.last.setText("Gruber")
    form.user.setText("Eva")
    form.password.setText("short")
    form.submit()
    assert "8" in told("password").text()
    form.password.setText("long enough")
    form.again.setText("another one")
    form.submit()
    assert "differ" in told("again").text()
    form.again.setText("long enough")
    form.submit()
    qtbot.waitUntil(lambda: start.sign_in is not None, timeout=15_000)
    sign_in = start.sign_in
    assert sign_in is not None
    sign_in.name.setText("eva")
    sign_in.password.setText("long enough")
    sign_in.submit()
    qtbot.waitUntil(lambda: len(desktop.windows) == 1, timeout=10_000)
    assert "My Clinic" in desktop.windows[0].windowTitle()
    assert desktop.desk is not None
    assert desktop.desk.may("Appointment Create")


def test_a_file_that_is_no_database_is_refused_with_a_sentence_and_another_try(
    qtbot: QtBot, tmp_path: Path, started: Start
) -> None:
    file = tmp_path / "broken.db"
    file.write_bytes(b"this is no database at all, only a text of some length" * 40)
    desktop = started(config.sqlite_url(file))
    start = desktop.start
    assert start is not None
    qtbot.waitUntil(lambda: start.findChild(QLabel, "start-problem") is not None)
    assert robot.find(start, QLabel, "start-problem").text()
    file.unlink()
    robot.click(robot.find(start, QAbstractButton, "start-again"))
    qtbot.waitUntil(lambda: start.findChild(QAbstractButton, "start-demo") is not None)


def test_a_database_that_goes_away_between_password_and_clinic_is_told_with_a_way_out(
    qtbot: QtBot, store: Store, clinic: builders.Clinic, started: Start
) -> None:
    a_user_who_signs_in(clinic)
    desktop = started(store.url)
    start = desktop.start
    assert start is not None
    qtbot.waitUntil(lambda: start.sign_in is not None)
    qtbot.waitUntil(lambda: desktop.background.idle)

    desktop._not_entered(Damaged(path="clinic.db"))

    told = start.findChild(QLabel, "start-problem")
    assert isinstance(told, QLabel)
    qtbot.waitUntil(told.isVisible)
    assert "not a sound" in told.text()
    again = start.findChild(QPushButton, "start-again")
    assert isinstance(again, QPushButton)
    robot.click(again)
    qtbot.waitUntil(lambda: start.sign_in is not None and start.sign_in.isVisible())


def test_whoever_is_in_the_demo_clinic_is_read_whole_with_the_role_in_the_users_language(
    qtbot: QtBot, store: Store, background: Background
) -> None:
    users = {"director": "Dr Alexandra Montgomery · Clinical Director · Fairhaven Dental Group"}
    i18n.set_language("de")
    form = SignIn(store, background, server="here", demo_users=users)
    qtbot.addWidget(form)
    form.resize(640, 740)
    form.show()

    option = QStyleOptionComboBox()
    form.demo.initStyleOption(option)
    edit = QStyle.SubControl.SC_ComboBoxEditField
    kind = QStyle.ComplexControl.CC_ComboBox
    field = form.demo.style().subControlRect(kind, option, edit, form.demo)
    text = form.demo.currentText()
    assert form.demo.fontMetrics().horizontalAdvance(text) <= field.width()
    assert "Klinische Leitung" in text and "Montgomery" in text
