"""What was imported before, in the window: who, when, which file, and its result once more."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from clinic_desk.models.people import Role, User
from clinic_desk.rules.permissions import ALL
from clinic_desk.services import import_results, patient_imports, patient_table
from clinic_desk.services.actor import Actor
from clinic_desk.views.main_window import MainWindow
from clinic_desk.views.patients.import_list import ImportList
from clinic_desk.views.patients.import_wizard import ImportWizard
from clinic_desk.views.patients.patients_screen import PatientsScreen
from tests.views.conftest import elsewhere, quiet
from tests.views.patients.conftest import click, shown

LIST = "Last name;First name;E-mail\nFox;Ann;ann@example.com\nWolf;Ben;no address\n"


def imported(actor: Actor, folder: Path, name: str) -> Path:
    """A file of this name was imported; where its result stands."""
    file, result = folder / f"{name}.csv", folder / f"{name} (result).csv"
    file.write_text(LIST, encoding="utf-8")

    def run() -> None:
        form = patient_table.recognised(file, "AT")
        results = patient_imports.run(actor, file, form, result=result)
        import_results.write(result, ("Row",), (), results, lambda one: (str(one.row.number),))

    elsewhere(run)
    return result


def wizard(qtbot: QtBot, section: PatientsScreen) -> ImportWizard:
    click(section.list.bring)
    found = section.findChild(ImportWizard)
    assert found is not None
    qtbot.waitUntil(found.isVisible)
    return found


def listed(qtbot: QtBot, opened: ImportWizard) -> ImportList:
    click(opened.earlier)
    found = opened.findChild(ImportList)
    assert found is not None
    qtbot.waitUntil(found.isVisible)
    quiet(qtbot, opened._desk)
    return found


def test_earlier_imports_are_listed_and_their_result_is_opened_again(
    qtbot: QtBot,
    section: PatientsScreen,
    actor: Actor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = imported(actor, tmp_path, "first")
    kept = imported(actor, tmp_path, "second")
    gone.unlink()
    shown_files: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: shown_files.append(url.toLocalFile())
    )
    made = listed(qtbot, wizard(qtbot, section))

    assert [card.file_name for card in made.cards] == ["second.csv", "first.csv"]
    texts = [made.rows.index(0, place).data() for place in range(1, 5)]
    assert "second.csv" in texts[1]
    assert texts[2:] == ["1", "1"]
    assert "error: 1" in made.detail.text()
    made.table.setFocus()
    QTest.keyClick(made.table, Qt.Key.Key_Return)
    click(made.open_result)
    assert set(shown_files) == {str(kept)}

    QTest.keyClick(made.table, Qt.Key.Key_Down)
    assert not made.open_result.isEnabled()
    assert "on the computer that imported it" in made.place.text()
    assert made.rows.index(1, 3).data() == "1"


def test_without_any_import_a_sentence_stands_there(qtbot: QtBot, section: PatientsScreen) -> None:
    made = listed(qtbot, wizard(qtbot, section))

    assert made.none.isVisible()
    assert "Nothing was imported yet" in made.none.text()
    assert not made.open_result.isEnabled()
    click(made.close_button)
    assert not made.isVisible()


@pytest.mark.parametrize(
    ("missing", "listing", "importing"),
    [("Import Customer Upload", True, False), ("Import Customer Get All", False, True)],
)
def test_each_permission_opens_its_own_part(
    qtbot: QtBot, window: MainWindow, actor: Actor, missing: str, listing: bool, importing: bool
) -> None:
    import json

    def take() -> None:
        role = User.get_by_id(actor.user_id).role_id
        Role.update(permissions=json.dumps(sorted(set(ALL) - {missing}))).where(
            Role.id == role
        ).execute()
        actor.store.forget_catalogue(actor.organisation_id)

    elsewhere(take)
    window.desk.renew_catalogue()
    quiet(qtbot, window.desk)
    opened = wizard(qtbot, shown(qtbot, window))

    assert opened.earlier.isVisible() is listing
    assert opened.go_on.isEnabled() is importing
    if not importing:
        assert missing in opened.go_on.toolTip()
