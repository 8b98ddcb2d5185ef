"""`parentportal init`: a data folder with keys and a database, ready for `serve`."""

import os
import sys
from pathlib import Path

import click

from parentportal import migrations
from parentportal.cli import doctor
from parentportal.cli.answers import Unusable, cause_of, say
from parentportal.cli.opening import COULD_NOT, opened
from parentportal.settings import PREFIX, data_dir_from, key_files, make_key_file, make_private_folder


@click.command()
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="De map voor sleutels en database.")
def init(data_dir: Path | None) -> None:
    """Maak de map, de sleutels en de database, en kijk wat er nog ontbreekt. Nog eens doen kan geen kwaad."""
    environ = dict(os.environ)
    if data_dir is not None:
        environ[PREFIX + "DATA_DIR"] = str(data_dir.absolute())
    folder = data_dir_from(environ)
    try:
        make_private_folder(folder)
        made = [path for path in key_files(environ) if make_key_file(path)]
    except OSError as error:
        raise Unusable(f"{error.filename} kan niet worden gemaakt: {cause_of(error)}.") from error
    with opened(environ) as portal:
        migrations.migrate(portal.settings.database_url)
        say(f"Map: {folder}")
        for path in made:
            say(f"Nieuwe sleutel: {path}. Bewaar een kopie op een andere plek dan de back-ups.")
        if data_dir is not None and environ[PREFIX + "DATA_DIR"] != os.environ.get(PREFIX + "DATA_DIR"):
            say(f"Zet dit in de omgeving: {PREFIX}DATA_DIR={folder}")
        findings = doctor.look(portal, environ)
    doctor.show(findings)
    if any(finding.is_broken for finding in findings):
        sys.exit(COULD_NOT)
