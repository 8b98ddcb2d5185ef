"""A file sealed in pieces: encrypted, and so that nothing can be cut off, swapped or altered unseen.

`kijkglas backup 1` and a line feed | salt (16) | pieces. Each piece is its length (4), then ciphertext and tag. The
key is derived from a key of the vault and the salt; the nonce is the number of the piece, and the last piece says
that it is the last, so a file that was cut off at a piece does not open.
"""

import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"kijkglas backup 1\n"
PIECE = 1024 * 1024
_SALT_BYTES = 16
_LENGTH_BYTES = 4
_TAG_BYTES = 16
_MORE, _LAST = b"more", b"last"


class Damaged(Exception):
    """The file is none of ours, was altered or cut off, or was sealed under a key that is not at hand."""


def seal_file(source: Path, target: BinaryIO, ring: Sequence[bytes]) -> None:
    """Write the content of a file, sealed under the first key of the ring."""
    salt = secrets.token_bytes(_SALT_BYTES)
    cipher = _cipher(ring[0], salt)
    target.write(MAGIC + salt)
    with source.open("rb") as plain:
        piece, number = plain.read(PIECE), 0
        while True:
            following = plain.read(PIECE)
            sealed = cipher.encrypt(_nonce(number), piece, _LAST if not following else _MORE)
            target.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)
            if not following:
                return
            piece, number = following, number + 1


def open_file(source: BinaryIO, target: BinaryIO, ring: Sequence[bytes]) -> None:
    """Write the content that was sealed; any key of the ring may open it. Raises `Damaged`, perhaps half-way."""
    if source.read(len(MAGIC)) != MAGIC:
        raise Damaged("not a backup")
    salt = source.read(_SALT_BYTES)
    pieces = _pieces(source)
    first = next(pieces, None)
    if first is None:
        raise Damaged("cut off")
    cipher = next((one for one in (_cipher(key, salt) for key in ring) if _opens(one, first)), None)
    if cipher is None:
        raise Damaged("altered, or sealed under another key")
    number, piece = 0, first
    for following in pieces:
        target.write(_opened(cipher, number, piece, _MORE))
        number, piece = number + 1, following
    target.write(_opened(cipher, number, piece, _LAST))


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    """The sealed pieces in their order; raises `Damaged` for one that is not whole."""
    while length := source.read(_LENGTH_BYTES):
        size = int.from_bytes(length, "big")
        if len(length) < _LENGTH_BYTES or not _TAG_BYTES <= size <= PIECE + _TAG_BYTES:
            raise Damaged("cut off or altered")
        piece = source.read(size)
        if len(piece) < size:
            raise Damaged("cut off")
        yield piece


def _opens(cipher: AESGCM, first: bytes) -> bool:
    for kind in (_MORE, _LAST):
        try:
            cipher.decrypt(_nonce(0), first, kind)
        except InvalidTag:
            continue
        return True
    return False


def _opened(cipher: AESGCM, number: int, piece: bytes, kind: bytes) -> bytes:
    try:
        return cipher.decrypt(_nonce(number), piece, kind)
    except InvalidTag:
        raise Damaged("altered or cut off") from None


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"kijkglas backup file").derive(key))
