"""The project's own Python environment: ``.venv`` beside the checkout's files.

Standard library only. Made once, then renewed only when what it is made from has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from machine import Missing

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "installer"
FOLDER = ROOT / ".venv"
STAMP = "clinic-desk.json"
APP = "requirements.txt"
DEV = "requirements-dev.txt"

_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"),]+|host='[^']*'")


def python(folder: Path = FOLDER, platform: str = sys.platform) -> Path:
    """The environment's interpreter, made or not."""
    return folder / ("Scripts/python.exe" if platform == "win32" else "bin/python")


def program(name: str, folder: Path = FOLDER, platform: str = sys.platform) -> Path:
    """A command that the environment brings."""
    return python(folder, platform).with_name(f"{name}.exe" if platform == "win32" else name)


def digest(files: Iterable[Path]) -> str:
    """A name for the present content of *files*."""
    found = hashlib.sha256()
    for file in files:
        found.update(file.read_bytes() + b"\0")
    return found.hexdigest()


def prepare(requirements: str, say: Callable[[str], None] = print, folder: Path = FOLDER) -> Path:
    """The interpreter of an environment that has *requirements* and this project.

    ``requirements-dev.txt`` holds all of ``requirements.txt``, so either will do for the latter.

    Raises:
        Missing: it could not be made; the text says what is needed.
    """
    wanted = digest([HERE / requirements])
    project = digest([ROOT / "pyproject.toml"])
    stamp = read_stamp(folder)
    if not _runs(python(folder)):
        _make(folder, say)
        stamp = {}
    if wanted not in _satisfied(stamp, requirements):
        _install(requirements, say, folder)
        stamp = {requirements: wanted}
    if stamp.get("project") != project or not program("clinic-desk", folder).exists():
        _install_project(folder)
        stamp["project"] = project
        _write_stamp(folder, stamp)
    return python(folder)


def _satisfied(stamp: dict[str, str], requirements: str) -> set[str]:
    """The digests of *requirements* that the environment is known to fulfil."""
    found = {stamp.get(requirements, "")}
    if requirements == APP and stamp.get(DEV) == digest([HERE / DEV]):
        found.add(digest([HERE / APP]))
    return found


def read_stamp(folder: Path) -> dict[str, str]:
    """What the environment was made from; empty for one that we do not know."""
    try:
        stamp = json.loads((folder / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(folder: Path, stamp: dict[str, str]) -> None:
    (folder / STAMP).write_text(json.dumps(stamp, indent=2) + "\n", "utf-8")


def _runs(interpreter: Path) -> bool:
    """Whether the interpreter starts, is new enough and has pip (a moved folder has none)."""
    if not interpreter.exists():
        return False
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    done = subprocess.run([interpreter, "-c", probe], check=False, capture_output=True)
    return done.returncode == 0


def _make(folder: Path, say: Callable[[str], None]) -> None:
    say(f"Making a Python environment in {folder.name}/ …")
    if folder.exists():
        shutil.rmtree(folder)
    done = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise Missing(
            "Python could not make an environment:\n"
            f"{_tail(done.stdout + done.stderr)}\n"
            "Is there room on the disk, and may this folder be written?"
        )


def _install(requirements: str, say: Callable[[str], None], folder: Path) -> None:
    pinned = (HERE / requirements).read_text("utf-8").count("==")
    say(f"Installing {pinned} packages; the first time this takes a minute or two …")
    # A half-done installation must not pass for a whole one.
    (folder / STAMP).unlink(missing_ok=True)
    done = _pip(
        folder,
        ["--require-hashes", "--only-binary=:all:", "--no-deps", "-r", str(HERE / requirements)],
    )
    if done.returncode != 0:
        raise Missing(explained(done.stdout + done.stderr))


def _install_project(folder: Path) -> None:
    """Install this checkout itself, in place and without a network."""
    done = _pip(folder, ["--no-index", "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    if done.returncode != 0:
        raise Missing(f"The project could not be installed:\n{_tail(done.stdout + done.stderr)}")


def _pip(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    command = [str(python(folder)), "-m", "pip", "install", "--quiet", "--no-input"]
    return subprocess.run(
        [*command, "--disable-pip-version-check", *arguments],
        check=False,
        capture_output=True,
        text=True,
        # An own index, mirror or proxy keeps working: pip reads its PIP_… variables itself.
        env=os.environ | {"PYTHONUTF8": "1"},
    )


def explained(said: str) -> str:
    """What pip's failure means and what to do about it."""
    lines = _tail(said)
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in said:
        return (
            "A downloaded package is not the one that was pinned, so nothing was installed:\n"
            f"{lines}\nTell your network's administrator; a mirror may be altered or broken."
        )
    if re.search(r"No space left|not enough space", said, re.IGNORECASE):
        return f"The disk is full:\n{lines}\nAbout 700 MB are needed."
    if re.search(r"No matching distribution|Could not find a version", said):
        return (
            "A package was not found for this system and Python:\n"
            f"{lines}\n"
            "Either your package index cannot be reached, or it lacks the package. Behind a "
            "proxy or a mirror set HTTPS_PROXY or PIP_INDEX_URL; without a network put the "
            "wheels into a folder and set PIP_NO_INDEX=1 and PIP_FIND_LINKS=that folder."
        )
    return (
        "The packages could not be installed:\n"
        f"{lines}\n"
        "A Python package index must be within reach. Behind a proxy or a mirror set "
        "HTTPS_PROXY or PIP_INDEX_URL; without a network put the wheels into a folder and "
        "set PIP_NO_INDEX=1 and PIP_FIND_LINKS=that folder."
    )


def _tail(text: str, count: int = 6) -> str:
    """The last lines of *text*, without addresses (they may hold a password)."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join("  " + _ADDRESS.sub("…", line) for line in lines[-count:])
