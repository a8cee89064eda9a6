"""The project's own Python environment: made once, renewed when it must be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import environment
import pytest
from machine import Missing


def test_programs_are_found_where_each_system_puts_them():
    folder = Path("x")

    assert environment.python(folder, "linux") == folder / "bin/python"
    assert environment.python(folder, "win32") == folder / "Scripts/python.exe"
    assert environment.program("mypy", folder, "darwin") == folder / "bin/mypy"
    assert environment.program("mypy", folder, "win32") == folder / "Scripts/mypy.exe"


def test_a_changed_file_has_another_digest(tmp_path):
    file = tmp_path / "requirements.txt"
    file.write_text("a==1\n")
    before = environment.digest([file])
    file.write_text("a==2\n")

    assert environment.digest([file]) != before


def test_an_environment_for_tests_is_good_for_the_program_too():
    app, dev = (
        environment.digest([environment.HERE / n]) for n in (environment.APP, environment.DEV)
    )

    assert app in environment._satisfied({environment.DEV: dev}, environment.APP)
    assert app not in environment._satisfied({environment.DEV: "older"}, environment.APP)
    assert dev not in environment._satisfied({environment.APP: app}, environment.DEV)


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_an_unreadable_stamp_only_costs_an_installation(tmp_path, text):
    (tmp_path / environment.STAMP).write_text(text)

    assert environment.read_stamp(tmp_path) == {}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """An environment that looks whole, and a list of what pip was asked for."""
    asked: list[list[str]] = []

    def pip(_folder, arguments):
        asked.append(list(arguments))
        return subprocess.CompletedProcess([], 0, "", "")

    folder = tmp_path / ".venv"
    for program in (environment.python(folder), environment.program("clinic-desk", folder)):
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("")
    monkeypatch.setattr(environment, "_pip", pip)
    monkeypatch.setattr(environment, "_runs", lambda interpreter: interpreter.exists())
    return folder, asked


def test_the_second_run_installs_nothing(made):
    folder, asked = made
    environment.prepare(environment.DEV, lambda _text: None, folder)
    assert len(asked) == 2

    environment.prepare(environment.DEV, pytest.fail, folder)
    environment.prepare(environment.APP, pytest.fail, folder)

    assert len(asked) == 2


def test_packages_come_as_wheels_with_the_pinned_hashes_and_the_project_without_a_network(made):
    folder, asked = made

    environment.prepare(environment.APP, lambda _text: None, folder)

    packages, project = asked
    assert {"--require-hashes", "--only-binary=:all:", "--no-deps"} <= set(packages)
    assert {"--no-index", "--no-build-isolation", "-e"} <= set(project)


def test_a_renewed_pin_is_installed(made):
    folder, asked = made
    environment.prepare(environment.DEV, lambda _text: None, folder)
    stamp = json.loads((folder / environment.STAMP).read_text())
    stamp[environment.DEV] = "older"
    (folder / environment.STAMP).write_text(json.dumps(stamp))

    environment.prepare(environment.DEV, lambda _text: None, folder)

    assert len(asked) == 4


def test_a_broken_installation_is_not_taken_for_a_whole_one(made, monkeypatch):
    folder, _asked = made
    environment.prepare(environment.APP, lambda _text: None, folder)
    failed = subprocess.CompletedProcess([], 1, "", "ERROR: Could not install")
    monkeypatch.setattr(environment, "_pip", lambda *_arguments: failed)

    with pytest.raises(Missing):
        environment.prepare(environment.DEV, lambda _text: None, folder)

    assert environment.read_stamp(folder) == {}


def test_a_real_environment_is_made_and_a_broken_one_made_again(tmp_path):
    said: list[str] = []
    folder = tmp_path / ".venv"
    folder.mkdir()
    (folder / "left over").write_text("from a moved folder")

    environment._make(folder, said.append)

    assert environment._runs(environment.python(folder))
    assert not (folder / "left over").exists()
    assert said


def test_without_a_network_it_is_said_what_helps():
    said = environment.explained(
        "WARNING: Retrying after connection broken by 'NewConnectionError'\n"
        "ERROR: Could not find a version that satisfies the requirement click==8.5.1\n"
        "ERROR: No matching distribution found for click==8.5.1\n"
    )

    assert "click==8.5.1" in said
    assert "PIP_FIND_LINKS" in said
    assert "HTTPS_PROXY" in said


def test_an_altered_package_is_called_by_its_name():
    said = environment.explained(
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. ..."
    )

    assert "not the one that was pinned" in said


def test_a_full_disk_is_called_by_its_name():
    assert "disk is full" in environment.explained("OSError: [Errno 28] No space left on device")


def test_what_pip_says_is_repeated_without_addresses():
    said = environment.explained(
        "Looking in indexes: https://me:pw@index.example/simple\n"
        "HTTPSConnectionPool(host='index.example', port=443): Read timed out.\n"
        "Location 'file:///srv/wheels/' is ignored\n"
    )

    assert "example" not in said
    assert "srv" not in said
    assert "Read timed out" in said


def test_this_very_environment_has_the_programs_that_the_checks_call():
    import dev

    for program, *_arguments in dev.CHECKS.values():
        assert (
            Path(sys.prefix, "Scripts" if sys.platform == "win32" else "bin")
            .joinpath(Path(environment.program(program)).name)
            .exists()
        )
