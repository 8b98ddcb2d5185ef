"""One installation that commands work on: its folder, its environment, and what a command answered."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from parentportal.cli import main
from parentportal.db import Database
from parentportal.outside.clock import SystemClock
from parentportal.outside.vault import Vault
from parentportal.settings import Settings

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

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(self.environ)

    def database(self) -> Database:
        """The database as the commands see it; the caller closes it."""
        settings = self.settings
        vault = Vault.from_keys(list(settings.vault_keys))
        return Database(settings.database_url, info={"clock": SystemClock(), "vault": vault})
