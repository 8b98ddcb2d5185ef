"""A form counts once: a double tap, a resend or a lost answer is one act (control D06)."""

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.models.submissions import Submission
from parentportal.outside import clock
from parentportal.reads.statements import fetch, given
from parentportal.rules.errors import NotFound


def once(session: Session, key: UUID, *, owner: str, endpoint: str, work: Callable[[Session], str]) -> str:
    """Do `work`, which answers with the address of its result, unless this form was handed in before.

    `owner` is the session that got the form; a key of somebody else or of another form raises `NotFound`.
    """
    for earlier in fetch(session, _earlier(), key=key):
        if (earlier.owner, earlier.endpoint) != (owner, endpoint):
            raise NotFound
        return str(earlier.location)
    location = work(session)
    session.add(Submission(id=key, owner=owner, endpoint=endpoint, location=location, at=clock.now(session)))
    return location


@cache
def _earlier() -> Any:
    return select(Submission.owner, Submission.endpoint, Submission.location).where(Submission.id == given("key"))
