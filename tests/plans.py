"""How a file's planner would read what the services ask, in a clinic of years.

Statements are noted while the tests run; at the end each is explained on an empty database, whose
planner is told what every clinic's is told (:mod:`clinic_desk.models.statistics`). Whatever reads
all of a table that grows with every day, without being meant to, is a mistake that no test of a
small database would feel.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

from clinic_desk.models import schema
from clinic_desk.models.files import FileDatabase
from clinic_desk.models.statistics import GROWING

_PLUMBING = {"peewee", __name__} | {
    f"clinic_desk.{name}"
    for name in ("models.files", "services.store", "services.transaction", "services.work")
}
_NAMED = re.compile(r"\b(?:FROM|JOIN|UPDATE)\s+(\w+)(?:\s+(?:AS\s+)?(\w+))?", re.IGNORECASE)
_READ = re.compile(r"(SCAN|SEARCH) (\w+)(.*)")
_ALL_OF_IT = re.compile(
    r"\((?:organisation_id|kind|organisation_id=\? AND kind)=\?\)$"
    r"|^ USING PRIMARY KEY \(resource_id=\? AND starts_at<\?\)$"  # all that somebody ever had
)

Noted = set[tuple[str, str]]
"""The service that asks, and what."""


def noting(noted: Noted) -> Callable[[], None]:
    """From now on all that the services ask files is noted; what is returned ends it."""
    opened: Any = FileDatabase(":memory:")
    line = type(opened.connection())
    execute, cursor = line.execute, line.cursor
    plain = type(opened.cursor())
    opened.close()

    class Cursor(plain):  # type: ignore[misc, valid-type]
        def execute(self, sql: str, *values: Any) -> Any:
            _note(noted, sql)
            return super().execute(sql, *values)

    def at_once(self: Any, sql: str, *values: Any) -> Any:
        _note(noted, sql)
        return execute(self, sql, *values)

    line.execute = at_once
    line.cursor = lambda self, *given: cursor(self, *(given or (Cursor,)))

    def end() -> None:
        line.execute, line.cursor = execute, cursor

    return end


def _note(noted: Noted, sql: str) -> None:
    frame = sys._getframe(2)
    while frame.f_globals["__name__"] in _PLUMBING and frame.f_back is not None:
        frame = frame.f_back
    module = frame.f_globals["__name__"]
    if module.startswith("clinic_desk.services."):
        noted.add((module.rpartition(".")[2], sql))


def whole_tables(noted: Noted) -> Iterator[tuple[str, str, str]]:
    """Service, statement and line of the plan, where it reads all of a table that grows."""
    database: Any = FileDatabase(":memory:")
    schema.create(database)
    ask = database.connection().execute
    for module, sql in sorted(noted):
        if sql.split(None, 1)[0].upper() not in {"SELECT", "WITH", "UPDATE", "DELETE"}:
            continue
        growing = _growing(sql)
        for row in ask(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?")):
            found = _READ.match(row[3])
            if found is None or found[2] not in growing:
                continue
            if found[1] == "SCAN" or "AUTOMATIC" in found[3] or _ALL_OF_IT.search(found[3]):
                yield module, sql, row[3]
    database.close()


def _growing(sql: str) -> set[str]:
    """The names by which a statement calls tables that grow."""
    return {
        name
        for table, alias in _NAMED.findall(sql)
        if table in GROWING
        for name in (table, alias)
        if name
    }


def mistakes(noted: Noted) -> list[str]:
    """What reads a whole table without being meant to, a line each."""
    found = ((module, " ".join(sql.split()), plan) for module, sql, plan in whole_tables(noted))
    return [
        f"{module}: {sql}\n    {plan}"
        for module, sql, plan in found
        if module not in _READS_ALL and not any(meant.search(sql) for meant in _MEANT)
    ]


_READS_ALL = {
    *("backup", "check", "check_history", "check_rows", "portable"),
    *("claims",),  # builds the index of who is free, once
    *("demo", "demo_forms"),
}
"""Services that read everything, because that is what they are for."""

_MEANT = [
    re.compile(pattern)
    for pattern in (
        # The newest by the key itself.
        r"MAX\(seq\)|ORDER BY (d\.seq|seq|id) DESC LIMIT",
        # How many there are in all, or of each kind.
        r"SELECT COUNT\(\*\) FROM appointment|SELECT \w+, (\w+, )?COUNT\(\*\)",
        # The words of a list of choices; those who wait for an answer.
        r"SELECT DISTINCT main_problem|status = 'requested'",
        # All visits from the first on, page by page.
        r"FROM appointment a JOIN .* ORDER BY a\.starts_at",
        # Whether something of the catalogue is in use, where it would go again.
        r"SELECT id FROM \w+ WHERE organisation_id = \? AND \w+ = \? LIMIT 100",
        # People of all organisations who may be the one that is to be registered.
        r"AS other_birth",
        # What was sent is thrown away after some days.
        r"FROM webhook_call WHERE organisation_id = \? AND created_at < \?",
    )
]
