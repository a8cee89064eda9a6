"""Where this computer keeps a password: the system's keyring, else memory or a private file.

A password never stands in the database, its history or its backups. Plain Linux has no
keyring; then the user chooses: asked at each start (it stays in this process alone), or a file
that only this user may read. What was kept is found again in that order: memory, keyring, file.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
import threading
from enum import StrEnum
from pathlib import Path

from clinic_desk import config
from clinic_desk.rules.errors import Refused
from clinic_desk.rules.words import N_

SERVICE = "Clinic Desk"
"""The name under which the system's keyring lists our passwords."""

NO_KEYRING = N_("This computer has no safe for passwords.")
CHOOSE = N_("Let the program ask at each start, or keep it in a file that only you can read.")
OPEN_TO_OTHERS = N_("Other users of this computer can read “{path}”.")
CLOSE_IT = N_("Take their rights away, or enter the password again.")


class Place(StrEnum):
    """Where a password is kept: in the keyring, until the program ends, or in a file."""

    KEYRING = "keyring"
    MEMORY = "memory"
    FILE = "file"


_memory: dict[str, str] = {}
_guard = threading.Lock()


def has_keyring() -> bool:
    """Whether this computer's keyring can be used at all. May take a moment: it asks for it."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_keyring().priority >= 1
    except (KeyringError, RuntimeError):
        return False


def keep(name: str, secret: str, place: Place = Place.KEYRING) -> None:
    """Keep *secret* under *name* at *place*, and nowhere else any more.

    Raises ``Refused`` where this computer has no keyring, or it refuses.
    """
    if place is Place.KEYRING:
        _into_keyring(name, secret)
    elif place is Place.FILE:
        _into_file(name, secret)
    with _guard:
        _memory[name] = secret
    _forget_elsewhere(name, place)


def recall(name: str) -> str | None:
    """The password under *name*; None where it has to be asked for.

    Raises ``Refused`` for a file that others may read.
    """
    with _guard:
        if name in _memory:
            return _memory[name]
    found = _from_keyring(name)
    if found is None:
        found = _from_file(name)
    if found is not None:
        with _guard:
            _memory[name] = found
    return found


def forget(name: str) -> None:
    """Keep no password under *name* any more, wherever it was."""
    with _guard:
        _memory.pop(name, None)
    _forget_elsewhere(name, Place.MEMORY)


def _forget_elsewhere(name: str, place: Place) -> None:
    if place is not Place.FILE:
        _file(name).unlink(missing_ok=True)
    if place is not Place.KEYRING and has_keyring():
        import keyring
        from keyring.errors import KeyringError

        with contextlib.suppress(KeyringError):
            keyring.delete_password(SERVICE, name)


def _into_keyring(name: str, secret: str) -> None:
    if not has_keyring():
        raise Refused(NO_KEYRING, way_out=CHOOSE)
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, name, secret)
    except KeyringError as error:
        raise Refused(NO_KEYRING, way_out=CHOOSE) from error


def _from_keyring(name: str) -> str | None:
    if not has_keyring():
        return None
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, name)
    except KeyringError:  # locked, and the user does not open it: then it is asked for
        return None


def _file(name: str) -> Path:
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return config.data_folder() / "passwords" / plain


def _into_file(name: str, secret: str) -> None:
    file = _file(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        file.parent.chmod(0o700)
    beside = file.with_name(f"{file.name}.new")
    beside.unlink(missing_ok=True)
    # Private from its first moment, not only after a chmod.
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(secret)
    beside.replace(file)


def _from_file(name: str) -> str | None:
    file = _file(name)
    try:
        mode = file.stat().st_mode
        if sys.platform != "win32" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Refused(OPEN_TO_OTHERS, way_out=CLOSE_IT, path=str(file))
        return file.read_text("utf-8")
    except FileNotFoundError:
        return None
