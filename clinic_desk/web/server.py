"""Serving: the application on a port, until somebody says stop."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn

from clinic_desk.rules.errors import Unavailable
from clinic_desk.rules.words import N_
from clinic_desk.services import by_uuid
from clinic_desk.services.store import Store
from clinic_desk.web.app import make_app
from clinic_desk.web.limits import Arrivals
from clinic_desk.web.lines import Line
from clinic_desk.web.rates import PER_MINUTE

PATIENCE_SECONDS = 30
"""How long requests that have begun may take after somebody said stop."""

TAKEN = N_("Port {port} at {host} is in use by another program.")
OTHER_PORT = N_("Choose another one with --port, or stop the other program.")
CANNOT = N_("The address {host}, port {port}, cannot be served from here ({reason}).")
OTHER_HOST = N_("Choose another one with --host and --port.")


class _Server(uvicorn.Server):
    """Ends with a return where it was asked to stop, not by dying of the signal; then it waits
    for no request that is still on its way.
    """

    def __init__(self, config: uvicorn.Config, arrivals: Arrivals) -> None:
        super().__init__(config)
        self._arrivals = arrivals

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no request any more, and finish those that were read."""
        self._arrivals.end()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.should_exit = True

        before = {n: signal.signal(n, stop) for n in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listening(host: str, port: int) -> socket.socket:
    """A socket on this address; port 0 is a free one. Raises ``Unavailable`` with the reason."""
    try:
        family, kind, proto, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, proto)
    except OSError as error:
        raise _refused(error, host, port) from error
    try:
        if hasattr(signal, "SIGHUP"):  # elsewhere the option means something else
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
    except OSError as error:
        made.close()
        raise _refused(error, host, port) from error
    return made


def _refused(error: OSError, host: str, port: int) -> Unavailable:
    if error.errno == errno.EADDRINUSE:
        return Unavailable(TAKEN, way_out=OTHER_PORT, host=host, port=str(port))
    reason = error.strerror or str(error)
    return Unavailable(CANNOT, way_out=OTHER_HOST, host=host, port=str(port), reason=reason)


def server_for(store: Store, *, rate: int = PER_MINUTE) -> uvicorn.Server:
    """A server of the API that is not running yet; ``should_exit`` ends one that is. A token
    may ask *rate* times a minute, or with 0 as often as it likes.
    """
    app = make_app(store, rate=rate)
    return _Server(
        uvicorn.Config(
            app,
            http=Line,
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=PATIENCE_SECONDS,
        ),
        app.state.arrivals,
    )


def serve(
    store: Store,
    at: socket.socket,
    *,
    rate: int = PER_MINUTE,
    ready: Callable[[], None] | None = None,
) -> None:
    """Answer requests until SIGINT or SIGTERM; what has begun is finished first."""
    server = server_for(store, rate=rate)
    by_uuid.get_ready(store)
    if ready is not None:
        ready()
    server.run(sockets=[at])
