"""A walk through the main jobs in the real windows, unseen, with a picture of each step.

Every step does its job with mouse and key events and checks the outcome in the window and in
the database behind it. The exit code says whether all came out right.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from clinic_desk import config
from clinic_desk.views import app as desktop
from clinic_desk.views import crash, robot, theme
from clinic_desk.views.remember import Memory
from clinic_desk.views.robot import Album, Failed
from clinic_desk.views.tour_steps import STEPS
from clinic_desk.views.tour_walk import Walk

WIDTH, HEIGHT = 1440, 900


def run(
    out: Path,
    url: str | None = None,
    language: str | None = None,
    dark: bool = False,
    scale: float = 1.0,
) -> int:
    """Walk through the demo clinic at *url* (default: one made for this walk) and save the
    pictures in *out*. *scale* is pixels per point and must be set before Qt starts
    (``QT_SCALE_FACTOR``); the command does that. Gives 0, or 1 when a step failed.
    """
    from clinic_desk.services import demo

    folder = Path(tempfile.mkdtemp(prefix="clinic-desk-tour-"))
    try:
        url = url or config.sqlite_url(folder / "tour.db")
        _say(f"database {config.shown(url)}")
        info = demo.prepare(url)
        app = desktop.make_app(["clinic-desk"])
        desktop.speak(app, language or "en_US")
        theme.apply(app, "dark" if dark else "light")
        crashes = crash.Crashes(dialogs=False)
        crashes.install()
        program = desktop.Desktop(app, url, Memory(folder))
        album = Album(out)
        walk = Walk(program, album, folder, info.organisations[0], dark=dark)
        failed = _walk(walk, crashes)
        for window in list(program.windows):
            window.close()
        program.close()
        QApplication.sendPostedEvents()
        sharp = "" if scale == 1.0 else f" at {scale:g} pixels per point"
        _say(f"{album.count} pictures{sharp} in {out.resolve()}")
        return 1 if failed else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _walk(walk: Walk, crashes: crash.Crashes) -> int:
    """Do every step; gives how many failed. A step that fails does not stop the next."""
    failed = 0
    for number, (name, step) in enumerate(STEPS.items(), 1):
        outcome = _outcome(step, walk, crashes)
        failed += outcome != "ok"
        _say(f"{number:2d}  {name:<58} {outcome}")
        if outcome != "ok" and number <= 2:
            break  # without a signed-in window nothing else can be tried
        if outcome != "ok":
            walk.recover()
    return failed


def _outcome(step: Callable[[Walk], None], walk: Walk, crashes: crash.Crashes) -> str:
    before = len(crashes.shown)
    try:
        step(walk)
    except Failed as error:
        return f"FAILED: {error}"
    except Exception as error:
        import traceback

        traceback.print_exc(file=sys.stderr)
        return f"FAILED: {error!r}"
    robot.pause(1)
    if len(crashes.shown) > before:
        return f"FAILED: {crashes.shown[-1].strip().splitlines()[-1]}"
    return "ok"


def _say(line: str) -> None:
    """A line for whoever watches, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
