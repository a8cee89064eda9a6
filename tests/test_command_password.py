"""The password of a server on the command line: taken from where a desk keeps it, never asked for
where nobody sits, and never shown.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import psycopg
import pytest

from clinic_desk import command_line, config
from clinic_desk.services import safe
from clinic_desk.services.safe import Place
from clinic_desk.services.server_check import ServerTrouble
from tests import databases
from tests.services.test_server_check import place, rules

SECRET = "right: / @ #"
Run = Callable[..., subprocess.CompletedProcess[str]]

__all__ = ["rules"]
pytestmark = pytest.mark.usefixtures("rules")


class Line:
    """What a command reads from: somebody at a terminal, or nobody."""

    def __init__(self, *, terminal: bool) -> None:
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture
def url(rules: None, tmp_path: Path) -> Iterator[str]:
    """A database whose user has to give a password; the URL is without one."""
    made, remove = databases.fresh("postgresql", tmp_path)
    with psycopg.connect(databases.server_url(), autocommit=True) as line:
        line.execute("GRANT pg_read_all_data TO desk_pw")
    yield place(made, user="desk_pw").url()
    remove()


@pytest.fixture
def desk(tmp_path: Path) -> Run:
    """Run ``clinic-desk`` where nobody can be asked."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CLINIC_DESK_", "LC_", "LANG", "PG"))
    }
    environment |= {
        "CLINIC_DESK_HOME": str(tmp_path / "home"),
        "HOME": str(tmp_path),
        "PYTHONUTF8": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "clinic_desk", *arguments],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            env=environment | more,
            timeout=120,
        )

    return run


def kept_in_file(folder: Path, url: str) -> Path:
    """The password as a desk keeps it where there is no keyring."""
    before = os.environ.get(config.HOME_VARIABLE)
    os.environ[config.HOME_VARIABLE] = str(folder)
    try:
        safe.keep(config.password_name(url), SECRET, Place.FILE)
    finally:
        safe._memory.pop(config.password_name(url), None)
        if before is None:
            del os.environ[config.HOME_VARIABLE]
        else:
            os.environ[config.HOME_VARIABLE] = before
    (file,) = (folder / "passwords").iterdir()
    return file


def test_a_command_takes_the_password_that_the_desk_keeps(
    desk: Run, url: str, tmp_path: Path
) -> None:
    kept_in_file(tmp_path / "home", url)

    done = desk("backup", str(tmp_path / "all.zip"), "--database", url)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "all.zip").exists()
    assert SECRET not in done.stdout + done.stderr


def test_nobody_is_asked_where_nobody_sits(desk: Run, url: str) -> None:
    done = desk("check", "--database", url)

    assert done.returncode == command_line.ENVIRONMENT
    assert "asks for a password" in done.stderr
    assert "let it keep the password" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_password_that_is_wrong_by_now_is_said(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(config.HOME_VARIABLE, str(tmp_path))
    monkeypatch.setattr(sys, "stdin", Line(terminal=False))
    safe.keep(config.password_name(url), "an old one", Place.FILE)
    try:
        with pytest.raises(ServerTrouble, match="refuses this user and password") as refusal:
            command_line.with_password(url)
        assert "PGPASSFILE" in refusal.value.way_out
        assert "an old one" not in str(refusal.value)
    finally:
        safe.forget(config.password_name(url))


def test_a_password_file_of_postgresql_does_as_well(desk: Run, url: str, tmp_path: Path) -> None:
    file = tmp_path / "pgpass"
    escaped = SECRET.replace("\\", "\\\\").replace(":", "\\:")
    file.write_text(f"*:*:*:desk_pw:{escaped}\n", encoding="utf-8")
    file.chmod(0o600)

    done = desk("check", "--database", url, PGPASSFILE=str(file))

    assert done.returncode == 0, done.stderr


def test_somebody_at_a_terminal_is_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def prompt(text: str, **_more: object) -> str:
        asked.append(text)
        return SECRET

    monkeypatch.setattr(sys, "stdin", Line(terminal=True))
    monkeypatch.setattr(click, "prompt", prompt)

    assert command_line.with_password(url) == config.with_password(url, SECRET)
    assert len(asked) == 1 and "desk_pw" in asked[0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such rights")
def test_a_file_that_others_may_read_is_refused(desk: Run, url: str, tmp_path: Path) -> None:
    kept_in_file(tmp_path / "home", url).chmod(0o644)

    done = desk("check", "--database", url)

    assert done.returncode == command_line.REFUSED
    assert "can read" in done.stderr


def test_a_url_that_holds_its_password_is_taken_as_it_is(url: str) -> None:
    given = config.with_password(url, "whatever")

    assert command_line.with_password(given) == given
    assert command_line.with_password("sqlite:///x.db") == "sqlite:///x.db"
