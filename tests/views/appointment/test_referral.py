"""Referrals on a visit in its editor: written, chosen, removed, with a file in and out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from clinic_desk.services import patient_files, referrals
from clinic_desk.services.actor import Actor
from clinic_desk.services.referrals import Direction
from clinic_desk.views import robot
from clinic_desk.views.appointment.referral import ReferralPart
from clinic_desk.views.appointment_editor import AppointmentEditor
from clinic_desk.views.desk import Desk
from tests import builders
from tests.views.conftest import elsewhere, quiet

Open = Callable[[int], AppointmentEditor]
GRUBER = {"direction": Direction.FROM, "name": "Dr Gruber", "note": "Pain"}
MOSER = {"direction": Direction.TO, "name": "Dr Moser", "note": "Urgent"}


def shown(qtbot: QtBot, desk: Desk, form: AppointmentEditor) -> ReferralPart:
    part = form.parts.show_part("referral")
    assert isinstance(part, ReferralPart)
    quiet(qtbot, desk)
    return part


def is_edited(form: AppointmentEditor) -> bool:
    """Whether it holds something unsaved; asked anew each time."""
    return form.is_edited


def choose(qtbot: QtBot, desk: Desk, part: ReferralPart, place: int) -> None:
    """A click on a line of the list."""
    item = part.list.topLevelItem(place)
    assert item is not None
    where = part.list.visualItemRect(item).center()
    QTest.mouseClick(part.list.viewport(), Qt.MouseButton.LeftButton, pos=where)
    quiet(qtbot, desk)


def test_a_referral_is_written_by_hand_and_listed(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    form = editor(number)
    part = shown(qtbot, desk, form)
    assert part.empty.isVisible()
    assert not part.keep.isEnabled()
    part.direction.setFocus()
    robot.key(part.direction, Qt.Key.Key_Down)
    robot.write(part.name, "Dr Moser")
    robot.write(part.note, "Please look")
    assert is_edited(form)
    robot.click(part.keep)
    quiet(qtbot, desk)
    (card,) = elsewhere(referrals.of_visit, actor, number)
    assert (card.direction, card.name) == (Direction.TO, "Dr Moser")
    assert part.list.topLevelItemCount() == 1
    assert not part.empty.isVisible()
    assert not is_edited(form)
    robot.click(part.new)
    assert not part.name.text()
    desk.undo()
    quiet(qtbot, desk)
    assert part.list.topLevelItemCount() == 0
    desk.redo()
    quiet(qtbot, desk)
    assert part.list.topLevelItemCount() == 1


def test_one_is_chosen_and_what_is_typed_is_not_lost_by_choosing_another(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    for fields in (GRUBER, MOSER):
        elsewhere(referrals.create, actor, number, **fields)
    part = shown(qtbot, desk, editor(number))
    choose(qtbot, desk, part, 0)
    assert (part.name.text(), part.note.toPlainText()) == ("Dr Gruber", "Pain")
    robot.write(part.name, ", Graz")
    choose(qtbot, desk, part, 1)
    assert part.name.text() == "Dr Gruber, Graz"
    assert part.list.currentItem() is part.list.topLevelItem(0)
    assert "Save this referral first" in part.told.text()
    robot.click(part.discard)
    choose(qtbot, desk, part, 1)
    assert part.name.text() == "Dr Moser"
    assert not part.unsaved


def test_without_a_name_it_is_told_at_the_name(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, editor: Open
) -> None:
    form = editor(builders.an_appointment(clinic))
    part = shown(qtbot, desk, form)
    robot.write(part.note, "Please look")
    robot.click(form.save_button)
    quiet(qtbot, desk)
    assert form.isVisible()
    assert "name is missing" in robot.find(part, QLabel, "referral-fields-name-wrong").text()
    assert part.note.toPlainText() == "Please look"


def test_a_referral_is_removed_after_a_question(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open
) -> None:
    number = builders.an_appointment(clinic)
    elsewhere(referrals.create, actor, number, **GRUBER)
    part = shown(qtbot, desk, editor(number))
    choose(qtbot, desk, part, 0)
    robot.click(part.drop)
    robot.click(robot.find(part, QAbstractButton, "referral-spare"))
    assert len(elsewhere(referrals.of_visit, actor, number)) == 1
    robot.click(part.drop)
    robot.click(robot.find(part, QAbstractButton, "referral-really"))
    quiet(qtbot, desk)
    assert elsewhere(referrals.of_visit, actor, number) == ()
    assert part.empty.isVisible()
    assert not part.name.text()


def test_a_file_goes_in_with_it_and_comes_out_again(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open, tmp_path: Path
) -> None:
    number = builders.an_appointment(clinic)
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.7 letter")
    part = shown(qtbot, desk, editor(number))
    robot.write(part.name, "Dr Gruber")
    part.upload(letter)
    quiet(qtbot, desk)
    assert "letter.pdf" in part.file.text()
    robot.click(part.keep)
    quiet(qtbot, desk)
    (card,) = elsewhere(referrals.of_visit, actor, number)
    assert card.has_file
    copy = tmp_path / "copy.pdf"
    copy.write_bytes(b"older")
    part.save_copy(copy)
    quiet(qtbot, desk)
    assert copy.read_bytes() == letter.read_bytes()
    robot.click(part.detach)
    robot.click(part.keep)
    quiet(qtbot, desk)
    (card,) = elsewhere(referrals.of_visit, actor, number)
    assert not card.has_file
    assert len(elsewhere(patient_files.documents, actor, clinic.patient_id)) == 1


def test_a_file_that_cannot_be_kept_says_why(
    qtbot: QtBot, clinic: builders.Clinic, desk: Desk, editor: Open, tmp_path: Path
) -> None:
    program = tmp_path / "setup.exe"
    program.write_bytes(b"MZ")
    part = shown(qtbot, desk, editor(builders.an_appointment(clinic)))
    part.upload(program)
    quiet(qtbot, desk)
    assert robot.find(part, QLabel, "referral-fields-file-wrong").isVisible()
    assert part.file.text() == "No file."


@pytest.mark.parametrize("removed", [True, False])
def test_what_a_colleague_did_meanwhile_loses_nothing(
    qtbot: QtBot, clinic: builders.Clinic, actor: Actor, desk: Desk, editor: Open, removed: bool
) -> None:
    number = builders.an_appointment(clinic)
    card = elsewhere(referrals.create, actor, number, **GRUBER).value.card
    part = shown(qtbot, desk, editor(number))
    choose(qtbot, desk, part, 0)
    robot.write(part.name, ", Graz")
    if removed:
        elsewhere(referrals.remove, actor, card.id, version=1)
    else:
        elsewhere(referrals.change, actor, card.id, version=1, **MOSER, document_id=None)
    desk.announce([("referral", card.id)])
    quiet(qtbot, desk)
    assert part.name.text() == "Dr Gruber, Graz"
    assert part.unsaved
    if not removed:
        assert "Dr Moser" in part.stale_text.text()
        robot.click(robot.find(part, QAbstractButton, "referral-use-mine"))
    else:
        robot.click(part.keep)
    quiet(qtbot, desk)
    (now,) = elsewhere(referrals.of_visit, actor, number)
    assert now.name == "Dr Gruber, Graz"


def test_who_may_only_see_the_list_reads_no_letter(
    qtbot: QtBot,
    clinic: builders.Clinic,
    actor: Actor,
    desk: Desk,
    editor: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = builders.an_appointment(clinic)
    elsewhere(referrals.create, actor, number, **GRUBER)
    monkeypatch.setattr(Desk, "may", lambda _self, name: name == "Appointment Referral Get All")
    part = shown(qtbot, desk, editor(number))
    assert part.name.isReadOnly()
    choose(qtbot, desk, part, 0)
    assert "Appointment Referral Show" in part.told.text()
    assert not part.note.toPlainText()


def test_who_may_not_see_referrals_has_no_such_tab(
    clinic: builders.Clinic, editor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "may", lambda _self, name: name != "Appointment Referral Get All")
    form = editor(builders.an_appointment(clinic))
    assert "Referrals" not in [form.tabs.tabText(n) for n in range(form.tabs.count())]
