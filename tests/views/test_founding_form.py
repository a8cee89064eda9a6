"""A clinic of one's own, set up by keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from clinic_desk.services.founding import Founding
from clinic_desk.views.founding_form import FoundingForm


def test_enter_leads_from_field_to_field_and_sets_up_at_the_end(qtbot: QtBot) -> None:
    form = FoundingForm()
    qtbot.addWidget(form)
    wishes: list[Founding] = []
    form.ready.connect(wishes.append)
    form.show()
    form.clinic.setFocus()
    asked = [form.clinic, form.first, form.last, form.user, form.password, form.again]
    given = ["My Clinic", "Eva", "Gruber", "eva", "long enough", "long enough"]
    for field, text in zip(asked, given, strict=True):
        qtbot.waitUntil(field.hasFocus)
        qtbot.keyClicks(field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    (wish,) = wishes
    assert (wish.clinic, wish.provider_last_name, wish.user_name) == ("My Clinic", "Gruber", "eva")


def test_the_rule_for_passwords_is_told_before_it_is_broken(qtbot: QtBot) -> None:
    form = FoundingForm()
    qtbot.addWidget(form)
    assert "8" in form.password.placeholderText()
