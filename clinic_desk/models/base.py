"""The database of this process: opening it, and the ground that all rows stand on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import peewee as pw

from clinic_desk.rules.errors import ClinicError
from clinic_desk.rules.words import N_

V = TypeVar("V")

if TYPE_CHECKING:
    _Field = pw.Field
    _DateField = pw.DateField
else:

    class _Field(pw.Field):
        def __class_getitem__(cls, _value: object) -> type:
            return cls

    class _DateField(pw.DateField):
        def __class_getitem__(cls, _value: object) -> type:
            return cls


database = pw.DatabaseProxy()
"""The one open database; :func:`connect` puts it in."""


def on_sqlite() -> bool:
    """Whether the open database is a file of SQLite (otherwise a PostgreSQL server)."""
    return isinstance(database.obj, pw.SqliteDatabase)


class UtcDateTimeField(_Field[V]):
    """An instant, to the second: aware and in UTC in Python.

    SQLite keeps whole seconds since 1970 (texts with different offsets would compare as
    texts), PostgreSQL a ``timestamptz``. A datetime without a zone is refused, since nobody
    can know which one was meant.
    """

    field_type = "INSTANT"

    if TYPE_CHECKING:

        @overload
        def __new__(
            cls, *, null: Literal[True], **more: Any
        ) -> UtcDateTimeField[datetime | None]: ...
        @overload
        def __new__(
            cls, *, null: Literal[False] = ..., **more: Any
        ) -> UtcDateTimeField[datetime]: ...
        def __new__(cls, **more: Any) -> Any: ...

    def db_value(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, datetime) or value.utcoffset() is None:
            raise TypeError(f"{self.name} needs an aware datetime, not {value!r}")
        instant = value.astimezone(UTC).replace(microsecond=0)
        return int(instant.timestamp()) if on_sqlite() else instant

    def python_value(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.fromtimestamp(value, UTC)


class DayField(_DateField[V]):
    """A date of a calendar on a wall, without a zone; ISO text on SQLite."""

    if TYPE_CHECKING:

        @overload
        def __new__(cls, *, null: Literal[True], **more: Any) -> DayField[date | None]: ...
        @overload
        def __new__(cls, *, null: Literal[False] = ..., **more: Any) -> DayField[date]: ...
        def __new__(cls, **more: Any) -> Any: ...

    def db_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) and on_sqlite() else value


class Row(pw.Model):
    """A row with a number of its own."""

    id = pw.BigAutoField()

    class Meta:
        database = database
        legacy_table_names = False


def connect(url: str) -> pw.Database:
    """Make the database at *url* the one of this process and give it back, not yet connected
    where it is a server; each thread that uses it gets a connection of its own.

    *url* is ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or
    ``postgresql://user:password@host:port/name``. A file is looked at before it is touched:
    raises ``Unavailable`` on a network share or in a synced folder, ``Damaged`` where it is
    not one of ours.
    """
    opened: pw.Database
    if url.startswith("sqlite:///"):
        from clinic_desk.models.files import FileDatabase

        opened = FileDatabase(url.removeprefix("sqlite:///"))
    elif url.startswith(("postgresql://", "postgres://")):
        from clinic_desk.models.server import ServerDatabase

        opened = ServerDatabase(url.replace("postgres://", "postgresql://", 1))
    else:
        raise ClinicError(
            N_("“{url}” does not name a database."),
            way_out=N_("Use sqlite:///file.db or postgresql://user@host/name."),
            url=url.rsplit("@", 1)[-1],
        )
    database.initialize(opened)
    return opened
