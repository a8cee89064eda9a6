"""The tour through the access of other programs: a token is made, copied, and withdrawn."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from clinic_desk.views import robot
from clinic_desk.views.admin.tokens_page import TokensPage
from clinic_desk.views.robot import sure, until
from clinic_desk.views.tour_admin import page_of
from clinic_desk.views.tour_walk import Walk

PROGRAM = "Website"
SCOPES = ("patients:read", "availability:read", "appointments:write")


def tokens(walk: Walk) -> None:
    """The website gets a token, shown this once; then its access is withdrawn."""
    page = page_of(walk, "tokens", TokensPage)
    walk.album.take(walk.window, "api-access-none")
    robot.click(page.add)
    form = page.form
    assert form is not None
    robot.write(form.name, PROGRAM)
    for scope in SCOPES:
        form.scopes[scope].setFocus()
        robot.key(form.scopes[scope], Qt.Key.Key_Space)
    walk.album.take(form, "api-token-form")
    robot.click(form.go)
    until("the token", lambda: page.shown is not None and page.shown.isVisible())
    shown = page.shown
    assert shown is not None
    robot.click(shown.copy)
    copied = QGuiApplication.clipboard().text()
    sure("it is in the clipboard", copied.startswith("clinicdesk_"))
    walk.album.take(shown, "api-token-shown")
    robot.key(shown, Qt.Key.Key_Escape)
    walk.quiet()
    sure("it is in the list", page.card is not None and page.card.name == PROGRAM)
    robot.click(page.withdraw)
    question = page.question
    assert question is not None
    walk.album.take(question, "api-token-withdraw")
    robot.click(robot.find(question, QPushButton, "token-withdraw-now"))
    until("it is withdrawn", lambda: page.card is not None and page.card.revoked_at is not None)
    walk.quiet()
    walk.album.take(walk.window, "api-access")
