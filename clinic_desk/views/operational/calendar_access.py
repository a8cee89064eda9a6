"""On the page of providers: the way to the secret addresses of a provider's calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.services.cards import ProviderCard
from clinic_desk.services.tokens import PERMISSION
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, label, named, row

if TYPE_CHECKING:
    from clinic_desk.views.operational.calendar_dialog import CalendarAddresses


class CalendarAccess(QWidget):
    """A button that opens the addresses of the provider who is shown.

    Attributes:
        window_: the window that stands open; None before.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "providers-calendar", _("Calendar address"))
        self._desk = desk
        self._card: ProviderCard | None = None
        self.window_: CalendarAddresses | None = None
        self.open = button(_("Calendar address…"), "providers-calendar-open", self._open)
        hint = _("Shows this provider’s time in another calendar program, such as a phone’s.")
        told = label(hint, "providers-calendar-hint", role="hint", wrap=True)
        self.setLayout(column(row(self.open, 1), told))
        self.setFocusProxy(self.open)
        desk.catalogue_changed.connect(self._allow)
        self._allow()

    def show_provider(self, card: ProviderCard | None) -> None:
        """Whose addresses the button opens; None: a provider who is not stored yet."""
        self._card = card
        self._allow()

    def _allow(self) -> None:
        tip = "" if self._card else _("Save the provider first.")
        allow(self._desk, self.open, PERMISSION, on=self._card is not None, tip=tip)

    def _open(self) -> None:
        from clinic_desk.views.operational.calendar_dialog import CalendarAddresses

        if self._card is None:
            return
        made = self.window_ = CalendarAddresses(self._desk, self._card, self.window())
        made.finished.connect(made.deleteLater)
        made.open()
