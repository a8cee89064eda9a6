"""How many statements really reach the database: counted at the driver, not above it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg

from clinic_desk.services.store import Store


@contextlib.contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """The statements that this thread's connection is asked to run meanwhile."""
    connection = store.connection()
    seen: list[str] = []
    if store.dialect == "sqlite":
        # Triggers and the full-text index tell of their own inner statements.
        def tell(text: str) -> None:
            if not text.startswith("--") and "'patient_search" not in text:
                seen.append(text)

        connection.set_trace_callback(tell)
        try:
            yield seen
        finally:
            connection.set_trace_callback(None)
        return

    class Counting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            seen.append(str(query))
            return super().execute(query, *args, **kwargs)

        def stream(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            seen.append(str(query))
            return super().stream(query, *args, **kwargs)

    before = connection.cursor_factory
    connection.cursor_factory = Counting
    try:
        yield seen
    finally:
        connection.cursor_factory = before
