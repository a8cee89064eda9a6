"""The section Admin: staff, roles, one's own account."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.views.admin.pages import PAGES
from clinic_desk.views.desk import Desk
from clinic_desk.views.pages_screen import PagesScreen


class AdminScreen(PagesScreen):
    """Who works here, what they may do, and one's own password."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "admin", _("Admin"), PAGES, parent=parent)
