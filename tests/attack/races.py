"""Z3: a right is withdrawn while a request that it allowed is under way; from then on nothing may be written."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any, Protocol
from unittest.mock import patch

from flask import request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.db import Busy
from parentportal.models.audit import AuditEvent
from parentportal.rules.audit import Event
from parentportal.web import portal as web_portal
from tests.attack.keeping import Kept
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.attack.withdrawals import RACES, Race, Send, settle
from tests.cheap_passwords import cheap_passwords

NO_ACT = frozenset({Event.ACCESS_DENIED, Event.SIGN_IN_ENDED, Event.STEP_UP_FAILED, Event.SIGN_IN_FAILED})
"""What stands in the log of somebody who is turned away."""
SEED = 20261117
PATIENCE = 30
SOON, CLOSER = 0.03, 1.4
"""Seconds that a withdrawal waits at first; and by how much longer or shorter next time, for the other to be first."""
FIRST, REFUSED, LATE = "first", "refused", "late"

Withdraw = Callable[[], int]


class Meeting(Protocol):
    """Lets a form and a withdrawal meet."""

    def meet(self, one: Race, send: Send, withdraw: Withdraw) -> int:
        """Answers the last number of the log when the withdrawal was committed."""

    def learn(self, one: Race, outcome: str) -> None:
        """Which came first."""


def place(portal: Portal, dose: int) -> Result:
    """The withdrawal is committed after the guard let the request in, before its own unit."""
    return _race(portal, dose, _Gap(portal))


def race(portal: Portal, dose: int) -> Result:
    """Two threads start together, one with the form and one with the withdrawal; either may come first."""
    with ThreadPoolExecutor(2) as pool:
        return _race(portal, dose, _Start(pool))


def _race(portal: Portal, dose: int, meeting: Meeting) -> Result:
    settle(portal)
    kept, came = Kept(portal), Counter[tuple[str, str]]()
    with cheap_passwords():
        for one in RACES:
            assert _acts_alone(portal, one), f"{one.what}: not even done when nobody disturbs"
            kept.put_back()
        for number in range(dose):
            one = RACES[number % len(RACES)]
            outcome = _outcome(portal, one, meeting)
            came[one.what, outcome] += 1
            meeting.learn(one, outcome)
            kept.put_back()
            if came[one.what, LATE]:
                break  # one is enough
    counted = {way: sum(came[one.what, way] for one in RACES) for way in (FIRST, REFUSED, LATE)}
    both = sum(bool(came[one.what, FIRST] and came[one.what, REFUSED]) for one in RACES)
    return Result(
        f"{came.total():,} races of {len(RACES)} kinds: {counted[FIRST]} acts came first, "
        f"{counted[REFUSED]} came too late and were refused; both ways in {both} kinds",
        f"{counted[LATE]} written afterwards {', '.join(what for what, way in came if way == LATE)}".strip(),
        not counted[LATE],
    )


def _acts_alone(portal: Portal, one: Race) -> bool:
    send, begin = _opened(portal, one)
    send()
    return bool(_acts(portal, one.who, begin))


def _outcome(portal: Portal, one: Race, meeting: Meeting) -> str:
    """Which came first, by the order of the log."""
    send, begin = _opened(portal, one)
    mark = meeting.meet(one, send, lambda: _withdraw(portal, one))
    if _acts(portal, one.who, mark):
        return LATE
    return FIRST if _acts(portal, one.who, begin, mark) else REFUSED


def _opened(portal: Portal, one: Race) -> tuple[Send, int]:
    """What hands in the form, on a page that is open; and how far the log was then."""
    portal.wait(seconds=60)
    send = one.open(portal, portal.visit_as(one.who, proved=one.proved))
    return send, _last_number(portal)


class _Gap:
    """Withdraws once, between the guard and the view of the next form that is handed in."""

    def __init__(self, portal: Portal) -> None:
        self._planned: Withdraw | None = None
        self._mark = 0
        portal.app.before_request_funcs[None].append(self._run)

    def meet(self, one: Race, send: Send, withdraw: Withdraw) -> int:
        self._planned = withdraw
        send()
        assert self._planned is None, f"{one.what}: nothing was under way"
        return self._mark

    def learn(self, one: Race, outcome: str) -> None:
        """Where it happens is fixed."""

    def _run(self) -> None:
        if self._planned is not None and request.method == "POST":
            withdraw, self._planned = self._planned, None
            self._mark = withdraw()


class _Start:
    """Lets both go at once, but for a moment that the withdrawal waits: about as long as makes it a close finish."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool, self._dice = pool, random.Random(SEED)  # noqa: S311 - repeatable, and no secret
        self._waits: dict[str, float] = {}

    def meet(self, one: Race, send: Send, withdraw: Withdraw) -> int:
        wait = self._waits.setdefault(one.what, SOON) * self._dice.uniform(0.5, 1.5)
        line = Barrier(2)
        sending = self._pool.submit(_go, line, 0, send)
        mark = self._pool.submit(_go, line, wait, withdraw).result(PATIENCE)
        sending.result(PATIENCE)
        return int(mark)

    def learn(self, one: Race, outcome: str) -> None:
        self._waits[one.what] *= 1 / CLOSER if outcome == FIRST else CLOSER


def _go(line: Barrier, wait: float, work: Callable[[], Any]) -> Any:
    line.wait(PATIENCE)
    time.sleep(wait)
    return work()


def _withdraw(portal: Portal, one: Race) -> int:
    """Commit the withdrawal; answers the last number of the log at that moment.

    The unit holds the turn of the board until its commit, and every row of the log takes its number inside such a
    turn: what has a higher number was committed after it.
    """

    def work(session: Session) -> int:
        one.withdraw(portal, session)
        session.flush()
        return _last(portal, session)

    while True:
        try:
            return portal.database.write(work)
        except Busy:
            continue


def _last(portal: Portal, session: Session) -> int:
    board = AuditEvent.board_id == portal.people.waterlijn
    return session.scalar(select(func.max(AuditEvent.number)).where(board)) or 0


def _last_number(portal: Portal) -> int:
    with portal.database.read() as session:
        return _last(portal, session)


def _acts(portal: Portal, who: str, after: int, until: int | None = None) -> int:
    """Acts of this person in the log, after one number and up to another."""
    rows = select(AuditEvent.event).where(
        AuditEvent.board_id == portal.people.waterlijn,
        AuditEvent.by_id == portal.person(who),
        AuditEvent.number > after,
    )
    if until is not None:
        rows = rows.where(AuditEvent.number <= until)
    with portal.database.read() as session:
        return sum(Event(event) not in NO_ACT for event in session.scalars(rows))


@contextmanager
def looking_only_before(_portal: Portal) -> Iterator[None]:
    """The guard's look at the beginning of the request is the only one."""
    with patch.object(web_portal, "refuse_who_left", lambda _session: None):
        yield


ROWS = (
    Row(
        "Z3a",
        "a right withdrawn between the guard and the act",
        "0 written after the withdrawal",
        place,
        looking_only_before,
        "only the guard looks, at the beginning",
        small=len(RACES),
        full=500,
        controlled=len(RACES),
    ),
    Row(
        "Z3b",
        "a right withdrawn by another thread, at the same time",
        "0 written after the withdrawal",
        race,
        looking_only_before,
        "only the guard looks, at the beginning",
        small=2 * len(RACES),
        full=1_000,
        controlled=20 * len(RACES),
    ),
)
