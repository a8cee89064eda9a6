"""Something slow that is not the database's: a mail server or the system's keyring is asked.

It has a thread of its own, so that nothing that the desk reads or saves waits behind it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from clinic_desk.views.desk import Desk, is_there

_under_way: set[Errand] = set()
"""Kept until their thread has told its end: it must not give up the last reference itself."""


class Errand(QObject):
    """One call on a thread of its own; *done* or *failed* gets the outcome on this thread,
    unless the object that they belong to is gone.
    """

    _ended = Signal(object, object)

    def __init__(
        self,
        desk: Desk,
        function: Callable[..., Any],
        *args: Any,
        done: Callable[[Any], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        super().__init__()
        self._done, self._failed = done, failed
        self._ended.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        _under_way.add(self)
        store = desk.actor.store

        def run() -> None:
            answer, error = None, None
            try:
                answer = function(desk.actor, *args)
            except BaseException as raised:
                error = raised
            finally:
                store.forget_connection()
            self._ended.emit(answer, error)

        threading.Thread(target=run, name="errand", daemon=True).start()

    def _tell(self, answer: Any, error: BaseException | None) -> None:
        _under_way.discard(self)
        receiver = self._done if error is None else self._failed
        if is_there(receiver):
            receiver(answer if error is None else error)
