"""The two commands, as far as they can be tried without installing anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dev
import environment
import machine
import pytest

DEV = Path(dev.__file__)


@pytest.fixture
def calls(monkeypatch):
    """A machine that has everything; what would be run is written down instead."""
    ran: list[list[str]] = []
    codes: dict[str, int] = {}

    def run(command, environ=None):
        words = [str(part) for part in command]
        ran.append(words)
        return next((code for word, code in codes.items() if any(word in w for w in words)), 0)

    monkeypatch.setattr(machine, "provide", lambda _needs, _say: None)
    monkeypatch.setattr(environment, "prepare", lambda _requirements, _say: Path("python"))
    monkeypatch.setattr(dev, "run", run)
    return ran, codes


def test_the_tests_come_last_after_lint_format_types_and_contracts(calls):
    ran, _codes = calls

    assert dev.main(["test"]) == 0

    assert [Path(command[0]).stem for command in ran[2:-1]] == [
        "ruff",
        "ruff",
        "mypy",
        "lint-imports",
    ]
    assert ran[-1][1:] == ["-m", "pytest", *dev.AT_ONCE]


def test_a_failed_check_fails_the_run_and_the_tests_are_run_all_the_same(calls, capsys):
    ran, codes = calls
    codes["mypy"] = 1

    assert dev.main(["test"]) == 1

    assert ran[-1][1:] == ["-m", "pytest", *dev.AT_ONCE]
    assert "types" in capsys.readouterr().out.splitlines()[-1]


def test_failed_tests_fail_the_run_with_nothing_said_after_pytests_summary(calls, capsys):
    _ran, codes = calls
    codes["pytest"] = 1

    assert dev.main(["test"]) == 1

    assert capsys.readouterr().out.splitlines()[-1].startswith("—")


def test_arguments_of_test_go_to_pytest_alone(calls):
    ran, _codes = calls

    assert dev.main(["test", "tests/rules", "-q"]) == 0

    assert ran[-1][1:] == ["-m", "pytest", "tests/rules", "-q"]
    assert not any("mypy" in word for command in ran for word in command)


def test_without_a_screen_the_tour_is_run_and_its_folder_named(calls, capsys, monkeypatch):
    ran, _codes = calls
    monkeypatch.setattr(machine, "has_screen", lambda: False)

    assert dev.main(["demo"]) == 0

    assert ran[-1][1:] == ["-m", "clinic_desk", "tour", "--out", str(dev.PICTURES)]
    assert str(dev.PICTURES) in capsys.readouterr().out


def test_with_a_screen_the_demo_clinic_opens(calls, monkeypatch):
    ran, _codes = calls
    monkeypatch.setattr(machine, "has_screen", lambda: True)

    assert dev.main(["demo", "--fresh"]) == 0

    assert ran[-1][1:] == ["-m", "clinic_desk", "demo", "--fresh"]


def test_what_the_machine_lacks_is_a_sentence_and_exit_code_3(calls, capsys, monkeypatch):
    def lacking(_needs, _say):
        raise machine.Missing("This machine lacks a floor.")

    monkeypatch.setattr(machine, "provide", lacking)

    assert dev.main(["test"]) == 3
    assert capsys.readouterr().err == "This machine lacks a floor.\n"


@pytest.mark.parametrize("arguments", [[], ["dance"], ["check", "this"]])
def test_wrong_usage_is_exit_code_2_with_the_manual(calls, capsys, arguments):
    assert dev.main(arguments) == 2
    assert "installer/dev.py demo" in capsys.readouterr().err


def test_the_tests_see_nothing_of_the_users_own_set_up(monkeypatch):
    monkeypatch.setenv("CLINIC_DESK_DATABASE", "postgresql://real/clinic")
    monkeypatch.setenv("CLINIC_DESK_TEST_DATABASE", "postgresql://test/server")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)

    found = dev.test_environment()

    assert "CLINIC_DESK_DATABASE" not in found
    assert found["CLINIC_DESK_TEST_DATABASE"] == "postgresql://test/server"
    assert found["QT_QPA_PLATFORM"] == "offscreen"


def test_an_old_python_is_told_what_is_needed(tmp_path):
    """As in Python 3.10: the check stands before anything that an old one does not know."""
    story = (
        "import shutil, sys; sys.version_info = (3, 10, 0); sys.version = '3.10.0 (main)';"
        "shutil.which = lambda name: None;"
        f"import runpy; runpy.run_path({str(DEV)!r}, run_name='__main__')"
    )

    done = subprocess.run(
        [sys.executable, "-c", story], capture_output=True, text=True, check=False
    )

    assert done.returncode == 3
    assert "needs Python 3.11 or newer, and this is 3.10.0" in done.stderr


def test_the_workshop_needs_the_standard_library_alone():
    """It runs before anything is installed."""
    for file in (DEV, Path(machine.__file__), Path(environment.__file__)):
        story = f"import sys; sys.path.insert(0, {str(DEV.parent)!r}); import {file.stem}"
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", story], capture_output=True, text=True, check=False
        )

        assert done.returncode == 0, done.stderr


def test_continuous_integration_runs_the_readmes_command():
    root = environment.ROOT
    command = "python3 installer/dev.py test"

    assert command in (root / "README.md").read_text("utf-8")
    assert (root / ".ci/run").read_text("utf-8").rstrip().endswith(f"exec {command}")
