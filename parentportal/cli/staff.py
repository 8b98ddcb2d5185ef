"""`parentportal staff add` and `staff recover`: people who work at a school or board, and a code to hand over."""

from uuid import UUID

import click

from parentportal.access import OPERATOR
from parentportal.cli.answers import Unusable, explained, say, say_json
from parentportal.cli.opening import Opened, opened
from parentportal.outside.clock import AMSTERDAM
from parentportal.reads.boards import find_board_id, find_school
from parentportal.rules.roles import STAFF, Role
from parentportal.services import counter_recoveries
from parentportal.services import staff as service
from parentportal.services.counter_recoveries import OperatorCode
from parentportal.services.staff import AddedStaff

ROLES = sorted(role.value for role in STAFF)


@click.group()
def staff() -> None:
    """Medewerkers van scholen en besturen."""


@staff.command()
@click.option("--school", "brin", help="Het nummer van de school, voor een rol op een school.")
@click.option("--board", "board_name", help="De naam of code van het bestuur, voor een rol bij het bestuur.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="De rol.")
@click.option("--name", required=True, help="Voornaam en achternaam.")
@click.option("--email", required=True, help="Het e-mailadres van het werk.")
@click.option("--group", "groups", multiple=True, help="Een groep van de leerkracht; vaker te geven.")
@click.option("--json", "as_json", is_flag=True, help="Antwoord als één JSON-object.")
def add(
    brin: str | None,
    board_name: str | None,
    role: str,
    name: str,
    email: str,
    groups: tuple[str, ...],
    as_json: bool,
) -> None:
    """Geef iemand een rol en een eenmalige code. Geef de code in handen; hij staat nergens anders."""
    with opened() as portal:
        board_id, school_id = _place(portal, brin, board_name)
        with explained("Deze school of dit bestuur bestaat niet."):
            added = portal.database.write(
                lambda session: service.add(
                    session,
                    board_id,
                    school_id,
                    role=Role(role),
                    name=name,
                    email=email,
                    group_names=groups,
                    by=OPERATOR,
                )
            )
        _answer(added, portal.settings.base_url, as_json=as_json)


@staff.command()
@click.option("--school", "brin", help="Het nummer van de school, voor een rol op een school.")
@click.option("--board", "board_name", help="De naam of code van het bestuur, voor een rol bij het bestuur.")
@click.option("--email", required=True, help="Het e-mailadres waarmee deze medewerker inlogt.")
@click.option("--json", "as_json", is_flag=True, help="Antwoord als één JSON-object.")
def recover(brin: str | None, board_name: str | None, email: str, as_json: bool) -> None:
    """Help een medewerker die niet meer kan inloggen, als geen collega dat kan. Kijk eerst wie het is.

    Alles waarmee deze medewerker inlogde, stopt. Geef de nieuwe code in handen; hij staat nergens anders.
    """
    with opened() as portal:
        board_id, school_id = _place(portal, brin, board_name)
        with explained("Geen medewerker van deze school of dit bestuur logt in met dit e-mailadres."):
            made = portal.database.write(
                lambda session: counter_recoveries.recover_staff(
                    session, email, board_id=board_id, school_id=school_id, by=OPERATOR
                )
            )
        _answer_code(made, portal.settings.base_url, as_json=as_json)


def _answer_code(made: OperatorCode, base_url: str, *, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "adult": made.adult_id,
                "name": made.name,
                "code": made.code,
                "url": made.url(base_url),
                "expires_at": made.expires_at.isoformat(),
            }
        )
        return
    say(f"{made.name} kan niet meer inloggen met wat er was.")
    say(f"Code: {made.code}")
    say(f"Adres: {made.url(base_url)}")
    until = made.expires_at.astimezone(AMSTERDAM)
    say(f"De code werkt één keer, tot {until:%d-%m-%Y %H:%M} uur. Geef hem in handen.")


def _place(portal: Opened, brin: str | None, board_name: str | None) -> tuple[UUID, UUID | None]:
    if bool(brin) == bool(board_name):
        raise Unusable("Geef een school (--school) of een bestuur (--board), niet allebei.")
    with portal.database.read() as session:
        if brin:
            school = find_school(session, brin)
            if school is None:
                raise Unusable(f"School {brin} bestaat niet. Voeg haar toe met “parentportal school add”.")
            return school.board_id, school.id
        board_id = find_board_id(session, str(board_name))
    if board_id is None:
        raise Unusable(f"Bestuur “{board_name}” bestaat niet. Maak het met “parentportal board add”.")
    return board_id, None


def _answer(added: AddedStaff, base_url: str, *, as_json: bool) -> None:
    letter = added.letter
    if as_json:
        say_json(
            {
                "adult": added.adult_id,
                "name": added.name,
                "role": added.role.value,
                "groups": added.groups,
                "has_account": added.has_account,
                "code": letter.code if letter else None,
                "url": letter.url(base_url) if letter else None,
                "expires_on": letter.expires_on if letter else None,
            }
        )
        return
    say(f"{added.name}: {added.role.value}{''.join(f', groep {group}' for group in added.groups)}.")
    if letter is None:
        say("Er is al een account. De rol staat er nu bij; een code is niet nodig.")
        return
    say(f"Code: {letter.code}")
    say(f"Adres: {letter.url(base_url)}")
    say(f"De code werkt één keer, tot en met {letter.expires_on:%d-%m-%Y}. Geef hem in handen.")
