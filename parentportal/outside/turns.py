"""Few requests compute at once in one process, and whoever reads never waits for whoever changes something.

In one process only one thread computes at a time: the more of them want to, the longer whoever holds the write lock
waits for the rest. Hashing a password takes no turn, and pages have turns of their own: a hundred people who sign in at
once keep nobody else from reading.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

READING = frozenset({"GET", "HEAD"})
_HELD = threading.local()


class Turns:
    """At most so many threads at once; the others wait in line."""

    def __init__(self, most: int) -> None:
        self._room = threading.BoundedSemaphore(most)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold one of the turns."""
        with self._room:
            _HELD.turns = self
            try:
                yield
            finally:
                _HELD.turns = None

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Give the turn of this thread away meanwhile, and wait for one again afterwards."""
        _HELD.turns = None
        self._room.release()
        try:
            yield
        finally:
            self._room.acquire()
            _HELD.turns = self


@contextmanager
def aside() -> Iterator[None]:
    """Around work that needs no turn; nothing happens in a thread that holds none."""
    held: Turns | None = getattr(_HELD, "turns", None)
    if held is None:
        yield
        return
    with held.given_up():
        yield


def in_turns(application: Callable[..., Any], most: int) -> Callable[..., Any]:
    """A WSGI application of which so many requests that read, and so many that change, compute at once."""
    reading, changing = Turns(most), Turns(most)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        with (reading if environ["REQUEST_METHOD"] in READING else changing).turn():
            return application(environ, start_response)

    return answer
