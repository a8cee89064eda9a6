"""Rows in the one form that both databases and a backup file agree on, many at a time.

Instants are whole seconds since 1970, days ISO text, truth true or false, all else numbers
and text. In this form the same rows are the same values wherever they came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

import peewee

from clinic_desk.models.base import DayField, UtcDateTimeField
from clinic_desk.models.catalogue import (
    AppointmentType,
    ClinicHours,
    ClosedDay,
    Location,
    Operatory,
    Permit,
    ProviderQualification,
    Qualification,
    TypeQualification,
    WorkException,
    WorkHours,
)
from clinic_desk.models.diary import Appointment, AppointmentExtra, CalendarEvent, Case, Series
from clinic_desk.models.journal import Deed, DeedEntity, DeedText, Outbox
from clinic_desk.models.people import (
    Organisation,
    Patient,
    Provider,
    Resource,
    Role,
    Setting,
    User,
)
from clinic_desk.services.store import Store

Values = Sequence[Any]
"""One row in portable form, in the order of its columns."""

TABLES: tuple[type[peewee.Model], ...] = (
    Organisation,
    Resource,
    Location,
    ClinicHours,
    ClosedDay,
    Operatory,
    Provider,
    Qualification,
    ProviderQualification,
    AppointmentType,
    TypeQualification,
    Patient,
    Case,
    Series,
    Role,
    User,
    Permit,
    WorkHours,
    WorkException,
    Deed,
    DeedText,
    DeedEntity,
    Appointment,
    AppointmentExtra,
    CalendarEvent,
    Outbox,
    Setting,
)
"""All that is worth keeping, each table after those that it points to."""

NOT_KEPT = frozenset({"claim", "hold", "database_info", "schema_migration", "patient_search"})
"""Derived, of a minute's worth, or the database's own: never copied to another database."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATCH = 1000
FETCHED = 2000
"""Rows that are in memory at a time while a whole table is read."""


class Kind(Enum):
    """What a column holds in portable form."""

    PLAIN = "plain"
    TRUTH = "truth"
    INSTANT = "instant"
    DAY = "day"


class Column(NamedTuple):
    """A column of a table; ``null`` where it may be empty."""

    name: str
    kind: Kind
    null: bool


@cache
def columns(model: type[peewee.Model]) -> tuple[Column, ...]:
    """The columns of a table in the order of its model."""
    return tuple(
        Column(field.column_name, _kind(field), field.null) for field in model._meta.sorted_fields
    )


def _kind(field: peewee.Field[Any]) -> Kind:
    if isinstance(field, UtcDateTimeField):
        return Kind.INSTANT
    if isinstance(field, DayField):
        return Kind.DAY
    return Kind.TRUTH if isinstance(field, peewee.BooleanField) else Kind.PLAIN


def portable(kind: Kind, value: Any) -> Any:
    """*value* as Python holds it, in portable form."""
    if isinstance(value, datetime):
        return seconds(value)
    if isinstance(value, date):
        return value.isoformat()
    return bool(value) if kind is Kind.TRUTH and value is not None else value


def seconds(instant: datetime) -> int:
    """Whole seconds since 1970."""
    return int(instant.timestamp())


def values(model: type[peewee.Model], fields: dict[str, Any]) -> tuple[Any, ...]:
    """A row from its fields as Python holds them; those not given have the model's defaults."""
    defaults = _defaults(model)
    return tuple(
        portable(c.kind, fields[c.name] if c.name in fields else defaults[c.name])
        for c in columns(model)
    )


@cache
def _defaults(model: type[peewee.Model]) -> dict[str, Any]:
    return {f.column_name: f.default for f in model._meta.sorted_fields}


@cache
def _reading(model: type[peewee.Model], dialect: str, where: str) -> str:
    names = []
    for column in columns(model):
        if dialect == "postgresql" and column.kind is Kind.INSTANT:
            names.append(f"extract(epoch FROM {column.name})::bigint")
        elif dialect == "postgresql" and column.kind is Kind.DAY:
            names.append(f"{column.name}::text")
        else:
            names.append(column.name)
    key = ", ".join(keys(model))
    return f"SELECT {', '.join(names)} FROM {model._meta.table_name} {where} ORDER BY {key}"  # noqa: S608


@cache
def keys(model: type[peewee.Model]) -> tuple[str, ...]:
    """The columns of the primary key, by which whole tables are read in order."""
    key: Any = model._meta.primary_key
    if isinstance(key, peewee.CompositeKey):
        return tuple(key.field_names)
    return (str(key.column_name),)


def read(store: Store, model: type[peewee.Model], where: str = "") -> Iterator[Values]:
    """All rows of a table by their key, few of them in memory at a time.

    The connection is the thread's; on PostgreSQL a transaction has to be open.
    """
    connection = store.connection()
    text = _reading(model, store.dialect, where)
    if store.dialect == "sqlite":
        cursor = connection.cursor()
        cursor.execute(text)
        yield from _truthful(model, iter(lambda: cursor.fetchmany(FETCHED), []))
        return
    with connection.cursor(name="portable") as cursor:
        cursor.itersize = FETCHED
        cursor.execute(text)
        yield from cursor


def _truthful(
    model: type[peewee.Model], batches: Iterator[list[tuple[Any, ...]]]
) -> Iterator[Values]:
    """SQLite keeps truth as 0 and 1."""
    places = [i for i, c in enumerate(columns(model)) if c.kind is Kind.TRUTH]
    for batch in batches:
        if not places:
            yield from batch
            continue
        for found in batch:
            row = list(found)
            for place in places:
                row[place] = bool(row[place])
            yield row


def write(
    store: Store,
    model: type[peewee.Model],
    rows: Iterable[Values],
    names: Sequence[str] | None = None,
) -> None:
    """Add rows to a table, by COPY where there is one. A transaction has to be open.

    *names* are the columns that the rows hold; all of them unless given. Triggers and
    constraints see every row. Errors are the driver's own.
    """
    all_columns = {c.name: c for c in columns(model)}
    given = [all_columns[n] for n in names] if names else list(all_columns.values())
    table, listed = model._meta.table_name, ", ".join(c.name for c in given)
    connection = store.connection()
    if store.dialect == "sqlite":
        marks = ", ".join("?" * len(given))
        connection.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", rows)  # noqa: S608
        return
    instants = [i for i, c in enumerate(given) if c.kind is Kind.INSTANT]
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy,
    ):
        for values_ in rows:
            row = list(values_)
            for place in instants:
                if row[place] is not None:
                    row[place] = instant(row[place])
            copy.write_row(row)


def instant(value: int) -> datetime:
    """The aware instant of whole seconds since 1970."""
    return datetime.fromtimestamp(value, UTC)


def place_of(model: type[peewee.Model], name: str) -> int:
    """Where a column stands in a row."""
    return [c.name for c in columns(model)].index(name)


def picking(model: type[peewee.Model], *names: str) -> Any:
    """A function that picks these columns from a row."""
    return itemgetter(*(place_of(model, n) for n in names))


def resume_numbers(store: Store) -> None:
    """After rows came with their own numbers: the database's next ones follow on."""
    if store.dialect == "sqlite":
        return
    connection = store.connection()
    for model in TABLES:
        if keys(model) == ("id",):
            table = model._meta.table_name
            connection.execute(
                f"SELECT setval(s, (SELECT max(id) FROM {table}))"  # noqa: S608
                " FROM pg_get_serial_sequence(%s, 'id') AS s"
                f" WHERE s IS NOT NULL AND EXISTS (SELECT 1 FROM {table})",
                (table,),
            )
