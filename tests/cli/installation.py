"""One installation that commands work on: its folder, its environment, and what a command answered."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.cli import main
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.outside.clock import SystemClock
from parentportal.outside.vault import Vault
from parentportal.services import audit
from parentportal.settings import Settings

T = TypeVar("T")

WATERLIJN = Path(__file__).parents[2] / "parentportal" / "demo" / "waterlijn.toml"


class Installation:
    """`run("doctor")` as at a shell with this installation's environment."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.environ = {"PARENTPORTAL_DATA_DIR": str(folder), **environ}

    def run(self, *arguments: str, status: int = 0, **environ: str) -> Result:
        """One command; fails when it ends with another status or with an error nobody explained."""
        result = CliRunner(env={**self.environ, **environ}).invoke(main, arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, f"{arguments}: {result.exit_code}, expected {status}: {result.output}"
        return result

    def answer(self, *arguments: str, status: int = 0, **environ: str) -> dict[str, Any]:
        """The one JSON object that a command prints on its standard output."""
        found: dict[str, Any] = json.loads(self.run(*arguments, "--json", status=status, **environ).stdout)
        return found

    def answers(self, *arguments: str) -> list[dict[str, Any]]:
        """The JSON objects that a command prints, one a line."""
        return [json.loads(line) for line in self.run(*arguments, "--json").stdout.splitlines()]

    def refusal(self, *arguments: str) -> str:
        """What a command says that cannot do this: status 2, and nothing on standard output."""
        result = self.run(*arguments, status=2)
        assert result.stdout == ""
        return result.stderr

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(self.environ)

    def database(self) -> Database:
        """The database as the commands see it; the caller closes it."""
        settings = self.settings
        vault = Vault.from_keys(list(settings.vault_keys))
        return Database(settings.database_url, info={"clock": SystemClock(), "vault": vault})

    def write(self, work: Callable[[Session], T]) -> T:
        """Change something behind the back of the commands."""
        database = self.database()
        try:
            return database.write(work)
        finally:
            database.dispose()

    def read(self, work: Callable[[Session], T]) -> T:
        """Look at what the commands did."""
        database = self.database()
        try:
            with database.read() as session:
                return work(session)
        finally:
            database.dispose()

    def acts(self, after: int = 0) -> list[AuditEvent]:
        """The rows of the log, oldest first; its chain is whole."""

        def work(session: Session) -> list[AuditEvent]:
            assert not list(audit.verify(session))
            return list(session.scalars(select(AuditEvent).order_by(AuditEvent.at, AuditEvent.number)))[after:]

        return self.read(work)
