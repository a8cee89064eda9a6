"""A new patient while somebody is on the phone: nothing is asked twice, nothing typed is lost."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from clinic_desk import i18n
from clinic_desk.models.people import Patient
from clinic_desk.services import patients
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.patients.new_patient import NewPatient
from clinic_desk.views.slots import Slot
from tests import builders
from tests.views.conftest import elsewhere, quiet


@pytest.fixture
def form(qtbot, window: MainWindow, clinic: builders.Clinic):
    """The quick form at a free time."""
    slot = Slot(clinic.span(14), clinic.provider_id, clinic.location_id, None)
    window.begin_form(slot)
    quiet(qtbot, window.desk)
    return window.panel.form


def dialog(qtbot, window: MainWindow) -> NewPatient:
    def there() -> None:
        assert window.findChild(NewPatient) is not None

    qtbot.waitUntil(there)
    found = window.findChild(NewPatient)
    assert found is not None
    qtbot.waitUntil(found.isVisible)
    return found


def typed(widget, text: str) -> None:
    widget.setFocus()
    QTest.keyClicks(widget, text)


def test_the_search_leads_to_a_new_patient_and_back_with_them(qtbot, window, form):
    typed(form.search.field, "xaver unknown")
    qtbot.waitUntil(form.search.new.isVisible)
    assert "xaver unknown" in form.search.new.text()

    QTest.keyClick(form.search.field, Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier)
    made = dialog(qtbot, window)
    fields = made.form.fields
    assert fields.line("last_name").text() == "Unknown"
    assert fields.line("first_name").text() == "Xaver"
    qtbot.waitUntil(fields.line("date_of_birth").hasFocus)
    typed(fields.line("date_of_birth"), "4/12/1986")
    typed(fields.line("phone"), "0664 1234567")
    QTest.keyClick(fields.line("phone"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.search.patient is not None)

    assert form.search.patient.name == "Unknown, Xaver"
    assert form.search.patient.date_of_birth == date(1986, 4, 12)
    assert form.search.patient.phone == "+43 664 1234567"


def test_enter_goes_on_where_nobody_is_found(qtbot, window, form):
    typed(form.search.field, "nobodyatall")
    qtbot.waitUntil(form.search.new.isVisible)

    QTest.keyClick(form.search.field, Qt.Key.Key_Return)

    made = dialog(qtbot, window)
    QTest.keyClick(made.form, Qt.Key.Key_Escape)
    assert form.search.field.text() == "nobodyatall"


def test_somebody_known_is_named_while_one_types(qtbot, window, form, clinic, actor):
    born = date(1986, 4, 12)
    elsewhere(patients.create, actor, first_name="Jane", last_name="Austen", date_of_birth=born)
    form.search.field.setText("Jnae Austen")
    form.search.begin_new()
    made = dialog(qtbot, window)
    typed(made.form.fields.line("date_of_birth"), "4/12/1986")
    qtbot.waitUntil(made.form.known.isVisible)
    (known,) = made.form.known.findChildren(QPushButton)
    assert "Austen, Jane" in known.text()
    assert "same birth date" in known.text()

    QTest.mouseClick(known, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: form.search.patient is not None)

    assert form.search.patient.name == "Austen, Jane"
    assert Patient.select().where(Patient.last_name == "Austen").count() == 1


def test_a_likely_double_is_named_before_anybody_is_written_down(
    qtbot, window, form, clinic, actor
):
    born = date(1986, 4, 12)
    elsewhere(patients.create, actor, first_name="Jane", last_name="Austen", date_of_birth=born)
    form.search.field.setText("Jane Austen")
    form.search.begin_new()
    made = dialog(qtbot, window)
    made.form.fields.line("date_of_birth").setText("4/12/1986")

    QTest.mouseClick(made.form.save, Qt.MouseButton.LeftButton)  # faster than the hint
    qtbot.waitUntil(made.form.known.isVisible)
    qtbot.waitUntil(made.form.save.isEnabled)
    assert "same person" in made.form.told.text()
    assert Patient.select().where(Patient.last_name == "Austen").count() == 1

    QTest.mouseClick(made.form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: form.search.patient is not None)
    assert Patient.select().where(Patient.last_name == "Austen").count() == 2


def test_enter_never_writes_down_an_exact_double(qtbot, window, form, clinic, actor):
    born = date(1986, 4, 12)
    elsewhere(patients.create, actor, first_name="Jane", last_name="Austen", date_of_birth=born)
    form.search.field.setText("jane AUSTEN")
    form.search.begin_new()
    made = dialog(qtbot, window)
    birth = made.form.fields.line("date_of_birth")
    typed(birth, "4/12/1986")
    QTest.keyClick(birth, Qt.Key.Key_Return)  # faster than the hint
    qtbot.waitUntil(made.form.known.isVisible)
    # Hint and refusal each make the list anew, in whichever order they come.
    qtbot.waitUntil(lambda: made.focusWidget() in made.form.known.findChildren(QPushButton))
    assert "same person" in made.form.told.text()
    assert Patient.select().where(Patient.last_name == "Austen").count() == 1

    birth.setFocus()
    QTest.keyClick(birth, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.search.patient is not None)
    assert form.search.patient.name == "Austen, Jane"
    assert Patient.select().where(Patient.last_name.contains("usten")).count() == 1


def test_enter_on_somebody_known_takes_them(qtbot, window, form, clinic, actor):
    born = date(1986, 4, 12)
    elsewhere(patients.create, actor, first_name="Jane", last_name="Austen", date_of_birth=born)
    form.search.field.setText("Jane Austen")
    form.search.begin_new()
    made = dialog(qtbot, window)
    qtbot.waitUntil(made.form.known.isVisible)
    (known,) = made.form.known.findChildren(QPushButton)
    known.setFocus()
    qtbot.waitUntil(known.hasFocus)

    QTest.keyClick(known, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.search.patient is not None)
    assert Patient.select().where(Patient.last_name == "Austen").count() == 1


def test_what_is_wrong_stands_at_its_field_and_all_is_kept(qtbot, window, form):
    form.search.field.setText("Ann Other")
    form.search.begin_new()
    made = dialog(qtbot, window)
    fields = made.form.fields
    typed(fields.line("email"), "no address")
    QTest.mouseClick(made.form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(fields._wrong["email"].isVisible)

    assert fields.line("last_name").text() == "Other"
    assert made.form.save.isEnabled()
    fields.line("date_of_birth").setText("31.31.1986")
    QTest.mouseClick(made.form.save, Qt.MouseButton.LeftButton)
    assert fields._wrong["date_of_birth"].isVisible()


def test_data_in_use_elsewhere_lead_to_the_ways_out(qtbot, window, form, store):
    def somewhere() -> None:
        other = builders.an_actor(builders.a_clinic(store, name="Elsewhere"))
        patients.create(other, first_name="Maria", last_name="Secret", email="m@example.com")

    elsewhere(somewhere)
    form.search.field.setText("Mia Secret")
    form.search.begin_new()
    made = dialog(qtbot, window)
    typed(made.form.fields.line("email"), "m@example.com")
    QTest.mouseClick(made.form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(made.form.sharing.isVisible)
    assert "already in use" in made.form.told.text()
    assert "Maria" not in made.form.told.text()

    QTest.mouseClick(made.form.share, Qt.MouseButton.LeftButton)
    assert made.form.why.hasFocus()
    typed(made.form.why, "Her daughter")
    QTest.mouseClick(made.form.share, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: form.search.patient is not None)

    assert form.search.patient.name == "Secret, Mia"


@pytest.mark.parametrize("country", ["", "AT", "US"])
@pytest.mark.parametrize(
    ("language", "read"),
    [("en", date(1990, 3, 5)), ("en_US", date(1990, 3, 5)), ("en_GB", date(1990, 5, 3))],
)
def test_a_birth_date_is_read_as_the_example_in_its_field_is_written(
    qtbot, window, form, country, language, read
):
    i18n.set_language(language)
    form.search.new.click()
    fields = dialog(qtbot, window).form.fields
    box = fields.box("country")
    box.setCurrentIndex(box.findData(country))
    born = fields.line("date_of_birth")

    typed(born, born.placeholderText())
    assert fields.born() == date(1986, 4, 12)

    born.clear()
    typed(born, "3/5/1990")
    assert fields.born() == read
    assert f"{read:%B}" in fields.read_back.text()
