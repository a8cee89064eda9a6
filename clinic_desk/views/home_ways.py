"""Where somebody is led who sees no visits: said on the page Home, instead of an empty day."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QPushButton

from clinic_desk.i18n import _
from clinic_desk.views.desk import Desk
from clinic_desk.views.icons import icon
from clinic_desk.views.sections import Section, offered
from clinic_desk.views.widgets import button, column, label, named, row


class Ways(QFrame):
    """A button for each section that is there; ``screen_wanted(str)`` names it."""

    screen_wanted = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "home-ways", _("Where your role leads"), role="card")
        self._desk = desk
        self.buttons = {
            section.name: self._made(section)
            for section in offered(desk.may)
            if section.name != "home"
        }
        title = label(_("Where your role leads"), "home-ways-title", role="heading")
        self.told = label(self._told(), "home-ways-told", role="hint", wrap=True)
        lines = [row(made, 1) for made in self.buttons.values()]
        self.setLayout(column(title, self.told, *lines, margin=16, gap=10))

    def _made(self, section: Section) -> QPushButton:
        made = button(
            self._called(section),
            f"home-way-{section.name}",
            partial(self.screen_wanted.emit, section.name),
            look="way",
        )
        made.setIcon(icon(section.sign))
        made.setIconSize(QSize(20, 20))
        made.setMinimumWidth(260)
        return made

    def _called(self, section: Section) -> str:
        """A section with one page alone is called as that page."""
        from clinic_desk.views.admin import pages

        led = pages.offered(self._desk.may) if section.name == "admin" else []
        return _(led[0].text) if len(led) == 1 else _(section.text)

    def _told(self) -> str:
        role = _(self._desk.actor.role)
        if not self.buttons:
            return _("The role {role} leads nowhere yet. Ask an administrator.").format(role=role)
        return _(
            "The role {role} does not see the appointments of the clinic. An administrator can"
            " change that under Admin, Roles."
        ).format(role=role)
