"""``python -m tests.benchmarks [--quick] [--json] [--folder FOLDER] [SUBJECT …]``.

Every subject is measured in a process of its own, one after the other, so that none is
slowed down by what another left behind; the rows are printed as one table at the end.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from tests.benchmarks import table
from tests.benchmarks.server import Durable, described
from tests.benchmarks.table import Row
from tests.benchmarks.world import Scale, World

SUBJECTS = (
    *("week", "drag", "openings", "booking", "patients", "flow", "refresh", "start", "growth"),
    "api",
)
SERVER = "CLINIC_DESK_TEST_DATABASE"
"""Names a server to measure on; it should be durable. Without it we start our own."""


@click.command(help=__doc__)
@click.argument("subjects", nargs=-1, type=click.Choice(SUBJECTS))
@click.option("--quick", is_flag=True, help="Small databases, few repetitions: does it work?")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the filled databases here for the next run; filling takes most of the time.",
)
@click.option("--alone", is_flag=True, hidden=True, help="Measure in this very process.")
def main(
    subjects: Sequence[str], quick: bool, as_json: bool, folder: Path | None, alone: bool
) -> None:
    """Measure what was asked for, or everything."""
    if alone:
        assert folder is not None
        click.echo(table.as_json(measured(subjects, folder, Scale(quick))))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server must not stay behind
    with _folder(folder) as used, _server(folder) as server:
        about = [f"{os.cpu_count()} cores, load {_load()}; {described(server)}"]
        found: list[Row] = []
        loads = []
        for subject in subjects or SUBJECTS:
            began = time.monotonic()
            found += _in_its_process(subject, used, quick, server)
            loads.append(f"{subject} {_load()}")
            _tell(f"{subject}: {time.monotonic() - began:.0f} s, load {_load()}")
    about.append(f"load after each subject, our own included: {', '.join(loads)}")
    click.echo(table.as_json(found) if as_json else "\n".join([*about, "", table.printed(found)]))
    if any(row.failed for row in found):
        sys.exit(1)


def measured(subjects: Sequence[str], folder: Path, scale: Scale) -> list[Row]:
    """The rows of these subjects, measured in this process."""
    world = World(folder, scale)
    out: list[Row] = []
    for subject in subjects:
        out += importlib.import_module(f"tests.benchmarks.{subject}").rows(world)
    # Goals are for the real sizes; with little data the fixed costs weigh too much.
    return [replace(row, at_most=None) for row in out] if scale.quick else out


def _in_its_process(subject: str, folder: Path, quick: bool, server: str) -> list[Row]:
    command = [sys.executable, "-m", "tests.benchmarks", "--alone", "--folder", str(folder)]
    command += ["--quick"] * quick + [subject]
    environment = {"QT_QPA_PLATFORM": "offscreen"} | os.environ | {SERVER: server}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        return [Row(subject, None, note="it failed, see above", failed=True)]
    return table.from_json(done.stdout)


@contextlib.contextmanager
def _folder(wanted: Path | None) -> Iterator[Path]:
    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="clinic-desk-bench-") as made:
            yield Path(made)
    else:
        wanted.mkdir(parents=True, exist_ok=True)
        yield wanted.resolve()


@contextlib.contextmanager
def _server(folder: Path | None) -> Iterator[str]:
    given = os.environ.get(SERVER, "")
    if given.startswith("postgres"):
        yield given
        return
    server = Durable(folder.resolve() / "postgresql" if folder is not None else None)
    atexit.register(server.stop)
    try:
        yield server.url()
    finally:
        atexit.unregister(server.stop)
        server.stop()


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _tell(text: str) -> None:
    """On the error stream, so that the table can go into a file."""
    click.echo(text, err=True)


if __name__ == "__main__":
    main()
