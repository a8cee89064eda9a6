"""Which permissions booking needs, each with a tick for who has it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QTreeWidget, QTreeWidgetItem, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules import permissions
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, label, named, row

NEEDED = (
    "Appointment Get All",
    "Appointment Create",
    "Location Get All",
    "Service Get All",
    "Customer Get All",
    "Customer Show",
    "Customer Create",
)
"""What the steps ask for, in their order; the last one for new patients alone."""

GUARDS, PERMISSION, STATE = range(3)


class NeededPermissions(QDialog):
    """A list to read; whoever lacks something knows what to ask the administrator for."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = _("The permissions needed to book")
        named(self, "booking-permissions", title)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = named(QTreeWidget(), "booking-permissions-list", title)
        self.list.setHeaderLabels([_("What it guards"), _("Permission"), _("You have it")])
        self.list.setRootIsDecorated(False)
        for name in NEEDED:
            has = desk.may(name)
            shown = "✓ " + _("yes") if has else "✕ " + _("no")
            guards = _(permissions.BY_NAME[name].guards)
            item = QTreeWidgetItem(self.list, [guards, name, shown])
            item.setToolTip(GUARDS, guards)
        for part in (PERMISSION, GUARDS, STATE):
            self.list.resizeColumnToContents(part)
        missing = not all(map(desk.may, NEEDED))
        hint = _("Your role has all of them.")
        if missing:
            hint = _("Whoever may change roles can give you what is missing: Admin, Roles.")
        self.hint = label(hint, "booking-permissions-hint", role="hint", wrap=True)
        close = button(_("Close"), "booking-permissions-close", self.accept)
        close.setDefault(True)
        self.setLayout(
            column(
                label(title, "booking-permissions-title", role="heading"),
                self.list,
                self.hint,
                row(1, close),
                margin=16,
                gap=10,
                grow=1,
            )
        )
        self.resize(620, 360)
        self.list.setFocus()
