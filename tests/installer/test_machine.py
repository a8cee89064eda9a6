"""What the machine must have, and how it is told."""

from __future__ import annotations

import shutil
import socket
import sys

import machine
import pytest
from machine import Missing, Need

NOTHING = Need("libclinic-desk-nowhere.so.9", "libnowhere9", "nowhere", "nowhere", "nowhere9")


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', "debian"),
        ("ID=ubuntu\nID_LIKE=debian\n", "debian"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "debian"),
        ("ID=fedora\n", "fedora"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"),
        ("ID=arch\n", "arch"),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "suse"),
        ("ID=nixos\n", ""),
        ("", ""),
    ],
)
def test_systems_are_known_by_their_family(text, family):
    assert machine.family(text) == family


def test_a_library_that_is_there_is_not_asked_for():
    if sys.platform.startswith("linux"):
        assert Need("libc.so.6", "", "", "", "").is_met()
    assert Need("module:json", "", "", "", "").is_met()
    assert not NOTHING.is_met()
    assert not Need("program:clinic-desk-nowhere", "", "", "", "").is_met()
    assert not Need("module:clinic_desk_nowhere", "", "", "", "").is_met()


def test_other_systems_than_debian_are_told_the_command(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(machine, "_os_release", lambda: "ID=fedora\n")

    with pytest.raises(Missing) as missing:
        machine.provide([NOTHING], lambda _text: None)

    assert "libclinic-desk-nowhere.so.9" in str(missing.value)
    assert "dnf install nowhere" in str(missing.value)


def test_a_system_that_nobody_knows_is_told_what_is_missing():
    said = machine.sentence([NOTHING, Need("font:", "", "", "", "")], "")

    assert "libclinic-desk-nowhere.so.9" in said
    assert "a font" in said


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_windows_and_macos_need_nothing_more(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)

    machine.provide([NOTHING], pytest.fail)


def test_debian_says_what_it_installs_before_it_does(monkeypatch):
    said: list[str] = []
    ran: list[str] = []

    def installed(packages):
        assert said, "nothing was said first"
        ran.extend(packages)

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(machine, "_os_release", lambda: "ID=debian\n")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(machine, "_apt_install", installed)

    with pytest.raises(Missing):  # our library does not exist, whatever is installed
        machine.provide([NOTHING], said.append)

    assert ran == ["libnowhere9"]
    assert "libnowhere9" in " ".join(said)


def test_without_rights_and_sudo_the_command_for_the_administrator_is_told(monkeypatch):
    monkeypatch.setattr(machine, "_is_root", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _name: None)

    with pytest.raises(Missing, match="apt-get install --no-install-recommends libegl1"):
        machine._apt_install(["libegl1"])


def test_every_need_is_named_for_every_family():
    for need in (*machine.PYTHON, *machine.QT, *machine.SCREEN, *machine.TESTS):
        assert all((need.debian, need.fedora, need.arch, need.suse)), need


def test_a_screen_is_there_when_something_can_be_shown_on_it():
    assert not machine.has_screen({}, "linux")
    assert not machine.has_screen({"DISPLAY": "nonsense"}, "linux")
    assert not machine.has_screen({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, "linux")
    assert machine.has_screen({"WAYLAND_DISPLAY": "wayland-0"}, "linux")
    assert machine.has_screen({"QT_QPA_PLATFORM": "vnc:size=800x600"}, "linux")
    assert machine.has_screen({}, "darwin")
    assert machine.has_screen({}, "win32")


def test_a_screen_that_does_not_answer_is_none():
    """Qt would end the program without a sentence."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        quiet = machine.has_screen({"DISPLAY": f"127.0.0.1:{port - 6000}.0"}, "linux")
        server.listen()
        answering = machine.has_screen({"DISPLAY": f"127.0.0.1:{port - 6000}.0"}, "linux")

    assert (quiet, answering) == (False, True)


def test_what_is_only_nicer_to_have_stops_nobody(monkeypatch):
    said: list[str] = []
    nicer = Need("font:ClinicDeskNowhere", "f", "nice-fonts", "f", "f", why="names show as boxes")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(machine, "_os_release", lambda: "ID=fedora\n")

    machine.provide([nicer], said.append)

    assert "names show as boxes" in said[0]
    assert "dnf install nice-fonts" in said[0]


def test_a_font_is_known_by_the_beginning_of_its_file(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "_FONT_FOLDERS", (str(tmp_path),))
    assert not Need("font:", "", "", "", "").is_met()

    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "NotoSansCJK-Regular.ttc").touch()
    (tmp_path / "deep" / "Lohit.txt").touch()

    assert Need("font:", "", "", "", "").is_met()
    assert Need("font:wqy NotoSansCJK", "", "", "", "").is_met()
    assert not Need("font:Lohit", "", "", "", "").is_met()
