"""A line on which nothing is asked is closed, and everybody else's stays."""

from __future__ import annotations

import contextlib
import socket
import time

import pytest

from clinic_desk.web import lines
from tests.web.conftest import Api

SOON = 0.3


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_whoever_never_asks_does_not_keep_a_line(api: Api, monkeypatch):
    monkeypatch.setattr(lines, "HEAD_SECONDS", SOON)
    url, begun = api.client.base_url, time.monotonic()
    ask = f"GET /api/v1/openapi.json HTTP/1.1\r\nHost: {url.host}\r\n".encode()
    with contextlib.ExitStack() as opened:
        silent, half, again, busy = (
            opened.enter_context(socket.create_connection((url.host, url.port), timeout=10))
            for _each in range(4)
        )
        half.sendall(ask)
        again.sendall(ask + b"\r\n" + ask)
        for _each in range(8):  # longer than the silent ones are kept
            busy.sendall(ask.replace(b"openapi.json", b"nothing") + b"\r\n")
            assert busy.recv(65536).startswith(b"HTTP/1.1 404 ")
            time.sleep(SOON / 2)

        assert silent.recv(1) == b""
        assert half.recv(1) == b""
        answer = b""
        while more := again.recv(65536):
            answer += more
        assert answer.count(b"HTTP/1.1 200 ") == 1
        assert time.monotonic() - begun < 5
        busy.sendall(ask + b"\r\n")
        assert busy.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_request_that_takes_long_keeps_its_line(api: Api, store, monkeypatch):
    monkeypatch.setattr(lines, "HEAD_SECONDS", SOON / 3)
    with store.write_guard:
        url = api.client.base_url
        line = socket.create_connection((url.host, url.port), timeout=10)
        body = b'{"last_name": "Smith"}'
        head = f"POST /api/v1/{api.org}/patients HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        head += f"Authorization: Bearer {api.token}\r\nContent-Type: application/json\r\n"
        line.sendall(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        time.sleep(SOON * 2)

    with line:
        assert line.recv(65536).startswith(b"HTTP/1.1 201 ")
