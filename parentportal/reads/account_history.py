"""What happened to the visitor's own account, newest first; nothing of anybody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.audit import AuditEvent
from parentportal.rules.audit import Event

PAGE = 25

SHOWN = (
    Event.ACCOUNT_ACTIVATED,
    Event.SIGN_IN_SUCCEEDED,
    Event.SIGN_IN_FAILED,
    Event.SIGN_IN_ENDED,
    Event.RECOVERY_CODE_USED,
    Event.ROLE_CHANGED,
    Event.STEP_UP_PROVED,
    Event.STEP_UP_FAILED,
    Event.PASSKEY_ADDED,
    Event.PASSKEY_REMOVED,
    Event.PASSKEY_COPIED,
    Event.CODES_APP_ADDED,
    Event.CODES_APP_REMOVED,
    Event.RECOVERY_CODES_MADE,
    Event.PASSWORD_CHANGED,
    Event.PASSWORD_RESET_ASKED,
    Event.ADDRESS_CHANGED,
    Event.ADDRESS_RESTORED,
    Event.SESSIONS_ENDED,
    Event.RECOVERY_ASKED,
    Event.RECOVERY_CONFIRMED,
    Event.RECOVERY_STOPPED,
    Event.RECOVERY_DONE,
)

TOLD = ("with", "step", "act", "password", "which")
"""Parts of an audit row that say with what something was done."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One act; `way` is the detail that says with what or how, as the audit chain keeps it."""

    at: datetime
    event: Event
    way: str


@dataclass(frozen=True, slots=True)
class History:
    """One page of it; pages count from 1."""

    rows: Sequence[HistoryRow]
    page: int
    pages: int


def list_latest(session: Session, most: int, *, by: Visitor) -> Sequence[HistoryRow]:
    """The newest few; one statement."""
    return _rows(session, by, most, 0)


def get_history(session: Session, page: int, *, by: Visitor) -> History:
    """One page of 25; a page that is not there is the nearest that is. Two statements."""
    number = session.scalar(select(func.count()).where(_is_own(by))) or 0
    pages = max(-(-number // PAGE), 1)
    page = min(max(page, 1), pages)
    return History(_rows(session, by, PAGE, (page - 1) * PAGE), page, pages)


def _rows(session: Session, by: Visitor, most: int, skipped: int) -> Sequence[HistoryRow]:
    found = session.execute(
        select(AuditEvent.at, AuditEvent.event, AuditEvent.detail)
        .where(_is_own(by))
        .order_by(AuditEvent.number.desc())
        .limit(most)
        .offset(skipped)
    )
    return [HistoryRow(row.at, Event(row.event), _way_of(row.detail)) for row in found]


def _way_of(detail: Mapping[str, Any]) -> str:
    return next((str(detail[name]) for name in TOLD if name in detail), "")


def _is_own(by: Visitor) -> ColumnElement[bool]:
    return and_(
        AuditEvent.board_id == by.board_id,
        AuditEvent.about_kind == "account",
        AuditEvent.about_id == by.account_id,
        AuditEvent.event.in_([event.value for event in SHOWN]),
    )
