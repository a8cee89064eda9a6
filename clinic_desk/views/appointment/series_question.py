"""A visit of a series is moved, changed or cancelled: this one, this and those after it, or all.

The dates to which the others would go are shown at once, with everything that stands in their
way, so nobody moves ten visits without having seen where to.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QDialog, QRadioButton, QWidget

from clinic_desk.i18n import _, ngettext
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.case_cards import Scope, SeriesPlan
from clinic_desk.views import words
from clinic_desk.views.appointment.series_dates import DatesTable
from clinic_desk.views.desk import Desk
from clinic_desk.views.widgets import button, column, error_line, label, named, row


class SeriesQuestion(QDialog):
    """Stands before its window until it is answered; Esc leaves everything as it was.

    *fields* say where the visit goes, as ``series.preview_change`` takes them; with none, it is
    cancelled.

    Signals:
        answered(Scope, frozenset, SeriesPlan): which visits, the numbers of those that stay, and
            all as they were looked at; None where only this one is meant.
    """

    answered = Signal(object, object, object)

    def __init__(
        self, desk: Desk, card: AppointmentCard, fields: dict[str, Any], parent: QWidget
    ) -> None:
        super().__init__(parent)
        cancels = not fields
        title = _("Cancel visits of a series") if cancels else _("Change visits of a series")
        named(self, "series-question", title)
        self.setWindowTitle(title)
        self._desk, self._card, self._fields = desk, card, fields
        self._plan: SeriesPlan | None = None
        about = _("{patient}, {when}").format(
            patient=words.isolated(card.patient_name), when=words.visit_when(card, desk.zone)
        )
        heading = label(about, "series-question-about", role="heading", wrap=True)
        text = label(_("This visit belongs to a series."), "series-question-text", wrap=True)
        self.scopes = QButtonGroup(self)
        self.buttons: dict[Scope, QRadioButton] = {}
        for scope, words_ in (
            (Scope.THIS, _("Only &this one")),
            (Scope.FOLLOWING, _("This one and those &following it")),
            (Scope.ALL, _("&All that are to come")),
        ):
            made = named(QRadioButton(words_), f"series-{scope}", words_.replace("&", ""))
            self.buttons[scope] = made
            self.scopes.addButton(made)
            made.toggled.connect(partial(self._toggled, scope))
        self.state = label("", "series-question-state", role="hint", wrap=True)
        self.dates = DatesTable(desk, moving=True, free=_("is cancelled") if cancels else "")
        self.dates.setMinimumHeight(200)
        self.dates.hide()
        self.told = error_line("series-question-told")
        look = "danger" if cancels else "primary"
        self.go = button("", "series-go", self._answer, look=look)
        self.go.setDefault(True)
        keep = button(_("Keep it") if cancels else _("Leave as it was"), "series-keep", self.reject)
        parts = [heading, text, *self.buttons.values(), self.state, self.told, self.dates]
        self.setLayout(column(*parts, row(keep, 1, self.go), margin=16, grow=7))
        self.setMinimumWidth(560)
        self.buttons[Scope.THIS].setChecked(True)
        self.buttons[Scope.THIS].setFocus()

    @property
    def scope(self) -> Scope:
        """Which visits are chosen."""
        return next(scope for scope, made in self.buttons.items() if made.isChecked())

    def _toggled(self, scope: Scope, on: bool) -> None:
        if not on:
            return
        self._plan = None
        self.told.hide()
        self.dates.setVisible(False)
        self.state.setText("")
        self._offer()
        if scope is not Scope.THIS:
            self._look(scope)

    def _look(self, scope: Scope) -> None:
        from clinic_desk.services import series

        self.state.setText(_("Looking at the dates…"))
        self._desk.ask(
            series.preview_change, self._card.id, scope, **self._fields, done=self._looked,
            failed=self._not_looked, ticket=("series change", id(self)),
            what=_("looking at the dates of a series"),
        )  # fmt: skip

    def _looked(self, plan: SeriesPlan) -> None:
        if self.scope is Scope.THIS:
            return
        self._plan = plan
        self.state.setText("")
        if self._fields:
            self.dates.show_dates(plan.dates, self._card.patient_id)
        else:  # what is cancelled is in nobody's way
            free = [_without_reasons(one) for one in plan.dates]
            self.dates.show_dates(free, self._card.patient_id)
        self.dates.show()
        self.resize(max(self.width(), 720), max(self.height(), 560))
        self._offer()

    def _not_looked(self, error: BaseException) -> None:
        self.state.setText("")
        self.told.setText(words.explained(error, self._desk.zone))
        self.told.show()

    @property
    def staying(self) -> frozenset[int]:
        """The visits that stay where they are, since they cannot go where they should."""
        if self._plan is None or not self._fields:
            return frozenset()
        return frozenset(d.appointment_id for d in self._plan.clashes if d.appointment_id)

    def _offer(self) -> None:
        """What the button does, and with how many."""
        this = self.scope is Scope.THIS
        count = 1 if this else len(self._plan.dates) - len(self.staying) if self._plan else 0
        text = ngettext("Change {count} visit", "Change {count} visits", count)
        if not self._fields:
            text = ngettext("Cancel {count} visit…", "Cancel {count} visits…", count)
        self.go.setText(text.format(count=count))
        self.go.setEnabled(count > 0)
        if self.staying:
            told = ngettext(
                "{count} visit cannot go there and stays where it is.",
                "{count} visits cannot go there and stay where they are.",
                len(self.staying),
            )
            self.state.setText(told.format(count=len(self.staying)))

    def _answer(self) -> None:
        scope, staying = self.scope, self.staying
        self.accept()
        self.answered.emit(scope, staying, self._plan)


def _without_reasons(one: Any) -> Any:
    from dataclasses import replace

    return replace(one, reasons=(), next_free=None)
