"""The rights of a desk on a PostgreSQL server: all that the program does, and no more.

Whoever owns the tables runs this (``clinic-desk migrate``). Desks sign in as members of the
role: they cannot change the schema, the history or the claims, whatever SQL they send.
"""

from __future__ import annotations

import re
from typing import Any

import peewee as pw

ROLE = "clinic_desk_app"

_CHANGING = (
    "organisation location clinic_hours closed_day operatory provider qualification"
    " provider_qualification type_qualification appointment_type patient patient_case series"
    " appointment appointment_extra calendar_event hold work_hours work_exception role"
    " user_account outbox setting webhook webhook_call"
)
_SETS = "provider_weekday user_location care_team case_type form_type form_category document_part"
_TAKEN_BACK = (
    "service_code service_modifier patient_note appointment_message form form_answer referral"
    " payment message_template"
)
"""Rows that go where their creation is undone, or where somebody removes them."""
_KEEPING = "document consent api_token calendar_address patient_import"
_ADDING = "resource permit deed deed_text deed_entity"
_READING = "claim claim_due schema_migration database_info"
RIGHTS = {
    "SELECT, INSERT, UPDATE, DELETE": [*_CHANGING.split(), *_SETS.split(), *_TAKEN_BACK.split()],
    "SELECT, INSERT, UPDATE": _KEEPING.split(),
    "SELECT, INSERT": _ADDING.split(),
    "SELECT": _READING.split(),
}
"""Who may do what; a table that is not named here is closed to desks."""


def grant(db: pw.Database, role: str = ROLE) -> None:
    """Make *role* (where it does not exist yet) and give it exactly the rights of a desk.

    Raises ``ValueError`` for a name that is not a plain lower-case word; the database's own
    error where the present role may not create roles or grant rights.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise ValueError(f"not a plain name of a role: {role!r}")
    db.connect(reuse_if_open=True)
    with db.atomic():
        if not _exists(db, role):
            _do(db, f"CREATE ROLE {role} NOLOGIN")
        _do(db, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        _do(db, f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {role}")
        _do(db, f"REVOKE CREATE ON SCHEMA public FROM {role}")
        _do(db, f"GRANT USAGE ON SCHEMA public TO {role}")
        for rights, tables in RIGHTS.items():
            _do(db, f"GRANT {rights} ON {', '.join(tables)} TO {role}")
        _do(db, f"GRANT UPDATE (tzdata) ON database_info TO {role}")
        _do(db, f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")


def grant_again(db: pw.Database) -> None:
    """After a change of the schema: desks get their rights on what is new. Without the role
    nothing happens, so a server where everybody is the owner works as well.
    """
    if _exists(db, ROLE):
        grant(db)


def _exists(db: pw.Database, role: str) -> bool:
    return bool(_do(db, "SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone())


def _do(db: pw.Database, sql: str, parameters: tuple[Any, ...] = ()) -> Any:
    return db.execute_sql(sql, parameters)
