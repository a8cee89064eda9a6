"""The very first start on a computer: which language, and where the clinic's data are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from clinic_desk import config, i18n
from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services import safe
from clinic_desk.services.safe import Place
from clinic_desk.services.server_check import ServerPlace
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields
from clinic_desk.views.background import Background
from clinic_desk.views.password_form import hidden
from clinic_desk.views.widgets import button, column, label, named, restyle, row

COPIED = (
    Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
)
"""A command that somebody has to run can be copied."""
LINE = 30
"""The height of a language in the list."""
HINT_INDENT = 22
"""What explains a choice stands below its words, not below its circle."""


class LanguageChoice(QWidget):
    """The languages by their own names.

    Signals:
        tried(str): a language was pointed at; everything may speak it at once.
        chosen(str): go on in this one.
    """

    tried = Signal(str)
    chosen = Signal(str)

    def __init__(self, tag: str) -> None:
        super().__init__()
        named(self, "first-language", _("Language"))
        self.list = named(QListWidget(), "language-list", _("Language"))
        self.list.setSpacing(2)
        tongue = tag.partition("_")[0]
        for known in i18n.available():
            item = QListWidgetItem(i18n.name_of(known))
            item.setData(Qt.ItemDataRole.UserRole, known)
            item.setSizeHint(QSize(0, LINE))
            self.list.addItem(item)
            if known == tag or known.partition("_")[0] == tongue:
                self.list.setCurrentItem(item)
        self.list.setFixedHeight(min(self.list.count(), 9) * (LINE + 4) + 6)
        self.list.currentItemChanged.connect(lambda *_items: self.tried.emit(self.tag()))
        self.list.itemActivated.connect(lambda _item: self.chosen.emit(self.tag()))
        self.go = button(
            _("Continue"), "language-go", lambda: self.chosen.emit(self.tag()), look="primary"
        )
        self.setFocusProxy(self.list)
        card = named(QFrame(), "language-card", role="card")
        title = label(_("Welcome to Clinic Desk"), "language-title", role="title")
        card.setLayout(
            column(title, label(_("Language"), role="strong"), self.list, row(1, self.go),
                   margin=28, gap=14)
        )  # fmt: skip
        card.setFixedWidth(440)
        self.setLayout(column(1, row(1, card, 1), 1, margin=24))

    def tag(self) -> str:
        """The language that is pointed at."""
        item = self.list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole))


class KeepChoice(QComboBox):
    """Where this computer keeps the server's password; what it cannot do is not offered.

    Attributes:
        hint: says why, on a computer that has no keyring; to be put below.
    """

    def __init__(self) -> None:
        super().__init__()
        named(self, "keep-password", _("Keep the password"))
        self.hint = label(
            _("This computer has no safe for passwords."), "keep-hint", role="hint", wrap=True
        )
        self._ring = True
        self.offer(ring=False)

    def offer_ring(self, there: bool) -> None:
        """As :meth:`offer`, as an answer."""
        self.offer(ring=there)

    def offer(self, *, ring: bool) -> None:
        """Offer what there is; *ring* says that this computer has a keyring."""
        if ring == self._ring:
            return
        self._ring = ring
        self.clear()
        texts = {
            Place.KEYRING: _("In this computer’s safe for passwords"),
            Place.MEMORY: _("Nowhere: ask at each start"),
            Place.FILE: _("In a file that only I can read"),
        }
        places = (Place.KEYRING, Place.MEMORY) if ring else (Place.MEMORY, Place.FILE)
        for place in places:
            self.addItem(texts[place], place)
        if self.hint.parent() is not None:
            self.hint.setVisible(not ring)

    def place(self) -> Place:
        """What is chosen."""
        return Place(self.currentData())


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields of a server, to be there again on coming back."""

    server: ServerPlace
    shared: bool = True
    password: str = field(default="", repr=False)


NOTHING = Typed(ServerPlace("localhost", "clinic", ""), shared=False)
EMPTY = N_("Please fill this in.")


class DatabaseChoice(QWidget):
    """This computer alone, or a server that several desks share; a server is tried first.

    Signals:
        chosen(str): the URL, without its password, which is kept as it was wished.
        back(): to the page before.
    *typed* is what stands in the fields at first.
    """

    chosen = Signal(str)
    back = Signal()

    def __init__(self, background: Background, typed: Typed = NOTHING) -> None:
        super().__init__()
        named(self, "first-database", _("Database"))
        self._background = background
        self._tested = self._asked = ""
        self.local = named(QRadioButton(_("On this computer")), "database-local")
        self.shared = named(
            QRadioButton(_("On a server that several desks share")), "database-shared"
        )
        (self.shared if typed.shared else self.local).setChecked(True)
        group = QButtonGroup(self)
        group.addButton(self.local)
        group.addButton(self.shared)
        self.host = named(QLineEdit(typed.server.host), "database-host", _("Server"))
        self.port = named(QSpinBox(), "database-port", _("Port"))
        self.port.setRange(1, 65535)
        self.port.setValue(typed.server.port)
        self.port.setGroupSeparatorShown(False)
        self.name = named(QLineEdit(typed.server.name), "database-name", _("Database"))
        self.user = named(QLineEdit(typed.server.user), "database-user", _("User"))
        self.password = hidden("database-password", _("Password"))
        self.password.setText(typed.password)
        self.certificate = named(
            QLineEdit(typed.server.certificate), "database-certificate", _("Certificate")
        )
        self.certificate.setPlaceholderText(_("Only for an authority of your own: its file"))
        self.keep = KeepChoice()
        self.fields = Fields("database-fields", _("Database"))
        for name, caption, line in (
            ("host", _("Server"), self.host),
            ("port", _("Port"), self.port),
            ("name", _("Database"), self.name),
            ("user", _("User"), self.user),
            ("password", _("Password"), self.password),
            ("certificate", _("Certificate"), self.certificate),
        ):
            self.fields.add(name, caption, line)
        self.fields.add("keep", _("Keep the password"), self.keep, self.keep.hint)
        self.test = button(_("Test the connection"), "database-test", self.try_out)
        self.told = label("", "database-told", wrap=True)
        self.go = button(_("Continue"), "database-go", self.submit, look="primary")
        self._lay_out()
        self.local.toggled.connect(lambda _on: self._allow())
        for line in (self.host, self.name, self.user, self.password, self.certificate):
            line.textEdited.connect(lambda _text: self._edited())
        self.port.valueChanged.connect(lambda _port: self._edited())
        background.read(safe.has_keyring, done=self.keep.offer_ring, failed=lambda _error: None)
        self._allow()

    def _lay_out(self) -> None:
        self.told.setTextInteractionFlags(self.told.textInteractionFlags() | COPIED)
        hints = (
            label(_("One desk, nothing to set up."), "", role="hint", wrap=True),
            label(
                _("PostgreSQL; whoever runs the server tells you what to enter."),
                "",
                role="hint",
                wrap=True,
            ),
        )
        for hint in hints:
            hint.setIndent(HINT_INDENT)
        self.told.hide()
        self.box = QWidget()
        self.box.setLayout(column(self.fields, row(self.test, 1), self.told, gap=10))
        card = named(QFrame(), "database-card", role="card")
        card.setLayout(
            column(
                label(_("Where are the clinic’s data?"), "database-title", role="title", wrap=True),
                self.local,
                hints[0],
                self.shared,
                hints[1],
                self.box,
                row(button(_("Back"), "database-back", self.back.emit), 1, self.go),
                margin=28,
                gap=10,
            )
        )
        card.setFixedWidth(520)
        self.setLayout(column(1, row(1, card, 1), 1, margin=24))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter tests what was typed, and goes on where that went well; a button is pressed."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not enter or isinstance(self.focusWidget(), QPushButton):
            event.ignore()
        elif self.go.isEnabled():
            self.submit()
        elif self.test.isEnabled():
            self.try_out()

    def _allow(self) -> None:
        self.box.setVisible(self.shared.isChecked())
        self.go.setEnabled(self.local.isChecked() or self._tested == self._url())
        self.go.setToolTip("" if self.go.isEnabled() else _("Test the connection first."))

    def _edited(self) -> None:
        self.fields.untell()
        self.told.hide()
        self._allow()

    def _place(self) -> ServerPlace:
        return ServerPlace(
            host=self.host.text().strip() or "localhost",
            port=self.port.value(),
            name=self.name.text().strip(),
            user=self.user.text().strip(),
            certificate=self.certificate.text().strip(),
        )

    def _secret(self) -> str:
        return self.password.text()

    def _url(self) -> str:
        return self._place().url(self._secret())

    def typed(self) -> Typed:
        """What stands in the fields."""
        return Typed(self._place(), self.shared.isChecked(), self._secret())

    def try_out(self) -> None:
        """Ask the server, in the background, whether it can be used."""
        from clinic_desk.services import server_check

        self.fields.untell()
        self.told.hide()
        for name, line in (("name", self.name), ("user", self.user)):
            if not line.text().strip():
                self.fields.tell(Invalid(name, EMPTY))
                return
        url = self._asked = self._url()
        self.test.setEnabled(False)
        self.test.setText(_("Testing…"))
        self._background.read(
            server_check.try_out,
            url,
            done=self._tried,
            failed=self._not_tried,
            ticket=("server", id(self)),
            what=_("testing the connection"),
        )

    def _ready(self) -> None:
        self.test.setEnabled(True)
        self.test.setText(_("Test the connection"))

    def _tried(self, found: Any) -> None:
        from clinic_desk.services.server_check import Found

        self._ready()
        self._tested = self._asked
        self._allow()
        if not self.go.isEnabled():
            return  # something was typed meanwhile
        text = (
            _("Connected. There is a clinic in this database.")
            if found is Found.CLINIC
            else _("Connected. The database is empty; a clinic can be set up in it.")
        )
        self._tell(text, "good")
        self.go.setFocus()

    def _not_tried(self, error: BaseException) -> None:
        self._ready()
        if not self.fields.tell(error):
            self._tell(words.explained(error), "error")
        if not isinstance(error, ClinicError):
            self._background.broke.emit(error)

    def _tell(self, text: str, tone: str) -> None:
        restyle(self.told, tone=tone)
        self.told.setText(text)
        self.told.show()

    def _not_kept(self, error: BaseException) -> None:
        """The keyring refuses, or the file: what is left is offered."""
        self.keep.offer(ring=False)
        self._not_tried(error)
        self.keep.setFocus()

    def _kept(self, _nothing: object) -> None:
        self.chosen.emit(self._place().url())

    def submit(self) -> None:
        """Keep the password where it was wished, and go on."""
        if self.local.isChecked():
            self.chosen.emit(config.default_database(config.data_folder()))
            return
        url = self._place().url()
        if not self._secret():
            self.chosen.emit(url)
            return
        self._background.write(
            safe.keep,
            config.password_name(url),
            self._secret(),
            self.keep.place(),
            done=self._kept,
            failed=self._not_kept,
            what=_("keeping the password"),
        )
