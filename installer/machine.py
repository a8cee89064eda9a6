"""What the machine itself must have: Qt's system libraries, a screen, the venv module.

Standard library only. Windows and macOS have all of it; on Debian and Ubuntu what is missing
is installed (after saying so), on other Linux systems it is named.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class Missing(Exception):
    """The environment lacks something; the text says what, and how to get it."""


@dataclass(frozen=True)
class Need:
    """A thing that Linux must have, and the package that brings it, by family of systems.

    ``thing`` is the name of a shared library, or ``program:…``, ``module:…``, ``font:…`` (with
    beginnings of file names, one of which will do). Without what is ``optional`` the program
    runs, and ``why`` says what is worse then.
    """

    thing: str
    debian: str
    fedora: str
    arch: str
    suse: str
    why: str = ""

    @property
    def optional(self) -> bool:
        """Whether the program runs without it."""
        return bool(self.why)

    def is_met(self) -> bool:
        """Whether this machine has it."""
        kind, colon, name = self.thing.partition(":")
        if not colon:
            return _loads(self.thing)
        if kind == "program":
            return shutil.which(name) is not None
        if kind == "module":
            return importlib.util.find_spec(name) is not None
        return _has_font(name.split())


_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"

PYTHON = (
    Need("module:ensurepip", f"{_PYTHON}-venv", "python3-pip", "python", "python3-pip"),
    Need("module:venv", f"{_PYTHON}-venv", "python3-libs", "python", "python3-base"),
)
QT = (
    Need("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd", "libEGL1"),
    Need("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd", "libGL1"),
    Need("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig", "fontconfig"),
    Need("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon", "libxkbcommon0"),
    Need("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus", "libdbus-1-3"),
    Need("libgthread-2.0.so.0", "libglib2.0-0", "glib2", "glib2", "libgthread-2_0-0"),
    Need("libbrotlidec.so.1", "libbrotli1", "libbrotli", "brotli", "libbrotlidec1"),
    Need("font:", "fonts-dejavu-core", "dejavu-sans-fonts", "ttf-dejavu", "dejavu-fonts"),
    Need(
        "font:wqy- NotoSansCJK NotoSerifCJK SourceHan NotoSansKR",
        "fonts-wqy-zenhei",
        "google-noto-sans-cjk-fonts",
        "noto-fonts-cjk",
        "noto-sans-sc-fonts",
        why="Chinese, Japanese and Korean names show as boxes",
    ),
    Need(
        "font:Lohit-Devanagari NotoSansDevanagari NotoSerifDevanagari FreeSans",
        "fonts-lohit-deva",
        "google-noto-sans-devanagari-fonts",
        "noto-fonts",
        "noto-sans-devanagari-fonts",
        why="names in Devanagari show as boxes",
    ),
    Need(
        "font:Loma Garuda NotoSansThai NotoSerifThai Waree",
        "fonts-tlwg-loma-ttf",
        "thai-scalable-loma-fonts",
        "fonts-tlwg",
        "thai-fonts",
        why="Thai names show as boxes",
    ),
)
SCREEN = (
    Need(
        "libxcb-cursor.so.0",
        "libxcb-cursor0",
        "xcb-util-cursor",
        "xcb-util-cursor",
        "libxcb-cursor0",
    ),
    Need("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm", "libxcb-icccm4"),
    Need(
        "libxcb-keysyms.so.1",
        "libxcb-keysyms1",
        "xcb-util-keysyms",
        "xcb-util-keysyms",
        "libxcb-keysyms1",
    ),
    Need("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb", "libxcb-shape0"),
    Need("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb", "libxcb", "libxcb-xkb1"),
    Need(
        "libxkbcommon-x11.so.0",
        "libxkbcommon-x11-0",
        "libxkbcommon-x11",
        "libxkbcommon-x11",
        "libxkbcommon-x11-0",
    ),
)
TESTS = (
    # One end-to-end run clicks through the program on a virtual screen.
    Need(
        "program:Xvfb", "xvfb", "xorg-x11-server-Xvfb", "xorg-server-xvfb", "xorg-x11-server-Xvfb"
    ),
    Need("program:xauth", "xauth", "xorg-x11-xauth", "xorg-xauth", "xauth"),
)

_INSTALLERS = {
    "debian": "apt-get install --no-install-recommends",
    "fedora": "dnf install",
    "arch": "pacman -S",
    "suse": "zypper install",
}
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_font(beginnings: Sequence[str]) -> bool:
    """Whether a font file with one of these beginnings is there; any font for no beginning."""
    wanted = tuple(beginnings) or ("",)
    folders = (Path(name).expanduser() for name in _FONT_FOLDERS)
    return any(
        file.suffix.lower() in {".ttf", ".otf", ".ttc"} and file.name.startswith(wanted)
        for folder in folders
        for file in folder.rglob("*")
    )


def family(os_release: str) -> str:
    """The family of Linux systems that an ``os-release`` text belongs to; empty if unknown."""
    fields = dict(line.partition("=")[::2] for line in os_release.splitlines())
    names = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").split()
    for known, relatives in (
        ("debian", {"debian", "ubuntu"}),
        ("fedora", {"fedora", "rhel", "centos"}),
        ("arch", {"arch"}),
        ("suse", {"suse", "opensuse", "sles"}),
    ):
        if relatives & set(names):
            return known
    return ""


def provide(needs: Sequence[Need], say: Callable[[str], None] = print) -> None:
    """See to it that this machine meets *needs*; on Debian and Ubuntu by installing.

    Raises:
        Missing: something is not there and could not be installed.
    """
    if not sys.platform.startswith("linux"):
        return
    missing = [need for need in needs if not need.is_met()]
    if not missing:
        return
    kin = family(_os_release())
    vital = [need for need in missing if not need.optional]
    if kin != "debian" or not shutil.which("apt-get"):
        if vital:
            raise Missing(sentence(missing, kin))
        say(sentence(missing, kin))
        return
    if not vital and not _is_root():  # nobody is asked for a password for that
        say(sentence(missing, kin))
        return
    packages = sorted({need.debian for need in missing})
    say(f"This machine lacks {_count(len(packages), 'system package')}; installing them now:")
    say("  " + " ".join(packages))
    try:
        _apt_install(packages)
    except Missing as error:
        if vital:
            raise
        say(str(error))
        return
    still = [need for need in vital if not _met_now(need)]
    if still:
        raise Missing(sentence(still, kin))


def sentence(missing: Sequence[Need], kin: str) -> str:
    """What is missing and the command that brings it, in words for a person."""
    vital = ", ".join(sorted({_name(need) for need in missing if not need.optional}))
    worse = [f"Without more fonts {need.why}." for need in missing if need.optional]
    said = " ".join([f"This machine lacks {vital}."] if vital else worse)
    again = "Install them, then run this again" if vital else "To have them, install"
    if kin not in _INSTALLERS:
        return f"{said}\n{again}." if vital else said
    packages = " ".join(sorted({str(getattr(need, kin)) for need in missing}))
    return f"{said}\n{again}:\n  {'' if _is_root() else 'sudo '}{_INSTALLERS[kin]} {packages}"


def _name(need: Need) -> str:
    kind, colon, name = need.thing.partition(":")
    if not colon:
        return need.thing
    return "a font" if kind == "font" else f"the {kind} {name}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _os_release() -> str:
    for name in ("/etc/os-release", "/usr/lib/os-release"):
        if Path(name).is_file():
            return Path(name).read_text("utf-8", errors="replace")
    return ""


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _apt_install(packages: Sequence[str]) -> None:
    as_root = [] if _is_root() else ["sudo"]
    if as_root and not shutil.which("sudo"):
        raise Missing(
            "Only an administrator can install them. Ask for this command:\n"
            f"  {_INSTALLERS['debian']} {' '.join(packages)}"
        )
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    # A fresh machine has no package lists; an old one may have outdated ones.
    if any(Path("/var/lib/apt/lists").glob("*_Packages*")) and _succeeds(install):
        return
    updated = _succeeds([*apt, "update"])
    if not _succeeds(install, loud=True):
        reason = "" if updated else "The package lists could not be fetched: is there a network?\n"
        raise Missing(
            f"{reason}The system packages could not be installed (apt-get says why above).\n"
            f"Put that right, then run this again; the command was:\n  {shlex.join(install)}"
        )


def _succeeds(command: Sequence[str], *, loud: bool = False) -> bool:
    """Whether *command* ends well; its errors (sudo's question too) reach the terminal."""
    done = subprocess.run(
        command, check=False, stdout=None if loud else subprocess.DEVNULL, stderr=None
    )
    return done.returncode == 0


def _met_now(need: Need) -> bool:
    """Ask again, in a new process: this one remembers what it did not find."""
    importlib.invalidate_caches()
    if need.thing.startswith("module:"):
        name = need.thing.partition(":")[2]
        return subprocess.run([sys.executable, "-c", f"import {name}"], check=False).returncode == 0
    return need.is_met()


def has_screen(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a window can be shown here."""
    chosen = environ.get("QT_QPA_PLATFORM", "")
    if chosen:
        return chosen.partition(":")[0] not in ("offscreen", "minimal")
    if not platform.startswith("linux"):
        return True
    if environ.get("WAYLAND_DISPLAY"):
        return True
    return _x_answers(environ.get("DISPLAY", ""))


def _x_answers(display: str) -> bool:
    """Whether an X server listens behind *display*; Qt would abort without a sentence."""
    host, colon, number = display.rpartition(":")
    number = number.partition(".")[0]
    if not colon or not number.isdigit():
        return False
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where X servers listen by definition
        return any(_connects(socket.AF_UNIX, where) for where in (path, "\0" + path))
    return _connects(socket.AF_INET, (host, 6000 + int(number)))


def _connects(kind: int, where: str | tuple[str, int]) -> bool:
    with socket.socket(kind, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(where)
        except OSError:
            return False
    return True
