"""What is written down of a patient, and who looks after them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError
from clinic_desk.services.cards import Done
from clinic_desk.services.patient_cards import CareMember, PatientPage
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice
from clinic_desk.views.desk import Desk
from clinic_desk.views.patients import texts
from clinic_desk.views.widgets import button, column, error_line, label, line, named, row


class CardData(QScrollArea):
    """The fields to read, and the care team to change."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "patient-data", _("Data"))
        self._desk = desk
        self.page: PatientPage | None = None
        self.values: dict[str, QLabel] = {}
        inside = named(QWidget(), "patient-data-inside", role="panel")
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(6)
        self.form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for name, caption in texts.captions().items():
            shown = label("", f"patient-data-{name}", wrap=True)
            shown.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            shown.setAccessibleName(caption)
            self.values[name] = shown
            self.form.addRow(label(caption, role="hint"), shown)
        self.registered = label("", "patient-data-registered", role="hint", wrap=True)
        self.team = QVBoxLayout()
        self.team.setSpacing(4)
        self.nobody = label(_("Nobody is named yet."), "care-team-nobody", role="hint")
        self.person = choice("care-team-person", _("Somebody of the staff"), lambda: None)
        self.role = named(QLineEdit(), "care-team-role", _("What they do for this patient"))
        self.role.setPlaceholderText(_("For example: dentist"))
        self.role.setFixedWidth(220)
        self.add = button(_("Add to the care team"), "care-team-add", self._add)
        self.told = error_line("care-team-told")
        self.adding = QWidget()
        self.adding.setLayout(row(self.person, self.role, self.add, 1))
        inside.setLayout(
            column(
                self.form,
                self.registered,
                line("patient-data-line"),
                label(_("Care team"), "care-team-title", role="heading"),
                self.nobody,
                self.team,
                self.adding,
                self.told,
                1,
                margin=16,
            )
        )
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidget(inside)

    def show_page(self, page: PatientPage) -> None:
        """Show a patient."""
        other = self.page is None or self.page.card.id != page.card.id
        self.page = page
        data = page.data
        for name, shown in self.values.items():
            stored = getattr(data, name)
            if name == "preferred_provider_id" and stored is not None:
                provider = self._desk.catalogue.providers.get(stored)
                stored = provider.name if provider else str(stored)
            text = texts.value(name, stored)
            shown.setText(text if name == "date_of_birth" else words.isolated(text))
            self.form.setRowVisible(shown, bool(text))
        self.registered.setVisible(data.registered_at is not None)
        if data.registered_at is not None:
            day = words.day_numbers(words.wall(data.registered_at, self._desk.zone).date())
            self.registered.setText(_("Registered on {day}").format(day=day))
        self._show_team(page.care_team, may_change=data.may_change)
        if other:
            self.role.clear()
            self.told.hide()

    def _show_team(self, members: tuple[CareMember, ...], *, may_change: bool) -> None:
        while (item := self.team.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for member in members:
            self.team.addWidget(self._member(member, may_change=may_change))
        self.nobody.setVisible(not members)
        self.adding.setVisible(may_change)
        known = {member.user_id for member in members}
        self.person.clear()
        users = self._desk.catalogue.users.values()
        for user in sorted(users, key=lambda one: one.display_name.casefold()):
            if user.active and user.id not in known:
                self.person.addItem(user.display_name, user.id)
        self.add.setEnabled(self.person.count() > 0)

    def _member(self, member: CareMember, *, may_change: bool) -> QWidget:
        made = named(QWidget(), f"care-team-{member.id}")
        name = words.isolated(member.name)
        text = name
        if member.role:
            text = _("{name}, {role}").format(name=name, role=words.isolated(member.role))
        remove = button(
            _("Remove"),
            f"care-team-remove-{member.id}",
            partial(self._remove, member),
            look="quiet",
            spoken=_("Remove {name} from the care team").format(name=member.name),
        )
        made.setLayout(row(label(text), remove, 1))
        remove.setVisible(may_change)
        return made

    def _add(self) -> None:
        from clinic_desk.services import patient_page

        if self.page is None or self.person.currentData() is None:
            return
        self.told.hide()
        who = words.isolated(self.person.currentText())
        self._desk.do(
            patient_page.add_to_care_team,
            self.page.card.id,
            self.person.currentData(),
            role=self.role.text(),
            label=_("Add {name} to the care team").format(name=who),
            said=_("Added: {what}").format(what=who),
            done=self._added,
            failed=self._refused,
        )

    def _added(self, _answer: Done[None]) -> None:
        self.role.clear()

    def _refused(self, error: BaseException) -> bool:
        if not isinstance(error, ClinicError):
            return False
        self.told.setText(words.explained(error))
        self.told.show()
        return True

    def _remove(self, member: CareMember) -> None:
        from clinic_desk.services import patient_page

        name = words.isolated(member.name)
        self._desk.do(
            patient_page.remove_from_care_team,
            member.id,
            label=_("Remove {name} from the care team").format(name=name),
            said=_("Removed: {title}").format(title=name),
            failed=self._refused,
        )
