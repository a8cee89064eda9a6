"""A page of the section: the list on the left, the form on the right, saved by Save alone.

What differs from page to page stands in a :class:`Book`; how a list is searched, a form kept,
a refusal shown and an impact asked about is the same everywhere and stands here.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, Stale
from clinic_desk.services.cards import Done
from clinic_desk.services.impact import Impact, WouldBreak
from clinic_desk.views import words
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.desk import Desk
from clinic_desk.views.form_page import CardPage
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.operational.book import Book
from clinic_desk.views.operational.book_face import BookFace


class BookPage(CardPage[Any]):
    """The card is the entry that is open.

    Attributes:
        form: its fields.

    Signals:
        visit_wanted(int): show this visit in the calendar.
        listed(): the list was read.
    """

    card: Any
    visit_wanted = Signal(int)
    listed = Signal()

    def __init__(self, book: Book, desk: Desk) -> None:
        super().__init__(desk, book.name, book.title)
        self.book = book
        self._new = False
        self._before: Any = None
        self._sent: Any = None
        self._accepted: frozenset[int] = frozenset()
        self._agreed: frozenset[int] = frozenset()
        self._done: set[str] = set()
        self._seqs: list[int] = []
        self._asked_step = ""
        self.form = book.form(desk)
        self.form.edited.connect(self._edited)
        self.face = BookFace(self, book, self.form)
        self._save_by_key()
        self.face.impact.accepted.connect(self._save_anyway)
        self.face.impact.left.connect(self.not_saved)
        self.face.impact.visit_wanted.connect(self.visit_wanted)
        desk.catalogue_changed.connect(self._catalogue_changed)
        desk.deeds_happened.connect(self._happened)
        self.show_nothing()
        self.load()

    # Reading ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the list anew."""
        self.desk.ask(
            self.book.list_query(),
            done=self._listed,
            ticket=(self.book.name, id(self)),
            what=self.book.title,
        )

    def _listed(self, cards: Any) -> None:
        self.show_list(cards)
        self.listed.emit()

    def show_list(self, cards: Any) -> None:
        """Show what was found."""
        self.face.model.set_lines(list(self.book.lines(self.desk, cards)))
        self.face.sifted(self._number)

    @property
    def _number(self) -> int | None:
        return None if self.card is None else self.book.number(self.card)

    def wanted(self, number: int) -> None:
        """Open an entry; what is unsaved is asked about first."""
        if number == self._number:
            return
        if self.unsaved:
            self.face.mark(self._number)
            self.leave_then(lambda: self.open(number))
        else:
            self.open(number)

    def open(self, number: int) -> None:
        """Read and show an entry."""
        self.face.mark(number)
        self.desk.ask(
            self.book.show_query(),
            number,
            done=self._read,
            failed=self._not_read,
            ticket=(f"{self.book.name}-one", id(self)),
            what=self.book.title,
        )

    def _not_read(self, error: BaseException) -> None:
        self.show_nothing()
        self.face.empty.setText(words.explained(error))
        if not isinstance(error, ClinicError):
            self.desk.complain(error)

    def show_nothing(self) -> None:
        """No entry is open."""
        self.card, self._new = None, False
        self.face.show_form(False)
        self._allow()

    def _show(self, card: Any) -> None:
        self.card, self._new, self._theirs = card, card is None, None
        self.form.fill(card)
        self.form.fields.untell()
        self._before = self.form.draft()
        self.face.title.setText(
            self.book.new_text if card is None else words.isolated(self.book.heading(card))
        )
        self.face.quiet()
        self.face.show_form(True)
        self.face.mark(self._number)
        self._allow()

    def begin_new(self) -> None:
        """Empty fields for a new entry; what is unsaved is asked about first."""
        self.leave_then(self._begin_new)

    def _begin_new(self) -> None:
        self._show(None)
        self.form.setFocus()

    # Editing ----------------------------------------------------------------------------------

    @property
    def unsaved(self) -> str:
        """What is not saved, as the question names it."""
        if not (self._new or self.card is not None) or self.form.draft() == self._before:
            return ""
        return self.book.new_text if self.card is None else self.book.heading(self.card)

    def _edited(self) -> None:
        self.form.fields.untell()
        self.face.quiet()
        self._accepted = frozenset()
        self._allow()

    def discard(self) -> None:
        """Back to what is stored."""
        if self.card is None:
            self.show_nothing()
        else:
            self._show(self.card)

    def _allow(self) -> None:
        """Buttons and fields for what may be done now; each says why where it may not."""
        desk, book, edited = self.desk, self.book, bool(self.unsaved)
        may = book.allowed(desk)
        self.face.lock(may, book.changing)
        allow(desk, self.face.add, book.changing)
        ready = (edited or self._new) and not self._saving
        self.save_button.setEnabled(may and ready)
        self.discard_button.setEnabled(ready)
        self.face.remove.setVisible(bool(book.remove_text) and self.card is not None)
        self.face.remove.setEnabled(may and not self._saving)
        self.save_button.setText(_("Saving…") if self._saving else _("Save"))

    # Saving -----------------------------------------------------------------------------------

    def save(self) -> None:
        """Save what stands in the fields; refusals are shown and nothing typed is lost."""
        if self._saving or not (self.unsaved or self._new) or not self.book.allowed(self.desk):
            return
        self._done, self._agreed = set(), frozenset()
        self._seqs = []
        self._sent = self.form.draft()
        self.face.quiet()
        ask = self.book.preview(self.card, self._sent)
        if ask is None:
            self._next()
            return
        self._asked_step, self._saving = "", True
        self._allow()
        query, args = ask
        self.desk.ask(query, *args, done=self._seen, failed=self._unseen, what=self.book.title)

    def _seen(self, impact: Impact) -> None:
        """What all deeds of this save would break together."""
        if impact.count:
            self._refused(WouldBreak(impact))
        else:
            self._next()

    def _unseen(self, error: BaseException) -> None:
        if not self._refused(error):
            self.desk.complain(error)

    def _save_anyway(self) -> None:
        if self._asked_step:
            self._accepted |= self.face.impact.impact.ids
        else:
            self._agreed = self.face.impact.impact.ids
        self.face.impact.hide()
        self._next()

    def _next(self) -> None:
        """Send the next deed of this save; where none is left, show what is stored."""
        steps = self.book.steps(self.card, self._sent)
        step = next((one for one in steps if one[0] not in self._done), None)
        if step is None:
            self._saving = False
            self._allow()
            self._finished()
            return
        name, command, args, more = step
        self._asked_step = name
        if "accept" in more:
            more = {**more, "accept": self._accepted | self._agreed}
        self._send(
            command,
            *args,
            label=_("Change {name}").format(name=words.isolated(self._called)),
            said="",
            done=self._step_done,
            **more,
        )

    @property
    def _called(self) -> str:
        return self.book.one if self.card is None else self.book.heading(self.card)

    def _step_done(self, answer: Done[Any]) -> None:
        self._done.add(self._asked_step)
        if answer.changed:
            self._seqs.append(answer.seq)
        self._accepted = frozenset()
        number = self._number
        if number is None:
            number = self.book.number(answer.value) if answer.value is not None else 0
        self.desk.ask(
            self.book.show_query(),
            number,
            done=self._stored,
            failed=self._lost,
            what=self.book.title,
        )

    def _stored(self, shown: Any) -> None:
        self.card, self._new = shown, False
        self._next()

    def _lost(self, error: BaseException) -> None:
        self._saving = False
        self._not_read(error)
        self.not_saved()

    def _finished(self) -> None:
        self.desk.renew_catalogue()
        if self.form.draft() == self._sent:
            self._show(self.card)
        else:  # something was typed while it was being saved
            self._before = self._sent
            self._allow()
        text = _("Saved: {what}").format(what=words.isolated(self._called))
        self.desk.tell_done(text, self._seqs)
        self.load()
        self.saved()

    def _refused(self, error: BaseException) -> bool:
        if not isinstance(error, WouldBreak):
            return super()._refused(error)
        self._saving = False  # whoever waits to leave waits for the answer
        self._allow()
        self.face.impact.ask(error.impact, self.book.told(self._asked_step))
        return True

    def _changed_meanwhile(self, error: Stale) -> bool:
        if self.card is None:
            return False
        self.desk.ask(
            self.book.show_query(),
            self.book.number(self.card),
            done=self._conflict,
            what=self.book.title,
        )
        return True

    def _conflict(self, theirs: Any) -> None:
        self._theirs = theirs
        self.conflict.show()

    def _tell_at_field(self, error: ClinicError) -> bool:
        return self.form.tell(error)

    def _tell(self, error: BaseException) -> None:
        self.told.setText(words.explained(error, self.desk.zone))
        self.told.show()

    def remove(self) -> None:
        """Take the open entry away; a refusal says why it stays."""
        if self.card is None or self._saving:
            return
        _name, command, args, more = self.book.remove(self.card)
        label = _("Delete {name}").format(name=words.isolated(self._called))
        self._send(command, *args, label=label, said="", done=self._removed, **more)

    def _removed(self, answer: Done[Any]) -> None:
        self._saving = False
        text = _("Deleted: {what}").format(what=words.isolated(self._called))
        self.desk.tell_done(text, [answer.seq])
        self.desk.renew_catalogue()
        self.show_nothing()
        self.load()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.face.fit(event.size().width())

    # News -------------------------------------------------------------------------------------

    def _catalogue_changed(self) -> None:
        unsaved = self.unsaved
        self.form.set_catalogue(self.desk.catalogue)
        if not unsaved and (self.card is not None or self._new):
            self._before = self.form.draft()
        self._allow()

    def _happened(self, changed: frozenset[Change]) -> None:
        if EVERYTHING not in changed and not any(
            kind in self.book.kinds for kind, _number in changed
        ):
            return
        self.load()
        if self.card is not None and not self.unsaved and not self._saving:
            self.open(self.book.number(self.card))
