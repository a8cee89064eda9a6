"""Where a clinic is: its country and its time zone, chosen from long lists by typing."""

from __future__ import annotations

import zoneinfo

from PySide6.QtCore import QCollator, QLocale, Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter

from clinic_desk import i18n
from clinic_desk.views.widgets import named


class Found(QComboBox):
    """A long list in which a part of what is meant finds it: "vienna" finds Europe/Vienna.

    Signals:
    typed(): somebody chose or wrote something.
    """

    typed = Signal()

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        named(self, name, spoken)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        finder = QCompleter(self.model(), self)
        finder.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        finder.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        finder.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(finder)
        finder.activated.connect(lambda _text: self.typed.emit())
        self.activated.connect(lambda _index: self.typed.emit())
        edit = self.lineEdit()
        assert edit is not None
        edit.textEdited.connect(lambda _text: self.typed.emit())


class ZoneField(Found):
    """A time zone by its IANA name."""

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__(name, spoken)
        self.addItems(sorted(zoneinfo.available_timezones()))

    def zone(self) -> str:
        """What stands there; not checked."""
        return self.currentText().strip()


class CountryField(Found):
    """A country by its name in the present language, or by its two letters."""

    def __init__(self, name: str, spoken: str) -> None:
        from clinic_desk.services import countries

        super().__init__(name, spoken)
        names = i18n.locale().territories
        order = QCollator(QLocale(i18n.language()))
        by_name = {str(names.get(code, code)): code for code in countries.all_codes()}
        for text in sorted(by_name, key=order.sortKey):
            self.addItem(text, by_name[text])
        self.setCurrentIndex(-1)

    def country(self) -> str:
        """The two letters of what stands there; empty for nothing that is a country."""
        text = self.currentText().strip()
        place = self.findText(text, Qt.MatchFlag.MatchFixedString)
        if place < 0:
            place = self.findData(text.upper())
        return str(self.itemData(place)) if text and place >= 0 else ""

    def show_country(self, code: str) -> None:
        """Choose the country with these two letters; none for an empty one."""
        place = self.findData(code.upper()) if code else -1
        self.setCurrentIndex(place)
        if place < 0:
            self.setEditText(code)


def proposed_country(zone: str) -> str:
    """The country that a clinic in *zone* is likely to be in: the zone's, else the computer's."""
    from clinic_desk.services import countries

    known = countries.all_codes()
    system = QLocale.territoryToCode(QLocale.system().territory())
    for code in (countries.of_zone(zone), system, i18n.locale().territory or ""):
        if code in known:
            return code
    return ""
