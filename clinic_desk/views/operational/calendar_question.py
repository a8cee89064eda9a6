"""How an address of a calendar is told, and the question before one is withdrawn."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from clinic_desk.i18n import _
from clinic_desk.services.calendar_addresses import AddressCard, Contents
from clinic_desk.views import words
from clinic_desk.views.sure_question import SureQuestion
from clinic_desk.views.widgets import button, label


def told_line(contents: Contents) -> str:
    """What an address tells, in a few words."""
    return {
        Contents.BUSY: _("Busy times and the type only"),
        Contents.INITIALS: _("The patients’ initials too"),
        Contents.NAMES: _("The patients’ names and the titles of events too"),
    }[contents]


def address_line(card: AddressCard) -> str:
    """An address in the list: whose it is, what it tells, when it was used last."""
    name = words.isolated(card.name) if card.name else _("No name")
    used = words.ago(card.last_used_at) if card.last_used_at is not None else _("never")
    return _("{name} – {contents} – last used: {when}").format(
        name=name, contents=told_line(card.contents), when=used
    )


class WithdrawAddress(SureQuestion):
    """What stops when an address is withdrawn."""

    def __init__(self, card: AddressCard, parent: QWidget) -> None:
        super().__init__("calendar-question", _("Withdraw a calendar address"), parent, width=440)
        text = _(
            "The program that reads it learns nothing new from its next look on. This cannot be"
            " taken back; a new address can be made."
        )
        self.keep = button(_("Keep it"), "calendar-keep")
        self.go = button(_("Withdraw"), "calendar-withdraw-now", look="danger")
        heading = _("Withdraw this calendar address?")
        self._say(
            label(heading, "calendar-question-heading", role="heading", wrap=True),
            label(address_line(card), "calendar-question-which", wrap=True),
            label(text, "calendar-question-text", role="hint", wrap=True),
            keep=self.keep,
            go=self.go,
        )
