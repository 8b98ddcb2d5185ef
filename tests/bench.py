"""`make bench`: what a page costs, as a ratio to a bare answer of the same server in the same run; never a test.

Absolute times differ per machine and per minute; only ratios of one run say something. Each figure is the median of
interleaved rounds, called in process, on SQLite.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from rich.console import Console
from rich.table import Table

from parentportal import migrations
from parentportal.app import create_app
from parentportal.db import Database, count_statements
from parentportal.outside import passwords
from parentportal.outside.clock import FrozenClock
from parentportal.outside.vault import Vault
from parentportal.rules.roles import Role
from parentportal.settings import Settings, sqlite_url
from tests.conftest import SECRET_KEY, START, VAULT_KEY
from tests.people import People, settle
from tests.sessions import open_session
from tests.visit import BASE, Visit

ROUNDS = 7
CALLS = 40
BARE = b"x" * 6000


def opened(folder: Path) -> tuple[Flask, Database, FrozenClock, People]:
    clock, vault = FrozenClock(START), Vault([VAULT_KEY])
    settings = Settings(
        database_url=sqlite_url(folder / "bench.sqlite3"),
        data_dir=folder,
        secret_keys=(SECRET_KEY,),
        vault_keys=(VAULT_KEY,),
        base_url=BASE,
        smtp_url=None,
        mail_from="portaal@portaal.example",
        trusted_proxies=0,
        log_level="WARNING",
    )
    migrations.migrate(settings.database_url)
    database = Database(settings.database_url, info={"clock": clock, "vault": vault})
    people = database.write(settle)
    return create_app(settings, database=database, clock=clock), database, clock, people


def bare_client() -> FlaskClient:
    app = Flask("bare")
    app.add_url_rule("/", "bare", lambda: BARE)
    return app.test_client()


def seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - started) / CALLS


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app, database, clock, people = opened(Path(folder))
        noor = Visit(app).sign_in_as(open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog))
        ilse = Visit(app).sign_in_as(open_session(database, clock, people.ilse, Role.TEACHER, people.regenboog))
        bare = bare_client()
        pages = {
            "first page": (Visit(app), "/"),
            "parent: start": (noor, "/mijn/"),
            "parent: a category": (noor, f"/mijn/kinderen/{people.sem}/gegevens/naam-en-geboorte"),
            "parent: consents": (noor, f"/mijn/kinderen/{people.sem}/toestemming"),
            "parent: requests": (noor, "/mijn/verzoeken"),
            "teacher: inbox": (ilse, "/werk/verzoeken"),
        }
        table = Table("page", "x bare", "statements", "kB of HTML", title="cost of a page, bare answer = 1")
        for name, (visit, path) in pages.items():
            answer = visit.raw("GET", path)
            if answer.status_code != 200:
                sys.exit(f"{path} answered {answer.status_code}")
            with count_statements(database) as statements:
                visit.raw("GET", path)
            ratios = []
            for _ in range(ROUNDS):
                alone = seconds(lambda: bare.get("/"))
                ratios.append(seconds(lambda visit=visit, path=path: visit.raw("GET", path)) / alone)  # type: ignore[misc]  # bound now
            weight = len(answer.get_data()) / 1000
            table.add_row(name, f"{statistics.median(ratios):.1f}", str(len(statements)), f"{weight:.1f}")
        hashing = seconds(lambda: passwords.verify_nobody("dertien paarse fietsbellen"))
        table.add_row("checking a password", f"{hashing / seconds(lambda: bare.get('/')):.0f}", "0", "")
        Console().print(table)


if __name__ == "__main__":
    main()
