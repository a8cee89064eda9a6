"""How long a request may take to arrive, and what becomes of it when the server stops."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from typing import Any

import pytest

from clinic_desk.web import limits
from tests.web.conftest import Api

HALF = b"POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 100\r\n\r\n{"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_request_that_does_not_arrive_is_given_up(api: Api, monkeypatch, caplog):
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.3)
    url = api.client.base_url
    path = f"/api/v1/{api.org}/appointments"

    with socket.create_connection((url.host, url.port), timeout=10) as line:
        begun = time.monotonic()
        line.sendall(HALF % (path.encode(), api.token.encode()))
        answer = b""
        while more := line.recv(65536):  # the server closes the line
            answer += more
        took = time.monotonic() - begun

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 "), answer
    assert (json.loads(body)["code"], took < 5) == ("too-late", True)
    assert "Traceback" not in caplog.text
    assert api.get("/locations").status_code == 200


def test_what_a_stopping_server_cuts_off_is_told_so():
    """The server cancels what has not ended in time: no answer is lost, nothing is a bug."""
    sent: list[Any] = []

    async def forever(_scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.Event().wait()

    async def nothing() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    async def stopped() -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        asked = asyncio.create_task(limits.Stopping(forever)(scope, nothing, send))
        await asyncio.sleep(0)
        asked.cancel()
        await asked

    asyncio.run(stopped())

    assert (sent[0]["status"], json.loads(sent[1]["body"])["code"]) == (503, "unavailable")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_an_address_with_a_slash_at_its_end_is_another_one(api: Api):
    for path in ("/patients/", "/appointments/", "/schedule/availability/"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "no-such-address")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("text", [b"{", b"{'a': 1}", b'{"a": }', b"nothing"])
def test_what_is_no_json_is_wrong_as_a_whole(api: Api, text: bytes):
    answer = api.ask(
        "POST", "/patients", content=text, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["body"]
