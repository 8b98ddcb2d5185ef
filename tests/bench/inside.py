"""What is counted or timed in process: statements, commits, the weight of a page, and what its language costs."""

import statistics
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import event
from werkzeug.test import EnvironBuilder

from parentportal.db import count_statements
from tests.bench.installation import Installation
from tests.bench.load import KEY, Visited

ROUNDS = 41
CALLS = 6
"""Many short rounds: what is asked for here is a difference far smaller than what others on the machine cost."""


def asked(visit: Visited, *, body: str = "", language: str = "") -> dict[str, Any]:
    """One request as a server hands it to an application."""
    headers = {"Cookie": visit.cookie + (f"; taal={language}" if language else ""), "Origin": visit.origin}
    builder = EnvironBuilder(
        path=visit.path,
        method="POST" if body else "GET",
        base_url=visit.origin or None,
        data=body.replace(KEY, str(uuid4())).encode() or None,
        content_type="application/x-www-form-urlencoded" if body else None,
        headers=headers,
    )
    return builder.get_environ()


def answer(app: Flask, request: dict[str, Any]) -> tuple[int, bytes]:
    """Status and body of what the application itself answers."""
    answered: list[str] = []
    parts = app.wsgi_app(request.copy(), lambda status, _headers, _info=None: answered.append(status) or print)
    try:
        return int(answered[0][:3]), b"".join(parts)
    finally:
        getattr(parts, "close", lambda: None)()


def statements_of(here: Installation, visit: Visited, *, body: str = "") -> tuple[int, int]:
    """Statements and commits of one request; what happens only the first time is not counted."""
    commits: list[object] = []

    def note(connection: object) -> None:
        commits.append(connection)

    for at_last in (False, True):
        event.listen(here.database.engine, "commit", note)
        with count_statements(here.database) as statements:
            commits.clear()
            answer(here.app, asked(visit, body=visit.bodies[at_last] if visit.bodies else body))
        event.remove(here.database.engine, "commit", note)
    return len(statements), len(commits)


def times_bare(here: Installation, bare: Flask, visit: Visited) -> float:
    """What a page costs of a processor, in bare answers; the median of rounds in turn."""
    ours, theirs = asked(visit), asked(Visited("/"))
    return statistics.median(
        _seconds(lambda: answer(here.app, ours)) / _seconds(lambda: answer(bare, theirs)) for _ in range(ROUNDS)
    )


def translating(here: Installation, visit: Visited) -> float:
    """Milliseconds that a page takes more in English than in Dutch, in which it is written."""
    english, dutch = asked(visit, language="en"), asked(visit, language="nl")
    spent = [
        _seconds(lambda: answer(here.app, english)) - _seconds(lambda: answer(here.app, dutch)) for _ in range(ROUNDS)
    ]
    return statistics.median(spent) * 1000


def _seconds(call: Callable[[], object]) -> float:
    """Time of the processor, so that others on the machine count less."""
    call()
    started = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - started) / CALLS
