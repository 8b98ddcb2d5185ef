"""`parentportal adult`: the adults of a school, and joining two rows of one person."""

from collections.abc import Sequence

import click

from parentportal.cli.answers import explained, say, say_json, say_table
from parentportal.cli.at_school import acting, for_school, in_json, pick, short
from parentportal.cli.opening import opened
from parentportal.reads.people import AdultRow, Pair, list_adults, list_pairs, search_adults
from parentportal.services import people as service

MISSING = "“{key}” is er niet op deze school. Kijk met “parentportal adult list”."
TWICE = "Deze twee zijn dezelfde rij, of een van de twee is er niet meer. Kijk met “parentportal adult list”."


@click.group()
def adult() -> None:
    """Volwassenen van één school: ouders, verzorgers en medewerkers."""


@adult.command("list")
@for_school
@click.option("--name", default="", help="Alleen wie zo heet; een deel van de naam is genoeg.")
@click.option("--pairs", "in_pairs", is_flag=True, help="Alleen wie twee keer in de lijst lijkt te staan.")
@in_json
def list_all(brin: str, name: str, in_pairs: bool, as_json: bool) -> None:
    """Toon de volwassenen. De laatste tekens van de sleutel wijzen een regel aan."""
    with opened() as portal:
        by = acting(portal, brin)
        with portal.database.read() as session:
            adults = search_adults(list_adults(session, by=by), name)
    if in_pairs:
        _print_pairs(list_pairs(adults), as_json=as_json)
    elif as_json:
        for one in adults:
            say_json(_described(one))
    elif adults:
        _print(adults)
    else:
        say("Er is niemand die hieraan voldoet.")


@adult.command()
@click.argument("keep", metavar="BLIJFT")
@click.argument("gone", metavar="VERDWIJNT")
@for_school
@click.option("--confirm", is_flag=True, help="Iemand heeft gekeken: dit is één persoon.")
@in_json
def merge(keep: str, gone: str, brin: str, confirm: bool, as_json: bool) -> None:
    """Maak van twee rijen één persoon: de eerste blijft, en krijgt wat bij de tweede stond.

    Zonder --confirm verandert er niets en staan beide rijen er alleen naast elkaar. Dit kan niet terug.
    """
    with opened() as portal:
        by = acting(portal, brin)
        with portal.database.read() as session:
            adults = list_adults(session, by=by)
        one, other = (pick(adults, key, lambda row: row.id, missing=MISSING.format(key=key)) for key in (keep, gone))
        if confirm:
            with explained(TWICE):
                portal.database.write(
                    lambda session: service.merge(session, one.id, other.id, by=by), board=by.board_id
                )
    if as_json:
        say_json({"merged": confirm, "keep": _described(one), "gone": _described(other)})
        return
    _print((one, other))
    if confirm:
        say(f"Dit is nu één persoon, met sleutel {one.id}.")
    else:
        say("Er is niets veranderd. Is dit één persoon? Geef dan ook --confirm; de eerste rij blijft.")


@adult.command()
@click.argument("key", metavar="SLEUTEL")
@for_school
def alive(key: str, brin: str) -> None:
    """Deze persoon is bij vergissing als overleden vastgelegd, en mag weer inloggen.

    Het gezag dat daarbij stopte, komt niet vanzelf terug. Bevestig het daarna opnieuw.
    """
    with opened() as portal:
        by = acting(portal, brin)
        with portal.database.read() as session:
            one = pick(list_adults(session, by=by), key, lambda row: row.id, missing=MISSING.format(key=key))
        undone = portal.database.write(lambda session: service.undo_death(session, one.id, by=by), board=by.board_id)
    said = (
        "{name} staat niet meer als overleden vastgelegd." if undone else "{name} stond niet als overleden vastgelegd."
    )
    say(said.format(name=one.name))


def _described(one: AdultRow) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "email": one.email,
        "phone": one.phone,
        "organisation": one.organisation,
        "has_account": one.has_account,
        "children": [
            {"pupil_id": child.pupil_id, "name": child.name, "status": child.status.value} for child in one.children
        ],
        "roles": [role.value for role in one.roles],
    }


def _print(adults: Sequence[AdultRow]) -> None:
    rows = [
        (
            short(one.id),
            one.name,
            "\n".join(filter(None, (one.email, one.phone))),
            ", ".join(child.name for child in one.children),
            ", ".join(role.value for role in one.roles),
            "ja" if one.has_account else "nee",
        )
        for one in adults
    ]
    say_table(("Sleutel", "Naam", "Bereikbaar", "Kinderen", "Rollen", "Account"), rows)


def _print_pairs(pairs: Sequence[Pair], *, as_json: bool) -> None:
    for pair in pairs:
        if as_json:
            say_json(
                {
                    "one": _described(pair.one),
                    "other": _described(pair.other),
                    "same_email": pair.same_email,
                    "same_phone": pair.same_phone,
                }
            )
        else:
            _print((pair.one, pair.other))
    if not pairs and not as_json:
        say("Niemand lijkt twee keer in de lijst te staan.")
