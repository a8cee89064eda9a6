"""The fields of the clinic itself: from what is kept to what stands in them, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QLabel, QSpinBox, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.views.admin.fields import choice, choose
from clinic_desk.views.homeland import CountryField, ZoneField
from clinic_desk.views.operational.fields import BookFields, line_of, tick
from clinic_desk.views.widgets import column, label, named

if TYPE_CHECKING:
    from collections.abc import Callable

    from clinic_desk.rules.errors import ClinicError
    from clinic_desk.services.clinic_settings import ClinicDraft


class ClinicForm(QWidget):
    """All fields, in three cards; *edited* is called after each change."""

    def __init__(self, edited: Callable[[], object]) -> None:
        from clinic_desk.services.clinic_settings import MOST_MEGABYTES, STEPS

        super().__init__()
        named(self, "clinic-form", _("Clinic"))
        self.name = line_of("clinic-name", _("Name"), edited)
        self.country = CountryField("clinic-country", _("Country"))
        self.zone = ZoneField("clinic-zone", _("Time zone"))
        for found in (self.country, self.zone):
            found.editTextChanged.connect(lambda _text: edited())
        self.step = choice("clinic-step", _("Free times begin"), edited)
        for minutes in STEPS:
            self.step.addItem(_step_text(minutes), minutes)
        self.overbooking = tick("clinic-overbooking", _("Overbooking is possible"), edited)
        self.limit = named(QSpinBox(), "clinic-size", _("Largest document"))
        self.limit.setRange(1, MOST_MEGABYTES)
        self.limit.setSuffix(" " + _("MB"))
        self.limit.setMaximumWidth(140)
        self.limit.valueChanged.connect(lambda _value: edited())
        self.who = BookFields("clinic-who", _("Clinic"))
        self.when = BookFields("clinic-when", _("Booking"))
        self.papers = BookFields("clinic-papers", _("Documents"))
        self._add()
        self.setLayout(
            column(
                self._card("who", _("Name and place"), self.who),
                self._card("when", _("Booking"), self.when),
                self._card("papers", _("Documents"), self.papers),
                gap=12,
            )
        )
        self.setFocusProxy(self.name)

    def _add(self) -> None:
        self.who.add("name", _("Name"), self.name)
        home = _hint(
            "country",
            _("Telephone numbers are read as people dial them there, amounts are in its currency."),
        )
        self.who.add("country", _("Country"), self.country, home)
        clock = _hint(
            "zone",
            _("For new locations and for what is at no location. A location keeps its own clock."),
        )
        self.who.add("time_zone", _("Time zone"), self.zone, clock)
        self.when.add("step_minutes", _("Free times begin"), self.step)
        squeeze = _hint(
            "overbooking",
            _("Whoever may overbook can then squeeze a visit in beside another, with a reason."),
        )
        self.when.add("overbooking", "", self.overbooking, squeeze)
        self.papers.add("most_megabytes", _("Largest document"), self.limit)

    def _card(self, name: str, heading: str, inner: QWidget) -> QFrame:
        made = named(QFrame(), f"clinic-card-{name}", heading, role="card")
        title = label(heading, f"clinic-card-{name}-title", role="heading")
        made.setLayout(column(title, inner, margin=16, gap=12))
        return made

    def fill(self, draft: ClinicDraft) -> None:
        """Show what is kept."""
        self.name.setText(draft.name)
        self.country.show_country(draft.country)
        self.zone.setCurrentText(draft.time_zone)
        choose(self.step, draft.step_minutes, _step_text(draft.step_minutes))
        self.overbooking.setChecked(draft.overbooking)
        self.limit.setMaximum(max(self.limit.maximum(), draft.most_megabytes))
        self.limit.setValue(draft.most_megabytes)
        self.untell()

    def draft(self) -> ClinicDraft:
        """What stands in the fields."""
        from clinic_desk.services.clinic_settings import ClinicDraft

        return ClinicDraft(
            self.name.text(),
            self.country.country() or self.country.currentText().strip(),
            self.zone.zone(),
            int(self.step.currentData() or 0),
            self.overbooking.isChecked(),
            self.limit.value(),
        )

    def lock(self, why: str) -> None:
        """Nothing can be changed, and *why*; empty: it can."""
        for part in (self.who, self.when, self.papers):
            for field in part.each():
                field.setEnabled(not why)
                field.setToolTip(why)

    def tell(self, error: ClinicError) -> bool:
        """Show a refusal beside its field; False where it is about none."""
        return any(part.tell(error) for part in (self.who, self.when, self.papers))

    def untell(self) -> None:
        """Nothing is wrong any more."""
        for part in (self.who, self.when, self.papers):
            part.untell()


def _step_text(minutes: int) -> str:
    if minutes == 60:
        return _("on the hour")
    return ngettext("every {count} minute", "every {count} minutes", minutes).format(count=minutes)


def _hint(name: str, text: str) -> QLabel:
    return label(text, f"clinic-{name}-hint", role="hint", wrap=True)
