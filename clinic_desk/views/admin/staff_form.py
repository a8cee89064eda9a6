"""The fields of one staff member, and the box of approvals. No saving here."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _
from clinic_desk.rules.permissions import APPROVERS, ROLES, may_be_ticked
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.staff_cards import StaffDraft
from clinic_desk.views import words
from clinic_desk.views.admin.fields import Fields, choice, choose, text_field
from clinic_desk.views.tick_lines import tick_by_words
from clinic_desk.views.widgets import column, label, named, tool


class StaffForm(QWidget):
    """``edited`` when the user changed something.

    Attributes:
        fields: what stands on the left of the form.
        approvals_box: the box at the bottom right.
    """

    edited = Signal()

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        named(self, "staff-form", _("Staff member"))
        self._catalogue = catalogue
        edited = self._changed
        self.display_name = text_field("staff-display-name", _("Name"), edited)
        self.name = text_field("staff-name", _("Signs in as"), edited)
        self.email = text_field("staff-email", _("E-mail"), edited)
        self.role = choice("staff-role", _("Role"), edited)
        self.provider = choice("staff-provider", _("Is the provider"), edited)
        self.language = choice("staff-language", _("Language"), edited)
        self.active = named(QCheckBox(_("May sign in")), "staff-active", _("May sign in"))
        self.active.clicked.connect(lambda _on: edited())
        self.password = text_field("staff-password", _("First password"), edited)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.locations = named(QListWidget(), "staff-locations", _("Locations"))
        tick_by_words(self.locations)
        self.locations.itemChanged.connect(lambda _item: self._places_changed())
        self.places = label("", "staff-places", role="hint", wrap=True)
        self.fields = Fields("staff-fields", _("Staff member"))
        self._lay_out()
        self.set_catalogue(catalogue)

    def _lay_out(self) -> None:
        add = self.fields.add
        add("display_name", _("Name"), self.display_name)
        add("name", _("Signs in as"), self.name)
        reveal = tool(_("Show"), "staff-reveal", tip=_("Show the password while typing"))
        reveal.setCheckable(True)
        reveal.toggled.connect(self._reveal)
        hint = label(
            _("Tell it in person; another one is asked for at the first sign-in."),
            "staff-password-hint",
            role="hint",
            wrap=True,
        )
        add("password", _("First password"), self.password, hint, beside=reveal)
        add("role_id", _("Role"), self.role)
        add("email", _("E-mail"), self.email)
        add("provider_id", _("Is the provider"), self.provider)
        add("language", _("Language"), self.language)
        add("location_ids", _("Locations"), self.locations, self.places)
        add("active", "", self.active)
        self.approvals = named(
            QCheckBox(_("Decides appointment requests")), "staff-approvals", _("Approvals")
        )
        self.approvals.clicked.connect(lambda _on: self._changed())
        self.why = label("", "staff-approvals-why", role="hint", wrap=True)
        self.approvals_box = named(QFrame(), "staff-approvals-box", _("Approvals"), role="card")
        heading = label(_("Approvals"), "staff-approvals-heading", role="heading")
        self.approvals_box.setLayout(column(heading, self.approvals, self.why, margin=14, gap=8))
        self.approvals_box.setFixedWidth(300)
        self.setLayout(column(self.fields))

    # Filling ----------------------------------------------------------------------------------

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Other roles, providers and locations; what is chosen stays."""
        kept = self.draft() if self.role.count() else None
        self._catalogue = catalogue
        for box in (self.role, self.provider, self.language):
            box.clear()
        for role in sorted(catalogue.roles.values(), key=lambda r: _(r.name).casefold()):
            self.role.addItem(_(role.name), role.id)
        self.provider.addItem(_("Nobody: does not treat"), None)
        for provider in catalogue.providers.values():
            self.provider.addItem(words.isolated(provider.name), provider.id)
        self.language.addItem(_("As the computer"), "")
        for tag in i18n.available():
            self.language.addItem(i18n.name_of(tag), tag)
        self.locations.blockSignals(True)
        self.locations.clear()
        for place in catalogue.locations.values():
            item = QListWidgetItem(words.isolated(place.name))
            item.setData(Qt.ItemDataRole.UserRole, place.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            item.setSizeHint(QSize(0, 26))
            self.locations.addItem(item)
        self.locations.blockSignals(False)
        rows = min(max(self.locations.count(), 2), 5)
        self.locations.setFixedHeight(rows * 26 + 6)
        if kept is not None:
            self.fill(kept)

    def fill(self, draft: StaffDraft, *, new: bool | None = None) -> None:
        """Show *draft*; *new* says whether a first password is asked for."""
        if new is not None:
            self.fields.set_row_visible("password", new)
            self.password.clear()
        for field, text in (
            (self.display_name, draft.display_name),
            (self.name, draft.name),
            (self.email, draft.email),
        ):
            if field.text() != text:
                field.setText(text)
        role = self._catalogue.roles.get(draft.role_id)
        choose(self.role, draft.role_id, _(role.name) if role else "")
        choose(self.provider, draft.provider_id, _("Somebody who is gone"))
        missing = i18n.name_of(draft.language) if draft.language else ""
        choose(self.language, draft.language, missing)
        self.active.setChecked(draft.active)
        self.approvals.setChecked(draft.approvals)
        self.locations.blockSignals(True)
        for item in self._items():
            on = item.data(Qt.ItemDataRole.UserRole) in draft.location_ids
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.locations.blockSignals(False)
        self._judge()

    def draft(self) -> StaffDraft:
        """What stands in the fields."""
        return StaffDraft(
            name=self.name.text(),
            display_name=self.display_name.text(),
            role_id=self.role.currentData() or 0,
            email=self.email.text().strip(),
            provider_id=self.provider.currentData(),
            location_ids=tuple(
                sorted(
                    item.data(Qt.ItemDataRole.UserRole)
                    for item in self._items()
                    if item.checkState() == Qt.CheckState.Checked
                )
            ),
            language=self.language.currentData() or "",
            approvals=self.approvals.isChecked(),
            active=self.active.isChecked(),
        )

    def lock(self, locked: bool, why: str) -> None:
        """Nothing can be changed, and each field says why; or it can."""
        for field in (self.display_name, self.name, self.email):
            field.setReadOnly(locked)
            field.setToolTip(why)
        for other in (self.role, self.provider, self.language, self.active, self.locations):
            other.setEnabled(not locked)
            other.setToolTip(why)
        self._locked = why if locked else ""
        self._judge()

    _locked = ""

    # Rules ------------------------------------------------------------------------------------

    def _judge(self) -> None:
        """The box can be ticked for the roles that approve only, and says why not."""
        role = self._catalogue.roles.get(self.role.currentData() or 0)
        can = role is not None and may_be_ticked(role.name, role.permissions)
        if not can:
            self.approvals.setChecked(False)
        self.approvals.setEnabled(can and not self._locked)
        roles = ", ".join(_(name) for name in ROLES if name in APPROVERS)
        if self._locked and can:
            text = self._locked
        elif can:
            text = _("Without the tick this person can neither approve nor decline requests.")
        elif role is None:
            text = _("Choose a role first. Only {roles} approve requests.").format(roles=roles)
        else:
            text = _("The role “{role}” does not approve requests. Only {roles} do.").format(
                role=_(role.name), roles=roles
            )
        self.why.setText(text)
        self.approvals.setToolTip("" if can else text)
        chosen = [i for i in self._items() if i.checkState() == Qt.CheckState.Checked]
        self.places.setText("" if chosen else _("None is ticked: all locations are seen."))
        self.places.setVisible(not chosen)

    def _items(self) -> list[QListWidgetItem]:
        return [self.locations.item(n) for n in range(self.locations.count())]

    def _places_changed(self) -> None:
        self._changed()

    def _changed(self) -> None:
        self.fields.untell()
        self._judge()
        self.edited.emit()

    def _reveal(self, on: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password
        self.password.setEchoMode(mode)
