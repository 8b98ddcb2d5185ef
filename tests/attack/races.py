"""Z3: a right is withdrawn while a request that it allowed is under way; from then on nothing may be written."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any
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
from tests.attack.withdrawals import RACES, Race, settle
from tests.cheap_passwords import cheap_passwords

NO_ACT = frozenset({Event.ACCESS_DENIED, Event.SIGN_IN_ENDED, Event.STEP_UP_FAILED, Event.SIGN_IN_FAILED})
"""What stands in the log of somebody who is turned away."""
SEED = 20261117
PATIENCE = 30

Withdraw = Callable[[], int]
Meet = Callable[[Portal, Race, Callable[[], Any], Withdraw], int]
"""Lets a form and a withdrawal meet; answers the last number of the log when the withdrawal was committed."""


def place(portal: Portal, dose: int) -> Result:
    """The withdrawal is committed after the guard let the request in, before its own unit."""
    gap = _Gap(portal)
    return _race(portal, dose, gap.meet)


def race(portal: Portal, dose: int) -> Result:
    """Two threads start together, one with the form and one with the withdrawal; either may come first."""
    with ThreadPoolExecutor(2) as pool:
        return _race(portal, dose, _Start(pool).meet)


def _race(portal: Portal, dose: int, meet: Meet) -> Result:
    settle(portal)
    kept, counted = Kept(portal), Counter[str]()
    late: Counter[str] = Counter()
    with cheap_passwords():
        for number in range(dose):
            one = RACES[number % len(RACES)]
            portal.wait(seconds=60)
            visit = portal.visit_as(one.who, proved=one.proved)
            send = one.open(portal, visit)
            begin = _last_number(portal)
            mark = meet(portal, one, send, lambda one=one: _withdraw(portal, one))  # type: ignore[misc]
            before, after = _acts(portal, one.who, begin, mark), _acts(portal, one.who, mark)
            counted["late" if after else "first" if before else "refused"] += 1
            late[one.what] += bool(after)
            kept.put_back()
            if after:
                break  # one is enough
    return Result(
        f"{counted.total():,} races of {len(RACES)} kinds: {counted['first']} acts came first, "
        f"{counted['refused']} came too late and were refused",
        f"{counted['late']} written afterwards {', '.join(f'{what}: {n}' for what, n in late.items() if n)}".strip(),
        not counted["late"],
    )


class _Gap:
    """Withdraws once, between the guard and the view of the next form that is handed in."""

    def __init__(self, portal: Portal) -> None:
        self._planned: Withdraw | None = None
        self._mark = 0
        portal.app.before_request_funcs[None].append(self._run)

    def meet(self, _portal: Portal, one: Race, send: Callable[[], Any], withdraw: Withdraw) -> int:
        self._planned = withdraw
        send()
        assert self._planned is None, f"{one.what}: nothing was under way"
        return self._mark

    def _run(self) -> None:
        if self._planned is not None and request.method == "POST":
            withdraw, self._planned = self._planned, None
            self._mark = withdraw()


class _Start:
    """Lets both go at once, but for a moment by which one of them waits; as long at most as such a form takes."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool, self._dice = pool, random.Random(SEED)  # noqa: S311 - repeatable, and no secret
        self._takes: dict[str, float] = {}

    def meet(self, _portal: Portal, one: Race, send: Callable[[], Any], withdraw: Withdraw) -> int:
        takes = self._takes.get(one.what, 0.05)
        lead = self._dice.uniform(-0.2 * takes, takes)
        line = Barrier(2)
        sending = self._pool.submit(_go, line, max(0.0, -lead), send)
        withdrawing = self._pool.submit(_go, line, max(0.0, lead), withdraw)
        took, _answer = sending.result(PATIENCE)
        _took, mark = withdrawing.result(PATIENCE)
        self._takes[one.what] = 0.8 * takes + 0.2 * took
        return int(mark)


def _go(line: Barrier, wait: float, work: Callable[[], Any]) -> tuple[float, Any]:
    line.wait(PATIENCE)
    time.sleep(wait)
    began = time.monotonic()
    answer = work()
    return time.monotonic() - began, answer


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
        small=3 * len(RACES),
        full=1_000,
        controlled=20 * len(RACES),
    ),
)
