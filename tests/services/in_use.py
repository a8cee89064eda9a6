"""Permissions whose feature is being built count as in use in a test that says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_desk.rules import permissions


def put_in_use(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let roles grant these *names*."""
    known = dict(permissions.BY_NAME)
    known |= {name: replace(known[name], in_use=True) for name in names}
    monkeypatch.setattr(permissions, "BY_NAME", known)


PATIENTS = (
    "Customer Update All",
    "Alert Show",
    "Contact Share",
    "Import Customer Get All",
    "Import Customer Upload",
)
