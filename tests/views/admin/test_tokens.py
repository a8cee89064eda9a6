"""API access: tokens are made, shown once, listed and withdrawn, by mouse and keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.rules.scopes import SCOPES
from clinic_desk.services import catalogue, tokens
from clinic_desk.services.actor import Actor
from clinic_desk.services.tokens import TokenCard
from clinic_desk.views import robot
from clinic_desk.views.admin.admin_screen import AdminScreen
from clinic_desk.views.admin.token_form import TokenForm
from clinic_desk.views.admin.token_shown import NotCopied, TokenShown, WithdrawQuestion
from clinic_desk.views.admin.tokens_page import TokensPage
from clinic_desk.views.admin.tokens_table import scope_line, scope_told
from clinic_desk.views.desk import Desk
from clinic_desk.views.leaving import LeavingQuestion
from tests.views.conftest import elsewhere, quiet


@pytest.fixture
def website(actor: Actor) -> TokenCard:
    """A token that is there already."""
    made = tokens.create(actor, name="Website", scopes=("patients:read", "availability:read"))
    return made.value.card


@pytest.fixture
def admin(qtbot: QtBot, desk: Desk, guarded: Callable[[], None]) -> AdminScreen:
    QGuiApplication.clipboard().clear()
    guarded()
    screen = AdminScreen(desk)
    qtbot.addWidget(screen)
    screen.resize(1100, 800)
    screen.show()
    screen.activateWindow()
    quiet(qtbot, desk)
    return screen


@pytest.fixture
def page(qtbot: QtBot, admin: AdminScreen) -> TokensPage:
    made = admin.show_page("tokens")
    assert isinstance(made, TokensPage)
    quiet(qtbot, made.desk)
    return made


def begun(page: TokensPage) -> TokenForm:
    robot.click(page.add)
    assert page.form is not None and page.form.isVisible()
    return page.form


def tick(form: TokenForm, scope: str) -> None:
    """By the space bar, as somebody who tabs through."""
    form.scopes[scope].setFocus()
    QTest.keyClick(form.scopes[scope], Qt.Key.Key_Space)
    assert form.scopes[scope].isChecked()


def made(qtbot: QtBot, page: TokensPage, name: str, *scopes: str) -> TokenShown:
    form = begun(page)
    QTest.keyClicks(form.name, name)
    for scope in scopes:
        tick(form, scope)
    robot.click(form.go)
    quiet(qtbot, page.desk)
    assert page.shown is not None and page.shown.isVisible()
    return page.shown


def test_a_token_is_made_shown_once_copied_and_opens_the_door(
    qtbot: QtBot, page: TokensPage, actor: Actor
) -> None:
    shown = made(qtbot, page, "Website", "patients:read", "appointments:write")
    robot.click(shown.copy)
    text = QGuiApplication.clipboard().text()
    QTest.keyClick(shown, Qt.Key.Key_Escape)

    assert not QApplication.activeModalWidget()
    (card,) = page.model.shown
    assert (card.name, card.scopes) == ("Website", ("patients:read", "appointments:write"))
    assert elsewhere(tokens.authenticate, actor.store, text).token_uuid == card.uuid
    assert not any(text in field.text() for field in page.findChildren(QLineEdit))


def test_whoever_closes_the_token_without_a_copy_is_asked(qtbot: QtBot, page: TokensPage) -> None:
    shown = made(qtbot, page, "Website", "patients:read")
    token = shown.token.text()

    QTest.keyClick(shown, Qt.Key.Key_Escape)
    question = shown.findChild(NotCopied)
    assert question is not None and question.isVisible() and shown.isVisible()
    QTest.keyClick(question, Qt.Key.Key_Escape)
    assert shown.isVisible()
    robot.click(robot.find(shown, QPushButton, "token-close"))
    asked = [one for one in shown.findChildren(NotCopied) if one.isVisible()]
    robot.click(robot.find(asked[0], QPushButton, "not-copied-copy"))

    assert not shown.isVisible()
    assert QGuiApplication.clipboard().text() == token


def test_a_token_selected_and_copied_by_keys_is_copied_too(qtbot: QtBot, page: TokensPage) -> None:
    shown = made(qtbot, page, "Website", "patients:read")
    shown.token.setFocus()
    QTest.keyClick(shown.token, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(shown.token, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(shown, Qt.Key.Key_Escape)

    assert not shown.isVisible()


def test_what_is_missing_is_told_at_its_field_and_nothing_typed_is_lost(
    qtbot: QtBot, page: TokensPage
) -> None:
    form = begun(page)
    tick(form, "patients:read")
    robot.click(form.go)
    quiet(qtbot, page.desk)
    wrong = robot.find(form, QWidget, "token-fields-name-wrong")
    assert wrong.isVisible() and form.name.hasFocus()

    QTest.keyClicks(form.name, "Website")
    QTest.mouseClick(form.scopes["patients:read"], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    robot.click(form.go)
    quiet(qtbot, page.desk)
    wrong = robot.find(form, QWidget, "token-fields-scopes-wrong")
    assert wrong.isVisible() and form.name.text() == "Website"


def test_a_form_with_something_in_it_is_not_closed_unasked(qtbot: QtBot, page: TokensPage) -> None:
    form = begun(page)
    QTest.keyClicks(form.name, "Website")
    QTest.keyClick(form, Qt.Key.Key_Escape)
    question = form.findChild(LeavingQuestion)
    assert question is not None and question.isVisible()
    robot.click(robot.find(question, QPushButton, "leaving-discard"))
    assert not form.isVisible()

    untouched = begun(page)
    QTest.keyClick(untouched, Qt.Key.Key_Escape)
    assert not untouched.isVisible()


def test_withdrawing_names_what_stops_working_and_the_token_opens_nothing_any_more(
    qtbot: QtBot, website: TokenCard, page: TokensPage, actor: Actor
) -> None:
    robot.click(page.withdraw)
    question = page.question
    assert isinstance(question, WithdrawQuestion) and question.isVisible()
    for scope in website.scopes:
        assert scope_line(scope) in question.stops.text()
    QTest.keyClick(question, Qt.Key.Key_Return)
    quiet(qtbot, page.desk)
    assert elsewhere(tokens.listed, actor)[0].revoked_at is None, "Enter keeps it"

    robot.click(page.withdraw)
    question = page.question
    assert question is not None
    robot.click(robot.find(question, QPushButton, "token-withdraw-now"))
    quiet(qtbot, page.desk)

    assert elsewhere(tokens.listed, actor)[0].revoked_at is not None
    assert page.card is not None and page.card.revoked_at is not None
    assert not page.withdraw.isEnabled()
    robot.click(page.withdrawn)
    assert not page.model.shown and page.none.isVisible()


def test_the_first_page_says_how_to_begin(qtbot: QtBot, page: TokensPage, actor: Actor) -> None:
    assert page.none.isVisible() and "clinic-desk serve" in page.none.text()
    assert not page.table.isVisible()
    org = elsewhere(catalogue.catalogue, actor).organisation.uuid
    robot.click(robot.find(page, QPushButton, "tokens-address-copy"))
    assert QGuiApplication.clipboard().text() == f"http://127.0.0.1:8000/api/v1/{org}"
    robot.click(robot.find(page, QPushButton, "tokens-organisation-copy"))
    assert QGuiApplication.clipboard().text() == org


def test_a_token_made_or_withdrawn_elsewhere_is_seen_here(
    qtbot: QtBot, page: TokensPage, actor: Actor
) -> None:
    answer = elsewhere(tokens.create, actor, name="Kiosk", scopes=("availability:read",))
    page.desk.announce(answer.changed)
    quiet(qtbot, page.desk)
    assert [card.name for card in page.model.shown] == ["Kiosk"]

    again = elsewhere(tokens.revoke, actor, answer.value.card.id)
    page.desk.announce(again.changed)
    quiet(qtbot, page.desk)
    assert not page.withdraw.isEnabled()


def test_whoever_loses_the_permission_sees_buttons_that_say_why_not(
    qtbot: QtBot, website: TokenCard, page: TokensPage
) -> None:
    desk = page.desk
    fewer = desk.actor.permissions - {tokens.PERMISSION}
    desk.actor = replace(desk.actor, user_id=None, permissions=fewer)
    desk.catalogue_changed.emit()

    for one in (page.add, page.withdraw):
        assert not one.isEnabled() and one.toolTip()


def test_a_token_may_be_bound_to_a_role(qtbot: QtBot, page: TokensPage, actor: Actor) -> None:
    form = begun(page)
    QTest.keyClicks(form.name, "Kiosk")
    tick(form, "availability:read")
    form.role.setFocus()
    QTest.keyClick(form.role, Qt.Key.Key_End)
    wanted, name = form.role.currentData(), form.role.currentText()
    assert wanted is not None
    robot.click(form.go)
    quiet(qtbot, page.desk)

    assert elsewhere(tokens.listed, actor)[0].role_id == wanted
    assert name in page.may.text()


def test_every_scope_has_a_line_in_plain_words() -> None:
    assert [scope for scope in SCOPES if scope_line(scope) == scope] == []
    assert [s for s in SCOPES if scope_told(s) != f"{scope_line(s)} (\u2068{s}\u2069)"] == []


def test_everything_has_a_name_for_screen_readers(qtbot: QtBot, page: TokensPage) -> None:
    form = begun(page)
    for holder in (page, form):
        for one in holder.findChildren(QAbstractButton) + holder.findChildren(QLineEdit):
            if one.isVisible() and not one.objectName().startswith("qt_"):
                assert one.accessibleName(), one.objectName()
    QTest.keyClick(form, Qt.Key.Key_Escape)
