"""Cursors of lists: where a page ended, so that the next one begins behind it.

A cursor is sealed as one piece: it holds the key that its last record is sorted by (of a patient
the name), which nobody reads from an address. It opens for the organisation and the question that
it was given for, and for no other; a restore closes it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from dataclasses import astuple, dataclass
from functools import cached_property

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_
from clinic_desk.services.actor import Actor
from clinic_desk.services.changes import NO_CURSOR

LONGEST = 4000
"""Characters of a cursor; that of the longest key has fewer."""

BEGIN_ANEW = N_("Begin anew: ask without “after”, and follow the links from there.")
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """The end of a page: the key and the number of its last record, which page of the walk it
    was, and how many records there were when the walk began.
    """

    key: str
    id: int
    page: int
    total: int


class Cursors:
    """Writes and reads the cursors of one question (``about``: the list and its filters)."""

    def __init__(self, actor: Actor, about: str) -> None:
        self._actor = actor
        self._about = f"{actor.organisation_id}\n{about}".encode()

    def written(self, mark: Mark) -> str:
        """The cursor that stands for *mark*; one query for the first of them."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce, body = os.urandom(_NONCE), json.dumps(astuple(mark)).encode()
        whole = nonce + AESGCM(self._key).encrypt(nonce, body, self._about)
        return base64.urlsafe_b64encode(whole).decode().rstrip("=")

    def read(self, field: str, text: str) -> Mark:
        """What :meth:`written` wrote. Raises ``Invalid`` for what was not given out here, or was
        for another question.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), b"-_", validate=True)
            body = AESGCM(self._key).decrypt(raw[:_NONCE], raw[_NONCE:], self._about)
        except (binascii.Error, ValueError, InvalidTag) as error:
            raise Invalid(field, NO_CURSOR, way_out=BEGIN_ANEW) from error
        return Mark(*json.loads(body))

    @cached_property
    def _key(self) -> bytes:
        rows = self._actor.store.rows("SELECT epoch FROM database_info WHERE id = 1")
        return hashlib.sha256(f"pages\n{rows[0][0]}".encode()).digest()
