"""A tab with fields: what is typed is kept, saved with the visit, and never lost to others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, Invalid, NotAllowed, Stale
from clinic_desk.services.cards import AppointmentCard, Done
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields
from clinic_desk.views.appointment.parts import Part
from clinic_desk.views.desk import Desk
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.widgets import button, column, error_line, label, named, row

if TYPE_CHECKING:
    from clinic_desk.views.remember import Memory


class RoomyFields(Fields):
    """Fields that are never squeezed: Qt's form gives itself too little where lines wrap."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.setMinimumHeight(self.form.minimumSize().height())
        return super().event(event)


class FormPart(Part):
    """What forms of a visit share. ``kinds`` are the tables whose deeds make it read again.

    A kind of it fills ``fields``, answers :meth:`values` and :meth:`fill`, and sends deeds
    through :meth:`send`.
    """

    kinds: frozenset[str] = frozenset()

    def __init__(
        self, name: str, desk: Desk, card: AppointmentCard, memory: Memory | None = None
    ) -> None:
        super().__init__(desk, card, memory)
        self._name = name
        self._shown: Any = None
        self._sent: Any = None
        self._theirs: Any = None
        self._after: Callable[[], object] | None = None
        self.busy = False
        self.told = error_line(f"{name}-told")
        self.locked = label("", f"{name}-locked", role="hint", wrap=True)
        self.locked.hide()
        self.fields = RoomyFields(f"{name}-fields", "")
        self.stale_text = label("", f"{name}-stale-text", wrap=True)
        take = button(_("Take theirs"), f"{name}-take-theirs", self._take_theirs)
        mine = button(_("Use mine"), f"{name}-use-mine", self._use_mine)
        self.stale = named(QFrame(), f"{name}-stale", _("Changed meanwhile"), role="refusal")
        self.stale.setLayout(column(self.stale_text, row(take, mine, 1), margin=10))
        self.stale.hide()
        desk.deeds_happened.connect(self._happened)

    def lay_out(self, *parts: QWidget | QLayout | int) -> None:
        """Put these below each other; where they are too many for the window, they scroll."""
        inside = named(QWidget(), f"{self._name}-page")
        inside.setLayout(column(*parts, margin=12, gap=10))
        area = named(QScrollArea(), f"{self._name}-scroll", self.accessibleName())
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        self.area = area
        self.setLayout(column(area))

    # What a kind of it answers ------------------------------------------------------------------

    def values(self) -> Any:
        """What stands in the fields, comparable."""
        raise NotImplementedError

    def put(self, values: Any) -> None:
        """Write *values* into the fields."""
        raise NotImplementedError

    def fill(self, found: Any) -> None:
        """Show *found*, in the fields too."""
        raise NotImplementedError

    def read(self) -> None:
        """Ask for what stands in the database; the answer goes to :meth:`arrived`."""
        raise NotImplementedError

    def store(self) -> None:
        """Send what stands in the fields. May raise ``Invalid``."""
        raise NotImplementedError

    def describe(self, found: Any) -> str:
        """What *found* says, in a few words."""
        raise NotImplementedError

    def same(self, found: Any) -> bool:
        """Whether *found* is the version that is shown."""
        raise NotImplementedError

    # Reading --------------------------------------------------------------------------------------

    def arrived(self, found: Any) -> None:
        """What stands in the database now."""
        if self._shown is not None and (self.busy or self.same(found)):
            return
        if self.unsaved:
            self._show_both(found)
        else:
            self.show_found(found)

    def show_found(self, found: Any, *, keep: bool = False) -> None:
        """Show *found* as the version to go on from."""
        self._theirs = None
        self.stale.hide()
        typed = self.values() if keep else None
        self.fill(found)
        self._shown = self.values()
        if keep:
            self.put(typed)
        self.edited.emit()

    def _happened(self, changes: frozenset[Change]) -> None:
        if EVERYTHING in changes or any(kind in self.kinds for kind, _id in changes):
            self.read()

    def _show_both(self, found: Any) -> None:
        self._theirs = found
        text = _("Somebody changed this while you were editing. Theirs: {theirs}")
        self.stale_text.setText(text.format(theirs=self.describe(found)))
        self.stale.show()

    def _take_theirs(self) -> None:
        if self._theirs is not None:
            self.show_found(self._theirs)

    def _use_mine(self) -> None:
        if self._theirs is not None:
            self.show_found(self._theirs, keep=True)
            self.save()

    # Saving ---------------------------------------------------------------------------------------

    @property
    def unsaved(self) -> bool:
        """Whether the fields hold something else than the database."""
        return self._shown is not None and bool(self.values() != self._shown)

    def save(self, then: Callable[[], object] = lambda: None) -> None:
        """Save what is unsaved, and call *then* when that has succeeded."""
        if self.busy:
            return
        if not self.unsaved:
            then()
            return
        self._after = then
        self._try(self.store)

    def _try(self, step: Callable[[], object]) -> None:
        self.told.hide()
        self.fields.untell()
        try:
            step()
        except Invalid as error:
            self._failed(error)

    def send(self, command: Callable[..., Done[Any]], *args: Any, what: str, **kwargs: Any) -> None:
        """Send a deed away; its answer is shown."""
        self.busy, self._sent = True, self.values()
        self.desk.do(
            command, *args, label=what, said="", done=self._done, failed=self._failed, **kwargs
        )

    def _done(self, answer: Done[Any]) -> None:
        self.busy = False
        after, self._after = self._after, None
        if answer.value is None:  # the answer was lost, the deed was not
            self._shown = self.values()
            self.read()
        else:
            # Something may have been typed while it was being saved.
            self.show_found(self.found_of(answer.value), keep=self.values() != self._sent)
        if after is not None:
            after()

    def found_of(self, value: Any) -> Any:
        """The value of a deed, as :meth:`arrived` would get it."""
        return value

    def _failed(self, error: BaseException) -> bool:
        self.busy, self._after = False, None
        if isinstance(error, Stale):
            self.read()
        if not isinstance(error, ClinicError):
            return False
        if not self.fields.tell(error):
            self.told.setText(words.explained(error, self.desk.zone))
            self.told.show()
        self.refused.emit()
        return True

    def typed(self) -> None:
        """The user changed a field."""
        self.told.hide()
        self.fields.untell()
        self.edited.emit()

    def lock(self, permission: str) -> None:
        """Say which *permission* is missing to change something here; "" for none."""
        error = NotAllowed(permission) if permission else None
        self.locked.setText(words.explained(error) if error else "")
        self.locked.setVisible(error is not None)
