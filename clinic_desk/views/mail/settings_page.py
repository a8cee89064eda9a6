"""Mail: how messages leave, tried out before it is kept."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, Invalid, NotAllowed
from clinic_desk.services import settings as shared
from clinic_desk.services.cards import Done
from clinic_desk.services.mail_settings import MailSettings, PasswordState
from clinic_desk.services.safe import Place
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields, begin_together, text_field
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.desk import Desk
from clinic_desk.views.form_page import CardPage
from clinic_desk.views.mail.errand import Errand
from clinic_desk.views.mail.settings_form import SettingsForm
from clinic_desk.views.messages import Change
from clinic_desk.views.widgets import button, column, label, named, restyle, row

KEPT = "•" * 8
"""Stands in the empty field where a password is kept."""


class MailPage(CardPage[MailSettings]):
    """The card is the settings as they were read; None before."""

    shows = MailSettings

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "mail", _("Mail"))
        self._testing = False
        self._filling = True
        self.form = SettingsForm(self._edited)
        self.form.offer_places(has_keyring=False)
        self._make_test()
        self._lay_out()
        desk.deeds_happened.connect(self._happened)
        desk.catalogue_changed.connect(self._allow)
        if desk.post is not None:
            desk.post.changed.connect(self._show_state)
        self.setFocusProxy(self.form.host)
        self._filling = False
        self._show_state()
        self._allow()
        self.load()
        self._ask_password()

    def _make_test(self) -> None:
        self.to = text_field("mail-test-to", _("Send a test to"), self._allow)
        self.to.setPlaceholderText("you@example.org")
        self.to.returnPressed.connect(self.try_out)
        self.test = button(_("Send a test mail"), "mail-test", self.try_out)
        self.outcome = label("", "mail-test-outcome", wrap=True)
        self.outcome.hide()
        self.test_fields = Fields("mail-test-fields", _("Test"))
        self.test_fields.add("to", _("Send a test to"), self.to, beside=self.test)
        card = named(QFrame(), "mail-card-test", _("Test"), role="card")
        heading = label(_("Test"), "mail-card-test-title", role="heading")
        hint = label(
            _("Really sends a short mail with what stands above, saved or not."),
            "mail-test-hint",
            role="hint",
            wrap=True,
        )
        card.setLayout(column(heading, hint, self.test_fields, self.outcome, margin=16))
        begin_together([*self.form.parts, self.test_fields])
        place = self.form.test_place.layout()
        assert place is not None
        place.addWidget(card)

    def _lay_out(self) -> None:
        self.state = label("", "mail-state", wrap=True)
        title = label(_("Mail"), "mail-title", role="title")
        cards = QWidget()
        cards.setMaximumWidth(680)
        cards.setLayout(column(title, self.state, self.form, gap=12))
        holder = named(QWidget(), "mail-holder", role="panel")
        holder.setLayout(column(row(cards, 0, grow=0), 1, margin=16))
        self.pane = named(QScrollArea(), "mail-scroll")
        self.pane.setWidgetResizable(True)
        self.pane.setFrameShape(QFrame.Shape.NoFrame)
        self.pane.setWidget(holder)
        foot = named(QWidget(), "mail-foot", role="panel")
        buttons = row(self.save_button, self.discard_button, 1)
        foot.setLayout(column(self.conflict, self.told, buttons, margin=16))
        self.setLayout(column(self.pane, foot, gap=0, grow=0))
        keys = QShortcut(QKeySequence.StandardKey.Save, self)
        keys.activated.connect(self.save)

    # Reading ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the settings anew."""
        from clinic_desk.services import mail_settings

        self.desk.ask(
            mail_settings.get,
            done=self._read,
            ticket=("mail-settings", id(self)),
            what=_("reading the mail settings"),
        )

    def _show(self, settings: MailSettings) -> None:
        self.card, self._theirs = settings, None
        self._filling = True
        self.form.fill(settings)
        self._filling = False
        self.told.hide()
        self.conflict.hide()
        self._allow()

    def _ask_password(self) -> None:
        from clinic_desk.services import mail_settings

        if self.desk.may(shared.SHARING):
            Errand(
                self.desk,
                mail_settings.password_state,
                done=self._password_known,
                failed=self._password_unknown,
            )

    def _password_known(self, found: PasswordState) -> None:
        if not self.form.password.text():
            self.form.offer_places(has_keyring=found.has_keyring)
        self.form.password.setPlaceholderText(KEPT if found.known else "")
        self.form.known.setText(
            _("This computer knows it. Leave the field empty to keep it.")
            if found.known
            else _("This computer does not know it yet. It never leaves this computer.")
        )

    def _password_unknown(self, error: BaseException) -> None:
        self.form.known.setText(words.explained(error))
        if not isinstance(error, ClinicError):
            self.desk.complain(error)

    def _show_state(self) -> None:
        """How the sender of this desk fares."""
        post = self.desk.post
        found = post.condition if post is not None else None
        trouble = post.trouble if post is not None else ""
        if trouble:
            text, tone = trouble, "error"
        elif found is not None and found.state == "well":
            text, tone = _("Messages leave from this computer."), "good"
        else:
            text, tone = "", ""
        self.state.setText(text)
        restyle(self.state, tone=tone)
        self.state.setVisible(bool(text))

    # Editing ----------------------------------------------------------------------------------

    @property
    def _is_edited(self) -> bool:
        if self.card is None or self._filling:
            return False
        if self.form.password.text():
            return True
        try:
            return self.form.draft() != self.card
        except Invalid:
            return True

    @property
    def unsaved(self) -> str:
        """What is not saved, as the question names it."""
        return _("Mail") if self._is_edited else ""

    def _edited(self) -> None:
        if self._filling:
            return
        self.form.untell()
        super()._edited()

    def _allow(self) -> None:
        may = self.desk.may(shared.SHARING)
        why = "" if may else words.explained(NotAllowed(shared.SHARING))
        self.form.lock(not may, why)
        edited = self._is_edited and not self._saving
        self._allow_saving(shared.SHARING, on=edited)
        ready = bool(self.to.text().strip()) and not self._testing
        allow(self.desk, self.test, shared.SHARING, on=ready)
        self.test.setText(_("Sending…") if self._testing else _("Send a test mail"))

    # Saving -----------------------------------------------------------------------------------

    def save(self) -> None:
        """Keep what stands in the fields; refusals are shown and nothing typed is lost."""
        from clinic_desk.services import mail_settings

        if self._saving or not self._is_edited or not self.desk.may(shared.SHARING):
            return
        try:
            draft = self.form.draft()
        except Invalid as error:
            self._refused(error)
            return
        self._send(
            mail_settings.save,
            draft,
            before=self.card,
            label=_("Change the mail settings"),
            said=_("Saved: {what}").format(what=_("Mail")),
            done=self._saved,
        )

    def _saved(self, answer: Done[MailSettings | None]) -> None:
        if answer.value is None:  # it was saved, the answer lost
            self.load()
        else:
            self.card = answer.value
        secret = self.form.password.text()
        if not secret:
            self._all_saved(None)
            return
        from clinic_desk.services import mail_settings

        place = Place(self.form.place.currentData())
        Errand(
            self.desk,
            mail_settings.keep_password,
            secret,
            place,
            done=self._all_saved,
            failed=self._password_refused,
        )

    def _all_saved(self, _nothing: object) -> None:
        self._saving = False
        if self.card is not None:
            self._show(self.card)
        self._ask_password()
        if self.desk.post is not None:
            self.desk.post.wake()
        self.saved()

    def _password_refused(self, error: BaseException) -> None:
        if isinstance(error, ClinicError):
            told = Invalid("password", error.message, **error.params)
            told.way_out = error.way_out
            self._refused(told)
        else:
            self._refused(error)
            self.desk.complain(error)

    def _tell_at_field(self, error: ClinicError) -> bool:
        return self.form.tell(error)

    # Testing ----------------------------------------------------------------------------------

    def try_out(self) -> None:
        """Send a mail with what stands in the fields, and say what came of it."""
        from clinic_desk.services import mail_settings

        if self._testing or not self.test.isEnabled():
            return
        self.form.untell()
        self.test_fields.untell()
        try:
            draft = self.form.draft()
        except Invalid as error:
            self._not_sent(error)
            return
        self._testing = True
        self._allow()
        self._tell_outcome(_("Talking to the mail server…"), "")
        secret = self.form.password.text() or None
        Errand(
            self.desk,
            mail_settings.try_out,
            draft,
            secret,
            self.to.text().strip(),
            done=self._sent,
            failed=self._not_sent,
        )

    def _sent(self, _nothing: object) -> None:
        self._testing = False
        self._allow()
        text = _("The mail server took the mail. Look into the mailbox of {address}.")
        address = words.isolated(self.to.text().strip())
        self._tell_outcome(text.format(address=address), "good")

    def _not_sent(self, error: BaseException) -> None:
        self._testing = False
        self._allow()
        if not isinstance(error, ClinicError):
            self.desk.complain(error)
        at_field = self.form.tell(error) or self.test_fields.tell(error)
        self._tell_outcome("" if at_field else words.explained(error), "error")

    def _tell_outcome(self, text: str, tone: str) -> None:
        self.outcome.setText(text)
        restyle(self.outcome, tone=tone)
        self.outcome.setVisible(bool(text))

    # News -------------------------------------------------------------------------------------

    def _happened(self, changed: frozenset[Change]) -> None:
        if any(kind == "setting" for kind, _number in changed) and not self._saving:
            self.load()
