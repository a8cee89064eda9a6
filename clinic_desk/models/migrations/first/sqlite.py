"""The guarantee on SQLite: no time is taken twice, whatever SQL is typed.

Why BEFORE triggers with RAISE(ABORT): a UNIQUE or CHECK is skipped by ``OR IGNORE`` and
resolved by ``OR REPLACE``, which are inherited by what a trigger writes; an abort is not.
Whatever could let REPLACE take a row away unseen (its number, its uuid) is refused before.
"""

from __future__ import annotations

from clinic_desk.models.migrations.first import tables

_FIRST, _LAST = -2208988800, 7258118400  # 1900 and 2200: far enough, and no arithmetic overflows

_SPAN = (
    f"CHECK (starts_at >= {_FIRST} AND ends_at <= {_LAST} AND ends_at > starts_at"
    " AND starts_at % 60 = 0 AND ends_at % 60 = 0)"
)
WORDS = tables.SQLITE | {
    "span": _SPAN,
    "day_long": "CHECK (ends_at - starts_at <= 86400)",
}

_CLAIM = (
    """CREATE TABLE claim (resource_id INTEGER NOT NULL, starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL, source TEXT NOT NULL, source_id INTEGER NOT NULL, permit_id INTEGER,
    PRIMARY KEY (resource_id, starts_at, source, source_id)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX claim_source ON claim (source_id, source)",
    # The probe for overlaps looks back one day; longer claims are found here.
    "CREATE INDEX claim_long ON claim (resource_id, starts_at) WHERE ends_at - starts_at > 86400",
    tables.DUE.format(
        begin="starts_at - 60 * before_minutes",
        end="ends_at + 60 * after_minutes",
        extra_begin="a.starts_at + 60 * x.from_minute",
        extra_end="a.starts_at + 60 * x.to_minute",
        a="'a'",
        x="'x'",
        e="'e'",
        h="'h'",
    ),
)


def _is_due(claim: str) -> str:
    """SQL: whether *claim* (NEW or OLD, in a trigger of ``claim``) is what its source calls for.

    Only such values are looked up by key; compared with another table's column, the view would
    be read from end to end.
    """
    return f"""EXISTS (SELECT 1 FROM claim_due d WHERE d.source = {claim}.source
        AND d.source_id = {claim}.source_id AND d.resource_id = {claim}.resource_id
        AND d.starts_at = {claim}.starts_at AND d.ends_at = {claim}.ends_at
        AND d.permit_id IS {claim}.permit_id)"""


_OVERLAPS = """c.resource_id = NEW.resource_id AND c.starts_at < NEW.ends_at
        AND c.ends_at > NEW.starts_at AND (c.permit_id IS NULL OR NEW.permit_id IS NULL)"""

_GUARDS = (
    f"""CREATE TRIGGER claim_insert BEFORE INSERT ON claim BEGIN
    SELECT RAISE(ABORT, 'claim_time') WHERE typeof(NEW.starts_at) <> 'integer'
        OR typeof(NEW.ends_at) <> 'integer' OR NEW.ends_at <= NEW.starts_at;
    SELECT RAISE(ABORT, 'claim_overlap') WHERE EXISTS (SELECT 1 FROM claim c
        WHERE {_OVERLAPS} AND c.starts_at > NEW.starts_at - 86400);
    SELECT RAISE(ABORT, 'claim_overlap') WHERE EXISTS (SELECT 1 FROM claim c
        INDEXED BY claim_long WHERE {_OVERLAPS} AND c.ends_at - c.starts_at > 86400);
    SELECT RAISE(ABORT, 'claim_guard') WHERE NOT {_is_due("NEW")}
        OR EXISTS (SELECT 1 FROM claim c WHERE c.resource_id = NEW.resource_id
        AND c.starts_at = NEW.starts_at AND c.source = NEW.source AND c.source_id = NEW.source_id);
    END""",
    """CREATE TRIGGER claim_update BEFORE UPDATE ON claim BEGIN
    SELECT RAISE(ABORT, 'claim_guard'); END""",
    f"""CREATE TRIGGER claim_delete BEFORE DELETE ON claim BEGIN
    SELECT RAISE(ABORT, 'claim_guard') WHERE {_is_due("OLD")}; END""",
)


_COLUMNS = "resource_id, starts_at, ends_at, source, source_id, permit_id"


def _add(mark: str, more: str = "") -> str:
    """SQL: make the claims that ``claim_due`` calls for."""
    return f"""
    INSERT INTO claim ({_COLUMNS}) SELECT {_COLUMNS} FROM claim_due
        WHERE source = '{mark}' AND source_id = NEW.id {more};"""


def _derive(mark: str) -> str:
    """SQL: make the claims of one source what ``claim_due`` says, and leave those that are."""
    due = f"FROM claim_due WHERE source = '{mark}' AND source_id = NEW.id"
    own = f"FROM claim WHERE source = '{mark}' AND source_id = NEW.id"
    return f"""
    DELETE {own} AND (resource_id, starts_at, ends_at, COALESCE(permit_id, 0)) NOT IN
        (SELECT resource_id, starts_at, ends_at, COALESCE(permit_id, 0) {due});
    {_add(mark, f"AND (resource_id, starts_at) NOT IN (SELECT resource_id, starts_at {own})")}"""


def _changed(*columns: str) -> str:
    return " OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in columns)


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
    "appointment_extra": (),
    "calendar_event": ("resource_id", "starts_at", "ends_at"),
    "hold": ("resource_id", "starts_at", "ends_at"),
}
_WITH_UUID = frozenset({"appointment", "calendar_event", "patient"})


def _deriving(table: str) -> list[str]:
    mark = _SOURCES[table]
    changed, then = _changed(*_TAKES[table]), ""
    if table == "appointment":
        changed += f" OR (NEW.status IN {tables.HOLDING}) <> (OLD.status IN {tables.HOLDING})"
        # Touched, each derives its own claims anew.
        then = "UPDATE appointment_extra SET from_minute = from_minute"
        then += " WHERE appointment_id = NEW.id;"
    when = "" if table == "appointment_extra" else f"WHEN {changed}"
    return [
        f"CREATE TRIGGER {table}_claims AFTER INSERT ON {table} BEGIN {_add(mark)} END",
        (
            f"CREATE TRIGGER {table}_reclaims AFTER UPDATE ON {table} {when}"
            f" BEGIN {_derive(mark)} {then} END"
        ),
        f"""CREATE TRIGGER {table}_frees AFTER DELETE ON {table} BEGIN
        DELETE FROM claim WHERE source = '{mark}' AND source_id = OLD.id; END""",
    ]


def _fixed(table: str) -> list[str]:
    """Neither a number nor a uuid can be taken over from another row."""
    same = "id = NEW.id" + (" OR uuid = NEW.uuid" if table in _WITH_UUID else "")
    columns = ("id", "organisation_id") + (("uuid",) if table in _WITH_UUID else ())
    return [
        f"""CREATE TRIGGER {table}_new BEFORE INSERT ON {table} BEGIN
        SELECT RAISE(ABORT, 'claim_fixed')
        WHERE EXISTS (SELECT 1 FROM {table} WHERE {same}); END""",
        f"""CREATE TRIGGER {table}_same BEFORE UPDATE ON {table} WHEN {_changed(*columns)} BEGIN
        SELECT RAISE(ABORT, 'claim_fixed'); END""",
    ]


def _belongs(column: str, *kinds: str) -> str:
    """SQL: whether the resource is not one of the organisation's, of these kinds."""
    listed = ", ".join(f"'{k}'" for k in kinds)
    return f"""(SELECT organisation_id FROM resource WHERE id = NEW.{column}
        AND kind IN ({listed})) IS NOT NEW.organisation_id"""


def _organised(table: str, wrong: str, columns: str) -> list[str]:
    return [
        f"""CREATE TRIGGER {table}_organised_{event.split()[0].lower()} BEFORE {event} ON {table}
        WHEN {wrong} BEGIN SELECT RAISE(ABORT, 'claim_organisation'); END"""
        for event in ("INSERT", f"UPDATE OF {columns}")
    ]


_ORGANISED = (
    *_organised(
        "appointment",
        f"{_belongs('provider_id', 'provider')} OR {_belongs('patient_id', 'patient')}"
        f" OR (NEW.operatory_id IS NOT NULL AND {_belongs('operatory_id', 'operatory')})",
        "provider_id, patient_id, operatory_id",
    ),
    *_organised(
        "appointment_extra",
        f"{_belongs('resource_id', 'provider', 'operatory')} OR (SELECT organisation_id"
        " FROM appointment WHERE id = NEW.appointment_id) IS NOT NEW.organisation_id",
        "resource_id, appointment_id",
    ),
    *_organised("calendar_event", _belongs("resource_id", "provider", "operatory"), "resource_id"),
    *_organised("hold", _belongs("resource_id", "provider", "operatory", "patient"), "resource_id"),
    *(
        statement
        for kind in ("provider", "operatory", "patient")
        for statement in _organised(kind, _belongs("id", kind), "id, organisation_id")
    ),
)

_NO_PERMIT = """NEW.permit_id IS NOT NULL AND (SELECT organisation_id FROM permit
    WHERE id = NEW.permit_id) IS NOT NEW.organisation_id"""
_MOVED = _changed(
    "provider_id", "operatory_id", "starts_at", "ends_at", "before_minutes", "after_minutes"
)
_PERMITS = (
    f"""CREATE TRIGGER appointment_permit_insert BEFORE INSERT ON appointment WHEN {_NO_PERMIT}
    BEGIN SELECT RAISE(ABORT, 'claim_permit'); END""",
    f"""CREATE TRIGGER appointment_permit_update BEFORE UPDATE ON appointment WHEN {_NO_PERMIT}
    BEGIN SELECT RAISE(ABORT, 'claim_permit'); END""",
    f"""CREATE TRIGGER appointment_permit_moved BEFORE UPDATE ON appointment
    WHEN NEW.permit_id = OLD.permit_id AND ({_MOVED})
    BEGIN SELECT RAISE(ABORT, 'claim_permit_moved'); END""",
    """CREATE TRIGGER permit_kept BEFORE UPDATE ON permit
    BEGIN SELECT RAISE(ABORT, 'claim_fixed'); END""",
    """CREATE TRIGGER permit_used BEFORE DELETE ON permit
    WHEN EXISTS (SELECT 1 FROM appointment WHERE permit_id = OLD.id)
    BEGIN SELECT RAISE(ABORT, 'claim_permit'); END""",
    """CREATE TRIGGER resource_kept BEFORE UPDATE ON resource
    BEGIN SELECT RAISE(ABORT, 'claim_fixed'); END""",
    # Also where foreign keys are switched off, as they are in other programs by default.
    """CREATE TRIGGER appointment_leaves BEFORE DELETE ON appointment
    BEGIN DELETE FROM appointment_extra WHERE appointment_id = OLD.id; END""",
)

_HISTORY = (
    *(
        f"CREATE TRIGGER {table}_kept_{event.lower()} BEFORE {event} ON {table}"
        " BEGIN SELECT RAISE(ABORT, 'deed_kept'); END"
        for table in ("deed", "deed_entity")
        for event in ("UPDATE", "DELETE")
    ),
    """CREATE TRIGGER deed_new BEFORE INSERT ON deed WHEN EXISTS (SELECT 1 FROM deed
    WHERE organisation_id = NEW.organisation_id AND (seq = NEW.seq))
    OR EXISTS (SELECT 1 FROM deed WHERE organisation_id = NEW.organisation_id
    AND COALESCE(actor_id, 0) = COALESCE(NEW.actor_id, 0) AND request_id = NEW.request_id)
    BEGIN SELECT RAISE(ABORT, 'deed_kept'); END""",
    """CREATE TRIGGER deed_text_new BEFORE INSERT ON deed_text WHEN EXISTS (SELECT 1 FROM deed_text
    WHERE organisation_id = NEW.organisation_id AND seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'deed_kept'); END""",
    """CREATE TRIGGER deed_text_emptied BEFORE UPDATE ON deed_text
    WHEN NEW.organisation_id <> OLD.organisation_id OR NEW.seq <> OLD.seq
    OR NEW.salt <> '' OR NEW.body <> ''
    BEGIN SELECT RAISE(ABORT, 'deed_kept'); END""",
    """CREATE TRIGGER deed_text_kept BEFORE DELETE ON deed_text
    BEGIN SELECT RAISE(ABORT, 'deed_kept'); END""",
)

_SEARCH = (
    """CREATE VIRTUAL TABLE patient_search USING fts5 (search, content = 'patient',
    content_rowid = 'id', tokenize = 'trigram')""",
    """CREATE TRIGGER patient_found AFTER INSERT ON patient BEGIN
    INSERT INTO patient_search (rowid, search) VALUES (NEW.id, NEW.search); END""",
    """CREATE TRIGGER patient_forgotten AFTER DELETE ON patient BEGIN
    INSERT INTO patient_search (patient_search, rowid, search)
    VALUES ('delete', OLD.id, OLD.search); END""",
    """CREATE TRIGGER patient_renamed AFTER UPDATE ON patient WHEN NEW.search IS NOT OLD.search
    BEGIN INSERT INTO patient_search (patient_search, rowid, search)
    VALUES ('delete', OLD.id, OLD.search);
    INSERT INTO patient_search (rowid, search) VALUES (NEW.id, NEW.search); END""",
)

STATEMENTS = (
    *tables.statements(WORDS),
    """CREATE INDEX calendar_event_long ON calendar_event (organisation_id, starts_at)
    WHERE ends_at - starts_at > 86400""",
    *_CLAIM,
    *_GUARDS,
    *(s for table in _SOURCES for s in _deriving(table)),
    *(s for table in (*_SOURCES, "permit", "resource", "patient") for s in _fixed(table)),
    *_ORGANISED,
    *_PERMITS,
    *_HISTORY,
    *_SEARCH,
)
"""All of the first schema, one statement each."""
