"""A visit that comes back: its dates, what is done about each clash, and changes to some or all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel
from pytestqt.qtbot import QtBot

from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.recurrence import Every, Rule
from clinic_desk.services import diary, series, series_rows
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import AppointmentCard
from clinic_desk.services.case_cards import Scope
from clinic_desk.views import reasons, robot
from clinic_desk.views.appointment import series_visits
from clinic_desk.views.appointment.series import SeriesPart
from clinic_desk.views.appointment.series_question import SeriesQuestion
from clinic_desk.views.appointment.series_rule import rule_text
from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.desk import Desk
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.messages import Message, Tone
from clinic_desk.views.slots import Slot
from tests import builders
from tests.builders import TUESDAY, Clinic
from tests.views.conftest import elsewhere, quiet, stored

Open = Callable[[int], AppointmentEditor]
WEEK = timedelta(days=7)


def on(weeks: int) -> date:
    return TUESDAY + weeks * WEEK


def shown(form: AppointmentEditor) -> SeriesPart:
    part = form.parts.show_part("series")
    assert isinstance(part, SeriesPart)
    return part


def looked(qtbot: QtBot, part: SeriesPart) -> None:
    """Wait until the dates of the rule that stands there are shown."""
    qtbot.wait(250)
    quiet(qtbot, part.desk)
    assert part.plan is not None


def a_series(clinic: Clinic, actor: Actor, count: int = 4) -> list[AppointmentCard]:
    """Weekly visits at ten, the first of them on the builders' Tuesday."""
    number = builders.an_appointment(clinic)
    done = elsewhere(series.repeat, actor, number, Rule(Every.WEEK, count=count))
    return visits(actor, done.appointment_ids)


def visits(actor: Actor, numbers: tuple[int, ...]) -> list[AppointmentCard]:
    return sorted((stored(actor, number) for number in numbers), key=lambda card: card.span)


def question(window: QDialog | MainWindow) -> SeriesQuestion:
    asked = window.findChild(SeriesQuestion)
    assert asked is not None
    assert asked.isVisible()
    return asked


def choose(asked: SeriesQuestion, scope: Scope) -> None:
    made = asked.buttons[scope]
    robot.click(made)
    assert asked.scope is scope


def test_a_rule_gives_dates_and_one_click_books_them(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    part = shown(editor(number))
    looked(qtbot, part)
    assert part.dates.rowCount() == 5
    assert part.form.week.isVisible()
    part.form.count.setFocus()
    part.form.count.selectAll()
    robot.write(part.form.count, "4")
    looked(qtbot, part)
    assert part.dates.rowCount() == 3
    assert "3 further visits" in part.state.text()
    assert part.book.text() == "Book 3 visits"
    robot.click(part.book)
    quiet(qtbot, desk)
    found = elsewhere(series.card, actor, number)
    assert [card.span for card in found.visits] == [clinic.span(10, day=on(n)) for n in range(4)]
    assert part.table.isVisible()
    assert part.rule.text() == "Every week on Tue, 4 visits"
    assert len(part.model.cards) == 4
    assert desk.own.count == 1
    desk.undo()
    quiet(qtbot, desk)
    assert stored(actor, number).series_id is None
    assert part.book.isVisible()


def test_several_days_of_the_week_are_ticked(
    qtbot: QtBot, clinic: Clinic, desk: Desk, editor: Open
) -> None:
    part = shown(editor(builders.an_appointment(clinic)))
    looked(qtbot, part)
    robot.click(part.form.days[3])
    looked(qtbot, part)
    assert part.plan is not None
    assert [one.day.weekday() for one in part.plan.dates] == [3, 1, 3, 1, 3]


@pytest.mark.parametrize("width", [520, 900])
def test_every_reason_is_told_whole_however_narrow_the_window(
    qtbot: QtBot, clinic: Clinic, desk: Desk, editor: Open, width: int
) -> None:
    number = builders.an_appointment(clinic)
    for weeks in (1, 2):
        builders.an_event(
            clinic,
            clinic.span(10, day=on(weeks)),
            title="Team meeting about the new autoclave and the rota",
        )
    part = shown(editor(number))
    part.window().resize(width, 700)
    looked(qtbot, part)
    qtbot.wait(20)
    for why in part.dates.findChildren(QLabel, "series-reasons"):
        assert why.height() >= why.heightForWidth(why.width())


def test_each_clash_is_told_with_its_reason_and_chosen_for(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    for weeks in (1, 2, 3):
        builders.an_event(clinic, clinic.span(10, day=on(weeks)))
    part = shown(editor(number))
    looked(qtbot, part)
    assert "2 further visits" in part.state.text()
    assert "3 dates cannot be had" in part.state.text()
    why = part.dates.findChildren(QLabel, "series-reasons")
    assert len(why) == 3
    assert "Team meeting" in why[0].text()
    robot.click(part.next)
    assert part.book.text() == "Book 5 visits"
    box = part.dates.boxes[on(2)]
    part.dates.setFocus()
    robot.key(part.dates, Qt.Key.Key_Tab)
    robot.key(part.dates.boxes[on(1)], Qt.Key.Key_Tab)
    assert part.window().focusWidget() is box
    robot.key(box, Qt.Key.Key_Home)
    assert part.book.text() == "Book 4 visits"
    other = part.dates.boxes[on(3)]
    other.setCurrentIndex(other.findText("Other times…"))
    other.activated.emit(other.currentIndex())
    quiet(qtbot, desk)
    other.hidePopup()
    assert other.count() > 5
    other.setCurrentIndex(3)
    other.activated.emit(3)
    seat = other.currentData()
    robot.click(part.book)
    quiet(qtbot, desk)
    found = elsewhere(series.card, actor, number)
    assert [card.span for card in found.visits] == [
        clinic.span(10),
        clinic.span(10, 30, day=on(1)),
        seat.span,
        clinic.span(10, day=on(4)),
        clinic.span(10, day=on(5)),
    ]


def test_a_date_that_is_taken_while_it_is_looked_at_is_told_and_nothing_is_booked(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    part = shown(editor(number))
    looked(qtbot, part)
    builders.an_event(clinic, clinic.span(10, day=on(2)))
    robot.click(part.book)
    quiet(qtbot, desk)
    assert stored(actor, number).series_id is None
    assert "Nothing was changed" in part.told.text()
    assert list(part.dates.boxes) == [on(2)]


def test_what_makes_no_series_is_said_beside_the_rule(
    qtbot: QtBot, clinic: Clinic, desk: Desk, editor: Open
) -> None:
    part = shown(editor(builders.an_appointment(clinic)))
    looked(qtbot, part)
    part.form.count.setValue(300)
    qtbot.wait(250)
    quiet(qtbot, desk)
    assert "two years" in part.told.text()
    assert not part.book.isEnabled()
    part.form.count.setValue(3)
    looked(qtbot, part)
    assert part.told.isHidden()
    assert part.book.isEnabled()


def test_a_visit_that_is_over_cannot_be_repeated_and_the_tab_says_so(
    qtbot: QtBot, clinic: Clinic, desk: Desk, editor: Open
) -> None:
    part = shown(editor(builders.an_appointment(clinic, status="cancelled")))
    quiet(qtbot, desk)
    assert not part.book.isVisible()


def test_dates_that_do_not_exist_are_named(
    qtbot: QtBot, clinic: Clinic, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic, clinic.span(10, day=date(2031, 5, 31)))
    part = shown(editor(number))
    part.form.every.setCurrentIndex(part.form.every.findData(Every.MONTH))
    part.form.count.setValue(3)
    looked(qtbot, part)
    assert "day 31 of June 2031" in part.left_out.text()
    assert part.form.week.isHidden()


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Rule(Every.DAY), "Every day, for two years"),
        (Rule(Every.WEEK, 2, frozenset({0, 3}), 10), "Every 2 weeks on Mon, Thu, 10 visits"),
        (Rule(Every.MONTH, until=date(2031, 12, 1)), "Every month, until 12/1/2031"),
    ],
)
def test_a_rule_is_a_sentence(rule: Rule, text: str) -> None:
    assert rule_text(rule) == text


# Changing some or all -------------------------------------------------------------------------


def test_moving_a_visit_of_a_series_asks_and_enter_moves_only_this_one(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk
) -> None:
    cards = a_series(clinic, actor)
    to = Slot(clinic.span(15), clinic.provider_id, None, clinic.location_id)
    window.visits.move(cards[0], to)
    asked = question(window)
    assert asked.go.text() == "Change 1 visit"
    robot.key(asked, Qt.Key.Key_Return)
    quiet(qtbot, desk)
    after = visits(actor, tuple(card.id for card in cards))
    assert [card.span for card in after] == [
        clinic.span(15), *(clinic.span(10, day=on(n)) for n in (1, 2, 3))
    ]  # fmt: skip


def test_the_following_ones_go_too_and_what_cannot_stays(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk
) -> None:
    cards = a_series(clinic, actor)
    builders.an_event(clinic, clinic.span(15, day=on(2)))
    to = Slot(clinic.span(15, day=on(1)), clinic.provider_id, None, clinic.location_id)
    window.calendar.drops.move(cards[1], to)
    asked = question(window)
    choose(asked, Scope.FOLLOWING)
    quiet(qtbot, desk)
    assert asked.dates.rowCount() == 3
    assert asked.go.text() == "Change 2 visits"
    assert "1 visit cannot go there" in asked.state.text()
    robot.click(asked.go)
    quiet(qtbot, desk)
    on_board = window.calendar.board.model.card(cards[1].id)
    assert on_board is None or on_board.span == to.span
    numbers = tuple(card.id for card in cards)
    hours = (10, 15, 10, 15)
    assert [card.span for card in visits(actor, numbers)] == [
        clinic.span(hour, day=on(n)) for n, hour in enumerate(hours)
    ]
    desk.undo()
    quiet(qtbot, desk)
    assert [card.span for card in visits(actor, numbers)] == [card.span for card in cards]


def test_esc_leaves_everything_as_it_was(
    qtbot: QtBot, window: MainWindow, clinic: Clinic, actor: Actor, desk: Desk
) -> None:
    cards = a_series(clinic, actor)
    quiet(qtbot, desk)
    to = Slot(clinic.span(15), clinic.provider_id, None, clinic.location_id)
    window.calendar.drops.move(cards[0], to)
    robot.key(question(window), Qt.Key.Key_Escape)
    quiet(qtbot, desk)
    assert stored(actor, cards[0].id).span == clinic.span(10)
    on_board = window.calendar.board.model.card(cards[0].id)
    assert on_board is not None
    assert on_board.span == clinic.span(10)


def test_all_that_are_to_come_are_cancelled_with_one_reason(
    qtbot: QtBot,
    window: MainWindow,
    clinic: Clinic,
    actor: Actor,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cards = a_series(clinic, actor)
    told: list[str] = []

    def reason(*args: Any) -> str:
        told.append(args[-1])
        return "Moved away"

    monkeypatch.setattr(series_visits, "ask_reason", reason)
    window.visits.set_status(cards[2], Status.CANCELLED)
    asked = question(window)
    choose(asked, Scope.ALL)
    quiet(qtbot, desk)
    assert asked.go.text() == "Cancel 4 visits…"
    other = cards[3]
    said: list[Message] = []
    elsewhere(diary.set_status, actor, other.id, Status.CONFIRMED, version=other.version)
    desk.said.connect(said.append)
    robot.click(asked.go)
    quiet(qtbot, desk)
    assert told[0].endswith(": 4 visits, May 20\u2009–\u2009Jun 10, 2031")
    after = visits(actor, tuple(card.id for card in cards))
    assert {(card.status, card.reason) for card in after[:3]} == {(Status.CANCELLED, "Moved away")}
    assert after[3].status is Status.CONFIRMED
    assert "1 visit was changed meanwhile" in said[-1].text


def test_only_this_one_is_cancelled_as_ever(
    qtbot: QtBot,
    window: MainWindow,
    clinic: Clinic,
    actor: Actor,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cards = a_series(clinic, actor)
    monkeypatch.setattr("clinic_desk.views.visits.ask_reason", lambda *_args: "Ill")
    window.visits.set_status(cards[2], Status.CANCELLED)
    robot.click(question(window).go)
    quiet(qtbot, desk)
    after = visits(actor, tuple(card.id for card in cards))
    assert [card.status for card in after].count(Status.CANCELLED) == 1
    assert reasons.cancel_reasons()


def test_the_editor_asks_too_and_saves_the_notes_of_this_one_alone(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    cards = a_series(clinic, actor)
    form = editor(cards[0].id)
    form.form.notes.setPlainText("brings the X-ray")
    form.form.start.setTime(form.form.start.time().addSecs(3 * 3600))
    robot.click(form.save_button)
    asked = question(form)
    choose(asked, Scope.ALL)
    quiet(qtbot, desk)
    robot.click(asked.go)
    quiet(qtbot, desk)
    qtbot.waitUntil(lambda: not form.isVisible())
    after = visits(actor, tuple(card.id for card in cards))
    assert [card.span for card in after] == [clinic.span(13, day=on(n)) for n in range(4)]
    assert [card.notes for card in after] == ["brings the X-ray", "", "", ""]


def test_notes_alone_are_saved_without_a_question(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    cards = a_series(clinic, actor)
    form = editor(cards[0].id)
    form.form.notes.setPlainText("brings the X-ray")
    robot.click(form.save_button)
    quiet(qtbot, desk)
    assert form.findChild(SeriesQuestion) is None
    assert stored(actor, cards[0].id).notes == "brings the X-ray"


def test_the_editor_moves_only_this_one_where_that_is_meant(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    cards = a_series(clinic, actor)
    form = editor(cards[0].id)
    form.form.start.setTime(form.form.start.time().addSecs(3600))
    robot.click(form.save_button)
    robot.key(question(form), Qt.Key.Key_Escape)
    assert form.is_edited
    robot.click(form.save_button)
    asked = next(one for one in form.findChildren(SeriesQuestion) if one.isVisible())
    robot.click(asked.go)
    quiet(qtbot, desk)
    assert not form.isVisible()
    assert stored(actor, cards[0].id).span == clinic.span(11)
    assert stored(actor, cards[1].id).span == cards[1].span


def test_a_series_of_two_years_is_taken_back_lot_by_lot(
    qtbot: QtBot, clinic: Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    part = shown(editor(number))
    part.form.count.setValue(40)
    looked(qtbot, part)
    told: list[Message] = []
    desk.said.connect(told.append)
    robot.click(part.book)
    quiet(qtbot, desk)
    assert desk.own.count == 2
    assert desk.own.to_undo is not None
    assert told[-1].undo == desk.own.to_undo.seq and len(told[-1].earlier) == 1
    assert "part 2 of 2" in desk.own.to_undo.words
    for _n in range(2):
        desk.undo()
        quiet(qtbot, desk)
    found = elsewhere(diary.appointment, actor, number)
    assert found.series_id is None
    assert robot.find(part, QAbstractButton, "series-book").isVisible()


def test_a_date_that_is_taken_while_it_is_booked_is_named_and_the_others_stand(
    qtbot: QtBot,
    clinic: Clinic,
    actor: Actor,
    desk: Desk,
    editor: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = builders.an_appointment(clinic)
    part = shown(editor(number))
    looked(qtbot, part)
    begin = series_rows.begin

    def slow(*args: Any, **more: Any) -> Any:
        builders.an_event(clinic, clinic.span(10, day=on(2)))
        return begin(*args, **more)

    monkeypatch.setattr(series_rows, "begin", slow)
    told: list[Message] = []
    desk.said.connect(told.append)
    robot.click(part.book)
    quiet(qtbot, desk)
    assert [message.tone for message in told] == [Tone.WARNING]
    assert "1 date was taken meanwhile and is left as it was: Tue, Jun 3" in told[0].text
    assert len(elsewhere(series.card, actor, number).visits) == 5
    assert desk.own.count == 1
