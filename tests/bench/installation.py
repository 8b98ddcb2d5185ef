"""One installation to measure: its keys, its database with the cast and more families, and who is signed in."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode
from uuid import UUID

from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal import migrations
from parentportal.app import cookie_name, create_app
from parentportal.db import Database
from parentportal.models.imports import Source
from parentportal.outside.clock import FrozenClock
from parentportal.outside.vault import Vault
from parentportal.rules.authority import Relation
from parentportal.rules.roles import Role
from parentportal.settings import Settings, key_files, make_key_file, make_private_folder
from tests.bench.load import KEY, Visited
from tests.outside.mail_servers import free_port
from tests.people import People, Settler, settle
from tests.sessions import open_session

FAMILIES = 16
"""As many sole guardians with one child each: those who save at the same moment are different people."""
COMMAND = Path(sys.executable).with_name("parentportal")
PATIENCE = 30.0


@dataclass
class Installation:
    """A portal that can be served, with the machine's own time."""

    port: int
    settings: Settings
    environment: dict[str, str]
    database: Database
    clock: FrozenClock
    people: People
    app: Flask
    families: Sequence[tuple[UUID, UUID]]

    @property
    def base_url(self) -> str:
        return self.settings.base_url

    def cookie_of(self, adult_id: UUID, role: Role = Role.GUARDIAN) -> str:
        """A browser's cookie of somebody who signed in just now, and who has seen a page with a form."""
        token = open_session(self.database, self.clock, adult_id, role, self.people.regenboog)
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]  # of Flask
        held = {"token": token, "visit": "bench", "csrf_token": "ab" * 20}
        return f"{cookie_name(self.settings)}={signer.dumps(held)}"

    def fetch(self, path: str, cookie: str = "", *, port: int = 0, compressed: bool = False) -> tuple[int, str, bytes]:
        """Status, new cookie if any, and the body, of the served portal."""
        connection = HTTPConnection("127.0.0.1", port or self.port, timeout=10)
        headers = {"Host": f"localhost:{self.port}", "Cookie": cookie}
        connection.request("GET", path, headers=headers | ({"Accept-Encoding": "gzip"} if compressed else {}))
        answer = connection.getresponse()
        body, fresh = answer.read(), (answer.getheader("Set-Cookie") or "").partition(";")[0]
        connection.close()
        return answer.status, fresh or cookie, body


@contextmanager
def installed(folder: Path, database_url: str | None = None) -> Iterator[Installation]:
    """An installation in a folder of its own; on SQLite unless it is told of another database."""
    port = free_port()
    environment = {
        "PARENTPORTAL_DATA_DIR": str(folder),
        "PARENTPORTAL_BASE_URL": f"http://localhost:{port}",
        "PARENTPORTAL_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        "PARENTPORTAL_LOG_LEVEL": "WARNING",
    } | ({"PARENTPORTAL_DATABASE_URL": database_url} if database_url else {})
    make_private_folder(folder)
    for path in key_files(environment):
        make_key_file(path)
    settings = Settings.from_environment(environment)
    migrations.migrate(settings.database_url)
    clock = FrozenClock(datetime.now(UTC))
    info = {"clock": clock, "vault": Vault.from_keys(list(settings.vault_keys))}
    database = Database(settings.database_url, info=info)
    try:
        people = database.write(settle)
        families = database.write(lambda session: _families(session, people))
        app = create_app(settings, database=database, clock=clock)
        foreign = ("PARENTPORTAL_", "PYTHONDONTWRITEBYTECODE")  # an installation keeps what it compiled
        others = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        yield Installation(port, settings, others | environment, database, clock, people, app, families)
    finally:
        database.dispose()


def _families(session: Session, people: People) -> list[tuple[UUID, UUID]]:
    here, made = Settler(session, people.waterlijn), []
    here.source[people.regenboog] = session.scalars(select(Source.id).where(Source.school_id == people.regenboog)).one()
    for number in range(FAMILIES):
        child = here.pupil(people.regenboog, people.group5, f"Kind{number}", "", "Proef", date(2017, 1, 1 + number))
        adult = here.adult(f"Ouder{number}", "", "Proef", f"ouder{number}@post.example", "", people.regenboog)
        here.authority(child, adult, Relation.SOLE)
        made.append((adult, child))
    return made


@dataclass(frozen=True)
class Served:
    """A running server, and the seconds from its start to its first good answer."""

    pid: int
    seconds: float


@contextmanager
def served(command: Sequence[str], environment: dict[str, str], port: int, path: str = "/") -> Iterator[Served]:
    """A server in a process of its own."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, path, process)
        yield Served(process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(20)


def serve_command(port: int) -> list[str]:
    return [str(COMMAND), "serve", "--port", str(port)]


def _wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError):
            connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("GET", path, headers={"Host": f"localhost:{port}"})
            status = connection.getresponse().status
            connection.close()
            if status == 200:
                return
        time.sleep(0.01)
    sys.exit(f"nothing answered at port {port}")


def page_visits(here: Installation, path: str, adult_id: UUID) -> list[Visited]:
    """One page by one person in as many browsers as there are families."""
    return [Visited(path, here.cookie_of(adult_id)) for _ in range(FAMILIES)]


def saving_visits(here: Installation) -> list[Visited]:
    """Every family's page of consents, handed in with one choice made and then with the other."""
    return [_saving(here, adult, child) for adult, child in here.families]


def _saving(here: Installation, adult_id: UUID, child_id: UUID) -> Visited:
    path = f"/mijn/kinderen/{child_id}/toestemming"
    status, cookie, body = here.fetch(path, here.cookie_of(adult_id))
    if status != 200:
        sys.exit(f"{path} answered {status}")
    form = BeautifulSoup(body, "html.parser").select("form[data-changes]")[0]
    held = {str(one["name"]): str(one.get("value", "")) for one in form.select("input[type=hidden]")}
    seen = next(name for name in held if name.startswith("gezien-"))
    wording = held[seen].partition(":")[0]
    choice = seen.replace("gezien-", "keuze-")
    held["idempotency_key"] = KEY
    bodies = [
        urlencode(held | {seen: f"{wording}:{was}", choice: now}, quote_via=quote)
        for was, now in (("no", "yes"), ("yes", "no"))
    ]
    return Visited(path, cookie, here.base_url, bodies)
