"""My account: one's own data, and another password."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, Stale
from clinic_desk.services.cards import Done
from clinic_desk.services.staff_cards import StaffCard
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields, choice, choose, text_field
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.desk import Desk
from clinic_desk.views.form_page import FormPage
from clinic_desk.views.messages import Change
from clinic_desk.views.password_form import PasswordForm
from clinic_desk.views.widgets import column, label, named, row


class AccountPage(FormPage):
    """What everybody may change about themselves."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "account", _("My account"))
        self.card: StaffCard | None = None
        self.display_name = text_field("account-name", _("Name"), self._edited)
        self.email = text_field("account-email", _("E-mail"), self._edited)
        self.language = choice("account-language", _("Language"), self._edited)
        self.language.addItem(_("As the computer"), "")
        for tag in i18n.available():
            self.language.addItem(i18n.name_of(tag), tag)
        self.fields = Fields("account-fields", _("My data"))
        self.fields.add("display_name", _("Name"), self.display_name)
        self.fields.add("email", _("E-mail"), self.email)
        hint = label(
            _("Holds from your next sign-in, on every desk."),
            "account-language-hint",
            role="hint",
            wrap=True,
        )
        self.fields.add("language", _("Language"), self.language, hint)
        self.passwords = PasswordForm()
        self.passwords.wanted.connect(self._change_password)
        self.changed = label(_("The password is changed."), "account-changed", wrap=True)
        self.changed.setProperty("tone", "good")
        self.changed.hide()
        self._lay_out()
        desk.deeds_happened.connect(self._happened)
        desk.catalogue_changed.connect(self._allow)
        self.setFocusProxy(self.display_name)
        self._allow()
        self.load()

    def _lay_out(self) -> None:
        self.title = label(self.desk.actor.name, "account-title", role="title", wrap=True)
        role = label(_(self.desk.actor.role), "account-role", role="hint", wrap=True)
        mine = named(QFrame(), "account-card", _("My data"), role="card")
        buttons = row(self.save_button, self.discard_button, 1)
        mine.setLayout(column(self.fields, self.told, buttons, margin=16, gap=12))
        password = named(QFrame(), "account-password", _("Password"), role="card")
        heading = label(_("Change my password"), "account-password-title", role="heading")
        password.setLayout(column(heading, self.passwords, self.changed, margin=16, gap=12))
        holder = named(QWidget(), "account-holder", role="panel")
        cards = QWidget()
        cards.setMaximumWidth(620)
        cards.setLayout(column(self.title, role, mine, password, gap=12))
        holder.setLayout(column(row(cards, 1, grow=0), 1, margin=16))
        scroll = named(QScrollArea(), "account-scroll")
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(holder)
        self.setLayout(column(scroll))

    def load(self) -> None:
        """Read one's own data anew."""
        from clinic_desk.services import staff

        self.desk.ask(
            staff.show,
            self.desk.actor.user_id,
            done=self._read,
            ticket=("account", id(self)),
            what=_("reading your data"),
        )

    def _read(self, card: StaffCard) -> None:
        if not self._data_edited:
            self._show(card)

    def _show(self, card: StaffCard) -> None:
        self.card = card
        self.display_name.setText(card.draft.display_name)
        self.email.setText(card.draft.email)
        tag = card.draft.language
        choose(self.language, tag, i18n.name_of(tag) if tag else "")
        self.title.setText(words.isolated(card.draft.display_name))
        self.told.hide()
        self.fields.untell()
        self._allow()

    @property
    def _data_edited(self) -> bool:
        if self.card is None:
            return False
        draft = self.card.draft
        return (
            self.display_name.text(),
            self.email.text().strip(),
            self.language.currentData() or "",
        ) != (draft.display_name, draft.email, draft.language)

    @property
    def unsaved(self) -> str:
        """As in :class:`Page`."""
        return _("My account") if self._data_edited else ""

    def _edited(self) -> None:
        self.fields.untell()
        super()._edited()

    def _allow(self) -> None:
        edited = self._data_edited and not self._saving
        if not edited:
            self.keep_focus(self.save_button, self.discard_button)
        self._allow_saving("User Update", on=edited)
        allow(self.desk, self.passwords.go, "User Update")

    def discard(self) -> None:
        """Show again what is saved."""
        if self.card is not None:
            self._show(self.card)

    def save(self) -> None:
        """Save one's own data; refusals are shown and nothing typed is lost."""
        from clinic_desk.services import staff

        if self.card is None or self._saving or not self._data_edited:
            return
        self._send(
            staff.change_own,
            self.card,
            display_name=self.display_name.text(),
            email=self.email.text(),
            language=self.language.currentData() or "",
            label=_("Change my data"),
            said=_("Saved: {what}").format(what=_("My account")),
            done=self._saved,
        )

    def _saved(self, answer: Done[StaffCard]) -> None:
        self._saving = False
        self.desk.renew_catalogue()
        if answer.value is not None:
            self._show(answer.value)
        self.saved()

    def _changed_meanwhile(self, error: Stale) -> bool:
        if isinstance(error.theirs, StaffCard):
            self.card = error.theirs  # saving once more keeps what was typed
            self._allow()
        return False

    def _tell_at_field(self, error: ClinicError) -> bool:
        return self.fields.tell(error)

    def _change_password(self, old: str, new: str) -> None:
        from clinic_desk.services import staff

        self.changed.hide()
        self.passwords.set_busy(True)
        self.desk.do(
            staff.change_password,
            old,
            new,
            label=_("Change my password"),
            said="",
            done=self._password_changed,
            failed=self._password_refused,
        )

    def _password_changed(self, _answer: Done[Any]) -> None:
        self.passwords.set_busy(False)
        self.passwords.clear()
        self.changed.show()

    def _password_refused(self, error: BaseException) -> bool:
        self.passwords.set_busy(False)
        if not isinstance(error, ClinicError):
            return False
        self.passwords.tell(error)
        return True

    def _happened(self, changed: frozenset[Change]) -> None:
        if ("user_account", self.desk.actor.user_id) in changed and not self._saving:
            self.load()
