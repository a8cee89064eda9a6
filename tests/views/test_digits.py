"""One screen, one kind of digits: fields write them as the texts beside them do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from clinic_desk import i18n
from clinic_desk.services.actor import Actor
from clinic_desk.views.app import speak
from clinic_desk.views.visit_form import VisitForm
from tests import builders
from tests.views.conftest import stored


@pytest.fixture(autouse=True)
def as_before(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize("language", ["en_US", "de", "ar"])
def test_times_and_days_in_fields_have_the_digits_of_the_texts(
    qtbot: QtBot, qapp: QApplication, clinic: builders.Clinic, actor: Actor, language: str
) -> None:
    speak(qapp, language)
    form = VisitForm(actor.store.catalogue(actor.organisation_id))
    qtbot.addWidget(form)
    number = builders.an_appointment(clinic, clinic.span(9))
    form.fill(stored(actor, number))
    told = i18n.minute_text(9 * 60)
    assert "9" in told
    for text in (form.start.text(), form.day.text(), form.minutes.text()):
        assert not [sign for sign in text if sign.isdigit() and not sign.isascii()], text
    assert "9:00" in form.start.text().replace("09", "9")
