"""The tour behind the counter: a locked desk, and an administrator who adds somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QWidget

from clinic_desk.i18n import _
from clinic_desk.views import robot
from clinic_desk.views.robot import sure, until
from clinic_desk.views.tour_walk import Walk

if TYPE_CHECKING:
    from clinic_desk.views.admin.roles_page import RolesPage
    from clinic_desk.views.admin.staff_page import StaffPage
    from clinic_desk.views.sign_in import SignIn

CTRL = Qt.KeyboardModifier.ControlModifier
NEW, NEW_PASSWORD = "Nora Night", "given at the door"
COPY, EXTRA = "Night shift", "Undo Others"

W = TypeVar("W", bound=QWidget)


def lock(walk: Walk) -> None:
    """Ctrl+L covers everything; a wrong password opens nothing, the right one all."""
    window, lock = walk.window, walk.program.lock
    assert lock is not None
    user = next(u for u in walk.organisation.users if u.role == "Scheduler")
    walk.show(walk.window.calendar.view)
    robot.key(walk.board, Qt.Key.Key_L, CTRL)
    until("the lock", lambda: lock.window is not None)
    cover = lock.window
    assert cover is not None
    sure("nothing else is seen", not window.isVisible())
    robot.write(cover.password, "a guess")
    robot.key(cover.password, Qt.Key.Key_Return)
    until("a refusal", cover.told.isVisible)
    walk.album.take(cover, "locked")
    cover.password.clear()
    robot.write(cover.password, user.password)
    robot.key(cover.password, Qt.Key.Key_Return)
    until("the window again", lambda: lock.window is None and window.isVisible())
    walk.quiet()


def administrator(walk: Walk) -> None:
    """Sign out; somebody who manages the staff signs in."""
    _as(walk, "System Administrator")
    robot.click(walk.window.navigation.buttons["admin"])
    walk.quiet()


def staff(walk: Walk) -> None:
    """A new colleague; the approvals box says for whom it is, and is ticked for a scheduler."""
    from clinic_desk.views.admin.staff_page import StaffPage

    page: StaffPage = page_of(walk, "staff", StaffPage)
    robot.click(page.add)
    form = page.form
    robot.write(form.display_name, NEW)
    robot.write(form.name, "nora")
    robot.write(form.password, NEW_PASSWORD)
    _pick(form.role, "Front Desk")
    sure("no box for the front desk", not form.approvals.isEnabled() and form.why.text())
    walk.album.take(walk.window, "staff-front-desk")
    _pick(form.role, "Scheduler")
    form.approvals.setFocus()
    robot.key(form.approvals, Qt.Key.Key_Space)
    robot.click(page.save_button)
    until("the colleague", lambda: page.card is not None and page.card.draft.name == "nora")
    walk.quiet()
    names = [line.display_name for line in page.model.shown]
    sure("in the list, and gets requests", NEW in names and form.approvals.isChecked())
    walk.album.take(walk.window, "staff")


def roles(walk: Walk) -> None:
    """A copy of a role, with one permission more, found by its words."""
    from clinic_desk.views.admin.roles_page import RolesPage

    page: RolesPage = page_of(walk, "roles", RolesPage)
    until("the roles", page.list.count)
    names = [page.list.item(n).text() for n in range(page.list.count())]
    page.list.setCurrentRow(names.index(_("Scheduler")))
    walk.album.take(walk.window, "roles")
    robot.click(page.copy)
    until("a copy", page.name.hasSelectedText)
    walk.quiet()
    robot.write(page.name, COPY)
    robot.write(page.search, EXTRA)
    page.tree.setCurrentItem(page.tree.item_of(EXTRA))
    robot.key(page.tree, Qt.Key.Key_Space)
    robot.click(page.save_button)
    until("the role is saved", lambda: page.unsaved == "")
    walk.quiet()
    role = page.card
    sure("its name and what it may", role is not None and role.name == COPY)
    sure("the permission", role is not None and EXTRA in role.permissions)
    walk.album.take(walk.window, "role-copied")


def first_sign_in(walk: Walk) -> None:
    """The colleague signs in, chooses a password of their own, and sees the calendar."""
    _leave(walk)
    start = walk.program.start
    assert start is not None
    form = _enter(walk, "nora", NEW_PASSWORD)
    until("the question for another password", form.change.isVisible)
    robot.write(form.change.new, "my very own one")
    robot.write(form.change.again, "my very own one")
    walk.album.take(start, "another-password")
    robot.key(form.change.again, Qt.Key.Key_Return)
    until("the main window", lambda: walk.program.windows, 30)
    walk.show(walk.window.calendar.view)
    walk.album.take(walk.window, "new-colleague")
    _as(walk, "Scheduler")


def _as(walk: Walk, role: str) -> None:
    """Sign out, and in as somebody with *role*."""
    user = next(u for u in walk.organisation.users if u.role == role)
    _leave(walk)
    _enter(walk, user.name, user.password)
    until("the main window", lambda: walk.program.windows, 30)
    walk.window.resize(1440, 900)
    walk.window.activateWindow()
    walk.quiet()


def _leave(walk: Walk) -> None:
    walk.quiet()
    walk.window.actions_["sign-out"].trigger()
    until("the sign-in", lambda: walk.program.start and walk.program.start.sign_in, 30)


def _enter(walk: Walk, name: str, password: str) -> SignIn:
    form = walk.program.start.sign_in if walk.program.start is not None else None
    assert form is not None
    form.name.clear()
    form.password.clear()
    robot.write(form.name, name)
    robot.write(form.password, password)
    robot.key(form.password, Qt.Key.Key_Return)
    return form


def page_of(walk: Walk, name: str, kind: type[W]) -> W:
    """A page of Admin, by its list on the left."""
    admin = walk.window.screens.admin
    robot.key(admin.list, Qt.Key.Key_Home)
    while admin.current != name:
        before = admin.current
        robot.key(admin.list, Qt.Key.Key_Down)
        sure(f"a page {name}", admin.current != before)
    walk.quiet()
    page = admin.page(name)
    assert isinstance(page, kind)
    return page


def _pick(box: QComboBox, role: str) -> None:
    """By keys; roles are listed in the language that is spoken."""
    box.setFocus()
    robot.key(box, Qt.Key.Key_Home)
    for _n in range(box.count()):
        if box.currentText() == _(role):
            return
        robot.key(box, Qt.Key.Key_Down)
    raise robot.Failed(f"no role {role}")
