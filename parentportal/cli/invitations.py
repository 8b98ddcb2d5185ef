"""`parentportal invite`: a code for every guardian who may come in and has no account yet."""

import click

from parentportal.access import OPERATOR
from parentportal.cli.answers import Unusable, explained, say, say_json, say_table
from parentportal.cli.opening import opened
from parentportal.reads.boards import find_school
from parentportal.services import invitations


@click.command()
@click.option("--school", "brin", required=True, help="Het nummer van de school.")
@click.option("--group", help="Alleen deze groep.")
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-object per ouder of verzorger.")
def invite(brin: str, group: str | None, as_json: bool) -> None:
    """Maak een code voor iedereen met bevestigd gezag en zonder account. Eerdere codes van hen vervallen."""
    with opened() as portal:
        with portal.database.read() as session:
            school = find_school(session, brin)
        if school is None:
            raise Unusable(f"School {brin} bestaat niet. Voeg haar toe met “parentportal school add”.")
        with explained(f"In groep “{group}” zit niemand die een code kan krijgen."):
            letters = portal.database.write(
                lambda session: invitations.invite_school(session, school.id, group, by=OPERATOR)
            )
        url = portal.settings.base_url
    if as_json:
        for letter in letters:
            say_json(
                {
                    "adult": letter.adult,
                    "group": letter.group,
                    "code": letter.code,
                    "url": letter.url(url),
                    "expires_on": letter.expires_on,
                }
            )
        return
    if not letters:
        say("Niemand heeft een code nodig. Bevestig eerst het gezag, of iedereen heeft al een account.")
        return
    rows = [(one.group, one.adult, one.code, one.expires_on.strftime("%d-%m-%Y")) for one in letters]
    say_table(("Groep", "Ouder of verzorger", "Code", "Werkt tot en met"), rows)
    say("De codes staan nergens anders. Bewaar deze lijst niet.")
