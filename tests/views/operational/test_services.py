"""Appointment types, service codes, modifiers and qualifications in the window."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.services import clinic_providers, clinic_types, service_codes
from clinic_desk.services.actor import Actor
from clinic_desk.services.clinic_cards import CodeDraft
from clinic_desk.views import robot
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.book_page import BookPage
from clinic_desk.views.operational.codes import CodeForm, Codes, QualificationForm
from clinic_desk.views.operational.operational_screen import OperationalScreen
from clinic_desk.views.operational.type_page import TypeForm
from tests import builders
from tests.builders import Clinic
from tests.views.conftest import elsewhere, quiet
from tests.views.operational.conftest import choose, form, names, page, pick, save, seen, write


def renewed(qtbot: QtBot, desk: Desk) -> None:
    desk.renew_catalogue()
    quiet(qtbot, desk)


def test_a_type_is_added_with_its_length_buffers_colour_and_code(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    code = elsewhere(service_codes.add_code, actor, CodeDraft("D0150", "Exam")).value
    book = page(qtbot, section, "types")
    renewed(qtbot, book.desk)
    robot.click(book.face.add)
    fields = form(book, TypeForm)
    write(fields.name, "Crown")
    write(fields.code, "CRN")
    for field, text in ((fields.length, "90"), (fields.before, "5"), (fields.after, "10")):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
    write(fields.colour.text, "#102030")
    pick(fields.service, "D0150")
    seen(book, fields.exam)
    robot.click(fields.exam)
    save(qtbot, book)

    (made,) = [card for card in elsewhere(clinic_types.types, actor) if card.name == "Crown"]
    assert (made.code, made.minutes, made.before_minutes, made.after_minutes) == ("CRN", 90, 5, 10)
    assert (made.colour, made.requires_exam, made.service_code_id) == ("#102030", True, code.id)
    assert "Crown" in names(book)


def test_a_colour_says_what_reads_on_it_and_with_what_it_is_confused(
    qtbot: QtBot, section: OperationalScreen, clinic: Clinic
) -> None:
    elsewhere(builders.a_type, clinic, name="Filling", code="FIL", colour="#c00000")
    book = page(qtbot, section, "types")
    renewed(qtbot, book.desk)
    robot.click(book.face.add)
    colour = form(book, TypeForm).colour
    write(colour.text, "#fafafa")
    assert "Black letters read well" in colour.hint.text() and "pale" in colour.hint.text()
    write(colour.text, "#c00208")
    assert "White letters" in colour.hint.text() and "FIL" in colour.hint.text()
    write(colour.text, "red")
    assert colour.hint.text() == "Write the colour as #rrggbb, or choose it."


def test_asking_for_a_qualification_names_the_visits_of_those_who_lack_it(
    qtbot: QtBot, section: OperationalScreen, actor: Actor, clinic: Clinic
) -> None:
    elsewhere(builders.an_appointment, clinic, clinic.span(10))
    skill = elsewhere(builders.a_qualification, clinic, "Orthodontist")
    book = page(qtbot, section, "types")
    renewed(qtbot, book.desk)
    choose(qtbot, book, names(book)[0])
    fields = form(book, TypeForm)
    seen(book, fields.who)
    fields.who.setFocus()
    fields.who.setCurrentRow(0)
    QTest.keyClick(fields.who, Qt.Key.Key_Space)
    save(qtbot, book)

    assert book.face.impact.text.text() == "1 future appointment would no longer fit."
    robot.click(book.face.impact.save)
    quiet(qtbot, book.desk)
    stored = elsewhere(clinic_types.type_, actor, clinic.type_id)
    assert stored.qualification_ids == frozenset({skill})


@pytest.mark.parametrize(
    ("name", "query"), [("codes", service_codes.codes), ("modifiers", service_codes.modifiers)]
)
def test_a_code_is_added_changed_and_taken_out_of_use(
    qtbot: QtBot, section: OperationalScreen, actor: Actor, name: str, query: Any
) -> None:
    book = page(qtbot, section, name)
    assert book.face.none.text() == "Nothing yet." and book.face.none.isVisible()
    robot.click(book.face.add)
    fields = form(book, CodeForm)
    write(fields.code, "D1110")
    write(fields.name, "Cleaning")
    save(qtbot, book)
    write(fields.name, "Adult cleaning")
    QTest.keyClick(fields.active, Qt.Key.Key_Space)
    save(qtbot, book)

    (card,) = elsewhere(query, actor)
    assert (card.code, card.name, card.active) == ("D1110", "Adult cleaning", False)
    assert names(book) == []


def test_a_code_that_is_there_already_is_refused_beside_its_field(
    qtbot: QtBot, section: OperationalScreen, actor: Actor
) -> None:
    elsewhere(service_codes.add_code, actor, CodeDraft("D1110", "Cleaning"))
    book = page(qtbot, section, "codes")
    robot.click(book.face.add)
    fields = form(book, CodeForm)
    write(fields.code, "d1110")
    write(fields.name, "Again")
    save(qtbot, book)
    assert fields.fields._wrong["code"].isVisible() and fields.name.text() == "Again"


def test_a_qualification_in_use_stays_and_one_that_is_not_goes(
    qtbot: QtBot, section: OperationalScreen, actor: Actor, clinic: Clinic
) -> None:
    elsewhere(builders.a_qualification, clinic, "Dentist", clinic.provider_id)
    book = page(qtbot, section, "qualifications")
    robot.click(book.face.add)
    write(form(book, QualificationForm).name, "Piercer")
    save(qtbot, book)
    robot.click(book.face.remove)
    quiet(qtbot, book.desk)
    assert names(book) == ["Dentist"]

    choose(qtbot, book, "Dentist")
    robot.click(book.face.remove)
    quiet(qtbot, book.desk)
    assert book.told.isVisible() and "Dentist" in book.told.text()
    assert [n for _id, n in elsewhere(clinic_providers.qualifications, actor)] == ["Dentist"]


def test_whoever_may_only_look_finds_everything_and_changes_nothing(
    qtbot: QtBot, desk: Desk, clinic: Clinic, actor: Actor
) -> None:
    service_codes.add_code(actor, CodeDraft("D1110", "Cleaning"))
    less = builders.an_actor(clinic, frozenset({"Service Get All", "Service Show"}))
    own = Desk(less, desk.background, less.store.catalogue(less.organisation_id))
    book = BookPage(Codes(), own)
    qtbot.addWidget(book)
    book.show()
    quiet(qtbot, own)
    choose(qtbot, book, "D1110")
    fields = form(book, CodeForm)
    assert fields.code.text() == "D1110" and not fields.code.isEnabled()
    assert "Service Update All" in fields.code.toolTip()
    assert not book.face.add.isEnabled() and not book.save_button.isEnabled()
