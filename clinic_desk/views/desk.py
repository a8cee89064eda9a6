"""The signed-in desk: what all screens share. It sends deeds away and tells what happened.

A deed goes to the writer thread with a request id of its own. The answer is announced to
every screen, offered for undo, or turned into a sentence. Where the connection is lost
while saving, the desk asks "was it saved?" as soon as the server answers again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Busy, ClinicError, OutcomeUnknown, Refused
from clinic_desk.services.cards import Done
from clinic_desk.views import lost_answer, undoing, words
from clinic_desk.views.background import Background
from clinic_desk.views.messages import EVERYTHING, Change, Group, Message, Tone
from clinic_desk.views.own_deeds import OwnDeed, OwnDeeds

if TYPE_CHECKING:
    from clinic_desk.services.actor import Actor
    from clinic_desk.services.catalogue import Catalogue
    from clinic_desk.views.mail.post import Post


class Desk(QObject):
    """What the screens of one signed-in window share.

    Attributes:
        actor: who is signed in.
        background: the threads; nothing else may touch the database.
        catalogue: the organisation's places, people and types, renewed when they change.
        own: what this user did and may undo.
        zone: name of the time zone in which this desk shows times.
        post: the sender of messages that runs here; None where none does.

    Signals:
        said(Message): something to tell the user.
        deeds_happened(object): frozenset of (kind, id) that changed, here or elsewhere.
        catalogue_changed(): ``catalogue`` is a newer one.
        undo_changed(): what can be undone or redone is another.
        zone_changed(): times are shown in another zone.
    """

    said = Signal(object)
    deeds_happened = Signal(object)
    catalogue_changed = Signal()
    undo_changed = Signal()
    zone_changed = Signal()

    def __init__(
        self,
        actor: Actor,
        background: Background,
        catalogue: Catalogue,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.actor = actor
        self.background = background
        self.catalogue = catalogue
        self.own = OwnDeeds()
        self.zone = catalogue.organisation.time_zone
        self.post: Post | None = None
        self._own_seqs: set[int] = set()
        background.broke.connect(self.complain)

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The day it is where this desk shows times."""
        return words.today(self.zone)

    def set_zone(self, name: str) -> None:
        """Show times in the zone of this IANA name from now on."""
        if name != self.zone:
            self.zone = name
            self.zone_changed.emit()

    def may(self, permission: str) -> bool:
        """Whether the signed-in user holds *permission*, by the catalogue at hand."""
        if self.actor.user_id is None:
            return permission in self.actor.permissions
        return permission in self.catalogue.permissions_of(self.actor.user_id)

    # Asking -------------------------------------------------------------------------------

    def ask(
        self,
        query: Callable[..., Any],
        *args: Any,
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None] | None = None,
        ticket: object = None,
        what: str = "",
        **kwargs: Any,
    ) -> None:
        """Send a query; its cards come back to *done* unless a newer *ticket* overtook it."""
        self.background.read(
            query,
            self.actor,
            *args,
            done=done,
            failed=failed,
            ticket=ticket,
            what=what or _("reading from the database"),
            **kwargs,
        )

    # Doing --------------------------------------------------------------------------------

    def do(
        self,
        command: Callable[..., Done[Any]],
        *args: Any,
        label: str,
        done: Callable[[Done[Any]], None] | None = None,
        failed: Callable[[BaseException], bool] | None = None,
        said: str | None = None,
        group: Group | None = None,
        **kwargs: Any,
    ) -> None:
        """Send a deed away.

        *label* names it for undo ("Move to Thursday 10:00"); *said* is what the message bar
        tells when it is done (default: *label*); a *group* is told together. *failed* returns
        True when it has dealt with a refusal itself.
        """
        request_id = str(uuid.uuid4())

        def finished(answer: Done[Any]) -> None:
            self._done(answer, label, label if said is None else said, group)
            if done is not None and is_there(done):
                done(answer)

        def arrived(seq: int) -> None:
            answer: Done[Any] = Done(None, seq, (EVERYTHING,))
            self._done(answer, label, _("It was saved: {what}").format(what=label))
            if done is not None and is_there(done):
                done(answer)

        def went_wrong(error: BaseException) -> None:
            if isinstance(error, OutcomeUnknown):
                lost_answer.ask(
                    self,
                    error.request_id,
                    label,
                    arrived,
                    lambda: _tell(failed, error),
                )
            elif not _tell(failed, error):
                self._not_done(error, label)

        self.background.write(
            command,
            self.actor,
            *args,
            done=finished,
            failed=went_wrong,
            what=_("saving: {what}").format(what=label),
            request_id=request_id,
            **kwargs,
        )

    def _not_done(self, error: BaseException, label: str) -> None:
        """Say why; where others were in the way, also what it was that was not saved."""
        if isinstance(error, Busy):
            text = _("Somebody else is saving just now. Not saved: {what}. Try again in a moment.")
            self.said.emit(Message(text.format(what=label), Tone.ERROR))
        else:
            self.complain(error)

    def _done(self, answer: Done[Any], label: str, said: str, group: Group | None = None) -> None:
        if not answer.changed:
            return
        self._own_seqs.add(answer.seq)
        if not self.stands(label, answer.changed, answer.action):
            self.did(answer.seq, label, said, group, answer.earlier)
        elif said:
            self.said.emit(Message(said, Tone.GOOD, group=group))
        self.announce(answer.changed)

    def stands(self, label: str, changed: Iterable[Change], action: str = "") -> bool:
        """Whether what was done, called *label*, cannot be taken back; Ctrl+Z then says why."""
        from clinic_desk.services import undo_kinds

        why = undo_kinds.why_not(changed, action)
        if why is not None:
            self.own.stands(label, words.explained(why))
            self.undo_changed.emit()
        return why is not None

    def did(
        self,
        seq: int,
        label: str,
        said: str,
        group: Group | None = None,
        earlier: Sequence[int] = (),
    ) -> None:
        """Offer to undo deed number *seq*, and tell *said* with it, where that is anything. Where
        *earlier* deeds belong to the same act, each is a step back of its own.
        """
        lots = (*earlier, seq)
        self._own_seqs.update(lots)
        for place, one in enumerate(lots, 1):
            part = _("{what} (part {number} of {count})")
            text = part.format(what=label, number=place, count=len(lots))
            self.own.did(one, text if earlier else label)
        self.undo_changed.emit()
        if said:
            self.tell_done(said, lots, group)

    def tell_done(self, said: str, seqs: Sequence[int], group: Group | None = None) -> None:
        """Tell what the deeds *seqs* did together, with the offer to undo them where all of them
        can be taken back.
        """
        whole = bool(seqs) and all(self.own.find(seq) for seq in seqs)
        undo, earlier = (seqs[-1], tuple(seqs[:-1])) if whole else (None, ())
        self.said.emit(Message(said, Tone.GOOD, undo=undo, group=group, earlier=earlier))

    def forget_own(self, seq: int) -> None:
        """Deed number *seq* is not offered for undo any more: it can no longer be taken back."""
        self.own.forget(seq)
        self.undo_changed.emit()

    def is_own(self, seq: int) -> bool:
        """Whether deed number *seq* was done here and announced already."""
        return seq in self._own_seqs

    def announce(self, changed: Iterable[Change]) -> None:
        """Tell every screen what changed."""
        found = frozenset(changed)
        if found:
            self.deeds_happened.emit(found)

    def remember_own(self, seq: int) -> None:
        """Deed number *seq* was done here, so the feed need not announce it again."""
        self._own_seqs.add(seq)

    # Undo -----------------------------------------------------------------------------------

    def undo(self, seq: int | None = None) -> None:
        """Take back the last own deed, or deed number *seq*."""
        deed = self.own.to_undo
        if seq is not None and (deed is None or deed.seq != seq):
            deed = self.own.find(seq) or OwnDeed(seq, "")
        if deed is None:
            self.say(_("There is nothing of yours to undo."))
        elif deed.why:
            undoing.tell_why_not(self, deed)
        else:
            undoing.reverse(self, deed, again=False)

    def redo(self) -> None:
        """Do the last undone deed again."""
        deed = self.own.to_redo
        if deed is None:
            self.say(_("There is nothing to redo."))
        else:
            undoing.reverse(self, deed, again=True)

    # Saying -------------------------------------------------------------------------------

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Tell the user something in the message bar."""
        self.said.emit(Message(text, tone))

    def complain(self, error: BaseException) -> None:
        """Turn an error into a sentence; what is a bug goes to the crash dialog."""
        if not isinstance(error, ClinicError):
            from clinic_desk.views.crash import report

            report(error)
            return
        tone = Tone.WARNING if isinstance(error, Refused) else Tone.ERROR
        self.said.emit(Message(words.explained(error, self.zone), tone))

    def renew_catalogue(self) -> None:
        """Read places, people and types again."""
        from clinic_desk.services import catalogue

        self.ask(catalogue.catalogue, done=self._catalogue_read, ticket=("catalogue", id(self)))

    def _catalogue_read(self, found: Catalogue) -> None:
        self.catalogue = found
        self.catalogue_changed.emit()


def _tell(failed: Callable[[BaseException], bool] | None, error: BaseException) -> bool:
    """Whether whoever asked is still there and has dealt with *error*."""
    return failed is not None and is_there(failed) and failed(error)


def is_there(receiver: Callable[..., Any]) -> bool:
    """False for a method of a window that was closed meanwhile."""
    owner = getattr(receiver, "__self__", None)
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)
