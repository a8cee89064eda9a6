"""Roles: the list on the left, the permissions of the chosen one on the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QWidget,
)

from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.permissions import BY_NAME
from clinic_desk.services.cards import Done
from clinic_desk.services.staff_cards import RolePage
from clinic_desk.views import words
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.admin.role_tree import BETWEEN, GUARDS, NAME, PermissionTree
from clinic_desk.views.desk import Desk
from clinic_desk.views.form_page import CardPage
from clinic_desk.views.messages import Change
from clinic_desk.views.widgets import button, column, label, named, row


class RolesPage(CardPage[RolePage]):
    """The card is the role that is shown."""

    shows = RolePage

    def __init__(self, desk: Desk) -> None:
        text = _("Somebody changed this meanwhile. What you ticked is still here.")
        super().__init__(desk, "roles", _("Roles"), still_here=text)
        self._roles: tuple[RolePage, ...] = ()
        self._sent: tuple[str, frozenset[str]] = ("", frozenset())
        self._wanted = 0
        self.splitter = named(QSplitter(Qt.Orientation.Horizontal), "roles-splitter")
        self.splitter.addWidget(self._build_list())
        self.splitter.addWidget(self._build_page())
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([250, 710])
        self.setLayout(column(self.splitter))
        self.setFocusProxy(self.list)
        desk.catalogue_changed.connect(self._allow)
        desk.deeds_happened.connect(self._happened)
        self._allow()
        self.load()

    def _build_list(self) -> QWidget:
        self.list = named(QListWidget(), "roles-list", _("Roles"))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.currentRowChanged.connect(self._chosen)
        self.add = button(_("New role"), "roles-new", self._create)
        self.copy = button(_("Make a copy"), "roles-copy", self._clone)
        side = named(QWidget(), "roles-side", role="panel")
        side.setLayout(column(self.list, self.add, self.copy, margin=16, grow=0))
        side.setMinimumWidth(190)
        return side

    def _build_page(self) -> QWidget:
        self.name = named(QLineEdit(), "roles-name", _("Name of the role"))
        self.name.textEdited.connect(lambda _text: self._edited())
        self.name.setMaximumWidth(360)
        self.users = label("", "roles-users", role="hint", wrap=True)
        self.search = named(QLineEdit(), "roles-search", _("Find a permission"))
        self.search.setPlaceholderText(_("Find a permission"))
        self.search.setClearButtonEnabled(True)
        self.ticked = named(QCheckBox(_("Only ticked")), "roles-ticked", _("Only ticked"))
        self.tree = PermissionTree()
        self.tree.edited.connect(self._edited)
        self.search.textChanged.connect(lambda _text: self._sift())
        self.ticked.toggled.connect(lambda _on: self._sift())
        self.none = label(_("No permission is called that."), "roles-none", role="hint")
        self.none.hide()
        self.line = label("", "roles-line", role="hint", wrap=True)
        self.tree.currentItemChanged.connect(lambda *_items: self._tell_line())
        self.delete = button(_("Delete role"), "roles-delete", self._delete)
        self._save_by_key()
        holder = named(QWidget(), "roles-holder", role="panel")
        holder.setLayout(
            column(
                self.name,
                self.users,
                row(self.search, self.ticked, grow=0),
                self.none,
                self.tree,
                self.line,
                self.conflict,
                self.told,
                row(self.delete, 1, self.discard_button, self.save_button),
                margin=16,
                grow=4,
            )
        )
        return holder

    # Reading ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the roles anew."""
        from clinic_desk.services import roles_book

        self.desk.ask(
            roles_book.everything,
            done=self._listed,
            ticket=("roles", id(self)),
            what=_("reading the roles"),
        )

    def _listed(self, roles: tuple[RolePage, ...]) -> None:
        self._roles = roles
        self.list.blockSignals(True)
        self.list.clear()
        for role in roles:
            item = QListWidgetItem(_(role.name) if role.shipped else words.isolated(role.name))
            item.setToolTip(f"{item.text()}\n{_people(role)}")
            item.setSizeHint(QSize(0, 32))
            self.list.addItem(item)
        self.list.blockSignals(False)
        wanted = self._wanted or (self.card.id if self.card is not None else 0)
        known = {role.id: role for role in roles}
        if self.unsaved and self.card is not None and self.card.id in known:
            self._mark(self.card.id)
        elif roles:
            self._show(known.get(wanted, roles[0]))
            if self._wanted in known:
                self._wanted = 0
                self.name.setFocus()
                self.name.selectAll()

    def _mark(self, role_id: int) -> None:
        place = next((n for n, role in enumerate(self._roles) if role.id == role_id), -1)
        self.list.blockSignals(True)
        self.list.setCurrentRow(place)
        self.list.blockSignals(False)

    def _chosen(self, place: int) -> None:
        if not 0 <= place < len(self._roles):
            return
        wanted = self._roles[place]
        if self.unsaved and self.card is not None:
            self._mark(self.card.id)
        self.leave_then(lambda: self._show(wanted))

    def _show(self, role: RolePage) -> None:
        self.card, self._theirs = role, None
        self.name.setText(_(role.name) if role.shipped else role.name)
        self.users.setText(_people(role))
        self.tree.fill(role.permissions)
        self.conflict.hide()
        self.told.hide()
        self._mark(role.id)
        self._sift()
        self._allow()

    def _sift(self) -> None:
        shown = self.tree.sift(self.search.text(), ticked=self.ticked.isChecked())
        self.none.setVisible(not shown)

    def _tell_line(self) -> None:
        """The current line of the tree as a whole, where a column cuts it off."""
        item = self.tree.currentItem()
        if item is None or item.parent() is None:
            self.line.clear()
        else:
            self.line.setText(BETWEEN.join((item.text(GUARDS), item.text(NAME))))

    # Editing ----------------------------------------------------------------------------------

    @property
    def unsaved(self) -> str:
        """As in :class:`Page`."""
        if self.card is None or (self._name(), self.tree.names()) == _seen(self.card):
            return ""
        return self.name.text()

    def _name(self) -> str:
        assert self.card is not None
        return self.card.name if self.card.shipped else self.name.text().strip()

    def _allow(self) -> None:
        """What the signed-in user may do with what is shown; else it says why not."""
        desk, role, edited = self.desk, self.card, bool(self.unsaved) and not self._saving
        if not edited:
            self.keep_focus(self.save_button, self.discard_button)
        may = allow(desk, self.add, "Role Update", on=not self._saving)
        allow(desk, self.copy, "Role Update", on=role is not None and not self._saving)
        self._allow_saving("Role Update", on=edited)
        self.tree.lock(not may, self.save_button.toolTip())
        shipped = role is not None and role.shipped
        self.name.setReadOnly(shipped or not may)
        why = _("This role came with the program and keeps its name. Make a copy of it.")
        self.name.setToolTip(self.save_button.toolTip() or (why if shipped else ""))
        free = role is not None and not shipped and not role.users
        allow(desk, self.delete, "Role Update", on=free and not self._saving)
        if may and shipped:
            self.delete.setToolTip(_("This role came with the program and cannot be deleted."))
        elif may and role is not None and role.users:
            self.delete.setToolTip(_("Give everybody who has it another role first."))

    # Saving -----------------------------------------------------------------------------------

    def save(self) -> None:
        """Save name and ticks; refusals are shown and nothing is lost."""
        from clinic_desk.services import roles_book

        role = self.card
        if role is None or self._saving or not self.unsaved:
            return
        self._sent = (self._name(), self.tree.names())
        self._send(
            roles_book.change, role.id,
            version=role.version, name=self._sent[0], names=tuple(sorted(self._sent[1])),
            label=_("Change the role {name}").format(name=words.isolated(self.name.text())),
            said=_("Saved: {what}").format(what=words.isolated(self.name.text())),
            done=self._saved,
        )  # fmt: skip

    def _saved(self, answer: Done[RolePage]) -> None:
        self._saving = False
        self.desk.renew_catalogue()
        if answer.value is not None:
            typed = (self._name(), self.tree.names())
            if typed == self._sent:
                self._show(answer.value)
            self.card = answer.value
        self._allow()
        self.load()
        self.saved()

    def _tell(self, error: BaseException) -> None:
        super()._tell(error)
        if isinstance(error, Invalid) and error.field == "name":
            self.name.setFocus()

    def _create(self) -> None:
        from clinic_desk.services import roles_book

        name = self._free(_("New role"))
        self.leave_then(lambda: self._add(roles_book.create, name, label=_("New role")))

    def _add(self, command: Callable[..., Done[Any]], *args: Any, label: str) -> None:
        """Send a deed that makes a role; what it is called comes last."""
        said = _("Added: {what}").format(what=words.isolated(args[-1]))
        self._send(command, *args, label=label, said=said, done=self._made)

    def _clone(self) -> None:
        from clinic_desk.services import roles_book

        role = self.card
        if role is None:
            return
        shown = _(role.name) if role.shipped else role.name
        name = self._free(_("Copy of {name}").format(name=shown))
        label_ = _("Copy the role {name}").format(name=words.isolated(shown))
        self.leave_then(lambda: self._add(roles_book.clone, role.id, name, label=label_))

    def _free(self, name: str) -> str:
        """*name*, with a number where there is such a role."""
        taken = {role.name.casefold() for role in self._roles}
        free, number = name, 2
        while free.casefold() in taken:
            free, number = f"{name} {number}", number + 1
        return free

    def _made(self, answer: Done[RolePage]) -> None:
        self._saving = False
        self.desk.renew_catalogue()
        if answer.value is not None:
            self._wanted = answer.value.id
        self._allow()
        self.load()

    def _delete(self) -> None:
        from clinic_desk.services import roles_book

        role = self.card
        if role is None:
            return
        text = _("Delete the role {name}").format(name=words.isolated(role.name))
        said = _("Deleted: {what}").format(what=words.isolated(role.name))
        self._send(
            roles_book.delete, role.id, version=role.version,
            label=text, said=said, done=self._deleted,
        )  # fmt: skip

    def _deleted(self, _answer: Done[None]) -> None:
        self._saving = False
        self.card = None
        self.desk.renew_catalogue()
        self.load()

    def _happened(self, changed: frozenset[Change]) -> None:
        if not self._saving and any(kind in ("role", "user_account") for kind, _n in changed):
            self.load()


def _seen(role: RolePage) -> tuple[str, frozenset[str]]:
    """Name and ticks as the page shows them: what this program does not know has no line."""
    return role.name, role.permissions & BY_NAME.keys()


def _people(role: RolePage) -> str:
    if not role.users:
        return _("Nobody has this role.")
    text = ngettext("{count} person has this role.", "{count} people have this role.", role.users)
    return text.format(count=role.users)
