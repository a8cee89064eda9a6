"""Every item model keeps Qt's rules and asks nothing itself."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import QAbstractItemModel
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from clinic_desk.services import diary, journal, patients
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import DeedCard, EntityChange, FieldChange, Origin
from clinic_desk.views.desk import Desk
from clinic_desk.views.history import HistoryTableModel
from clinic_desk.views.mini_month import DayRole, MonthTableModel
from clinic_desk.views.palette import Hit, HitModel
from clinic_desk.views.patient_search import PatientTableModel
from clinic_desk.views.pinboard_list import PinboardTableModel
from clinic_desk.views.shortcuts import Shortcut, ShortcutTableModel
from clinic_desk.views.visit_table import CardRole, SortRole, VisitTableModel, column_texts
from tests import builders


def shown(model: QAbstractItemModel) -> list[list[str]]:
    """All cells as text."""
    return [
        [str(model.index(row, column).data() or "") for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_visits_are_rows_in_the_order_given(
    qtmodeltester: ModelTester, clinic: builders.Clinic, actor: Actor
) -> None:
    builders.an_appointment(clinic, clinic.span(10))
    builders.an_appointment(clinic, clinic.span(11), notes="Bring\nX-rays")
    view = diary.view(actor, clinic.span(0, minutes=24 * 60))
    model = VisitTableModel(tuple(column_texts()), clinic.time_zone)
    model.set_cards(view.appointments)
    qtmodeltester.check(model)
    assert [model.index(n, 1).data() for n in range(2)] == [
        "10:00\u202fAM–10:30\u202fAM",
        "11:00\u202fAM–11:30\u202fAM",
    ]
    assert model.index(1, 0).data(CardRole).notes == "Bring\nX-rays"
    assert model.index(0, 1).data(SortRole) < model.index(1, 1).data(SortRole)
    assert model.row_of(view.appointments[1].id) == 1
    assert model.row_of(0) == -1


def test_a_refresh_of_the_same_visits_keeps_the_rows(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor
) -> None:
    builders.an_appointment(clinic, clinic.span(10))
    view = diary.view(actor, clinic.span(0, minutes=24 * 60))
    model = VisitTableModel(("time", "patient"), clinic.time_zone)
    model.set_cards(view.appointments)
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.set_cards(view.appointments)


def test_patients_are_found_with_their_birth_date(
    qtmodeltester: ModelTester, clinic: builders.Clinic, actor: Actor
) -> None:
    builders.a_patient(clinic, last_name="Lee", date_of_birth=date(1986, 4, 12), number="4711")
    model = PatientTableModel()
    model.set_patients(patients.search(actor, "lee"))
    qtmodeltester.check(model)
    assert shown(model)[0][1:] == ["4/12/1986", "4711"]


def test_the_history_tells_each_field_before_and_after(
    qtmodeltester: ModelTester, clinic: builders.Clinic, actor: Actor
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10))
    card = diary.appointment(actor, number)
    diary.move(actor, number, span=clinic.span(11), version=card.version)
    catalogue = clinic.store.catalogue(clinic.organisation_id)
    model = HistoryTableModel(catalogue, clinic.time_zone)
    model.set_deeds(journal.history(actor, "appointment", number), "appointment", number)
    qtmodeltester.check(model)
    rows = shown(model)
    assert "Moved" in rows[0][1]
    assert any(row[1] == "Begins" and "10:00" in row[2] and "11:00" in row[3] for row in rows), rows


def test_what_the_history_holds_is_said_in_words(clinic: builders.Clinic) -> None:
    catalogue = clinic.store.catalogue(clinic.organisation_id)
    model = HistoryTableModel(catalogue, clinic.time_zone)
    fields = (
        FieldChange("status", "scheduled", "arrived"),
        FieldChange("provider_id", None, clinic.provider_id),
        FieldChange("notes", "", "Late"),
        FieldChange("version", 1, 2),
    )
    change = EntityChange("appointment", 7, False, fields)
    deed = DeedCard(
        9, datetime(2031, 1, 1, tzinfo=UTC), 1, "Kim", Origin.DESK, "undo", "", 8, (change,)
    )
    model.set_deeds([deed], "appointment", 7)
    rows = shown(model)
    assert "Undone (no. 8)" in rows[0][1]
    provider = catalogue.providers[clinic.provider_id].name
    assert [row[1:] for row in rows[1:]] == [
        ["Status", "Scheduled", "Arrived"],
        ["Provider", "—", f"\u2068{provider}\u2069"],
        ["Notes", "—", "Late"],
    ]


def test_a_month_begins_with_the_week_of_its_first_day(qtmodeltester: ModelTester) -> None:
    model = MonthTableModel(date(2026, 11, 21), date(2026, 11, 21))
    qtmodeltester.check(model)
    assert model.index(0, 0).data(DayRole) == date(2026, 11, 1)
    assert model.place(date(2026, 11, 30)).row() == 4
    assert not model.place(date(2027, 11, 30)).isValid()


def test_pins_hits_and_shortcuts_are_sound_models(
    qtmodeltester: ModelTester, clinic: builders.Clinic, desk: Desk
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10))
    pins = PinboardTableModel(desk)
    pins.set_cards([diary.appointment(desk.actor, number)])
    hits = HitModel()
    hits.set_hits([Hit("Go to Tuesday", "calendar", lambda: None)])
    keys = ShortcutTableModel([Shortcut("a", "File", "Print", "Ctrl+P", "Ctrl+P", lambda _k: None)])
    for model in (pins, hits, keys):
        qtmodeltester.check(model)
    keys.filter("ctrl+p")
    assert keys.rowCount() == 1
    keys.filter("nothing like this")
    assert keys.rowCount() == 0


@pytest.mark.parametrize("language", ["de", "ar"])
def test_tables_speak_other_languages(clinic: builders.Clinic, language: str) -> None:
    from PySide6.QtCore import Qt

    from clinic_desk import i18n

    i18n.set_language(language)
    model = VisitTableModel(("day", "time", "patient"), clinic.time_zone)
    headings = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(3)]
    assert "Patient" in headings or all(headings)
