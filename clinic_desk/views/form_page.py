"""Pages with one form that is saved by its Save button alone, and what they all do around a save.

What a page shows and what it sends is its own; that it is busy while a deed is under way, that a
refusal is told and nothing typed is lost, and that nobody saves over what they have not seen is
the same everywhere and stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, Stale
from clinic_desk.services.cards import Done
from clinic_desk.views import words
from clinic_desk.views.admin.pages import Page, allow
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, error_line, label, named, row

C = TypeVar("C")


class FormPage(Page):
    """A page with one form. Besides what every :class:`Page` says, it says what may be done with
    what is shown (``_allow``) and, where it has fields, which of them a refusal is about
    (``_tell_at_field``). It lays out ``told`` and the buttons, and sends its deeds by ``_send``;
    what is ``done`` then sets ``_saving`` back, as a refusal does by itself.

    Attributes:
        told: a refusal that is about no single field; hidden until there is one.
        save_button, discard_button: at the foot of the form.
    """

    def __init__(self, desk: Desk, name: str, title: str) -> None:
        """*name* begins the names of all widgets of the page."""
        super().__init__(desk)
        named(self, f"{name}-page", title)
        self._saving = False
        self.told = error_line(f"{name}-told")
        self.save_button = button(_("Save"), f"{name}-save", self.save, look="primary")
        self.discard_button = button(_("Discard changes"), f"{name}-discard", self.discard)

    def _allow(self) -> None:
        """Switch on what may be done now; the rest says why not."""
        raise NotImplementedError

    def _allow_saving(self, permission: str, *, on: bool) -> None:
        """The two buttons: *on* where there is something to save and nothing under way."""
        allow(self.desk, self.save_button, permission, on=on)
        self.discard_button.setEnabled(on)

    def _edited(self) -> None:
        """Somebody typed: what was refused before is another matter now."""
        self.told.hide()
        self._allow()

    def _send(
        self,
        command: Callable[..., Done[Any]],
        *args: Any,
        label: str,
        done: Callable[[Done[Any]], None],
        **kwargs: Any,
    ) -> None:
        """Send a deed away, as :meth:`Desk.do`; the page is busy until it is answered."""
        self._saving = True
        self._allow()
        self.desk.do(command, *args, label=label, done=done, failed=self._refused, **kwargs)

    def _refused(self, error: BaseException) -> bool:
        """The deed was not done. True where the page has told why."""
        self._saving = False
        self.not_saved()
        self._allow()
        if isinstance(error, Stale) and self._changed_meanwhile(error):
            return True
        if not isinstance(error, ClinicError):
            return False
        if not self._tell_at_field(error):
            self._tell(error)
        return True

    def _changed_meanwhile(self, error: Stale) -> bool:
        """Somebody else saved first. True where the page asks what to do about it."""
        return False

    def _tell_at_field(self, error: ClinicError) -> bool:
        """Tell a refusal beside its field; False where it is about none."""
        return False

    def _tell(self, error: BaseException) -> None:
        """Tell a refusal that is about no single field."""
        self.told.setText(words.explained(error))
        self.told.show()


class ChangedMeanwhile(QFrame):
    """Somebody else saved what is edited here: show theirs, or save one's own over it. Hidden
    until it happens.

    Attributes:
        theirs, mine: the two ways out.
    """

    def __init__(
        self, name: str, text: str, theirs: Callable[[], object], mine: Callable[[], object]
    ) -> None:
        super().__init__()
        named(self, f"{name}-conflict", _("Changed meanwhile"), role="refusal")
        self.theirs = button(_("Show theirs"), f"{name}-theirs", theirs)
        self.mine = button(_("Save mine over it"), f"{name}-mine", mine)
        told = label(text, f"{name}-conflict-text", wrap=True)
        self.setLayout(column(told, row(self.theirs, self.mine, 1), margin=12))
        self.hide()


class CardPage(FormPage, Generic[C]):
    """A form over a card that other desks may save meanwhile. The page shows a card by ``_show``
    and names the kind of its cards in ``shows``; it lays out ``conflict`` too.

    Attributes:
        card: what is open, as it is kept; None for a new one or for none at all.
        conflict: asks what to do when somebody else saved meanwhile.
    """

    shows: type[C]

    def __init__(self, desk: Desk, name: str, title: str, *, still_here: str = "") -> None:
        """*still_here* says that nothing is lost, where it was not typed."""
        super().__init__(desk, name, title)
        self.card: C | None = None
        self._theirs: C | None = None
        text = still_here or _("Somebody changed this meanwhile. What you typed is still here.")
        self.conflict = ChangedMeanwhile(name, text, self.take_theirs, self.keep_mine)

    def _show(self, card: C) -> None:
        """Show *card*; whatever stood in the fields is gone."""
        raise NotImplementedError

    def _read(self, card: C) -> None:
        if not self.unsaved:  # else somebody typed meanwhile; saving will tell what changed
            self._show(card)

    def _save_by_key(self) -> None:
        """Ctrl+S saves wherever on the page the cursor is."""
        keys = QShortcut(QKeySequence.StandardKey.Save, self)
        keys.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keys.activated.connect(self.save)

    def _allow_saving(self, permission: str, *, on: bool) -> None:
        super()._allow_saving(permission, on=on)
        self.save_button.setText(_("Saving…") if self._saving else _("Save"))

    def discard(self) -> None:
        """Show again what is saved, theirs where that is known."""
        if self.card is not None:
            self._show(self._theirs or self.card)

    def _changed_meanwhile(self, error: Stale) -> bool:
        if not isinstance(error.theirs, self.shows):
            return False
        self._theirs = error.theirs
        self.conflict.show()
        return True

    def take_theirs(self) -> None:
        """Show what somebody else saved meanwhile."""
        if self._theirs is not None:
            self._show(self._theirs)

    def keep_mine(self) -> None:
        """Save over what somebody else saved meanwhile."""
        if self._theirs is not None:
            self.card, self._theirs = self._theirs, None
            self.conflict.hide()
            self._allow()
            self.save()
