"""The commands of the portal; each one calls a service and says in Dutch what came of it."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec

import click

from parentportal import __version__

#: Every command with the module beside this one that holds it, and its name there. A module is loaded when its
#: command is used, so that asking for help does not wait for the whole portal.
COMMANDS: Mapping[str, str] = {
    "demo": "demo:demo",
    "serve": "serve:serve",
    "worker": "worker:worker",
    "db": "database:db",
    "init": "init:init",
    "board": "boards:board",
    "school": "boards:school",
    "staff": "staff:staff",
    "import": "imports:import_files",
    "authority": "authority:authority",
    "adult": "adults:adult",
    "teacher": "teachers:teacher",
    "invite": "invitations:invite",
    "doctor": "doctor:doctor",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "audit": "audit:audit",
}


class _LateCommands(click.Group):
    """A group whose commands are loaded at their first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, place in COMMANDS.items() if find_spec(_module_of(place))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        place = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(_module_of(place)), place.partition(":")[2])
        return command


def _module_of(place: str) -> str:
    return f"{__name__}.{place.partition(':')[0]}"


@click.group(cls=_LateCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="parentportal")
def main() -> None:
    """Kijkglas, het privacyportaal van uw school."""
