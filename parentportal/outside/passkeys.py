"""Passkeys (WebAuthn): what a browser is asked, and whether its answer is real.

The library keeps no memory: whoever takes an answer destroys its challenge first and keeps the counter afterwards
(`services/passkeys.py`). Host and origin come from the settings, never from a request.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

CHALLENGE_BYTES = 32
#: No honest answer comes near this; what is longer is not even read.
MOST_ANSWER = 16 * 1024
_TIMEOUT = 300_000
_FORMATS = frozenset({AttestationFormat.NONE, AttestationFormat.PACKED})


class Doubt(StrEnum):
    """Why an answer opens nothing."""

    MALFORMED = "malformed"
    OTHER_PLACE = "other_place"
    """Made for another site, or inside a page of another site."""
    NOT_VERIFIED = "not_verified"
    """Nobody showed a face, a finger or a screen lock."""
    FORGED = "forged"


class PasskeyRefused(Exception):
    """The answer of a browser is not believed."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.value)
        self.doubt = doubt


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys belong: the host alone, and the whole origin as browsers write it."""

    host: str
    origin: str

    @classmethod
    def at(cls, base_url: str) -> "Site | None":
        """The site of a portal, or None where browsers know no passkeys: on plain http, and at a bare number."""
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        if not host or _is_number(host) or (parts.scheme != "https" and not _is_here(host)):
            return None
        usual = {"https": 443, "http": 80}.get(parts.scheme)
        port = f":{parts.port}" if parts.port and parts.port != usual else ""
        return cls(host, f"{parts.scheme}://{host}{port}")


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What is kept of a key that was just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    maker: str
    transports: tuple[str, ...]
    is_synced: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says before it is believed: for which challenge, by which key, of whom."""

    challenge: bytes
    credential_id: bytes
    owner: UUID | None


def new_challenge() -> bytes:
    """32 bytes that nobody can guess."""
    return secrets.token_bytes(CHALLENGE_BYTES)


def to_make(
    site: Site, challenge: bytes, *, owner: UUID, name: str, shown_as: str, have: Iterable[bytes] = ()
) -> dict[str, Any]:
    """What the browser is asked for a new key; `have` are the keys that need not be made twice on one device."""
    return options_to_json_dict(
        webauthn.generate_registration_options(
            rp_id=site.host,
            rp_name="Kijkglas",
            user_id=owner.bytes,
            user_name=name,
            user_display_name=shown_as,
            challenge=challenge,
            timeout=_TIMEOUT,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in have],
        )
    )


def to_prove(site: Site, challenge: bytes, *, have: Iterable[bytes] = ()) -> dict[str, Any]:
    """What the browser is asked to sign; without `have` the person picks from the keys that the device holds."""
    return options_to_json_dict(
        webauthn.generate_authentication_options(
            rp_id=site.host,
            challenge=challenge,
            timeout=_TIMEOUT,
            allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in have],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def read_answer(text: str) -> Answer:
    """Read an answer without believing it; raises `PasskeyRefused` for what is none."""
    fields = _fields(text)
    try:
        response = fields["response"]
        client = parse_client_data_json(base64url_to_bytes(response["clientDataJSON"]))
        owner = response.get("userHandle")
        return Answer(
            client.challenge,
            base64url_to_bytes(fields["rawId"]),
            UUID(bytes=base64url_to_bytes(owner)) if owner else None,
        )
    except (WebAuthnException, KeyError, TypeError, ValueError, AttributeError):
        raise PasskeyRefused(Doubt.MALFORMED) from None


def check_new(site: Site, text: str, challenge: bytes) -> NewPasskey:
    """The key that was made for this challenge, here and by somebody who showed who they are.

    Raises `PasskeyRefused`.
    """
    fields = _fields(text)
    _check_place(site, fields)
    try:
        parsed = parse_registration_credential_json(fields)
        made = webauthn.verify_registration_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=False,
        )
    except (WebAuthnException, KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise PasskeyRefused(Doubt.FORGED) from None
    if made.fmt not in _FORMATS:
        raise PasskeyRefused(Doubt.FORGED)
    if not made.user_verified:
        raise PasskeyRefused(Doubt.NOT_VERIFIED)
    return NewPasskey(
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        maker=made.aaguid,
        transports=tuple(one.value for one in parsed.response.transports or ()),
        is_synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
    )


def check_proof(site: Site, text: str, challenge: bytes, public_key: bytes) -> int:
    """The counter in an answer that this key really signed, here and now; raises `PasskeyRefused`.

    Whether the counter went back is for the caller to see: only a real signature says something about it.
    """
    fields = _fields(text)
    _check_place(site, fields)
    try:
        proved = webauthn.verify_authentication_response(
            credential=parse_authentication_credential_json(fields),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=False,
        )
    except (WebAuthnException, KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise PasskeyRefused(Doubt.FORGED) from None
    if not proved.user_verified:
        raise PasskeyRefused(Doubt.NOT_VERIFIED)
    return proved.new_sign_count


def _fields(text: str) -> dict[str, Any]:
    if not text or len(text) > MOST_ANSWER:
        raise PasskeyRefused(Doubt.MALFORMED)
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise PasskeyRefused(Doubt.MALFORMED) from None
    if not isinstance(fields, dict) or not isinstance(fields.get("response"), dict):
        raise PasskeyRefused(Doubt.MALFORMED)
    return fields


def _check_place(site: Site, fields: dict[str, Any]) -> None:
    """Another origin, or a frame inside another origin, is told apart from a forgery: the person can do something."""
    try:
        client = json.loads(base64url_to_bytes(fields["response"]["clientDataJSON"]))
        elsewhere = client.get("origin") != site.origin or client.get("crossOrigin") is True
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise PasskeyRefused(Doubt.MALFORMED) from None
    if elsewhere:
        raise PasskeyRefused(Doubt.OTHER_PLACE)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_here(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")
