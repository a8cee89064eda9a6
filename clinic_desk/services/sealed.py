"""A file under a passphrase: written in one go, read from anywhere, changed by nobody unseen.

AES-256-GCM over pieces of 64 KiB. Each piece is bound to its place, to the file's head and to
whether it is the last one, so pieces cannot be swapped, dropped, cut off or taken from another
file. The key comes from the passphrase by scrypt with a salt of the file's own, so one key
never seals two files and the piece's number is a safe nonce.
"""

from __future__ import annotations

import io
import os
import struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from clinic_desk.rules.errors import Damaged, Refused
from clinic_desk.rules.words import N_

MAGIC = b"CLNDSEAL"
_HEAD = struct.Struct(">8sBBBBI16s")
"""Magic, form, log2 of scrypt's n, r, p, size of a piece, salt."""

_FORM = 1
_COST, _BLOCK, _LANES = 15, 8, 1
"""32 MiB and about 0.1 s for each guess at a passphrase."""

_HIGHEST_COST = 20
_PIECE = 65536
_TAG = 16
_KEY_CHECK = b"\xff" * 12
"""The nonce that proves the passphrase; no piece has this number."""

WRONG = N_("The passphrase does not fit this file.")
AGAIN = N_("Type it again; nothing was touched.")
CHANGED = N_("This file was damaged or changed after it was written.")
OTHER_COPY = N_("Use another copy. Nothing was touched.")


class Sealer(io.RawIOBase):
    """Writes to *file* what only the passphrase opens. Close it to finish the last piece."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        super().__init__()
        salt = os.urandom(16)
        self._file = file
        self._head = _HEAD.pack(MAGIC, _FORM, _COST, _BLOCK, _LANES, _PIECE, salt)
        self._cipher = _cipher(passphrase, salt, _COST, _BLOCK, _LANES)
        self._waiting = bytearray()
        self._number = 0
        file.write(self._head + self._cipher.encrypt(_KEY_CHECK, b"", self._head))

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._waiting += piece
        while len(self._waiting) > _PIECE:
            self._seal(bytes(self._waiting[:_PIECE]), last=False)
            del self._waiting[:_PIECE]
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._seal(bytes(self._waiting), last=True)
            super().close()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        bound = self._head + bytes([last])
        self._file.write(self._cipher.encrypt(_nonce(self._number), piece, bound))
        self._number += 1


class Opener(io.RawIOBase):
    """Reads, from any place, a file that :class:`Sealer` wrote.

    Raises ``Refused`` for a wrong passphrase, ``Damaged`` where a piece was changed.
    """

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        super().__init__()
        self._file = file
        self._head = file.read(_HEAD.size)
        if len(self._head) < _HEAD.size:
            raise Damaged(CHANGED, way_out=OTHER_COPY)
        magic, form, cost, block, lanes, piece, salt = _HEAD.unpack(self._head)
        sane = cost <= _HIGHEST_COST and block == _BLOCK and lanes == _LANES and piece == _PIECE
        if magic != MAGIC or form != _FORM or not sane:
            raise Damaged(CHANGED, way_out=OTHER_COPY)
        self._cipher = _cipher(passphrase, salt, cost, block, lanes)
        try:
            self._cipher.decrypt(_KEY_CHECK, file.read(_TAG), self._head)
        except InvalidTag as error:
            raise Refused(WRONG, way_out=AGAIN) from error
        self._begin = _HEAD.size + _TAG
        sealed = file.seek(0, os.SEEK_END) - self._begin
        self._pieces = max(1, -(-sealed // (_PIECE + _TAG)))
        self._size = max(0, sealed - self._pieces * _TAG)
        self._at = 0
        self._open: tuple[int, bytes] = (-1, b"")
        self._piece(self._pieces - 1)  # a file that was cut off is found before it is read

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        if self._at >= self._size:
            return 0
        number, inside = divmod(self._at, _PIECE)
        found = self._piece(number)[inside : inside + len(view)]
        view[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _piece(self, number: int) -> bytes:
        if self._open[0] != number:
            self._file.seek(self._begin + number * (_PIECE + _TAG))
            bound = self._head + bytes([number == self._pieces - 1])
            try:
                plain = self._cipher.decrypt(_nonce(number), self._file.read(_PIECE + _TAG), bound)
            except InvalidTag as error:
                raise Damaged(CHANGED, way_out=OTHER_COPY) from error
            self._open = (number, plain)
        return self._open[1]


def _cipher(passphrase: str, salt: bytes, cost: int, block: int, lanes: int) -> AESGCM:
    kdf = Scrypt(salt=salt, length=32, n=1 << cost, r=block, p=lanes)
    return AESGCM(kdf.derive(passphrase.encode()))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
