"""Which day is printed, whose, and what the paper says about itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from clinic_desk.services import diary
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import DiaryView
from clinic_desk.views import sheets
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.paper import Paper
from tests import builders
from tests.builders import TUESDAY
from tests.views.conftest import quiet


@pytest.fixture
def visit(clinic: builders.Clinic) -> int:
    """A visit on Tuesday, and a second provider; both there before the window opens."""
    builders.a_provider(clinic)
    return builders.an_appointment(clinic, clinic.span(10))


def test_the_selected_visit_s_day_is_printed(
    qtbot: QtBot, clinic: builders.Clinic, visit: int, window: MainWindow
) -> None:
    number = visit
    window.go_to(TUESDAY)
    window.calendar.show_period()
    quiet(qtbot, window.desk)
    assert Paper(window).day() == window.calendar.first_day
    window.calendar.board.select(number)
    assert Paper(window).day() == TUESDAY


def test_the_sheet_says_whom_it_leaves_out_and_the_end_of_the_history(
    qtbot: QtBot, clinic: builders.Clinic, visit: int, window: MainWindow
) -> None:
    window.calendar.provider_ids = frozenset({clinic.provider_id})
    period = window.calendar.period()
    views: list[DiaryView] = []
    window.desk.ask(diary.view, period.span(), done=views.append)
    qtbot.waitUntil(lambda: bool(views))
    (view,) = views
    sheet = Paper(window).sheet(view, period, "0123456789abcdef", week=False)
    count = len(window.desk.catalogue.providers)
    assert f"1 of {count} providers" in sheet.place
    assert sheet.head == f"{view.seq} 0123456789abcdef"


def test_an_empty_day_says_that_it_is_empty(clinic: builders.Clinic, actor: Actor) -> None:
    sunday = TUESDAY + timedelta(days=5)
    view = diary.view(actor, clinic.span(0, minutes=24 * 60))
    catalogue = clinic.store.catalogue(clinic.organisation_id)
    sheet = sheets.day_sheet(view, catalogue, sunday, clinic.time_zone)
    (section,) = sheet.sections
    assert "No visits" in section.title


def test_the_week_has_its_events_too(clinic: builders.Clinic, actor: Actor) -> None:
    builders.an_event(clinic)
    view = diary.view(actor, clinic.span(0, minutes=24 * 60))
    names = {clinic.provider_id: "Dr Chen"}
    sheet = sheets.week_sheet(view, TUESDAY, 1, clinic.time_zone, names=names)
    (row,) = sheet.sections[0].rows
    assert row.cells[1:] == ("Team meeting", "", "Dr Chen")
    assert sheet.sections[0].hint == "0 visits"


def test_a_pdf_is_called_one_and_the_folder_is_remembered(
    qtbot: QtBot, tmp_path: Path, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def choose(_parent: object, _title: str, proposed: str, _kinds: str) -> tuple[str, str]:
        asked.append(proposed)
        return str(tmp_path / "mine"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    for _time in range(2):
        Paper(window).send(week=True, pdf=None, ask=True)
        quiet(qtbot, window.desk)
        qtbot.waitUntil((tmp_path / "mine.pdf").exists)
    assert Path(asked[1]).parent == tmp_path
