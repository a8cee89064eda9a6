"""Another program's patients come in by the window: looked at, mended by hand, stopped, told."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton
from pytestqt.qtbot import QtBot

from clinic_desk.models.people import Patient
from clinic_desk.rules.written_dates import Order
from clinic_desk.views.leaving import LeavingQuestion
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.patients.import_reading import plain
from clinic_desk.views.patients.import_wizard import ImportWizard
from clinic_desk.views.patients.patients_screen import PatientsScreen
from tests.views.conftest import elsewhere, quiet
from tests.views.patients.conftest import Register, click, typed

LIST = """Nachname;Vorname;Geboren;Telefon;E-Mail;Ort
Müller;Jörg;12.4.1986;0664 1234567;joerg@example.com;Graz
Öztürk;Ayşe;1.2.1990;;;Wien
Wrong;Mail;1.2.1991;;no address;Linz
Austen;Jane;12.4.1986;;;Bath
"""


def file(folder: Path, text: str = LIST, encoding: str = "windows-1254") -> Path:
    made = folder / "old patients.csv"
    made.write_bytes(text.encode(encoding))
    return made


@pytest.fixture
def wizard(qtbot: QtBot, section: PatientsScreen) -> ImportWizard:
    """As a click on "Import…" opens it."""
    click(section.list.bring)
    found = section.findChild(ImportWizard)
    assert found is not None
    qtbot.waitUntil(found.isVisible)
    return found


def named(qtbot: QtBot, wizard: ImportWizard, path: Path) -> None:
    """The file's place is typed, Enter reads it."""
    wizard.field.clear()
    typed(wizard.field, str(path))
    QTest.keyClick(wizard.field, Qt.Key.Key_Return)
    quiet(qtbot, wizard._desk)


def taken(name: str) -> Patient | None:
    found: Patient | None = elsewhere(lambda: Patient.get_or_none(Patient.last_name == name))
    return found


def results(wizard: ImportWizard) -> list[list[str]]:
    """The lines of the file of results that has been written."""
    assert wizard.result_path is not None
    with wizard.result_path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def is_ready(wizard: ImportWizard) -> bool:
    """Whether the columns make sense by now; asked anew each time."""
    return wizard.columns.ready


def test_a_list_is_recognised_previewed_and_taken_over(
    qtbot: QtBot, window: MainWindow, section: PatientsScreen, wizard: ImportWizard,
    register: Register, tmp_path: Path,
):  # fmt: skip
    from datetime import date

    register("Jane", "Austen", date_of_birth=date(1986, 4, 12))
    named(qtbot, wizard, file(tmp_path, encoding="utf-8"))
    columns = wizard.columns
    assert columns.delimiter.currentData() == ";"
    assert [box.currentData() for box in columns.boxes] == [
        "last_name", "first_name", "date_of_birth", "phone", "email", "city",
    ]  # fmt: skip
    told = [columns.preview.index(n, 1).data() for n in range(columns.preview.rowCount())]
    assert [text.partition(" ")[0] for text in told] == ["✓", "✓", "✗", "="]
    assert taken("Müller") is None

    click(wizard.begin_button)
    qtbot.waitUntil(lambda: wizard.pages.currentIndex() == 3, timeout=20_000)
    quiet(qtbot, section.desk)

    assert "2 patients" in wizard.result_title.text()
    assert "known already: 1" in wizard.result_counts.text()
    rows = results(wizard)
    assert [row[1] for row in rows] == ["Result", "created", "created", "error", "known already"]
    assert "mail address" in rows[3][3]
    assert rows[1][4:6] == ["Müller", "Jörg"]
    somebody = taken("Öztürk")
    assert somebody is not None
    assert somebody.first_name == "Ayşe"
    click(wizard.close_button)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(section.list.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    said = "Not undone: Patients imported. An import is not taken back as one change."
    assert window.messages.text.startswith(said)
    assert "Müller, Jörg" in [card.name for card in section.list.model.patients]


def test_what_was_recognised_wrongly_is_mended_by_hand(
    qtbot: QtBot, wizard: ImportWizard, tmp_path: Path
):
    text = "Eins;Zwei;Drei\nMüller;Jörg;2.3.1990\nŐrsi;Anna;4.5.1991\n"
    named(qtbot, wizard, file(tmp_path, text, "iso-8859-2"))
    columns = wizard.columns
    assert not is_ready(wizard)
    assert columns.told.isVisible()
    assert not wizard.begin_button.isEnabled()

    place = columns.encoding.findData("iso-8859-2")
    columns.encoding.setCurrentIndex(place)
    columns.encoding.activated.emit(place)
    quiet(qtbot, wizard._desk)
    columns.headings.setFocus()
    if not columns.headings.isChecked():
        QTest.keyClick(columns.headings, Qt.Key.Key_Space)
        quiet(qtbot, wizard._desk)
    for number, name in enumerate(("last_name", "first_name", "date_of_birth")):
        box = columns.boxes[number]
        box.setFocus()
        while box.currentData() != name:
            before = box.currentIndex()
            QTest.keyClick(box, Qt.Key.Key_Down)
            assert box.currentIndex() == before + 1
            quiet(qtbot, wizard._desk)
    assert is_ready(wizard)
    # Each field comes from one column.
    box = columns.boxes[0]
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    quiet(qtbot, wizard._desk)
    assert "First name" in columns.told.text()
    assert not wizard.begin_button.isEnabled()
    QTest.keyClick(box, Qt.Key.Key_Up)
    quiet(qtbot, wizard._desk)
    assert not columns.told.isVisible()
    click(wizard.begin_button)
    qtbot.waitUntil(lambda: wizard.pages.currentIndex() == 3, timeout=20_000)
    assert taken("Őrsi") is not None


def previewed(wizard: ImportWizard, heading: str) -> list[str]:
    """What the preview shows under *heading*."""
    model = wizard.columns.preview
    heads = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount())]
    place = heads.index(heading)
    return [plain(model.index(n, place).data()) for n in range(model.rowCount())]


def chosen(qtbot: QtBot, wizard: ImportWizard, box: QComboBox, value: object) -> None:
    """*value* is reached in *box* by the arrow keys."""
    box.setFocus()
    goal = box.findData(value)
    key = Qt.Key.Key_Up if goal < box.currentIndex() else Qt.Key.Key_Down
    for _step in range(abs(goal - box.currentIndex())):
        QTest.keyClick(box, key)
        quiet(qtbot, wizard._desk)
    assert box.currentData() == value


def test_western_names_come_in_as_they_are_written_and_another_encoding_shows_at_once(
    qtbot: QtBot, wizard: ImportWizard, tmp_path: Path
):
    text = "Last name;First name\n" + "Muñoz;João\nNúñez;Hélène\n" * 10
    named(qtbot, wizard, file(tmp_path, text, "iso-8859-1"))
    columns = wizard.columns
    assert columns.encoding.currentData() == "windows-1252"
    assert previewed(wizard, "First name")[:2] == ["João", "Hélène"]

    chosen(qtbot, wizard, columns.encoding, "windows-1250")
    assert previewed(wizard, "First name")[:2] == ["Joăo", "Hélčne"]
    chosen(qtbot, wizard, columns.encoding, "windows-1252")
    assert previewed(wizard, "First name")[:2] == ["João", "Hélène"]


def test_the_preview_says_how_a_date_is_understood(
    qtbot: QtBot, wizard: ImportWizard, tmp_path: Path
):
    text = "last name;dob;city\nMüller;04.12.1986;\nAusten;04/12/86; \nWrong;soon;Bath\n"
    named(qtbot, wizard, file(tmp_path, text, "utf-8"))
    assert previewed(wizard, "Date of birth") == [
        "04.12.1986 = December 4, 1986", "04/12/86 = December 4, 1986", "soon",
    ]  # fmt: skip
    example = wizard.columns.table.item(1, 1)
    assert example is not None
    assert plain(example.text()) == "04.12.1986 = December 4, 1986"
    example = wizard.columns.table.item(2, 1)  # empty in the first rows
    assert example is not None
    assert plain(example.text()) == "Bath"

    chosen(qtbot, wizard, wizard.columns.dates, Order.MONTH)
    assert previewed(wizard, "Date of birth")[1] == "04/12/86 = April 12, 1986"


def test_the_preview_shows_the_names_as_they_would_be_stored(
    qtbot: QtBot, wizard: ImportWizard, tmp_path: Path
):
    text = "Name;Vorname;Geburtsdatum\nvan der Zwick;Ursula;3.2.1977\nWrong;Jo;soon\n"
    named(qtbot, wizard, file(tmp_path, text + "van der Zwick;Ursula;3.2.1977\n", "utf-8"))
    assert [box.currentData() for box in wizard.columns.boxes][:2] == ["last_name", "first_name"]
    assert "row 1" in previewed(wizard, "Reason")[2]

    chosen(qtbot, wizard, wizard.columns.boxes[1], "")
    chosen(qtbot, wizard, wizard.columns.boxes[0], "name")
    assert previewed(wizard, "Last name") == ["Zwick", "Wrong", "Zwick"]
    assert previewed(wizard, "First name")[0] == "van der"
    chosen(qtbot, wizard, wizard.columns.boxes[1], "first_name")
    assert previewed(wizard, "Last name") == ["van der Zwick", "Wrong", "van der Zwick"]
    assert previewed(wizard, "First name") == ["Ursula", "Jo", "Ursula"]


def test_columns_changed_by_hand_are_not_closed_away_unasked(
    qtbot: QtBot, wizard: ImportWizard, tmp_path: Path
):
    named(qtbot, wizard, file(tmp_path))
    box = wizard.columns.boxes[5]
    chosen(qtbot, wizard, box, "")
    # Back to the file and on again, they are as they were left.
    click(wizard.back)
    click(wizard.go_on)
    quiet(qtbot, wizard._desk)
    assert wizard.pages.currentIndex() == 1
    assert wizard.columns.boxes[5].currentData() == ""

    QTest.keyClick(wizard, Qt.Key.Key_Escape)
    asked = wizard.findChild(LeavingQuestion)
    assert asked is not None
    qtbot.waitUntil(asked.isVisible)
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    assert wizard.isVisible()
    QTest.keyClick(wizard, Qt.Key.Key_Escape)
    save = next(one for one in wizard.findChildren(QPushButton, "leaving-save") if one.isVisible())
    assert save.text() == wizard.begin_button.text()
    click(save)
    qtbot.waitUntil(lambda: wizard.pages.currentIndex() == 3, timeout=20_000)
    somebody = taken("Müller")
    assert somebody is not None
    assert somebody.city == ""
    QTest.keyClick(wizard, Qt.Key.Key_Escape)
    assert not wizard.isVisible()


def test_a_look_alone_is_closed_without_a_question(
    qtbot: QtBot, wizard: ImportWizard, tmp_path: Path
):
    named(qtbot, wizard, file(tmp_path))
    QTest.keyClick(wizard, Qt.Key.Key_Escape)
    assert not wizard.isVisible()


def test_a_long_one_can_be_stopped_and_goes_on_where_it_was(
    qtbot: QtBot, wizard: ImportWizard, tmp_path: Path
):
    lines = [f"Many{number:05};Ann" for number in range(3000)]
    path = file(tmp_path, "\n".join(["Nachname;Vorname", *lines]), "utf-8")
    named(qtbot, wizard, path)
    click(wizard.begin_button)
    qtbot.waitUntil(lambda: wizard.bar.value() > 0, timeout=20_000)
    QTest.keyClick(wizard, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: wizard.pages.currentIndex() == 3, timeout=20_000)

    assert "stopped" in wizard.result_title.text()
    told = [row[1] for row in results(wizard)][1:]
    done = told.count("created")
    assert len(told) == 3000
    assert 0 < done < 3000
    assert done + told.count("not done") == 3000
    count = elsewhere(lambda: Patient.select().where(Patient.last_name.startswith("Many")).count())
    assert count == done


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "nothing in this file"), (b"PK\x03\x04 a workbook", "save it as CSV")],
)
def test_what_is_no_list_is_refused_with_a_way_out(
    qtbot: QtBot, wizard: ImportWizard, tmp_path: Path, content: bytes, said: str
):
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    named(qtbot, wizard, path)
    assert said in wizard.told.text()
    assert wizard.pages.currentIndex() == 0

    named(qtbot, wizard, tmp_path / "missing.csv")
    assert "missing.csv" in wizard.told.text()
    click(wizard.go_on)
    quiet(qtbot, wizard._desk)
    assert wizard.go_on.isEnabled()


def test_a_result_that_cannot_be_written_keeps_everybody_out(
    qtbot: QtBot, wizard: ImportWizard, tmp_path: Path
):
    named(qtbot, wizard, file(tmp_path))
    wizard.result_field.clear()
    typed(wizard.result_field, str(tmp_path / "no such folder" / "result.csv"))
    click(wizard.begin_button)
    qtbot.waitUntil(wizard.refused.isVisible, timeout=10_000)

    assert taken("Müller") is None
    wizard.result_field.clear()
    assert wizard.path is not None
    typed(wizard.result_field, str(wizard.path))
    click(wizard.begin_button)
    assert "file of its own" in wizard.refused.text()
    assert wizard.path.read_bytes() == LIST.encode("windows-1254")


def test_a_file_may_be_dropped(qtbot: QtBot, wizard: ImportWizard, tmp_path: Path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file(tmp_path, encoding="utf-16")))])
    none = Qt.KeyboardModifier.NoModifier
    left, copy = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(50, 50), copy, data, left, none)
    QApplication.sendEvent(wizard, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(wizard, QDropEvent(QPoint(50, 50), copy, data, left, none))
    quiet(qtbot, wizard._desk)

    assert wizard.pages.currentIndex() == 1
    assert wizard.columns.ready
