"""API access: the programs that may book here, what each may do, and when it last asked."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.services import tokens
from clinic_desk.services.tokens import NewToken, TokenCard
from clinic_desk.views import words
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.admin.token_form import TokenForm
from clinic_desk.views.admin.token_shown import TokenShown, WithdrawQuestion, code_line
from clinic_desk.views.admin.tokens_table import TokensModel, moment, scope_told
from clinic_desk.views.admin.watched_page import WatchedPage
from clinic_desk.views.desk import Desk
from clinic_desk.views.list_view import fit_columns, visit_table
from clinic_desk.views.messages import Tone
from clinic_desk.views.widgets import (
    button,
    column,
    keep_room,
    label,
    named,
    row,
    scrolled,
    select_row,
)

AGAIN_MS = 30_000
"""When a token was last used stands in no history, so it is asked for."""

ADDRESS = "http://127.0.0.1:8000/api/v1"
"""Where ``clinic-desk serve`` answers, unless it is told otherwise."""


class TokensPage(WatchedPage):
    """Attributes:
    form, shown, question: the window that stands open for a new token, for the one just made,
        and for one to withdraw; None before.
    """

    again_ms = AGAIN_MS
    kinds = frozenset({"api_token"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "tokens", _("API access"))
        self.form: TokenForm | None = None
        self.shown: TokenShown | None = None
        self.question: WithdrawQuestion | None = None
        self._make_list()
        self._lay_out()
        self.setFocusProxy(self.add)
        desk.catalogue_changed.connect(self._allow)
        desk.zone_changed.connect(self.load)
        self._allow()
        self.load()

    def _make_list(self) -> None:
        self.model = TokensModel(self.desk.zone, self)
        self.table = keep_room(visit_table("tokens-table", _("Tokens")))
        self.table.setModel(self.model)
        self.table.setMinimumHeight(140)
        self.table.selectionModel().currentRowChanged.connect(lambda *_rows: self._allow())
        self.add = button(_("New token…"), "token-new", self._begin, look="primary")
        self.withdraw = button(_("Withdraw…"), "token-withdraw", self._ask)
        text = _("Show withdrawn")
        self.withdrawn = named(QCheckBox(text), "tokens-show-withdrawn", text)
        self.withdrawn.setChecked(True)
        self.withdrawn.toggled.connect(lambda _on: self._sift())
        self.none = label("", "tokens-none", wrap=True)
        self.none.hide()
        self.may = label("", "token-may", wrap=True)

    def _lay_out(self) -> None:
        intro = _(
            "Other programs, such as the clinic’s website, book here by the same rules as a"
            " person at the desk. Each has a token of its own."
        )
        top = named(QWidget(), "tokens-holder", role="panel")
        top.setLayout(
            column(
                label(_("API access"), "tokens-title", role="title"),
                label(intro, "tokens-intro", wrap=True),
                row(self.add, self.withdraw, 1, self.withdrawn),
                self.none,
                self.table,
                self.may,
                self._connection(),
                margin=16,
                gap=12,
                grow=4,
            )
        )
        self.setLayout(column(scrolled(top, "tokens-scroll")))

    def _connection(self) -> QWidget:
        """What whoever sets the other program up has to enter there."""
        uuid = self.desk.catalogue.organisation.uuid
        self.uuid = code_line(uuid, "tokens-organisation", _("The organisation’s number"))
        self.address = code_line(f"{ADDRESS}/{uuid}", "tokens-address", _("Base address"))
        start = _(
            "The API answers while “clinic-desk serve” runs on the computer of the database or"
            " any other that reaches it. “--host” and “--port” choose another address; how to"
            " call it stands in the handbook (Help menu)."
        )
        card = named(QFrame(), "tokens-connection", _("What the program needs"), role="card")
        card.setLayout(
            column(
                label(_("What the program needs"), "tokens-needs", role="heading"),
                self._copied_row(_("Base address"), self.address),
                self._copied_row(_("The organisation’s number"), self.uuid),
                label(start, "tokens-start", role="hint", wrap=True),
                margin=16,
            )
        )
        return card

    def _copied_row(self, caption: str, field: QLineEdit) -> QWidget:
        def copy() -> None:
            QGuiApplication.clipboard().setText(field.text())
            self.desk.say(_("Copied: {what}").format(what=caption), Tone.GOOD)

        heading = label(caption)
        heading.setBuddy(field)
        spoken = _("Copy: {what}").format(what=caption)
        copier = button(_("Copy"), f"{field.objectName()}-copy", copy, spoken=spoken)
        holder = QWidget()
        holder.setLayout(column(heading, row(field, copier, grow=0), gap=3))
        return holder

    # Reading ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the tokens anew."""
        self.desk.ask(
            tokens.listed,
            done=self._read,
            ticket=("tokens", id(self)),
            what=_("reading the tokens"),
        )

    def _read(self, cards: tuple[TokenCard, ...]) -> None:
        kept = self.card
        self._read_once = True
        self.model.set_cards(cards, self.desk.zone)
        self._sifted(kept)

    def _sift(self) -> None:
        kept = self.card
        self.model.sift(withdrawn=self.withdrawn.isChecked())
        self._sifted(kept)

    def _sifted(self, kept: TokenCard | None) -> None:
        shown = bool(self.model.shown)
        self.table.setVisible(shown)
        self.none.setVisible(not shown and self._read_once)
        self.none.setText(self._nothing())
        if shown:
            fit_columns(self.table, TokensModel.SCOPES)
            select_row(self.table, max(0, self.model.row_of(kept.id) if kept else 0))
        self._allow()

    def _nothing(self) -> str:
        if self.model.total:
            return _("Every token was withdrawn. “Show withdrawn” lists them.")
        return _(
            "No other program may book here yet. Make a token for it, start the API with"
            " “clinic-desk serve”, and enter token and base address in the program."
        )

    @property
    def card(self) -> TokenCard | None:
        """The token that is chosen in the list."""
        place = self.table.currentIndex().row()
        return self.model.shown[place] if 0 <= place < len(self.model.shown) else None

    def _allow(self) -> None:
        card = self.card
        holds = card is not None and card.revoked_at is None
        if not holds or self._acting:
            self.keep_focus(self.withdraw)
        allow(self.desk, self.add, tokens.PERMISSION)
        allow(self.desk, self.withdraw, tokens.PERMISSION, on=holds and not self._acting)
        self.may.setText(self._told(card) if card is not None else "")
        self.may.setVisible(card is not None)

    def _told(self, card: TokenCard) -> str:
        heading = _("{program} may:")
        if card.revoked_at is not None:
            heading = _("{program} was allowed this until {when}:")
        at = moment(card.revoked_at or card.created_at, self.desk.zone)
        heading = heading.format(program=words.isolated(card.name), when=at)
        lines = [heading, *(f"• {scope_told(scope)}" for scope in card.scopes)]
        role = self.desk.catalogue.roles.get(card.role_id or 0)
        if role is not None:
            text = _("Of that, only what the role {role} may do.")
            lines.append(text.format(role=words.isolated(_(role.name))))
        return "\n".join(lines)

    # Making -----------------------------------------------------------------------------------

    def _begin(self) -> None:
        form = self.form = TokenForm(self.desk, self)
        form.made.connect(self._made)
        form.finished.connect(form.deleteLater)
        form.open()

    def _made(self, new: NewToken | None) -> None:
        self.load()
        if new is None or not new.text:  # it is told once, and that once was lost on the way
            text = _(
                "The token was made, but the answer that carried it was lost. Withdraw it, and"
                " make another one."
            )
            self.desk.say(text, Tone.WARNING)
            return
        shown = self.shown = TokenShown(new, self)
        shown.finished.connect(shown.deleteLater)
        shown.open()

    # Withdrawing ------------------------------------------------------------------------------

    def _ask(self) -> None:
        card = self.card
        if card is None or self._acting:
            return
        asked = self.question = WithdrawQuestion(card, self)
        asked.confirmed.connect(lambda: self._withdraw(card))
        asked.finished.connect(asked.deleteLater)
        asked.open()

    def _withdraw(self, card: TokenCard) -> None:
        self._acting = True
        self._allow()
        self.desk.do(
            tokens.revoke,
            card.id,
            label=_("Access of {program} withdrawn").format(program=words.isolated(card.name)),
            done=self._withdrawn,
            failed=self._refused,
        )

    def _withdrawn(self, _answer: object) -> None:
        self._over()
