"""A row is selected from right to left too, also before the table has been laid out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QTableView
from pytestqt.qtbot import QtBot

from clinic_desk import views
from clinic_desk.views.desk import Desk
from clinic_desk.views.patient_search import PatientRole, PatientSearch
from clinic_desk.views.widgets import select_row
from tests import builders
from tests.views.conftest import quiet


@pytest.fixture
def from_right() -> Iterator[None]:
    """The whole program from right to left."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    application.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.usefixtures("from_right")
def test_a_row_is_selected_before_the_table_was_ever_shown(qtbot: QtBot) -> None:
    table = QTableView()
    qtbot.addWidget(table)
    model = QStandardItemModel(2, 3, table)
    model.setItem(1, 0, QStandardItem("second"))
    table.setModel(model)
    table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    select_row(table, 1)
    assert table.currentIndex().data() == "second"
    assert [index.row() for index in table.selectionModel().selectedRows()] == [1]


@pytest.mark.usefixtures("from_right")
def test_the_first_patient_found_is_selected_and_the_arrows_walk_on(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk
) -> None:
    builders.a_patient(clinic, first_name="Zoe", last_name="Aa")
    builders.a_patient(clinic, first_name="Zoe", last_name="Bb")
    search = PatientSearch(desk)
    qtbot.addWidget(search)
    search.show()
    qtbot.keyClicks(search.field, "zoe")
    qtbot.waitUntil(search.table.isVisible)
    quiet(qtbot, desk)
    rows = search.table.selectionModel()
    assert [index.row() for index in rows.selectedRows()] == [0]
    qtbot.keyClick(search.field, Qt.Key.Key_Down)
    assert [index.row() for index in rows.selectedRows()] == [1]
    chosen = search.table.currentIndex().data(PatientRole)
    qtbot.keyClick(search.field, Qt.Key.Key_Return)
    assert search.patient == chosen


def test_no_screen_uses_qt_s_own_way() -> None:
    (folder,) = views.__path__
    users = [p.name for p in Path(folder).rglob("*.py") if ".selectRow(" in p.read_text("utf-8")]
    assert users == []
