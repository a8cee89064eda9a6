"""How an event comes back: every so many days, weeks or months, and until when."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QSpinBox, QWidget

from clinic_desk import i18n
from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.recurrence import Every, Rule
from clinic_desk.views.admin.fields import choice
from clinic_desk.views.operational.fields import day_field, day_of, set_day
from clinic_desk.views.widgets import column, label, named, row

NEVER, COUNT, UNTIL = "never", "count", "until"


class RepeatFields(QWidget):
    """``edited`` when the user changed something."""

    edited = Signal()

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        named(self, name, spoken)
        self.kind = choice(f"{name}-kind", spoken, self._chosen)
        for text, every in (
            (_("Does not repeat"), None),
            (_("Daily"), Every.DAY),
            (_("Weekly"), Every.WEEK),
            (_("Monthly"), Every.MONTH),
        ):
            self.kind.addItem(text, every)
        self.interval = named(QSpinBox(), f"{name}-interval", _("Interval"))
        self.interval.setRange(1, 99)
        self.interval.valueChanged.connect(lambda _n: self._chosen())
        self.every = label(_("Every"))
        self.days = {
            weekday: named(
                QCheckBox(i18n.weekday_text(weekday, "abbreviated")),
                f"{name}-{weekday}",
                i18n.weekday_text(weekday),
            )
            for weekday in ((i18n.first_weekday() + n) % 7 for n in range(7))
        }
        for box in self.days.values():
            box.clicked.connect(lambda _on: self.edited.emit())
        self.ends = choice(f"{name}-ends", _("Ends"), self._chosen)
        self.ends.addItem(_("After two years"), NEVER)
        self.ends.addItem(_("After so many times"), COUNT)
        self.ends.addItem(_("On a day"), UNTIL)
        self.count = named(QSpinBox(), f"{name}-count", _("How many times"))
        self.count.setRange(1, 750)
        self.count.setValue(10)
        self.count.valueChanged.connect(lambda _n: self.edited.emit())
        self.until = day_field(f"{name}-until", _("Last day"), self.edited.emit)
        self.week = QWidget()
        self.week.setLayout(row(*self.days.values(), 1, gap=6))
        self.more = QWidget()
        self.more.setLayout(
            column(
                row(self.every, self.interval, 1),
                self.week,
                row(label(_("Ends")), self.ends, self.count, self.until, 1),
            )
        )
        self.setLayout(column(self.kind, self.more))
        self.setFocusProxy(self.kind)
        self._show()

    def _chosen(self) -> None:
        self._show()
        self.edited.emit()

    def _show(self) -> None:
        every = self.kind.currentData()
        self.more.setHidden(every is None)
        self.week.setHidden(every != Every.WEEK)
        self.count.setHidden(self.ends.currentData() != COUNT)
        self.until.setHidden(self.ends.currentData() != UNTIL)
        number = self.interval.value()
        units = {
            Every.DAY: ngettext("day", "days", number),
            Every.WEEK: ngettext("week", "weeks", number),
            Every.MONTH: ngettext("month", "months", number),
        }
        self.interval.setSuffix(" " + units.get(every, ""))

    def begin(self, day: date) -> None:
        """Empty fields for an event that begins on *day*."""
        self.blockSignals(True)
        self.kind.setCurrentIndex(0)
        self.interval.setValue(1)
        self.ends.setCurrentIndex(0)
        self.count.setValue(10)
        set_day(self.until, day + timedelta(days=90))
        for box in self.days.values():
            box.setChecked(False)
        self._show()
        self.blockSignals(False)

    def show_rule(self, rule: Rule | None) -> None:
        """Show a rule; None: it does not come back."""
        self.blockSignals(True)
        self.kind.setCurrentIndex(max(0, self.kind.findData(rule.every if rule else None)))
        if rule is not None:
            self.interval.setValue(rule.interval)
            ends = UNTIL if rule.until else COUNT if rule.count else NEVER
            self.ends.setCurrentIndex(self.ends.findData(ends))
            self.count.setValue(rule.count or 10)
            if rule.until is not None:
                set_day(self.until, rule.until)
        for weekday, box in self.days.items():
            box.setChecked(rule is not None and weekday in rule.weekdays)
        self._show()
        self.blockSignals(False)

    def rule(self) -> Rule | None:
        """The rule as it stands."""
        every = self.kind.currentData()
        if every is None:
            return None
        ends = self.ends.currentData()
        ticked = (weekday for weekday, box in self.days.items() if box.isChecked())
        return Rule(
            Every(every),
            self.interval.value(),
            frozenset(ticked) if every == Every.WEEK else frozenset(),
            count=self.count.value() if ends == COUNT else None,
            until=day_of(self.until) if ends == UNTIL else None,
        )
