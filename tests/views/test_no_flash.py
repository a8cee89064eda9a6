"""No part of a screen is ever a window of its own: it would flash up and take the focus."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget

from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.booking.flow import BookingFlow
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.patients.import_wizard import ImportWizard
from tests import builders
from tests.views.conftest import elsewhere, quiet, stored


class Flashes(QObject):
    """Remembers every part that was shown before it had its place."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.Show
            and isinstance(watched, QWidget)
            and watched.windowType() == Qt.WindowType.Window
            and not isinstance(watched, (QMainWindow, QDialog))
        ):
            names = [part.objectName() for part in watched.findChildren(QWidget)]
            self.seen.append(watched.objectName() or str(names))
        return False


@pytest.fixture
def flashes(qapp: QApplication) -> Iterator[Flashes]:
    made = Flashes()
    qapp.installEventFilter(made)
    yield made
    qapp.removeEventFilter(made)


def test_every_section_opens_without_a_flash(qtbot, flashes, window: MainWindow):
    for name in list(window.navigation.buttons):
        window.show_screen(name)
        quiet(qtbot, window.desk)
    assert flashes.seen == []


def test_every_window_opens_without_a_flash(qtbot, flashes, window: MainWindow, clinic, actor):
    number = elsewhere(builders.an_appointment, clinic, clinic.span(10))
    window.open_editor(stored(actor, number))
    quiet(qtbot, window.desk)
    editor = window.findChild(AppointmentEditor)
    assert editor is not None
    for tab in range(editor.tabs.count()):
        editor.tabs.setCurrentIndex(tab)
        quiet(qtbot, window.desk)
    editor.reject()
    window.open_booking()
    quiet(qtbot, window.desk)
    flow = window.findChild(BookingFlow)
    assert flow is not None
    for step in range(4):
        flow.go(step)
        quiet(qtbot, window.desk)
    flow.discard()
    wizard = ImportWizard(window.desk, window)
    wizard.open()
    quiet(qtbot, window.desk)
    wizard.reject()
    window.palette_.open("jane")
    quiet(qtbot, window.desk)
    window.palette_.close()
    assert flashes.seen == []
