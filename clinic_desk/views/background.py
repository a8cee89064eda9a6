"""The threads that talk to the database, so that the window never waits for it.

One writer keeps the order of what the user does; two readers answer questions. A call is
an ordinary function; its answer comes back to the window's thread by a queued signal. A
question asked under a ``ticket`` makes earlier questions under the same ticket outdated:
their answers are dropped, and those still waiting in line are never asked.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

log = logging.getLogger(__name__)

SLOW_SECONDS = 2.0
"""After this long the window says what it is waiting for."""
STUCK_SECONDS = 10.0
"""After this long the window says that the server does not answer."""

_with_threads: set[Background] = set()
"""All whose threads may still run. A thread that gives up the last reference to a QObject would
destroy it there, while this thread sends it events: a crash. So one that hangs is kept.
"""


@dataclass(slots=True)
class Call:
    """One function on its way to a thread and back. ``what`` names it for the user."""

    number: int
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    done: Callable[[Any], None] | None
    failed: Callable[[BaseException], None] | None
    ticket: Hashable
    what: str
    asked: float = field(default_factory=time.monotonic)
    answer: Any = None
    error: BaseException | None = None


class Background(QObject):
    """One writer thread and two readers.

    Attributes:
        thread_ended: called in each thread when it ends, to close that thread's connection.

    Signals:
        slow(str): a call has been under way for two seconds; what it is.
        stuck(str): a call has been under way for ten seconds; what it is.
        relieved(): nothing is late any more.
        broke(object): a call raised something and nobody asked to be told: a bug or a
            refusal that its caller did not expect.
    """

    slow = Signal(str)
    stuck = Signal(str)
    relieved = Signal()
    broke = Signal(object)
    _finished = Signal(object)

    def __init__(
        self, parent: QObject | None = None, *, thread_ended: Callable[[], None] | None = None
    ) -> None:
        super().__init__(parent)
        self.thread_ended = thread_ended
        self._numbers = itertools.count(1)
        self._latest: dict[Hashable, int] = {}
        self._under_way: dict[int, Call] = {}
        self._late = 0
        self._closed = False
        self._writes: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._reads: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._finished.connect(self._answered, Qt.ConnectionType.QueuedConnection)
        self._threads = [
            self._thread("clinic-desk-writer", self._writes),
            self._thread("clinic-desk-reader-1", self._reads),
            self._thread("clinic-desk-reader-2", self._reads),
        ]
        _with_threads.add(self)
        self._watch = QTimer(self)
        self._watch.setInterval(250)
        self._watch.timeout.connect(self._look_at_the_clock)

    def read(
        self,
        function: Callable[..., Any],
        *args: Any,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
        ticket: Hashable = None,
        what: str = "",
        **kwargs: Any,
    ) -> None:
        """Run *function* on a reader; *done* or *failed* gets the outcome on this thread.

        Neither is called when a later question under the same *ticket* was asked meanwhile,
        or when the object that *done* belongs to is gone.
        """
        self._put(self._reads, function, args, kwargs, done, failed, ticket, what)

    def write(
        self,
        function: Callable[..., Any],
        *args: Any,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
        what: str = "",
        **kwargs: Any,
    ) -> None:
        """Run *function* on the writer, after all that was written before it."""
        self._put(self._writes, function, args, kwargs, done, failed, None, what)

    def forget(self, ticket: Hashable) -> None:
        """Drop the answer of whatever was asked under *ticket*."""
        self._latest[ticket] = next(self._numbers)

    @property
    def idle(self) -> bool:
        """Whether nothing is waiting or under way."""
        return not self._under_way

    def close(self, seconds: float = 3.0) -> bool:
        """Let the threads finish what they have, and end. False when one still hangs.

        The threads are daemons: a server that never answers cannot keep the program alive.
        """
        if self._closed:
            return self not in _with_threads
        self._closed = True
        self._watch.stop()
        self._writes.put(None)
        self._reads.put(None)
        self._reads.put(None)
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            return False
        _with_threads.discard(self)
        return True

    def _put(
        self,
        line: queue.SimpleQueue[Call | None],
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        done: Callable[[Any], None] | None,
        failed: Callable[[BaseException], None] | None,
        ticket: Hashable,
        what: str,
    ) -> None:
        if self._closed:
            return
        call = Call(next(self._numbers), function, args, kwargs, done, failed, ticket, what)
        if ticket is not None:
            self._latest[ticket] = call.number
        self._under_way[call.number] = call
        if not self._watch.isActive():
            self._watch.start()
        line.put(call)

    def _thread(self, name: str, line: queue.SimpleQueue[Call | None]) -> threading.Thread:
        thread = threading.Thread(target=self._run, args=(line,), name=name, daemon=True)
        thread.start()
        return thread

    def _run(self, line: queue.SimpleQueue[Call | None]) -> None:
        while (call := line.get()) is not None:
            if not self._outdated(call):
                try:
                    call.answer = call.function(*call.args, **call.kwargs)
                except BaseException as error:
                    call.error = error
            try:
                self._finished.emit(call)
            except RuntimeError:  # the window is gone, so nobody is waiting for the answer
                break
        if self.thread_ended is not None:
            self.thread_ended()

    def _outdated(self, call: Call) -> bool:
        return call.ticket is not None and self._latest.get(call.ticket, 0) > call.number

    @Slot(object)
    def _answered(self, call: Call) -> None:
        self._under_way.pop(call.number, None)
        if not self._under_way:
            self._watch.stop()
        self._look_at_the_clock()
        if self._outdated(call):
            return
        receiver = call.done if call.error is None else call.failed
        owner = getattr(receiver or call.done, "__self__", None)
        if isinstance(owner, QObject) and not shiboken6.isValid(owner):
            return
        if call.error is None:
            if call.done is not None:
                call.done(call.answer)
        elif call.failed is not None:
            call.failed(call.error)
        else:
            log.warning("a call in the background failed: %r", call.error)
            self.broke.emit(call.error)

    def _look_at_the_clock(self) -> None:
        """Say what is late, once per step; say so when nothing is late any more."""
        now = time.monotonic()
        oldest = min(self._under_way.values(), key=lambda call: call.asked, default=None)
        waited = now - oldest.asked if oldest else 0.0
        late = 2 if waited > STUCK_SECONDS else 1 if waited > SLOW_SECONDS else 0
        if late == self._late:
            return
        before, self._late = self._late, late
        if late == 2 and oldest:
            self.stuck.emit(oldest.what)
        elif late == 1 and oldest and before == 0:
            self.slow.emit(oldest.what)
        elif late == 0:
            self.relieved.emit()
