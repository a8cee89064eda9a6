"""A whole morning at the desk, in real windows on a (virtual) screen, from start to end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def screen() -> Iterator[dict[str, str]]:
    """The environment of a program that has a screen: a virtual one on Linux."""
    if not sys.platform.startswith("linux"):
        yield dict(os.environ)
        return
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as told:  # to the end of the line: number and end come apart
        number = told.readline().strip()
    yield {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    server.terminate()
    server.wait(timeout=10)


def test_a_receptionists_morning_on_a_real_screen(screen: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "clinic_desk", "tour", "--on-screen", "--out", str(tmp_path)]

    done = subprocess.run(
        command, env=screen, capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "drag a visit to Thursday" in done.stdout
    assert "a second desk's change appears here" in done.stdout
    assert len(list(tmp_path.glob("*.png"))) >= 20
