"""The month at a glance names its days so that each can be told from the others."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from clinic_desk import i18n
from clinic_desk.views.mini_month import MiniMonth


def names(month: MiniMonth) -> list[str]:
    return [month.model.headerData(place, Qt.Orientation.Horizontal) for place in range(7)]


@pytest.mark.parametrize("language", ["en_US", "de", "hu", "fr", "es", "pt_BR", "ar"])
def test_no_two_days_of_the_week_have_the_same_name_where_there_is_room(
    qtbot: QtBot, language: str
) -> None:
    i18n.set_language(language)
    month = MiniMonth(date(2027, 1, 26))
    qtbot.addWidget(month)
    month.resize(213, 260)  # as in the sidebar
    month.show()
    assert len(set(names(month))) == 7, names(month)
    metrics = QFontMetrics(month.table.font())
    room = month.table.horizontalHeader().sectionSize(0)
    assert all(metrics.horizontalAdvance(name) <= room for name in names(month))


def test_in_a_narrow_place_one_letter_stays_and_the_whole_name_is_told(qtbot: QtBot) -> None:
    i18n.set_language("hu")
    month = MiniMonth(date(2027, 1, 26))
    qtbot.addWidget(month)
    month.resize(120, 260)
    month.show()
    assert names(month) == ["H", "K", "Sz", "Cs", "P", "Sz", "V"]
    tip = Qt.ItemDataRole.ToolTipRole
    assert month.model.headerData(2, Qt.Orientation.Horizontal, tip) == "szerda"
    month.resize(260, 260)
    assert names(month) == ["H", "K", "Sze", "Cs", "P", "Szo", "V"]
