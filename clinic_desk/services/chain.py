"""The arithmetic of the history: how a deed is written down and tied to the one before it.

Each organisation numbers its deeds from 1 without a gap. A deed's *digest* covers a random
salt and its text; its *link* covers the link before it, the deed's own columns and the
digest. Salt and text can therefore be emptied (a patient is erased) and the chain still
proves that no other deed was changed, taken out or slipped in.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clinic_desk.rules.spans import Span

GENESIS = "0" * 64
"""The link before an organisation's first deed."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest deed of an organisation: its number, its link, and the number of the
    newest deed that touched the catalogue.
    """

    seq: int = 0
    chain: str = GENESIS
    catalogue_seq: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What one deed did to one entity; values are as JSON holds them."""

    kind: str
    id: int
    created: bool
    before: Mapping[str, Any]
    after: Mapping[str, Any]


SECRET = frozenset(
    {
        "password_hash",
        "code_hash",
        "secret_hash",
        "sealed_secret",
        "former_secrets",
        "source_organisation_id",
        "source_patient_id",
    }
)
"""Fields whose values never stand in the history, only that they changed."""


def plain(value: Any) -> Any:
    """*value* as JSON holds it: instants and days as ISO 8601 text, all else unchanged."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def body_text(changes: Sequence[Change], *, reason: str = "", actor_name: str = "") -> str:
    """The text of a deed, canonical: the same changes give the same text on every database."""
    return json.dumps(
        {
            "actor": actor_name,
            "reason": reason,
            "changes": [
                {
                    "kind": c.kind,
                    "id": c.id,
                    "created": c.created,
                    "before": _told(c.before),
                    "after": _told(c.after),
                }
                for c in changes
            ],
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )


def _told(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: "•••" if name in SECRET else plain(value) for name, value in fields.items()}


def new_salt() -> str:
    """128 random bits as hexadecimal text."""
    return secrets.token_hex(16)


def digest(salt: str, body: str) -> str:
    """SHA-256 of salt and text, as hexadecimal text."""
    return hashlib.sha256(f"{salt}\n{body}".encode()).hexdigest()


def link(
    previous: str,
    *,
    organisation_id: int,
    seq: int,
    request_id: str,
    actor_id: int | None,
    origin: str,
    action: str,
    at: datetime,
    undoes: int | None,
    digest: str,
) -> str:
    """The link of a deed: SHA-256 over the link before it and everything that may not change.

    ``at`` counts in whole seconds, which is what both databases keep.
    """
    parts = [
        previous,
        organisation_id,
        seq,
        request_id,
        "" if actor_id is None else actor_id,
        origin,
        action,
        int(at.timestamp()),
        "" if undoes is None else undoes,
        digest,
    ]
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def fingerprint(action: str, arguments: Mapping[str, Any]) -> str:
    """A short mark of what was asked, so that one request id cannot stand for two wishes."""
    text = json.dumps(arguments, default=_mark, sort_keys=True, ensure_ascii=False)
    whole = f"{action}\n{text}".encode(
        "utf-8", "surrogatepass"
    )  # half a letter gets its refusal later
    return hashlib.sha256(whole).hexdigest()[:32]


def _mark(value: Any) -> Any:
    if isinstance(value, Span):
        return [int(value.starts_at.timestamp()), int(value.ends_at.timestamp())]
    return plain(value) if isinstance(value, datetime | date) else repr(value)
