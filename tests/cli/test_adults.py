"""Adults from the shell: found, shown side by side, and joined once somebody has looked."""

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from parentportal.models.authority import Authority
from parentportal.models.people import Adult
from parentportal.rules.authority import Status
from tests.administration import add_adult, list_relation
from tests.cli.installation import Installation
from tests.people import People

HERE = ("--school", "99AA")


@pytest.fixture
def twin(installed: Installation, cast: People) -> UUID:
    """Ravi once more, with the same telephone, listed with Lot."""

    def work(session: Session) -> UUID:
        adult_id = add_adult(session, cast, "Ravi", "Sharma", phone="+31612345603")
        list_relation(session, cast.lot, adult_id)
        return adult_id

    return installed.write(work)


def forwards_to(installed: Installation, adult_id: UUID) -> UUID | None:
    return installed.read(lambda session: session.get_one(Adult, adult_id).merged_into_id)


def test_who_is_listed_twice_is_shown_and_joined_by_key(installed: Installation, cast: People, twin: UUID) -> None:
    (pair,) = installed.answers("adult", "list", *HERE, "--pairs")
    assert ({pair["one"]["id"], pair["other"]["id"]}, pair["same_phone"]) == ({str(cast.ravi), str(twin)}, True)
    found = installed.answers("adult", "list", *HERE, "--name", "sharma")
    assert {one["id"] for one in found} == {str(cast.ravi), str(twin)}

    merge = ("adult", "merge", cast.ravi.hex[-8:], twin.hex[-8:], *HERE)
    shown = installed.run(*merge).stdout
    assert ("Asha Sharma" in shown, "Lot de Wit" in shown, "Er is niets veranderd" in shown) == (True, True, True)
    assert forwards_to(installed, twin) is None

    before = len(installed.acts())
    assert "Dit is nu één persoon" in installed.run(*merge, "--confirm").stdout
    assert forwards_to(installed, twin) == cast.ravi
    (act,) = installed.acts(before)
    assert (act.event, act.by_id, act.by_role, act.about_id) == ("adults:merged", None, "operator", cast.ravi)
    assert installed.answers("adult", "list", *HERE, "--pairs") == []
    assert "Niemand lijkt twee keer" in installed.run("adult", "list", *HERE, "--pairs").stdout
    assert "“" + twin.hex[-8:] + "” is er niet" in installed.refusal(*merge, "--confirm")


def test_the_letter_of_the_row_that_disappears_is_withdrawn_in_the_log(
    installed: Installation, cast: People, twin: UUID
) -> None:
    (listed,) = installed.answers("authority", "list", *HERE, "--status", "unknown")
    installed.run("authority", "confirm", listed["id"], *HERE, "--kind", "joint_separated", "--evidence", "register")
    installed.run("invite", *HERE, "--group", "2")
    before = len(installed.acts())
    installed.run("adult", "merge", str(cast.ravi), str(twin), *HERE, "--confirm")
    assert [(act.event, act.about_id, act.by_role) for act in installed.acts(before)] == [
        ("invitation:revoked", twin, "operator"),
        ("adults:merged", cast.ravi, "operator"),
    ]


def test_a_death_by_mistake_is_undone_and_noted(installed: Installation, cast: People) -> None:
    def die(session: Session) -> None:
        session.get_one(Adult, cast.ravi).deceased = True

    alive = ("adult", "alive", cast.ravi.hex[-8:], *HERE)
    assert "stond niet als overleden" in installed.run(*alive).stdout
    installed.write(die)
    before = len(installed.acts())
    assert installed.run(*alive).stdout == "Ravi Sharma staat niet meer als overleden vastgelegd.\n"
    assert not installed.read(lambda session: session.get_one(Adult, cast.ravi).deceased)
    (act,) = installed.acts(before)
    assert (act.event, act.by_role, act.about_id) == ("death:undone", "operator", cast.ravi)
    assert "is er niet op deze school" in installed.refusal("adult", "alive", str(cast.olga), *HERE)


def test_people_of_elsewhere_and_one_row_twice_are_refused(installed: Installation, cast: People) -> None:
    before = len(installed.acts())
    merge = ("adult", "merge")
    for arguments, words in (
        ((*merge, str(cast.ravi), str(cast.olga), *HERE, "--confirm"), "is er niet op deze school"),
        ((*merge, str(cast.mirjam), str(cast.ravi), *HERE, "--confirm"), "is er niet op deze school"),
        ((*merge, str(cast.ravi), str(cast.noor), "--school", "99AB", "--confirm"), "is er niet op deze school"),
        ((*merge, str(cast.ravi), str(cast.ravi), *HERE, "--confirm"), "dezelfde rij"),
        ((*merge, "ravi", str(cast.noor), *HERE), "“ravi” is te kort"),
        (("adult", "list", "--school", "99ZX"), "School 99ZX bestaat niet"),
    ):
        assert words in installed.refusal(*arguments), arguments
    assert installed.acts(before) == []
    assert installed.read(lambda session: session.get_one(Authority, cast.ravi_of_asha).status) is Status.CONFIRMED
