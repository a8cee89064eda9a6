"""Admin: staff, roles and one's own account, by mouse and keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import argon2
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from clinic_desk.rules.permissions import CATALOGUE, ROLES
from clinic_desk.services import accounts, roles_book, sessions, staff
from clinic_desk.services.actor import Actor
from clinic_desk.services.staff_cards import StaffCard, StaffDraft
from clinic_desk.views import robot
from clinic_desk.views.admin.account_page import AccountPage
from clinic_desk.views.admin.admin_screen import AdminScreen
from clinic_desk.views.admin.locking_page import LockingPage
from clinic_desk.views.admin.role_tree import GUARDS, NAME, STATE
from clinic_desk.views.admin.roles_page import RolesPage
from clinic_desk.views.admin.staff_page import StaffPage
from clinic_desk.views.desk import Desk
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.password_form import SetPassword
from tests import builders
from tests.views.conftest import elsewhere, quiet

PASSWORD = "a long password"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "STANDARD", cheap)
    monkeypatch.setattr(accounts, "hash_password", cheap.hash)
    monkeypatch.setattr(accounts, "_guard", accounts._Guard())


@pytest.fixture
def roles(clinic: builders.Clinic) -> dict[str, int]:
    return {name: builders.a_role(clinic, names, name=name) for name, names in ROLES.items()}


@pytest.fixture
def ann(actor: Actor, roles: dict[str, int]) -> StaffCard:
    draft = StaffDraft(name="ann", display_name="Ann Lee", role_id=roles["Front Desk"])
    return staff.create(actor, draft, PASSWORD).value


@pytest.fixture
def admin(
    qtbot: QtBot, ann: StaffCard, actor: Actor, desk: Desk, guarded: Callable[[], None]
) -> AdminScreen:
    desk.catalogue = actor.store.catalogue(actor.organisation_id, at_least=10**9)
    return opened(qtbot, desk, guarded)


def opened(qtbot: QtBot, desk: Desk, guarded: Callable[[], None]) -> AdminScreen:
    guarded()
    screen = AdminScreen(desk)
    qtbot.addWidget(screen)
    screen.resize(1100, 800)
    screen.show()
    quiet(qtbot, desk)
    return screen


def staff_page(admin: AdminScreen) -> StaffPage:
    page = admin.show_page("staff")
    assert isinstance(page, StaffPage)
    return page


def roles_page(qtbot: QtBot, admin: AdminScreen) -> RolesPage:
    page = admin.show_page("roles")
    assert isinstance(page, RolesPage)
    quiet(qtbot, page.desk)
    return page


def choose_row(qtbot: QtBot, page: StaffPage, name: str) -> None:
    place = next(n for n, line in enumerate(page.model.shown) if line.display_name == name)
    where = page.table.visualRect(page.model.index(place, 0)).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    quiet(qtbot, page.desk)


def pick(box: QComboBox, text: str) -> None:
    """By keys, as somebody who tabs through."""
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.count()):
        if box.currentText() == text:
            break
        QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.currentText() == text
    box.activated.emit(box.currentIndex())


def test_the_list_is_left_the_form_right_and_the_approvals_box_at_its_bottom_right(
    qtbot: QtBot, admin: AdminScreen
) -> None:
    page = staff_page(admin)
    choose_row(qtbot, page, "Ann Lee")

    def place(widget: QWidget) -> QRect:
        return QRect(widget.mapTo(admin, QPoint()), widget.size())

    box, whole = place(page.form.approvals_box), place(page.pane)
    assert place(page.table).right() < place(page.form).left()
    assert box.top() > place(page.form).bottom()
    assert whole.right() - box.right() < 40 and whole.bottom() - box.bottom() < 40


def test_approvals_can_be_ticked_for_a_scheduler_and_says_why_not_for_the_front_desk(
    qtbot: QtBot, admin: AdminScreen, actor: Actor, ann: StaffCard
) -> None:
    page = staff_page(admin)
    choose_row(qtbot, page, "Ann Lee")
    form = page.form
    assert not form.approvals.isEnabled()
    for said in ("Front Desk", "Scheduler", "Clinical Director", "System Administrator"):
        assert said in form.why.text()

    pick(form.role, "Scheduler")
    assert form.approvals.isEnabled()
    QTest.mouseClick(form.approvals, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert form.approvals.isChecked()
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    assert elsewhere(staff.show, actor, ann.id).draft.approvals

    pick(form.role, "Front Desk")
    assert not form.approvals.isChecked() and not form.approvals.isEnabled()
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    assert not elsewhere(staff.show, actor, ann.id).draft.approvals


def test_a_new_colleague_is_added_and_signs_in(
    qtbot: QtBot, admin: AdminScreen, actor: Actor
) -> None:
    page = staff_page(admin)
    robot.click(page.add)
    QTest.keyClicks(page.form.display_name, "Bob Ray")
    QTest.keyClicks(page.form.name, "bob")
    pick(page.form.role, "Provider")
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    wrong = robot.find(page, QWidget, "staff-fields-password-wrong")
    assert wrong.isVisible()
    assert page.form.display_name.text() == "Bob Ray"
    QTest.keyClicks(page.form.password, PASSWORD)
    QTest.keyClick(page.form.password, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    quiet(qtbot, page.desk)

    assert "Bob Ray" in [line.display_name for line in page.model.shown]
    assert page.must_change.isVisible()
    assert elsewhere(accounts.enter, actor.store, "bob", PASSWORD).must_change


def test_somebody_is_found_by_part_of_a_name_and_who_left_only_when_wanted(
    qtbot: QtBot, admin: AdminScreen, actor: Actor, ann: StaffCard
) -> None:
    elsewhere(staff.change, actor, ann, replace(ann.draft, display_name="Ännchen", active=False))
    page = staff_page(admin)
    page.load()
    quiet(qtbot, page.desk)
    QTest.keyClicks(page.search, "annch")
    assert page.model.shown == []
    assert page.none.isVisible()
    QTest.mouseClick(page.inactive, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert [line.display_name for line in page.model.shown] == ["Ännchen"]
    assert "inactive" in page.model.index(0, 0).data()


def test_another_one_is_opened_only_after_the_question_about_what_is_unsaved(
    qtbot: QtBot, admin: AdminScreen, actor: Actor, ann: StaffCard
) -> None:
    page = staff_page(admin)
    choose_row(qtbot, page, "Ann Lee")
    QTest.keyClicks(page.form.email, "ann@example.org")
    choose_row(qtbot, page, "Test User")
    (question,) = [q for q in page.findChildren(LeavingQuestion) if q.isVisible()]
    assert page.form.email.text() == "ann@example.org"
    robot.click(robot.find(question, QAbstractButton, "leaving-save"))
    quiet(qtbot, page.desk)
    assert page.title.text().strip("\u2068\u2069") == "Test User"
    assert elsewhere(staff.show, actor, ann.id).draft.email == "ann@example.org"


def test_what_somebody_else_changed_meanwhile_is_not_overwritten_unseen(
    qtbot: QtBot, admin: AdminScreen, actor: Actor, ann: StaffCard
) -> None:
    page = staff_page(admin)
    choose_row(qtbot, page, "Ann Lee")
    elsewhere(staff.change, actor, ann, replace(ann.draft, email="theirs@example.org"))
    QTest.keyClicks(page.form.display_name, " Miller")
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    assert page.conflict.isVisible()
    assert page.form.display_name.text() == "Ann Lee Miller"
    robot.click(page.conflict.theirs)
    assert page.form.email.text() == "theirs@example.org"


def test_the_last_administrator_is_told_why_he_cannot_leave(
    qtbot: QtBot, admin: AdminScreen
) -> None:
    page = staff_page(admin)
    choose_row(qtbot, page, "Test User")
    QTest.mouseClick(page.form.active, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    assert "nobody who can manage staff" in page.told.text()
    assert not page.form.active.isChecked()


def test_a_password_is_given_to_somebody_else(
    qtbot: QtBot, admin: AdminScreen, actor: Actor, ann: StaffCard
) -> None:
    page = staff_page(admin)
    choose_row(qtbot, page, "Ann Lee")
    robot.click(page.password)
    dialog = robot.find(page, SetPassword, "set-password")
    QTest.keyClicks(dialog.form.new, "given to Ann")
    QTest.keyClicks(dialog.form.again, "given to Bob")
    QTest.keyClick(dialog.form.again, Qt.Key.Key_Return)
    assert robot.find(dialog, QWidget, "password-fields-again-wrong").isVisible()
    dialog.form.again.clear()
    QTest.keyClicks(dialog.form.again, "given to Ann")
    QTest.keyClick(dialog.form.again, Qt.Key.Key_Return)
    quiet(qtbot, page.desk)
    assert elsewhere(accounts.enter, actor.store, "ann", "given to Ann").must_change
    choose_row(qtbot, page, "Test User")
    assert not page.password.isEnabled() and "My account" in page.password.toolTip()


def test_whoever_may_only_list_sees_buttons_that_say_why_not(
    qtbot: QtBot, ann: StaffCard, clinic: builders.Clinic, desk: Desk, guarded: Callable[[], None]
) -> None:
    desk.actor = builders.an_actor(clinic, frozenset({"User Get All", "User Show"}))
    desk.catalogue = clinic.store.catalogue(clinic.organisation_id)
    admin = opened(qtbot, desk, guarded)
    assert admin.list.count() == 2
    page = staff_page(admin)
    choose_row(qtbot, page, "Ann Lee")
    for widget, permission in ((page.add, "User Create"), (page.password, "User Update All")):
        assert not widget.isEnabled()
        assert permission in widget.toolTip()
    assert page.form.display_name.isReadOnly() and not page.form.role.isEnabled()
    roles = roles_page(qtbot, admin)
    assert not roles.copy.isEnabled() and "Role Update" in roles.copy.toolTip()
    item = roles.tree.item_of("Customer Show")
    assert not item.flags() & Qt.ItemFlag.ItemIsUserCheckable


# Roles ---------------------------------------------------------------------------------------


def tick(page: RolesPage, name: str) -> None:
    """With the space bar on its line."""
    page.tree.setCurrentItem(page.tree.item_of(name))
    page.tree.setFocus()
    QTest.keyClick(page.tree, Qt.Key.Key_Space)


def test_every_permission_has_its_line_and_says_whether_it_is_in_use(
    qtbot: QtBot, admin: AdminScreen
) -> None:
    tree = roles_page(qtbot, admin).tree
    for permission in CATALOGUE:
        item = tree.item_of(permission.name)
        assert item.text(NAME) == permission.name
        assert item.text(STATE) == ("" if permission.in_use else "not in use yet")
        # A small window has no room for a third column: what is not in use says so before.
        before = "" if permission.in_use or not tree.isColumnHidden(STATE) else "not in use yet · "
        assert item.text(GUARDS) == f"{before}{permission.guards}"
    assert tree.visualItemRect(tree.item_of("Customer Show")).left() >= 0
    assert tree.header().visualIndex(GUARDS) < tree.header().visualIndex(NAME)


def test_a_permission_is_found_by_any_word_and_ticked_by_keys(
    qtbot: QtBot, admin: AdminScreen, actor: Actor, roles: dict[str, int]
) -> None:
    page = roles_page(qtbot, admin)
    page.list.setCurrentRow(5)
    assert page.name.text() == "Front Desk"
    QTest.keyClicks(page.search, "undo somebody")
    shown = [p.name for p in CATALOGUE if not page.tree.item_of(p.name).isHidden()]
    assert shown == ["Undo Others"]
    tick(page, "Undo Others")
    assert page.line.text() == "Undo what somebody else did · Undo Others"  # whole, by keys too
    item = page.tree.item_of("Undo Others")
    name = page.tree.visualRect(page.tree.indexFromItem(item, NAME)).center()
    QTest.mouseClick(page.tree.viewport(), Qt.MouseButton.LeftButton, pos=name)
    assert item.checkState(GUARDS) is Qt.CheckState.Unchecked
    QTest.keyClick(page.tree, Qt.Key.Key_Space)  # the cursor stands on the name, not on the box
    assert item.checkState(GUARDS) is Qt.CheckState.Checked
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    saved = next(r for r in elsewhere(roles_book.everything, actor) if r.name == "Front Desk")
    assert saved.permissions == ROLES["Front Desk"] | {"Undo Others"}
    assert page.name.isReadOnly()


def test_a_copy_gets_a_name_of_its_own_and_is_deleted_again(
    qtbot: QtBot, admin: AdminScreen, actor: Actor
) -> None:
    page = roles_page(qtbot, admin)
    page.list.setCurrentRow(3)
    robot.click(page.copy)
    quiet(qtbot, page.desk)
    assert page.name.text() == "Copy of Scheduler" and page.name.hasSelectedText()
    QTest.keyClicks(page.name, "Night shift")
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    names = {r.name: r for r in elsewhere(roles_book.everything, actor)}
    assert names["Night shift"].permissions == ROLES["Scheduler"]
    robot.click(page.delete)
    quiet(qtbot, page.desk)
    assert "Night shift" not in {r.name for r in elsewhere(roles_book.everything, actor)}


@pytest.mark.parametrize("way", list(Qt.LayoutDirection)[:2])
def test_who_is_open_is_marked_in_the_list_whichever_way_it_is_read(
    qtbot: QtBot, admin: AdminScreen, ann: StaffCard, way: Qt.LayoutDirection
) -> None:
    admin.setLayoutDirection(way)
    page = staff_page(admin)
    page.open(ann.id)
    quiet(qtbot, page.desk)
    (marked,) = {index.row() for index in page.table.selectionModel().selectedIndexes()}
    assert page.model.shown[marked].id == ann.id


def test_after_saving_the_keys_go_on_on_the_page(qtbot: QtBot, admin: AdminScreen) -> None:
    page = roles_page(qtbot, admin)
    page.list.setCurrentRow(5)
    tick(page, "Undo Others")
    page.save_button.setFocus()
    QTest.keyClick(page.save_button, Qt.Key.Key_Space)
    quiet(qtbot, page.desk)
    assert page.unsaved == "" and page.list.hasFocus()
    people = staff_page(admin)
    choose_row(qtbot, people, "Ann Lee")
    QTest.keyClicks(people.form.display_name, " Miller")
    people.save_button.setFocus()
    QTest.keyClick(people.save_button, Qt.Key.Key_Space)
    quiet(qtbot, people.desk)
    assert people.unsaved == "" and people.search.hasFocus()


def test_a_role_taken_away_elsewhere_greys_the_buttons_at_once(
    qtbot: QtBot, admin: AdminScreen, desk: Desk, actor: Actor
) -> None:
    page = roles_page(qtbot, admin)
    builders.an_actor(_clinic_of(actor))  # somebody else can still manage
    mine = next(r for r in elsewhere(roles_book.everything, actor) if r.name.startswith("Role "))
    kept = sorted(mine.permissions - {"Role Update"})
    elsewhere(roles_book.change, actor, mine.id, version=mine.version, names=kept)
    desk.renew_catalogue()
    quiet(qtbot, desk)
    assert not page.add.isEnabled() and "Role Update" in page.add.toolTip()


def _clinic_of(actor: Actor) -> builders.Clinic:
    return builders.Clinic(actor.store, actor.organisation_id, "Europe/Vienna", 0, 0, 0, 0, 0)


# My account ----------------------------------------------------------------------------------


def test_my_own_data_and_password_are_changed_with_the_old_one(
    qtbot: QtBot, ann: StaffCard, clinic: builders.Clinic, desk: Desk, guarded: Callable[[], None]
) -> None:
    desk.actor = accounts.sign_in(clinic.store, "ann", PASSWORD)
    desk.catalogue = clinic.store.catalogue(clinic.organisation_id)
    admin = opened(qtbot, desk, guarded)
    page = admin.show_page("account")
    assert isinstance(page, AccountPage)
    quiet(qtbot, desk)
    page.email.setFocus()
    QTest.keyClicks(page.email, "not an address")
    robot.click(page.save_button)
    quiet(qtbot, desk)
    assert robot.find(page, QWidget, "account-fields-email-wrong").isVisible()
    page.email.clear()
    QTest.keyClicks(page.email, "ann@example.org")
    robot.click(page.save_button)
    quiet(qtbot, desk)
    assert page.unsaved == ""
    form = page.passwords
    for old in ("guessed", PASSWORD):
        form.clear()
        QTest.keyClicks(form.old, old)
        QTest.keyClicks(form.new, "my very own one")
        QTest.keyClicks(form.again, "my very own one")
        robot.click(form.go)
        quiet(qtbot, desk)
        assert page.changed.isVisible() == (old == PASSWORD)
    assert not elsewhere(accounts.enter, clinic.store, "ann", "my very own one").must_change


# Locking -------------------------------------------------------------------------------------


def test_when_desks_lock_themselves_is_chosen_for_the_whole_clinic(
    qtbot: QtBot, admin: AdminScreen, actor: Actor
) -> None:
    page = admin.show_page("locking")
    assert isinstance(page, LockingPage)
    quiet(qtbot, page.desk)
    assert page.minutes.value() == 10 and not page.save_button.isEnabled()
    page.minutes.setFocus()
    page.minutes.selectAll()
    QTest.keyClicks(page.minutes, "25")
    assert page.unsaved
    robot.click(page.save_button)
    quiet(qtbot, page.desk)
    assert elsewhere(sessions.lock_minutes, actor) == 25
    assert page.unsaved == "" and page.minutes.hasFocus()
    elsewhere(sessions.set_lock_minutes, actor, 5)
    page.load()
    quiet(qtbot, page.desk)
    assert page.minutes.value() == 5


def test_what_is_typed_there_outlives_news_and_a_lost_permission_is_told(
    qtbot: QtBot, admin: AdminScreen, clinic: builders.Clinic, desk: Desk
) -> None:
    page = admin.show_page("locking")
    assert isinstance(page, LockingPage)
    quiet(qtbot, desk)
    page.minutes.setFocus()
    QTest.keyClick(page.minutes, Qt.Key.Key_Up)
    desk.actor = builders.an_actor(clinic, frozenset({"User Show"}))
    page.load()
    quiet(qtbot, desk)
    assert page.minutes.value() == 11
    page.save()
    quiet(qtbot, desk)
    assert "Setting Update" in page.told.text() and page.minutes.value() == 11


def test_a_form_and_its_buttons_are_whole_in_a_small_window(
    qtbot: QtBot, admin: AdminScreen
) -> None:
    page = staff_page(admin)
    page.discard_button.setText("Änderungen verwerfen")
    page.password.setText("Passwort setzen …")
    admin.resize(800, 640)
    choose_row(qtbot, page, "Ann Lee")
    qtbot.waitUntil(lambda: page.pane.horizontalScrollBar().maximum() == 0)
    for button in (page.save_button, page.discard_button, page.password):
        assert button.width() >= button.sizeHint().width()
    assert page.table.horizontalScrollBar().maximum() == 0
