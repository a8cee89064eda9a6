"""The page of a case, opened in front of the main window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from clinic_desk.views.cases.case_page import CasePage
from clinic_desk.views.cases.opening import open_case
from clinic_desk.views.desk import Desk
from clinic_desk.views.main_window import MainWindow
from tests.views.conftest import quiet

Open = Callable[[int], CasePage]


@pytest.fixture
def page(qtbot: QtBot, window: MainWindow, desk: Desk) -> Open:
    """Opens the page of a case."""

    def made(case_id: int) -> CasePage:
        opened = open_case(desk, case_id, window)
        quiet(qtbot, desk)
        return opened

    return made
