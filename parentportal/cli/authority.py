"""`parentportal authority`: who has authority over a child; confirmed, ended and shielded by the operator."""

from collections.abc import Sequence
from datetime import date

import click

from parentportal.access import SchoolActor
from parentportal.cli.answers import Unusable, explained, say, say_json, say_table
from parentportal.cli.at_school import acting, day, for_school, in_json, pick, short, written
from parentportal.cli.opening import Opened, opened
from parentportal.db import Database
from parentportal.outside.clock import amsterdam_date
from parentportal.reads.authority import FamilyRow, RelationRow, get_relation, list_families
from parentportal.reads.groups import list_pupil_ids
from parentportal.rules.authority import Evidence, Relation, SafetyFlag, Status
from parentportal.services import authority as service
from parentportal.services.authority import EndReason
from parentportal.services.groups import find_groups

Found = tuple[FamilyRow, RelationRow]

MISSING = "Dit gezag is er niet op deze school. Kijk met “parentportal authority list”."
OPTIONS = {
    "kind": "--kind",
    "evidence": "--evidence",
    "for_school": "--for-school",
    "valid_until": "--until",
    "ends_on": "--on",
}
PROOFS = [proof.value for proof in Evidence if proof is not Evidence.DELIVERY]
STATUSES = [status.value for status in Status]
FLAGS = click.Choice([flag.value for flag in SafetyFlag])


@click.group()
def authority() -> None:
    """Het gezag van volwassenen over leerlingen van één school."""


@authority.command("list")
@for_school
@click.option("--group", help="Alleen leerlingen van deze groep.")
@click.option("--status", type=click.Choice(STATUSES), help="Alleen gezag met deze status.")
@in_json
def list_relations(brin: str, group: str | None, status: str | None, as_json: bool) -> None:
    """Toon wie bij welk kind staat. De laatste tekens van de sleutel wijzen een regel aan."""
    with opened() as portal:
        found = _relations(portal, acting(portal, brin), group)
    found = [(family, one) for family, one in found if status in (None, one.status.value)]
    if as_json:
        for family, one in found:
            say_json(_described(family, one))
    elif found:
        _print(found)
    else:
        say("Er is geen gezag dat hieraan voldoet.")


@authority.command()
@click.argument("key", metavar="SLEUTEL")
@for_school
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in Relation]), help="De relatie.")
@click.option("--evidence", required=True, type=click.Choice(PROOFS), help="Het bewijs dat iemand heeft gezien.")
@click.option(
    "--from", "valid_from", callback=day, metavar="DAG", help="De eerste dag. Zonder dit blijft wat er staat."
)
@click.option(
    "--until",
    "valid_until",
    callback=day,
    metavar="DAG",
    help="De eerste dag zonder gezag. Zonder dit blijft wat er staat.",
)
@click.option("--open-ended", is_flag=True, help="Er is geen einddatum.")
@click.option("--for-school", is_flag=True, help="Het bewijs van een instelling of machtiging gaat over school.")
@click.option(
    "--seen", type=click.Choice(STATUSES), default="unknown", show_default=True, help="De status die de lijst toonde."
)
@in_json
def confirm(
    key: str,
    brin: str,
    kind: str,
    evidence: str,
    valid_from: date | None,
    valid_until: date | None,
    open_ended: bool,
    for_school: bool,
    seen: str,
    as_json: bool,
) -> None:
    """Bevestig het gezag van één persoon over één kind, na het zien van bewijs."""
    if open_ended and valid_until:
        raise Unusable("Geef --until of --open-ended, niet allebei.")
    with opened() as portal:
        by = acting(portal, brin)
        family, shown = _shown(portal, by, key, seen)
        until = None if open_ended else valid_until or shown.valid_until
        with explained(MISSING, OPTIONS):
            portal.database.write(
                lambda session: service.confirm(
                    session,
                    shown.id,
                    seen=Status(seen),
                    kind=Relation(kind),
                    evidence=Evidence(evidence),
                    valid_from=valid_from or shown.valid_from,
                    valid_until=until,
                    for_school=for_school,
                    by=by,
                ),
                board=by.board_id,
            )
        done = _again(portal.database, by, shown)
    _answer(done, f"Bevestigd: {shown.adult} bij {family.pupil}, {kind}, gezien: {evidence}.", as_json=as_json)


@authority.command("confirm-all")
@for_school
@click.option("--confirm", "seen", metavar="KENMERK", help="Bevestig wat getoond is onder dit kenmerk.")
@in_json
def confirm_all(brin: str, seen: str | None, as_json: bool) -> None:
    """Bevestig samen de gezinnen waarin iedereen gezag heeft volgens het bestand, op één adres.

    Zonder --confirm verandert er niets: dan staat er wat bevestigd zou worden, met een kenmerk. Geef dat kenmerk
    daarna met --confirm. Is er intussen iets veranderd, dan wordt niets bevestigd.
    """
    with opened() as portal:
        by = acting(portal, brin)
        if seen is None:
            with portal.database.read() as session:
                families = service.list_bulk_families(session, by=by)
            _preview(families, as_json=as_json)
            return
        with explained(MISSING):
            count = portal.database.write(
                lambda session: service.confirm_families(session, seen=seen, by=by), board=by.board_id
            )
    if as_json:
        say_json({"confirmed": count})
    else:
        say(f"Bevestigd: {count} keer gezag. Kijk met dezelfde opdracht zonder --confirm of er nog meer zijn.")


@authority.command()
@click.argument("key", metavar="SLEUTEL")
@for_school
@click.option("--on", "last_day_gone", required=True, callback=day, metavar="DAG", help="De eerste dag zonder gezag.")
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in EndReason]), help="Waarom.")
@click.option(
    "--seen", type=click.Choice(STATUSES), default="confirmed", show_default=True, help="De status die de lijst toonde."
)
@in_json
def end(key: str, brin: str, last_day_gone: date, reason: str, seen: str, as_json: bool) -> None:
    """Laat gezag stoppen: vandaag of een eerdere dag sluit meteen, een latere dag op die dag."""
    with opened() as portal:
        by = acting(portal, brin)
        family, shown = _shown(portal, by, key, seen)
        with explained(MISSING, OPTIONS):
            portal.database.write(
                lambda session: service.end(
                    session,
                    shown.id,
                    seen=Status(seen),
                    last_day_gone=last_day_gone,
                    reason=EndReason(reason),
                    by=by,
                ),
                board=by.board_id,
            )
        done = _again(portal.database, by, shown)
        today = amsterdam_date(portal.clock.now())
    verb = f"stopt op {written(last_day_gone)}" if last_day_gone > today else "is gestopt"
    _answer(done, f"Het gezag van {shown.adult} over {family.pupil} {verb}.", as_json=as_json)


@authority.command()
@click.argument("key", metavar="SLEUTEL")
@for_school
@click.option("--set", "on", multiple=True, type=FLAGS, help="Zet dit gevaar aan; vaker te geven.")
@click.option("--clear", "off", multiple=True, type=FLAGS, help="Zet dit gevaar uit; vaker te geven.")
@in_json
def flags(key: str, brin: str, on: Sequence[str], off: Sequence[str], as_json: bool) -> None:
    """Scherm een kind af voor deze persoon, of neem dat terug. Het werkt vanaf de volgende bladzijde."""
    if not on and not off:
        raise Unusable("Geef --set of --clear met wat er verandert.")
    if set(on) & set(off):
        raise Unusable("Hetzelfde staat bij --set en bij --clear. Kies een van de twee.")
    with opened() as portal:
        by = acting(portal, brin)
        family, shown = _shown(portal, by, key)
        with explained(MISSING):
            portal.database.write(
                lambda session: service.set_flags(
                    session,
                    shown.id,
                    flags=(get_relation(session, shown.id, by=by)[1].flags | _flags(on)) - _flags(off),
                    by=by,
                ),
                board=by.board_id,
            )
        done = _again(portal.database, by, shown)
    now = ", ".join(sorted(done[1].flags)) or "niets"
    _answer(done, f"{shown.adult} bij {family.pupil}: afgeschermd is {now}.", as_json=as_json)


def _relations(portal: Opened, by: SchoolActor, group: str | None) -> list[Found]:
    with portal.database.read() as session:
        families = list_families(session, by=by)
        if group is not None:
            with explained(MISSING):
                here = list_pupil_ids(session, find_groups(session, by.school_id, (group,))[0].id, by=by)
            families = [family for family in families if family.pupil_id in here]
    return [(family, relation) for family in families for relation in family.relations]


def _shown(portal: Opened, by: SchoolActor, key: str, seen: str | None = None) -> Found:
    """The relation that was pointed at; ends the command when the list showed it in another status."""
    family, relation = pick(_relations(portal, by, None), key, lambda found: found[1].id, missing=MISSING)
    if seen not in (None, relation.status.value):
        raise Unusable(
            f"De status van {relation.adult} bij {family.pupil} is {relation.status.value}, niet {seen}. "
            f"Bekijk het gezin met “parentportal authority list” en geef dan --seen {relation.status.value}."
        )
    return family, relation


def _again(database: Database, by: SchoolActor, shown: RelationRow) -> Found:
    with database.read() as session:
        return get_relation(session, shown.id, by=by)


def _flags(names: Sequence[str]) -> frozenset[SafetyFlag]:
    return frozenset(SafetyFlag(name) for name in names)


def _preview(families: Sequence[FamilyRow], *, as_json: bool) -> None:
    mark = service.fingerprint(families)
    found = [(family, relation) for family in families for relation in family.to_confirm]
    if as_json:
        for family, relation in found:
            say_json({**_described(family, relation), "confirm": mark})
    elif found:
        _print(found)
        say(f"Nog niets bevestigd. Gezinnen: {len(families)}. Klopt dit allemaal, geef dan ook:")
        say(f"--confirm {mark}")
    else:
        say("Er is geen gezin dat zo bevestigd kan worden. Bekijk de andere een voor een.")


def _answer(done: Found, sentence: str, *, as_json: bool) -> None:
    if as_json:
        say_json(_described(*done))
    else:
        say(sentence)


def _described(family: FamilyRow, one: RelationRow) -> dict[str, object]:
    return {
        "id": one.id,
        "pupil": family.pupil,
        "pupil_id": family.pupil_id,
        "adult": one.adult,
        "adult_id": one.adult_id,
        "word": one.word,
        "declared": one.declared.value,
        "kind": one.kind.value if one.kind else None,
        "status": one.status.value,
        "evidence": one.evidence.value if one.evidence else None,
        "from": one.valid_from,
        "until": one.valid_until,
        "flags": sorted(one.flags),
        "suspended_reason": one.suspended_reason,
    }


def _print(found: Sequence[Found]) -> None:
    rows = [
        (
            short(one.id),
            family.pupil,
            one.adult,
            one.kind.value if one.kind else one.word,
            one.status.value,
            written(one.valid_until),
            ", ".join(sorted(one.flags)),
        )
        for family, one in found
    ]
    say_table(("Sleutel", "Kind", "Volwassene", "Relatie", "Status", "Tot", "Afscherming"), rows)
