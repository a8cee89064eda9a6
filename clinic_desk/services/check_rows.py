"""The questions of ``check`` about rows: references, values, claims, overlaps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from clinic_desk.rules.lifecycle import HOLDING, Status
from clinic_desk.rules.words import N_
from clinic_desk.services import portable
from clinic_desk.services.store import Store

Finding = tuple[str, dict[str, Any]]

ELSEWHERE = N_("{table} {id} points by {column} to what is not its organisation's.")
STATUS = N_("Appointment {id} has the unknown status “{status}”.")
BACKWARDS = N_("{table} {id} ends before it begins.")
NO_VERSION = N_("{table} {id} has the version {version}; versions count from 1.")
NO_ZONE = N_("{table} {id} names the unknown time zone “{zone}”.")
UNGUARDED = N_(
    "{source} {id} takes the time of resource {resource} at {at}, and nothing guards it."
)
UNASKED = N_("Resource {resource} is taken at {at} by {source} {id}, which does not ask for it.")
TWICE = N_("Resource {resource} is taken twice at {at}: by {source} {id} and {other} {other_id}.")

NAMES = {"a": "appointment", "x": "appointment_extra", "e": "calendar_event", "h": "hold"}

_WRITTEN = ("patient_note", "document", "appointment_message")
_REFERENCES = (
    *(
        ("appointment", column, table)
        for column, table in (
            ("provider_id", "provider"),
            ("operatory_id", "operatory"),
            ("patient_id", "patient"),
            ("case_id", "patient_case"),
            ("type_id", "appointment_type"),
            ("location_id", "location"),
            ("series_id", "series"),
            ("permit_id", "permit"),
        )
    ),
    ("appointment_extra", "appointment_id", "appointment"),
    ("appointment_extra", "resource_id", "resource"),
    ("calendar_event", "resource_id", "resource"),
    ("calendar_event", "series_id", "series"),
    ("patient_case", "patient_id", "patient"),
    ("patient", "id", "resource"),
    ("provider", "id", "resource"),
    ("operatory", "id", "resource"),
    ("patient", "preferred_provider_id", "provider"),
    ("patient", "merged_into_id", "patient"),
    ("location", "default_operatory_id", "operatory"),
    ("provider", "default_location_id", "location"),
    *((t, "service_code_id", "service_code") for t in ("provider", "appointment_type")),
    ("appointment", "service_code_id", "service_code"),
    ("appointment", "modifier_id", "service_modifier"),
    *(
        (table, "appointment_id", "appointment")
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
    *(
        (table, "patient_id", "patient")
        for table in ("care_team", "patient_note", "document", "consent", "outbox")
    ),
    *((table, "user_id", "user_account") for table in ("user_location", "care_team")),
    *((table, "author_id", "user_account") for table in _WRITTEN),
    *((table, "document_id", "document") for table in ("referral", "consent", "document_part")),
    ("provider_weekday", "provider_id", "provider"),
    *((table, "location_id", "location") for table in ("provider_weekday", "user_location")),
    ("case_type", "case_id", "patient_case"),
    *((table, "type_id", "appointment_type") for table in ("case_type", "form_type")),
    *((table, "form_id", "form") for table in ("form_type", "form_answer")),
    ("form_answer", "answered_by", "user_account"),
    ("form_category", "owner_id", "user_account"),
    ("form", "category_id", "form_category"),
    ("consent", "asked_by", "user_account"),
    ("patient_import", "user_id", "user_account"),
    ("webhook_call", "webhook_id", "webhook"),
    ("calendar_address", "provider_id", "provider"),
    ("user_account", "role_id", "role"),
    ("work_hours", "provider_id", "provider"),
    ("work_hours", "location_id", "location"),
    ("work_exception", "provider_id", "provider"),
)
_ZONES = ("organisation", "location", "appointment", "calendar_event")


def references(store: Store) -> Iterator[Finding]:
    """No row points into another organisation, or nowhere."""
    for table, column, other in _REFERENCES:
        key = "document_id" if table == "document_part" else "id"
        for (number,) in _rows(
            store,
            f"SELECT x.{key} FROM {table} x LEFT JOIN {other} y ON y.id = x.{column}"  # noqa: S608
            f" AND y.organisation_id = x.organisation_id"
            f" WHERE x.{column} IS NOT NULL AND y.id IS NULL ORDER BY 1",
        ):
            yield ELSEWHERE, {"table": table, "id": number, "column": column}


def values(store: Store) -> Iterator[Finding]:
    """Statuses that exist, spans that run forwards, versions from 1, zones that are known."""
    listed = ", ".join(f"'{status}'" for status in Status)
    for number, status in _rows(
        store,
        f"SELECT id, status FROM appointment WHERE status NOT IN ({listed}) ORDER BY id",  # noqa: S608
    ):
        yield STATUS, {"id": number, "status": status}
    for table in ("appointment", "calendar_event", "hold"):
        for (number,) in _rows(
            store,
            f"SELECT id FROM {table} WHERE ends_at <= starts_at ORDER BY id",  # noqa: S608
        ):
            yield BACKWARDS, {"table": table, "id": number}
    for model in portable.TABLES:
        table = model._meta.table_name
        if {"id", "version"} <= model._meta.columns.keys():
            for number, version in _rows(
                store,
                f"SELECT id, version FROM {table} WHERE version < 1 ORDER BY id",  # noqa: S608
            ):
                yield NO_VERSION, {"table": table, "id": number, "version": version}
    for table in _ZONES:
        for number, zone in _rows(
            store,
            f"SELECT min(id), time_zone FROM {table} GROUP BY time_zone",  # noqa: S608
        ):
            if not _known(zone):
                yield NO_ZONE, {"table": table, "id": number, "zone": zone}


def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        return False
    return True


def claims(store: Store) -> Iterator[Finding]:
    """What is guarded is what its source asks for, no more and no less."""
    columns = "resource_id, starts_at, ends_at, source, source_id, permit_id"
    for left, right, message in (
        ("claim_due", "claim", UNGUARDED),
        ("claim", "claim_due", UNASKED),
    ):
        for resource, begin, _, source, number, _ in _rows(
            store,
            f"SELECT {columns} FROM {left} EXCEPT SELECT {columns} FROM {right}",  # noqa: S608
        ):
            yield (
                message,
                {
                    "resource": resource,
                    "at": _instant(begin),
                    "source": NAMES.get(source, source),
                    "id": number,
                },
            )


def overlaps(store: Store) -> Iterator[Finding]:
    """Nobody is in two places: a plain sweep over visits and events themselves.

    Two may overlap only where both stand under a permit. The patient's time is the visit
    without its buffers, and no permit shares it.
    """
    last: dict[bool, tuple[int, str, int]] = {}
    resource = None
    for who, begin, end, source, number, permit in _taken(store):
        if who != resource:
            resource, last = who, {}
        shared = permit is not None
        for other_shared, (other_end, other, other_number) in last.items():
            if other_end > begin and not (shared and other_shared):
                yield (
                    TWICE,
                    {
                        "resource": who,
                        "at": portable.instant(begin),
                        "source": NAMES[source],
                        "id": number,
                        "other": NAMES[other],
                        "other_id": other_number,
                    },
                )
                break
        if shared not in last or end > last[shared][0]:
            last[shared] = (end, source, number)


def _taken(store: Store) -> Iterator[tuple[Any, ...]]:
    """All that takes time, sorted; reckoned here, not by the view that the triggers use."""
    holding = ", ".join(f"'{status}'" for status in sorted(HOLDING))
    server = store.dialect == "postgresql"

    def epoch(name: str) -> str:
        return f"extract(epoch FROM {name})::bigint" if server else name

    begin, end = epoch("a.starts_at"), epoch("a.ends_at")
    padded = f"{begin} - 60 * before_minutes, {end} + 60 * after_minutes"
    stands = f"FROM appointment a WHERE status IN ({holding})"
    text = f"""
        SELECT provider_id AS r, {padded}, 'a' AS s, id AS n, permit_id AS p {stands}
        UNION ALL SELECT operatory_id, {padded}, 'a', id, permit_id {stands}
            AND operatory_id IS NOT NULL
        UNION ALL SELECT patient_id, {begin}, {end}, 'a', id, NULL {stands}
        UNION ALL SELECT x.resource_id, {begin} + 60 * x.from_minute,
            {begin} + 60 * x.to_minute, 'x', x.id, a.permit_id
            FROM appointment_extra x JOIN appointment a ON a.id = x.appointment_id
            WHERE a.status IN ({holding})
        UNION ALL SELECT resource_id, {begin}, {end}, 'e', id, NULL FROM calendar_event a
        UNION ALL SELECT resource_id, {begin}, {end}, 'h', id, NULL FROM hold a
        ORDER BY 1, 2, 3"""  # noqa: S608
    return _rows(store, text)


def _rows(store: Store, text: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a question that may take its time: no deadline, few rows in memory."""
    connection = store.connection()
    if store.dialect == "sqlite":
        yield from connection.execute(text)
        return
    with connection.transaction(), connection.cursor(name="check") as cursor:
        cursor.itersize = portable.FETCHED
        cursor.execute(text)
        yield from cursor


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else portable.instant(value)
