"""The page of a case: opened from a visit, called something else, its history read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QTableView
from pytestqt.qtbot import QtBot

from clinic_desk.services import cases, diary, offers
from clinic_desk.services.actor import Actor
from clinic_desk.services.case_cards import CaseCard
from clinic_desk.services.offer_cards import Service, Wish
from clinic_desk.views import robot
from clinic_desk.views.booking.flow import BookingFlow
from clinic_desk.views.cases.case_page import CasePage
from clinic_desk.views.desk import Desk
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.widgets import select_row
from tests import builders
from tests.builders import Clinic
from tests.views.conftest import elsewhere, quiet, stored

Open = Callable[[int], CasePage]


def a_case(clinic: Clinic, **fields: Any) -> int:
    """A case with one visit."""
    number = builders.a_case(clinic, **fields)
    builders.an_appointment(clinic, case_id=number)
    return number


def known(actor: Actor, case_id: int) -> CaseCard:
    """The case as the database has it."""
    return elsewhere(cases.case, actor, case_id)


def rows(table: QTableView) -> list[list[str]]:
    """What a table shows, without the marks around names."""
    model = table.model()
    return [
        [
            str(model.index(r, c).data()).replace("\u2068", "").replace("\u2069", "")
            for c in range(model.columnCount())
        ]
        for r in range(model.rowCount())
    ]


def test_a_page_that_was_closed_hears_of_no_other_zone(
    qtbot: QtBot, clinic: Clinic, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic))
    opened.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(opened))
    desk.set_zone("Asia/Tokyo")  # what goes wrong in a slot fails the test
    assert desk.zone == "Asia/Tokyo"


def test_the_editor_of_a_visit_leads_to_its_case(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk
) -> None:
    patient = builders.a_patient(
        clinic, first_name="Ada", last_name="Lee", email="ada@example.org", phone="+43 1 234",
        gender="female", date_of_birth="1986-04-12",
    )  # fmt: skip
    case_id = builders.a_case(clinic, patient, main_problem="Toothache")
    number = builders.an_appointment(clinic, case_id=case_id, patient_id=patient)
    window.open_editor(stored(actor, number))
    editor = window.editors[number]
    robot.click(editor.case_button)
    quiet(qtbot, desk)
    page = window.findChild(CasePage)
    assert page is not None
    assert page.isVisible()
    assert page.head.problem.text() == "Toothache"
    assert "Lee, Ada" in page.side.name.text()
    shown = {name: field.text() for name, field in page.side.fields.items()}
    assert shown["born"] == "4/12/1986"
    assert shown["gender"] == "Female"
    assert "ada@example.org" in shown["email"]
    assert "+43 1 234" in shown["phone"]
    assert "Check-up: 1 appointment" in page.side.services.text().replace("\u2068", "").replace(
        "\u2069", ""
    )
    assert [card.id for card in page.visits.model.cards] == [number]
    robot.click(editor.case_button)
    assert len(window.findChildren(CasePage)) == 1
    page.close()
    editor.close()


def test_the_main_problem_is_renamed_and_the_history_tells_before_and_after(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic, main_problem="Toothache"))
    robot.click(opened.head.rename)
    robot.write(opened.head.field, "Wisdom tooth")
    assert opened.isWindowModified()
    robot.key(opened.head.field, Qt.Key.Key_Return)
    quiet(qtbot, desk)
    assert opened.head.problem.text() == "Wisdom tooth"
    assert opened.head.problem.isVisible()
    assert not opened.is_edited
    assert known(actor, opened.case_id).main_problem == "Wisdom tooth"
    opened.tabs.setCurrentIndex(1)
    quiet(qtbot, desk)
    told = rows(opened.history.table)
    assert told[0][1] == "Case changed · Test User"
    assert told[1][1:] == ["Main problem", "Toothache", "Wisdom tooth"]
    desk.undo()
    quiet(qtbot, desk)
    assert opened.head.problem.text() == "Toothache"
    assert rows(opened.history.table)[1][1:] == ["Main problem", "Wisdom tooth", "Toothache"]
    opened.close()


def test_the_editor_shows_the_new_name_of_its_case(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    case_id = builders.a_case(clinic, main_problem="Toothache")
    number = builders.an_appointment(clinic, case_id=case_id)
    window.open_editor(stored(actor, number))
    opened = page(case_id)
    robot.click(opened.head.rename)
    robot.write(opened.head.field, "Crown")
    robot.click(opened.head.save)
    quiet(qtbot, desk)
    assert "Crown" in window.editors[number].head.born.text()
    window.editors[number].close()
    opened.close()


def test_a_blank_or_too_long_name_is_refused_beside_the_field_and_kept(
    qtbot: QtBot, clinic: Clinic, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic, main_problem="Toothache"))
    robot.key(opened.visits.table, Qt.Key.Key_F2)
    assert opened.head.field.isVisible()
    opened.head.field.setText("  ")
    robot.key(opened.head.field, Qt.Key.Key_Return)
    quiet(qtbot, desk)
    assert "main problem" in opened.head.told.text()
    opened.head.field.setText("x" * 301)
    robot.key(opened.head.field, Qt.Key.Key_Return)
    quiet(qtbot, desk)
    assert "The main problem is longer than 300 characters." in opened.head.told.text()
    assert opened.head.field.text() == "x" * 301
    assert opened.head.field.hasFocus()
    robot.click(opened.head.leave)
    assert opened.head.problem.text() == "Toothache"
    opened.close()


def test_what_a_colleague_called_it_meanwhile_is_told_beside_ones_own(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic, main_problem="Toothache"))
    robot.click(opened.head.rename)
    robot.write(opened.head.field, "Crown")
    elsewhere(cases.change, builders.an_actor(clinic), opened.case_id, version=1,
              main_problem="Bridge")  # fmt: skip
    qtbot.waitUntil(opened.head.stale.isVisible, timeout=10_000)
    assert opened.head.field.text() == "Crown"
    robot.click(robot.find(opened, QAbstractButton, "case-use-mine"))
    quiet(qtbot, desk)
    assert known(actor, opened.case_id).main_problem == "Crown"
    assert not opened.is_edited
    opened.close()


def test_leaving_asks_about_a_name_that_is_not_saved(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic, main_problem="Toothache"))
    robot.click(opened.head.rename)
    robot.write(opened.head.field, "Crown")
    asked: list[bool] = []
    assert not window.settle(lambda: asked.append(True))
    robot.click(robot.find(opened, QAbstractButton, "leaving-save"))
    qtbot.waitUntil(lambda: asked == [True], timeout=10_000)
    assert known(actor, opened.case_id).main_problem == "Crown"
    assert not window.editors
    quiet(qtbot, desk)


# Its visits --------------------------------------------------------------------------------


def test_a_further_appointment_joins_the_case_with_one_click(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic, main_problem="Toothache"))
    robot.click(opened.visits.add)
    quiet(qtbot, desk)
    form = opened.visits.form
    offered = form.findChildren(QAbstractButton, "case-add-time")
    assert len([one for one in offered if one.isVisible()]) == 6
    robot.click(offered[0])
    quiet(qtbot, desk)
    card = known(actor, opened.case_id)
    assert len(card.appointments) == 2
    assert {visit.case_id for visit in card.appointments} == {opened.case_id}
    assert len(opened.visits.model.cards) == 2
    assert form.isHidden()
    assert opened.visits.add.isVisible()
    assert "2 in all" in opened.visits.counts.text()
    opened.close()


def test_a_time_that_somebody_took_meanwhile_is_told_and_others_are_offered(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic))
    robot.click(opened.visits.add)
    quiet(qtbot, desk)
    form = opened.visits.form
    first = form.findChildren(QAbstractButton, "case-add-time")[0]
    taken = elsewhere(cases.case, actor, opened.case_id).appointments[0]
    wish = Wish((Service(clinic.type_id, provider_ids=(clinic.provider_id,)),))
    offer = elsewhere(offers.first, actor, wish, count=1)[0]
    other = builders.a_patient(clinic)
    elsewhere(diary.book, actor, span=offer.seats[0].span, type_id=clinic.type_id,
              provider_id=clinic.provider_id, patient_id=other)  # fmt: skip
    robot.click(first)
    quiet(qtbot, desk)
    assert form.told.isVisible()
    assert taken.provider.name in form.told.text().replace("\u2068", "").replace("\u2069", "")
    again = [one for one in form.findChildren(QAbstractButton, "case-add-time") if one.isVisible()]
    assert len(again) == 6
    robot.key(form, Qt.Key.Key_Escape)
    assert form.isHidden()
    assert opened.isVisible()
    opened.close()


def test_the_booking_window_continues_the_case(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic, main_problem="Toothache"))
    robot.click(opened.visits.add)
    quiet(qtbot, desk)
    robot.click(opened.visits.form.further)
    quiet(qtbot, desk)
    flow = window.findChild(BookingFlow)
    assert flow is not None
    assert flow.draft.case_id == opened.case_id
    assert flow.draft.patient is not None
    flow.discard()
    opened.close()


def test_a_closed_case_takes_no_further_appointment_and_one_with_visits_ahead_stays_open(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    ahead = page(a_case(clinic))
    robot.click(ahead.head.close_case)
    quiet(qtbot, desk)
    assert "still has appointments ahead" in ahead.told.text()
    assert known(actor, ahead.case_id).open
    ahead.close()
    opened = page(builders.a_case(clinic, main_problem="Old"))
    assert opened.visits.empty.isVisible()
    robot.click(opened.head.close_case)
    quiet(qtbot, desk)
    assert opened.head.state.text() == "Closed"
    assert not opened.visits.add.isEnabled()
    assert "Reopen" in opened.visits.add.toolTip()
    robot.click(opened.head.close_case)
    quiet(qtbot, desk)
    assert opened.visits.add.isEnabled()
    opened.close()


def test_a_visit_is_opened_by_enter_and_shown_in_the_calendar(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, desk: Desk, page: Open
) -> None:
    opened = page(a_case(clinic))
    number = opened.visits.model.cards[0].id
    robot.key(opened.visits.table, Qt.Key.Key_Return)
    assert window.editors[number].isVisible()
    window.editors[number].close()
    window.go_to(builders.TUESDAY.replace(year=2030))
    robot.click(opened.visits.show_)
    quiet(qtbot, desk)
    assert window.findChild(CasePage) is None
    shown = window.calendar.period()
    assert shown.first <= builders.TUESDAY <= shown.last


def test_a_visit_of_the_case_goes_to_the_pinboard_by_button_or_key(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    number = a_case(clinic)
    over = builders.an_appointment(clinic, clinic.span(12), case_id=number, status="cancelled")
    opened = page(number)
    tab = opened.visits
    first = tab.model.cards[0].id
    assert tab.pinned.isHidden()
    robot.click(tab.pin.button)
    assert [card.id for card in window.pinboard.cards] == [first]
    assert "stays booked until you place it" in tab.pinned.text() and tab.pinned.isVisible()
    window.pinboard.unpin(first)
    tab.table.setFocus()
    robot.key(tab.table, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
    assert [card.id for card in window.pinboard.cards] == [first]

    select_row(tab.table, tab.model.row_of(over))
    assert not tab.pin.button.isEnabled() and tab.pinned.isHidden()
    robot.key(tab.table, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
    assert [card.id for card in window.pinboard.cards] == [first]
    opened.close()


# What may be requested -----------------------------------------------------------------------


def test_requests_are_allowed_for_ticked_services(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    other = builders.a_type(clinic, code="HYG", name="Hygiene")
    desk.catalogue = elsewhere(actor.store.catalogue, actor.organisation_id)
    opened = page(a_case(clinic))
    box = robot.find(opened, QCheckBox, f"case-type-{other}")
    opened.side.ensureWidgetVisible(box)
    robot.click(box)
    quiet(qtbot, desk)
    assert known(actor, opened.case_id).allowed_type_ids == (other,)
    assert "Only these" in opened.side.types_text.text()
    robot.click(opened.side.requests)
    quiet(qtbot, desk)
    assert not known(actor, opened.case_id).requests_allowed
    assert not box.isEnabled()
    desk.undo()
    quiet(qtbot, desk)
    assert opened.side.requests.isChecked()
    assert box.isEnabled()
    opened.close()


def test_a_tick_upon_an_older_version_is_taken_back_and_said(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, page: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    opened = page(a_case(clinic))
    monkeypatch.setattr(opened, "read", lambda: None)  # the news has not arrived yet
    elsewhere(cases.change, actor, opened.case_id, version=1, main_problem="Bridge")
    robot.click(opened.side.requests)
    quiet(qtbot, desk)
    assert "Somebody changed this meanwhile" in opened.told.text()
    assert opened.side.requests.isChecked()
    assert opened.head.problem.text() == "Bridge"
    opened.close()


def test_who_may_not_change_visits_sees_the_page_and_changes_nothing(
    qtbot: QtBot, clinic: Clinic, page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "may", lambda _self, name: name == "Appointment Show")
    opened = page(a_case(clinic))
    for made in (opened.head.rename, opened.head.close_case, opened.side.requests,
                 opened.visits.add, opened.visits.pin.button):  # fmt: skip
        assert not made.isEnabled()
        assert made.toolTip()
    opened.close()


def test_a_case_that_is_not_there_says_so(
    qtbot: QtBot, window: MainWindow, desk: Desk, page: Open
) -> None:
    opened = page(999_999)
    assert "does not exist any more" in opened.told.text()
    assert opened.again.isVisible()
    robot.click(opened.leave)
    assert not window.editors


# Its history ------------------------------------------------------------------------------------


def test_the_history_is_filtered_and_leads_into_the_calendar(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    case_id = builders.a_case(clinic, main_problem="Toothache")
    number = builders.an_appointment(clinic, case_id=case_id)
    colleague = builders.an_actor(clinic)
    day = builders.TUESDAY.replace(day=27)
    elsewhere(diary.move, colleague, number, span=clinic.span(14, day=day), version=1)
    elsewhere(cases.change, actor, case_id, version=1, main_problem="Crown")
    desk.catalogue = elsewhere(actor.store.catalogue, actor.organisation_id)
    opened = page(case_id)
    opened.tabs.setCurrentIndex(1)
    quiet(qtbot, desk)
    history = opened.history
    assert len(history.model.headings) == 2
    history.who.setCurrentIndex(history.who.findData(colleague.user_id))
    quiet(qtbot, desk)
    told = rows(history.table)
    assert [line[1] for line in told] == ["Moved · Test User", "Start", "End"]
    assert "5/20/2031" in told[1][2]
    assert "5/27/2031" in told[1][3]
    history.what.setCurrentIndex(history.what.findData("main_problem"))
    quiet(qtbot, desk)
    assert history.empty.isVisible()
    robot.click(history.all)
    quiet(qtbot, desk)
    model = history.model
    assert len(model.headings) == 2
    line = next(r for r, one in enumerate(rows(history.table)) if one[1] == "Start")
    history.table.setCurrentIndex(model.index(line, model.BEFORE))
    assert "May 20" in history.where.text()
    history.table.setCurrentIndex(model.index(line, model.AFTER))
    robot.key(history.table, Qt.Key.Key_Return)
    quiet(qtbot, desk)
    shown = window.calendar.period()
    assert shown.first <= day <= shown.last
    selected = window.calendar.current
    assert selected is not None
    assert selected.id == number


def test_older_lines_are_read_on_demand(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, page: Open
) -> None:
    case_id = a_case(clinic)
    for version in range(1, 104):
        elsewhere(cases.change, actor, case_id, version=version, main_problem=f"No. {version}")
    opened = page(case_id)
    opened.tabs.setCurrentIndex(1)
    quiet(qtbot, desk)
    assert len(opened.history.model.headings) == 100
    robot.click(opened.history.more)
    quiet(qtbot, desk)
    assert len(opened.history.model.headings) == 103
    assert opened.history.more.isHidden()
    opened.close()
