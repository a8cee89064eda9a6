"""A clinic of one's own, set up by keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel
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


def test_the_country_comes_with_the_time_zone_until_it_is_chosen(qtbot: QtBot) -> None:
    """Not with the language: a clinic in Vienna that is set up in English dials as Vienna does."""
    form = FoundingForm()
    qtbot.addWidget(form)
    form.show()
    for zone, country in (("europe/vien", "AT"), ("calcutta", "IN"), ("America/New_Y", "US")):
        form.zone.setFocus()
        _write(qtbot, form.zone, zone)
        _take_first(qtbot, form.zone)
        assert form.country.country() == country, zone
    form.country.setFocus()
    _write(qtbot, form.country, "liecht")
    _take_first(qtbot, form.country)
    assert form.country.currentText() == "Liechtenstein" and form.country.country() == "LI"
    _write(qtbot, form.zone, "Europe/Berlin")
    assert form.country.country() == "LI"


def test_without_a_country_nothing_is_set_up_and_the_field_says_so(qtbot: QtBot) -> None:
    form = FoundingForm()
    qtbot.addWidget(form)
    wishes: list[Founding] = []
    form.ready.connect(wishes.append)
    form.show()
    for field, text in (
        (form.clinic, "Mine"), (form.last, "Gruber"), (form.user, "eva"),
        (form.password, "long enough"), (form.again, "long enough"),
    ):  # fmt: skip
        qtbot.keyClicks(field, text)
    _write(qtbot, form.country, "Atlantis")
    form.submit()
    told = form.findChild(QLabel, "founding-fields-country-wrong")
    assert not wishes and told is not None and told.isVisible() and "country" in told.text()
    _write(qtbot, form.country, "ch")
    form.submit()
    assert [wish.country for wish in wishes] == ["CH"]


def _write(qtbot: QtBot, field: QComboBox, text: str) -> None:
    line = field.lineEdit()
    assert line is not None
    line.selectAll()
    qtbot.keyClicks(line, text)


def _take_first(qtbot: QtBot, field: QComboBox) -> None:
    finder = field.completer()
    assert finder is not None
    popup = finder.popup()
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
