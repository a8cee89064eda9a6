"""Several statements to a PostgreSQL server and all their answers, in one exchange.

psycopg's own pipeline sends each statement as it comes and pays for a cursor each time,
0.04 ms a statement; a deed has fourteen. Here they leave together, prepared once per
connection, through libpq's pipeline as psycopg gives it (``psycopg.pq``): a tenth of that.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Generator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

Rows = list[tuple[Any, ...]]

_PLAN_ONCE = b"SELECT set_config('plan_cache_mode', 'force_generic_plan', true)"
"""Until the end of the transaction. All that goes through here is found by a key, whatever
its values; planned anew each time, looking for claims took 0.35 ms instead of 0.1."""

_GONE = "26000"
"""Somebody has let go of what was prepared; it is prepared again next time."""

_DONE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)
_AUTO = PyFormat.AUTO


class _Prepared(NamedTuple):
    """The statements that a connection knows, by their text and the types of the values."""

    names: dict[tuple[bytes, tuple[int, ...]], bytes]
    numbers: itertools.count[int]


_known: weakref.WeakKeyDictionary[Any, _Prepared] = weakref.WeakKeyDictionary()


def exchange(connection: Any, statements: Sequence[tuple[str, Sequence[Any]]]) -> list[Rows]:
    """Run *statements* (SQL with ``?``, its values) in order; the rows of each.

    The first that fails ends the exchange: raises psycopg's error for it, and none of those
    after it has run. Outside a transaction all of them are one.
    """
    line: PGconn = connection.pgconn
    known = _known.get(connection)
    if known is None:
        known = _known[connection] = _Prepared({}, itertools.count(1))
    dumped = []  # first of all: a value that cannot be sent must not leave half an exchange
    for sql, values in statements:
        dump = Transformer.from_context(connection)
        data = dump.dump_sequence(values, [_AUTO] * len(values))
        dumped.append((_numbered(sql), tuple(dump.types or ()), data, dump.formats))
    fresh: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
    made: dict[int, tuple[bytes, tuple[int, ...]]] = {}
    line.enter_pipeline_mode()
    line.send_query_params(_PLAN_ONCE, None)
    expected: list[bool] = [False]
    for text, types, data, formats in dumped:
        name = known.names.get((text, types)) or fresh.get((text, types))
        if name is None:
            name = fresh[text, types] = b"deed_%d" % next(known.numbers)
            line.send_prepare(name, text, types)
            made[len(expected)] = (text, types)
            expected.append(False)
        line.send_query_prepared(name, data, formats)
        expected.append(True)
    line.pipeline_sync()
    results = connection.wait(_received(line))
    line.exit_pipeline_mode()
    for place, result in enumerate(results):
        if result.status not in _DONE:
            error = psycopg.errors.error_from_result(result, connection.info.encoding)
            if error.sqlstate == _GONE:
                known.names.clear()
            raise error
        if place in made:  # it stays prepared, whatever becomes of the rest
            known.names[made[place]] = fresh[made[place]]
    load: Any = Transformer.from_context(connection)
    return [_rows(load, result) for result, wanted in zip(results, expected, strict=True) if wanted]


def roll_back(connection: Any) -> None:
    """End a transaction. psycopg takes a ROLLBACK that it sends itself as the end of all
    prepared statements, ours included.
    """
    line: PGconn = connection.pgconn
    line.send_query(b"ROLLBACK")
    connection.wait(_received(line))


def _received(line: PGconn) -> Generator[Wait, Ready, list[PGresult]]:
    """All results up to the end of the exchange, waited for as psycopg waits."""
    while line.flush():
        if (yield Wait.RW) & Ready.R:
            line.consume_input()
    results: list[PGresult] = []
    while True:
        while line.is_busy():
            yield Wait.R
            line.consume_input()
        result = line.get_result()
        if result is None:
            if line.status == pq.ConnStatus.BAD:
                raise psycopg.OperationalError(line.get_error_message())
            if line.pipeline_status == pq.PipelineStatus.OFF:
                return results
            continue
        if result.status == pq.ExecStatus.PIPELINE_SYNC:
            return results
        results.append(result)


def _rows(load: Any, result: PGresult) -> Rows:
    if not result.ntuples:
        return []
    load.set_pgresult(result)
    found: Rows = load.load_rows(0, result.ntuples, tuple)
    return found


@lru_cache(maxsize=256)
def _numbered(sql: str) -> bytes:
    """*sql* with ``$1``, ``$2`` … for its ``?``."""
    first, *rest = sql.split("?")
    return "".join([first, *(f"${n}{part}" for n, part in enumerate(rest, 1))]).encode()
