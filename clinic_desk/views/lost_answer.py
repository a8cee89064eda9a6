"""The connection was lost while saving: was it saved? Asked until the truth is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Unavailable
from clinic_desk.views.messages import EVERYTHING, Message, Tone

if TYPE_CHECKING:
    from clinic_desk.services.journal import Saved
    from clinic_desk.views.desk import Desk

ASK_AGAIN_MS = 2000
"""Pause between two attempts to learn whether a change was saved."""


def ask(
    desk: Desk,
    request_id: str,
    label: str,
    arrived: Callable[[int], None],
    lost: Callable[[], object],
) -> None:
    """Find out whether the request was saved: *arrived* gets its deed's number, or *lost* is
    called when it was not and never will be, or when nobody can tell. Asked again until the
    server answers.
    """
    from clinic_desk.services import journal

    checking = _("The connection was lost while saving. Checking whether it was saved…")
    desk.said.emit(Message(checking, Tone.WARNING))

    def learned(saved: Saved) -> None:
        if saved.seq is None:
            text = _("Not saved: {what}. Do it again if you still want it.").format(what=label)
            desk.said.emit(Message(text, Tone.ERROR))
            lost()
            desk.announce([EVERYTHING])
        else:
            arrived(saved.seq)

    def still_lost(error: BaseException) -> None:
        if isinstance(error, Unavailable):
            QTimer.singleShot(ASK_AGAIN_MS, desk, send)
            return
        text = _("It is not known whether this was saved: {what}. Look before you do it again.")
        desk.said.emit(Message(text.format(what=label), Tone.ERROR))
        desk.complain(error)
        lost()
        desk.announce([EVERYTHING])

    def send() -> None:
        desk.background.write(
            journal.was_saved,
            desk.actor,
            request_id,
            done=learned,
            failed=still_lost,
            what=_("checking whether it was saved: {what}").format(what=label),
        )

    send()
