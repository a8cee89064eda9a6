"""The tour through the tabs of a visit: what it costs, and what colleagues say about it."""

from __future__ import annotations

from PySide6.QtCore import Qt

from clinic_desk.services.payments import Method, State
from clinic_desk.views import robot
from clinic_desk.views.appointment.chat import Chat
from clinic_desk.views.appointment.payment import PaymentPart
from clinic_desk.views.calendar_choice import View
from clinic_desk.views.robot import sure, until
from clinic_desk.views.tour_walk import Walk, stored

SAID = "The daughter calls about the bill"


def payment_and_chat(walk: Walk) -> None:
    """An amount is paid in cash; a word to the colleagues; both stand there when it is opened
    again.
    """
    walk.show(View.WORKWEEK)
    card = walk.visit
    sure("the visit of before", card is not None)
    assert card is not None
    _pay(walk, card.id)
    editor = walk.window.editors[card.id]
    chat = editor.parts.show_part("chat")
    assert isinstance(chat, Chat)
    walk.quiet()
    robot.write(chat.text, SAID)
    robot.key(chat.text, Qt.Key.Key_Return)
    until("the message", lambda: [one.text for one in chat.messages[-1:]] == [SAID])
    sure("the field is empty again", not chat.text.toPlainText())
    walk.album.take(editor, "chat")
    editor.close()
    walk.quiet()
    walk.window.open_editor(stored(walk, card.id))
    editor = walk.window.editors[card.id]
    paid, said = editor.parts.show_part("payment"), editor.parts.part("chat")
    assert isinstance(paid, PaymentPart)
    assert isinstance(said, Chat)
    walk.quiet()
    kept = paid.payment
    sure("80 paid in cash", kept is not None and kept.amount_minor == 8000)
    sure("and so it says", kept is not None and (kept.state, kept.method) == _PAID)
    sure("what was said", [one.text for one in said.messages] == [SAID])
    editor.close()


_PAID = (State.PAID, Method.CASH)


def _pay(walk: Walk, number: int) -> None:
    """In the visit's editor, which stays open."""
    walk.window.open_editor(stored(walk, number))
    editor = walk.window.editors[number]
    part = editor.parts.show_part("payment")
    assert isinstance(part, PaymentPart)
    walk.quiet()
    sure("nothing is asked yet", part.sheet is not None and part.payment is None)
    robot.write(part.amount, "80")
    part.method.setFocus()
    robot.key(part.method, Qt.Key.Key_Home)
    robot.key(part.method, Qt.Key.Key_Down)
    robot.click(part.steps[State.PAID])
    until("it is paid", lambda: part.payment is not None and part.payment.state is State.PAID)
    walk.quiet()
    walk.album.take(editor, "payment")
