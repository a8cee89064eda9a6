r"""The two commands: set up what is needed and run the program, or its tests.

::

    python3 installer/dev.py demo      open the program on a demo clinic
    python3 installer/dev.py test      lint, types, import contracts and tests
    python3 installer/dev.py check     the same without the tests
    python3 installer/dev.py races     many processes against one slot (arguments are passed on)
    python3 installer/dev.py bench     measure (arguments are passed on)

A bare machine with Python 3.11 or newer is enough (Windows: ``py installer\dev.py demo``).
Exit codes: 0 well, 1 something failed, 2 wrong usage, 3 the machine lacks something.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

OLDEST = (3, 11)


def newer_python() -> str | None:
    """The path of another Python that is new enough; None if there is none."""
    for minor in range(20, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        # A version manager puts stand-ins on the path that start nothing.
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return found
    return None


if sys.version_info < OLDEST:
    # Before any other import: the rest is written for Python 3.11.
    other = newer_python()
    if other:
        sys.exit(subprocess.call([other, *sys.argv]))
    sys.stderr.write(
        f"Clinic Desk needs Python 3.{OLDEST[1]} or newer, and this is {sys.version.split()[0]}.\n"
        "Install a newer one (python.org, or your system's packages) and run this with it.\n"
    )
    sys.exit(3)

import environment  # noqa: E402
import machine  # noqa: E402
from environment import ROOT  # noqa: E402

PICTURES = ROOT / "tour"

WORKERS = min((os.cpu_count() or 1) + 1, 4)
"""One more than there are processors: tests wait much, for windows, servers and the disk."""

AT_ONCE = ("-n", str(WORKERS), "--dist", "loadfile", "--no-loadscope-reorder")
"""A whole run keeps every processor busy, each with a file, in the order of their names: the
measurements, which take longest, come early. Chosen tests run one by one.
"""

CHECKS = {
    "ruff": ("ruff", "check", "--output-format", "concise", "--quiet"),
    "format": ("ruff", "format", "--check", "--quiet", "--output-format", "concise"),
    "types": ("mypy",),
    "import contracts": ("lint-imports", "--no-logo"),
}


def say(text: str) -> None:
    """Tell the person at the terminal, in order with what other programs print."""
    print(text, flush=True)


def demo(arguments: list[str]) -> int:
    """Open the program on the demo clinic; without a screen run the tour instead."""
    shown, windowless = machine.has_screen(), "--no-window" in arguments
    needs = [*machine.PYTHON]
    needs += [] if windowless else machine.QT
    needs += machine.SCREEN if shown and not windowless else []
    machine.provide(needs, say)
    python = environment.prepare(environment.APP, say)
    compile_catalogues(python)
    compile_modules(python)
    if shown or windowless:
        return run([python, "-m", "clinic_desk", "demo", *arguments])
    say(f"There is no display here: running the tour instead, its pictures go to {PICTURES}")
    offscreen = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    return run([python, "-m", "clinic_desk", "tour", "--out", PICTURES], offscreen)


def test(arguments: list[str]) -> int:
    """Run every check and every test; with *arguments* only pytest, with these."""
    python = prepared_for_tests()
    failed = [] if arguments else run_checks()
    code = run([python, "-m", "pytest", *(arguments or AT_ONCE)], test_environment())
    if failed:
        say(f"The tests aside, this failed: {', '.join(failed)} (see above).")
    return 1 if failed or code else 0


def check(arguments: list[str]) -> int:
    """Lint, format, types and import contracts."""
    if arguments:
        return usage()
    prepared_for_tests()
    failed = run_checks()
    say(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def races(arguments: list[str]) -> int:
    """Many processes booking the same slots at once."""
    return run([prepared_for_tests(), "-m", "tests.races", *arguments], test_environment())


def bench(arguments: list[str]) -> int:
    """The table of measurements; ``CLINIC_DESK_PEERS`` names the folder of the rivals' programs."""
    rivals = {name: os.environ[name] for name in ["CLINIC_DESK_PEERS"] if name in os.environ}
    command = [prepared_for_tests(), "-m", "tests.benchmarks", *arguments]
    return run(command, test_environment() | rivals)


def run_checks() -> list[str]:
    """Run all static checks; the names of those that failed."""
    failed = []
    for name, (program, *arguments) in CHECKS.items():
        say(f"— {name}")
        if run([environment.program(program), *arguments]):
            failed.append(name)
    return failed


def prepared_for_tests() -> Path:
    """The interpreter of an environment with all tools, on a machine fit for the tests."""
    needs = [*machine.PYTHON, *machine.QT, *machine.SCREEN, *machine.TESTS]
    machine.provide(needs, say)
    python = environment.prepare(environment.DEV, say)
    compile_catalogues(python)
    compile_modules(python)
    return python


def compile_catalogues(python: Path) -> None:
    """Make the .mo files that the program reads; they are not in the repository."""
    if run([python, ROOT / "installer" / "catalogues.py", "compile", "--quiet"]):
        raise machine.Missing("The translations could not be compiled; the reason stands above.")


def compile_modules(python: Path) -> None:
    """Compile our modules as an installer does: where Python is told to write no bytecode, every
    start would compile them all again. Without it everything works, only later.
    """
    run([python, "-m", "compileall", "-q", "clinic_desk", "tests"])


def test_environment() -> dict[str, str]:
    """The variables for a test run: no window, and nothing of the user's own set-up."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "CLINIC_DESK_TEST_DATABASE" or not name.startswith("CLINIC_DESK_")
    }
    return {"QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1"} | kept


def run(command: Sequence[object], environ: dict[str, str] | None = None) -> int:
    """Run *command* in the checkout and wait for it; its exit code."""
    try:
        return subprocess.call([str(part) for part in command], cwd=ROOT, env=environ)
    except KeyboardInterrupt:
        return 130


def usage() -> int:
    """Say how to use this; the exit code for wrong usage."""
    sys.stderr.write(str(__doc__))
    return 2


COMMANDS = {"demo": demo, "test": test, "check": check, "races": races, "bench": bench}


def main(arguments: list[str]) -> int:
    """Run the command that *arguments* name."""
    if arguments[:1] in (["-h"], ["--help"]):
        say(str(__doc__))
        return 0
    if not arguments or arguments[0] not in COMMANDS:
        return usage()
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except machine.Missing as missing:
        sys.stderr.write(f"{missing}\n")
        return 3
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
