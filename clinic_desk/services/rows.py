"""Between rows as the driver gives them and rows as the models name them.

The door reads and writes by prepared texts instead of composed queries: the same few
statements run thousands of times a day under a lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar, cast

import peewee

from clinic_desk.services.transaction import Statement

R = TypeVar("R", bound=peewee.Model)


@cache
def columns(model: type[peewee.Model]) -> tuple[str, ...]:
    """The column names of *model* in the order of its fields."""
    return tuple(field.column_name for field in model._meta.sorted_fields)


@cache
def table(model: type[peewee.Model]) -> str:
    """The table's name, quoted where the word is SQL's own."""
    return str(model._meta.table_name)


@cache
def _readers(model: type[peewee.Model]) -> tuple[tuple[str, Any], ...]:
    plain = peewee.Field.python_value
    out = []
    for field in model._meta.sorted_fields:
        adapt = field.python_value
        # Numbers and texts come as they are; instants, days and truth values need adapting.
        as_is = getattr(adapt, "__func__", None) is plain and not isinstance(
            field, peewee.DateField | peewee.BooleanField
        )
        out.append((field.name, None if as_is else adapt))
    return tuple(out)


@cache
def _writers(model: type[peewee.Model]) -> dict[str, peewee.Field]:
    return {f.name: f for f in model._meta.sorted_fields} | {
        f.column_name: f for f in model._meta.sorted_fields
    }


def row(model: type[R], values: Sequence[Any]) -> R:
    """A row from the values of a SELECT over ``columns(model)``."""
    made: Any = model()
    data = made.__data__
    data.clear()
    for (name, adapt), value in zip(_readers(model), values, strict=False):
        data[name] = value if adapt is None or value is None else adapt(value)
    made._dirty.clear()
    return cast("R", made)


def rows(model: type[R], found: Iterable[Sequence[Any]]) -> list[R]:
    """Rows from the answers of a SELECT over ``columns(model)``."""
    return [row(model, values) for values in found]


def stored(model: type[peewee.Model], name: str, value: Any) -> Any:
    """*value* of the field *name* as the driver wants it."""
    return _writers(model)[name].db_value(value)


def column(model: type[peewee.Model], name: str) -> str:
    """The column of the field *name*."""
    return str(_writers(model)[name].column_name)


@cache
def selecting(model: type[peewee.Model]) -> str:
    """``SELECT`` of all columns ``FROM`` the table, to be continued."""
    return f"SELECT {', '.join(columns(model))} FROM {table(model)}"  # noqa: S608


def by_id(model: type[peewee.Model], organisation_id: int, number: int) -> Statement:
    """The row with this id, if it belongs to the organisation (or is it itself)."""
    owner = "organisation_id" if "organisation_id" in columns(model) else "id"
    return Statement(f"{selecting(model)} WHERE id = ? AND {owner} = ?", (number, organisation_id))
