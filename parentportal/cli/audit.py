"""`parentportal audit verify`: computes the chain of the log anew."""

import sys

import click

from parentportal.cli.answers import say, say_json
from parentportal.cli.opening import COULD_NOT, opened
from parentportal.services import audit as service

REASONS = {
    "missing": "een of meer regels ervoor ontbreken",
    "moved": "de regel sluit niet aan op de vorige",
    "changed": "de regel is veranderd",
}


@click.group()
def audit() -> None:
    """Het logboek van handelingen."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Antwoord als één JSON-object.")
def verify(as_json: bool) -> None:
    """Reken elke keten van het logboek na. Status 1 als er een gebroken is."""
    with opened() as portal, portal.database.read() as session:
        breaks = list(service.verify(session))
    if as_json:
        found = [{"board": one.board_id, "number": one.number, "reason": one.reason} for one in breaks]
        say_json({"whole": not breaks, "breaks": found})
    elif not breaks:
        say("Het logboek is heel.")
    else:
        for one in breaks:
            say(f"Bestuur {one.board_id}: bij regel {one.number} klopt het niet: {REASONS[one.reason]}.")
        say("Bewaar de database zoals zij is en vraag de FG en een deskundige om hulp.")
    if breaks:
        sys.exit(COULD_NOT)
