"""The fields of the mail settings: from what is kept to what stands in them, and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QTime
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QTimeEdit,
    QWidget,
)

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services import mail_settings
from clinic_desk.services.letter_texts import NAMES, TOGETHER, Kind
from clinic_desk.services.mail_settings import LONGEST_DELAY_SECONDS, MailSettings
from clinic_desk.services.mailer import Security
from clinic_desk.services.safe import Place
from clinic_desk.views.admin.fields import Fields, choice, choose, text_field
from clinic_desk.views.time_field import TimeField
from clinic_desk.views.widgets import column, label, named

PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
"""What goes with each kind of encryption, unless a provider says otherwise."""

SILENT = tuple(
    kind for kind in Kind if str(kind) not in mail_settings.ALWAYS and kind not in TOGETHER.values()
)
"""The kinds that a clinic may switch off."""


class SettingsForm(QWidget):
    """All fields of :class:`MailSettings`, in cards; *edited* is called after each change."""

    def __init__(self, edited: Callable[[], object]) -> None:
        super().__init__()
        named(self, "mail-form", _("Mail settings"))
        self._edited = edited
        self._base = MailSettings()
        self.parts: list[Fields] = []
        self._make_server()
        self._make_sender()
        self._make_times()
        self._make_kinds()
        self.test_place = QWidget()
        self.test_place.setLayout(column())
        self.setLayout(
            column(
                self._card("server", _("Mail server"), self.server),
                self._card("sender", _("Sender"), self.sender_part),
                self.test_place,
                self._card("times", _("When messages leave"), self.times),
                self._card("kinds", _("What is sent"), self.kinds),
                gap=12,
            )
        )

    def _card(self, name: str, heading: str, inner: QWidget) -> QFrame:
        made = named(QFrame(), f"mail-card-{name}", heading, role="card")
        title = label(heading, f"mail-card-{name}-title", role="heading")
        made.setLayout(column(title, inner, margin=16, gap=12))
        return made

    def _part(self, name: str, spoken: str) -> Fields:
        made = Fields(f"mail-{name}", spoken)
        self.parts.append(made)
        return made

    def _make_server(self) -> None:
        self.host = text_field("mail-host", _("Server"), self._edited)
        self.host.setPlaceholderText("smtp.example.org")
        self.security = choice("mail-security", _("Encryption"), self._security_chosen)
        self.security.addItem(_("STARTTLS (port 587)"), Security.STARTTLS)
        self.security.addItem(_("TLS from the start (port 465)"), Security.TLS)
        self.security.addItem(_("None, on this very computer only"), Security.NONE)
        self.port = self._number("mail-port", _("Port"), 1, 65535)
        self.user = text_field("mail-user", _("User name"), self._edited)
        self.password = text_field("mail-password", _("Password"), self._edited)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.place = choice("mail-password-place", _("Where it is kept"), self._edited)
        self.known = label("", "mail-password-known", role="hint", wrap=True)
        self.certificate = named(QPlainTextEdit(), "mail-certificate", _("Own certificate"))
        self.certificate.setTabChangesFocus(True)
        self.certificate.setFixedHeight(72)
        self.certificate.textChanged.connect(self._edited)
        part = self.server = self._part("server", _("Mail server"))
        part.add("host", _("Server"), self.host, self._hint(
            "host", _("Without a server no message is written. The provider of your mailbox"
                      " calls it “SMTP” or “outgoing mail”."))
        )  # fmt: skip
        part.add("security", _("Encryption"), self.security)
        part.add("port", _("Port"), self.port)
        part.add("user", _("User name"), self.user)
        part.add("password", _("Password"), self.password, self.known)
        part.add("place", _("Where it is kept"), self.place)
        part.add("certificate", _("Own certificate"), self.certificate, self._hint(
            "certificate", _("Only for a server of your own: its text from “BEGIN CERTIFICATE” to"
                             " “END CERTIFICATE”."))
        )  # fmt: skip

    def _make_sender(self) -> None:
        self.address = text_field("mail-sender", _("Address"), self._edited)
        self.address.setPlaceholderText("desk@clinic.example")
        self.sender_name = text_field("mail-sender-name", _("Name"), self._edited)
        self.reply_to = text_field("mail-reply-to", _("Answers go to"), self._edited)
        self.language = choice("mail-language", _("Language"), self._edited)
        self.language.addItem(_("As the computer that sends"), "")
        for tag in i18n.available():
            self.language.addItem(i18n.name_of(tag), tag)
        part = self.sender_part = self._part("sender", _("Sender"))
        part.add("sender", _("Address"), self.address)
        part.add("sender_name", _("Name"), self.sender_name, self._hint(
            "sender-name", _("Empty: the name of the clinic."))
        )  # fmt: skip
        part.add("reply_to", _("Answers go to"), self.reply_to, self._hint(
            "reply-to", _("Empty: to the address of the sender."))
        )  # fmt: skip
        part.add("language", _("Language"), self.language, self._hint(
            "language", _("For patients of whom no language is known."))
        )  # fmt: skip

    def _make_times(self) -> None:
        self.delay = self._number("mail-delay", _("Delay"), 0, LONGEST_DELAY_SECONDS)
        self.delay.setSuffix(" " + _("seconds"))
        self.hours = text_field("mail-hours", _("Reminders"), self._edited)
        self.hours.setPlaceholderText("48, 2")
        self.quiet_from = self._time("mail-quiet-from", _("Quiet from"))
        self.quiet_until = self._time("mail-quiet-until", _("Quiet until"))
        self.tries = self._number("mail-tries", _("Tries"), 1, 50)
        part = self.times = self._part("times", _("When messages leave"))
        part.add("delay_seconds", _("Delay"), self.delay, self._hint(
            "delay", _("So long a message waits, so that an undo takes it back."))
        )  # fmt: skip
        part.add("reminder_hours", _("Reminders"), self.hours, self._hint(
            "hours", _("Hours before the appointment, with commas between. Empty: none."))
        )  # fmt: skip
        part.add("quiet_from", _("Quiet from"), self.quiet_from)
        part.add("quiet_until", _("Quiet until"), self.quiet_until, self._hint(
            "quiet", _("Between these times of the location no reminder leaves; it goes out"
                       " before. Both alike: at all times."))
        )  # fmt: skip
        part.add("most_tries", _("Tries"), self.tries, self._hint(
            "tries", _("So often a message is tried before it counts as failed."))
        )  # fmt: skip

    def _make_kinds(self) -> None:
        self.sent: dict[Kind, QCheckBox] = {
            kind: self._check(f"mail-sends-{kind}", _(NAMES[kind])) for kind in SILENT
        }
        self.tell_provider = self._check("mail-tell-provider", _("Who treats the patient"))
        self.tell_type = self._check("mail-tell-type", _("The type of the appointment"))
        sent, told = QWidget(), QWidget()
        sent.setLayout(column(*self.sent.values(), gap=4))
        told.setLayout(column(self.tell_provider, self.tell_type, gap=4))
        self.kinds = self._part("kinds", _("What is sent"))
        sent = named(sent, "mail-sends", _("Messages to patients"))
        self.kinds.add("silent", _("Messages to patients"), sent)
        told = named(told, "mail-tells", _("In the patient’s calendar"))
        self.kinds.add("tells", _("In the patient’s calendar"), told)

    def _hint(self, name: str, text: str) -> QWidget:
        return label(text, f"mail-{name}-hint", role="hint", wrap=True)

    def _number(self, name: str, spoken: str, least: int, most: int) -> QSpinBox:
        made = named(QSpinBox(), name, spoken)
        made.setRange(least, most)
        made.setGroupSeparatorShown(False)
        made.valueChanged.connect(lambda _value: self._edited())
        return made

    def _time(self, name: str, spoken: str) -> QTimeEdit:
        made = named(TimeField(), name, spoken)
        made.timeChanged.connect(lambda _time: self._edited())
        return made

    def _check(self, name: str, text: str) -> QCheckBox:
        made = named(QCheckBox(text), name, text)
        made.toggled.connect(lambda _on: self._edited())
        return made

    def _security_chosen(self) -> None:
        if self.port.value() in PORTS.values():
            self.port.setValue(PORTS[Security(self.security.currentData())])
        self._edited()

    # From and to what is kept -----------------------------------------------------------------

    def fill(self, settings: MailSettings) -> None:
        """Show *settings*; the password is never shown."""
        self._base = settings
        for field, text in (
            (self.host, settings.host),
            (self.user, settings.user),
            (self.address, settings.sender),
            (self.sender_name, settings.sender_name),
            (self.reply_to, settings.reply_to),
            (self.hours, ", ".join(map(str, settings.reminder_hours))),
            (self.password, ""),
        ):
            field.setText(text)
        self.certificate.setPlainText(settings.certificate)
        choose(self.security, settings.security)
        self.port.setValue(settings.port)
        tag = settings.language
        choose(self.language, tag, i18n.name_of(tag) if tag else "")
        self.delay.setValue(settings.delay_seconds)
        self.tries.setValue(settings.most_tries)
        self.quiet_from.setTime(QTime(*divmod(settings.quiet_from, 60)))
        self.quiet_until.setTime(QTime(*divmod(settings.quiet_until, 60)))
        for kind, box in self.sent.items():
            box.setChecked(str(kind) not in settings.silent)
        self.tell_provider.setChecked(settings.tell_provider)
        self.tell_type.setChecked(settings.tell_type)
        self.untell()

    def offer_places(self, *, has_keyring: bool) -> None:
        """Where a password can be kept on this computer; the best one first."""
        self.place.clear()
        if has_keyring:
            self.place.addItem(_("In this computer’s keyring"), Place.KEYRING)
        self.place.addItem(_("Nowhere: it is entered again after each start"), Place.MEMORY)
        self.place.addItem(_("In a file that only you can read"), Place.FILE)
        self.place.setCurrentIndex(0)

    def draft(self) -> MailSettings:
        """What stands in the fields. Raises ``Invalid`` where the hours are none."""
        return replace(
            self._base,
            host=self.host.text().strip(),
            port=self.port.value(),
            security=Security(self.security.currentData()),
            user=self.user.text().strip(),
            sender=self.address.text().strip(),
            sender_name=self.sender_name.text().strip(),
            reply_to=self.reply_to.text().strip(),
            certificate=self.certificate.toPlainText().strip(),
            language=self.language.currentData() or "",
            delay_seconds=self.delay.value(),
            reminder_hours=hours(self.hours.text()),
            quiet_from=_minutes(self.quiet_from),
            quiet_until=_minutes(self.quiet_until),
            most_tries=self.tries.value(),
            silent=tuple(
                sorted(str(kind) for kind, box in self.sent.items() if not box.isChecked())
            ),
            tell_provider=self.tell_provider.isChecked(),
            tell_type=self.tell_type.isChecked(),
        )

    def tell(self, error: BaseException) -> bool:
        """Show what is wrong at its field; False where *error* is about none of them."""
        told = [part.tell(error) for part in self.parts]
        return any(told)

    def untell(self) -> None:
        """Nothing is wrong any more."""
        for part in self.parts:
            part.untell()

    def lock(self, locked: bool, why: str) -> None:
        """Let nothing be changed, and say *why*."""
        for part in self.parts:
            part.setEnabled(not locked)
            part.setToolTip(why)


def hours(text: str) -> tuple[int, ...]:
    """ "48, 2" as numbers, the largest first. Raises ``Invalid`` for anything else."""
    parts = [part for part in re.split(r"[\s,;،、]+", text.strip()) if part]
    try:
        return tuple(sorted({int(part) for part in parts}, reverse=True))
    except ValueError as error:
        raise Invalid("reminder_hours", N_("Write whole hours, such as 48, 2.")) from error


def _minutes(field: QTimeEdit) -> int:
    at = field.time()
    return at.hour() * 60 + at.minute()
