"""One consent of the register: what it says, going on with it, and taking it back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services.cards import Done
from clinic_desk.services.consent_cards import ConsentCard, Side, State
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields, text_field
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.consent import texts
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import Tone
from clinic_desk.views.widgets import button, column, label, named, restyle, row

LOOKS = {
    State.ASKED: "requested",
    State.VERIFIED: "requested",
    State.AGREED: "completed",
    State.LOCKED: "cancelled",
    State.EXPIRED: "cancelled",
    State.WITHDRAWN: "cancelled",
}
"""By which status of a visit each state is coloured."""


class RegisterDetail(QWidget):
    """Attributes:
    card: the consent that is shown; None where none is.

    Signals:
        go_on_wanted(ConsentCard): enter its code, record its form, or register.
        changed(): it was withdrawn, or is another one by now.
    """

    go_on_wanted = Signal(object)
    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "consent-detail", _("Consent"), role="panel")
        self._desk = desk
        self.card: ConsentCard | None = None
        self._typed: dict[int, str] = {}
        self.title = texts.leading(label("", "consent-detail-title", role="title", wrap=True))
        self.badge = label("", "consent-detail-state", role="badge")
        self._rows: dict[str, tuple[QLabel, QLabel]] = {}
        self.facts = QWidget()
        grid = QGridLayout(self.facts)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for place, (name, caption) in enumerate(self._captions().items()):
            told = texts.leading(label("", f"consent-{name}", wrap=True))
            told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            heading = label(caption, role="hint")
            self._rows[name] = heading, told
            grid.addWidget(heading, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(told, place, 1)
        self.go_on = button(_("Go on…"), "consent-take-up", self._go_on, look="primary")
        self.withdraw = button(_("Withdraw…"), "consent-withdraw", self.begin, look="danger")
        self.asking = self._build_asking()
        self.told = label("", "consent-detail-told", wrap=True)
        self.told.setProperty("tone", "error")
        inside = named(QWidget(), "consent-detail-holder", role="panel")
        inside.setLayout(
            column(
                self.title,
                row(self.badge, 1),
                self.facts,
                row(self.go_on, self.withdraw, 1),
                self.asking,
                self.told,
                1,
                margin=16,
                gap=12,
            )
        )
        inside.setMinimumHeight(1)  # its height goes by its width, not by its narrowest
        self.area = named(QScrollArea(), "consent-detail-area")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        self.none = label(
            _("Choose a consent from the list."), "consent-detail-none", role="hint", wrap=True
        )
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setLayout(column(self.none, self.area, gap=0))
        self.show_card(None)

    @staticmethod
    def _captions() -> dict[str, str]:
        return {
            "side": _("Side"),
            "other": _("Other clinic"),
            "purpose": _("For"),
            "shared": _("What is shared"),
            "how": _("How"),
            "asked": _("Asked"),
            "expires": _("Waits until"),
            "verified": _("Verified"),
            "agreed": _("Agreed"),
            "lasts": _("How long"),
            "ended": _("Withdrawn"),
            "reason": _("Reason"),
        }

    def _build_asking(self) -> QFrame:
        made = named(QFrame(), "consent-withdrawing", _("Withdraw the consent"), role="refusal")
        text = label(
            _(
                "Nothing more is shared from then on. What was registered with it stays with the"
                " clinic that registered it. This cannot be undone."
            ),
            "consent-withdrawing-text",
            wrap=True,
        )
        self.reason = text_field("consent-why", _("Reason"), self._reason_edited)
        self.reason.setPlaceholderText(_("For example: the person asked for it"))
        self.reason.returnPressed.connect(self.submit)
        self.fields = Fields("consent-withdraw-fields", _("Withdraw the consent"))
        self.fields.add("reason", _("Reason"), self.reason)
        self.sure = button(
            _("Withdraw the consent"), "consent-withdraw-sure", self.submit, look="danger"
        )
        self.keep = button(_("Keep it"), "consent-withdraw-keep", self._keep)
        made.setLayout(column(text, self.fields, row(self.sure, self.keep, 1), margin=12))
        return made

    def show_card(self, card: ConsentCard | None) -> None:
        """Show another consent, or the same one as it is by now."""
        same = card is not None and self.card is not None and card.id == self.card.id
        self.card = card
        self.none.setVisible(card is None)
        self.area.setVisible(card is not None)
        if card is None:
            return
        if not (same and card.can_be_withdrawn):
            self.asking.hide()
            self.reason.setText(self._typed.get(card.id, ""))
            self.fields.untell()
        self.told.hide()
        self.title.setText(words.isolated(card.person) or _("Person not known yet"))
        self.badge.setText(texts.state(card.state))
        restyle(self.badge, status=LOOKS[card.state])
        for name, text in self._told(card).items():
            heading, told = self._rows[name]
            told.setText(text)
            heading.setVisible(bool(text))
            told.setVisible(bool(text))
        desk = self._desk
        mine = card.side is Side.ASKS and card.state in {State.ASKED, State.VERIFIED}
        self.go_on.setVisible(mine)
        allow(desk, self.go_on, "Consent Verify")
        self.withdraw.setVisible(card.can_be_withdrawn and not self.asking.isVisible())
        allow(desk, self.withdraw, "Consent Take")

    def _told(self, card: ConsentCard) -> dict[str, str]:
        zone = self._desk.zone

        def at(instant: object) -> str:
            return texts.moment(instant, zone) if instant is not None else ""  # type: ignore[arg-type]

        asked = at(card.asked_at)
        if card.asked_by:
            asked = _("{when} by {who}").format(when=asked, who=words.isolated(card.asked_by))
        waits = card.state in {State.ASKED, State.VERIFIED}
        return {
            "side": texts.side(card),
            "other": words.isolated(card.other),
            "purpose": words.isolated(card.purpose),
            "shared": texts.shares(card.shares),
            "how": texts.channel(card.channel),
            "asked": asked,
            "expires": at(card.expires_at) if waits else "",
            "verified": at(card.verified_at),
            "agreed": at(card.agreed_at),
            "lasts": texts.until(card.until_at, zone) if card.agreed_at else "",
            "ended": at(card.withdrawn_at),
            "reason": words.isolated(_(card.reason)),
        }

    def _go_on(self) -> None:
        if self.card is not None:
            self.go_on_wanted.emit(self.card)

    # Taking it back ---------------------------------------------------------------------------

    def begin(self) -> None:
        """Ask why."""
        self.withdraw.hide()
        self.asking.show()
        self.reason.setFocus()

    def _keep(self) -> None:
        self.asking.hide()
        self.withdraw.show()
        self.withdraw.setFocus()

    def _reason_edited(self) -> None:
        if self.card is not None:
            self._typed[self.card.id] = self.reason.text()
        self.fields.untell()

    def submit(self) -> None:
        """Withdraw what is shown, or say what is missing."""
        from clinic_desk.services import consent

        card = self.card
        if card is None or not self.sure.isEnabled():
            return
        self.sure.setEnabled(False)
        self._desk.do(
            consent.withdraw,
            card.id,
            version=card.version,
            reason=self.reason.text(),
            label=_("Withdraw a consent"),
            said="",
            done=self._withdrawn,
            failed=self._refused,
        )

    def _withdrawn(self, _answer: Done[None]) -> None:
        desk = self._desk
        desk.say(_("The consent is withdrawn."), Tone.GOOD)
        self.sure.setEnabled(True)
        self.asking.hide()
        if self.card is not None:
            self._typed.pop(self.card.id, None)
        self.changed.emit()

    def _refused(self, error: BaseException) -> bool:
        self.sure.setEnabled(True)
        if not isinstance(error, ClinicError):
            return False
        if not self.fields.tell(error):
            self.told.setText(words.explained(error, self._desk.zone))
            self.told.show()
            self.changed.emit()
        return True
