"""Ctrl+K: a line such as "smythe chk tue pm" gives times; Enter books. A name alone does not."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from clinic_desk import i18n
from clinic_desk.models.diary import Appointment, Case
from clinic_desk.services import diary
from clinic_desk.views.booking import wish_language
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.palette import Palette
from tests import builders
from tests.views.booking.conftest import the_flow, until
from tests.views.conftest import elsewhere, quiet


@pytest.fixture
def smythe(clinic) -> int:
    return builders.a_patient(clinic, last_name="Smythe", first_name="Ann")


@pytest.fixture
def line(qtbot, smythe, window: MainWindow) -> Palette:
    window.actions_["palette"].trigger()
    qtbot.waitUntil(window.palette_.isVisible)
    return window.palette_


def texts(line: Palette) -> list[str]:
    return [hit.text for hit in line.model.hits]


def say(qtbot, window: MainWindow, line: Palette, text: str) -> None:
    QTest.keyClicks(line.field, text)
    qtbot.wait(120)
    quiet(qtbot, window.desk)


def test_six_concrete_times_and_enter_books_the_first(qtbot, window, line, smythe, clinic):
    say(qtbot, window, line, "smythe chk mon")

    offers = [text for text in texts(line) if text.startswith("Book ")]
    assert len(offers) == 6
    assert "Smythe, Ann" in offers[0]
    assert "CHK" in offers[0]
    QTest.keyClick(line.field, Qt.Key.Key_Return)
    until(qtbot, lambda: elsewhere(lambda: Appointment.select().count()))
    quiet(qtbot, window.desk)

    visit = elsewhere(Appointment.get)
    assert (visit.patient_id, visit.type_id) == (smythe, clinic.type_id)
    assert elsewhere(Case.get).main_problem == "Check-up"
    assert window.calendar.current.id == visit.id
    window.desk.undo()
    until(qtbot, lambda: elsewhere(Appointment.get).status == "cancelled")


def test_keys_are_written_from_left_to_right_in_every_language(qtbot, window, line):
    say(qtbot, window, line, "larger")

    assert any("\u2066Ctrl++\u2069" in text for text in texts(line)), texts(line)


def test_a_name_alone_shows_the_patient_and_books_nothing(qtbot, window, line, smythe):
    say(qtbot, window, line, "ann smythe")

    assert [text for text in texts(line) if text.startswith("Book ")] == []
    assert "Smythe, Ann" in texts(line)[0]
    assert texts(line)[1].startswith("New appointment · ")  # below, in the booking window
    QTest.keyClick(line.field, Qt.Key.Key_Return)
    quiet(qtbot, window.desk)

    patients = window.screens.patients
    assert window.screens.currentWidget() is patients
    assert patients.stack.currentWidget() is patients.card
    assert patients.card.patient_id == smythe
    assert not window.panel.has_form


def test_a_name_that_is_a_providers_too_shows_the_patient_first(qtbot, clinic, window, line):
    name = window.desk.catalogue.providers[clinic.provider_id].last_name
    elsewhere(builders.a_patient, clinic, last_name=name, first_name="Inaki")

    say(qtbot, window, line, f"inaki {name}")

    assert f"{name}, Inaki" in texts(line)[0]
    assert not texts(line)[0].startswith(("Book ", "New "))
    assert any(text.startswith("Book ") for text in texts(line))  # with that provider, below


def test_a_patient_who_was_found_goes_along_to_the_booking_window(qtbot, window, line, smythe):
    say(qtbot, window, line, "smythe")
    QTest.keyClick(line.field, Qt.Key.Key_Down)
    QTest.keyClick(line.field, Qt.Key.Key_Return)
    flow = the_flow(qtbot, window)

    assert flow.draft.patient is not None
    assert flow.draft.patient.id == smythe


def test_whoever_was_faster_is_told_and_the_rest_is_asked_in_the_window(
    qtbot, window, line, smythe, clinic, actor
):
    say(qtbot, window, line, "smythe chk mon")
    offer = line.model.hits[0].take.args[0]
    other = builders.a_patient(clinic, last_name="Quick")
    elsewhere(
        diary.book,
        actor,
        span=offer.span,
        type_id=clinic.type_id,
        provider_id=clinic.provider_id,
        patient_id=other,
        location_id=clinic.location_id,
    )

    line.model.hits[0].take()
    line.close()
    flow = the_flow(qtbot, window)

    assert flow.draft.patient is not None
    assert flow.draft.patient.id == smythe
    assert flow.draft.parts[0].type_id == clinic.type_id


@pytest.mark.parametrize(
    ("tag", "day", "part"), [("de", "dienstag", "nachmittag"), ("fr", "mardi", "après-midi")]
)
def test_days_and_parts_of_the_day_are_read_in_the_users_language(tag, day, part):
    i18n.set_language(tag)
    known = wish_language.spoken()
    spoken = {name.casefold() for name in known.weekdays[1]}

    assert day in spoken
    assert any(part in name.casefold() for name in known.parts["afternoon"])


def test_wrong_words_are_named_and_what_was_meant_is_one_enter_away(qtbot, window, line):
    say(qtbot, window, line, "smythe chk wendsday")
    assert texts(line) == ["Did you mean “\u2068smythe chk Wednesday\u2069”?"]
    assert "Not understood: “\u2068wendsday\u2069”" in line.hint.text()

    QTest.keyClick(line.field, Qt.Key.Key_Return)
    until(qtbot, lambda: any(text.startswith("Book ") for text in texts(line)))
    assert line.isVisible()
    assert line.field.text() == "smythe chk Wednesday"
    assert "Not understood" not in line.hint.text()


def test_a_line_without_a_name_asks_for_it(qtbot, window, line):
    say(qtbot, window, line, "chk wednesday")

    assert texts(line) == []
    assert "part of the patient’s name" in line.hint.text()


def test_a_provider_who_may_not_give_it_is_named_and_left_out_with_enter(
    qtbot, clinic, smythe, window, line
):
    other = elsewhere(builders.a_provider, clinic, last_name="Chen", initials="LC")
    needed = elsewhere(builders.a_qualification, clinic, "Scaling", clinic.provider_id)
    elsewhere(builders.a_type, clinic, code="SCL", name="Scaling", qualification_ids=(needed,))
    assert other != clinic.provider_id

    say(qtbot, window, line, "smythe scl tue pm chen")
    told = line.hint.text()
    assert "Chen" in told
    assert "is not qualified for \u2068Scaling\u2069. Choose another provider." in told
    assert texts(line) == ["Did you mean “\u2068smythe scl tue pm\u2069”?"]

    QTest.keyClick(line.field, Qt.Key.Key_Return)
    until(qtbot, lambda: any(text.startswith("Book ") for text in texts(line)))
