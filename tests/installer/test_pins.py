"""The pinned packages: whole, hashed, fit for the project, and free of addresses."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pins
import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.version import Version

FILES = (pins.APP, pins.DEV)


@cache
def pinned(file: Path) -> dict[str, Version]:
    lines = file.read_text("utf-8").replace("\\\n", " ").splitlines()
    found = [Requirement(line.split("--hash")[0]) for line in lines if line and line[0] != "#"]
    return {_plain(r.name): Version(next(iter(r.specifier)).version) for r in found}


@cache
def project():
    return tomllib.loads(pins.PROJECT.read_text("utf-8"))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_package_has_one_version_and_hashes(file):
    lines = [line for line in file.read_text("utf-8").splitlines() if line and line[0] != "#"]
    packages = [line for line in lines if not line.startswith("    ")]
    hashes = [line for line in lines if line.startswith("    ")]

    assert all(re.match(r"[a-z0-9-]+(\[\w+\])?==\S+ (; .+ )?\\$", line) for line in packages)
    assert all(re.match(r"    --hash=sha256:[0-9a-f]{64}( \\)?$", line) for line in hashes)
    assert len(pinned(file)) == len(packages)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_package_index_is_named(file):
    text = file.read_text("utf-8")

    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


def test_what_the_project_asks_for_is_pinned_within_its_ranges():
    wanted = pins.wanted(project())

    for line in wanted:
        requirement = Requirement(line)
        for file in FILES:
            version = pinned(file).get(_plain(requirement.name))
            assert version is not None, f"{requirement} is not in {file.name}"
            assert version in requirement.specifier, f"{file.name} has {requirement.name} {version}"


def test_every_tool_is_pinned_within_its_range():
    for line in pins.group(project(), "dev"):
        requirement = Requirement(line)
        version = pinned(pins.DEV)[_plain(requirement.name)]

        assert version in requirement.specifier, f"{requirement.name} {version}"


def test_the_tools_are_tested_with_the_versions_that_the_program_gets():
    dev = pinned(pins.DEV)

    assert {name: dev.get(name) for name in pinned(pins.APP)} == pinned(pins.APP)


def test_the_broken_release_of_the_window_toolkit_is_kept_out():
    for file in FILES:
        assert Version("6.11.3") <= pinned(file)["pyside6-essentials"] < Version("6.12")


def test_what_only_windows_needs_says_so():
    lines = pins.DEV.read_text("utf-8").splitlines()
    marked = [Requirement(line.rstrip(" \\")) for line in lines if line.startswith("colorama")]

    assert [
        r.marker and r.marker.evaluate({**_here(), "sys_platform": "win32"}) for r in marked
    ] == [True]
    assert [
        r.marker and r.marker.evaluate({**_here(), "sys_platform": "linux"}) for r in marked
    ] == [False]


def _here() -> dict[str, str]:
    return {name: str(value) for name, value in default_environment().items()}
