"""`parentportal teacher`: which teacher has which group, from when and until when."""

from datetime import date

import click
from sqlalchemy.orm import Session

from parentportal.access import SchoolActor
from parentportal.cli.answers import Unusable, explained, say, say_json, say_table
from parentportal.cli.at_school import acting, day, for_school, in_json, pick, short, written
from parentportal.cli.opening import Opened, opened
from parentportal.outside.clock import amsterdam_date
from parentportal.reads.groups import GroupRow, TeacherOfGroup, get_assignment, get_group, list_groups
from parentportal.reads.people import AdultRow, list_adults
from parentportal.rules.roles import Role
from parentportal.services import groups as service

MISSING = "Deze leerkracht is er niet op deze school. Voeg haar toe met “parentportal staff add”."

the_group = click.option("--group", "name", metavar="GROEP", required=True, help="De naam van de groep.")
by_email = click.option("--email", help="De leerkracht, met het e-mailadres van het werk.")
by_key = click.option("--adult", "key", metavar="SLEUTEL", help="De leerkracht, met de sleutel.")


@click.group()
def teacher() -> None:
    """Leerkrachten en hun groepen op één school."""


@teacher.command("list")
@for_school
@in_json
def list_all(brin: str, as_json: bool) -> None:
    """Toon de groepen van dit schooljaar met hun leerkrachten, ook van vroeger en straks."""
    with opened() as portal:
        by = acting(portal, brin)
        with portal.database.read() as session:
            groups = list_groups(session, by=by)
    if as_json:
        for group in groups:
            for one in group.teachers:
                say_json(_described(group, one))
    elif groups:
        rows = [
            (group.name, one.name, short(one.adult_id), written(one.starts_on), written(one.ends_on))
            for group in groups
            for one in group.teachers
        ]
        empty = [(group.name, "niemand", "", "", "") for group in groups if not group.teachers]
        say_table(("Groep", "Leerkracht", "Sleutel", "Vanaf", "Tot"), rows + empty)
    else:
        say("Er zijn dit schooljaar nog geen groepen. Lees eerst een bestand in.")


@teacher.command()
@for_school
@the_group
@by_email
@by_key
@click.option("--from", "starts_on", callback=day, metavar="DAG", help="De eerste dag. Zonder dit: vandaag.")
@click.option(
    "--until", "ends_on", callback=day, metavar="DAG", help="De eerste dag zonder deze groep. Zonder dit: onbepaald."
)
@in_json
def assign(
    brin: str,
    name: str,
    email: str | None,
    key: str | None,
    starts_on: date | None,
    ends_on: date | None,
    as_json: bool,
) -> None:
    """Geef een leerkracht een groep."""
    with opened() as portal:
        by = acting(portal, brin)
        begin = starts_on or amsterdam_date(portal.clock.now())
        group, person = _chosen(portal, by, name, email, key)
        with explained(MISSING, {"ends_on": "--until"}):
            row = portal.database.write(
                lambda session: service.assign(session, group.id, person.id, starts_on=begin, ends_on=ends_on, by=by),
                board=by.board_id,
            )
        with portal.database.read() as session:
            done = get_assignment(session, row, by=by)
    until = f" tot {written(ends_on)}" if ends_on else ""
    _answer(done, f"{person.name} heeft groep {group.name} vanaf {written(begin)}{until}.", as_json=as_json)


@teacher.command()
@for_school
@the_group
@by_email
@by_key
@click.option(
    "--from", "starts_on", callback=day, metavar="DAG", help="De eerste dag van de periode, als er meer zijn."
)
@click.option(
    "--until", "ends_on", callback=day, metavar="DAG", help="De eerste dag zonder deze groep. Zonder dit: vandaag."
)
@in_json
def end(
    brin: str,
    name: str,
    email: str | None,
    key: str | None,
    starts_on: date | None,
    ends_on: date | None,
    as_json: bool,
) -> None:
    """Laat een leerkracht met een groep stoppen."""
    with opened() as portal:
        by = acting(portal, brin)
        today = amsterdam_date(portal.clock.now())
        last = ends_on or today
        group, person = _chosen(portal, by, name, email, key)
        period = _period(group, person, today, starts_on)
        with explained(MISSING, {"ends_on": "--until"}):
            portal.database.write(
                lambda session: service.end(session, period.assignment_id, ends_on=last, by=by), board=by.board_id
            )
        with portal.database.read() as session:
            done = get_assignment(session, period.assignment_id, by=by)
    _answer(done, f"{person.name} heeft groep {group.name} tot {written(last)}, die dag niet meer.", as_json=as_json)


def _chosen(
    portal: Opened, by: SchoolActor, name: str, email: str | None, key: str | None
) -> tuple[GroupRow, AdultRow]:
    if bool(email) == bool(key):
        raise Unusable("Geef de leerkracht met --email of met --adult, niet met allebei.")
    with portal.database.read() as session, explained(MISSING):
        group = get_group(session, service.find_groups(session, by.school_id, (name,))[0].id, by=by)
        teachers = _teachers(session, by)
    if key:
        return group, pick(teachers, key, lambda one: one.id, missing=MISSING)
    found = [one for one in teachers if one.email.casefold() == str(email).strip().casefold()]
    if len(found) > 1:
        raise Unusable(f"Meer dan één leerkracht heeft het adres {email}. Geef de sleutel met --adult.")
    if not found:
        raise Unusable(MISSING)
    return group, found[0]


def _teachers(session: Session, by: SchoolActor) -> list[AdultRow]:
    return [one for one in list_adults(session, by=by) if Role.TEACHER in one.roles]


def _period(group: GroupRow, person: AdultRow, today: date, starts_on: date | None) -> TeacherOfGroup:
    """The one period of this teacher with the group that is not over, beginning on a day when one is given."""
    standing = [one for one in group.teachers if one.adult_id == person.id and not one.is_past(today)]
    found = [one for one in standing if starts_on in (None, one.starts_on)]
    if not found:
        raise Unusable(f"{person.name} heeft groep {group.name} niet, of die periode is al voorbij.")
    if len(found) > 1:
        days = ", ".join(written(one.starts_on) for one in found)
        raise Unusable(f"{person.name} heeft groep {group.name} in meer dan één periode. Kies met --from: {days}.")
    return found[0]


def _answer(done: tuple[GroupRow, TeacherOfGroup], sentence: str, *, as_json: bool) -> None:
    if as_json:
        say_json(_described(*done))
    else:
        say(sentence)


def _described(group: GroupRow, one: TeacherOfGroup) -> dict[str, object]:
    return {
        "id": one.assignment_id,
        "group": group.name,
        "teacher": one.name,
        "adult_id": one.adult_id,
        "from": one.starts_on,
        "until": one.ends_on,
        "on_leave": one.on_leave,
    }
