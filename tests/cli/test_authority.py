"""Authority from the shell: the operator confirms, ends and shields for one school, and the log says so."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.audit import AuditEvent
from parentportal.models.authority import Authority
from parentportal.outside.clock import SystemClock, amsterdam_date
from parentportal.reads.children import list_children
from parentportal.rules.authority import Evidence, Relation, Status
from parentportal.rules.roles import Role
from tests.administration import family, list_relation
from tests.cli.installation import Installation
from tests.people import People

HERE = ("--school", "99AA")
SEPARATED = ("--kind", "joint_separated", "--evidence", "register")


def today() -> date:
    return amsterdam_date(SystemClock().now())


@pytest.fixture
def daan_of_lot(installed: Installation, cast: People) -> UUID:
    """A delivery lists Daan with Lot; nobody has confirmed it."""
    return installed.write(lambda session: list_relation(session, cast.lot, cast.daan))


def row(installed: Installation, authority_id: UUID) -> Authority:
    return installed.read(lambda session: session.get_one(Authority, authority_id))


def children_of(installed: Installation, cast: People, adult_id: UUID) -> set[UUID]:
    """Whom a guardian finds on the start page."""
    by = Actor(adult_id, Role.GUARDIAN)
    found = installed.read(lambda session: list_children(session, by, board_id=cast.waterlijn))
    return {child.id for child in found}


def told(acts: list[AuditEvent]) -> list[tuple[str, UUID | None, str]]:
    return [(act.event, act.by_id, act.by_role) for act in acts]


def test_what_the_operator_confirms_opens_at_once_and_what_ends_closes(
    installed: Installation, cast: People, daan_of_lot: UUID
) -> None:
    before = len(installed.acts())
    waiting = installed.answers("authority", "list", *HERE, "--group", "2", "--status", "unknown")
    assert [(one["adult"], one["pupil"], one["id"]) for one in waiting] == [
        ("Daan Bakker", "Lot de Wit", str(daan_of_lot))
    ]
    assert children_of(installed, cast, cast.daan) == {cast.sem}
    key = daan_of_lot.hex[-8:]
    assert key in installed.run("authority", "list", *HERE).stdout

    confirmed = installed.run("authority", "confirm", key, *HERE, *SEPARATED, "--from", "1-8-2026").stdout
    assert confirmed == "Bevestigd: Daan Bakker bij Lot de Wit, joint_separated, gezien: register.\n"
    assert children_of(installed, cast, cast.daan) == {cast.sem, cast.lot}
    stored = row(installed, daan_of_lot)
    assert (stored.status, stored.kind, stored.evidence) == (
        Status.CONFIRMED,
        Relation.JOINT_SEPARATED,
        Evidence.REGISTER,
    )
    assert (stored.valid_from, stored.confirmed_at is None, stored.confirmed_by_id) == (date(2026, 8, 1), False, None)

    day = today().strftime("%d-%m-%Y")
    ended = installed.answer("authority", "end", key, *HERE, "--on", day, "--reason", "ruling")
    assert (ended["status"], ended["until"]) == ("ended", today().isoformat())
    assert children_of(installed, cast, cast.daan) == {cast.sem}
    assert told(installed.acts(before)) == [
        ("authority:confirmed", None, "operator"),
        ("authority:ended", None, "operator"),
    ]
    assert {act.about_id for act in installed.acts(before)} == {daan_of_lot}


def test_an_end_of_later_stays_open_until_then_and_renewing_keeps_it(
    installed: Installation, cast: People, daan_of_lot: UUID
) -> None:
    later = today() + timedelta(days=30)
    installed.run("authority", "confirm", str(daan_of_lot), *HERE, *SEPARATED)
    said = installed.run("authority", "end", str(daan_of_lot), *HERE, "--on", later.isoformat(), "--reason", "other")
    assert said.stdout == f"Het gezag van Daan Bakker over Lot de Wit stopt op {later:%d-%m-%Y}.\n"
    assert children_of(installed, cast, cast.daan) == {cast.sem, cast.lot}

    again = ("authority", "confirm", str(daan_of_lot), *HERE, *SEPARATED, "--seen", "confirmed")
    assert installed.answer(*again)["until"] == later.isoformat()
    assert installed.answer(*again, "--open-ended")["until"] is None


def test_what_does_not_fit_is_explained_and_changes_nothing(
    installed: Installation, cast: People, daan_of_lot: UUID
) -> None:
    tess = installed.write(lambda session: list_relation(session, cast.tess, cast.noor))
    before = len(installed.acts())
    mine, theirs = str(daan_of_lot), str(tess)
    confirm, end, flags = (("authority", verb) for verb in ("confirm", "end", "flags"))
    on = ("--on", today().isoformat(), "--reason", "other")
    scoped = ("--kind", "institution", "--evidence", "ruling")
    tomorrow = (today() + timedelta(days=1)).isoformat()
    for arguments, words in (
        ((*confirm, theirs, *HERE, *SEPARATED), "Dit gezag is er niet op deze school"),
        ((*confirm, mine, "--school", "99ZZ", *SEPARATED), "Dit gezag is er niet op deze school"),
        ((*confirm, mine, "--school", "99ZX", *SEPARATED), "School 99ZX bestaat niet"),
        ((*end, theirs, *HERE, *on, "--seen", "unknown"), "Dit gezag is er niet op deze school"),
        ((*flags, theirs, *HERE, "--set", "no_contact"), "Dit gezag is er niet op deze school"),
        ((*confirm, "abc", *HERE, *SEPARATED), "“abc” is te kort"),
        ((*confirm, mine, *HERE, "--kind", "sole", "--evidence", "enrolment"), "--evidence: Dit bewijs past niet"),
        ((*confirm, mine, *HERE, "--kind", "joint", "--evidence", "delivery"), "delivery"),
        ((*confirm, mine, *HERE, *scoped), "--for-school: "),
        ((*confirm, mine, *HERE, *SEPARATED, "--from", "2026-12-02", "--until", "2026-12-01"), "--until: Kies een"),
        ((*confirm, mine, *HERE, *SEPARATED, "--until", "31-02-2027"), "--until: “31-02-2027” is geen dag"),
        ((*confirm, mine, *HERE, *SEPARATED, "--until", tomorrow, "--open-ended"), "niet allebei"),
        ((*confirm, mine, *HERE, *SEPARATED, "--seen", "suspended"), "geef dan --seen unknown"),
        ((*end, mine, *HERE, *on), "geef dan --seen unknown"),
        ((*end, mine, *HERE, "--on", tomorrow, "--reason", "other", "--seen", "unknown"), "--on: Dit gezag is niet"),
        ((*flags, mine, *HERE), "--set of --clear"),
        ((*flags, mine, *HERE, "--set", "no_contact", "--clear", "no_contact"), "Kies een van de twee"),
        (("authority", "list", *HERE, "--group", "8"), "Groepen: 2, 5."),
        (("authority", "confirm-all", *HERE, "--confirm", "abc"), "De lijst is intussen veranderd"),
    ):
        assert words in installed.refusal(*arguments), arguments
    for authority_id in (daan_of_lot, tess):
        stored = row(installed, authority_id)
        assert (stored.status, stored.kind, stored.valid_until, stored.no_contact) == (
            Status.UNKNOWN,
            None,
            None,
            False,
        )
    assert installed.acts(before) == []


def test_families_are_confirmed_together_as_they_were_shown(installed: Installation, cast: People) -> None:
    first, _relations = installed.write(lambda session: family(session, cast, "Mees", ("Tom", "Eva"), "Kade 9"))
    bulk = ("authority", "confirm-all", *HERE)
    shown = installed.answers(*bulk)
    assert [(one["pupil"], one["adult"]) for one in shown] == [
        ("Mees Visser", "Eva Visser"),
        ("Mees Visser", "Tom Visser"),
    ]
    words = installed.run(*bulk).stdout
    assert "Nog niets bevestigd" in words
    assert f"--confirm {shown[0]['confirm']}" in words

    second, _relations = installed.write(lambda session: family(session, cast, "Pien", ("Joris", "Anke"), "Kade 11"))
    refused = installed.refusal(*bulk, "--confirm", shown[0]["confirm"])
    assert "De lijst is intussen veranderd" in refused
    assert statuses(installed, first, second) == [Status.UNKNOWN] * 4

    before = len(installed.acts())
    assert installed.answer(*bulk, "--confirm", installed.answers(*bulk)[0]["confirm"]) == {"confirmed": 4}
    assert statuses(installed, first, second) == [Status.CONFIRMED] * 4
    assert told(installed.acts(before)) == [("authority:confirmed", None, "operator")] * 4
    assert "Er is geen gezin dat zo bevestigd kan worden" in installed.run(*bulk).stdout


def test_a_danger_is_set_and_taken_back_beside_the_others(installed: Installation, cast: People) -> None:
    before = len(installed.acts())
    flags = ("authority", "flags", str(cast.daan_of_sem), *HERE)
    said = installed.run(*flags, "--set", "no_location", "--set", "no_contact").stdout
    assert said == "Daan Bakker bij Sem Bakker: afgeschermd is no_contact, no_location.\n"
    assert installed.answer(*flags, "--clear", "no_contact", "--set", "secret_address")["flags"] == [
        "no_location",
        "secret_address",
    ]
    stored = row(installed, cast.daan_of_sem)
    assert (stored.no_contact, stored.secret_address, stored.no_location) == (False, True, True)
    assert (stored.flagged_at is None, stored.flagged_by_id) == (False, None)
    assert told(installed.acts(before)) == [("authority:flagged", None, "operator")] * 2


def statuses(installed: Installation, *pupils: UUID) -> list[Status]:
    def work(session: Session) -> list[Status]:
        return list(session.scalars(select(Authority.status).where(Authority.pupil_id.in_(pupils))))

    return installed.read(work)
