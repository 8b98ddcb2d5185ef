"""Worker processes that share one database, one clock and one counter, and may be killed in the middle."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from parentportal.app import create_app
from parentportal.db import Database
from parentportal.services import second_factors
from tests.attack.guessing import Intruder, counted
from tests.attack.portal import Portal
from tests.cheap_passwords import cheap_passwords
from tests.sessions import PASSWORD

_FORK = multiprocessing.get_context("fork")
PATIENCE = 60


class SharedClock:
    """Stands still for all processes at once until `advance` moves it."""

    def __init__(self, at: datetime) -> None:
        self._seconds = _FORK.Value("d", at.timestamp(), lock=False)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._seconds.value, UTC)

    def advance(self, step: timedelta) -> None:
        self._seconds.value += step.total_seconds()


@dataclass(frozen=True, slots=True)
class Guessing:
    """At which page is guessed, in which field, and which function of the product judges a guess."""

    name: str
    path: str
    judge: str


@dataclass
class Workers:
    """Some processes of the portal, each with one attacker's browser at its door; the attacker has the password."""

    portal: Portal
    clock: SharedClock
    guessing: Guessing
    number: int = 4
    judged: Any = field(default_factory=lambda: _FORK.Value("i", 0))
    _running: list[tuple[BaseProcess, Connection]] = field(default_factory=list)

    def start(self) -> None:
        Intruder(self.portal.app).get("/inloggen")  # what children need alike is loaded once
        self.portal.database.dispose()  # no connection may be shared with a child
        for number in range(self.number):
            here, there = _FORK.Pipe()
            process = _FORK.Process(target=self._serve, args=(there, f"198.51.100.{number + 1}"), daemon=True)
            process.start()
            there.close()
            self._running.append((process, here))

    def kill(self) -> None:
        """At once, as when power or memory is gone."""
        for process, pipe in self._running:
            process.kill()
            process.join()
            pipe.close()
        self._running.clear()

    def try_all(self, guesses: list[str]) -> list[str]:
        """One guess at each worker, at the same time; answers "in", "wrong" or "wait" for each."""
        busy = self._running[: len(guesses)]
        for (_process, pipe), guess in zip(busy, guesses, strict=True):
            pipe.send(guess)
        return [self._receive(pipe) for _process, pipe in busy]

    def _receive(self, pipe: Connection) -> str:
        if not pipe.poll(PATIENCE):
            raise TimeoutError("a worker did not answer")
        answer: str = pipe.recv()
        return answer

    def _serve(self, pipe: Connection, address: str) -> None:
        database = Database(self.portal.settings.database_url, info=self.portal.database.info | {"clock": self.clock})
        app = create_app(replace(self.portal.settings), database=database, clock=self.clock)
        intruder = Intruder(app, address)
        with cheap_passwords(), counted(second_factors, self.guessing.judge, self._note):
            while True:
                pipe.send(knock(intruder, self.guessing, pipe.recv()))

    def _note(self) -> None:
        with self.judged.get_lock():
            self.judged.value += 1


def knock(intruder: Intruder, guessing: Guessing, guess: str) -> str:
    """Hand in one guess, after the password once more where that is needed."""
    for _ in range(3):
        answer = intruder.post(guessing.path, {"code": guess}) if intruder.token else None
        if answer is not None and answer.status_code != 303:
            return "wait" if answer.status_code == 429 else "wrong"
        if answer is not None and not answer.headers["Location"].startswith("/inloggen"):
            return "in"
        if not intruder.give_password(guessing.name, PASSWORD):
            return "wait"
    return "wrong"


@contextmanager
def workers(portal: Portal, guessing: Guessing, *, number: int) -> Iterator[Workers]:
    made = Workers(portal, SharedClock(portal.clock.now()), guessing, number)
    made.start()
    try:
        yield made
    finally:
        made.kill()
