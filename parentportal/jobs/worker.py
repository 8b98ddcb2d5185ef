"""The one worker: round after round of everything that is due, until it is asked to stop."""

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType

from parentportal.db import Busy, Database
from parentportal.jobs import outbox
from parentportal.outside.mailer import Mailer
from parentportal.services import authority, deadlines, tidying

log = logging.getLogger(__name__)
PAUSE = 5.0


def work_once(
    database: Database, mailer: Mailer | None, base_url: str, *, stopped: Callable[[], bool] = lambda: False
) -> None:
    """One round; without a mail server the mail waits in the outbox. It can be `stopped` between batches of mail."""
    database.write(authority.lapse)
    database.write(deadlines.remind)
    database.write(tidying.forget)
    if mailer is not None:
        while not stopped() and not outbox.send_due(database, mailer, base_url).idle:
            continue


def work(database: Database, mailer: Mailer | None, base_url: str) -> None:
    """Rounds until SIGTERM or SIGINT; a busy database only costs a round."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    while not stop.is_set():
        try:
            work_once(database, mailer, base_url, stopped=stop.is_set)
        except Busy:
            log.warning("the database was busy, next round in a moment")
        stop.wait(PAUSE)
