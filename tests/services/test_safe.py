"""A password is kept in the system's keyring, in memory, or in a file of its own."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import PasswordDeleteError

from clinic_desk import config
from clinic_desk.rules.errors import Refused
from clinic_desk.services import safe
from clinic_desk.services.safe import Place


class Ring(KeyringBackend):
    """A keyring for one test: the system's own is nobody's business."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Iterator[None]:
    monkeypatch.setenv(config.HOME_VARIABLE, str(tmp_path))
    yield
    restart()


@pytest.fixture
def ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    made = Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def no_ring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


def restart() -> None:
    """The program ends: what was in memory is gone."""
    safe._memory.clear()


def test_the_keyring_keeps_a_password_over_a_restart(ring):
    safe.keep("mail", "key")
    restart()

    assert safe.recall("mail") == "key"
    assert list(config.data_folder().rglob("*mail*")) == []


def test_without_a_keyring_the_user_is_given_the_choice(no_ring):
    with pytest.raises(Refused, match="no safe for passwords") as told:
        safe.keep("mail", "key")

    assert "at each start" in told.value.way_out
    assert safe.recall("mail") is None


def test_in_memory_a_password_ends_with_the_program(no_ring):
    safe.keep("mail", "key", Place.MEMORY)

    assert safe.recall("mail") == "key"
    restart()
    assert safe.recall("mail") is None


def test_a_file_keeps_it_for_this_user_alone(no_ring):
    safe.keep("mail", "key", Place.FILE)
    restart()

    assert safe.recall("mail") == "key"
    (file,) = (f for f in config.data_folder().rglob("*") if f.is_file())
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a user's folder closed")
def test_a_file_that_others_may_read_is_refused(no_ring):
    safe.keep("mail", "key", Place.FILE)
    restart()
    (file,) = (f for f in config.data_folder().rglob("*") if f.is_file())
    file.chmod(0o644)

    with pytest.raises(Refused, match="Other users"):
        safe.recall("mail")


def test_a_new_place_leaves_nothing_at_the_old_one(ring):
    safe.keep("mail", "old", Place.FILE)
    safe.keep("mail", "new", Place.KEYRING)
    restart()

    assert safe.recall("mail") == "new"
    assert [f for f in config.data_folder().rglob("*") if f.is_file()] == []


def test_what_is_forgotten_is_nowhere(ring):
    safe.keep("mail", "key")
    safe.forget("mail")
    restart()

    assert safe.recall("mail") is None
    assert ring.kept == {}


def test_a_name_never_leaves_the_folder(no_ring):
    safe.keep("../../etc/mail:1", "key", Place.FILE)

    (file,) = (f for f in config.data_folder().rglob("*") if f.is_file())
    assert file.parent.name == "passwords"
