"""Whether there is a screen at all, asked before Qt is: without one Qt ends the program."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from clinic_desk.rules.errors import Unavailable
from clinic_desk.rules.words import N_

SECONDS = 3.0
"""How long a screen on another computer may take to answer."""

X11_PORT = 6000
"""Of the display number 0; see X(7)."""


def require_screen(environ: Mapping[str, str] | None = None) -> None:
    """Raise ``Unavailable`` where no window could be opened. Only systems with X11 or Wayland
    can lack a screen; a platform that was chosen on purpose (``QT_QPA_PLATFORM``) is believed.
    """
    environ = os.environ if environ is None else environ
    if sys.platform in ("win32", "darwin") or environ.get("QT_QPA_PLATFORM"):
        return
    if _wayland(environ) or _x11(environ.get("DISPLAY", "")):
        return
    raise Unavailable(
        N_("There is no screen to open a window on."),
        way_out=N_(
            "Start it in a desktop session, or see the program in pictures:"
            " clinic-desk tour --out FOLDER."
        ),
    )


def _wayland(environ: Mapping[str, str]) -> bool:
    name = environ.get("WAYLAND_DISPLAY", "")
    return bool(name) and _answers(
        socket.AF_UNIX, str(Path(environ.get("XDG_RUNTIME_DIR", "/")) / name)
    )


def _x11(display: str) -> bool:
    """Whether somebody listens where *display* (``:0``, ``host:10.0``) points."""
    host, _, rest = display.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdigit():
        return False
    if host in ("", "unix"):
        place = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where X listens, by its manual
        return _answers(socket.AF_UNIX, place) or _answers(socket.AF_UNIX, f"\0{place}")
    return _answers(socket.AF_INET, (host, X11_PORT + int(number)))


def _answers(family: int, place: object) -> bool:
    try:
        with socket.socket(family) as line:
            line.settimeout(SECONDS)
            line.connect(place)  # type: ignore[arg-type]
    except OSError:
        return False
    return True
