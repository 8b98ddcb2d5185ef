"""The audit chain: each row carries a keyed hash over itself and the row before it (controls U01, U02)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.audit import AuditEvent
from parentportal.models.base import new_id
from parentportal.outside import clock, vault
from parentportal.reads.statements import fetch, given
from parentportal.rules.audit import Event

START = "start"


def record(
    session: Session,
    event: Event,
    *,
    by: Actor,
    board_id: UUID,
    about: tuple[str, UUID | None],
    pupil_id: UUID | None = None,
    detail: Mapping[str, str | int | None] | None = None,
    content: str = "",
) -> AuditEvent:
    """Add one act to the chain of a board, in the transaction of the act itself.

    The write unit lets the acts of one board take turns, so the chain cannot fork (`parentportal.db`).

    `about` is the kind and id of what was acted upon. `detail` holds codes and counts, never a value or a name.
    `content` is what was decided, as canonical text; only its keyed digest is kept, so that it can be proved later.
    """
    last = next(iter(fetch(session, _last_of_chain(), board=board_id)), None)
    row = AuditEvent(
        id=new_id(),
        board_id=board_id,
        number=last.number + 1 if last else 1,
        event=event.value,
        at=clock.now(session),
        by_id=by.adult_id,
        by_role=by.role.value if by.role else "operator",
        about_kind=about[0],
        about_id=about[1],
        pupil_id=pupil_id,
        detail=dict(detail or {}),
        content_digest=content_digest(session, content) if content else "",
        previous_hash=last.row_hash if last else START,
        row_hash="",
    )
    row.row_hash = _hash_of(session, row)
    session.add(row)
    session.flush()
    return row


@cache
def _last_of_chain() -> Any:
    return (
        select(AuditEvent.number, AuditEvent.row_hash)
        .where(AuditEvent.board_id == given("board"))
        .order_by(AuditEvent.number.desc())
        .limit(1)
    )


def content_digest(session: Session, content: str) -> str:
    """The keyed digest, in hexadecimal, by which decided content is recognised later."""
    return vault.of(session).digest(content, "audit content").hex()


@dataclass(frozen=True, slots=True)
class Break:
    """The first row of a chain that is not what it was, or does not follow the one before."""

    board_id: UUID
    number: int
    reason: str


def verify(session: Session) -> Iterator[Break]:
    """Walk every chain and yield the first break of each; nothing means that all chains are whole."""
    previous: dict[UUID, tuple[int, str]] = {}
    broken: set[UUID] = set()
    for row in session.scalars(select(AuditEvent).order_by(AuditEvent.board_id, AuditEvent.number)):
        number, row_hash = previous.get(row.board_id, (0, START))
        if row.board_id in broken:
            continue
        reason = _reason_to_doubt(session, row, number, row_hash)
        if reason:
            broken.add(row.board_id)
            yield Break(row.board_id, row.number, reason)
        previous[row.board_id] = (row.number, row.row_hash)


def verify_latest(session: Session, board_id: UUID, *, most: int = 200) -> Break | None:
    """The first break among the newest rows of one chain: a quick look, where `verify` walks everything."""
    newest = session.scalars(
        select(AuditEvent).where(AuditEvent.board_id == board_id).order_by(AuditEvent.number.desc()).limit(most + 1)
    )
    rows = list(newest)[::-1]
    number, row_hash = (rows[0].number, rows[0].row_hash) if len(rows) > most else (0, START)
    for row in rows[1:] if len(rows) > most else rows:
        reason = _reason_to_doubt(session, row, number, row_hash)
        if reason:
            return Break(board_id, row.number, reason)
        number, row_hash = row.number, row.row_hash
    return None


def _reason_to_doubt(session: Session, row: AuditEvent, number: int, row_hash: str) -> str:
    if row.number != number + 1:
        return "missing"
    if row.previous_hash != row_hash:
        return "moved"
    if row.row_hash != _hash_of(session, row):
        return "changed"
    return ""


def _hash_of(session: Session, row: AuditEvent) -> str:
    return vault.of(session).digest(_canonical(row), "audit row").hex()


def _canonical(row: AuditEvent) -> str:
    fields: dict[str, Any] = {
        "id": str(row.id),
        "board": str(row.board_id),
        "number": row.number,
        "event": row.event,
        "at": row.at.isoformat(timespec="microseconds"),
        "by": str(row.by_id),
        "role": row.by_role,
        "about": [row.about_kind, str(row.about_id)],
        "pupil": str(row.pupil_id),
        "detail": row.detail,
        "content": row.content_digest,
        "previous": row.previous_hash,
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
