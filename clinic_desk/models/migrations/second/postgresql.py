"""What the second schema adds on PostgreSQL."""

from __future__ import annotations

from clinic_desk.models.migrations.second import tables
from clinic_desk.models.migrations.second.tables import Reference


def _columns(added: tables.Added) -> str:
    """All columns of a table at once; a constant default rewrites no row."""
    wanted = [f"ADD COLUMN {text.format(**tables.POSTGRESQL)}" for text in added.columns]
    for reference in added.references:
        wanted.append(f"ADD COLUMN {reference.column} bigint{reference.more}")
        wanted.append(f"ADD {_reference(reference)}")
    return f"ALTER TABLE {added.table} {', '.join(wanted)}"


def _reference(of: Reference) -> str:
    if of.table == "appointment":
        return f"FOREIGN KEY ({of.column}) REFERENCES appointment (id)"
    return f"FOREIGN KEY (organisation_id, {of.column}) REFERENCES {of.table} (organisation_id, id)"


_RELATED = """
CREATE FUNCTION related() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM appointment WHERE id = NEW.appointment_id
        AND organisation_id = NEW.organisation_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'related_organisation',
            CONSTRAINT = 'related_organisation';
    END IF;
    RETURN NEW;
END $$
"""
"""The appointment that a row names is its own organisation's."""

STATEMENTS = (
    "SET LOCAL search_path = public",
    *tables.created(tables.FIRST_TABLES, tables.POSTGRESQL),
    *(_columns(added) for added in tables.ADDED),
    *tables.created(tables.TABLES, tables.POSTGRESQL),
    *tables.indexes(),
    _RELATED,
    *(
        f"CREATE TRIGGER related BEFORE INSERT OR UPDATE OF organisation_id, appointment_id"
        f" ON {table} FOR EACH ROW WHEN (NEW.appointment_id IS NOT NULL)"
        " EXECUTE FUNCTION related()"
        for table in tables.OF_VISITS
    ),
)
"""All of the second schema, one statement each."""
