"""T1: whether an account exists shows neither in words, nor in headers, work or time."""

import math
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from sqlalchemy import delete
from werkzeug.test import TestResponse

from parentportal.access import OPERATOR
from parentportal.db import count_statements
from parentportal.models.password_resets import ResetWish
from parentportal.outside import codes, passwords
from parentportal.services import invitations
from tests.attack.guessing import HOME, WRONG, Intruder
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.house.walking import plain

KNOWN, UNKNOWN = "noor@post.example", "toor@post.example"
TIMED = 200
"""From so many pairs on the time is held against the bar as well; fewer compare words and work alone."""
LEAST_MS, LEAST_SHARE, MOST_Z = 1.0, 0.05, 2.576
"""Medians may differ by one of the first two; beyond the last, ranks differ at the level of 0.01 (two-sided)."""
WARM_UP = 10
REFERENCE = re.compile(r"[0-9A-F]{8}")


@dataclass
class Seen:
    """What one form gave away about one kind of name."""

    bodies: set[str] = field(default_factory=set)
    headers: set[tuple[tuple[str, str], ...]] = field(default_factory=set)
    work: set[tuple[int, int]] = field(default_factory=set)
    times: list[float] = field(default_factory=list)


def compare(portal: Portal, dose: int) -> Result:
    portal.key_of("noor")
    told, holds = [], True
    for name, hand_in in FORMS.items():
        seen = {True: Seen(), False: Seen()}
        dice = random.Random(dose)  # noqa: S311  # the order of the tries
        prepared = PREPARE[name](portal)
        for number in range(-WARM_UP if dose >= TIMED else -1, dose):
            pair = [True, False]
            dice.shuffle(pair)
            for known in pair:
                _one(portal, hand_in, prepared, known, seen[known] if number >= 0 else Seen())
        words = seen[True].bodies == seen[False].bodies and seen[True].headers == seen[False].headers
        work = seen[True].work == seen[False].work
        told.append(f"{name}: words {'equal' if words else 'DIFFER'}, work {'equal' if work else 'DIFFERS'}")
        holds = holds and words and work
        if dose >= TIMED:
            timing, even = _judge(seen[True].times, seen[False].times)
            told[-1] += f", {timing}"
            holds = holds and even
    return Result(f"2 × {dose:,} interleaved × {len(FORMS)} forms", "; ".join(told), holds)


def _one(portal: Portal, hand_in: Callable[..., TestResponse], prepared: Any, known: bool, seen: Seen) -> None:
    portal.forget_tries()
    portal.database.write(lambda session: session.execute(delete(ResetWish)))
    browser = Intruder(portal.app, HOME)
    with count_statements(portal.database) as statements, _Hashing() as hashing:
        answer, seconds = hand_in(browser, prepared, known)
    seen.times.append(seconds * 1000)
    seen.work.add((len(statements), hashing.number))
    body = plain(answer).replace(UNKNOWN, KNOWN)
    seen.bodies.add(REFERENCE.sub("…", body))
    seen.headers.add(
        tuple(
            (name, value.split("=")[0] if name == "Set-Cookie" else value)
            for name, value in answer.headers
            if name != "Content-Length"
        )
    )


class _Hashing:
    """Counts how often a password was really worked on."""

    def __init__(self) -> None:
        self.number = 0
        self._inside = passwords._HASHER

    def __enter__(self) -> "_Hashing":
        self._patch = patch.object(passwords, "_HASHER", self)
        self._patch.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._patch.stop()

    def hash(self, password: str) -> str:
        self.number += 1
        return str(self._inside.hash(password))

    def verify(self, stored: str, password: str) -> bool:
        self.number += 1
        return bool(self._inside.verify(stored, password))

    def check_needs_rehash(self, stored: str) -> bool:
        return bool(self._inside.check_needs_rehash(stored))


def _timed(browser: Intruder, path: str, data: dict[str, str]) -> tuple[TestResponse, float]:
    began = time.perf_counter()
    answer = browser.post(path, {**data, "idempotency_key": str(uuid4())})
    return answer, time.perf_counter() - began


def _sign_in(browser: Intruder, _prepared: None, known: bool) -> tuple[TestResponse, float]:
    browser.get("/inloggen")
    return _timed(browser, "/inloggen", {"name": KNOWN if known else UNKNOWN, "password": WRONG})


def _reset(browser: Intruder, _prepared: None, known: bool) -> tuple[TestResponse, float]:
    browser.get("/wachtwoord-vergeten")
    return _timed(browser, "/wachtwoord-vergeten", {"name": KNOWN if known else UNKNOWN})


def _activation(browser: Intruder, letter: str, known: bool) -> tuple[TestResponse, float]:
    browser.get("/activeren")
    browser.post("/activeren", {"code": letter if known else codes.activation_code()})
    browser.get("/activeren/geboortedatum")
    return _timed(browser, "/activeren/geboortedatum", {"born-day": "3", "born-month": "4", "born-year": "2015"})


def _letter(portal: Portal) -> str:
    letters = portal.database.write(
        lambda session: invitations.invite_school(session, portal.people.regenboog, by=OPERATOR)
    )
    return next(letter.code for letter in letters if letter.adult.startswith("Daan"))


FORMS: dict[str, Callable[..., tuple[TestResponse, float]]] = {
    "sign-in": _sign_in,
    "reset": _reset,
    "activation code": _activation,
}
PREPARE: dict[str, Callable[[Portal], Any]] = {
    "sign-in": lambda _portal: None,
    "reset": lambda _portal: None,
    "activation code": _letter,
}


def _judge(known: list[float], unknown: list[float]) -> tuple[str, bool]:
    one, other = statistics.median(known), statistics.median(unknown)
    apart, z = abs(one - other), rank_test(known, unknown)
    near = apart < LEAST_MS or apart < LEAST_SHARE * max(one, other)
    return f"medians {one:.2f} and {other:.2f} ms, z {z:.2f}", near and abs(z) < MOST_Z


def rank_test(one: list[float], other: list[float]) -> float:
    """Mann and Whitney's test by the normal approximation, with the correction for ties: how many deviations apart."""
    ordered = sorted(one + other)
    first, last = {}, {}
    for rank, value in enumerate(ordered, 1):
        first.setdefault(value, rank)
        last[value] = rank
    ranks = sum((first[value] + last[value]) / 2 for value in one)
    n, m = len(one), len(other)
    ties = sum((last[value] - first[value] + 1) ** 3 - (last[value] - first[value] + 1) for value in first)
    variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    return (ranks - n * (n + m + 1) / 2) / math.sqrt(variance)


@contextmanager
def stopping_early(_portal: Portal) -> Iterator[None]:
    """An unknown name is answered without the work of a hash."""
    with patch.object(passwords, "verify_nobody", lambda _password: False):
        yield


ROWS = (
    Row(
        "T1",
        "known and unknown names at sign-in, reset and activation",
        "bodies, headers and work equal; medians < 1 ms or < 5 % apart, ranks not significant at 0.01",
        compare,
        stopping_early,
        "no hash for an unknown name",
        small=2,
        full=1_000,
        controlled=2,
    ),
)
