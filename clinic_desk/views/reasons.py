"""Asking why, with the usual answers ready; "Keep it" stands beside what would be done."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.widgets import button, column, label, named, row


def cancel_reasons() -> list[str]:
    """The usual reasons for cancelling."""
    return [
        _("The patient called"),
        _("The provider is away"),
        _("The patient is ill"),
        _("Booked by mistake"),
    ]


def decline_reasons() -> list[str]:
    """The usual reasons for declining a request; the client reads them."""
    return [
        _("The time is not possible; please choose another one"),
        _("Please call us first"),
        _("We do not offer this treatment"),
    ]


def ask_reason(parent: QWidget, act: str, usual: list[str], about: str) -> str | None:
    """Ask why; None when the user keeps everything as it is."""
    dialog = named(QDialog(parent), "reason-dialog", act)
    dialog.setWindowTitle(act)
    field = named(QLineEdit(), "reason-field", _("Reason"))
    field.setPlaceholderText(_("Reason"))
    listed = named(QListWidget(), "reason-list", _("Usual reasons"))
    listed.addItems(usual)
    listed.setFixedHeight(listed.sizeHintForRow(0) * len(usual) + 12)
    missing = label(_("Give a reason; one of the list will do."), "reason-missing")
    missing.setProperty("tone", "error")
    missing.hide()

    def accept() -> None:
        """Nothing is done without a reason, and the dialog says so."""
        if field.text().strip():
            dialog.accept()
            return
        missing.show()
        field.setFocus()

    def edited(text: str) -> None:
        missing.setVisible(missing.isVisible() and not text.strip())

    go = button(act, "reason-go", accept, look="danger")
    go.setDefault(True)
    keep = button(_("Keep it"), "reason-keep", dialog.reject)
    field.textChanged.connect(edited)
    listed.currentTextChanged.connect(field.setText)
    listed.itemActivated.connect(lambda _item: dialog.accept())
    heading = label(about, "reason-about", role="heading", wrap=True)
    why = label(_("Why?"), "reason-why", role="strong")
    buttons = row(1, keep, go)
    dialog.setLayout(column(heading, why, listed, field, missing, buttons, margin=16))
    dialog.setMinimumWidth(420)
    field.setFocus()
    if dialog.exec() != QDialog.DialogCode.Accepted or not field.text().strip():
        return None
    return field.text().strip()
