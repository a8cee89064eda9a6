"""The first step: what the patient comes for, and which services that needs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from clinic_desk.i18n import _
from clinic_desk.views.booking.draft import MOST_TOGETHER, Draft, Part
from clinic_desk.views.booking.service_line import ServiceLine
from clinic_desk.views.booking.values import emptied
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, error_line, label, named, row

PAUSE_MS = 150
MOST_SUGGESTIONS = 5


class WhatPage(QWidget):
    """Signals:
    edited(): the problem or the services are others.
    """

    edited = Signal()

    def __init__(self, desk: Desk, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "booking-what", _("Main problem"))
        self._desk, self._draft = desk, draft
        self.problem = named(QLineEdit(), "booking-problem", _("Main problem"))
        self.problem.setPlaceholderText(_("For example: toothache, upper left"))
        self.problem.setMaxLength(300)
        caption = label(_("Main &problem"), "booking-problem-label", role="strong")
        caption.setBuddy(self.problem)
        help_ = label(
            _(
                "In a few words what the patient comes for, as the patient says it. It names the"
                " case; no diagnosis and no data of other people."
            ),
            "booking-problem-help",
            role="hint",
            wrap=True,
        )
        self.told = error_line("booking-problem-told")
        self._chips = row(gap=6)
        chips = named(QWidget(), "booking-suggestions", _("Suggestions"))
        chips.setLayout(row(self._chips, 1))
        self.lines: list[ServiceLine] = []
        self._box = QVBoxLayout()
        self._box.setSpacing(6)
        self.more = button(_("+ Another service"), "booking-more", self.add_line, look="quiet")
        self.together = named(QRadioButton(), "booking-together")
        self.together.setText(_("In one visit, one after the other"))
        self.apart = named(QRadioButton(), "booking-apart")
        self.apart.setText(_("Each in a visit of its own"))
        kinds = QButtonGroup(self)
        kinds.addButton(self.together)
        kinds.addButton(self.apart)
        self.kinds = named(QWidget(), "booking-kinds", _("One visit or several"))
        self.kinds.setLayout(column(self.together, self.apart, gap=4))
        services = label(_("Services"), "booking-services-label", role="strong")
        self.setLayout(
            column(
                caption,
                self.problem,
                self.told,
                help_,
                chips,
                services,
                self._box,
                row(self.more, 1),
                self.kinds,
                1,
            )
        )
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._suggest)
        self.problem.textChanged.connect(self._problem_edited)
        self.together.toggled.connect(lambda _on: self._services_edited())
        self._fill()

    def _fill(self) -> None:
        """Show what is known already."""
        draft = self._draft
        self.problem.setText(draft.problem)
        self.problem.setReadOnly(draft.case_id is not None)  # the case has its name
        self.together.blockSignals(True)
        self.together.setChecked(draft.together)
        self.apart.setChecked(not draft.together)
        self.together.blockSignals(False)
        for part in draft.parts or [Part(n) for n in self._offered()[:1]]:
            self._insert(part)
        self._services_edited()

    def _offered(self) -> list[int]:
        kinds = sorted(
            self._desk.catalogue.types.values(), key=lambda one: (one.position, one.name)
        )
        return [kind.id for kind in kinds if kind.active]

    def begin(self) -> None:
        """Give the focus to what is asked first."""
        self.problem.setFocus()

    @property
    def is_complete(self) -> bool:
        """Whether all is answered here."""
        named_ = bool(self._draft.problem.strip()) or self._draft.case_id is not None
        return named_ and bool(self._draft.parts)

    def explain(self) -> None:
        """Say what is missing, at its field."""
        if not self._draft.problem.strip():
            self.told.setText(_("Say what the patient comes for: the main problem."))
            self.told.show()
            self.problem.setFocus()

    # Services ---------------------------------------------------------------------------------

    def add_line(self) -> None:
        """One service more."""
        known = {line.type_id for line in self.lines}
        offered = self._offered()
        fresh = next((n for n in offered if n not in known), offered[0] if offered else None)
        if fresh is not None and len(self.lines) < MOST_TOGETHER:
            self._insert(Part(fresh))
            self._services_edited()
            self.lines[-1].type.setFocus()

    def _insert(self, part: Part) -> None:
        made = ServiceLine(self._desk.catalogue, self._offered(), part)
        made.edited.connect(self._services_edited)
        made.removed.connect(partial(self._remove, made))
        made.raised.connect(partial(self._raise, made))
        self.lines.append(made)
        self._box.addWidget(made)

    def _remove(self, line: ServiceLine) -> None:
        if len(self.lines) > 1:
            self.lines.remove(line)
            self._box.removeWidget(line)
            line.hide()
            line.deleteLater()
            self._services_edited()
            self.lines[0].type.setFocus()

    def _raise(self, line: ServiceLine) -> None:
        place = self.lines.index(line)
        if place:
            self.lines[place - 1], self.lines[place] = line, self.lines[place - 1]
            self._box.removeWidget(line)
            self._box.insertWidget(place - 1, line)
            self._services_edited()
            QWidget.setTabOrder(self.problem, self.lines[0].type)

    def _services_edited(self) -> None:
        several = len(self.lines) > 1
        together = self.together.isChecked() or not several
        self.kinds.setVisible(several)
        self.more.setEnabled(len(self.lines) < MOST_TOGETHER)
        for place, line in enumerate(self.lines):
            line.set_place(place, several=several, with_gap=together and place > 0)
        self._draft.set_services([line.part() for line in self.lines], together=together)
        self._pause.start()
        self.edited.emit()

    # The problem --------------------------------------------------------------------------------

    def _problem_edited(self, text: str) -> None:
        self._draft.problem = text
        self.told.hide()
        self._pause.start()
        self.edited.emit()

    def _suggest(self) -> None:
        from clinic_desk.services import cases

        type_id = self.lines[0].type_id if self.lines else None
        if not self._desk.may("Appointment Get All"):
            return
        self._desk.ask(
            cases.suggestions,
            self.problem.text(),
            type_id,
            limit=MOST_SUGGESTIONS,
            done=self._suggested,
            ticket=("booking-suggestions", id(self)),
            what=_("reading from the database"),
        )

    def _suggested(self, found: Sequence[tuple[str, int]]) -> None:
        emptied(self._chips)
        texts = [text for text, _used in found]
        kind = self._desk.catalogue.types.get(self.lines[0].type_id if self.lines else 0)
        if kind is not None and not self.problem.text().strip():
            texts.append(kind.name)
        typed = self.problem.text().strip().casefold()
        for text in list(dict.fromkeys(texts))[:MOST_SUGGESTIONS]:
            if text.casefold() != typed:
                chip = button(_shortened(text), f"booking-suggestion-{self._chips.count()}")
                chip.setToolTip(text)
                chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                chip.clicked.connect(partial(self._take, text))
                self._chips.addWidget(chip)

    def _take(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setFocus()


def _shortened(text: str) -> str:
    return text if len(text) <= 28 else f"{text[:27].rstrip()}…"
