"""The handbook's page about the API: its examples are sent to a real server of the demo clinic,
and its answers are those that come.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import string
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import pytest

from clinic_desk.rules.scopes import SCOPES
from clinic_desk.services import demo, tokens
from clinic_desk.services.store import open_store

WHOLE = "Four calls to an appointment"
"""In this part every field of an answer is shown; elsewhere those that matter there."""

SHOWN_DAY = "2027-03-02"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DATED = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")
MAY_BE_NULL = {"preferred_provider_uuid", "email", "date_of_birth"}
"""The demo's people are made anew around each day, and what is known of them varies."""


@dataclass(frozen=True)
class Example:
    """A request of the page as it would be typed, and the answer that is shown for it."""

    part: str
    command: str
    answer: str


def page() -> str:
    found = resources.files("clinic_desk") / "resources" / "handbook" / "api.md"
    return found.read_text(encoding="utf-8")


def examples(text: str) -> list[Example]:
    """Each request with its answer, and the settings of variables, which have none."""
    found: list[Example] = []
    for part in re.split(r"^## ", text, flags=re.MULTILINE):
        title = part.partition("\n")[0]
        command = ""
        for kind, block in re.findall(r"^```(sh|http)\n(.*?)^```$", part, re.MULTILINE | re.DOTALL):
            if kind == "sh" and not block.startswith("curl"):
                found.append(Example(title, block, ""))
            elif kind == "sh":
                assert not command, f"no answer is shown for {command}"
                command = block
            else:
                found.append(Example(title, command, block))
                command = ""
        assert not command, f"no answer is shown for {command}"
    return found


@dataclass(frozen=True)
class Served:
    """A running server, the organisation's address there, and a token made as the page says."""

    base: str
    token: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demo clinic, served by the program itself."""
    folder = tmp_path_factory.mktemp("handbook")
    url = f"sqlite:///{folder / 'demo.db'}"
    demo.prepare(url)
    store = open_store(url)
    found = tokens.organisation_named(store, "Fairhaven Dental Group")
    actor = tokens.at_the_console(store, found.id)
    scopes = tuple(
        re.findall(r"--scope\s+(\S+?)[`\s]", page().partition("Before the first call")[2])
    )
    token = tokens.create(actor, name="Website", scopes=scopes).value.text
    store.close()
    process = _started(folder, url)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        address = process.stdout.readline().split()[2]
        yield Served(f"{address}/{found.uuid}", token)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _started(folder: Path, url: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1", "LC_ALL": "C",
    }  # fmt: skip
    command = [sys.executable, "-m", "clinic_desk", "serve", "--port", "0", "--database", url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.fixture(scope="module")
def day(served: Served) -> str:
    """A Tuesday beyond the demo's visits on which what the page asks for is free."""
    first = datetime.now(UTC).date() + timedelta(weeks=10)
    first += timedelta(days=(1 - first.weekday()) % 7)
    asked = next(e for e in examples(page()) if "/availability" in e.command)
    for week in range(8):
        tried = str(first + timedelta(weeks=week))
        text = (
            asked.command.replace(SHOWN_DAY, tried).replace("limit=1&", "").replace("limit=1", "")
        )
        free = sent(text, variables(served)).json()["items"]
        starts = {item["scheduled_start"] for item in free}
        if {f"{tried}T{time}:00" for time in ("08:00", "10:00")} <= starts:
            return tried
    raise AssertionError("the demo clinic has no free Tuesday")


def variables(served: Served) -> dict[str, str]:
    """What the page asks its reader to set: the address and the token are those of here."""
    return {
        "BASE": served.base,
        "TOKEN": served.token,
        "AUTH": f"Authorization: Bearer {served.token}",
    }


def sent(command: str, known: dict[str, str]) -> httpx.Response:
    """What curl would do: the words of the shell, and of its options those that are used."""
    words = shlex.split(_filled(command, known))
    assert words.pop(0) == "curl"
    method, headers, body, url = "", {}, None, ""
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-X":
            method = words.pop(0)
        elif word == "-d":
            body = words.pop(0)
        else:
            assert not word.startswith("-"), f"{word} is not known here"
            url = word
    return httpx.request(method or "GET", url, headers=headers, content=body, timeout=30)


def _filled(command: str, known: dict[str, str]) -> str:
    """Variables stand for their values, in double quotes only."""
    joined = command.replace("\\\n", " ")
    parts = re.split(r"('[^']*')", joined)
    return "".join(p if p.startswith("'") else string.Template(p).substitute(known) for p in parts)


def differences(shown: Any, real: Any, *, whole: bool, at: str = "") -> list[str]:
    """Where the real answer is not what the page shows: numbers, names and words must be the
    same, what is drawn or dated of the same form; “…” says that a list goes on.
    """
    key = at.rpartition(".")[2]
    if None in (shown, real) and key in MAY_BE_NULL:
        return []
    if isinstance(shown, dict) and isinstance(real, dict):
        wrong = [f"{at}.{name} is missing" for name in shown.keys() - real.keys()]
        if whole:
            wrong += [f"{at}.{name} is not shown" for name in real.keys() - shown.keys()]
        both = shown.keys() & real.keys()
        return wrong + [
            text
            for n in both
            for text in differences(shown[n], real[n], whole=whole, at=f"{at}.{n}")
        ]
    if isinstance(shown, list) and isinstance(real, list):
        goes_on = bool(shown) and shown[-1] == "…"
        items = shown[:-1] if goes_on else shown
        wrong = [] if goes_on or len(items) == len(real) else [f"{at} has {len(real)} items"]
        for place, (one, other) in enumerate(zip(items, real, strict=False)):
            wrong += differences(one, other, whole=whole, at=f"{at}[{place}]")
        return wrong
    return [] if _same(shown, real, key) else [f"{at} is {real!r}, not {shown!r}"]


def _same(shown: Any, real: Any, key: str) -> bool:
    if type(shown) is not type(real):
        return False
    if isinstance(shown, str):
        if key == "detail":  # names days in words
            return bool(real)
        for form in (UUID, DATED):
            if form.fullmatch(shown):
                alike = re.sub(r"\d", "0", shown) == re.sub(r"\d", "0", real)
                return (form is UUID and bool(UUID.fullmatch(real))) or alike
    return bool(shown == real)


def _parts(answer: str) -> tuple[int, dict[str, str], Any]:
    head, _, body = answer.partition("\n\n")
    status, *lines = head.splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    return int(status.split()[1]), headers, json.loads(body)


def test_every_example_of_the_handbook_runs_and_is_answered_as_it_shows(
    served: Served, day: str
) -> None:
    known = variables(served)
    last: Any = {}
    ran = 0
    for example in examples(page().replace(SHOWN_DAY, day)):
        if not example.answer:
            for name, value in re.findall(r"^(\w+)=(.*)$", example.command, re.MULTILINE):
                # An appointment has another number each time: that of the answer before.
                known.setdefault(name, last["uuid"] if UUID.fullmatch(value) else value)
            continue
        real = sent(example.command, known)
        status, headers, body = _parts(example.answer)
        assert real.status_code == status, f"{example.command}\n{real.text}"
        for name, value in headers.items():
            told = real.headers.get(name, "")
            assert UUID.sub("", told) == UUID.sub("", value), f"{name} of {example.command}"
        wrong = differences(body, real.json(), whole=example.part == WHOLE)
        assert not wrong, f"{example.command}\n{wrong}"
        last = real.json()
        ran += 1
    assert ran >= 10


def test_the_page_names_every_scope_and_no_other() -> None:
    table = page().partition("| Scope |")[2].partition("\n\n")[0]

    assert set(re.findall(r"^\| `([\w:]+)`", table, re.MULTILINE)) == set(SCOPES)


def test_the_page_shows_the_four_calls_in_their_order() -> None:
    calls = [e.command for e in examples(page()) if e.part == WHOLE and e.answer]

    for call, path in zip(
        calls,
        ("/patients?", "/appointment-types?", "/schedule/availability?", "/appointments"),
        strict=True,
    ):
        assert path in call
