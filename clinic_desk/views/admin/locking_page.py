"""When the clinic's desks lock themselves, because nobody has touched them."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QSpinBox, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services import settings as shared
from clinic_desk.services.cards import Done
from clinic_desk.services.sessions import LONGEST_MINUTES
from clinic_desk.views.admin.fields import Fields
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.desk import Desk
from clinic_desk.views.form_page import FormPage
from clinic_desk.views.messages import Change
from clinic_desk.views.widgets import column, label, named, row


class LockingPage(FormPage):
    """One number for the whole organisation.

    Attributes:
        saved_minutes: what holds now; None before it is read.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "locking", _("Locking"))
        self.saved_minutes: int | None = None
        self.minutes = named(QSpinBox(), "locking-minutes", _("Minutes without a hand"))
        self.minutes.setRange(0, LONGEST_MINUTES)
        self.minutes.setSpecialValueText(_("Never"))
        self.minutes.setSuffix(" " + _("min"))
        self.minutes.setMaximumWidth(140)
        self.minutes.setEnabled(False)
        self.minutes.valueChanged.connect(lambda _minutes: self._edited())
        self.fields = Fields("locking-fields", _("Locking"))
        hint = label(_("0 is never."), "locking-hint", role="hint", wrap=True)
        self.fields.add("minutes", _("Minutes without a hand"), self.minutes, hint)
        self._lay_out()
        self.setFocusProxy(self.minutes)
        desk.deeds_happened.connect(self._happened)
        desk.catalogue_changed.connect(self._allow)
        self._allow()
        self.load()

    def _lay_out(self) -> None:
        text = label(
            _(
                "A desk that is left alone covers everything until its user’s password is"
                " entered. What was begun is kept. This holds for all desks of the clinic; Ctrl+L"
                " locks at once."
            ),
            "locking-text",
            wrap=True,
        )
        card = named(QFrame(), "locking-card", _("Locking"), role="card")
        buttons = row(self.save_button, self.discard_button, 1)
        card.setLayout(column(text, self.fields, self.told, buttons, margin=16, gap=12))
        holder = named(QWidget(), "locking-holder", role="panel")
        inner = QWidget()
        inner.setMaximumWidth(620)
        title = label(_("Locking"), "locking-title", role="title")
        inner.setLayout(column(title, card, gap=12))
        holder.setLayout(column(row(inner, 1, grow=0), 1, margin=16))
        self.setLayout(column(holder))

    def load(self) -> None:
        """Read what holds."""
        from clinic_desk.services import sessions

        self.desk.ask(
            sessions.lock_minutes,
            done=self._read,
            ticket=("locking", id(self)),
            what=_("reading the settings"),
        )

    def _read(self, minutes: int) -> None:
        typed = bool(self.unsaved)
        self.saved_minutes = minutes
        if not typed:
            self.discard()

    @property
    def unsaved(self) -> str:
        """As in :class:`Page`."""
        changed = self.saved_minutes is not None and self.minutes.value() != self.saved_minutes
        return _("Locking") if changed else ""

    def _edited(self) -> None:
        self.fields.untell()
        super()._edited()

    def _allow(self) -> None:
        edited = bool(self.unsaved) and not self._saving
        if not edited:
            self.keep_focus(self.save_button, self.discard_button)
        self._allow_saving(shared.SHARING, on=edited)
        allow(self.desk, self.minutes, shared.SHARING, on=self.saved_minutes is not None)

    def discard(self) -> None:
        """Show again what holds."""
        if self.saved_minutes is not None:
            self.minutes.setValue(self.saved_minutes)
        self._edited()

    def save(self) -> None:
        """From now on these minutes hold, on every desk."""
        from clinic_desk.services import sessions

        if self._saving or not self.unsaved:
            return
        self._send(
            sessions.set_lock_minutes,
            self.minutes.value(),
            label=_("Change when desks lock themselves"),
            said=_("Saved: {what}").format(what=_("Locking")),
            done=self._saved,
        )

    def _saved(self, answer: Done[int]) -> None:
        self._saving = False
        self.saved_minutes = answer.value
        self._allow()
        self.saved()

    def _tell_at_field(self, error: ClinicError) -> bool:
        return self.fields.tell(error)

    def _happened(self, changed: frozenset[Change]) -> None:
        if not self._saving and any(kind == "setting" for kind, _number in changed):
            self.load()
