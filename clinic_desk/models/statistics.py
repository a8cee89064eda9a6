"""What SQLite's planner is told of how a clinic's tables are filled.

Told nothing, it takes the rows of an organisation for ten, and reads all of a clinic's history
where an index of a record would have given three lines. Counted numbers (``ANALYZE``) would have
to be counted again as a clinic grows, with plans that change under everybody's hands; and where
samples come with them, as in our build, each statement is planned anew for each of its values,
which takes ten times as long as running it. So the numbers are ours, and the same everywhere:
they stand for a practice after some years. A server counts for itself.
"""

from __future__ import annotations

from typing import Any, Final

import peewee as pw

GROWING: Final = frozenset(
    {
        *("appointment", "appointment_extra", "appointment_message", "calendar_event", "claim"),
        *("consent", "deed", "deed_entity", "deed_text", "document", "document_part"),
        *("form_answer", "outbox", "patient", "patient_case", "patient_note", "payment"),
        *("referral", "resource", "series", "webhook_call"),
    }
)
"""What gets more with every day; all other tables are a clinic's furniture."""

MANY, FEW = 100_000, 50
RARE = 50
"""One row of so many is in an index of some rows only."""

FEW_KINDS: Final = frozenset(
    {"active", "kind", "open", "origin", "shared", "source", "state", "status"}
)
KINDS = 4
SHARED: Final = frozenset({"location_id", "operatory_id", "provider_id", "role_id", "type_id"})
SHARING = 20
EACH = 10
"""Rows that a patient, a case, a day has of one kind; of what is rare, one."""


def tell(db: pw.Database) -> None:
    """Write our numbers for all indexes of *db*, a file, in place of any there are.

    Within the caller's transaction; connections that were open before do not know of them.
    """
    tables = {
        name: bool(in_key)
        for schema, name, kind, _columns, in_key, *_ in _asked(db, "table_list")
        if schema == "main" and kind == "table"
    }
    for name in ("sqlite_stat1", "sqlite_stat4"):
        if name in tables:
            db.execute_sql(f"DROP TABLE {name}")
    db.execute_sql("ANALYZE sqlite_schema")  # makes the tables that statistics stand in
    ours = {name: in_key for name, in_key in tables.items() if not name.startswith("sqlite_")}
    for table, in_key in ours.items():
        for _, name, unique, origin, partial in _asked(db, f"index_list({table})"):
            columns = [column for _rank, _place, column in _asked(db, f"index_info({name})")]
            counts = _counts(table, columns, unique=bool(unique), partial=bool(partial))
            db.execute_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
                # A table whose rows stand in its key is that key's index itself.
                (table, table if in_key and origin == "pk" else name, counts),
            )
    db.execute_sql("ANALYZE sqlite_schema")  # and this reads them


def _asked(db: pw.Database, pragma: str) -> list[Any]:
    return list(db.execute_sql(f"PRAGMA {pragma}").fetchall())


def _counts(table: str, columns: list[str | None], *, unique: bool, partial: bool) -> str:
    """How many rows an index has, and how many the first column, the first two … leave; a
    column without a name is an expression.
    """
    rows = left = MANY if table in GROWING else FEW
    if partial:
        rows = left = max(rows // RARE, 1)
    counts, each = [rows], 1 if partial else EACH
    for column in columns:
        left = max(left // _values(column, rows, each), 1)
        counts.append(left)
    if unique:
        counts[-1] = 1
    return " ".join(map(str, counts))


def _values(column: str | None, rows: int, each: int) -> int:
    """How many values a column has among so many rows, *each* of one kind."""
    if column == "organisation_id":
        return 1  # a file is mostly one practice's
    if column in FEW_KINDS:
        return KINDS
    if column in SHARED:
        return SHARING
    if column in {"id", "uuid", "number", "seq", "request_id"}:
        return rows
    return max(rows // each, 1)
