"""A form counts once: a double tap, a resend or a lost answer is one act (control D06)."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from parentportal.models.submissions import Submission
from parentportal.outside import clock
from parentportal.rules.errors import NotFound


def once(session: Session, key: UUID, *, owner: str, endpoint: str, work: Callable[[Session], str]) -> str:
    """Do `work`, which answers with the address of its result, unless this form was handed in before.

    `owner` is the session that got the form; a key of somebody else or of another form raises `NotFound`.
    """
    earlier = session.get(Submission, key)
    if earlier is not None:
        if (earlier.owner, earlier.endpoint) != (owner, endpoint):
            raise NotFound
        return earlier.location
    location = work(session)
    session.add(Submission(id=key, owner=owner, endpoint=endpoint, location=location, at=clock.now(session)))
    return location
