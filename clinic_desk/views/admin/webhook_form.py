"""A webhook: which address is called, and of what it is told."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.webhooks import LONGEST_URL
from clinic_desk.services.changes import EVENTS
from clinic_desk.views import words
from clinic_desk.views.admin.fields import text_field
from clinic_desk.views.admin.make_form import MakeForm
from clinic_desk.views.admin.webhooks_table import event_line
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, label, named


class WebhookForm(MakeForm):
    """What it makes is a NewWebhook."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk, "webhook", _("New webhook"), parent)
        self.url = text_field("webhook-url", _("Address"), self._edited)
        self.url.setMaxLength(LONGEST_URL)
        self.url.setPlaceholderText("https://example.org/clinic")
        # An address runs from left to right in every language.
        self.url.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        text = _("Inside our network")
        self.inside = named(QCheckBox(text), "webhook-inside", text)
        self.inside.toggled.connect(self._inside_ticked)
        self.events: dict[str, QCheckBox] = {}
        self.certificate = named(QPlainTextEdit(), "webhook-certificate", _("Own certificate"))
        self.certificate.setTabChangesFocus(True)
        self.certificate.setFixedHeight(72)
        self.certificate.textChanged.connect(self._edited)
        self._lay_out()
        self._inside_ticked()
        self.url.setFocus()

    def _lay_out(self) -> None:
        self.fields.add("url", _("Address"), self.url)
        hint = _("Only for a program in the clinic’s own network or on this very computer.")
        self.fields.add(
            "inside",
            _("Network"),
            self.inside,
            label(hint, "webhook-inside-hint", role="hint", wrap=True),
        )
        hint = _(
            "Its text from “BEGIN CERTIFICATE” to “END CERTIFICATE”, if it has one of its own."
        )
        self.fields.add(
            "certificate",
            _("Own certificate"),
            self.certificate,
            label(hint, "webhook-certificate-hint", role="hint", wrap=True),
        )
        self.fields.add("events", _("Tell it when"), self._choices())
        self._lay_out_form(
            _(
                "The program is told which appointment or patient changed, and nothing else; what"
                " it may read of them, its token says."
            ),
            button(_("Add the webhook"), "webhook-add", self.save, look="primary"),
        )
        self.resize(660, 480)

    def _choices(self) -> QWidget:
        """A box for each event; ticked are those that a calendar beside this one needs."""
        for event in EVENTS:
            line = event_line(event)
            box = named(QCheckBox(line), f"webhook-event-{event.replace('.', '-')}", line)
            box.setToolTip(event)
            box.setAccessibleDescription(event)
            box.setChecked(event.startswith("appointment."))
            box.toggled.connect(lambda _on: self._edited())
            self.events[event] = box
        holder = named(QWidget(), "webhook-events", _("Of what it is told"))
        holder.setLayout(column(*self.events.values(), gap=4))
        holder.setFocusProxy(next(iter(self.events.values())))
        return holder

    def _inside_ticked(self) -> None:
        self.fields.set_row_visible("certificate", self.inside.isChecked())
        self._edited()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The events that are ticked."""
        return tuple(event for event, box in self.events.items() if box.isChecked())

    def save(self) -> None:
        """Add the webhook; a refusal is shown at its field."""
        from clinic_desk.services import webhooks

        if self._busy:
            return
        url, inside = self.url.text().strip(), self.inside.isChecked()
        self._send(
            webhooks.add,
            url=url,
            events=self.chosen,
            inside=inside,
            certificate=self.certificate.toPlainText().strip() if inside else "",
            label=_("Webhook to {address}").format(address=words.isolated(url)),
        )

    @property
    def is_edited(self) -> bool:
        """Whether something was typed."""
        return bool(self.url.text().strip() or self.certificate.toPlainText().strip())
