"""Ctrl+Z and Ctrl+Shift+Z: an ordinary deed that takes another back, refused with a reason."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from clinic_desk.i18n import _
from clinic_desk.rules.errors import (
    Busy,
    Conflicted,
    Disconnected,
    NotFound,
    OutcomeUnknown,
    Refused,
    Stale,
)
from clinic_desk.services.cards import Done
from clinic_desk.views import lost_answer, words
from clinic_desk.views.messages import EVERYTHING, Message, Tone
from clinic_desk.views.own_deeds import OwnDeed

if TYPE_CHECKING:
    from clinic_desk.views.desk import Desk


def tell_why_not(desk: Desk, deed: OwnDeed) -> None:
    """Say which deed cannot be taken back, and why; the next Ctrl+Z is for what is older."""
    desk.own.told()
    desk.undo_changed.emit()
    _not_undone(desk, deed, deed.why)


def _not_undone(desk: Desk, deed: OwnDeed, why: str) -> None:
    text = _("Not undone: {what}. {why}").format(what=deed.words, why=why)
    desk.said.emit(Message(text, Tone.WARNING))


def reverse(desk: Desk, deed: OwnDeed, *, again: bool, override: str | None = None) -> None:
    """Undo *deed*; *again* says that it is itself an undoing, so that this is a redo.
    *override* is the reason for taking a place that is taken.
    """
    from clinic_desk.services import journal
    from clinic_desk.services.deeds import CATALOGUE_KINDS
    from clinic_desk.views import undo_refused

    def finished(answer: Done[Any]) -> None:
        desk.remember_own(answer.seq)
        if again:
            desk.own.did_again(deed, answer.seq)
            text = _("Done again: {what}") if deed.words else _("Done again")
        else:
            desk.own.took_back(deed, answer.seq)
            text = _("Undone: {what}") if deed.words else _("Undone")
        desk.undo_changed.emit()
        desk.said.emit(Message(text.format(what=deed.words), Tone.GOOD))
        desk.announce(answer.changed)
        if any(kind in CATALOGUE_KINDS for kind, _number in answer.changed):
            desk.renew_catalogue()

    def went_wrong(error: BaseException) -> None:
        if isinstance(error, OutcomeUnknown):
            lost_answer.ask(
                desk,
                error.request_id,
                deed.words,
                lambda seq: finished(Done(None, seq, (EVERYTHING,))),
                lambda: None,
            )
            return
        if isinstance(error, Busy) and deed.words:
            text = _("Somebody else is saving just now. Not undone: {what}. Try again in a moment.")
            desk.said.emit(Message(text.format(what=deed.words), Tone.ERROR))
            return
        if isinstance(error, (Busy, Disconnected)):
            desk.complain(error)
            return
        if isinstance(error, Conflicted) and undo_refused.overridable(desk, error):
            asked = undo_refused.UndoRefused(desk, deed.words, error)
            asked.overridden.connect(
                lambda reason: reverse(desk, deed, again=again, override=reason)
            )
            asked.open()
            return
        desk.forget_own(deed.seq)
        if isinstance(error, (Stale, NotFound)):
            text = _("“{what}” can no longer be undone: somebody changed it since.")
            desk.said.emit(Message(text.format(what=deed.words), Tone.WARNING))
            return
        if isinstance(error, Refused) and deed.words:
            _not_undone(desk, deed, words.explained(error, desk.zone))
        else:
            desk.complain(error)

    desk.background.write(
        journal.undo,
        desk.actor,
        deed.seq,
        done=finished,
        failed=went_wrong,
        what=_("undoing: {what}").format(what=deed.words),
        override=override,
        request_id=str(uuid.uuid4()),
    )
