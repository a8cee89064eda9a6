"""A line on which nothing is asked is closed, and everybody else's stays."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import time

import pytest

from clinic_desk.web import lines
from tests.web.conftest import Api

SOON = 0.3


def answered(line: socket.socket) -> int:
    """The status of an answer that was read to its end."""
    answer = http.client.HTTPResponse(line)
    answer.begin()
    answer.read()
    return answer.status


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
            assert answered(busy) == 404
            time.sleep(SOON / 2)

        assert silent.recv(1) == b""
        assert half.recv(1) == b""
        answer = b""
        while more := again.recv(65536):
            answer += more
        assert answer.count(b"HTTP/1.1 200 ") == 1
        assert time.monotonic() - begun < 5
        busy.sendall(ask + b"\r\n")
        assert answered(busy) == 200


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
        assert answered(line) == 201


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_head_without_an_end_is_cut_and_one_that_is_long_is_read(api: Api):
    url = api.client.base_url
    start = f"GET /nothing HTTP/1.1\r\nHost: {url.host}\r\n".encode()
    filler = b"X-Filler: " + b"x" * 1012 + b"\r\n"
    with socket.create_connection((url.host, url.port), timeout=10) as line:
        for _again in range(3):
            line.sendall(start + filler * 60 + b"\r\n")
            assert answered(line) == 404
        with pytest.raises((ConnectionResetError, BrokenPipeError)):  # noqa: PT012 - meets it late
            line.sendall(start)
            for _line in range(100_000):
                line.sendall(filler)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_bodies_and_heads_that_come_in_one_piece_are_told_apart(api: Api):
    url = api.client.base_url
    body = b" " * 60_000
    one = f"POST /nothing HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((url.host, url.port), timeout=10) as line:
        line.sendall((one.encode() + body) * 4)
        answers = b""
        while answers.count(b"HTTP/1.1 404 ") < 4:
            more = line.recv(65536)
            assert more, answers
            answers += more


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sent", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n"])
def test_what_is_no_request_is_told_so_in_our_form(api: Api, sent: bytes):
    url, answer = api.client.base_url, b""
    with socket.create_connection((url.host, url.port), timeout=10) as line:
        line.sendall(sent)
        while more := line.recv(65536):
            answer += more

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in head
    assert json.loads(body)["code"] == "unreadable"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_what_comes_behind_a_body_is_no_part_of_its_head(api: Api):
    url = api.client.base_url
    head = f"POST /api/v1/{api.org}/patients HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = '16\r\n{"last_name": "Smith"}\r\n0\r\n'
    behind = f"Authorization: Bearer {api.token}\r\n\r\n"
    with socket.create_connection((url.host, url.port), timeout=10) as line:
        line.sendall((head + body + behind).encode())
        assert answered(line) == 401
