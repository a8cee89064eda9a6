"""Sending a deed on many visits of a series away, and telling what became of it.

Such an act is written some thirty visits at a time, each lot a deed of the history. Undo takes
back one lot after the other, the last one first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from clinic_desk.i18n import _, ngettext
from clinic_desk.services.cards import Done
from clinic_desk.views import words
from clinic_desk.views.desk import Desk, is_there
from clinic_desk.views.messages import Message, Tone

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.case_cards import SeriesDone


def send(
    desk: Desk,
    act: Callable[..., SeriesDone],
    *args: Any,
    label: str,
    said: Callable[[int], str],
    done: Callable[[Done[Any]], None] | None = None,
    failed: Callable[[BaseException], bool] | None = None,
    **kwargs: Any,
) -> None:
    """Do *act* to a series. *said* is what is told for so many visits; *done* and *failed* as
    :meth:`Desk.do` takes them.
    """

    def finished(answer: Done[Any]) -> None:
        if answer.value is not None:
            _tell(desk, answer.value, label, said)
        if done is not None and is_there(done):
            done(answer)

    def went_wrong(error: BaseException) -> bool:
        return failed is not None and is_there(failed) and failed(error)

    desk.do(
        partial(_as_deed, act), *args, label=label, said="", done=finished, failed=went_wrong,
        **kwargs,
    )  # fmt: skip


def _as_deed(
    act: Callable[..., SeriesDone], actor: Actor, *args: Any, **kwargs: Any
) -> Done[SeriesDone]:
    """*act* on the writer's thread, its answer as a single deed gives it."""
    result = act(actor, *args, **kwargs)
    changed = tuple(("appointment", number) for number in result.appointment_ids)
    return Done(result, result.seqs[0] if result.seqs else 0, changed if result.seqs else ())


def _tell(desk: Desk, result: SeriesDone, label: str, said: Callable[[int], str]) -> None:
    lots = len(result.seqs)
    for seq in result.seqs[:1]:
        desk.own.forget(seq)
    for place, seq in enumerate(reversed(result.seqs), 1):
        part = _("{what} (part {number} of {count})")
        text = label if lots == 1 else part.format(what=label, number=place, count=lots)
        desk.remember_own(seq)
        desk.own.did(seq, text)
    desk.undo_changed.emit()
    undo = result.seqs[0] if lots else None
    earlier = tuple(reversed(result.seqs[1:]))
    if result.refused:
        left = ngettext(
            "{count} date was taken meanwhile and is left as it was: {days}",
            "{count} dates were taken meanwhile and are left as they were: {days}",
            len(result.refused),
        )
        days = ", ".join(words.day_short(one.day) for one in result.refused)
        text = left.format(count=len(result.refused), days=days)
        desk.said.emit(Message(text, Tone.WARNING, undo=undo, earlier=earlier))
    elif result.left:
        changed = ngettext(
            "{count} visit was changed meanwhile and is left as it is: {days}",
            "{count} visits were changed meanwhile and are left as they are: {days}",
            len(result.left),
        )
        days = ", ".join(words.day_short(one.day) for one in result.left)
        text = changed.format(count=len(result.left), days=days)
        desk.said.emit(Message(text, Tone.WARNING, undo=undo, earlier=earlier))
    elif lots:
        text = said(len(result.appointment_ids))
        desk.said.emit(Message(text, Tone.GOOD, undo=undo, earlier=earlier))
