"""Proof that somebody just asked to see sensitive data: a short-lived token, good for one session and one place."""

import base64
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.outside import clock, vault

LASTS = timedelta(minutes=10)
"""As long as a second factor counts as fresh (ux.md 8)."""
PURPOSE = "reveal"
MOST_NUMBERS = 20


@dataclass(frozen=True, slots=True)
class Revealed:
    """What is open: a whole card, and the numbers that are shown in full."""

    numbers: frozenset[UUID] = frozenset()


def sign(session: Session, place: str, numbers: Collection[UUID], *, by: Visitor) -> str:
    """A token that opens `place` for this sign-in session; it holds no personal data."""
    until = int((clock.now(session) + LASTS).timestamp())
    body = ".".join([str(until), *sorted(number.hex for number in numbers)])
    return f"{body}.{_seal(session, place, body, by)}"


def find(session: Session, place: str, token: str, *, by: Visitor) -> Revealed | None:
    """What a token opens here; None when it is missing, ran out, or belongs to another session or place."""
    body, _, seal = token.rpartition(".")
    if not body or not hmac.compare_digest(seal.encode(), _seal(session, place, body, by).encode()):
        return None
    until, *numbers = body.split(".")
    if clock.now(session) >= datetime.fromtimestamp(int(until), UTC):
        return None
    return Revealed(frozenset(UUID(hex=number) for number in numbers[:MOST_NUMBERS]))


def _seal(session: Session, place: str, body: str, by: Visitor) -> str:
    digest = vault.of(session).digest(f"{by.session_id}|{place}|{body}", PURPOSE)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
