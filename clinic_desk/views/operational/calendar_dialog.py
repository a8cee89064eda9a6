"""The secret addresses of a provider's calendar: made, copied once, and withdrawn."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services.calendar_addresses import (
    LONGEST_NAME,
    AddressCard,
    Contents,
    NewAddress,
)
from clinic_desk.services.cards import Done, ProviderCard
from clinic_desk.services.tokens import PERMISSION
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields, choice, text_field
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.admin.token_shown import code_line
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.calendar_question import (
    WithdrawAddress,
    address_line,
    told_line,
)
from clinic_desk.views.widgets import button, column, error_line, label, line, named, row, scrolled

SERVER = "http://127.0.0.1:8000"
"""Where ``clinic-desk serve`` answers, unless it is told otherwise."""

SETTING = "calendar-server"

SIZE = 660, 700
LIST_HEIGHT = 84
"""In logical pixels."""


class CalendarAddresses(QDialog):
    """The addresses of one provider, a form for a new one, and the one just made.

    Attributes:
        question: the window before one is withdrawn; None before.
    """

    def __init__(self, desk: Desk, provider: ProviderCard, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "calendar-addresses", _("Calendar address"))
        self.setWindowTitle(_("Calendar address"))
        self._desk, self._provider, self._busy = desk, provider, False
        self._cards: tuple[AddressCard, ...] = ()
        self._server = SERVER
        self.question: WithdrawAddress | None = None
        self._make_list()
        self._make_form()
        self._make_shown()
        self._lay_out()
        self._chosen()
        self.name.setFocus()
        self.load()

    def _make_list(self) -> None:
        self.list = named(QListWidget(), "calendar-list", _("Addresses in use"))
        self.list.setWordWrap(True)
        self.list.setFixedHeight(LIST_HEIGHT)
        self.list.currentRowChanged.connect(lambda _row: self._chosen())
        self.none = label(
            _("No program reads this calendar yet."), "calendar-none", role="hint", wrap=True
        )
        self.withdraw = button(_("Withdraw…"), "calendar-withdraw", self._ask)

    def _make_form(self) -> None:
        self.name = text_field("calendar-name", _("Program"), self._edited)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText(_("For example: her own phone"))
        self.contents = choice("calendar-contents", _("It tells"), self._edited)
        for each in Contents:
            self.contents.addItem(told_line(each), each)
        self.server = text_field("calendar-server", _("Server"), self._edited)
        self.server.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.server.setText(SERVER)
        self.warning = label("", "calendar-warning", wrap=True)
        self.warning.setProperty("tone", "warning")
        self.warning.setText(
            _(
                "Whoever has this address reads about patients without signing in, and so may the"
                " company that runs the calendar program. Choose this only where that is allowed."
            )
        )
        self.fields = Fields("calendar-fields", _("New address"))
        self.fields.add("name", _("Program"), self.name)
        self.fields.add("contents", _("It tells"), self.contents, self.warning)
        self.fields.add("server", _("Server"), self.server)
        self.make = button(_("Make the address"), "calendar-make", self._make, look="primary")
        self.make.setDefault(True)
        self.told = error_line("calendar-told")

    def _make_shown(self) -> None:
        self.address = code_line("", "calendar-address", _("The new address"))
        self.copy = button(_("Copy"), "calendar-copy", self._copy, look="primary")
        self.copied = label("", "calendar-copied")
        once = _(
            "This is the only time that the address is shown. Enter it in the calendar program as"
            " a calendar to subscribe to; whoever has it can read the calendar."
        )
        self.shown = named(QFrame(), "calendar-shown", _("The new address"), role="card")
        self.shown.setLayout(
            column(
                label(_("The new address"), "calendar-shown-heading", role="heading"),
                label(once, "calendar-once", wrap=True),
                row(self.address, self.copy, grow=0),
                self.copied,
                margin=12,
            )
        )
        self.shown.hide()

    def _lay_out(self) -> None:
        heading = _("Calendar of {provider}").format(provider=words.isolated(self._provider.name))
        intro = _(
            "A calendar program reads this provider’s appointments and events at a secret"
            " address while “clinic-desk serve” runs. It sees four weeks back and half a year"
            " ahead, and changes nothing."
        )
        close = button(_("Close"), "calendar-close", self.reject)
        inside = QWidget()
        inside.setLayout(
            column(
                label(heading, "calendar-heading", role="heading", wrap=True),
                label(intro, "calendar-intro", wrap=True),
                self.none,
                self.list,
                row(self.withdraw, 1),
                line("calendar-line"),
                label(_("New address"), "calendar-new", role="heading"),
                self.fields,
                row(self.make, 1),
                self.told,
                self.shown,
                1,
                gap=10,
            )
        )
        self.area = area = scrolled(inside, "calendar-area")
        self.setLayout(column(area, row(1, close), margin=16, grow=0))
        self.setMinimumSize(480, 360)
        self.resize(*SIZE)

    # Reading ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the addresses anew."""
        from clinic_desk.services import calendar_addresses, settings

        self._desk.ask(
            calendar_addresses.of_provider,
            self._provider.id,
            done=self._read,
            ticket=("calendar-addresses", id(self)),
            what=_("Calendar address"),
        )
        self._desk.ask(
            settings.get,
            SETTING,
            SERVER,
            done=self._server_known,
            ticket=("calendar-server", id(self)),
            what=_("Calendar address"),
        )

    def _read(self, cards: tuple[AddressCard, ...]) -> None:
        self._cards = cards
        self.list.clear()
        for card in cards:
            item = QListWidgetItem(address_line(card))
            item.setData(Qt.ItemDataRole.UserRole, card.id)
            self.list.addItem(item)
        if cards:
            self.list.setCurrentRow(0)
        self._chosen()

    def _server_known(self, text: str) -> None:
        if self.server.text() == self._server:  # nobody has typed meanwhile
            self.server.setText(str(text))
        self._server = str(text)

    def _chosen(self) -> None:
        self.list.setVisible(bool(self._cards))
        self.withdraw.setVisible(bool(self._cards))
        self.none.setVisible(not self._cards)
        allow(self._desk, self.withdraw, PERMISSION, on=self.card is not None and not self._busy)
        allow(self._desk, self.make, PERMISSION, on=not self._busy)
        self.warning.setVisible(self.contents.currentData() != Contents.BUSY)

    @property
    def card(self) -> AddressCard | None:
        """The address that is chosen in the list."""
        place = self.list.currentRow()
        return self._cards[place] if 0 <= place < len(self._cards) else None

    def _edited(self) -> None:
        self.told.hide()
        self.fields.untell()
        self._chosen()

    # Making -----------------------------------------------------------------------------------

    def _make(self) -> None:
        from clinic_desk.services import calendar_addresses

        server = self.server.text().strip().rstrip("/")
        if self._busy or not self._server_fits(server):
            return
        self._busy = True
        self._chosen()
        self._desk.do(
            calendar_addresses.give,
            self._provider.id,
            name=self.name.text(),
            contents=Contents(self.contents.currentData()),
            language=i18n.language(),
            label=_("Calendar address for {provider}").format(
                provider=words.isolated(self._provider.name)
            ),
            said="",
            done=lambda answer: self._made(answer, server),
            failed=self._refused,
        )

    def _server_fits(self, server: str) -> bool:
        if server.startswith(("https://", "http://")) and " " not in server:
            return True
        self.told.setText(_("The server’s address begins with https:// (or http://)."))
        self.told.show()
        self.server.setFocus()
        return False

    def _made(self, answer: Done[NewAddress], server: str) -> None:
        self._busy = False
        self._chosen()
        made: NewAddress | None = answer.value  # nothing where the answer was lost
        if made is None or not made.secret:
            self.told.setText(
                _("The address was made, but its answer was lost. Withdraw it and make another.")
            )
            self.told.show()
        else:
            self.address.setText(server + made.path)
            self.address.setCursorPosition(0)
            self.copied.setText("")
            self.shown.show()
            # Its height is known a moment later.
            QTimer.singleShot(0, self.shown, lambda: self.area.ensureWidgetVisible(self.shown))
            self.name.clear()
            self.contents.setCurrentIndex(0)
            self.copy.setFocus()
            self._keep(server)
        self._chosen()
        self.load()

    def _keep(self, server: str) -> None:
        """The next address is made for the same server."""
        from clinic_desk.services import settings

        if server != self._server:
            self._server = server
            self._desk.do(settings.put, SETTING, server, label=_("Server"), said="")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.address.text())
        self.copied.setText(_("Copied."))

    def _refused(self, error: BaseException) -> bool:
        self._busy = False
        self._chosen()
        if not isinstance(error, ClinicError):
            return False
        if not self.fields.tell(error):
            self.told.setText(words.explained(error))
            self.told.show()
        return True

    # Withdrawing ------------------------------------------------------------------------------

    def _ask(self) -> None:
        card = self.card
        if card is None or self._busy:
            return
        asked = self.question = WithdrawAddress(card, self)
        asked.confirmed.connect(lambda: self._withdraw(card))
        asked.finished.connect(asked.deleteLater)
        asked.open()

    def _withdraw(self, card: AddressCard) -> None:
        from clinic_desk.services import calendar_addresses

        self._busy = True
        self.name.setFocus()
        self._chosen()
        self._desk.do(
            calendar_addresses.withdraw,
            card.id,
            label=_("Calendar address withdrawn"),
            done=self._withdrawn,
            failed=self._refused,
        )

    def _withdrawn(self, _answer: Done[AddressCard]) -> None:
        self._busy = False
        self.load()

    def done(self, result: int) -> None:
        """Whichever way it is closed, the address stands nowhere any more."""
        self.address.clear()
        super().done(result)
