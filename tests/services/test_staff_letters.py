"""Letters for colleagues: made once per form, never for oneself, and never above what the maker may give."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.people import StaffRole
from parentportal.models.sign_in import Activation, Audience
from parentportal.outside.clock import FrozenClock
from parentportal.reads import staff_letters as reads
from parentportal.reads.invitations import LetterState
from parentportal.reads.visitors import find_visitor
from parentportal.rules.authority import Relation
from parentportal.rules.errors import NotFound, NotNow
from parentportal.rules.roles import Role
from parentportal.services import invitations, staff, staff_letters
from tests.people import ROLES_OF, People, Settler
from tests.sessions import open_session

SignIn = Callable[[str], Visitor]


@pytest.fixture
def sign_in(database: Database, clock: FrozenClock, people: People) -> SignIn:
    """Somebody of De Regenboog, signed in; the others have no account."""

    def visitor(name: str) -> Visitor:
        token = open_session(database, clock, getattr(people, name), ROLES_OF[name][0], people.regenboog)
        with database.read() as session:
            found = find_visitor(session, token)
        assert found is not None
        return found

    return visitor


def letters_by(database: Database, by: Visitor, key: UUID | None = None, *, renew: bool = False) -> dict[UUID, str]:
    made = database.write(lambda s: staff_letters.make_letters(s, key=key or uuid4(), by=by, renew=renew))
    assert all(letter.for_staff and letter.at_desk and letter.address == () for letter in made)
    return {letter.adult_id: letter.code for letter in made}


def employ(database: Database, people: People, adult_id: UUID, role: Role, school_id: UUID | None) -> None:
    def work(session: Session) -> None:
        now = Settler(session, people.waterlijn).now
        session.add(
            StaffRole(
                id=new_id(),
                board_id=people.waterlijn,
                adult_id=adult_id,
                school_id=school_id,
                role=role,
                granted_at=now,
            )
        )

    database.write(work)


def test_hanna_makes_the_letters_of_all_colleagues_who_have_no_account(
    database: Database, people: People, sign_in: SignIn
) -> None:
    made = letters_by(database, sign_in("hanna"))
    assert set(made) == {people.ilse, people.bas, people.petra}
    with database.read() as session:
        rows = session.scalars(select(Activation)).all()
        assert {(row.audience, row.desk, row.school_id) for row in rows} == {(Audience.STAFF, True, people.regenboog)}


def test_petra_makes_none_for_the_director(database: Database, people: People, sign_in: SignIn) -> None:
    petra = sign_in("petra")
    assert set(letters_by(database, petra)) == {people.ilse, people.bas}
    with pytest.raises(NotNow):
        database.write(lambda s: staff_letters.reissue(s, people.hanna, key=uuid4(), by=petra))


@pytest.mark.parametrize("where", ["at the board", "at another school"])
def test_a_role_elsewhere_puts_a_colleague_out_of_reach(
    database: Database, people: People, sign_in: SignIn, where: str
) -> None:
    role, school_id = (Role.OFFICER, None) if where == "at the board" else (Role.TEACHER, people.kompas)
    employ(database, people, people.ilse, role, school_id)
    hanna = sign_in("hanna")
    assert people.ilse not in letters_by(database, hanna)
    with pytest.raises(NotNow):
        database.write(lambda s: staff_letters.reissue(s, people.ilse, key=uuid4(), by=hanna))


def test_a_parent_at_another_school_is_out_of_reach_as_a_colleague(
    database: Database, people: People, sign_in: SignIn
) -> None:
    database.write(lambda s: Settler(s, people.waterlijn).authority(people.tess, people.bas, Relation.SOLE))
    assert people.bas not in letters_by(database, sign_in("hanna"))


def test_a_letter_for_a_parent_who_is_director_is_not_made_by_the_administration(
    database: Database, people: People, sign_in: SignIn
) -> None:
    employ(database, people, people.noor, Role.DIRECTOR, people.regenboog)
    petra, hanna = sign_in("petra"), sign_in("hanna")
    made = database.write(lambda s: invitations.make_letters(s, people.group5, key=uuid4(), by=petra))
    assert {letter.adult_id for letter in made} == {people.daan, people.ravi}
    with pytest.raises(NotNow):
        database.write(lambda s: invitations.reissue(s, people.noor, key=uuid4(), by=petra))
    letter = database.write(lambda s: invitations.reissue(s, people.noor, key=uuid4(), by=hanna))
    assert letter.adult_id == people.noor


def test_the_same_form_gives_the_same_letters_and_another_form_none(
    database: Database, people: People, sign_in: SignIn
) -> None:
    hanna, key = sign_in("hanna"), uuid4()
    first = letters_by(database, hanna, key)
    assert letters_by(database, hanna, key) == first
    assert letters_by(database, hanna) == {}
    renewed = letters_by(database, hanna, renew=True)
    assert set(renewed) == set(first)
    assert not set(renewed.values()) & set(first.values())


def test_nobody_makes_or_withdraws_a_letter_of_oneself(database: Database, people: People, sign_in: SignIn) -> None:
    hanna = sign_in("hanna")
    for act in (
        lambda s: staff_letters.reissue(s, people.hanna, key=uuid4(), by=hanna),
        lambda s: staff_letters.revoke(s, people.hanna, by=hanna),
    ):
        with pytest.raises(NotNow):
            database.write(act)


def test_the_other_parent_of_an_own_child_gets_the_letter_from_a_colleague(
    database: Database, people: People, sign_in: SignIn
) -> None:
    def tie(session: Session) -> None:
        for adult_id in (people.petra, people.ilse):
            Settler(session, people.waterlijn).authority(people.lot, adult_id, Relation.WITHOUT)

    database.write(tie)
    petra = sign_in("petra")
    assert set(letters_by(database, petra)) == {people.bas}
    with pytest.raises(NotNow):
        database.write(lambda s: staff_letters.reissue(s, people.ilse, key=uuid4(), by=petra))


def test_a_withdrawn_letter_and_one_that_lapsed_wait_again(
    database: Database, people: People, sign_in: SignIn, clock: FrozenClock
) -> None:
    hanna = sign_in("hanna")
    letters_by(database, hanna)
    database.write(lambda s: staff_letters.revoke(s, people.ilse, by=hanna))
    assert states(database, hanna)[people.ilse] is LetterState.REVOKED
    assert states(database, hanna)[people.bas] is LetterState.MADE
    clock.advance(invitations.CODE_STANDS)
    assert states(database, hanna)[people.bas] is LetterState.EXPIRED
    assert states(database, hanna)[people.hanna] is LetterState.ACTIVE
    assert set(letters_by(database, hanna)) == {people.ilse, people.bas, people.petra}


def states(database: Database, by: Visitor) -> dict[UUID, LetterState]:
    with database.read() as session:
        return {person.adult_id: person.state for person in reads.list_colleagues(session, by=by)}


def test_somebody_of_elsewhere_is_no_colleague(database: Database, people: People, sign_in: SignIn) -> None:
    hanna = sign_in("hanna")
    for adult_id in (people.mirjam, people.noor, people.olga):
        with pytest.raises(NotFound):
            database.write(lambda s, adult_id=adult_id: staff_letters.reissue(s, adult_id, key=uuid4(), by=hanna))
        with pytest.raises(NotFound):
            database.write(lambda s, adult_id=adult_id: staff_letters.revoke(s, adult_id, by=hanna))


def test_one_more_role_withdraws_the_letter_that_was_made_before(
    database: Database, people: People, sign_in: SignIn
) -> None:
    petra, hanna = sign_in("petra"), sign_in("hanna")
    letters_by(database, petra)
    database.write(lambda s: staff.give_role(s, people.ilse, role=Role.TEACHER, by=hanna))
    assert states(database, hanna)[people.ilse] is LetterState.MADE, "a role that she had already"
    database.write(lambda s: staff.give_role(s, people.ilse, role=Role.DIRECTOR, by=hanna))
    assert states(database, hanna)[people.ilse] is LetterState.REVOKED
    assert letters_by(database, petra) == {}, "it is not for the administration to make any more"
    assert set(letters_by(database, hanna)) == {people.ilse}
