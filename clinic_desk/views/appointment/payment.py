"""What is asked for a visit and whether it came, beside what the patient's other visits ask."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QPlainTextEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Invalid
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.payments import (
    ANYBODYS,
    NEXT,
    Method,
    PatientPayment,
    PaymentCard,
    PaymentSheet,
    State,
)
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice, choose, text_field
from clinic_desk.views.appointment.form_part import FormPart
from clinic_desk.views.appointment.money import amount_of, amount_text, money_text
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, label, named, restyle, row

if TYPE_CHECKING:
    from clinic_desk.views.remember import Memory

BADGES = {
    State.DUE: "requested",
    State.PAID: "completed",
    State.WAIVED: "scheduled",
    State.REFUNDED: "cancelled",
}
"""Which status' look each state takes."""


def state_text(state: State) -> str:
    """The state as a badge says it."""
    return {
        State.DUE: _("Due"),
        State.PAID: _("Paid"),
        State.WAIVED: _("Waived"),
        State.REFUNDED: _("Refunded"),
    }[state]


def method_text(method: Method) -> str:
    """How it was paid."""
    return {
        Method.OPEN: _("Not paid yet"),
        Method.CASH: _("Cash"),
        Method.CARD: _("Card"),
        Method.TRANSFER: _("Bank transfer"),
        Method.INSURANCE: _("Insurance"),
        Method.OTHER: _("Something else"),
    }[method]


class PaymentPart(FormPart):
    """Attributes:
    sheet: what stands on the visit, None until it was read.
    steps: the buttons that lead to each state.
    """

    kinds = frozenset({"payment"})

    def __init__(self, desk: Desk, card: AppointmentCard, memory: Memory | None = None) -> None:
        super().__init__("payment", desk, card, memory)
        named(self, "payment", _("Payment"))
        self.sheet: PaymentSheet | None = None
        self.sum = label("", "payment-sum", role="title")
        self.state = label("", "payment-state", role="badge")
        self.changed = label("", "payment-changed", role="hint", wrap=True)
        self.amount = text_field("payment-amount", _("Amount"), self.typed)
        self.amount.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.amount.setMaximumWidth(140)
        self.currency = label("", "payment-currency", role="hint")
        self.method = choice("payment-method", _("Paid by"), self.typed)
        for method in Method:
            self.method.addItem(method_text(method), method)
        self.note = named(QPlainTextEdit(), "payment-note", _("Note on the payment"))
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(64)
        self.note.textChanged.connect(self.typed)
        self.note.setPlaceholderText(_("Never write card numbers here."))
        beside = QWidget()
        beside.setLayout(row(self.currency, 1))
        self.fields.add("amount", _("A&mount"), self.amount, beside=beside)
        self.fields.add("method", _("Paid b&y"), self.method)
        self.fields.add("note", _("N&ote"), self.note)
        texts = {
            State.PAID: _("Mark as paid"),
            State.WAIVED: _("Waive"),
            State.REFUNDED: _("Refund"),
            State.DUE: _("Set back to due"),
        }
        self.steps = {
            state: button(text, f"payment-{state}", partial(self.step, state))
            for state, text in texts.items()
        }
        self.other_head = label("", "payment-other-head", role="heading", wrap=True)
        self.others = named(QTreeWidget(), "payment-others", _("Payments of this patient"))
        self.others.setRootIsDecorated(False)
        self.others.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.others.setHeaderLabels([_("Visit"), _("Amount"), _("State")])
        self.others.setColumnWidth(0, 230)
        self.others.setMinimumHeight(130)
        for part in (self.other_head, self.others):
            part.hide()
        head = row(self.sum, self.state, 1)
        self.lay_out(
            head, self.changed, self.stale, self.fields, self.locked, self.told,
            row(*self.steps.values(), 1), self.other_head, self.others, 1,
        )  # fmt: skip
        self.setFocusProxy(self.amount)
        self._lock()
        self.read()

    # Reading ----------------------------------------------------------------------------------

    def read(self) -> None:
        """Ask for the payment, and for those of the patient's other visits."""
        from clinic_desk.services import payments

        self.desk.ask(
            payments.of_visit, self.card.id, done=self.arrived,
            ticket=("payment", self.card.id), what=_("reading the payment"),
        )  # fmt: skip
        if self.desk.may("Payment Get All"):
            self.desk.ask(
                payments.of_patient, self.card.patient_id, done=self._show_others,
                ticket=("payments", self.card.id), what=_("reading the payments"),
            )  # fmt: skip

    def _show_others(self, found: tuple[PatientPayment, ...]) -> None:
        rest = [one for one in found if one.payment.appointment_id != self.card.id]
        due: dict[tuple[str, int], int] = {}
        self.others.clear()
        for one in rest:
            paid = one.payment
            money = money_text(paid.amount_minor, paid.currency, paid.digits)
            day = words.wall(one.starts_at, one.time_zone).date()
            when = f"{words.day_numbers(day)} {words.clock(one.starts_at, one.time_zone)}"
            item = QTreeWidgetItem([when, money, state_text(paid.state)])
            item.setSizeHint(0, QSize(0, 26))
            self.others.addTopLevelItem(item)
            if paid.state is State.DUE:
                key = (paid.currency, paid.digits)
                due[key] = due.get(key, 0) + paid.amount_minor
        sums = ", ".join(money_text(minor, *key) for key, minor in due.items())
        text = _("Other visits of this patient, still due: {sum}").format(sum=sums)
        self.other_head.setText(text if sums else _("Other visits of this patient"))
        self.other_head.setVisible(bool(rest))
        self.others.setVisible(bool(rest))

    @property
    def payment(self) -> PaymentCard | None:
        """The payment that is shown."""
        return self.sheet.payment if self.sheet else None

    def same(self, found: PaymentSheet) -> bool:
        """Whether *found* is the version that is shown."""
        mine, theirs = self.payment, found.payment
        return (mine and (mine.id, mine.version)) == (theirs and (theirs.id, theirs.version))

    def describe(self, found: PaymentSheet) -> str:
        """Amount, state, way and note in a line."""
        one = found.payment
        if one is None:
            return _("Nothing is asked for this visit.")
        money = money_text(one.amount_minor, one.currency, one.digits)
        parts = [money, state_text(one.state), method_text(one.method), one.note]
        return " · ".join(words.isolated(part) for part in parts if part)

    def fill(self, found: PaymentSheet) -> None:
        """Show what stands on the visit."""
        self.sheet = found
        one = found.payment
        self.currency.setText(words.isolated(found.currency if one is None else one.currency))
        if one is None:
            self.sum.setText(_("Nothing is asked for this visit."))
            self.changed.setText(_("Type an amount; it is due until somebody marks it as paid."))
        else:
            self.sum.setText(money_text(one.amount_minor, one.currency, one.digits))
            self.changed.setText(self._told_of(one))
            self.state.setText(state_text(one.state))
            restyle(self.state, status=BADGES[one.state])
        self.state.setVisible(one is not None)
        restyle(self.sum, role="title" if one else "strong")
        amount = amount_text(one.amount_minor, one.digits) if one else ""
        self.put((amount, one.method if one else Method.OPEN, one.note if one else ""))
        self._lock()

    def _told_of(self, one: PaymentCard) -> str:
        if one.changed_at is None:
            return ""
        day = words.wall(one.changed_at, self.desk.zone).date()
        when = f"{words.day_short(day)}, {words.clock(one.changed_at, self.desk.zone)}"
        text = _("Written by {who}, {when}")
        return text.format(who=words.isolated(one.changed_by), when=when)

    def values(self) -> tuple[str, Method, str]:
        """Amount as typed, way of payment, note."""
        method = Method(self.method.currentData() or "")
        return self.amount.text().strip(), method, self.note.toPlainText().strip()

    def put(self, values: tuple[str, Method, str]) -> None:
        """Write these into the fields."""
        amount, method, note = values
        self.amount.setText(amount)
        choose(self.method, method)
        if self.note.toPlainText().strip() != note:
            self.note.setPlainText(note)

    def _missing(self) -> str:
        """The permission that is missing to change the fields."""
        one = self.payment
        if one is None:
            needed = ["Payment Create"]
        elif one.author_id == self.desk.actor.user_id is not None:
            needed = ["Payment Update"]
        else:
            needed = ["Payment Update", ANYBODYS]
        return next((name for name in needed if not self.desk.may(name)), "")

    def _lock(self) -> None:
        one, missing = self.payment, self._missing()
        self.lock(missing)
        read = self.sheet is not None
        self.amount.setReadOnly(bool(missing) or not read)
        settled = one is not None and one.state is not State.DUE
        self.amount.setEnabled(read and not settled)
        pays = one is not None and self.desk.may("Payment Change Status")
        self.method.setEnabled(read and (not missing or pays))
        self.note.setReadOnly(bool(missing) or not read)
        steps = NEXT[one.state] if one else (State.PAID, State.WAIVED)
        needed = "Payment Change Status" if one else "Payment Create"
        for state, made in self.steps.items():
            made.setVisible(state in steps)
            made.setEnabled(read and self.desk.may(needed))

    # Saving -----------------------------------------------------------------------------------

    def step(self, state: State) -> None:
        """Save what was typed, and let the payment become *state*."""
        if self.busy:
            return
        one = self.payment
        if one is None:
            self._try(lambda: self._create(state))
        elif self.values()[::2] == self._shown[::2]:
            self._try(lambda: self._become(state))
        else:
            self.save(lambda: self._try(lambda: self._become(state)))

    def _become(self, state: State) -> None:
        from clinic_desk.services import payments

        one = self.payment
        if one is not None:
            self.send(
                payments.set_state, one.id, state, version=one.version,
                method=self.values()[1], what=state_text(state),
            )  # fmt: skip

    def store(self) -> None:
        """Send what was typed: a new payment is due. Raises ``Invalid``."""
        from clinic_desk.services import payments

        one = self.payment
        if one is None:
            self._create(State.DUE)
            return
        amount, method, note = self.values()
        self.send(
            payments.change, one.id, version=one.version, method=method, note=note,
            amount_minor=amount_of(amount, one.digits), what=_("Payment"),
        )  # fmt: skip

    def _create(self, state: State) -> None:
        from clinic_desk.services import payments

        if self.sheet is None:
            return
        amount, method, note = self.values()
        if state is State.PAID and method is Method.OPEN:
            raise Invalid("method", payments.NO_METHOD, way_out=payments.CHOOSE_METHOD)
        self.send(
            payments.create, self.card.id, amount_minor=amount_of(amount, self.sheet.digits),
            state=state, method=method, note=note, what=_("Payment"),
        )  # fmt: skip

    def found_of(self, value: PaymentCard) -> PaymentSheet:
        """The sheet with this payment."""
        return PaymentSheet(value, value.currency, value.digits)
