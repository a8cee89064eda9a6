"""The few questions before the first booking in a clinic of one's own."""

from __future__ import annotations

import zoneinfo

from PySide6.QtCore import QTimeZone, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QSpinBox, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services.countries import NO_COUNTRY
from clinic_desk.services.founding import SHORTEST_PASSWORD, Founding
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields
from clinic_desk.views.homeland import CountryField, ZoneField, proposed_country
from clinic_desk.views.widgets import button, column, error_line, label, named, row

EMPTY = N_("Please fill this in.")
NO_ZONE = N_("This is no time zone: {zone}")
TOO_SHORT = N_("The password needs at least {count} characters.")
DIFFER = N_("The two passwords differ.")


class FoundingForm(QWidget):
    """Signals:
    ready(Founding): the answers.
    back(): to the choice before.
    """

    ready = Signal(object)
    back = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "founding", _("Set up your own clinic"))
        self.clinic = named(QLineEdit(), "founding-clinic", _("Name of the clinic"))
        self.zone = ZoneField("founding-zone", _("Time zone"))
        own = bytes(QTimeZone.systemTimeZoneId().data()).decode()
        self.zone.setCurrentText(own if own in zoneinfo.available_timezones() else "UTC")
        self.country = CountryField("founding-country", _("Country"))
        self.country.show_country(proposed_country(self.zone.zone()))
        self._by_hand = False
        self.zone.typed.connect(self._propose)
        self.country.typed.connect(self._chosen)
        self.rooms = named(QSpinBox(), "founding-rooms", _("Number of rooms"))
        self.rooms.setRange(1, 50)
        self.rooms.setValue(2)
        self.first = named(QLineEdit(), "founding-first", _("First name of the first provider"))
        self.last = named(QLineEdit(), "founding-last", _("Last name of the first provider"))
        self.user = named(QLineEdit(), "founding-user", _("Your name to sign in"))
        self.password = named(QLineEdit(), "founding-password", _("Password"))
        self.again = named(QLineEdit(), "founding-again", _("Password once more"))
        for field in (self.password, self.again):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText(
            _("At least {count} characters").format(count=SHORTEST_PASSWORD)
        )
        self.fields = Fields("founding-fields", _("Set up your own clinic"))
        asked: tuple[tuple[str, QWidget], ...] = (
            ("clinic", self.clinic),
            ("time_zone", self.zone),
            ("country", self.country),
            ("rooms", self.rooms),
            ("provider_first_name", self.first),
            ("provider_last_name", self.last),
            ("user_name", self.user),
            ("password", self.password),
            ("again", self.again),
        )
        for name, line in asked:
            below = [_why_country()] if line is self.country else []
            self.fields.add(name, line.accessibleName(), line, *below)
        self.told = error_line("founding-told")
        go = button(_("Set up"), "founding-go", self.submit, look="primary")
        leave = button(_("Back"), "founding-back", self.back.emit)
        card = named(QFrame(), "founding-card", role="card")
        title = label(_("Your clinic"), "founding-title", role="title")
        hint = label(
            _("Hours Monday to Friday, 8 to 18, and three appointment types to begin with."),
            "founding-hint",
            role="hint",
            wrap=True,
        )
        card.setLayout(
            column(title, hint, self.fields, self.told, row(leave, 1, go), margin=28, gap=12)
        )
        card.setFixedWidth(520)
        self.setLayout(column(1, row(1, card, 1), 1, margin=24))
        asked_in_turn = [self.clinic, self.first, self.last, self.user, self.password]
        for field, following in zip(asked_in_turn, [*asked_in_turn[1:], self.again], strict=True):
            field.returnPressed.connect(following.setFocus)
        self.again.returnPressed.connect(self.submit)

    def submit(self) -> None:
        """Hand the answers over, or say at its field what is missing."""
        self.fields.untell()
        self.told.hide()
        wrong = self._wrong()
        if wrong is not None:
            self.fields.tell(wrong)
            return
        self.ready.emit(
            Founding(
                clinic=self.clinic.text().strip(),
                time_zone=self.zone.zone(),
                country=self.country.country(),
                rooms=self.rooms.value(),
                provider_first_name=self.first.text().strip(),
                provider_last_name=self.last.text().strip(),
                user_name=self.user.text().strip(),
                password=self.password.text(),
            )
        )

    def tell(self, error: BaseException) -> None:
        """Why no clinic was set up; what was typed is still there."""
        if not self.fields.tell(error):
            self.told.setText(words.explained(error))
            self.told.show()

    def _propose(self) -> None:
        """The country goes along with the zone until somebody says otherwise."""
        known = self.zone.zone() in zoneinfo.available_timezones()
        if known and not self._by_hand:
            self.country.show_country(proposed_country(self.zone.zone()))

    def _chosen(self) -> None:
        self._by_hand = True

    def _wrong(self) -> Invalid | None:
        for name, field in (
            ("clinic", self.clinic),
            ("provider_last_name", self.last),
            ("user_name", self.user),
        ):
            if not field.text().strip():
                return Invalid(name, EMPTY)
        if self.zone.zone() not in zoneinfo.available_timezones():
            return Invalid("time_zone", NO_ZONE, zone=self.zone.zone())
        if not self.country.country():
            return Invalid("country", NO_COUNTRY)
        if len(self.password.text()) < SHORTEST_PASSWORD:
            return Invalid("password", TOO_SHORT, count=SHORTEST_PASSWORD)
        if self.password.text() != self.again.text():
            return Invalid("again", DIFFER)
        return None


def _why_country() -> QWidget:
    return label(
        _("Telephone numbers are read as people dial them there, amounts are in its currency."),
        "founding-country-why",
        role="hint",
        wrap=True,
    )
