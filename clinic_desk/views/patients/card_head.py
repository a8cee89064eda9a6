"""Who it is: name, birth date, how they are reached, what to beware of, what can be done."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QMenu, QToolButton, QVBoxLayout, QWidget

from clinic_desk.i18n import _
from clinic_desk.rules.errors import NotAllowed
from clinic_desk.services.patient_cards import PatientPage
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.patients import texts
from clinic_desk.views.widgets import button, column, label, named, restyle, row, tool

BETWEEN = " · "


class CardHead(QWidget):
    """Signals:
    book_wanted(), edit_wanted(), merge_wanted(): what was pressed.
    unmerge_wanted(FormerRecord): it was not the same person after all.
    """

    book_wanted = Signal()
    edit_wanted = Signal()
    merge_wanted = Signal()
    unmerge_wanted = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "patient-head", _("Patient"))
        self._desk = desk
        self.name = label("", "patient-name", role="title", wrap=True)
        self.who = label("", "patient-who", role="hint", wrap=True)
        self.reached = label("", "patient-reached", wrap=True)
        for shown in (self.name, self.who, self.reached):
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.alert = label("", "patient-alert-shown", role="alert", wrap=True)
        self.medical = label("", "patient-medical-shown", role="alert", wrap=True)
        self.former = named(QFrame(), "patient-former", role="note")
        self._former_rows = QVBoxLayout(self.former)
        self._former_rows.setContentsMargins(8, 4, 8, 4)
        self.book = button(_("Book…"), "patient-book", self.book_wanted.emit, look="primary")
        self.edit = button(_("Edit"), "patient-edit", self.edit_wanted.emit)
        self.more = tool("⋯", "patient-more", spoken=_("More"))
        restyle(self.more, look="more")
        self.more.setToolTip(_("More"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = named(QMenu(self.more), "patient-more-menu", _("More"))
        self.merge = QAction(_("Merge with another record…"), menu)
        self.merge.triggered.connect(lambda _checked=False: self.merge_wanted.emit())
        menu.addAction(self.merge)
        self.more.setMenu(menu)
        names = column(self.name, self.who, self.reached, gap=2)
        self.setLayout(
            column(
                row(names, self.book, self.edit, self.more, grow=0),
                self.alert,
                self.medical,
                self.former,
                margin=16,
                gap=6,
            )
        )

    def show_page(self, page: PatientPage) -> None:
        """Show a patient."""
        data = page.data
        self.name.setText(words.isolated(page.card.name))
        born = texts.born_and_age(data.date_of_birth, self._desk.today())
        who = [
            texts.gender(data.gender),
            born or words.born(None),
            _("no. {number}").format(number=words.isolated(data.number)),
        ]
        if page.counts.missed:
            who.append(f"⚠ {texts.missed(page.counts.missed)}")
        if not data.active:
            who.append(_("not active"))
        self.who.setText(self._led(BETWEEN.join(words.isolated(part) for part in who if part)))
        reached = [data.phone, data.email]
        told = BETWEEN.join(words.isolated(part) for part in reached if part)
        self.reached.setText(self._led(told))
        self.reached.setVisible(any(reached))
        self.alert.setText(f"⚠ {data.alert}")
        self.alert.setVisible(bool(data.alert))
        self.medical.setText(
            _("⚠ Medical: {alert}").format(alert=words.isolated(data.medical_alert or ""))
        )
        self.medical.setVisible(bool(data.medical_alert))
        self._show_former(page)
        self._allow(page)

    def _led(self, text: str) -> str:
        """*text* at the side where lines begin, whatever its own direction is."""
        return f"\u200f{text}" if self.isRightToLeft() else text

    def _show_former(self, page: PatientPage) -> None:
        while (item := self._former_rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for record in page.former:
            number = words.isolated(record.number)
            line = QWidget()
            text = label(_("Record no. {number} was merged into this one.").format(number=number))
            back = button(
                _("Take it back"),
                f"patient-unmerge-{record.id}",
                partial(self.unmerge_wanted.emit, record),
                look="quiet",
                spoken=_("Take back the merge of no. {number}").format(number=record.number),
            )
            back.setEnabled(page.data.may_change)
            line.setLayout(row(text, back, 1))
            self._former_rows.addWidget(line)
        self.former.setVisible(bool(page.former))

    def _allow(self, page: PatientPage) -> None:
        may_book = self._desk.may("Appointment Create") and page.data.active
        self.book.setEnabled(may_book)
        self.book.setToolTip("" if may_book else words.explained(NotAllowed("Appointment Create")))
        may = page.data.may_change
        self.edit.setEnabled(may)
        self.edit.setToolTip(_("Ctrl+E") if may else words.explained(NotAllowed("Customer Update")))
        self.merge.setEnabled(may)
