"""Another program that is called: a real server on a real socket, which checks the signatures."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.smtp_server import make_certificate


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told

    def is_signed_with(self, secret: str) -> bool:
        """As the specification's receivers do it, with none of our own code."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        stamp = self.headers["webhook-timestamp"]
        signed = f"{self.id}.{stamp}.".encode() + self.body
        mark = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return abs(time.time() - int(stamp)) < 300 and any(
            hmac.compare_digest(given, f"v1,{mark}")
            for given in self.headers["webhook-signature"].split()
        )


@dataclass
class Receiver:
    """Attributes:
    answers: statuses to answer with, one for each call; then always 204.
    delay: seconds to wait before answering.
    """

    url: str = ""
    certificate: str = ""
    calls: list[Call] = field(default_factory=list)
    answers: list[int | tuple[int, dict[str, str]]] = field(default_factory=list)
    delay: float = 0.0
    guard: threading.Lock = field(default_factory=threading.Lock)

    def take(self, call: Call) -> tuple[int, dict[str, str]]:
        with self.guard:
            self.calls.append(call)
            answer = self.answers.pop(0) if self.answers else 204
        time.sleep(self.delay)
        return answer if isinstance(answer, tuple) else (answer, {})


@contextlib.contextmanager
def running(folder: Path | None = None, *, name: str = "localhost") -> Iterator[Receiver]:
    """A receiver until the block ends; with *folder* it speaks TLS, by a certificate for *name*
    that it makes there.
    """
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            headers = {key.lower(): value for key, value in self.headers.items()}
            status, more = made.take(Call(self.path, headers, self.rfile.read(length)))
            self.send_response(status)
            for key, value in {"Content-Length": "0", **more}.items():
                self.send_header(key, value)
            self.end_headers()

        def log_message(self, *_what: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Whoever hangs up is no fault of the server's."""

    server = Server(("127.0.0.1", 0), Handler)
    if folder is not None:
        pair = folder / "receiver.pem"
        made.certificate = make_certificate(pair, name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    made.url = f"{'https' if folder else 'http'}://localhost:{server.server_port}/hook?of=clinic"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
