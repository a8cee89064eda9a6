"""The guarantee on PostgreSQL: no time is taken twice, whatever SQL is typed.

The exclusion constraint refuses overlaps; the triggers see to it that claims say what
``claim_due`` says. The program's own role may not write claims: the deriving functions act
with their owner's rights. ``pg_trigger_depth`` stops the owner's hands too.
"""

from __future__ import annotations

from clinic_desk.models.migrations.first import tables

_SPAN = (
    "CHECK (starts_at >= '1900-01-01Z' AND ends_at <= '2200-01-01Z' AND ends_at > starts_at"
    " AND date_part('second', starts_at) = 0 AND date_part('second', ends_at) = 0)"
)
WORDS = tables.POSTGRESQL | {
    "span": _SPAN,
    "day_long": "CHECK (ends_at - starts_at <= interval '24 hours')",
}

# Claims under a permit have a narrow range of their own (no two alike), all others one without
# ends: so two claims conflict unless both are under a permit.
_SHARED = "CASE WHEN permit_id IS NOT NULL THEN source_id * 2 + (source = 'x')::int END"

_CLAIM = (
    f"""CREATE TABLE claim (resource_id bigint NOT NULL, starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL, source text NOT NULL, source_id bigint NOT NULL, permit_id bigint,
    PRIMARY KEY (source_id, source, resource_id, starts_at), CHECK (ends_at > starts_at),
    CONSTRAINT claim_overlap EXCLUDE USING gist (resource_id WITH =,
        tstzrange(starts_at, ends_at) WITH &&,
        int8range({_SHARED}, {_SHARED}, '[]') WITH &&))""",
    tables.DUE.format(
        begin="starts_at - make_interval(mins => before_minutes)",
        end="ends_at + make_interval(mins => after_minutes)",
        extra_begin="a.starts_at + make_interval(mins => x.from_minute)",
        extra_end="a.starts_at + make_interval(mins => x.to_minute)",
        a="'a'::text",
        x="'x'::text",
        e="'e'::text",
        h="'h'::text",
    ),
)

_RAISE = "RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = {0}, CONSTRAINT = {0}"
_OWNED = "SECURITY DEFINER SET search_path = public, pg_temp"

_REFUSE = f"""
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {_RAISE.format("TG_ARGV[0]")}; END $$
"""
"""Refuses what fires it, in the name that the trigger gives."""


def _refusing(
    name: str, event: str, table: str, why: str, when: str = "", each: str = "ROW"
) -> str:
    condition = f"WHEN ({when})" if when else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each} {condition}"
        f" EXECUTE FUNCTION refuse('{why}')"
    )


_SOURCES = {
    "appointment": "a",
    "appointment_extra": "x",
    "calendar_event": "e",
    "hold": "h",
}
_TAKES = {
    "appointment": (
        "provider_id",
        "operatory_id",
        "patient_id",
        "starts_at",
        "ends_at",
        "before_minutes",
        "after_minutes",
        "permit_id",
    ),
    "appointment_extra": ("appointment_id", "resource_id", "from_minute", "to_minute"),
    "calendar_event": ("resource_id", "starts_at", "ends_at"),
    "hold": ("resource_id", "starts_at", "ends_at"),
}


def _changed(*columns: str) -> str:
    rows = (", ".join(f"{r}.{c}" for c in columns) for r in ("OLD", "NEW"))
    return "({}) IS DISTINCT FROM ({})".format(*rows)


_SAME_DUE = """d.resource_id = c.resource_id AND d.starts_at = c.starts_at
    AND d.ends_at = c.ends_at AND d.permit_id IS NOT DISTINCT FROM c.permit_id"""
_COLUMNS = "resource_id, starts_at, ends_at, source, source_id, permit_id"


def _derive(mark: str, number: str) -> str:
    """PL/pgSQL: make the claims of one source what ``claim_due`` says."""
    return f"""
    DELETE FROM claim c WHERE c.source = '{mark}' AND c.source_id = {number} AND NOT EXISTS (
        SELECT 1 FROM claim_due d WHERE d.source = '{mark}' AND d.source_id = {number}
        AND {_SAME_DUE});
    INSERT INTO claim ({_COLUMNS}) SELECT {_COLUMNS} FROM claim_due d
        WHERE d.source = '{mark}' AND d.source_id = {number} AND NOT EXISTS (
        SELECT 1 FROM claim c WHERE c.source = '{mark}' AND c.source_id = {number}
        AND {_SAME_DUE});"""


def _add(mark: str) -> str:
    return f"""
    INSERT INTO claim ({_COLUMNS}) SELECT {_COLUMNS} FROM claim_due
        WHERE source = '{mark}' AND source_id = NEW.id;"""


_LOCK = "PERFORM pg_advisory_xact_lock(17218, {0}.organisation_id::int);"
"""The organisation's lock, as services take it: SQL typed by hand queues with the program."""

_NOT_OURS = """NOT EXISTS (SELECT 1 FROM resource WHERE id = NEW.{column}
    AND organisation_id = NEW.organisation_id AND kind IN ({kinds}))"""
_KINDS = {
    "appointment_extra": "'provider', 'operatory'",
    "calendar_event": "'provider', 'operatory'",
    "hold": "'provider', 'operatory', 'patient'",
}


def _checks(table: str) -> str:
    if table == "appointment":
        return f"""
    IF NEW.permit_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM permit
        WHERE id = NEW.permit_id AND organisation_id = NEW.organisation_id) THEN
        {_RAISE.format("'claim_permit'")};
    END IF;"""
    # A reference by organisation would cost every booking an index more than this question.
    visit = """ OR NOT EXISTS (SELECT 1 FROM appointment
        WHERE id = NEW.appointment_id AND organisation_id = NEW.organisation_id)"""
    strange = visit if table == "appointment_extra" else ""
    return f"""
    IF {_NOT_OURS.format(column="resource_id", kinds=_KINDS[table])}{strange} THEN
        {_RAISE.format("'claim_organisation'")};
    END IF;"""


def _deriving(table: str) -> list[str]:
    mark = _SOURCES[table]
    extras = when = ""
    changed = _changed(*_TAKES[table])
    if table == "appointment":
        changed += f" OR (OLD.status IN {tables.HOLDING}) <> (NEW.status IN {tables.HOLDING})"
        extras = f"""
    FOR extra IN SELECT id FROM appointment_extra WHERE appointment_id = NEW.id LOOP
        {_derive("x", "extra")}
    END LOOP;"""
    declare = "DECLARE extra bigint;" if extras else ""
    return [
        f"""CREATE FUNCTION {table}_claims() RETURNS trigger LANGUAGE plpgsql {_OWNED} AS $$
BEGIN
    {_LOCK.format("NEW")}
    {_checks(table)}
    {_add(mark)}
    RETURN NULL;
END $$""",
        f"""CREATE FUNCTION {table}_reclaims() RETURNS trigger LANGUAGE plpgsql {_OWNED} AS $$
{declare}
BEGIN
    {_LOCK.format("NEW")}
    {_checks(table)}
    {_derive(mark, "NEW.id")}
    {extras}
    RETURN NULL;
END $$""",
        f"""CREATE FUNCTION {table}_frees() RETURNS trigger LANGUAGE plpgsql {_OWNED} AS $$
BEGIN
    {_LOCK.format("OLD")}
    DELETE FROM claim WHERE source = '{mark}' AND source_id = OLD.id;
    RETURN NULL;
END $$""",
        (
            f"CREATE TRIGGER claims AFTER INSERT ON {table}"
            f" FOR EACH ROW {when} EXECUTE FUNCTION {table}_claims()"
        ),
        (
            f"CREATE TRIGGER reclaims AFTER UPDATE ON {table}"
            f" FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION {table}_reclaims()"
        ),
        (
            f"CREATE TRIGGER frees AFTER DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_frees()"
        ),
    ]


def _kinds() -> list[str]:
    """A provider's number belongs to a resource that is a provider, and so on."""
    out = [
        f"""CREATE FUNCTION resource_kind() RETURNS trigger LANGUAGE plpgsql {_OWNED} AS $$
BEGIN
    IF {_NOT_OURS.format(column="id", kinds="TG_TABLE_NAME::text")} THEN
        {_RAISE.format("'claim_organisation'")};
    END IF;
    RETURN NEW;
END $$"""
    ]
    out += [
        f"CREATE TRIGGER resource_kind BEFORE INSERT OR UPDATE OF id, organisation_id ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION resource_kind()"
        for table in ("provider", "operatory", "patient")
    ]
    return out


_FIXED = (
    *(
        _refusing(
            "fixed",
            "UPDATE",
            table,
            "claim_fixed",
            _changed("id", "organisation_id", *(("uuid",) if uuid else ())),
        )
        for table, uuid in (
            ("appointment", True),
            ("appointment_extra", False),
            ("calendar_event", True),
            ("hold", False),
            ("patient", True),
        )
    ),
    _refusing("kept", "UPDATE", "permit", "claim_fixed"),
    _refusing("kept", "UPDATE", "resource", "claim_fixed"),
    _refusing(
        "permit_moved",
        "UPDATE",
        "appointment",
        "claim_permit_moved",
        "NEW.permit_id = OLD.permit_id AND "
        + _changed(
            "provider_id", "operatory_id", "starts_at", "ends_at", "before_minutes", "after_minutes"
        ),
    ),
)

_GUARDS = (
    _refusing(
        "guard",
        "INSERT OR UPDATE OR DELETE",
        "claim",
        "claim_guard",
        "pg_trigger_depth() < 1",
        "STATEMENT",
    ),
    *(
        _refusing("emptied", "TRUNCATE", table, "claim_guard", each="STATEMENT")
        for table in ("claim", *_SOURCES, "permit", "resource")
    ),
)

_HISTORY = (
    *(
        _refusing("kept", "UPDATE OR DELETE OR TRUNCATE", table, "deed_kept", each="STATEMENT")
        for table in ("deed", "deed_entity")
    ),
    _refusing("kept", "DELETE OR TRUNCATE", "deed_text", "deed_kept", each="STATEMENT"),
    _refusing(
        "emptied",
        "UPDATE",
        "deed_text",
        "deed_kept",
        "NEW.organisation_id <> OLD.organisation_id OR NEW.seq <> OLD.seq"
        " OR NEW.salt <> '' OR NEW.body <> ''",
    ),
)

STATEMENTS = (
    "SET LOCAL search_path = public",
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    *tables.statements(WORDS),
    """CREATE INDEX calendar_event_long ON calendar_event (organisation_id, starts_at)
    WHERE ends_at - starts_at > interval '24 hours'""",
    "CREATE INDEX patient_trigrams ON patient USING gin (search gin_trgm_ops)",
    *_CLAIM,
    _REFUSE,
    *(s for table in _SOURCES for s in _deriving(table)),
    *_kinds(),
    *_FIXED,
    *_GUARDS,
    *_HISTORY,
)
"""All of the first schema, one statement each."""
