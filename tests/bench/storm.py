"""Many people sign in at the same moment: what it costs in memory, and whether other pages keep answering (row L4)."""

import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.models.imports import Source
from parentportal.rules.authority import Relation
from tests.bench.installation import Installation
from tests.people import Settler
from tests.sessions import PASSWORD, find_or_make_account

PEOPLE = 100
WORKERS = 4
SAMPLE_EVERY = 0.02


@dataclass
class Storm:
    """What was seen: `answers` by status, the longest sign-in, other pages' milliseconds, and the peak of memory."""

    answers: dict[int, int] = field(default_factory=dict)
    longest: float = 0.0
    others: list[float] = field(default_factory=list)
    peak_mib: float = 0.0

    @property
    def let_in(self) -> int:
        return self.answers.get(303, 0)

    @property
    def others_p95(self) -> float:
        return statistics.quantiles(self.others, n=20)[-1]


@dataclass(frozen=True)
class Waiting:
    """Somebody whose sign-in page is open and filled in."""

    cookie: str
    body: str


def settle_people(here: Installation) -> Sequence[str]:
    """As many guardians, each with an account; answers their sign-in names."""

    def work(session: Session) -> list[str]:
        settler, names = Settler(session, here.people.waterlijn), []
        source = select(Source.id).where(Source.school_id == here.people.kompas)
        settler.source[here.people.kompas] = session.scalars(source).one()
        for number in range(PEOPLE):
            email = f"storm{number}@post.example"
            adult = settler.adult(f"Storm{number}", "", "Proef", email, "", here.people.kompas)
            settler.authority(here.people.tess, adult, Relation.SOLE)
            find_or_make_account(session, here.clock, adult)
            names.append(email)
        return names

    return here.database.write(work)


def break_loose(here: Installation, names: Sequence[str], page: str, cookie: str, parent: int) -> Storm:
    """Everybody hands in the password at once, while somebody else goes on reading one page."""
    waiting = [_open(here, name) for name in names]
    storm, over, start = Storm(), threading.Event(), threading.Barrier(len(waiting))
    watchers = [
        threading.Thread(target=_weigh, args=(parent, storm, over)),
        threading.Thread(target=_read, args=(here, page, cookie, storm, over)),
    ]
    for watcher in watchers:
        watcher.start()
    time.sleep(0.5)
    with ThreadPoolExecutor(len(waiting)) as pool:
        for status, seconds in pool.map(lambda one: _hand_in(here, one, start), waiting):
            storm.answers[status] = storm.answers.get(status, 0) + 1
            storm.longest = max(storm.longest, seconds)
    over.set()
    for watcher in watchers:
        watcher.join()
    return storm


def _open(here: Installation, name: str) -> Waiting:
    _status, cookie, body = here.fetch("/inloggen")
    token = BeautifulSoup(body, "html.parser").select_one('form[action="/inloggen"] input[name="csrf_token"]')
    assert token is not None
    held = {"csrf_token": str(token["value"]), "name": name, "password": PASSWORD}
    return Waiting(cookie, urlencode(held))


def _hand_in(here: Installation, one: Waiting, start: threading.Barrier) -> tuple[int, float]:
    start.wait()
    began = time.perf_counter()
    with _connected(here) as connection:
        headers = {
            "Host": f"localhost:{here.port}",
            "Cookie": one.cookie,
            "Origin": here.base_url,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request("POST", "/inloggen", one.body, headers)
        answer = connection.getresponse()
        answer.read()
    return answer.status, time.perf_counter() - began


def _read(here: Installation, page: str, cookie: str, storm: Storm, over: threading.Event) -> None:
    while not over.is_set():
        began = time.perf_counter()
        with _connected(here) as connection:
            connection.request("GET", page, headers={"Host": f"localhost:{here.port}", "Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
        assert answer.status == 200, answer.status
        storm.others.append((time.perf_counter() - began) * 1000)


@contextmanager
def _connected(here: Installation) -> Iterator[HTTPConnection]:
    connection = HTTPConnection("127.0.0.1", here.port, timeout=60)
    try:
        yield connection
    finally:
        connection.close()


def _weigh(parent: int, storm: Storm, over: threading.Event) -> None:
    while not over.is_set():
        storm.peak_mib = max(storm.peak_mib, sum(_memory(process) for process in _family(parent)) / 1024)
        time.sleep(SAMPLE_EVERY)


def _family(parent: int) -> list[int]:
    found = [parent]
    for process in found:
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found


def _memory(process: int) -> int:
    """KiB that a process holds, its part of what it shares with its family: counted once, however many share it."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
