"""The one worker: round after round of everything that is due, until it is asked to stop."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from parentportal.db import Busy, CommitUnknown, Database
from parentportal.jobs import outbox
from parentportal.outside.mailer import Mailer
from parentportal.rules.errors import PortalError
from parentportal.services import authority, deadlines, password_resets, tidying

log = logging.getLogger(__name__)
PAUSE = 5.0
Job = Callable[[Session], None]
JOBS: tuple[Job, ...] = (password_resets.work_off, authority.lapse, deadlines.remind, tidying.forget)


def work_once(
    database: Database, mailer: Mailer | None, base_url: str, *, stopped: Callable[[], bool] = lambda: False
) -> None:
    """One round; without a mail server the mail waits in the outbox. It can be `stopped` between batches of mail."""
    for job in JOBS:
        database.write(job)
    _send_mail(database, mailer, base_url, stopped)


def _send_mail(database: Database, mailer: Mailer | None, base_url: str, stopped: Callable[[], bool]) -> None:
    if mailer is not None:
        while not stopped() and not outbox.send_due(database, mailer, base_url).idle:
            continue


def work_on(
    database: Database,
    mailer: Mailer | None,
    base_url: str,
    *,
    stopped: Callable[[], bool] = lambda: False,
    jobs: tuple[Job, ...] = JOBS,
) -> None:
    """One round in which a job that fails is told of and never keeps the others from their work."""
    for job in jobs:
        with _told(job.__name__):
            database.write(job)
    with _told("mail"):
        _send_mail(database, mailer, base_url, stopped)


@contextmanager
def _told(job: str) -> Iterator[None]:
    """A busy or broken database costs this job a round; a fault in one case must not stop all deadlines."""
    try:
        yield
    except Busy:
        log.warning("the database was busy, next round in a moment", extra={"job": job})
    except (PortalError, SQLAlchemyError, CommitUnknown):
        log.exception("a job failed, the others go on", extra={"job": job})


def work(database: Database, mailer: Mailer | None, base_url: str) -> None:
    """Rounds until SIGTERM or SIGINT; a busy or broken database only costs a round."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    while not stop.is_set():
        work_on(database, mailer, base_url, stopped=stop.is_set)
        stop.wait(PAUSE)
