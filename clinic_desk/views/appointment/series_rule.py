"""By which rule a visit comes back: every how many days, weeks or months, and until when."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import QDate, QLocale, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QGridLayout,
    QSpinBox,
    QWidget,
)

from clinic_desk import i18n
from clinic_desk.i18n import _, ngettext
from clinic_desk.rules.recurrence import Every, Rule
from clinic_desk.views import words
from clinic_desk.views.widgets import column, label, named, row

COUNT, UNTIL, TWO_YEARS = range(3)
"""The ways in which a series ends."""

MOST_VISITS = 731
"""A visit on every day of two years."""


def rule_text(rule: Rule) -> str:
    """The rule in a sentence: "Every 2 weeks on Mon, Thu, 10 visits"."""
    count = rule.interval
    text = {
        Every.DAY: ngettext("Every day", "Every {count} days", count),
        Every.WEEK: ngettext("Every week", "Every {count} weeks", count),
        Every.MONTH: ngettext("Every month", "Every {count} months", count),
    }[rule.every].format(count=count)
    if rule.weekdays:
        days = ", ".join(i18n.weekday_text(day, "abbreviated") for day in _week(rule.weekdays))
        text = _("{rule} on {days}").format(rule=text, days=days)
    if rule.count is not None:
        visits = ngettext("{count} visit", "{count} visits", rule.count).format(count=rule.count)
        return _("{rule}, {end}").format(rule=text, end=visits)
    if rule.until is not None:
        until = _("until {day}").format(day=words.day_numbers(rule.until))
        return _("{rule}, {end}").format(rule=text, end=until)
    return _("{rule}, {end}").format(rule=text, end=_("for two years"))


def _week(days: frozenset[int]) -> list[int]:
    """Weekdays in the order of the user's week."""
    first = i18n.first_weekday()
    return sorted(days, key=lambda day: (day - first) % 7)


class RuleForm(QWidget):
    """Signals:
    edited(): the rule is another.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "series-rule", _("Repeat"))
        self._filling = False
        self.interval = named(QSpinBox(), "series-interval", _("Every how many"))
        self.interval.setRange(1, 99)
        self.every = named(QComboBox(), "series-every", _("Days, weeks or months"))
        for unit in Every:
            self.every.addItem("", unit)
        self.days = {}
        days = QGridLayout()
        days.setContentsMargins(0, 0, 0, 0)
        for place, day in enumerate(_week(frozenset(range(7)))):
            box = QCheckBox(i18n.weekday_text(day, "abbreviated"))
            named(box, f"series-day-{day}", i18n.weekday_text(day))
            box.clicked.connect(self._changed)
            self.days[day] = box
            days.addWidget(box, 0, place)
        days.setColumnStretch(7, 1)
        self.week = named(QWidget(), "series-days", _("On these days"))
        self.week.setLayout(days)
        self.ends = named(QComboBox(), "series-ends", _("How long"))
        for text in (_("Number of visits"), _("Until a day"), _("For two years")):
            self.ends.addItem(text)
        self.count = named(QSpinBox(), "series-count", _("Number of visits, with this one"))
        self.count.setRange(2, MOST_VISITS)
        self.until = named(QDateEdit(), "series-until", _("Until this day"))
        self.until.setCalendarPopup(True)
        short = self.until.locale().dateFormat(QLocale.FormatType.ShortFormat)
        self.until.setDisplayFormat(short if "yyyy" in short else short.replace("yy", "yyyy"))
        every = label(_("&Every"), "series-every-label")
        every.setBuddy(self.interval)
        ends = label(_("How &long"), "series-ends-label")
        ends.setBuddy(self.ends)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.addWidget(every, 0, 0)
        grid.addLayout(row(self.interval, self.every, 1), 0, 1)
        grid.addWidget(self.week, 1, 1)
        grid.addWidget(ends, 2, 0)
        grid.addLayout(row(self.ends, self.count, self.until, 1), 2, 1)
        grid.setColumnStretch(1, 1)
        self.setLayout(column(grid))
        self.interval.valueChanged.connect(self._changed)
        self.every.currentIndexChanged.connect(self._changed)
        self.ends.currentIndexChanged.connect(self._changed)
        self.count.valueChanged.connect(self._changed)
        self.until.dateChanged.connect(self._changed)
        self._show_parts()

    def begin(self, day: date) -> None:
        """Offer to repeat a visit of *day* weekly, six times."""
        self._filling = True
        self._day = day
        self.interval.setValue(1)
        self.every.setCurrentIndex(self.every.findData(Every.WEEK))
        for number, box in self.days.items():
            box.setChecked(number == day.weekday())
        self.ends.setCurrentIndex(COUNT)
        self.count.setValue(6)
        later = day + timedelta(days=91)
        self.until.setMinimumDate(QDate(day.year, day.month, day.day))
        self.until.setDate(QDate(later.year, later.month, later.day))
        self._filling = False
        self._show_parts()

    def rule(self) -> Rule:
        """What stands in the fields. Raises ``Invalid`` for what makes no series."""
        every = self._unit(self.every.currentIndex())
        ticked = frozenset(day for day, box in self.days.items() if box.isChecked())
        last = self.until.date()
        ends = self.ends.currentIndex()
        return Rule(
            every,
            self.interval.value(),
            weekdays=ticked if every is Every.WEEK else frozenset(),
            count=self.count.value() if ends == COUNT else None,
            until=date(last.year(), last.month(), last.day()) if ends == UNTIL else None,
        )

    def _unit(self, place: int) -> Every:
        return Every(self.every.itemData(place))  # Qt keeps its text alone

    def _changed(self) -> None:
        if not self._filling:
            self._show_parts()
            self.edited.emit()

    def _show_parts(self) -> None:
        many = self.interval.value()
        units = {
            Every.DAY: ngettext("day", "days", many),
            Every.WEEK: ngettext("week", "weeks", many),
            Every.MONTH: ngettext("month", "months", many),
        }
        for place in range(self.every.count()):
            self.every.setItemText(place, units[self._unit(place)])
        self.week.setVisible(self._unit(self.every.currentIndex()) is Every.WEEK)
        self.count.setVisible(self.ends.currentIndex() == COUNT)
        self.until.setVisible(self.ends.currentIndex() == UNTIL)
