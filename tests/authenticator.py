"""A telephone that knows passkeys, in software: what it makes and signs is real, and it can be told to cheat.

Keys are ES256 and attestation is "none", as telephones give it. It shares no line with the library of the portal.
"""

import base64
import json
import secrets
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from parentportal.outside.passkeys import Site

PRESENT, VERIFIED, MAY_SYNC, IS_SYNCED, HAS_KEY = 0x01, 0x04, 0x08, 0x10, 0x40
NOBODY_SAID = bytes(16)


@dataclass(frozen=True, slots=True)
class Cheat:
    """What is wrong with an answer; nothing is, unless it is set.

    `origin`: the page that asked. `host`: the site it was signed for. `challenge`: another than was asked. `count`: the
    counter it says. `owner`: whose it says it is. `kind`: "webauthn.create" or "webauthn.get". `spoiled`: one bit of
    the signature is turned. `credential_id`: the name of the new key, which is somebody else's.
    """

    verified: bool = True
    present: bool = True
    origin: str = ""
    host: str = ""
    framed: bool = False
    challenge: bytes = b""
    count: int | None = None
    owner: bytes | None = None
    kind: str = ""
    spoiled: bool = False
    credential_id: bytes = b""


HONEST = Cheat()


@dataclass(slots=True)
class Key:
    """One passkey with its private half."""

    credential_id: bytes
    private: EllipticCurvePrivateKey
    owner: bytes
    count: int = 0


@dataclass(slots=True)
class Authenticator:
    """Holds the keys of one person on one site. With `synced` it keeps them in step elsewhere, and never counts."""

    site: Site
    synced: bool = False
    keys: list[Key] = field(default_factory=list)

    def copy(self) -> "Authenticator":
        """A thief's copy: the same keys, and counters that go their own way from here."""
        return Authenticator(self.site, self.synced, [replace(key) for key in self.keys])

    def make(self, options: dict[str, Any], cheat: Cheat = HONEST) -> str:
        """The answer to a request for a new key, which is kept; as a script puts it in the field of a form."""
        name = cheat.credential_id or secrets.token_bytes(20)
        key = Key(name, generate_private_key(SECP256R1()), to_bytes(options["user"]["id"]))
        self.keys.append(key)
        client = self._client(options, "webauthn.create", cheat)
        about = self._about(cheat, HAS_KEY, key.count if cheat.count is None else cheat.count)
        about += NOBODY_SAID + len(key.credential_id).to_bytes(2) + key.credential_id + _public(key)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        response = {"attestationObject": to_text(attestation), "transports": ["internal"]}
        return _answer(key, client, response)

    def prove(self, options: dict[str, Any], cheat: Cheat = HONEST) -> str:
        """The answer to a request to sign; raises `LookupError` when no key here is among those that may."""
        allowed = {to_bytes(one["id"]) for one in options.get("allowCredentials") or ()}
        key = next((key for key in self.keys if not allowed or key.credential_id in allowed), None)
        if key is None:
            raise LookupError("no key of this authenticator may answer")
        if not self.synced:
            key.count += 1
        client = self._client(options, "webauthn.get", cheat)
        about = self._about(cheat, 0, key.count if cheat.count is None else cheat.count)
        signature = key.private.sign(about + sha256(client).digest(), ECDSA(SHA256()))
        if cheat.spoiled:
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        owner = key.owner if cheat.owner is None else cheat.owner
        response = {"authenticatorData": to_text(about), "signature": to_text(signature), "userHandle": to_text(owner)}
        return _answer(key, client, response)

    def _client(self, options: dict[str, Any], kind: str, cheat: Cheat) -> bytes:
        said = {
            "type": cheat.kind or kind,
            "challenge": to_text(cheat.challenge) if cheat.challenge else options["challenge"],
            "origin": cheat.origin or self.site.origin,
            "crossOrigin": cheat.framed,
        }
        return json.dumps(said, separators=(",", ":")).encode()

    def _about(self, cheat: Cheat, more: int, count: int) -> bytes:
        flags = more | (PRESENT if cheat.present else 0) | (VERIFIED if cheat.verified else 0)
        flags |= MAY_SYNC | IS_SYNCED if self.synced else 0
        return sha256((cheat.host or self.site.host).encode()).digest() + bytes([flags]) + count.to_bytes(4)


def to_text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def to_bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _public(key: Key) -> bytes:
    """The public half as COSE writes it: EC2, ES256, P-256."""
    numbers = key.private.public_key().public_numbers()
    return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})


def _answer(key: Key, client: bytes, response: dict[str, Any]) -> str:
    return json.dumps(
        {
            "id": to_text(key.credential_id),
            "rawId": to_text(key.credential_id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {"clientDataJSON": to_text(client), **response},
        }
    )
