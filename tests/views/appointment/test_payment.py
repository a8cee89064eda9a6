"""The payment of a visit in its editor: typed, marked, refused, and never lost to others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from clinic_desk import i18n
from clinic_desk.rules.errors import Invalid
from clinic_desk.services import payments
from clinic_desk.services.actor import Actor
from clinic_desk.services.payments import Method, PaymentCard, State
from clinic_desk.views import robot
from clinic_desk.views.appointment.money import amount_of, amount_text, money_text
from clinic_desk.views.appointment.payment import PaymentPart
from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.desk import Desk
from tests import builders
from tests.views.conftest import elsewhere, quiet

Open = Callable[[int], AppointmentEditor]


def shown(qtbot: QtBot, desk: Desk, form: AppointmentEditor) -> PaymentPart:
    part = form.parts.show_part("payment")
    assert isinstance(part, PaymentPart)
    quiet(qtbot, desk)
    return part


def is_edited(form: AppointmentEditor) -> bool:
    """Whether it holds something unsaved; asked anew each time."""
    return form.is_edited


def stored(actor: Actor, number: int) -> PaymentCard:
    found = elsewhere(payments.of_visit, actor, number).payment
    assert found is not None
    return found


def test_an_amount_is_typed_and_saved_with_the_visit(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    form = editor(number)
    part = shown(qtbot, desk, form)
    assert not is_edited(form)
    robot.write(part.amount, "45.5")
    assert is_edited(form)
    robot.click(form.save_button)
    quiet(qtbot, desk)
    qtbot.waitUntil(lambda: not form.isVisible())
    card = stored(actor, number)
    assert (card.amount_minor, card.state, card.currency) == (4550, State.DUE, "EUR")
    desk.undo()
    quiet(qtbot, desk)
    assert elsewhere(payments.of_visit, actor, number).payment is None


def test_one_click_takes_the_money_and_another_gives_it_back(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    part = shown(qtbot, desk, editor(number))
    robot.write(part.amount, "45")
    robot.click(part.steps[State.PAID])
    wrong = robot.find(part, QLabel, "payment-fields-method-wrong")
    assert "How it was paid" in wrong.text()
    assert part.amount.text() == "45"
    part.method.setFocus()
    robot.key(part.method, Qt.Key.Key_C)
    assert part.method.currentData() == Method.CASH
    robot.click(part.steps[State.PAID])
    quiet(qtbot, desk)
    assert stored(actor, number).state is State.PAID
    assert part.state.text() == "Paid"
    assert not part.unsaved
    assert part.steps[State.REFUNDED].isVisible()
    assert not part.steps[State.WAIVED].isVisible()
    assert not part.amount.isEnabled()
    robot.click(part.steps[State.REFUNDED])
    quiet(qtbot, desk)
    assert stored(actor, number).state is State.REFUNDED


def test_what_was_typed_is_saved_before_the_step(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    elsewhere(payments.create, actor, number, amount_minor=100)
    part = shown(qtbot, desk, editor(number))
    assert part.amount.text() == "1.00"
    robot.write(part.note, "Poor thing")
    robot.click(part.steps[State.WAIVED])
    quiet(qtbot, desk)
    card = stored(actor, number)
    assert (card.state, card.note) == (State.WAIVED, "Poor thing")


def test_a_wrong_amount_is_told_at_its_field_and_stays(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, editor: Open
) -> None:
    form = editor(builders.an_appointment(clinic))
    part = shown(qtbot, desk, form)
    robot.write(part.amount, "a lot")
    form.tabs.setCurrentIndex(0)
    robot.click(form.save_button)
    quiet(qtbot, desk)
    assert form.tabs.currentWidget().isAncestorOf(part)
    wrong = robot.find(part, QLabel, "payment-fields-amount-wrong")
    assert wrong.isVisible()
    assert "no amount" in wrong.text()
    assert part.amount.text() == "a lot"
    robot.write(part.amount, "x")
    assert not wrong.isVisible()


def test_a_card_number_in_the_note_is_refused_at_the_note(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    form = editor(number)
    part = shown(qtbot, desk, form)
    robot.write(part.amount, "1")
    robot.write(part.note, "4111 1111 1111 1111")
    robot.click(form.save_button)
    quiet(qtbot, desk)
    assert form.isVisible()
    assert "payment card" in robot.find(part, QLabel, "payment-fields-note-wrong").text()
    assert elsewhere(payments.of_visit, actor, number).payment is None


@pytest.mark.parametrize("mine", [True, False])
def test_what_a_colleague_wrote_meanwhile_is_shown_beside_ones_own(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open, mine: bool
) -> None:
    number = builders.an_appointment(clinic)
    card = elsewhere(payments.create, actor, number, amount_minor=100).value
    part = shown(qtbot, desk, editor(number))
    robot.write(part.note, "Half")
    elsewhere(
        payments.change, actor, card.id, version=1, amount_minor=200, method=Method.OPEN,
        note="All",
    )  # fmt: skip
    desk.announce([("payment", card.id)])
    quiet(qtbot, desk)
    assert part.stale.isVisible()
    assert "All" in part.stale_text.text()
    assert part.note.toPlainText() == "Half"
    chosen = "payment-use-mine" if mine else "payment-take-theirs"
    robot.click(robot.find(part, QAbstractButton, chosen))
    quiet(qtbot, desk)
    assert not part.stale.isVisible()
    assert not part.unsaved
    now = stored(actor, number)
    assert (now.amount_minor, now.note) == ((100, "Half") if mine else (200, "All"))


def test_what_the_other_visits_ask_stands_below(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    for hour, minor in ((12, 1000), (13, 250)):
        other = builders.an_appointment(clinic, clinic.span(hour))
        elsewhere(payments.create, actor, other, amount_minor=minor)
    part = shown(qtbot, desk, editor(number))
    assert part.others.topLevelItemCount() == 2
    assert "€12.50" in part.other_head.text()


def test_who_may_only_look_sees_why(
    qtbot: QtBot,
    clinic: builders.Clinic,
    actor: Actor,
    desk: Desk,
    editor: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = builders.an_appointment(clinic)
    elsewhere(payments.create, actor, number, amount_minor=100)
    monkeypatch.setattr(Desk, "may", lambda _self, name: name == "Payment Show")
    part = shown(qtbot, desk, editor(number))
    assert part.amount.isReadOnly()
    assert "Payment Update" in part.locked.text()
    assert not part.steps[State.PAID].isEnabled()
    assert not part.others.isVisible()


def test_who_may_not_see_payments_has_no_such_tab(
    clinic: builders.Clinic, editor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "may", lambda _self, name: name != "Payment Show")
    form = editor(builders.an_appointment(clinic))
    assert "Payment" not in [form.tabs.tabText(n) for n in range(form.tabs.count())]


@pytest.mark.parametrize(
    ("language", "text", "minor"),
    [
        ("en_US", "45", 4500), ("en_US", "45,50", 4550), ("en_US", "1,234.5", 123450),
        ("en_US", "1,234", 123400), ("de", "1.234", 123400), ("de", "1.234,56", 123456),
        ("de", "45.50", 4550), ("de_CH", "1’234.50", 123450), ("ar", "٤٥٫٥٠", 4550),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_people_write_it(language: str, text: str, minor: int) -> None:
    i18n.set_language(language)
    assert amount_of(text, 2) == minor
    assert amount_of(amount_text(minor, 2), 2) == minor
    assert money_text(minor, "EUR", 2)


@pytest.mark.parametrize("text", ["", "-1", "1.2.3", "45.505", "12 euros", "1e5", "NaN", ","])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        amount_of(text, 2)
    with pytest.raises(Invalid):
        amount_of("45.5", 0)
