"""Measures every bar in turn and prints it with what was found; a missed bar is a row, not an error."""

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests import postgres
from tests.bench import importing, inside, storm
from tests.bench.bare import bare_app
from tests.bench.first_visit import first_visit
from tests.bench.installation import (
    Installation,
    installed,
    page_visits,
    saving_visits,
    serve_command,
    served,
)
from tests.bench.load import Seen, Visited, press, refuse_without_wrk, script
from tests.outside.mail_servers import free_port

ROUNDS = 5
DURABLE = {"max_connections": "200"}
"""PostgreSQL as Debian starts it: it waits for the disk at each commit."""


@dataclass(frozen=True)
class Bar:
    """One figure beside what was asked; `most` says whether it is a ceiling or a floor."""

    what: str
    asked: float
    found: float
    unit: str = ""
    most: bool = True

    @property
    def holds(self) -> bool:
        return self.found <= self.asked if self.most else self.found >= self.asked


@dataclass(frozen=True)
class Round:
    """One turn of each load, in the order in which they ran."""

    bare: Seen
    page: Seen
    crowd: Seen
    saving: Seen


@contextmanager
def portal(kind: str) -> Iterator[Installation]:
    """An installation on SQLite, or on a PostgreSQL of its own that waits for its disk."""
    with tempfile.TemporaryDirectory() as folder:
        url = None
        if kind == "postgresql":
            cluster = postgres.start(DURABLE)
            with cluster.administer() as connection:
                postgres.drop(connection, "bench")  # an earlier part of this bench had one
                postgres.create(connection, "bench")
            url = cluster.url("bench")
        with installed(Path(folder) / "data", url) as here:
            yield here


def child_page(here: Installation) -> str:
    return f"/mijn/kinderen/{here.people.sem}/gegevens/naam-en-geboorte"


def served_figures(kind: str) -> Iterator[Bar]:
    with portal(kind) as here, script() as lua, served(serve_command(here.port), here.environment, here.port):
        port = free_port()
        with served([sys.executable, "-m", "tests.bench.bare", str(port)], here.environment, port):
            pages = page_visits(here, child_page(here), here.people.noor)
            savings = saving_visits(here)
            bare, ours = f"http://localhost:{port}", here.base_url

            def one_round() -> Round:
                return Round(
                    press(bare, [Visited("/")], lua, connections=8),
                    press(ours, pages, lua, connections=8),
                    press(ours, pages, lua, connections=64),
                    press(ours, savings, lua, connections=8),
                )

            one_round()  # warms everything up
            rounds = [one_round() for _ in range(ROUNDS)]
            if kind == "sqlite":
                bodies, whole, requests = first_visit(here.port)
                yield Bar(f"first visit, {requests} requests, bodies", 14.0, bodies / 1000, "kB")
                yield Bar(f"first visit, {requests} requests, with headers", 14.0, whole / 1000, "kB")
            statements, _ = inside.statements_of(here, pages[0])
            saved, commits = inside.statements_of(here, savings[0])
    yield from _ratios(kind, rounds)
    yield Bar(f"{kind}: statements of the child page", 5, statements)
    yield Bar(f"{kind}: commits to save a consent ({saved} statements)", 1, commits)


def _ratios(kind: str, rounds: list[Round]) -> Iterator[Bar]:
    def median(figure: Iterator[float]) -> float:
        return statistics.median(figure)

    floor = 0.10 if kind == "sqlite" else 0.07
    yield Bar(
        f"{kind}: child page, share of bare rate", floor, median(r.page.rate / r.bare.rate for r in rounds), "", False
    )
    yield Bar(f"{kind}: child page, p99 / p50 at 64", 2.0, median(r.crowd.most / r.crowd.half for r in rounds))
    yield Bar(
        f"{kind}: saving, share of bare rate", 0.08, median(r.saving.rate / r.bare.rate for r in rounds), "", False
    )
    yield Bar(f"{kind}: saving, p99 at 8", 50.0, median(r.saving.most for r in rounds), "ms")
    rates = [median(getattr(r, name).rate for r in rounds) for name in ("bare", "page", "saving")]
    told = f"{kind}: answers a second: bare {rates[0]:.0f}, child page {rates[1]:.0f}, saving {rates[2]:.0f}"
    Console(width=120).print(told)


def inside_figures() -> Iterator[Bar]:
    with portal("sqlite") as here:
        visit = page_visits(here, child_page(here), here.people.noor)[0]
        yield Bar("child page in process, bare answers", 12.0, inside.times_bare(here, bare_app(), visit))
        yield Bar("translation of the child page", 0.2, inside.translating(here, visit), "ms")


def start_figures() -> Iterator[Bar]:
    with portal("sqlite") as here:
        times = []
        for _ in range(1 + ROUNDS):
            with served(serve_command(here.port), here.environment, here.port) as running:
                times.append(running.seconds)
        yield Bar("start to first answer", 0.6, statistics.median(times[1:]), "s")


def import_figures() -> Iterator[Bar]:
    with tempfile.TemporaryDirectory() as folder:
        files = importing.write_files(Path(folder))
        found = [importing.measured(files) for _ in range(ROUNDS)]
    ratio = statistics.median(one["whole"] / one["parsing"] for one in found)
    yield Bar("import of 10,000 pupils, times parsing", 20.0, ratio)
    yield Bar("import of 10,000 pupils, peak of memory", 200.0, max(one["peak"] for one in found), "MiB")


def storm_figures(kind: str) -> Iterator[Bar]:
    with portal(kind) as here:
        names = storm.settle_people(here)
        cookie = here.cookie_of(here.people.noor)
        command = [*serve_command(here.port), "--workers", str(storm.WORKERS)]
        with served(command, here.environment, here.port) as running:
            seen = storm.break_loose(here, names, child_page(here), cookie, running.pid)
    told = f"{kind}: {seen.answers}, longest sign-in {seen.longest:.1f} s, {len(seen.others)} other pages meanwhile"
    Console(width=120).print(told)
    yield Bar(f"{kind}: of {storm.PEOPLE} people at once, let in", storm.PEOPLE, seen.let_in, "", False)
    yield Bar(f"{kind}: memory of {storm.WORKERS} workers meanwhile", 512, seen.peak_mib, "MiB")
    yield Bar(f"{kind}: other pages meanwhile, p95", 1000, seen.others_p95, "ms")


PARTS: dict[str, Callable[[], Iterator[Bar]]] = {
    "sqlite": lambda: served_figures("sqlite"),
    "postgresql": lambda: served_figures("postgresql"),
    "import": import_figures,
    "inside": inside_figures,
    "start": start_figures,
    "storm": lambda: storm_figures("sqlite"),
    "storm-postgresql": lambda: storm_figures("postgresql"),
}
"""What can be asked for by name, in the order of a whole bench."""


def main(wanted: list[str]) -> None:
    refuse_without_wrk()
    bars: list[Bar] = []
    for part in wanted or PARTS:
        bars += PARTS[part]()
    table = Table("what", "bar", "found", "", title=f"median of {ROUNDS} rounds in turn")
    for bar in bars:
        sign = "at most" if bar.most else "at least"
        found = f"{bar.found:.3g} {bar.unit}".strip()
        table.add_row(bar.what, f"{sign} {bar.asked:g} {bar.unit}".strip(), found, "holds" if bar.holds else "MISSED")
    Console(width=120).print(table)


if __name__ == "__main__":
    claimed = postgres.claim_folder()
    try:
        main(sys.argv[1:])
    finally:
        if claimed:
            postgres.release_folder()
