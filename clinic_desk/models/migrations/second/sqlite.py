"""What the second schema adds on SQLite.

Why triggers: a column that is added cannot carry the organisation in its reference. Why
BEFORE and RAISE(ABORT): see the first schema.
"""

from __future__ import annotations

from clinic_desk.models.migrations.second import tables
from clinic_desk.models.migrations.second.tables import Reference


def _columns(added: tables.Added) -> list[str]:
    words = tables.SQLITE
    wanted = [text.format(**words) for text in added.columns]
    wanted += [
        f"{r.column} {words['big']} REFERENCES {r.table} (id){r.more}" for r in added.references
    ]
    return [f"ALTER TABLE {added.table} ADD COLUMN {column}" for column in wanted]


def _related(table: str, references: tuple[Reference, ...]) -> list[str]:
    """What a row names is its own organisation's."""
    wrong = " OR ".join(
        f"(NEW.{r.column} IS NOT NULL AND (SELECT organisation_id FROM {r.table}"
        f" WHERE id = NEW.{r.column}) IS NOT NEW.organisation_id)"
        for r in references
    )
    columns = ", ".join(r.column for r in references)
    return [
        f"""CREATE TRIGGER {table}_related_{event.split()[0].lower()} BEFORE {event} ON {table}
        WHEN {wrong} BEGIN SELECT RAISE(ABORT, 'related_organisation'); END"""
        for event in ("INSERT", f"UPDATE OF organisation_id, {columns}")
    ]


def _fixed(table: str) -> list[str]:
    """Named by its number alone, a row neither changes hands nor is taken over by another."""
    return [
        f"""CREATE TRIGGER {table}_new BEFORE INSERT ON {table}
        WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id OR uuid = NEW.uuid)
        BEGIN SELECT RAISE(ABORT, 'related_fixed'); END""",
        f"""CREATE TRIGGER {table}_same BEFORE UPDATE ON {table}
        WHEN NEW.id IS NOT OLD.id OR NEW.organisation_id IS NOT OLD.organisation_id
        BEGIN SELECT RAISE(ABORT, 'related_fixed'); END""",
    ]


_RELATED = {a.table: a.references for a in tables.ADDED if a.references} | {
    table: (Reference("appointment_id", "appointment"),)
    for table in tables.OF_VISITS
    if table != "outbox"
}

STATEMENTS = (
    *tables.created(tables.FIRST_TABLES, tables.SQLITE),
    *(s for added in tables.ADDED for s in _columns(added)),
    *tables.created(tables.TABLES, tables.SQLITE),
    *tables.indexes(),
    *(s for table, references in _RELATED.items() for s in _related(table, references)),
    *(s for table in ("service_code", "service_modifier") for s in _fixed(table)),
)
"""All of the second schema, one statement each."""
