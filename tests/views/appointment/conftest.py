"""The editor of one visit, opened as the window opens it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.desk import Desk
from clinic_desk.views.visits import Visits
from tests.views.conftest import quiet, stored

Open = Callable[[int], AppointmentEditor]


@pytest.fixture
def editor(qtbot: QtBot, desk: Desk, guarded: Callable[[], None]) -> Open:
    """Opens the editor on a visit."""

    def made(number: int) -> AppointmentEditor:
        card = stored(desk.actor, number)
        guarded()
        made_ = AppointmentEditor(desk, Visits(desk, lambda: made_), card)
        made_.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(made_)
        made_.show()
        quiet(qtbot, desk)
        return made_

    return made
