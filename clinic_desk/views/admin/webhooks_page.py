"""Webhooks: the programs that are told what changes, how they answer, and the calls to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSplitter, QWidget

from clinic_desk.i18n import _
from clinic_desk.services import webhook_renewal, webhooks
from clinic_desk.services.cards import Done
from clinic_desk.services.webhooks import ACTIVE, CallCard, KeyState, NewWebhook, WebhookCard
from clinic_desk.views import words
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.admin.watched_page import WatchedPage
from clinic_desk.views.admin.webhook_form import WebhookForm
from clinic_desk.views.admin.webhook_shown import (
    KeyForm,
    RemoveQuestion,
    RenewQuestion,
    SecretShown,
)
from clinic_desk.views.admin.webhook_tried import TestWatch
from clinic_desk.views.admin.webhooks_table import (
    CallsModel,
    WebhooksModel,
    event_line,
    former_text,
    state_text,
    trouble_text,
)
from clinic_desk.views.desk import Desk, is_there
from clinic_desk.views.list_view import fit_columns, visit_table
from clinic_desk.views.mail.errand import Errand
from clinic_desk.views.messages import Tone
from clinic_desk.views.widgets import (
    button,
    column,
    keep_room,
    label,
    named,
    restyle,
    row,
    scrolled,
    select_row,
)

AGAIN_MS = 5_000
"""What became of calls stands in no history, so it is asked for."""


class WebhooksPage(WatchedPage):
    """Attributes:
    form, shown, key_form, question: the window that stands open for a new webhook, its secret,
        the key of this computer, and one to remove; None before.
    key_state: whether this computer can call; None before that is known.
    """

    again_ms = AGAIN_MS
    kinds = frozenset({"webhook", "webhook_call"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "webhooks", _("Webhooks"))
        self.form: WebhookForm | None = None
        self.shown: SecretShown | None = None
        self.key_form: KeyForm | None = None
        self.question: RemoveQuestion | RenewQuestion | None = None
        self.key_state: KeyState | None = None
        self._tried: WebhookCard | None = None
        self._renewing = False
        self._make_list()
        self._make_calls()
        self._lay_out()
        self.setFocusProxy(self.add)
        desk.catalogue_changed.connect(self._allow)
        desk.zone_changed.connect(self.load)
        self._tell_key()
        self._allow()
        self.load()
        self._ask_key()

    def _make_list(self) -> None:
        self.model = WebhooksModel(self.desk.zone, self)
        self.table = keep_room(visit_table("webhooks-table", _("Webhooks")))
        self.table.setModel(self.model)
        self.table.setMinimumHeight(110)
        self.table.selectionModel().currentRowChanged.connect(lambda *_rows: self._chosen())
        self.add = button(_("New webhook…"), "webhook-new", self._begin, look="primary")
        self.test = button(_("Send a test"), "webhook-test", self._test)
        self.pause = button(_("Pause"), "webhook-pause", self._pause)
        self.renew = button(_("New secret…"), "webhook-renew", self._ask_renewal)
        self.remove = button(_("Remove…"), "webhook-remove", self._ask)
        self.none = label("", "webhooks-none", wrap=True)
        self.none.hide()
        self.key_told = label("", "webhooks-key", wrap=True)
        self.key_button = button("", "webhooks-key-act", self._key_act, look="quiet")

    def _make_calls(self) -> None:
        self.calls = CallsModel(self.desk.zone, self)
        self.calls_table = visit_table("webhook-calls", _("Calls"))
        self.calls_table.setModel(self.calls)
        self.calls_table.setMinimumHeight(110)
        self.heading = label("", "webhook-heading", role="heading", wrap=True)
        self.told = label("", "webhook-state", wrap=True)
        self.why = label("", "webhook-why", wrap=True)
        self.why.setProperty("tone", "error")
        self.events = label("", "webhook-tells", role="hint", wrap=True)
        self.no_calls = label(
            _("Nothing has happened since that it wants to know. “Send a test” shows whether it"
              " can be reached."),
            "webhook-no-calls", role="hint", wrap=True,
        )  # fmt: skip
        self.retry = button(_("Try failed calls again"), "webhook-retry", self._retry)

    def _lay_out(self) -> None:
        intro = _(
            "A webhook tells another program at once that an appointment or a patient changed. The"
            " call names the record and says nothing of it; the program reads it with its token."
        )
        top = named(QWidget(), "webhooks-side", role="panel")
        top.setLayout(
            column(
                label(_("Webhooks"), "webhooks-title", role="title"),
                label(intro, "webhooks-intro", wrap=True),
                row(self.key_told, self.key_button, grow=0),
                row(self.add, self.test, self.pause, self.renew, self.remove, 1),
                self.none,
                self.table,
                margin=16,
                gap=12,
                grow=5,
            )
        )
        self.detail = named(QWidget(), "webhook-detail", _("Calls"), role="panel")
        self.detail.setLayout(
            column(
                self.heading,
                self.told,
                self.why,
                self.events,
                self.no_calls,
                self.calls_table,
                row(self.retry, 1),
                0,  # without the table, what is left of the room is at the foot
                margin=16,
                gap=8,
                grow=5,
            )
        )
        self.splitter = named(QSplitter(Qt.Orientation.Vertical), "webhooks-splitter")
        self.splitter.addWidget(top)
        self.splitter.addWidget(self.detail)
        self.splitter.setChildrenCollapsible(False)
        self.setLayout(column(scrolled(self.splitter, "webhooks-scroll")))

    # Reading ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the webhooks anew, and the calls of the chosen one."""
        self.desk.ask(
            webhooks.listed,
            done=self._read,
            ticket=("webhooks", id(self)),
            what=_("reading the webhooks"),
        )

    def _read(self, cards: tuple[WebhookCard, ...]) -> None:
        kept = self.card
        self._read_once = True
        self.model.set_cards(cards, self.desk.zone)
        self.table.setVisible(bool(cards))
        self.none.setVisible(not cards)
        self.none.setText(
            _("No program is told of changes yet. Add the address at which one waits for calls.")
        )
        if cards:
            fit_columns(self.table, WebhooksModel.ADDRESS)
            select_row(self.table, max(0, self.model.row_of(kept.id) if kept else 0))
        self._chosen()

    @property
    def card(self) -> WebhookCard | None:
        """The webhook that is chosen in the list."""
        place = self.table.currentIndex().row()
        return self.model.shown[place] if 0 <= place < len(self.model.shown) else None

    def _chosen(self) -> None:
        card = self.card
        self._allow()
        self.detail.setVisible(card is not None)
        if card is None:
            return
        self.heading.setText(words.isolated(card.url))
        state = _("State: {state}").format(state=state_text(card))
        self.told.setText(" · ".join(filter(None, (state, former_text(card, self.desk.zone)))))
        why = trouble_text(card.trouble, self.desk.zone)
        self.why.setText(why)
        self.why.setVisible(bool(why))
        told = _("; ").join(map(event_line, card.events))
        self.events.setText(_("It is told of: {events}").format(events=told))
        self.events.setToolTip("\n".join(card.events))
        self.desk.ask(
            webhooks.calls,
            card.id,
            done=self._calls_read,
            ticket=("webhook-calls", id(self)),
            what=_("reading the webhooks"),
        )

    def _calls_read(self, cards: tuple[CallCard, ...]) -> None:
        self.calls.set_cards(cards, self.desk.zone)
        self.no_calls.setVisible(not cards)
        self.calls_table.setVisible(bool(cards))
        if cards:
            fit_columns(self.calls_table, CallsModel.EVENT, CallsModel.WHY)

    def _allow(self) -> None:
        card, free = self.card, not self._acting
        active = card is not None and card.state == ACTIVE
        if card is None or not free:
            self.keep_focus(self.test, self.pause, self.renew, self.remove, self.retry)
        self.pause.setText(_("Pause") if active or card is None else _("Resume"))
        self.pause.setAccessibleName(self.pause.text())
        allow(self.desk, self.add, webhooks.PERMISSION)
        allow(self.desk, self.test, webhooks.PERMISSION, on=active and free)
        for part in (self.pause, self.renew, self.remove):
            allow(self.desk, part, webhooks.PERMISSION, on=card is not None and free)
        failed = card is not None and card.failed > 0
        allow(self.desk, self.retry, webhooks.PERMISSION, on=failed and free)
        self.retry.setVisible(failed)

    # The key of this computer -----------------------------------------------------------------

    def _ask_key(self) -> None:
        """On a thread of its own: a keyring may be slow."""
        Errand(self.desk, webhooks.key_state, done=self._key_read, failed=self._key_unknown)

    def _key_read(self, state: KeyState) -> None:
        self.key_state = state
        self._tell_key()

    def _key_unknown(self, error: BaseException) -> None:
        self.key_told.setText(words.explained(error))
        restyle(self.key_told, tone="error")
        self.key_told.show()

    def _tell_key(self) -> None:
        state = self.key_state
        shown = state is not None and state.needed
        for part in (self.key_told, self.key_button):
            part.setVisible(shown)
        if state is None or not shown:
            return
        if state.fits:
            text = _("This computer calls them, as do all that have its key.")
            self.key_button.setText(_("Copy the key"))
        else:
            text = _(
                "This computer does not have the key under which their secrets are sealed: other"
                " computers call them."
            )
            self.key_button.setText(_("Enter the key…"))
        self.key_button.setAccessibleName(self.key_button.text())
        self.key_told.setText(text)
        restyle(self.key_told, tone="" if state.fits else "warning")

    def _key_act(self) -> None:
        if self.key_state is not None and self.key_state.fits:
            Errand(self.desk, webhooks.key, done=self._copy_key, failed=self.desk.complain)
            return
        form = self.key_form = KeyForm(self.desk, self)
        form.kept.connect(self._key_kept)
        form.finished.connect(form.deleteLater)
        form.open()

    def _copy_key(self, key: str) -> None:
        QGuiApplication.clipboard().setText(key)
        self.desk.say(
            _("The key is copied. Paste it on another computer of the clinic."), Tone.GOOD
        )

    def _key_kept(self) -> None:
        self._ask_key()
        self._wake()

    # Adding -----------------------------------------------------------------------------------

    def _begin(self) -> None:
        form = self.form = WebhookForm(self.desk, self)
        form.made.connect(self._made)
        form.finished.connect(form.deleteLater)
        form.open()

    def _made(self, new: NewWebhook | None) -> None:
        self.load()
        self._ask_key()
        if new is None or not new.secret:  # told once, and that once was lost on the way
            text = _(
                "The webhook was added, but the answer that carried its secret was lost. Remove"
                " it, and add it again."
            )
            self.desk.say(text, Tone.WARNING)
            return
        self._show(new)

    def _show(self, new: NewWebhook, *, renewed: bool = False) -> None:
        shown = self.shown = SecretShown(new, self, renewed=renewed)
        shown.finished.connect(shown.deleteLater)
        shown.open()

    # A new secret -----------------------------------------------------------------------------

    def _ask_renewal(self) -> None:
        card = self.card
        if card is None or self._acting:
            return
        asked = self.question = RenewQuestion(card, self)
        asked.confirmed.connect(self._renew)
        asked.finished.connect(asked.deleteLater)
        asked.open()

    def _renew(self) -> None:
        self._renewing = True
        self._act(webhook_renewal.renew, _("Secret of the webhook to {address} renewed"))

    def _renewed(self, new: NewWebhook | None) -> None:
        if new is None or not new.secret:  # told once, and that once was lost on the way
            text = _(
                "The secret was renewed, but the answer that carried it was lost. Renew it once"
                " more; the former one holds for a day still."
            )
            self.desk.say(text, Tone.WARNING)
        elif is_there(self._refused):
            self._show(new, renewed=True)

    # Acting -----------------------------------------------------------------------------------

    def _test(self) -> None:
        self._tried = self.card
        self._act(webhooks.send_test, _("Test of the webhook to {address}"), said="")

    def _pause(self) -> None:
        if self.card is not None and self.card.state == ACTIVE:
            self._act(webhooks.pause, _("Webhook to {address} paused"))
        else:
            self._act(webhooks.resume, _("Webhook to {address} resumed"))

    def _retry(self) -> None:
        self._act(webhooks.retry, _("Calls to {address} tried again"), tone=Tone.PLAIN)

    def _ask(self) -> None:
        card = self.card
        if card is None or self._acting:
            return
        asked = self.question = RemoveQuestion(card, self)
        asked.confirmed.connect(
            lambda: self._act(webhooks.remove, _("Webhook to {address} removed"))
        )
        asked.finished.connect(asked.deleteLater)
        asked.open()

    def _act(self, command: Callable[..., Done[Any]], text: str, **how: Any) -> None:
        card = self.card
        if card is None or self._acting:
            return
        text = text.format(address=words.isolated(card.url))
        self._act_on(command, card.id, text, **how)

    def _acted(self, answer: Done[Any], said: str, tone: Tone) -> None:
        tried, self._tried = self._tried, None
        renewing, self._renewing = self._renewing, False
        super()._acted(answer, said, tone)
        if renewing:
            self._renewed(answer.value)
        if tried is not None and answer.value is not None:
            TestWatch(self, tried, answer.value)
        if is_there(self._refused):
            self._wake()

    def _refused(self, error: BaseException) -> bool:
        self._tried, self._renewing = None, False
        return super()._refused(error)

    def _wake(self) -> None:
        if self.desk.post is not None:
            self.desk.post.wake()
        QTimer.singleShot(1000, self, self.load)

    def _news(self) -> None:
        super()._news()
        self._ask_key()
