"""A TCP proxy that behaves badly on demand, to stand between a desk and its server.

It needs no rights and no root, works on every system, and its faults take hold of the
connections that are open as well as of new ones::

    with FaultProxy.before(server_url) as proxy:
        store = open_store(proxy.url)
        proxy.blackhole()          # nothing gets through, nobody is told
        proxy.heal()
        proxy.delay(0.1)           # each way
        proxy.cut_after(b"COMMIT") # the request arrives, the answer does not
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

CHUNK = 1 << 16


class FaultProxy:
    """Forwards to *host*:*port* from a free port of the loopback. Its methods are for any
    thread; each returns when the fault is in place."""

    def __init__(self, host: str, port: int, url: str = "") -> None:
        self._target = (host, port)
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._pairs: set[_Pair] = set()
        self._open = asyncio.Event()
        self._seconds = 0.0
        self._refusing = False
        self._mark = b""
        self.marked = threading.Event()
        """Set when the bytes given to :meth:`cut_after` went through."""
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._call(self._listen())
        self.port: int = self._server.sockets[0].getsockname()[1]

    @classmethod
    def before(cls, url: str) -> FaultProxy:
        """A proxy in front of the server of a database URL."""
        parts = urlsplit(url)
        return cls(parts.hostname or "127.0.0.1", parts.port or 5432, url)

    @property
    def url(self) -> str:
        """The database URL that leads through the proxy."""
        parts = urlsplit(self._url)
        who = parts.netloc.rpartition("@")[0]
        place = f"127.0.0.1:{self.port}"
        return urlunsplit(parts._replace(netloc=f"{who}@{place}" if who else place))

    def delay(self, seconds: float) -> None:
        """Let everything arrive so much later, each way."""
        self._seconds = seconds

    def blackhole(self) -> None:
        """Swallow silently: connections stay open, new ones are accepted and never answered."""
        self._call(self._set(self._open.clear))

    def heal(self) -> None:
        """Let everything through again, also what was swallowed meanwhile; accept again."""
        self._seconds, self._refusing, self._mark = 0.0, False, b""
        self._call(self._set(self._open.set))

    def cut(self) -> None:
        """End every open connection in an orderly way; new ones may come."""
        self._call(self._each(_Pair.end))

    def reset(self) -> None:
        """Break every open connection with RST; new ones may come."""
        self._call(self._each(_Pair.reset))

    def refuse(self) -> None:
        """Break every open connection, and every new one at once."""
        self._refusing = True
        self.reset()

    def cut_after(self, mark: bytes) -> None:
        """Once *mark* goes to the server: deliver it, and let no answer come back."""
        self.marked.clear()
        self._mark = mark

    def close(self) -> None:
        """Stop; open connections are cut."""
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # On the loop's own thread ---------------------------------------------------------------

    def _call(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    @staticmethod
    async def _set(change: Callable[[], None]) -> None:
        change()

    async def _each(self, fault: Callable[[_Pair], None]) -> None:
        for pair in tuple(self._pairs):
            fault(pair)

    async def _listen(self) -> asyncio.Server:
        self._open.set()
        return await asyncio.start_server(self._accepted, "127.0.0.1", 0)

    async def _stop(self) -> None:
        self._server.close()
        for pair in tuple(self._pairs):
            pair.end()
        others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            _break(writer)
            return
        try:
            await self._open.wait()
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            _break(writer)
            return
        pair = _Pair(writer, far_writer)
        self._pairs.add(pair)
        try:
            await asyncio.gather(
                self._pass_on(pair, reader, far_writer, to_server=True),
                self._pass_on(pair, far_reader, writer, to_server=False),
            )
        finally:
            self._pairs.discard(pair)
            pair.end()

    async def _pass_on(
        self,
        pair: _Pair,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        to_server: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if self._seconds:
                    await asyncio.sleep(self._seconds)
                if to_server and self._mark and self._mark in data:
                    pair.mute = True
                    self._mark = b""
                    writer.write(data)
                    await writer.drain()
                    self.marked.set()
                    continue
                await self._open.wait()
                if pair.mute and not to_server:
                    continue
                writer.write(data)
                await writer.drain()
        pair.end()


class _Pair:
    """The two ends of one connection. ``mute``: the server's answers are dropped."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.near = near
        self.far = far
        self.mute = False

    def end(self) -> None:
        self.near.close()
        self.far.close()

    def reset(self) -> None:
        _break(self.near)
        _break(self.far)


def _break(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    line = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
