"""What appears below the form of a patient when it cannot be saved as it stands."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.widgets import button, column, label, named, row


class SharingPart(QFrame):
    """Why somebody may have the address or telephone number of another person."""

    def __init__(self, share: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "patient-form-sharing", role="refusal")
        text = label(
            _("Another person may share this contact, for example a parent. Say who they are:"),
            "patient-form-sharing-text",
            wrap=True,
        )
        self.why = named(QLineEdit(), "patient-form-why", _("Why the contact is shared"))
        self.why.setPlaceholderText(_("For example: her daughter"))
        self.share = button(
            _("Another person who shares this contact"), "patient-form-share", share
        )
        self.setLayout(column(text, self.why, row(self.share, 1), margin=10))
        self.hide()


class ConflictPart(QFrame):
    """Somebody else saved first: their data, or one's own changes over theirs."""

    def __init__(
        self,
        take_theirs: Callable[[], object],
        keep_mine: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        named(self, "patient-form-conflict", _("Changed meanwhile"), role="refusal")
        text = label(
            _(
                "Somebody changed this patient meanwhile. What you typed is still here; "
                "only the fields that you changed would be saved over theirs."
            ),
            "patient-form-conflict-text",
            wrap=True,
        )
        self.theirs = button(_("Show theirs"), "patient-form-theirs", take_theirs)
        self.mine = button(_("Save my changes"), "patient-form-mine", keep_mine)
        self.setLayout(column(text, row(self.theirs, self.mine, 1), margin=10))
        self.hide()
