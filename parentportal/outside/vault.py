"""Sealed values: encryption bound to one row and column, and keyed digests to look them up by.

A sealed value is `version (1) | key id (4) | nonce (12) | ciphertext and tag`. Version, key id, table, row
and column are authenticated with it: a value that is moved or altered does not open. Keys of the ring are
never used themselves: each use has a key of its own derived from them (HKDF-SHA256).

Rotation: put a new key on the first line; values seal under it and the older keys still open theirs. Digests
derive from the *last* key of the ring, so a key in front does not change them. Whoever wants to drop the last
key reseals every value and computes every digest anew, in one go, with the ring that remains.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from parentportal.outside.clock import HasInfo

KEY_BYTES = 32
_VERSION = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEADER_BYTES = len(_VERSION) + _KEY_ID_BYTES


class SealBroken(Exception):
    """A sealed value does not open: altered, moved, or sealed under a key that is not in the ring."""


class Vault:
    """A ring of keys; the first seals, all of them open. Neither repr nor errors show a key or a value."""

    def __init__(self, ring: Sequence[bytes]) -> None:
        _refuse_unfit(ring)
        self._ciphers = {_key_id(key): AESGCM(_derive(key, "seal 1", KEY_BYTES)) for key in ring}
        if len(self._ciphers) != len(ring):
            raise ValueError("two keys of the ring have the same id; replace one of them")
        self._current_id = _key_id(ring[0])
        self._digest_root = _derive(ring[-1], "digest 1", KEY_BYTES)
        self._digest_keys: dict[str, bytes] = {}

    @classmethod
    def from_keys(cls, keys: list[bytes]) -> "Vault":
        """A vault of raw 32-byte keys, the current one first; unfit keys raise ValueError."""
        return cls(keys)

    def seal(self, text: str, *, table: str, row: UUID, column: str) -> bytes:
        """Encrypt a text for this one place. Equal texts give different bytes: look up by `digest`."""
        header = _VERSION + self._current_id
        nonce = secrets.token_bytes(_NONCE_BYTES)
        place = _associated(header, table, row, column)
        return header + nonce + self._ciphers[self._current_id].encrypt(nonce, text.encode(), place)

    def open(self, sealed: bytes, *, table: str, row: UUID, column: str) -> str:
        """The text that was sealed for this place; anything else raises SealBroken."""
        sealed = bytes(sealed)
        if len(sealed) < _HEADER_BYTES + _NONCE_BYTES + _TAG_BYTES or not sealed.startswith(_VERSION):
            raise SealBroken(f"not a sealed value: {table}.{column} of row {row}")
        header, nonce = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES : _HEADER_BYTES + _NONCE_BYTES]
        cipher = self._ciphers.get(header[len(_VERSION) :])
        if cipher is None:
            raise SealBroken(f"sealed under a key that is not in the ring: {table}.{column} of row {row}")
        place = _associated(header, table, row, column)
        try:
            return cipher.decrypt(nonce, sealed[_HEADER_BYTES + _NONCE_BYTES :], place).decode()
        except InvalidTag:
            raise SealBroken(f"altered or moved: {table}.{column} of row {row}") from None

    def needs_resealing(self, sealed: bytes) -> bool:
        """True when the value was not sealed under the current key and version."""
        return bytes(sealed[:_HEADER_BYTES]) != _VERSION + self._current_id

    def digest(self, text: str, purpose: str) -> bytes:
        """32 bytes to find an equal text by, within one purpose; the caller normalises the text first."""
        key = self._digest_keys.get(purpose)
        if key is None:
            key = self._digest_keys[purpose] = _derive(self._digest_root, f"digest for {purpose}", KEY_BYTES)
        return hmac.digest(key, text.encode(), hashlib.sha256)

    def __repr__(self) -> str:
        return f"<Vault with {len(self._ciphers)} key(s)>"

    def __reduce__(self) -> str:
        raise TypeError("a vault is not written down")


def of(session: HasInfo) -> Vault:
    """The vault that the session was opened with."""
    vault: Vault = session.info["vault"]
    return vault


def _refuse_unfit(ring: Sequence[bytes]) -> None:
    if not ring:
        raise ValueError("the ring has no key")
    for key in ring:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, this one has {len(key)}")
        if len(set(key)) < 8:
            raise ValueError("a key must be random; this one repeats a few bytes")
    if len(set(ring)) != len(ring):
        raise ValueError("the ring holds the same key twice")


def _derive(key: bytes, use: str, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"kijkglas vault " + use.encode()).derive(key)


def _key_id(key: bytes) -> bytes:
    return _derive(key, "key id", _KEY_ID_BYTES)


def _associated(header: bytes, table: str, row: UUID, column: str) -> bytes:
    """Header and place in one unambiguous form: the names carry their length, the row has a fixed one."""
    names = b"".join(len(name).to_bytes(2, "big") + name for name in (table.encode(), column.encode()))
    return header + row.bytes + names
