"""The register of consents: what this clinic asked for, and what others asked of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QSplitter, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.services.consent_cards import ConsentCard, ConsentPage, Side, State
from clinic_desk.views import words
from clinic_desk.views.admin.fields import choice
from clinic_desk.views.consent import ask, texts
from clinic_desk.views.consent.register_detail import RegisterDetail
from clinic_desk.views.consent.register_table import RegisterModel
from clinic_desk.views.desk import Desk
from clinic_desk.views.list_view import fit_columns, visit_table
from clinic_desk.views.messages import EVERYTHING, Change
from clinic_desk.views.widgets import button, column, keep_room, label, named, row

A_PAGE = 50
KINDS = frozenset({"consent"})


class RegisterPage(QWidget):
    """List left, one consent right; filtered by state and by who asked whom."""

    NAME = "consent-register"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, self.NAME, _("Register of consents"))
        self.desk = desk
        self.patient_id: int | None = None
        self.page = 1
        self._shown = ConsentPage((), 0, {})
        self.detail = RegisterDetail(desk)
        self.detail.changed.connect(self.load)
        self.detail.go_on_wanted.connect(self._go_on)
        self.splitter = named(QSplitter(Qt.Orientation.Horizontal), "consent-splitter")
        self.splitter.addWidget(self._build_list())
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([600, 380])
        self.setLayout(column(self.splitter))
        self.setFocusProxy(self.table)
        desk.deeds_happened.connect(self._happened)
        desk.zone_changed.connect(self.load)
        self._begin()

    def _build_list(self) -> QWidget:
        self.model = RegisterModel(self.desk.zone, self)
        self.table = keep_room(visit_table("consent-table", _("Register of consents")))
        self.table.setModel(self.model)
        self.table.installEventFilter(self)
        self.table.selectionModel().currentRowChanged.connect(self._row_changed)
        self.states = choice("consent-states", _("State"), self._filtered)
        self.sides = choice("consent-sides", _("Side"), self._filtered)
        self.sides.addItem(_("Both sides"), None)
        self.sides.addItem(_("Asked by us"), Side.ASKS)
        self.sides.addItem(_("Asked of us"), Side.KEEPS)
        self._offer_states({})
        self.title = label(_("Register of consents"), "consent-register-title", role="title")
        self.none = label("", "consent-none", role="hint", wrap=True)
        self.all = button(_("Show all"), "consent-all", self._show_all)
        self.earlier = button(_("Newer"), "consent-newer", lambda: self._turn(-1))
        self.later = button(_("Older"), "consent-older", lambda: self._turn(1))
        self.count = label("", "consent-count", role="hint")
        side = named(QWidget(), "consent-side", role="panel")
        side.setLayout(
            column(
                self.title,
                row(self.states, self.sides, 1),
                self.none,
                row(self.all, 1),
                self.table,
                row(self.count, 1, self.earlier, self.later),
                margin=16,
                grow=4,
            )
        )
        side.setMinimumWidth(420)
        return side

    def _begin(self) -> None:
        self.load()

    # Reading ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the page anew, as filtered."""
        from clinic_desk.services import consent_register

        # Qt keeps the words of an enumeration, not its member.
        state, side = self.states.currentData(), self.sides.currentData()
        self.desk.ask(
            consent_register.consents,
            states=() if state is None else (State(state),),
            side=None if side is None else Side(side),
            patient_id=self.patient_id,
            page=self.page,
            page_size=A_PAGE,
            done=self._read,
            failed=self._not_read,
            ticket=("consents", id(self)),
            what=_("reading the register of consents"),
        )

    def _read(self, found: ConsentPage) -> None:
        if not found.items and self.page > 1:
            self.page = 1
            self.load()
            return
        self._shown = found
        kept = self.detail.card
        self._offer_states(found.counts)
        selection = self.table.selectionModel()
        selection.blockSignals(True)
        self.model.set_cards(found.items, self.desk.zone)
        place = self.model.row_of(kept.id) if kept is not None else -1
        if place >= 0:
            # Not selectRow: from right to left it asks for a column that is not there.
            self.table.setCurrentIndex(self.model.index(place, 0))
        selection.blockSignals(False)
        self.detail.show_card(self.model.cards[place] if place >= 0 else None)
        fit_columns(self.table, RegisterModel.PERSON, RegisterModel.CLINIC)
        self._tell_count()

    def _not_read(self, error: BaseException) -> None:
        self.none.setText(words.explained(error, self.desk.zone))
        self.none.show()

    def _tell_count(self) -> None:
        found, first = self._shown, (self.page - 1) * A_PAGE + 1
        sifted = self.states.currentData() is not None or self.sides.currentData() is not None
        empty = not found.items
        self.none.setText(_("No consent is like that.") if sifted else self._nothing())
        self.none.setVisible(empty)
        self.all.setVisible(empty and sifted)
        self.table.setVisible(not empty)
        self.earlier.setVisible(self.page > 1)
        self.later.setVisible(self.page * A_PAGE < found.total)
        told = ngettext("{count} consent", "{count} consents", found.total)
        if found.total > A_PAGE:
            told = _("{first} to {last} of {count}")
        self.count.setText(
            told.format(first=first, last=first + len(found.items) - 1, count=found.total)
        )

    def _nothing(self) -> str:
        return _(
            "No consents yet. Whoever is known to another clinic is asked for theirs when you"
            " register them here."
        )

    def _offer_states(self, counts: object) -> None:
        """The states with how many there are of each; what is chosen stays."""
        known = counts if isinstance(counts, dict) else {}
        _offer(
            self.states,
            [
                (_("All states"), None),
                *(
                    (
                        _("{state} ({count})").format(
                            state=texts.state(state), count=known.get(state, 0)
                        ),
                        state,
                    )
                    for state in State
                ),
            ],
        )

    # What the user does -----------------------------------------------------------------------

    def _filtered(self) -> None:
        self.page = 1
        self.load()

    def _show_all(self) -> None:
        self.states.setCurrentIndex(0)
        self.sides.setCurrentIndex(0)
        self._filtered()

    def _turn(self, by: int) -> None:
        self.page = max(1, self.page + by)
        self.load()

    def _row_changed(self, index: QModelIndex) -> None:
        if index.isValid():
            self.detail.show_card(self.model.cards[index.row()])

    def _go_on(self, card: ConsentCard) -> None:
        made = ask.go_on(self.desk, card.id, self)
        made.finished.connect(lambda _result: self.load())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Del asks why the consent of the line is to be withdrawn."""
        if (
            watched is self.table
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Delete
            and self.detail.withdraw.isVisible()
            and self.detail.withdraw.isEnabled()
        ):
            self.detail.begin()
            return True
        return super().eventFilter(watched, event)

    def _happened(self, changed: frozenset[Change]) -> None:
        if EVERYTHING in changed or any(kind in KINDS for kind, _number in changed):
            self.load()


def _offer(box: QComboBox, entries: list[tuple[str, State | None]]) -> None:
    chosen = box.currentData()
    box.clear()
    for text, value in entries:
        box.addItem(text, value)
    box.setCurrentIndex(max(0, box.findData(chosen)))
