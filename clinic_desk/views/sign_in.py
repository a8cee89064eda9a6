"""Who is at the desk: name and password, checked in the background."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.views.background import Background
from clinic_desk.views.icons import icon
from clinic_desk.views.waits import Countdown
from clinic_desk.views.widgets import button, column, error_line, field_row, label, named, row, tool

if TYPE_CHECKING:
    from clinic_desk.services.accounts import Entered
    from clinic_desk.services.store import Store
    from clinic_desk.views.password_form import PasswordForm


NARROW, WIDE = 400, 580
"""Pixels of the card; the wide one fits the first window."""
MARGIN, MARGIN_DEMO = 28, 10


class SignIn(QWidget):
    """The first window.

    Signals:
        signed_in(Actor): name and password were right.
        other_wanted(): another database.
    """

    signed_in = Signal(object)
    other_wanted = Signal()

    def __init__(
        self,
        store: Store,
        background: Background,
        *,
        server: str,
        demo_users: Mapping[str, str] | None = None,
        last_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """*demo_users* maps sign-in names to what is said about them; they share one password."""
        super().__init__(parent)
        named(self, "sign-in", _("Sign in"))
        self.setWindowTitle(_("Clinic Desk"))
        self._store, self._background = store, background
        self._demo = dict(demo_users or {})
        self._demo_password = self._given = ""
        self._entered: Entered | None = None
        self._build(server, last_name)

    def _build(self, server: str, last_name: str) -> None:
        sign = QLabel()
        sign.setPixmap(icon("app", "accent").pixmap(44, 44))
        title = label(_("Clinic Desk"), "sign-in-title", role="title")
        self.name = named(QLineEdit(last_name), "sign-in-name", _("Name"))
        self.password = named(QLineEdit(), "sign-in-password", _("Password"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.reveal = tool(_("Show"), "sign-in-reveal", tip=_("Show the password while typing"))
        self.reveal.setCheckable(True)
        self.reveal.toggled.connect(self._reveal)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(6)
        field_row(form, _("&Name"), self.name)
        caption = label(_("&Password"))
        caption.setBuddy(self.password)
        form.addRow(caption, row(self.password, self.reveal, grow=0))
        self.caps = label(_("Caps Lock may be on"), "sign-in-caps", role="hint")
        self.caps.hide()
        self.told = error_line("sign-in-told")
        self.countdown = Countdown(self.told)
        self.countdown.over.connect(self._may_try)
        self.go = button(_("Sign in"), "sign-in-go", self.submit, look="primary")
        self.go.setDefault(True)
        self.go.setMinimumHeight(36)
        hint = label(_("Forgotten? Ask an administrator."), "sign-in-hint", role="hint")
        where = label(
            _("Database: {where}").format(where=server), "sign-in-server", role="hint", wrap=True
        )
        card = self.card = named(QFrame(), "sign-in-card", role="card")
        parts = [
            row(sign, title, 1),
            form,
            self.caps,
            self.told,
            self.go,
            hint,
            self._demo_box(),
            where,
            row(button(_("Another database…"), "sign-in-other", self._other, look="quiet"), 1),
        ]
        card.setLayout(column(*parts, margin=MARGIN, gap=12))
        self.pages = named(QStackedWidget(), "sign-in-pages")
        self.pages.addWidget(card)
        self.pages.setFixedWidth(self._width())
        self.setLayout(column(1, row(1, self.pages, 1), 1, margin=24))
        self.name.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self.submit)
        for field in (self.name, self.password):
            field.textChanged.connect(lambda _text: self._untell())
        self.begin()
        self.resize(560, 620)

    def begin(self) -> None:
        """The focus is where typing goes on: at the password where the name is known."""
        (self.password if self.name.text() else self.name).setFocus()

    def _demo_box(self) -> QWidget | None:
        """The demo clinic's users to choose from; nothing elsewhere."""
        if not self._demo:
            return None
        from clinic_desk.services.demo_mark import BETWEEN

        box = named(QFrame(), "sign-in-demo", role="note")
        text = label(_("Demo clinic: choose who you are."), "sign-in-demo-text", wrap=True)
        self.demo = named(QComboBox(), "sign-in-demo-user", _("Demo user"))
        for name, about in self._demo.items():
            who, role, clinic = about.rsplit(BETWEEN, 2)
            self.demo.addItem(BETWEEN.join((who, _(role), clinic)), name)
        self.demo.activated.connect(lambda _index: self._take_demo())
        box.setLayout(column(text, self.demo, margin=MARGIN_DEMO, gap=6))
        return box

    def _width(self) -> int:
        """Pixels of the card: whoever is in the demo clinic is to be read whole."""
        if not self._demo:
            return NARROW
        self.demo.ensurePolished()
        self.demo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        whole = self.demo.sizeHint().width() + 2 * (MARGIN + MARGIN_DEMO) + 4
        self.demo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        return min(max(NARROW, whole), WIDE)

    def preset(self, name: str, password: str) -> None:
        """Fill the fields, as for the demo clinic."""
        self._demo_password = password
        self.name.setText(name)
        self.password.setText(password)
        if self._demo:
            self.demo.setCurrentIndex(max(0, self.demo.findData(name)))
        self.go.setFocus()

    def _take_demo(self) -> None:
        """All of them share one password, whatever was typed since."""
        self.preset(self.demo.currentData(), self._demo_password)

    def submit(self) -> None:
        """Ask whether name and password are right."""
        from clinic_desk.services import accounts

        if not self.name.text().strip():
            self.name.setFocus()
            return
        if not self.go.isEnabled():  # it waits, or asks already
            return
        self._set_busy(True)
        self._background.read(
            accounts.enter,
            self._store,
            self.name.text().strip(),
            self.password.text(),
            done=self._welcome,
            failed=self._refused,
            ticket=("sign-in", id(self)),
            what=_("signing in"),
        )

    def _other(self) -> None:
        if self.go.isEnabled() or self.countdown.running:  # else somebody is on their way in
            self.other_wanted.emit()

    def _welcome(self, entered: Entered) -> None:
        self._set_busy(False)
        if entered.must_change:
            self._ask_for_another(entered)
        else:
            self.password.clear()
            self.signed_in.emit(entered.actor)

    @cached_property
    def change(self) -> PasswordForm:
        """Asks for a password of one's own; made when somebody needs it, as few do."""
        from clinic_desk.views.password_form import PasswordForm

        form = PasswordForm(old=False)
        form.wanted.connect(self._change)
        card = named(QFrame(), "sign-in-change", _("Password"), role="card")
        card.setLayout(
            column(
                label(_("Choose your own password"), "sign-in-change-title", role="title"),
                label(
                    _("The present one was given to you by somebody else, who knows it."),
                    "sign-in-change-text",
                    wrap=True,
                ),
                form,
                row(button(_("Back"), "sign-in-change-back", self._back), 1),
                1,
                margin=28,
                gap=12,
            )
        )
        self.pages.addWidget(card)
        return form

    def _ask_for_another(self, entered: Entered) -> None:
        """The password came from somebody else: another one first."""
        self._entered, self._given = entered, self.password.text()
        self.password.clear()
        self.change.clear()
        self.pages.setCurrentIndex(1)
        self.change.new.setFocus()

    def _change(self, _old: str, new: str) -> None:
        from clinic_desk.services import staff

        assert self._entered is not None
        self.change.set_busy(True)
        self._background.write(
            staff.change_password,
            self._entered.actor,
            self._given,
            new,
            done=self._changed,
            failed=self._not_changed,
            what=_("changing the password"),
        )

    def _changed(self, _answer: object) -> None:
        entered, self._entered, self._given = self._entered, None, ""
        self.change.clear()
        if entered is not None:
            self.signed_in.emit(entered.actor)

    def _not_changed(self, error: BaseException) -> None:
        self.change.set_busy(False)
        self.change.tell(error)
        if not isinstance(error, ClinicError):
            self._background.broke.emit(error)

    def _back(self) -> None:
        """Somebody else after all."""
        self._entered, self._given = None, ""
        self.change.clear()
        self.change.set_busy(False)
        self.pages.setCurrentWidget(self.card)
        self.name.setFocus()

    def _refused(self, error: BaseException) -> None:
        self._set_busy(False)
        seconds = error.params.get("seconds") if isinstance(error, ClinicError) else None
        self.told.show()
        if isinstance(seconds, int):
            self.go.setEnabled(False)
            self.countdown.start(seconds)
        else:
            from clinic_desk.views import words

            self.told.setText(words.explained(error))
        if not isinstance(error, ClinicError):
            self._background.broke.emit(error)
        self.password.selectAll()
        self.password.setFocus()

    def _may_try(self) -> None:
        self.go.setEnabled(True)

    def _untell(self) -> None:
        if not self.countdown.running:
            self.told.hide()

    def _set_busy(self, busy: bool) -> None:
        self.go.setEnabled(not busy)
        self.go.setText(_("Signing in…") if busy else _("Sign in"))
        self.name.setEnabled(not busy)
        self.password.setEnabled(not busy)

    def _reveal(self, on: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password
        self.password.setEchoMode(mode)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters that come out large without Shift betray Caps Lock."""
        text = event.text()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if text.isalpha():
            self.caps.setVisible(text.isupper() != shift and text.isupper())
        super().keyPressEvent(event)
