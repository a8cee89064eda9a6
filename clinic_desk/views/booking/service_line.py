"""One service of the booking: which, how long, and how long after the one before it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from clinic_desk.i18n import _
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.views.booking.draft import Part
from clinic_desk.views.widgets import column, label, named, row, tool

LONGEST_GAP = 240


class ServiceLine(QWidget):
    """Signals:
    edited(): another service, length or pause.
    removed(): it is not wanted any more.
    raised(): it shall come before the one above it.
    """

    edited = Signal()
    removed = Signal()
    raised = Signal()

    def __init__(
        self,
        catalogue: Catalogue,
        offered: Sequence[int],
        part: Part,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        named(self, "booking-service", _("Service"))
        self._catalogue, self._provider_id = catalogue, part.provider_id
        self.type = named(QComboBox(), "booking-type", _("Service"))
        for number in offered:
            kind = catalogue.types[number]
            self.type.addItem(f"{kind.code} · {kind.name}", number)
        self.type.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.type.setMinimumContentsLength(18)
        self.type.setCurrentIndex(max(0, self.type.findData(part.type_id)))
        self.minutes = _minutes("booking-minutes", _("Length in minutes"), 5, 24 * 60)
        self.minutes.setValue(part.minutes or catalogue.types[part.type_id].minutes)
        self.gap = _minutes("booking-gap", _("Pause before it in minutes"), 0, LONGEST_GAP)
        self.gap.setValue(part.gap_minutes)
        self.gap_label = label(_("after a pause of"), "booking-gap-label", role="hint")
        self.up = tool("↑", "booking-up", tip=_("Earlier"))
        self.remove = tool("✕", "booking-remove", tip=_("Take this service out"))
        self.number = label("", "booking-number", role="hint")
        # The pause stands above the service, so that a line is whole in a small window, too.
        pause = row(self.gap_label, self.gap, 1)
        which = row(self.number, self.type, self.minutes, self.up, self.remove, grow=1)
        self.setLayout(column(pause, which, gap=4))
        self.type.activated.connect(self._type_chosen)
        self.minutes.valueChanged.connect(lambda _value: self.edited.emit())
        self.gap.valueChanged.connect(lambda _value: self.edited.emit())
        self.up.clicked.connect(self.raised)
        self.remove.clicked.connect(self.removed)

    @property
    def type_id(self) -> int:
        """The chosen service."""
        return int(self.type.currentData())

    def part(self) -> Part:
        """What is wanted. A length that the service has anyhow follows the service."""
        usual = self._catalogue.types[self.type_id].minutes
        minutes = None if self.minutes.value() == usual else self.minutes.value()
        gap = self.gap.value() if self.gap.isVisibleTo(self) else 0
        return Part(self.type_id, minutes, gap, self._provider_id)

    def set_place(self, place: int, *, several: bool, with_gap: bool) -> None:
        """Where it stands among the others (from 0), and what can be done with it there."""
        self.number.setText(f"{place + 1}.")
        for part in (self.number, self.remove):
            part.setVisible(several)
        self.up.setVisible(several)
        self.up.setEnabled(place > 0)
        self.gap.setVisible(with_gap)
        self.gap_label.setVisible(with_gap)

    def set_provider(self, provider_id: int | None) -> None:
        """Who shall give it, which is chosen with the time."""
        self._provider_id = provider_id

    def _type_chosen(self) -> None:
        kind = self._catalogue.types[self.type_id]
        self.minutes.blockSignals(True)
        self.minutes.setValue(kind.minutes)
        self.minutes.blockSignals(False)
        if self._provider_id is not None and not self._catalogue.qualified(
            self._provider_id, kind.id
        ):
            self._provider_id = None
        self.edited.emit()


def _minutes(name: str, spoken: str, least: int, most: int) -> QSpinBox:
    made = named(QSpinBox(), name, spoken)
    made.setRange(least, most)
    made.setSingleStep(5)
    made.setSuffix(" " + _("min"))
    return made
