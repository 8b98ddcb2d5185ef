"""Whoever works at school leaves a family of their own there to a colleague, with authority or without it."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.consents import Channel, ConsentEvent
from parentportal.models.people import Adult
from parentportal.models.sign_in import Account, Activation
from parentportal.outside.clock import FrozenClock
from parentportal.rules.authority import Relation
from parentportal.rules.errors import NotNow
from parentportal.services import consents, invitations
from parentportal.services import people as adults
from tests.administration import add_adult, list_relation
from tests.consents import WEB_PHOTO, YES, School
from tests.people import People, Settler


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    """Petra of the administration is the other parent of Lot, without authority."""
    school = School(database, clock, people)
    database.write(lambda session: tie(session, people))
    return school


def tie(session: Session, people: People) -> UUID:
    return Settler(session, people.waterlijn).authority(people.lot, people.petra, Relation.WITHOUT)


def test_petra_enters_no_paper_about_a_child_of_her_own(school: School) -> None:
    def on_paper(session: Session) -> UUID | None:
        return consents.record_on_paper(
            session,
            school.people.lot,
            school.people.noor,
            {school.item(WEB_PHOTO): YES},
            words,
            received_on=date(2026, 11, 16),
            channel=Channel.PAPER,
            by=school.visitor("petra"),
        )

    words = school.wordings()
    with pytest.raises(NotNow):
        school.database.write(on_paper)
    with school.database.read() as session:
        assert session.scalars(select(ConsentEvent)).all() == []


def test_petra_makes_no_letter_for_the_other_parent_of_her_child(school: School) -> None:
    without_accounts(school)
    petra = school.visitor("petra")
    with pytest.raises(NotNow):
        school.database.write(lambda s: invitations.reissue(s, school.people.noor, key=uuid4(), by=petra))
    with pytest.raises(NotNow):
        school.database.write(lambda s: invitations.make_letters(s, school.people.group2, key=uuid4(), by=petra))
    made = school.database.write(lambda s: invitations.make_letters(s, school.people.group5, key=uuid4(), by=petra))
    assert {letter.adult_id for letter in made} == {school.people.daan, school.people.ravi}


def test_a_colleague_of_petra_makes_that_letter_and_petra_does_not_withdraw_it(school: School) -> None:
    without_accounts(school)
    hanna, noor = school.visitor("hanna"), school.people.noor
    school.database.write(lambda s: invitations.reissue(s, noor, key=uuid4(), by=hanna))
    with pytest.raises(NotNow):
        school.database.write(lambda s: invitations.revoke(s, noor, by=school.visitor("petra")))
    with school.database.read() as session:
        assert session.scalars(select(Activation.revoked_at)).all() == [None]


def test_petra_joins_nobody_with_the_other_parent_of_her_child(school: School) -> None:
    def stranger(session: Session) -> UUID:
        adult_id = add_adult(session, school.people, "Noor", "Wit")
        list_relation(session, school.people.sem, adult_id)
        return adult_id

    other = school.database.write(stranger)
    with pytest.raises(NotNow):
        school.database.write(lambda s: adults.merge(s, other, school.people.noor, by=school.visitor("petra")))
    with school.database.read() as session:
        assert session.get_one(Adult, school.people.noor).merged_into_id is None


def without_accounts(school: School) -> None:
    """Nobody's account counts: all are given to people whom nobody knows."""
    guardians = (school.people.noor, school.people.daan, school.people.ravi)

    def work(session: Session) -> None:
        for adult_id in guardians:
            other = add_adult(session, school.people, "Iemand", "Anders")
            session.execute(update(Account).where(Account.adult_id == adult_id).values(adult_id=other))

    school.database.write(work)
