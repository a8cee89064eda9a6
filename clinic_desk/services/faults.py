"""From a driver's exception to a sentence: whose fault is it, and what now?

Only exceptions that the environment or another writer can cause are named here.
Whatever is not recognised stays what it is: a bug of ours, logged and shown as one.
"""

from __future__ import annotations

from clinic_desk.rules.errors import (
    Busy,
    ClinicError,
    Damaged,
    Disconnected,
    DiskFull,
    Unavailable,
    WrongSchema,
)
from clinic_desk.rules.words import N_


class ClaimOverlap(Exception):
    """The database refused a claim: somebody else has this time."""


class Retry(Exception):
    """The server undid the transaction without our fault (a deadlock); do it again."""


SQLITE_FAULTS: tuple[tuple[str, type[Unavailable]], ...] = (
    ("database or disk is full", DiskFull),
    ("disk i/o error", Disconnected),
    ("database is locked", Busy),
    ("database table is locked", Busy),
    ("malformed", Damaged),
    ("not a database", Damaged),
)

NOT_OPENED = N_("The database file cannot be opened, or not be made.")
READ_ONLY = N_("The database file can be read but not written.")
FOLDER = N_("Check the rights of the folder, or move the file to one where you may write.")


def translated(error: BaseException) -> BaseException:
    """The exception to raise instead of *error*: ours where it is known, else itself."""
    original = getattr(error, "orig", None) or error
    module = type(original).__module__
    if module.startswith("psycopg"):
        return _postgresql(original)
    if module.startswith(("sqlcipher3", "sqlite3")):
        return _sqlite(original)
    return original


def _sqlite(error: BaseException) -> BaseException:
    text = str(error).lower()
    if "claim_overlap" in text:
        return ClaimOverlap(text)
    if "readonly database" in text:
        return Unavailable(READ_ONLY, way_out=FOLDER)
    if "unable to open database file" in text:
        return Unavailable(NOT_OPENED, way_out=FOLDER)
    if "no such table" in text or "no such column" in text:
        return WrongSchema(
            N_("The database does not fit this version of the program ({detail})."),
            way_out=N_("Run “clinic-desk migrate” or install the version that made it."),
            detail=str(error),
        )
    for mark, kind in SQLITE_FAULTS:
        if mark in text:
            return kind()
    return error


def _postgresql(error: BaseException) -> BaseException:
    state = getattr(error, "sqlstate", None) or ""
    if state == "23P01":
        return ClaimOverlap(str(error))
    if state in {"40P01", "40001", "26000"}:  # the last: a prepared statement is gone
        return Retry(str(error))
    if state in {"55P03", "57014"}:
        return Busy()
    if state == "53100":
        return DiskFull()
    if state == "42501":
        return Unavailable(
            N_("The database's user may not do this ({detail})."),
            way_out=N_("Use the URL of the database's owner, or ask whoever runs the server."),
            detail=str(error).splitlines()[0],
        )
    if state in {"42P01", "42703"}:
        return WrongSchema(
            N_("The database does not fit this version of the program ({detail})."),
            way_out=N_("Ask the administrator to run “clinic-desk migrate”."),
            detail=str(error).splitlines()[0],
        )
    if _is_lost(error, state):
        return Disconnected()
    return error


def _is_lost(error: BaseException, state: str) -> bool:
    """Connection failures come as OperationalError without a state, or with class 08 or 57P."""
    if state.startswith(("08", "57P", "25P03", "53300")):
        return True
    return not state and type(error).__name__ in {"OperationalError", "ConnectionTimeout"}


def raise_translated(error: BaseException) -> None:
    """Raise what *error* means; the driver's exception stays behind it as the cause."""
    known = translated(error)
    if known is error or isinstance(error, ClinicError):
        raise error
    raise known from error
