"""The first questions of ``check``: the engine's own, and whether all guards are in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clinic_desk.models import schema
from clinic_desk.models.files import FileDatabase
from clinic_desk.rules.words import N_
from clinic_desk.services.store import Store

Finding = tuple[str, dict[str, Any]]

ENGINE = N_("The engine reports: {detail}.")
POINTLESS = N_("A row of {table} points to a row of {other} that does not exist.")
VERSION = N_("The schema is version {found}, not {known}.")
MISSING = N_("The {kind} “{name}” of the schema is missing.")
CHANGED = N_("The {kind} “{name}” is not as this program made it.")
OFF = N_("The trigger “{name}” is switched off.")
INVALID = N_("The {kind} “{name}” is not valid.")

SERVER_TRIGGERS = frozenset(
    {
        *(
            (table, name)
            for table in ("appointment", "appointment_extra", "calendar_event", "hold")
            for name in ("claims", "reclaims", "frees", "fixed", "emptied")
        ),
        *((table, "resource_kind") for table in ("provider", "operatory", "patient")),
        *((table, "kept") for table in ("permit", "resource", "deed", "deed_entity", "deed_text")),
        *((table, "emptied") for table in ("claim", "permit", "resource", "deed_text")),
        ("appointment", "permit_moved"),
        ("claim", "guard"),
        ("patient", "fixed"),
        *(
            (table, "related")
            for table in (
                "patient_note",
                "document",
                "appointment_message",
                "form_answer",
                "referral",
                "payment",
                "outbox",
            )
        ),
    }
)
"""The triggers on a server, as (table, trigger); a test holds them against a new database."""


def engine(store: Store) -> Iterator[Finding]:
    """Pages, indexes and references, as the engine itself checks them."""
    connection = store.connection()
    if store.dialect == "sqlite":
        for (text,) in connection.execute("PRAGMA integrity_check(50)"):
            if text != "ok":
                yield ENGINE, {"detail": text}
        for table, _, other, _ in connection.execute("PRAGMA foreign_key_check"):
            yield POINTLESS, {"table": table, "other": other}
        return
    for name, kind in _invalid(connection):
        yield INVALID, {"kind": kind, "name": name}


def _invalid(connection: Any) -> list[tuple[str, str]]:
    return list(
        connection.execute(
            "SELECT conname::text, 'constraint' FROM pg_constraint WHERE NOT convalidated"
            " AND connamespace = 'public'::regnamespace UNION ALL"
            " SELECT indexrelid::regclass::text, 'index' FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE c.relnamespace = 'public'::regnamespace AND NOT (indisvalid AND indisready)"
        ).fetchall()
    )


def guards(store: Store) -> Iterator[Finding]:
    """The schema's version, its tables, and whatever refuses wrong rows."""
    found = schema.version(store.database)
    if found != schema.VERSION:
        yield VERSION, {"found": found, "known": schema.VERSION}
    yield from _file_guards(store) if store.dialect == "sqlite" else _server_guards(store)


def _file_guards(store: Store) -> Iterator[Finding]:
    """Every object of the schema, word for word as a new database has it."""
    there = _objects(store.connection())
    fresh: Any = FileDatabase(":memory:")
    try:
        schema.create(fresh)
        wanted = _objects(fresh.connection())
    finally:
        fresh.close()
    for (kind, name), text in wanted.items():
        if (kind, name) not in there:
            yield MISSING, {"kind": kind, "name": name}
        elif there[kind, name] != text:
            yield CHANGED, {"kind": kind, "name": name}


def _objects(connection: Any) -> dict[tuple[str, str], str]:
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        " AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"  # what the planner is told is no guard
    )
    return {(kind, name): text for kind, name, text in rows.fetchall()}


def _server_guards(store: Store) -> Iterator[Finding]:
    connection = store.connection()
    rows = connection.execute(
        "SELECT tgrelid::regclass::text, tgname::text, tgenabled <> 'D' FROM pg_trigger"
        " WHERE NOT tgisinternal"
    ).fetchall()
    working = {(table, name): on for table, name, on in rows}
    for table, name in sorted(SERVER_TRIGGERS):
        if (table, name) not in working:
            yield MISSING, {"kind": "trigger", "name": f"{table}.{name}"}
        elif not working[table, name]:
            yield OFF, {"name": f"{table}.{name}"}
    exclusions = connection.execute(
        "SELECT 1 FROM pg_constraint WHERE conname = 'claim_overlap' AND contype = 'x'"
        " AND conrelid = to_regclass('public.claim')"
    ).fetchall()
    if not exclusions:
        yield MISSING, {"kind": "constraint", "name": "claim_overlap"}
    switched = connection.execute(
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger"
        " WHERE tgisinternal AND tgenabled = 'D'"
    ).fetchall()
    for (table,) in switched:
        yield OFF, {"name": f"{table}, references"}
