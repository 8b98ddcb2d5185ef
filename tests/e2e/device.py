"""A telephone's own authenticator, as Chromium lends it to tests: it keeps real keys and signs with them."""

from typing import Any

from tests.e2e.phone import Phone


class Device:
    """Face, finger and screen lock of one telephone."""

    def __init__(self, phone: Phone, *, verified: bool = True) -> None:
        self._cdp = phone.context.new_cdp_session(phone.page)
        self._cdp.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": verified,
            "automaticPresenceSimulation": True,
        }
        self._id = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def keys(self) -> list[dict[str, Any]]:
        """The keys it holds, private halves and all."""
        found: list[dict[str, Any]] = self._cdp.send("WebAuthn.getCredentials", {"authenticatorId": self._id})[
            "credentials"
        ]
        return found

    def take(self, key: dict[str, Any], *, count: int | None = None) -> None:
        """Put a key in that another device holds, with its counter or another."""
        copied = {name: key[name] for name in ("credentialId", "rpId", "privateKey", "userHandle")}
        count = key["signCount"] if count is None else count
        credential = {**copied, "isResidentCredential": True, "signCount": count}
        self._cdp.send("WebAuthn.addCredential", {"authenticatorId": self._id, "credential": credential})

    def lose(self, key: dict[str, Any]) -> None:
        """Forget one key."""
        self._cdp.send("WebAuthn.removeCredential", {"authenticatorId": self._id, "credentialId": key["credentialId"]})

    def recognise(self, verified: bool) -> None:
        """Whether it sees the face or finger of its owner."""
        self._cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": verified})
