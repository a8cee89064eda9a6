"""The pages of the section Admin, and what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from clinic_desk.rules.errors import NotAllowed
from clinic_desk.rules.words import N_
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.sections import STAFF, Wanted, holds


class Page(QWidget):
    """A page that may hold something unsaved: then it is asked about before it is left.

    A page with fields says what is unsaved (``unsaved``), and how to ``save`` and ``discard``
    it. Whoever saves calls :meth:`saved` when it is done and :meth:`not_saved` when refused.
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self._then: Callable[[], object] | None = None

    @property
    def unsaved(self) -> str:
        """What is not saved, as the question names it; empty where there is nothing."""
        return ""

    def save(self) -> None:
        """Save what is unsaved."""

    def discard(self) -> None:
        """Give up what is unsaved."""

    def leave_then(self, then: Callable[[], object]) -> None:
        """Call *then*; where something is unsaved, only after it has been asked about."""
        if not self.unsaved:
            then()
            return
        asked = LeavingQuestion(self.unsaved, self)
        asked.save_wanted.connect(lambda: self._save_then(then))
        asked.discard_wanted.connect(lambda: self._discard_then(then))
        asked.finished.connect(asked.deleteLater)
        asked.open()

    def saved(self) -> None:
        """What was unsaved is saved: whoever waited may go on."""
        then, self._then = self._then, None
        if then is not None:
            then()

    def not_saved(self) -> None:
        """The refusal is shown; whoever waited stays."""
        self._then = None

    def keep_focus(self, *buttons: QWidget) -> None:
        """Before *buttons* are switched off: whoever pressed one goes on at the beginning of this
        page, not at that of the window.
        """
        if any(button.hasFocus() for button in buttons):
            self.setFocus()

    def _save_then(self, then: Callable[[], object]) -> None:
        self._then = then
        self.save()

    def _discard_then(self, then: Callable[[], object]) -> None:
        self.discard()
        then()


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A line of the list on the left. Whoever holds one of *permissions* is led there."""

    name: str
    text: str
    permissions: tuple[Wanted, ...]
    make: Callable[[Desk], QWidget]


def _account(desk: Desk) -> QWidget:
    from clinic_desk.views.admin.account_page import AccountPage

    return AccountPage(desk)


def _staff(desk: Desk) -> QWidget:
    from clinic_desk.views.admin.staff_page import StaffPage

    return StaffPage(desk)


def _roles(desk: Desk) -> QWidget:
    from clinic_desk.views.admin.roles_page import RolesPage

    return RolesPage(desk)


def _mail(desk: Desk) -> QWidget:
    from clinic_desk.views.mail.settings_page import MailPage

    return MailPage(desk)


def _outbox(desk: Desk) -> QWidget:
    from clinic_desk.views.mail.outbox_page import OutboxPageView

    return OutboxPageView(desk)


def _letters(desk: Desk) -> QWidget:
    from clinic_desk.views.mail.letters_page import LettersPage

    return LettersPage(desk)


def _consents(desk: Desk) -> QWidget:
    from clinic_desk.views.consent.register import RegisterPage

    return RegisterPage(desk)


def _tokens(desk: Desk) -> QWidget:
    from clinic_desk.views.admin.tokens_page import TokensPage

    return TokensPage(desk)


def _webhooks(desk: Desk) -> QWidget:
    from clinic_desk.views.admin.webhooks_page import WebhooksPage

    return WebhooksPage(desk)


def _locking(desk: Desk) -> QWidget:
    from clinic_desk.views.admin.locking_page import LockingPage

    return LockingPage(desk)


PAGES = (
    PageEntry("staff", N_("Staff"), (STAFF,), _staff),
    PageEntry("roles", N_("Roles"), ("User Show",), _roles),
    PageEntry("consents", N_("Consents"), ("Consent Get Consented",), _consents),
    PageEntry("outbox", N_("Outbox"), ("Appointment Get All",), _outbox),
    PageEntry("mail", N_("Mail"), ("Setting Update",), _mail),
    PageEntry("letters", N_("Letters"), ("Setting Update",), _letters),
    PageEntry("tokens", N_("API access"), ("Token Update",), _tokens),
    PageEntry("webhooks", N_("Webhooks"), ("Token Update",), _webhooks),
    PageEntry("locking", N_("Locking"), ("Setting Update",), _locking),
    PageEntry("account", N_("My account"), ("User Update",), _account),
)
"""In the order of the list. A further page is a line here, its module fetched when wanted."""


def offered(may: Callable[[str], bool], pages: Sequence[PageEntry] = PAGES) -> list[PageEntry]:
    """Those of *pages* for somebody who *may*."""
    return [page for page in pages if holds(may, *page.permissions)]


def allow(desk: Desk, widget: QWidget, permission: str, *, on: bool = True, tip: str = "") -> bool:
    """Switch *widget* on where the user holds *permission* (and *on*); else it says why not."""
    may = desk.may(permission)
    widget.setEnabled(may and on)
    widget.setToolTip(tip if may else words.explained(NotAllowed(permission)))
    return may
