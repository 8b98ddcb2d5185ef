"""Turns: few compute at once, readers never wait for writers, and whoever hashes lets others go on."""

import threading
from collections.abc import Callable
from typing import Any

from parentportal.outside import passwords
from parentportal.outside.turns import aside, in_turns

PATIENCE = 10


class Crowd:
    """An application in which every request stays until it is let go."""

    def __init__(self, *, hashes: bool = False) -> None:
        self.inside = threading.Semaphore(0)
        self.leave = threading.Event()
        self.hashes = hashes
        self.threads: list[threading.Thread] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if self.hashes:
            with aside():
                self._stay()
        else:
            self._stay()
        return [b""]

    def _stay(self) -> None:
        self.inside.release()
        assert self.leave.wait(PATIENCE)

    def send(self, application: Callable[..., Any], method: str) -> None:
        thread = threading.Thread(target=application, args=({"REQUEST_METHOD": method}, None), daemon=True)
        thread.start()
        self.threads.append(thread)

    def is_in(self, *, soon: bool = True) -> bool:
        """Whether one more has got in; `soon` waits for it."""
        return self.inside.acquire(timeout=PATIENCE if soon else 0.2)

    def go(self) -> None:
        self.leave.set()
        for thread in self.threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()


def test_no_more_change_something_at_once_than_there_are_turns() -> None:
    crowd = Crowd()
    application = in_turns(crowd, 2)
    for _ in range(3):
        crowd.send(application, "POST")
    assert crowd.is_in()
    assert crowd.is_in()
    assert not crowd.is_in(soon=False)
    crowd.go()
    assert crowd.is_in(), "the third comes after the others"


def test_whoever_reads_does_not_wait_for_those_who_change_something() -> None:
    crowd = Crowd()
    application = in_turns(crowd, 1)
    crowd.send(application, "POST")
    assert crowd.is_in()
    crowd.send(application, "GET")
    assert crowd.is_in()
    crowd.go()


def test_whoever_steps_aside_lets_the_next_one_in_and_gets_a_turn_back() -> None:
    crowd = Crowd(hashes=True)
    application = in_turns(crowd, 1)
    for _ in range(5):
        crowd.send(application, "POST")
    for _ in range(5):
        assert crowd.is_in()
    crowd.go()


def test_a_password_is_hashed_aside() -> None:
    stored = passwords.hash("dertien paarse fietsbellen")
    met: list[bool] = []
    both = threading.Barrier(2, timeout=PATIENCE)

    def meet(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        with aside():
            both.wait()
        met.append(passwords.verify(stored, "dertien paarse fietsbellen"))
        return []

    application = in_turns(meet, 1)
    threads = [threading.Thread(target=application, args=({"REQUEST_METHOD": "POST"}, None)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert met == [True, True]
