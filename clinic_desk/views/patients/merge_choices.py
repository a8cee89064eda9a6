"""What a merge would do, and which of two values is to be kept."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QRadioButton, QVBoxLayout, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.patient_merge import Merging
from clinic_desk.views import words
from clinic_desk.views.desk import Desk
from clinic_desk.views.patients import texts
from clinic_desk.views.widgets import column, label, named


class MergeChoices(QWidget):
    """Two columns of values where the records differ, and what moves."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "merge-choices", _("What would happen"))
        self._desk = desk
        self.buttons: dict[str, tuple[QRadioButton, QRadioButton]] = {}
        self._groups: list[QButtonGroup] = []
        self.kept = label("", "merge-kept", role="strong", wrap=True)
        self.other = label("", "merge-other", wrap=True)
        self.moves = label("", "merge-moves", role="hint", wrap=True)
        self.overlaps = named(QFrame(), "merge-overlaps", role="refusal")
        self._overlap_rows = QVBoxLayout(self.overlaps)
        self.differ = label(
            _("The records differ. Choose what is right:"), "merge-differ", wrap=True
        )
        self._grid_holder = QVBoxLayout()
        self.setLayout(
            column(
                self.kept, self.other, self.moves, self.overlaps, self.differ, self._grid_holder,
                gap=10,
            )
        )  # fmt: skip

    def show_merging(self, merging: Merging) -> None:
        """Show what this merge would do."""
        self.kept.setText(_("Stays: {patient}").format(patient=words.patient(merging.kept)))
        self.other.setText(
            _("Goes into it: {patient}").format(patient=words.patient(merging.other))
        )
        parts = texts.moved(merging)
        self.moves.setText(
            _("Moves: {parts}.").format(parts=", ".join(parts))
            if parts
            else _("Nothing hangs on that record.")
        )
        self._show_overlaps(merging)
        self._show_differences(merging)

    def _show_overlaps(self, merging: Merging) -> None:
        _clear(self._overlap_rows)
        self.overlaps.setVisible(bool(merging.overlaps))
        if not merging.overlaps:
            return
        told = _(
            "Nobody is in two places. These stay with the old record, and the page shows them:"
        )
        self._overlap_rows.addWidget(label(told, "merge-overlaps-title", wrap=True))
        for ours, theirs in merging.overlaps:
            text = _("{one} and {other}").format(
                one=words.visit_when(theirs, self._desk.zone),
                other=words.visit_when(ours, self._desk.zone),
            )
            self._overlap_rows.addWidget(label(text, f"merge-overlap-{theirs.id}", wrap=True))

    def _show_differences(self, merging: Merging) -> None:
        _clear(self._grid_holder)
        self.buttons, self._groups = {}, []
        self.differ.setVisible(bool(merging.choices))
        if not merging.choices:
            return
        holder = named(QWidget(), "merge-values")
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        captions = texts.captions()
        for place, (name, ours, theirs) in enumerate(merging.choices):
            caption = captions.get(name, name)
            grid.addWidget(label(caption, role="hint"), place, 0)
            group = QButtonGroup(holder)
            pair = []
            for side, stored in enumerate((ours, theirs)):
                text = self._value(name, stored)
                made = named(
                    QRadioButton(words.isolated(text).replace("&", "&&")),
                    f"merge-{name}-{side}",
                    _("{field}: {value}").format(field=caption, value=text),
                )
                made.setChecked(side == 0)
                group.addButton(made)
                grid.addWidget(made, place, side + 1)
                pair.append(made)
            self.buttons[name] = (pair[0], pair[1])
            self._groups.append(group)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        self._grid_holder.addWidget(holder)

    def _value(self, name: str, stored: object) -> str:
        if name == "preferred_provider_id" and isinstance(stored, int):
            provider = self._desk.catalogue.providers.get(stored)
            return provider.name if provider else str(stored)
        return texts.value(name, stored)

    @property
    def taken(self) -> tuple[str, ...]:
        """The fields that shall be as the other record has them."""
        return tuple(name for name, (_ours, theirs) in self.buttons.items() if theirs.isChecked())


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()
