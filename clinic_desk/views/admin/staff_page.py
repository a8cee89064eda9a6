"""Staff: the list on the left, the form on the right, the approvals box at its bottom right."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import QCheckBox, QHeaderView, QLineEdit, QScrollArea, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import ClinicError, NotAllowed
from clinic_desk.services.cards import Done
from clinic_desk.services.staff_cards import StaffCard, StaffDraft, StaffLine
from clinic_desk.views import words
from clinic_desk.views.admin.list_and_form import ListAndForm
from clinic_desk.views.admin.pages import allow
from clinic_desk.views.admin.staff_form import StaffForm
from clinic_desk.views.admin.staff_list import StaffTableModel
from clinic_desk.views.desk import Desk
from clinic_desk.views.foot import Foot
from clinic_desk.views.form_page import CardPage
from clinic_desk.views.list_view import visit_table
from clinic_desk.views.messages import Change
from clinic_desk.views.password_form import SetPassword
from clinic_desk.views.widgets import button, column, label, named, row

KINDS = frozenset({"user_account", "user_location", "role"})
NEW = StaffDraft(name="", display_name="", role_id=0)


class StaffPage(CardPage[StaffCard]):
    """The card is that of the one who is open."""

    shows = StaffCard

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "staff", _("Staff"))
        self._new = False
        self._before = self._sent = NEW
        self.form = StaffForm(desk.catalogue)
        self.form.edited.connect(self._edited)
        parts = ListAndForm("staff-splitter", self._build_list(), self._build_form(), 400)
        self.splitter = named(parts, "staff-splitter")
        self.setLayout(column(self.splitter))
        self.setFocusProxy(self.search)
        desk.catalogue_changed.connect(self._catalogue_changed)
        desk.deeds_happened.connect(self._happened)
        self._show_nothing()
        self.load()

    def _build_list(self) -> QWidget:
        self.model = StaffTableModel(self)
        self.table = visit_table("staff-table", _("Staff"))
        self.table.setModel(self.model)
        header = self.table.horizontalHeader()
        header.setStretchLastSection(False)
        for place in range(2):  # the names of roles are as long as those of people
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(80)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.selectionModel().currentRowChanged.connect(self._row_changed)
        self.search = named(QLineEdit(), "staff-search", _("Find staff"))
        self.search.setPlaceholderText(_("Name or role"))
        self.search.setClearButtonEnabled(True)
        self.inactive = named(
            QCheckBox(_("Show inactive")), "staff-show-inactive", _("Show inactive")
        )
        self.search.textChanged.connect(lambda _text: self._sift())
        self.inactive.toggled.connect(lambda _on: self._sift())
        self.add = button(_("New staff member"), "staff-new", self._begin_new)
        self.none = label("", "staff-none", role="hint", wrap=True)
        self.none.hide()
        side = named(QWidget(), "staff-side", role="panel")
        side.setLayout(
            column(self.search, self.inactive, self.none, self.table, self.add, margin=16, grow=3)
        )
        side.setMinimumWidth(264)
        return side

    def _build_form(self) -> QWidget:
        self.title = label("", "staff-title", role="title", wrap=True)
        self.must_change = label(
            _("Has a password from somebody else; another one is asked for at the next sign-in."),
            "staff-must-change",
            role="hint",
            wrap=True,
        )
        self.password = button(_("Set password…"), "staff-set-password", self._set_password)
        holder = named(QWidget(), "staff-holder", role="panel")
        self.buttons = Foot((self.save_button, self.discard_button), self.password)
        holder.setLayout(
            column(
                self.title,
                self.must_change,
                self.form,
                self.conflict,
                self.told,
                self.buttons,
                1,
                row(1, self.form.approvals_box),
                margin=16,
                gap=12,
            )
        )
        self.pane = named(QScrollArea(), "staff-scroll")
        self.pane.setWidgetResizable(True)
        self.pane.setFrameShape(QScrollArea.Shape.NoFrame)
        self.pane.setWidget(holder)
        self.holder = holder
        self._save_by_key()
        self.empty = label(
            _("Choose somebody on the left, or add a staff member."),
            "staff-empty",
            role="hint",
            wrap=True,
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        both = named(QWidget(), "staff-right", role="panel")
        both.setLayout(column(self.empty, self.pane, gap=0))
        return both

    # Reading ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the list anew."""
        from clinic_desk.services import staff

        self.desk.ask(
            staff.everybody,
            done=self._listed,
            ticket=("staff", id(self)),
            what=_("reading the staff"),
        )

    def _listed(self, lines: tuple[StaffLine, ...]) -> None:
        self.model.set_lines(lines)
        self._sifted()

    def _sift(self) -> None:
        self.model.sift(self.search.text(), inactive=self.inactive.isChecked())
        self._sifted()

    def _sifted(self) -> None:
        if self.card is not None:
            self._mark(self.card.id)
        self.none.setText(_("Nobody is called that.") if self.search.text() else _("Nobody yet."))
        self.none.setVisible(not self.model.shown)

    def _mark(self, user_id: int) -> None:
        """Select a row without opening it."""
        selection = self.table.selectionModel()
        selection.blockSignals(True)
        place = self.model.row_of(user_id)
        if place < 0:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        else:
            # Not selectRow(): right to left it looks for a column beyond the last one.
            flag = QItemSelectionModel.SelectionFlag
            found = self.model.index(place, 0)
            selection.setCurrentIndex(found, flag.ClearAndSelect | flag.Rows)
            self.table.scrollTo(found)
        selection.blockSignals(False)
        self.table.viewport().update()

    def _row_changed(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        wanted = self.model.shown[index.row()].id
        if self.card is not None and wanted == self.card.id:
            return
        if self.unsaved:
            if self.card is not None:
                self._mark(self.card.id)
            else:
                self._mark(0)
            self.leave_then(lambda: self.open(wanted))
        else:
            self.open(wanted)

    def open(self, user_id: int) -> None:
        """Read and show somebody."""
        from clinic_desk.services import staff

        self._mark(user_id)
        self.desk.ask(
            staff.show,
            user_id,
            done=self._read,
            failed=self._not_shown,
            ticket=("staff-member", id(self)),
            what=_("reading the staff"),
        )

    def _not_shown(self, error: BaseException) -> None:
        self._show_nothing()
        self.empty.setText(words.explained(error))
        if not isinstance(error, ClinicError):
            self.desk.complain(error)

    def _show_nothing(self) -> None:
        self.card, self._new, self._before = None, False, NEW
        self.pane.hide()
        self.empty.show()
        self._allow()

    def _show(self, card: StaffCard) -> None:
        self.card, self._new, self._theirs = card, False, None
        self.form.fill(card.draft, new=False)
        self._before = self.form.draft()
        self.title.setText(words.isolated(card.draft.display_name))
        self.must_change.setVisible(card.must_change)
        self._opened()
        self._mark(card.id)

    def _opened(self) -> None:
        self.conflict.hide()
        self.told.hide()
        self.form.fields.untell()
        self.empty.hide()
        self.pane.show()
        self._allow()

    # Editing ----------------------------------------------------------------------------------

    def _begin_new(self) -> None:
        self.leave_then(self._new_one)

    def _new_one(self) -> None:
        self.card, self._new, self._theirs = None, True, None
        self.form.fill(NEW, new=True)
        self._before = self.form.draft()
        self.title.setText(_("New staff member"))
        self.must_change.hide()
        self._mark(0)
        self._opened()
        self.form.display_name.setFocus()

    @property
    def unsaved(self) -> str:
        """As in :class:`Page`."""
        if (self.card is None and not self._new) or self.form.draft() == self._before:
            return ""
        return self.title.text()

    def discard(self) -> None:
        """Show again what is saved."""
        if self.card is not None:
            super().discard()
        else:
            self._show_nothing()

    def _allow(self) -> None:
        """What the signed-in user may do with what is shown; else it says why not."""
        desk, edited = self.desk, bool(self.unsaved)
        if not (edited or self._new) or self._saving:
            self.keep_focus(self.save_button, self.discard_button)
        needed = "User Create" if self._new else "User Update All"
        may = desk.may(needed)
        self.form.lock(not may, "" if may else words.explained(NotAllowed(needed)))
        allow(desk, self.add, "User Create")
        self._allow_saving(needed, on=(edited or self._new) and not self._saving)
        mine = self.card is not None and self.card.id == desk.actor.user_id
        allow(desk, self.password, "User Update All", on=self.card is not None and not mine)
        self.password.setVisible(not self._new)
        if mine:
            self.password.setToolTip(_("Your own password is changed under “My account”."))

    # Saving -----------------------------------------------------------------------------------

    def save(self) -> None:
        """Save what stands in the fields; refusals are shown and nothing typed is lost."""
        from clinic_desk.services import staff

        if self._saving or not (self.unsaved or self._new):
            return
        draft = self._sent = self.form.draft()
        name = words.isolated(draft.display_name)
        if self._new:
            self._send(
                staff.create, draft, self.form.password.text(),
                label=_("Add {name}").format(name=name),
                said=_("Added: {what}").format(what=name), done=self._saved,
            )  # fmt: skip
        elif self.card is not None:
            self._send(
                staff.change, self.card, draft,
                label=_("Change {name}").format(name=name),
                said=_("Saved: {what}").format(what=name), done=self._saved,
            )  # fmt: skip

    def _saved(self, answer: Done[StaffCard | None]) -> None:
        self._saving = False
        self.desk.renew_catalogue()
        card = answer.value
        if card is None:
            self._show_nothing()
        elif self.form.draft() == self._sent:
            self._show(card)
        else:  # something was typed while it was being saved
            self.card, self._new, self._before = card, False, card.draft
            self.form.fields.set_row_visible("password", False)
            self._allow()
        self.load()
        self.saved()

    def _tell_at_field(self, error: ClinicError) -> bool:
        return self.form.fields.tell(error)

    def _tell(self, error: BaseException) -> None:
        super()._tell(error)
        self.pane.ensureWidgetVisible(self.told)

    def _set_password(self) -> None:
        from clinic_desk.services import staff

        if self.card is None:
            return
        name = words.isolated(self.card.draft.display_name)
        dialog = SetPassword(self.desk, name, staff.set_password, self.card.id, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # News -------------------------------------------------------------------------------------

    def _catalogue_changed(self) -> None:
        unsaved = self.unsaved
        self.form.set_catalogue(self.desk.catalogue)
        if not unsaved and (self.card is not None or self._new):
            self._before = self.form.draft()
        self._allow()

    def _happened(self, changed: frozenset[Change]) -> None:
        if not any(kind in KINDS for kind, _number in changed):
            return
        self.load()
        if self.card is not None and not self.unsaved and not self._saving:
            self.open(self.card.id)
