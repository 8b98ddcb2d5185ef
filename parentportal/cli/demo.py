"""`parentportal demo`: two invented schools, their people and files, and a running portal to try it all in."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

import click

from parentportal import migrations
from parentportal.cli.answers import Unusable, cause_of, say, say_table
from parentportal.cli.opening import opened
from parentportal.cli.serve import refuse_taken, serve_until_stopped
from parentportal.db import Database
from parentportal.demo import filling
from parentportal.outside.clock import FrozenClock, SystemClock
from parentportal.outside.vault import Vault
from parentportal.reads.demo_accounts import list_accounts
from parentportal.settings import PREFIX, Settings, data_dir_from, key_files, make_key_file, make_private_folder
from parentportal.web.demo_pages import MAIL_FOLDER, PASSWORD

#: Written when the demo is complete: only a folder with this file is ever thrown away or used again.
COMPLETE = "demo.txt"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - names what somebody may ask for, the default is loopback
LOOPBACK = ("127.0.0.1", "::1", "localhost")
STOP_WITHIN = 10


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--reset", is_flag=True, help="Gooi de vorige demo weg en begin opnieuw.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Het adres waarop de demo luistert.")
def demo(port: int, reset: bool, host: str) -> None:
    """Probeer het portaal: een verzonnen bestuur, twee scholen, mensen in elke rol, en mail die nergens heen gaat."""
    refuse_taken(host, port)  # before minutes of work, not after
    environ = _environment(host, port)
    _prepare(environ, reset=reset)
    os.environ.update(environ)
    _introduce(environ, host)
    command = [sys.executable, "-m", "parentportal.demo.worker", str(os.getpid())]
    worker = subprocess.Popen(command)  # noqa: S603 - our own module and a number
    try:
        serve_until_stopped(host, port, workers=1, threads=8, log_level="WARNING")
    finally:
        _stop(worker)
    say("De demo is gestopt. Alles blijft staan voor de volgende keer.")


def _environment(host: str, port: int) -> dict[str, str]:
    """Settings of the demo alone: whatever the environment says of a real portal is left out."""
    folder = data_dir_from(os.environ) / "demo"
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    name = "localhost" if host in LOOPBACK else socket.getfqdn() if host in EVERYWHERE else host
    return {
        PREFIX + "DATA_DIR": str(folder),
        PREFIX + "BASE_URL": f"http://{f'[{name}]' if ':' in name else name}:{port}",
        PREFIX + "LOG_LEVEL": "WARNING",
        PREFIX + "DEMO": "1",
    }


def _prepare(environ: Mapping[str, str], *, reset: bool) -> None:
    """Make the demo's folder, keys and people, unless they are there; what was half made is made again."""
    folder = data_dir_from(environ)
    if (folder / COMPLETE).exists() and not reset:
        with opened(environ) as portal:
            migrations.migrate(portal.settings.database_url)
        return
    begun = monotonic()
    _clear(folder)
    try:
        make_private_folder(folder)
        for path in key_files(environ):
            make_key_file(path)
    except OSError as error:
        raise Unusable(f"{error.filename} kan niet worden gemaakt: {cause_of(error)}.") from error
    settings = Settings.from_environment(environ)
    say("De demo wordt gemaakt. Dat duurt een halve minuut.")
    migrations.migrate(settings.database_url)
    _fill(settings)
    (folder / COMPLETE).write_text("Deze map is van de demo van Kijkglas en mag weg.\n", encoding="utf-8")
    say(f"Klaar in {monotonic() - begun:.0f} seconden.")


def _clear(folder: Path) -> None:
    """Throw away an earlier demo; a folder that is not the demo's is left alone."""
    if not folder.exists():
        return
    names = {path.name for path in folder.iterdir()}
    own = {COMPLETE, "secret.key", "vault.key", MAIL_FOLDER, filling.FILES_FOLDER}
    strange = [name for name in names - own if not name.startswith("parentportal.sqlite3")]
    if strange:
        raise Unusable(f"In {folder} staat iets dat niet van de demo is: {sorted(strange)[0]}. Verplaats dat eerst.")
    shutil.rmtree(folder)


def _fill(settings: Settings) -> None:
    now = SystemClock().now()
    clock = FrozenClock(now)
    vault = Vault.from_keys(list(settings.vault_keys))
    database = Database(settings.database_url, info={"clock": clock, "vault": vault})
    try:
        town = filling.fill(database, clock, now, lambda step: say(f"  {step}"))
        filling.lay_ready(town, settings.data_dir)
    finally:
        database.dispose()


def _introduce(environ: Mapping[str, str], host: str) -> None:
    """Say what this is, where it is, and as whom one can sign in."""
    with opened(environ) as portal, portal.database.read() as session:
        accounts = list_accounts(session)
        address, folder = portal.settings.base_url, portal.settings.data_dir
    say("")
    say("DIT IS EEN DEMO. Alle mensen, scholen en gegevens zijn verzonnen. Zet er niets echts in.")
    say_table(
        ("Wie", "Rol", "Inlognaam"),
        [(account.name, account.in_words, account.sign_in_name) for account in accounts],
    )
    say("")
    say(f"Adres:       {address}")
    say(f"Wachtwoord:  {PASSWORD}   (voor iedereen)")
    say(f"Codes:       {address}/demo/codes   (wat de codes-app nu zou tonen)")
    say(f"Mail:        {address}/demo/post   (en als bestanden in {folder / MAIL_FOLDER})")
    say(f"Bestanden:   {folder / filling.FILES_FOLDER}   (om zelf in te lezen als Petra Schouten)")
    if host not in LOOPBACK:
        say("LET OP: de demo luistert buiten deze computer, over http en met een wachtwoord dat iedereen hier leest.")
    say("Stoppen: Ctrl-C. Opnieuw beginnen: parentportal demo --reset")
    say("")


def _stop(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
