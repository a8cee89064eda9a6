"""Rows in the one form that both databases and a backup file agree on, many at a time.

Instants are whole seconds since 1970, days ISO text, truth true or false, bytes base64, all else
numbers and text. In this form the same rows are the same values wherever they came from.
"""

from __future__ import annotations

import base64
import itertools
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
    ProviderWeekday,
    Qualification,
    ServiceCode,
    ServiceModifier,
    TypeQualification,
    WorkException,
    WorkHours,
)
from clinic_desk.models.consents import Consent
from clinic_desk.models.diary import (
    Appointment,
    AppointmentExtra,
    CalendarEvent,
    Case,
    CaseType,
    Payment,
    Series,
)
from clinic_desk.models.documents import (
    AppointmentMessage,
    Document,
    DocumentPart,
    PatientNote,
    Referral,
)
from clinic_desk.models.forms import Form, FormAnswer, FormCategory, FormType
from clinic_desk.models.imports import PatientImport
from clinic_desk.models.journal import Deed, DeedEntity, DeedText, MessageTemplate, Outbox
from clinic_desk.models.people import (
    CareTeam,
    Organisation,
    Patient,
    Provider,
    Resource,
    Role,
    Setting,
    User,
    UserLocation,
)
from clinic_desk.models.tokens import ApiToken, CalendarAddress
from clinic_desk.models.webhooks import Webhook, WebhookCall
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
    ServiceCode,
    ServiceModifier,
    Provider,
    ProviderWeekday,
    Qualification,
    ProviderQualification,
    AppointmentType,
    TypeQualification,
    Patient,
    Case,
    CaseType,
    Series,
    Role,
    User,
    UserLocation,
    CareTeam,
    Permit,
    WorkHours,
    WorkException,
    Deed,
    DeedText,
    DeedEntity,
    Appointment,
    AppointmentExtra,
    AppointmentMessage,
    CalendarEvent,
    PatientNote,
    Document,
    DocumentPart,
    Referral,
    Payment,
    FormCategory,
    Form,
    FormType,
    FormAnswer,
    Consent,
    PatientImport,
    MessageTemplate,
    ApiToken,
    CalendarAddress,
    Webhook,
    WebhookCall,
    Outbox,
    Setting,
)
"""All that is worth keeping, each table after those that it points to."""

LATER: dict[type[peewee.Model], str] = {
    Location: "default_operatory_id",
    Patient: "merged_into_id",
}
"""Columns that point to rows which come later; they are set when all rows are there."""

NOT_KEPT = frozenset({"claim", "hold", "database_info", "schema_migration", "patient_search"})
"""Derived, of a minute's worth, or the database's own: never copied to another database."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATCH = 1000
FETCHED = 2000
"""Rows that are in memory at a time while a whole table is read."""
FETCHED_LARGE = 2
"""The same of rows with pieces of files in them."""


class Kind(Enum):
    """What a column holds in portable form."""

    PLAIN = "plain"
    TRUTH = "truth"
    INSTANT = "instant"
    DAY = "day"
    BYTES = "bytes"


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
    if isinstance(field, peewee.BlobField):
        return Kind.BYTES
    return Kind.TRUTH if isinstance(field, peewee.BooleanField) else Kind.PLAIN


def portable(kind: Kind, value: Any) -> Any:
    """*value* as Python holds it, in portable form."""
    if isinstance(value, datetime):
        return seconds(value)
    if isinstance(value, date):
        return value.isoformat()
    if kind is Kind.BYTES and value is not None:
        return base64.b64encode(value).decode("ascii")
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
    large = any(c.kind is Kind.BYTES for c in columns(model))
    fetched = FETCHED_LARGE if large else FETCHED
    if store.dialect == "sqlite":
        cursor = connection.cursor()
        cursor.execute(text)
        found = itertools.chain.from_iterable(iter(lambda: cursor.fetchmany(fetched), []))
        yield from _changed(model, found, {Kind.TRUTH, Kind.BYTES})  # it keeps truth as 0 and 1
        return
    with connection.cursor(name="portable") as cursor:
        cursor.itersize = fetched
        cursor.execute(text)
        yield from _changed(model, cursor, {Kind.BYTES})


def _changed(
    model: type[peewee.Model], rows: Iterable[Values], kinds: set[Kind]
) -> Iterator[Values]:
    """The rows with columns of these kinds in portable form; the others have it already."""
    places = [(i, c.kind) for i, c in enumerate(columns(model)) if c.kind in kinds]
    if not places:
        yield from rows
        return
    for found in rows:
        row = list(found)
        for place, kind in places:
            row[place] = portable(kind, row[place])
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
    pieces = [i for i, c in enumerate(given) if c.kind is Kind.BYTES]
    if pieces:
        rows = _unpacked(rows, pieces)
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


def _unpacked(rows: Iterable[Values], places: Sequence[int]) -> Iterator[Values]:
    """The rows with bytes instead of base64."""
    for found in rows:
        row = list(found)
        for place in places:
            if row[place] is not None:
                row[place] = base64.b64decode(row[place])
        yield row


class Held:
    """What the rows of :data:`LATER` point to, until all rows are there."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str, int, int]] = []

    def back(self, model: type[peewee.Model], rows: Iterator[Values]) -> Iterator[Values]:
        """The same rows, pointing to none that comes later."""
        column = LATER.get(model)
        if column is None:
            yield from rows
            return
        own, other = place_of(model, "id"), place_of(model, column)
        for found in rows:
            row = list(found)
            if row[other] is not None:
                table = str(model._meta.table_name)
                self._found.append((table, column, row[own], row[other]))
                row[other] = None
            yield row

    def set(self, store: Store) -> None:
        """Write it. Errors are the driver's own."""
        connection = store.connection()
        for table, column, number, other in self._found:
            connection.execute(
                store.placed(f"UPDATE {table} SET {column} = ? WHERE id = ?"),  # noqa: S608
                (other, number),
            )


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
