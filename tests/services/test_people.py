"""Joining two rows of one person: everything moves, nothing opens by itself, history stays; on both databases."""

from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.counter_recoveries import CounterRecovery, Identity
from parentportal.models.imports import Source, SourceKey
from parentportal.models.items import Item
from parentportal.models.paper_notices import PaperNotice
from parentportal.models.people import Adult
from parentportal.models.privacy_requests import PrivacyRequest
from parentportal.models.sign_in import Account, Activation
from parentportal.outside.clock import FrozenClock
from parentportal.reads import counter_recoveries as counter_reads
from parentportal.reads import people as reads
from parentportal.reads.children import get_child
from parentportal.rules.authority import Relation, SafetyFlag, Status
from parentportal.rules.errors import NotFound, NotNow
from parentportal.rules.roles import Role
from parentportal.rules.second_factors import Purpose
from parentportal.services import audit, authority, counter_recoveries, invitations, passkeys, staff
from parentportal.services import people as services
from parentportal.services.passkeys import Outcome
from tests.administration import add_adult, list_relation
from tests.consents import WEB_PHOTO, YES, School
from tests.people import People, Settler
from tests.services import story
from tests.sessions import make_account
from tests.ways_in import SITE, give_passkey


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    return School(database, clock, people)


@pytest.fixture
def petra(school: School) -> Visitor:
    return school.visitor("petra")


@pytest.fixture
def twin(database: Database, people: People) -> UUID:
    """Ravi once more, without account, listed with Lot and with Asha; known to the source as V-9."""

    def work(session: Session) -> UUID:
        adult_id = add_adult(session, people, "Ravi", "Sharma", phone="+31612345603", address="Kade 9")
        list_relation(session, people.lot, adult_id)
        list_relation(session, people.asha, adult_id)
        source = session.scalars(select(Source).where(Source.school_id == people.regenboog)).one()
        session.add(
            SourceKey(
                id=new_id(),
                board_id=people.waterlijn,
                source_id=source.id,
                kind="guardian",
                value="V-9",
                object_id=adult_id,
            )
        )
        return adult_id

    return database.write(work)


def merge(database: Database, keep: UUID, gone: UUID, by: Visitor) -> None:
    database.write(lambda session: services.merge(session, keep, gone, by=by))


def test_the_same_name_and_phone_suggest_and_a_name_alone_does_not(
    database: Database, petra: Visitor, people: People, twin: UUID
) -> None:
    namesake = database.write(lambda session: add_adult(session, people, "Daan", "Bakker"))
    database.write(lambda session: list_relation(session, people.lot, namesake))
    with database.read() as session:
        pairs = reads.list_pairs(reads.list_adults(session, by=petra))
    assert [({pair.one.id, pair.other.id}, pair.same_email, pair.same_phone) for pair in pairs] == [
        ({people.ravi, twin}, False, True)
    ]


def test_relations_items_and_keys_move_and_the_old_row_points_on(
    database: Database, petra: Visitor, people: People, twin: UUID, clock: FrozenClock
) -> None:
    merge(database, people.ravi, twin, petra)
    with database.read() as session:
        gone = session.get_one(Adult, twin)
        assert (gone.merged_into_id, gone.merged_at, gone.merged_by_id) == (people.ravi, clock.now(), people.petra)
        relations = session.scalars(select(Authority).where(Authority.adult_id == people.ravi)).all()
        assert {(row.pupil_id, row.status) for row in relations} == {
            (people.asha, Status.CONFIRMED),
            (people.asha, Status.ENDED),
            (people.lot, Status.UNKNOWN),
        }, "nothing opened by itself"
        street = session.scalars(select(Item).where(Item.field_code == "guardian.address.street", Item.value == "Kade"))
        assert street.one().person_id == people.ravi
        phones = session.scalars(select(Item.person_id).where(Item.field_code == "guardian.phone")).all()
        assert phones.count(people.ravi) == 1
        assert session.scalars(select(SourceKey.object_id).where(SourceKey.value == "V-9")).one() == people.ravi
        assert session.scalars(select(AuditEvent.event).order_by(AuditEvent.number.desc())).first() == "adults:merged"
        assert not list(audit.verify(session))


def test_the_account_moves_to_the_row_that_stays(
    database: Database, petra: Visitor, people: People, twin: UUID
) -> None:
    merge(database, twin, people.ravi, petra)
    with database.read() as session:
        assert session.scalars(select(Account.adult_id).where(Account.email == "ravi@post.example")).one() == twin


def test_two_accounts_stay_two_people(database: Database, petra: Visitor, people: People) -> None:
    with pytest.raises(NotNow):
        merge(database, people.noor, people.daan, petra)
    with database.read() as session:
        assert session.get_one(Adult, people.daan).merged_into_id is None


def test_flags_stay_and_a_contradiction_closes_access(
    database: Database, petra: Visitor, people: People, twin: UUID
) -> None:
    database.write(
        lambda session: session.execute(
            update(Authority)
            .where(Authority.adult_id == twin, Authority.pupil_id == people.asha)
            .values(no_location=True, status=Status.ENDED)
        )
    )
    merge(database, people.ravi, twin, petra)
    with database.read() as session:
        kept = session.get_one(Authority, people.ravi_of_asha)
    assert (kept.status, kept.suspended_reason, kept.no_location) == (Status.SUSPENDED, "merged", True)


def test_what_was_answered_counts_for_the_person_who_stays(
    database: Database, school: School, petra: Visitor, people: People, twin: UUID
) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    merge(database, twin, people.ravi, petra)
    assert school.counts("asha", WEB_PHOTO).allowed


def test_a_letter_to_the_row_that_disappears_opens_nothing(
    database: Database, petra: Visitor, people: People, twin: UUID
) -> None:
    database.write(lambda session: invitations.invite_staff(session, twin, people.regenboog, by=petra))
    merge(database, people.ravi, twin, petra)
    with database.read() as session:
        assert session.scalars(select(Activation.revoked_by_id)).one() == people.petra


def test_later_joins_keep_pointing_at_the_one_who_stays(
    database: Database, petra: Visitor, people: People, twin: UUID
) -> None:
    third = database.write(lambda session: add_adult(session, people, "R.", "Sharma"))
    database.write(lambda session: list_relation(session, people.lot, third))
    merge(database, third, twin, petra)
    merge(database, people.ravi, third, petra)
    with database.read() as session:
        assert session.get_one(Adult, twin).merged_into_id == people.ravi


def test_people_of_elsewhere_do_not_exist(database: Database, school: School, people: People, twin: UUID) -> None:
    for name, keep, gone in (("mirjam", people.ravi, twin), ("petra", people.ravi, people.olga), ("petra", twin, twin)):
        with pytest.raises(NotFound):
            merge(database, keep, gone, school.visitor(name))
    with pytest.raises(NotNow):
        merge(database, people.petra, twin, school.visitor("petra"))


def test_who_had_a_hand_in_a_case_is_still_known_in_it_after_a_join(
    database: Database, petra: Visitor, people: People, twin: UUID
) -> None:
    case = story.send(
        database,
        story.visitor(database, people, "noor"),
        {story.item_id(database, people.sem, "pupil.phone"): "0612345678"},
    )
    hands = ("handler_id", "decided_by_id", "excluded_id", "about_staff_id", "proposed_by_id", "closed_by_id")
    moments = {f"{act}_at": petra.seen_at for act in ("picked_up", "decided", "proposed", "closed")}
    database.write(
        lambda session: session.execute(
            update(PrivacyRequest).where(PrivacyRequest.id == case).values(dict.fromkeys(hands, twin) | moments)
        )
    )
    merge(database, people.ravi, twin, petra)
    kept = story.get(database, case)
    assert {hand: getattr(kept, hand) for hand in hands} == dict.fromkeys(hands, people.ravi)


def test_a_danger_recorded_on_the_row_that_ended_counts_for_the_one_that_stays(
    database: Database, school: School, petra: Visitor, people: People, twin: UUID
) -> None:
    merge(database, people.ravi, twin, petra)
    with database.read() as session:
        ended = session.scalars(
            select(Authority.id).where(Authority.adult_id == people.ravi, Authority.status == Status.ENDED)
        ).one()
    database.write(lambda session: authority.set_flags(session, ended, flags={SafetyFlag.NO_LOCATION}, by=petra))
    with database.read() as session:
        child = get_child(session, people.asha, school.visitor("ravi"), board_id=people.waterlijn)
    assert child.flags == {SafetyFlag.NO_LOCATION}


def test_a_passkey_of_the_row_that_disappears_still_opens_the_account(
    database: Database, clock: FrozenClock, petra: Visitor, people: People, twin: UUID
) -> None:
    phone, passkey_id = give_passkey(database, clock, people.ravi)
    merge(database, twin, people.ravi, petra)
    third = database.write(lambda session: add_adult(session, people, "R.", "Sharma"))
    database.write(lambda session: list_relation(session, people.lot, third))
    merge(database, third, twin, petra)
    asked = {"holder": "browser", "purpose": Purpose.SIGN_IN, "site": SITE}
    answer = phone.prove(database.write(lambda session: passkeys.ask_to_prove(session, **asked)))
    outcome = database.write(lambda session: passkeys.prove(session, answer, **asked))
    assert isinstance(outcome, Outcome)
    assert outcome.passkey_id == passkey_id


def test_an_account_never_gets_a_role_that_the_joiner_may_not_give(
    database: Database, clock: FrozenClock, school: School, petra: Visitor, people: People
) -> None:
    """An account of one's own making, joined with a director who has none yet, would open the school."""
    own = database.write(
        lambda session: staff.add(
            session,
            people.waterlijn,
            people.regenboog,
            role=Role.TEACHER,
            name="Pien Pop",
            email="pien@post.example",
            with_letter=False,
            by=petra,
        )
    ).adult_id
    make_account(database, clock, own)
    director = database.write(
        lambda s: Settler(s, people.waterlijn).staff("Joost", "Tak", Role.DIRECTOR, people.regenboog)
    )
    teacher = database.write(
        lambda s: Settler(s, people.waterlijn).staff("Teun", "Tak", Role.TEACHER, people.regenboog)
    )
    for keep, gone in ((own, director), (director, own)):
        with pytest.raises(NotNow, match="niet kunt geven"):
            merge(database, keep, gone, petra)
    merge(database, own, teacher, petra)
    merge(database, own, director, school.visitor("hanna"))


def test_a_letter_to_the_row_that_stays_does_not_open_what_the_other_brings(
    database: Database, petra: Visitor, people: People, twin: UUID
) -> None:
    database.write(lambda session: invitations.invite_staff(session, twin, people.regenboog, by=petra))
    director = database.write(
        lambda s: Settler(s, people.waterlijn).staff("Joost", "Tak", Role.DIRECTOR, people.regenboog)
    )
    merge(database, twin, director, petra)
    with database.read() as session:
        assert session.scalars(select(Activation.revoked_by_id)).one() == people.petra


def test_a_case_at_the_counter_and_a_letter_that_waits_follow_the_person(
    database: Database, clock: FrozenClock, school: School, petra: Visitor, people: People, twin: UUID
) -> None:
    """The family that may not look along and the place that stays hidden are those of whoever remains."""
    hanna = school.visitor("hanna")
    asked = {"identity": Identity.DOCUMENT, "second_id": people.hanna, "by": petra}
    case = database.write(lambda session: counter_recoveries.ask(session, people.ravi, **asked))
    database.write(
        lambda session: session.add(
            PaperNotice(
                id=new_id(),
                board_id=people.waterlijn,
                school_id=people.regenboog,
                adult_id=people.ravi,
                template="security_notice",
                created_at=clock.now(),
            )
        )
    )
    merge(database, twin, people.ravi, petra)
    database.write(lambda s: Settler(s, people.waterlijn).authority(people.asha, people.hanna, Relation.JOINT) and None)
    with database.read() as session:
        assert session.get_one(CounterRecovery, case).adult_id == twin
        assert session.scalars(select(PaperNotice.adult_id)).one() == twin
        with pytest.raises(NotFound):
            counter_reads.get_case(session, case, by=hanna)


def test_who_asked_at_the_counter_does_not_confirm_under_another_row(
    database: Database, school: School, petra: Visitor, people: People, twin: UUID
) -> None:
    hanna = school.visitor("hanna")
    asked = {"identity": Identity.DOCUMENT, "second_id": people.hanna, "by": petra}
    case = database.write(lambda session: counter_recoveries.ask(session, people.noor, **asked))
    merge(database, twin, people.petra, hanna)
    with database.read() as session:
        row = session.get_one(CounterRecovery, case)
        assert (row.asked_by_id, row.second_id) == (twin, people.hanna)
