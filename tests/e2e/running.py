"""A portal as a school runs it: keys, database, server and worker in processes of their own, and a mail server."""

import contextlib
import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from parentportal import migrations
from parentportal.db import Database
from parentportal.models.sign_in import Account
from parentportal.outside.clock import FrozenClock
from parentportal.outside.vault import Vault
from parentportal.services import second_factors
from parentportal.settings import Settings, key_files, make_key_file, make_private_folder
from tests.one_time_codes import STEP, app_code
from tests.outside.mail_servers import Postbox, free_port, serving

COMMAND = Path(sys.executable).with_name("parentportal")
PATIENCE = 90


@dataclass
class Running:
    """One running portal; `clock` is that of the test's own connection, the server has the machine's."""

    base_url: str
    data_dir: Path
    database: Database
    vault: Vault
    clock: FrozenClock
    postbox: Postbox
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)

    def wait_for_mail(self, to: str, *, beyond: int = 0) -> str:
        """The words of the newest mail to an address, once there are more than `beyond`."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = [mail for mail in self.postbox.kept if mail["To"] == to]
            if len(found) > beyond:
                body = found[-1].get_body(("plain",))
                assert body is not None
                return f"{found[-1]['Subject']}\n{body.get_content()}"
            time.sleep(0.1)
        raise AssertionError(f"no mail to {to} within {PATIENCE} seconds")

    def mailed_path(self, to: str, start: str, *, beyond: int) -> str:
        """The address that begins like this, in one of the mails that came after the first `beyond`."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for mail in [mail for mail in self.postbox.kept if mail["To"] == to][beyond:]:
                body = mail.get_body(("plain",))
                found = re.search(
                    re.escape(self.base_url) + f"({re.escape(start)}\\S+)", body.get_content() if body else ""
                )
                if found:
                    return found.group(1)
            time.sleep(0.1)
        raise AssertionError(f"no mail to {to} with {start} within {PATIENCE} seconds")

    def count_mails(self, to: str) -> int:
        return sum(mail["To"] == to for mail in self.postbox.kept)

    def mailed_code(self, to: str, *, beyond: int = 0) -> str:
        """The six digits in the newest mail."""
        found = re.search(r"(?<!\d)\d{3} ?\d{3}(?!\d)", self.wait_for_mail(to, beyond=beyond))
        assert found, "no code in the mail"
        return found.group().replace(" ", "")

    def app_code(self, secret: str) -> str:
        """What another maker's app would show; every step is used once, so a second sign-in may take the next one."""
        now = int(time.time()) // STEP
        step = max(now, self.used.get(secret, 0) + 1)
        while step > int(time.time()) // STEP + 1:
            time.sleep(0.5)
        self.used[secret] = step
        return app_code(secret, datetime.fromtimestamp(step * STEP, UTC))

    def secret_of(self, sign_in_name: str) -> str:
        """The key in somebody's app, as it is kept."""
        with self.database.read() as session:
            account = session.scalars(select(Account).where(Account.sign_in_name == sign_in_name)).one()
            app = second_factors.list_apps(session, account)[0]
            return second_factors.open_key(session, account.id, app.secret)

    def start(self, *arguments: str) -> None:
        """Run one of the commands beside the test."""
        log = (self.data_dir / f"{arguments[0]}.log").open("ab")
        self.processes.append(
            subprocess.Popen([str(COMMAND), *arguments], env=self.environment(), stdout=log, stderr=log)
        )
        log.close()

    def environment(self) -> dict[str, str]:
        """This portal's settings, and nothing that the environment of the tests says about another."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("PARENTPORTAL_")}
        return others | self._settings

    _settings: dict[str, str] = field(default_factory=dict)

    def wait_until_ready(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("localhost", int(self.base_url.rpartition(":")[2]), timeout=5)
                connection.request("GET", "/readyz")
                status = connection.getresponse().status
                connection.close()
                if status == 200:
                    return
            time.sleep(0.1)
        raise AssertionError((self.data_dir / "serve.log").read_text())

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)
        self.database.dispose()


@contextlib.contextmanager
def running(folder: Path, database_url: str | None = None) -> Iterator[Running]:
    """An empty portal, not started yet: fill its database, then `serve` it.

    Without an address its database is the file that a school has which sets nothing.
    """
    port, postbox = free_port(), Postbox()
    with serving(postbox) as smtp:
        settings = {
            "PARENTPORTAL_DATA_DIR": str(folder),
            "PARENTPORTAL_BASE_URL": f"http://localhost:{port}",
            "PARENTPORTAL_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
            "PARENTPORTAL_LOG_LEVEL": "WARNING",
        }
        if database_url is not None:
            settings["PARENTPORTAL_DATABASE_URL"] = database_url
        make_private_folder(folder)
        for path in key_files(settings):
            make_key_file(path)
        read = Settings.from_environment(settings)
        migrations.migrate(read.database_url)
        vault, clock = Vault.from_keys(list(read.vault_keys)), FrozenClock(datetime.now(UTC))
        database = Database(read.database_url, info={"clock": clock, "vault": vault})
        portal = Running(read.base_url, folder, database, vault, clock, postbox, _settings=settings)
        try:
            yield portal
        finally:
            portal.stop()


def serve(portal: Running) -> Running:
    """Start server and worker, and wait for the first answer."""
    port = portal.base_url.rpartition(":")[2]
    portal.start("serve", "--port", port, "--workers", "1", "--threads", "8")
    portal.start("worker")
    portal.wait_until_ready()
    return portal
