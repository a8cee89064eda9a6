"""What a server does beside answering: it sends letters and calls other programs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from clinic_desk.services.store import Store

PATIENCE_SECONDS = 30.0
"""How long what is under way may take after somebody said stop; its lease sees to the rest."""


@contextlib.contextmanager
def sending(store: Store) -> Iterator[None]:
    """Meanwhile the outbox of every organisation is sent, and webhooks are called, in threads
    with connections of their own, as each desk does it; one that is founded meanwhile is among
    them within a minute.
    """
    from clinic_desk.services import consent_code, sender

    running = sender.Sender(store, None, mint=consent_code.mint)
    running.start()
    try:
        yield
    finally:
        running.stop(PATIENCE_SECONDS)
