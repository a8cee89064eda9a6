"""The lock: what it hides, what it keeps, and who gets past it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import argon2
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk import config, i18n
from clinic_desk.models.people import User
from clinic_desk.services import accounts, conversation, sessions
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import Store, open_store
from clinic_desk.views import lock as lock_module
from clinic_desk.views import robot
from clinic_desk.views.admin.account_page import AccountPage
from clinic_desk.views.app import Desktop
from clinic_desk.views.appointment.chat import Chat
from clinic_desk.views.leaving import LeavingQuestion, Question
from clinic_desk.views.lock import Lock
from clinic_desk.views.lock_window import LockWindow
from clinic_desk.views.remember import Memory
from tests import builders, databases
from tests.fault_proxy import FaultProxy
from tests.views.conftest import PASSWORD, a_user_who_signs_in, elsewhere, quiet, stored

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "STANDARD", cheap)
    monkeypatch.setattr(accounts, "hash_password", cheap.hash)
    monkeypatch.setattr(accounts, "_guard", accounts._Guard())
    monkeypatch.setenv(config.HOME_VARIABLE, str(tmp_path / "home"))


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[str], Desktop]]:
    """Signs Kim in on a database."""
    opened: list[Desktop] = []

    def start(url: str) -> Desktop:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        desktop = Desktop(application, url, Memory(tmp_path))
        opened.append(desktop)
        desktop.open()
        sign_in(qtbot, desktop)
        return desktop

    yield start
    for desktop in opened:
        if desktop.lock is not None:
            desktop.lock.open()
        for window in list(desktop.windows):
            for editor in list(window.editors.values()):
                editor.discard()
            window.close()
        if desktop.start is not None:
            desktop.start.close()
        desktop.close()
        desktop.deleteLater()


def sign_in(qtbot: QtBot, desktop: Desktop, name: str = "kim", password: str = PASSWORD) -> None:
    qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
    assert desktop.start is not None and desktop.start.sign_in is not None
    form = desktop.start.sign_in
    form.name.setText(name)
    form.password.setText(password)
    form.submit()
    qtbot.waitUntil(lambda: len(desktop.windows) == 1, timeout=10_000)
    assert desktop.desk is not None
    desktop.windows[0].activateWindow()
    qtbot.waitUntil(desktop.windows[0].isActiveWindow)
    quiet(qtbot, desktop.desk)


@pytest.fixture
def kim(
    store: Store, clinic: builders.Clinic, program: Callable[[str], Desktop]
) -> tuple[Desktop, int]:
    """Kim, signed in; and the number of Jane Smith's visit."""
    a_user_who_signs_in(clinic)
    number = builders.an_appointment(clinic, clinic.span(10))
    return program(store.url), number


def locked(desktop: Desktop) -> LockWindow:
    assert desktop.lock is not None and desktop.lock.window is not None
    return desktop.lock.window


def seen() -> list[QWidget]:
    return [w for w in QApplication.topLevelWidgets() if w.isVisible()]


def unlock(qtbot: QtBot, window: LockWindow, password: str = PASSWORD) -> None:
    window.password.clear()
    QTest.keyClicks(window.password, password)
    QTest.keyClick(window.password, Qt.Key.Key_Return)


def test_ctrl_l_hides_every_window_and_the_password_brings_all_back_with_what_was_typed(
    qtbot: QtBot, kim: tuple[Desktop, int], clinic: builders.Clinic
) -> None:
    desktop, number = kim
    first = desktop.windows[0]
    first.actions_["new-window"].trigger()
    assert desktop.windows[1].pos() != first.pos()
    card = stored(builders.an_actor(clinic), number)
    first.open_editor(card)
    editor = first.editors[number]
    QTest.keyClicks(editor.form.notes, "half a sen")
    first.activateWindow()
    qtbot.waitUntil(first.isActiveWindow)
    QTest.keyClick(first, Qt.Key.Key_L, CTRL)

    window = locked(desktop)
    assert seen() == [window]
    told = [label.text() for label in window.findChildren(QLabel)] + [window.windowTitle()]
    assert not any("Smith" in text or "Jane" in text for text in told)
    assert any("Kim Doe" in text and "locked" in text for text in told)
    unlock(qtbot, window, "wrong")
    qtbot.waitUntil(window.told.isVisible)
    assert seen() == [window]
    unlock(qtbot, window)
    qtbot.waitUntil(first.isVisible)
    assert desktop.windows[1].isVisible() and editor.isVisible()
    assert editor.form.notes.toPlainText() == "half a sen"


def test_ctrl_l_locks_from_an_editor_too(
    qtbot: QtBot, kim: tuple[Desktop, int], clinic: builders.Clinic
) -> None:
    desktop, number = kim
    desktop.windows[0].open_editor(stored(builders.an_actor(clinic), number))
    editor = desktop.windows[0].editors[number]
    editor.activateWindow()
    qtbot.waitUntil(editor.isActiveWindow)
    handle = editor.windowHandle()
    assert handle is not None
    QTest.keyClick(handle, Qt.Key.Key_L, CTRL)
    assert seen() == [locked(desktop)]


def test_a_window_that_opens_behind_the_lock_is_seen_by_nobody_until_it_opens(
    qtbot: QtBot, kim: tuple[Desktop, int], clinic: builders.Clinic
) -> None:
    desktop, number = kim
    card = stored(builders.an_actor(clinic), number)
    assert desktop.lock is not None
    desktop.lock.lock()
    desktop.windows[0].open_editor(card)
    editor = desktop.windows[0].editors[number]
    qtbot.waitUntil(lambda: not editor.isVisible())
    assert seen() == [locked(desktop)]
    unlock(qtbot, locked(desktop))
    qtbot.waitUntil(editor.isVisible)
    assert not editor.testAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)


def test_a_question_that_is_waited_for_is_veiled_and_keeps_its_answer(
    qtbot: QtBot, kim: tuple[Desktop, int]
) -> None:
    desktop, _number = kim
    seen_veiled: list[bool] = []
    dialog = QDialog(desktop.windows[0])
    dialog.setWindowTitle("Cancel Jane Smith?")

    def meanwhile() -> None:
        assert desktop.lock is not None
        desktop.lock.lock()
        veil = robot.find(dialog, QWidget, "veil")
        seen_veiled.append(veil.geometry() == dialog.rect() and "Smith" not in dialog.windowTitle())
        unlock(qtbot, locked(desktop))
        qtbot.waitUntil(lambda: desktop.lock is not None and desktop.lock.window is None)
        seen_veiled.append("Smith" in dialog.windowTitle() and dialog.isVisible())
        dialog.accept()

    QTimer.singleShot(0, meanwhile)
    assert dialog.exec() == QDialog.DialogCode.Accepted
    assert seen_veiled == [True, True]
    dialog.deleteLater()


def test_left_alone_for_the_chosen_minutes_it_locks_itself_and_a_hand_holds_it_open(
    qtbot: QtBot, kim: tuple[Desktop, int], clinic: builders.Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop, _number = kim
    lock = desktop.lock
    assert lock is not None and desktop.desk is not None
    qtbot.waitUntil(lambda: lock.minutes == sessions.DEFAULT_MINUTES)
    elsewhere(sessions.set_lock_minutes, builders.an_actor(clinic), 5)
    desktop.desk.announce([("setting", 1)])
    qtbot.waitUntil(lambda: lock.minutes == 5)

    begin, wall = time.monotonic(), time.time()

    def later(awake: float, asleep: float = 0) -> None:
        clock = SimpleNamespace(monotonic=lambda: begin + awake, time=lambda: wall + awake + asleep)
        monkeypatch.setattr(lock_module, "time", clock)

    later(299)
    lock.look()
    assert lock.window is None
    handle = desktop.windows[0].windowHandle()
    assert handle is not None
    QTest.keyClick(handle, Qt.Key.Key_Shift)
    later(598)
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.focusWindowChanged.emit(handle)  # a window that comes up is no hand
    lock.look()
    assert lock.window is None
    later(308, asleep=294)  # the lid was closed meanwhile
    lock.look()
    assert "idle" in robot.find(locked(desktop), QLabel, "lock-who").text()


def test_wrong_passwords_make_wait_and_the_window_counts_down(
    qtbot: QtBot, kim: tuple[Desktop, int]
) -> None:
    desktop, _number = kim
    assert desktop.lock is not None
    desktop.lock.lock()
    window = locked(desktop)
    for _ in range(accounts.FREE_TRIES + 2):
        unlock(qtbot, window, "wrong")
        qtbot.waitUntil(lambda: window.go.isEnabled() or window.countdown.running)
    assert window.countdown.running and not window.go.isEnabled()
    assert "1 second" in window.told.text()
    unlock(qtbot, window)
    assert desktop.lock.window is window, "it is not even asked"
    qtbot.waitUntil(lambda: not window.countdown.running, timeout=5000)
    assert "try again" in window.told.text()
    unlock(qtbot, window)
    qtbot.waitUntil(lambda: desktop.lock is not None and desktop.lock.window is None)


def half_typed(qtbot: QtBot, desktop: Desktop, number: int, actor: Actor, where: str) -> None:
    """Something that could be saved, typed at *where* and not saved."""
    window = desktop.windows[0]
    if where == "quick form":
        blocking(qtbot, desktop)
        return
    window.open_editor(stored(actor, number))
    editor = window.editors[number]
    if where == "editor":
        QTest.keyClicks(editor.form.notes, "typed")
    else:
        chat = editor.parts.show_part("chat")
        assert isinstance(chat, Chat)
        QTest.keyClicks(chat.text, "typed")


def ask_to_switch(desktop: Desktop) -> Question:
    """Somebody else wants a locked desk: what they are asked."""
    window = locked(desktop)
    robot.click(window.switch)
    (question,) = [q for q in window.findChildren(Question) if q.isVisible()]
    return question


@pytest.mark.parametrize("where", ["chat", "editor", "quick form"])
def test_nobody_saves_in_the_name_of_whoever_locked_the_desk(
    qtbot: QtBot, kim: tuple[Desktop, int], clinic: builders.Clinic, where: str
) -> None:
    desktop, number = kim
    a_user_who_signs_in(clinic, "lee")
    actor = builders.an_actor(clinic)
    half_typed(qtbot, desktop, number, actor, where)
    deeds = elsewhere(clinic.store.rows, "SELECT count(*) FROM deed")
    assert desktop.lock is not None
    desktop.lock.lock()
    for way in ("enter", "esc", "discard"):
        question = ask_to_switch(desktop)
        said = " ".join(label.text() for label in question.findChildren(QLabel))
        assert "Kim Doe" in said and "Smith" not in said and "typed" not in said
        answers = question.findChildren(QAbstractButton)
        assert {one.objectName() for one in answers} == {"leaving-keep", "leaving-discard"}
        if way == "discard":
            robot.click(robot.find(question, QAbstractButton, "leaving-discard"))
        else:
            robot.key(question, Qt.Key.Key_Return if way == "enter" else Qt.Key.Key_Escape)
            assert seen() == [locked(desktop)]
    sign_in(qtbot, desktop, "lee")
    assert elsewhere(clinic.store.rows, "SELECT count(*) FROM deed") == deeds
    assert (stored(actor, number).notes, kept(clinic)) == ("", [])
    assert elsewhere(conversation.messages, actor, number) == ()
    assert desktop.lock.window is None if desktop.lock else False


def blocking(qtbot: QtBot, desktop: Desktop) -> None:
    """What for is typed in the quick form; nothing is saved."""
    assert desktop.desk is not None
    window = desktop.windows[0]
    window.show_screen("calendar")
    QTest.keyClick(window, Qt.Key.Key_N, CTRL)
    qtbot.waitUntil(lambda: window.panel.has_form)
    robot.click(window.panel.form.as_event)
    window.panel.form.title.setFocus()
    QTest.keyClicks(window.panel.form.title, "Repair")
    quiet(qtbot, desktop.desk)


def kept(clinic: builders.Clinic) -> list[tuple[str, ...]]:
    return elsewhere(clinic.store.rows, "SELECT title FROM calendar_event")


@pytest.mark.parametrize("way", ["save", "discard"])
def test_what_is_typed_in_the_quick_form_is_asked_about_by_whoever_leaves_the_desk(
    qtbot: QtBot, kim: tuple[Desktop, int], clinic: builders.Clinic, way: str
) -> None:
    desktop, _number = kim
    blocking(qtbot, desktop)
    desktop.sign_out()
    (question,) = [q for q in desktop.windows[0].findChildren(LeavingQuestion) if q.isVisible()]
    robot.click(robot.find(question, QAbstractButton, f"leaving-{way}"))
    qtbot.waitUntil(lambda: desktop.start is not None, timeout=10_000)
    qtbot.waitUntil(lambda: desktop.start.sign_in is not None, timeout=10_000)  # type: ignore[union-attr]
    assert kept(clinic) == ([("Repair",)] if way == "save" else [])


def begun_in_two_sections(qtbot: QtBot, desktop: Desktop) -> None:
    """A new patient and one's own e-mail address, both typed and neither saved."""
    assert desktop.desk is not None
    window = desktop.windows[0]
    account = window.screens.admin.show_page("account")
    assert isinstance(account, AccountPage)
    window.show_screen("admin")
    quiet(qtbot, desktop.desk)
    QTest.keyClicks(account.email, "kim@example.org")
    window.show_screen("patients")
    section = window.screens.patients
    section.begin_new("")
    QTest.keyClicks(section.form.fields.line("first_name"), "Nora")
    QTest.keyClicks(section.form.fields.line("last_name"), "Newman")
    QTest.keyClicks(section.form.fields.line("date_of_birth"), "4/12/1986")
    QTest.keyClick(section.form.fields.line("date_of_birth"), Qt.Key.Key_Tab)
    assert account.unsaved and section.unsaved


def test_what_was_begun_in_two_sections_is_given_up_when_somebody_else_signs_in(
    qtbot: QtBot, kim: tuple[Desktop, int], clinic: builders.Clinic
) -> None:
    desktop, _number = kim
    begun_in_two_sections(qtbot, desktop)
    assert desktop.lock is not None
    desktop.lock.lock()
    robot.click(robot.find(ask_to_switch(desktop), QAbstractButton, "leaving-discard"))
    qtbot.waitUntil(lambda: desktop.start is not None, timeout=10_000)
    qtbot.waitUntil(lambda: desktop.start.sign_in is not None, timeout=10_000)  # type: ignore[union-attr]
    rows = clinic.store.rows
    assert elsewhere(rows, "SELECT email FROM user_account WHERE email <> ''") == []
    assert not elsewhere(rows, "SELECT 1 FROM patient WHERE last_name = 'Newman'")


def test_signing_out_leads_to_each_section_that_holds_something_unsaved(
    qtbot: QtBot, kim: tuple[Desktop, int]
) -> None:
    desktop, _number = kim
    begun_in_two_sections(qtbot, desktop)
    window = desktop.windows[0]
    window.show_screen("calendar")
    asked = []
    desktop.sign_out()
    for _section in range(2):
        (question,) = [q for q in window.findChildren(LeavingQuestion) if q.isVisible()]
        front = window.screens.currentWidget()
        asked.append(front.objectName() if front is not None else "")
        robot.click(robot.find(question, QAbstractButton, "leaving-discard"))
    assert sorted(asked) == ["admin", "patients"]
    qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)


def test_the_frames_cross_does_not_lead_past_the_password(
    qtbot: QtBot, kim: tuple[Desktop, int]
) -> None:
    desktop, _number = kim
    assert desktop.lock is not None
    desktop.lock.lock()
    locked(desktop).close()
    qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
    assert desktop.desk is None and desktop.windows == []


def test_without_the_server_it_says_so_and_this_sessions_password_unlocks(
    qtbot: QtBot, tmp_path: Path, program: Callable[[str], Desktop]
) -> None:
    url, remove = databases.fresh("postgresql", tmp_path)
    made = open_store(url)
    a_user_who_signs_in(builders.a_clinic(made))
    made.close()
    with FaultProxy.before(url) as proxy:
        desktop = program(proxy.url)
        assert desktop.lock is not None
        desktop.lock.lock()
        proxy.refuse()
        window = locked(desktop)
        unlock(qtbot, window, "wrong")
        qtbot.waitUntil(window.told.isVisible, timeout=15_000)
        assert "not the password of" in window.told.text()
        unlock(qtbot, window)
        qtbot.waitUntil(desktop.windows[0].isVisible, timeout=15_000)
        desktop.windows[0].close()
        desktop.close()
    remove()


# Sign-in and language ------------------------------------------------------------------------


def test_a_password_from_somebody_else_is_changed_before_the_window_opens(
    qtbot: QtBot, store: Store, clinic: builders.Clinic, memory: Memory
) -> None:
    a_user_who_signs_in(clinic)
    User.update(must_change=True).execute()
    desktop = Desktop(QApplication.instance(), store.url, memory)  # type: ignore[arg-type]
    desktop.open()
    qtbot.waitUntil(lambda: desktop.start is not None and desktop.start.sign_in is not None)
    assert desktop.start is not None and desktop.start.sign_in is not None
    form = desktop.start.sign_in
    QTest.keyClicks(form.name, "kim")
    QTest.keyClicks(form.password, PASSWORD)
    QTest.keyClick(form.password, Qt.Key.Key_Return)
    qtbot.waitUntil(form.change.isVisible)
    for new in (PASSWORD, "my very own one"):
        form.change.clear()
        QTest.keyClicks(form.change.new, new)
        QTest.keyClicks(form.change.again, new)
        QTest.keyClick(form.change.again, Qt.Key.Key_Return)
        if new == PASSWORD:
            wrong = robot.find(form, QWidget, "password-fields-new-wrong")
            qtbot.waitUntil(wrong.isVisible)
            assert desktop.windows == []
    qtbot.waitUntil(lambda: len(desktop.windows) == 1, timeout=10_000)
    assert desktop.desk is not None
    quiet(qtbot, desktop.desk)
    assert not elsewhere(accounts.enter, store, "kim", "my very own one").must_change
    desktop.windows[0].close()
    desktop.close()
    desktop.deleteLater()


def test_another_language_opens_the_windows_anew_at_once_and_is_remembered(
    qtbot: QtBot, kim: tuple[Desktop, int]
) -> None:
    desktop, _number = kim
    before = desktop.windows[0]
    before.show_screen("home")
    for tag in ("ar", "de"):
        window = desktop.windows[0]
        window.actions_.menus["view"].popup(window.pos())
        window.actions_.menus["view"].close()
        action = next(
            a for a in window.findChild(QWidget, "menu-language").actions()  # type: ignore[union-attr]
            if a.objectName() == f"language-{tag}"
        )  # fmt: skip
        action.trigger()
        assert i18n.language() == tag
        turned = QApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
        assert turned == (tag == "ar")
        assert desktop.desk is not None
        quiet(qtbot, desktop.desk)
    window = desktop.windows[0]
    assert len(desktop.windows) == 1
    assert "Datei" in window.actions_.menus["file"].title()
    assert window.screens.currentWidget() is window.screens.home
    assert config.saved_settings()["language"] == "de"


def test_whoever_has_a_language_of_their_own_is_greeted_in_it_and_nobody_after_them(
    qtbot: QtBot, store: Store, clinic: builders.Clinic, program: Callable[[str], Desktop]
) -> None:
    a_user_who_signs_in(clinic, language="de")
    desktop = program(store.url)
    assert i18n.language() == "de"
    desktop.windows[0].actions_["sign-out"].trigger()
    assert i18n.language() == "en_US"


def test_the_keys_of_the_lock_stand_in_the_sheet(kim: tuple[Desktop, int]) -> None:
    desktop, _number = kim
    lines = {line.name: line for line in desktop.windows[0].actions_.sheet}
    assert lines["lock"].keys == "Ctrl+L"
    assert isinstance(desktop.lock, Lock)
