"""Programs that call the API at once, in a process of their own: ``python -m
tests.benchmarks.callers HOST PORT``.

Each has a connection that it keeps, and sends its next request as soon as the answer before is
there. All of them live in one loop over sockets, because a thread for each would be slower than
the server that is measured. Requests come as JSON on the first line of the input (a list for
each caller); they are sent at the second line; what came of them is printed as JSON.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

SECONDS = 120.0
"""No answer takes longer, or something is wrong."""


@dataclass
class Line:
    """One connection that is kept."""

    at: socket.socket
    wanted: list[bytes] = field(default_factory=list)
    got: bytes = b""
    sent: float = 0.0

    def send(self) -> None:
        """Send the next request."""
        self.sent = time.perf_counter()
        self.at.sendall(self.wanted.pop())

    def hear(self) -> int:
        """Take what has arrived; gives the status where the answer is complete, else 0."""
        more = self.at.recv(1 << 16)
        if not more:
            raise ConnectionError("the server hung up")
        self.got += more
        head, gap, body = self.got.partition(b"\r\n\r\n")
        if not gap:
            return 0
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
        if len(body) < length:
            return 0
        self.got = body[length:]
        return int(head[9:12])


def connected(host: str, port: int) -> Line:
    """A line that does not collect what is to be sent."""
    made = socket.create_connection((host, port), timeout=SECONDS)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Line(made)


def ask(line: Line, request: bytes) -> int:
    """Send one request and wait for its answer; gives the status."""
    line.wanted.append(request)
    line.send()
    status = 0
    while not status:
        status = line.hear()
    return status


def together(lines: Sequence[Line]) -> tuple[float, list[tuple[int, float]]]:
    """Let all lines send what they have; gives the seconds it took, and of each request the
    status and the milliseconds.
    """
    waiting = selectors.DefaultSelector()
    found: list[tuple[int, float]] = []
    began = time.perf_counter()
    for line in lines:
        if line.wanted:
            waiting.register(line.at, selectors.EVENT_READ, line)
            line.send()
    while waiting.get_map():
        ready = waiting.select(SECONDS)
        if not ready:
            raise TimeoutError("no answer came")
        for key, _events in ready:
            line = key.data
            status = line.hear()
            if status:
                found.append((status, (time.perf_counter() - line.sent) * 1000))
                if line.wanted:
                    line.send()
                else:
                    waiting.unregister(line.at)
    return time.perf_counter() - began, found


def main(host: str, port: int) -> None:
    """Read, connect, wait for the word, send, print."""
    for text in sys.stdin:
        lines = []
        for requests in json.loads(text):
            line = connected(host, port)
            line.wanted = [one.encode() for one in reversed(requests)]
            lines.append(line)
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(together(lines)), flush=True)
        for line in lines:
            line.at.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
