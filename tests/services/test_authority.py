"""Confirming, ending and shielding a relation, with what that does to consents; on both databases."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.authority import Authority
from parentportal.models.consents import ConsentHold
from parentportal.models.items import Item
from parentportal.models.people import Pupil
from parentportal.outside.clock import FrozenClock
from parentportal.reads import authority as reads
from parentportal.reads.authority import FamilyRow
from parentportal.rules.authority import Evidence, Mark, Relation, SafetyFlag, Status
from parentportal.rules.consents import Effective, Reason
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.services import audit, authority
from parentportal.services.authority import EndReason
from tests.administration import add_adult, family, list_relation
from tests.consents import NO, WEB_PHOTO, YES, School
from tests.people import People

TODAY = date(2026, 11, 17)
Confirm = Callable[..., UUID]


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    return School(database, clock, people)


@pytest.fixture
def petra(school: School) -> Visitor:
    return school.visitor("petra")


@pytest.fixture
def bram(database: Database, people: People) -> UUID:
    """The relation of Bram with Lot, which nobody has confirmed."""
    return database.write(
        lambda session: list_relation(session, people.lot, add_adult(session, people, "Bram", "Postma"))
    )


@pytest.fixture
def confirm(database: Database, petra: Visitor) -> Confirm:
    """Confirms as Petra, with a fitting proof unless the test says otherwise."""

    def work(authority_id: UUID, **options: object) -> UUID:
        chosen = {"seen": Status.UNKNOWN, "kind": Relation.JOINT_SEPARATED, "evidence": Evidence.DECLARATION}
        return database.write(
            lambda session: authority.confirm(session, authority_id, by=petra, **{**chosen, **options})  # type: ignore[arg-type]  # a test's options
        )

    return work


def row(database: Database, authority_id: UUID) -> Authority:
    with database.read() as session:
        return session.get_one(Authority, authority_id)


def family_of(database: Database, pupil_id: UUID, by: Visitor) -> FamilyRow:
    with database.read() as session:
        return reads.get_family(session, pupil_id, by=by)


def events(database: Database) -> list[str]:
    with database.read() as session:
        assert not list(audit.verify(session))
        return list(session.scalars(select(AuditEvent.event).order_by(AuditEvent.number)))


def test_confirming_keeps_who_when_and_the_kind_of_proof(
    database: Database, confirm: Confirm, bram: UUID, people: People, clock: FrozenClock
) -> None:
    assert confirm(bram, valid_until=date(2027, 8, 1)) == people.lot
    kept = row(database, bram)
    assert (kept.status, kept.kind, kept.evidence) == (
        Status.CONFIRMED,
        Relation.JOINT_SEPARATED,
        Evidence.DECLARATION,
    )
    assert (kept.confirmed_at, kept.confirmed_by_id, kept.valid_until) == (
        clock.now(),
        people.petra,
        date(2027, 8, 1),
    )
    assert events(database)[-1] == "authority:confirmed"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"kind": Relation.SOLE, "evidence": Evidence.ENROLMENT}, "evidence"),
        ({"kind": Relation.JOINT, "evidence": Evidence.DELIVERY}, "evidence"),
        ({"kind": Relation.WITHOUT, "evidence": Evidence.DELIVERY}, "evidence"),
        ({"kind": Relation.SELF, "evidence": Evidence.BIRTH_DATE}, "kind"),
        ({"kind": Relation.INSTITUTION, "evidence": Evidence.RULING}, "for_school"),
        ({"kind": Relation.MANDATED, "evidence": Evidence.MANDATE}, "for_school"),
        ({"valid_until": TODAY}, "valid_until"),
        ({"valid_from": date(2027, 1, 1), "valid_until": date(2027, 1, 1)}, "valid_until"),
    ],
)
def test_proof_and_dates_that_do_not_fit_are_refused_at_their_field(
    database: Database, confirm: Confirm, bram: UUID, options: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        confirm(bram, **options)
    assert list(refused.value.problems) == [field]
    assert row(database, bram).status is Status.UNKNOWN


def test_a_mandate_for_school_opens_within_its_scope(database: Database, confirm: Confirm, bram: UUID) -> None:
    confirm(bram, kind=Relation.MANDATED, evidence=Evidence.MANDATE, for_school=True)
    assert row(database, bram).scope == authority.SCHOOL_MATTERS
    confirm(bram, seen=Status.CONFIRMED, kind=Relation.JOINT, evidence=Evidence.ENROLMENT)
    assert row(database, bram).scope is None, "joint authority needs no scope"


def test_a_relation_of_another_school_does_not_exist(database: Database, school: School, bram: UUID) -> None:
    mirjam = school.visitor("mirjam")
    for work in (
        lambda session: authority.confirm(
            session, bram, seen=Status.UNKNOWN, kind=Relation.JOINT, evidence=Evidence.ENROLMENT, by=mirjam
        ),
        lambda session: authority.end(
            session, bram, seen=Status.UNKNOWN, last_day_gone=TODAY, reason=EndReason.OTHER, by=mirjam
        ),
        lambda session: authority.set_flags(session, bram, flags={SafetyFlag.NO_CONTACT}, by=mirjam),
    ):
        with pytest.raises(NotFound):
            database.write(work)
    kept = row(database, bram)
    assert (kept.status, kept.no_contact) == (Status.UNKNOWN, False)


def test_nobody_decides_about_an_own_child(
    database: Database, confirm: Confirm, bram: UUID, people: People, petra: Visitor
) -> None:
    database.write(lambda session: list_relation(session, people.lot, people.petra, Mark.UNKNOWN))
    with pytest.raises(NotNow):
        confirm(bram)
    with pytest.raises(NotNow):
        database.write(lambda session: authority.set_flags(session, bram, flags=set(), by=petra))


def test_a_suspended_relation_opens_again_when_somebody_has_looked(
    database: Database, confirm: Confirm, people: People
) -> None:
    database.write(
        lambda session: session.execute(
            update(Authority)
            .where(Authority.id == people.daan_of_sem)
            .values(status=Status.SUSPENDED, suspended_reason="declared-no")
        )
    )
    with pytest.raises(NotNow):
        confirm(people.daan_of_sem, seen=Status.CONFIRMED)
    confirm(people.daan_of_sem, seen=Status.SUSPENDED)
    kept = row(database, people.daan_of_sem)
    assert (kept.status, kept.suspended_reason) == (Status.CONFIRMED, "")


@pytest.fixture
def doubted_no(school: School, people: People) -> UUID:
    """Noor says yes and Daan no; then a delivery puts the authority of Daan in doubt."""
    school.says("noor", "sem", {WEB_PHOTO: YES})
    school.says("daan", "sem", {WEB_PHOTO: NO})
    school.database.write(
        lambda session: (
            session.execute(
                update(Authority)
                .where(Authority.id == people.daan_of_sem)
                .values(status=Status.SUSPENDED, suspended_reason="declared-no")
            ).rowcount
        )  # type: ignore[attr-defined]  # an update has it
    )
    return people.daan_of_sem


def test_a_no_outlives_the_end_of_an_authority_that_was_in_doubt(
    school: School, doubted_no: UUID, petra: Visitor
) -> None:
    school.database.write(
        lambda session: authority.end(
            session, doubted_no, seen=Status.SUSPENDED, last_day_gone=TODAY, reason=EndReason.RULING, by=petra
        )
    )
    assert school.counts("sem", WEB_PHOTO) == Effective(False, Reason.RECONFIRM)
    school.says("noor", "sem", {WEB_PHOTO: YES})
    assert school.counts("sem", WEB_PHOTO).allowed


def test_a_no_outlives_the_finding_that_there_was_no_authority(
    school: School, doubted_no: UUID, confirm: Confirm
) -> None:
    confirm(doubted_no, seen=Status.SUSPENDED, kind=Relation.WITHOUT, evidence=Evidence.REGISTER)
    assert school.counts("sem", WEB_PHOTO) == Effective(False, Reason.RECONFIRM)


class TestBulk:
    """A family is confirmed with others only when nothing about it asks for a look."""

    def test_one_address_marked_and_without_flags(self, database: Database, people: People, petra: Visitor) -> None:
        _yara, relations = database.write(lambda s: family(s, people, "Yara", ("Jip", "Fleur"), "Kade 4"))
        with database.read() as session:
            seen = authority.fingerprint(authority.list_bulk_families(session, by=petra))
        assert database.write(lambda session: authority.confirm_families(session, seen=seen, by=petra)) == 2
        for one in relations:
            kept = row(database, one)
            assert (kept.status, kept.kind, kept.evidence) == (Status.CONFIRMED, Relation.JOINT, Evidence.DELIVERY)
        assert events(database)[-2:] == ["authority:confirmed"] * 2
        with pytest.raises(NotNow):
            database.write(lambda session: authority.confirm_families(session, seen=seen, by=petra))

    @pytest.mark.parametrize(
        ("parents", "addresses", "mark"),
        [
            (("Jip", "Fleur"), ("Kade 4", "Kade 6"), Mark.YES),
            (("Jip", "Fleur"), (), Mark.YES),
            (("Jip", "Fleur"), ("Kade 4",), Mark.UNKNOWN),
            (("Jip", "Fleur"), ("Kade 4",), Mark.CONTRADICTORY),
            (("Jip", "Fleur"), ("Kade 4",), Mark.NO),
            (("Jip",), ("Kade 4",), Mark.YES),
        ],
        ids=["two addresses", "no address", "no mark", "contradiction", "marked no", "a single adult"],
    )
    def test_anything_else_asks_for_a_look(
        self,
        database: Database,
        people: People,
        petra: Visitor,
        parents: tuple[str, ...],
        addresses: tuple[str, ...],
        mark: Mark,
    ) -> None:
        yara, _all = database.write(lambda s: family(s, people, "Yara", parents, *addresses, declared=mark))
        assert not family_of(database, yara, petra).in_bulk
        with database.read() as session:
            assert authority.list_bulk_families(session, by=petra) == []

    def test_a_flag_even_on_an_ended_relation(self, database: Database, people: People, petra: Visitor) -> None:
        def work(session: Session) -> UUID:
            yara, relations = family(session, people, "Yara", ("Jip", "Fleur", "Kees"), "Kade 4")
            authority.set_flags(session, relations[2], flags={SafetyFlag.NO_CONTACT}, by=petra)
            authority.end(
                session,
                relations[2],
                seen=Status.UNKNOWN,
                last_day_gone=TODAY,
                reason=EndReason.RULING,
                by=petra,
            )
            return yara

        assert not family_of(database, database.write(work), petra).in_bulk

    def test_an_address_that_the_file_calls_secret(self, database: Database, people: People, petra: Visitor) -> None:
        def work(session: Session) -> UUID:
            yara, relations = family(session, people, "Yara", ("Jip", "Fleur"), "Kade 4")
            adult_id = session.get_one(Authority, relations[0]).adult_id
            session.execute(update(Item).where(Item.person_id == adult_id).values(marked_secret=True))
            return yara

        found = family_of(database, database.write(work), petra)
        assert not found.in_bulk
        assert [one.address for one in found.relations if one.address_is_secret] == [()]


def test_ending_today_closes_at_once_and_opens_a_hold_for_a_no(
    database: Database, school: School, petra: Visitor, people: People, clock: FrozenClock
) -> None:
    school.says("daan", "sem", {WEB_PHOTO: NO})
    clock.advance(timedelta(minutes=1))
    school.says("noor", "sem", {WEB_PHOTO: YES})
    database.write(
        lambda session: authority.end(
            session,
            people.daan_of_sem,
            seen=Status.CONFIRMED,
            last_day_gone=TODAY,
            reason=EndReason.RULING,
            by=petra,
        )
    )
    kept = row(database, people.daan_of_sem)
    assert (kept.status, kept.valid_until, kept.ended_by_id) == (Status.ENDED, TODAY, people.petra)
    with database.read() as session:
        assert session.scalars(select(ConsentHold.authority_id)).all() == [people.daan_of_sem]
    assert school.counts("sem", WEB_PHOTO) == Effective(False, Reason.RECONFIRM)


def test_an_end_in_the_future_keeps_access_until_that_day(
    database: Database, school: School, petra: Visitor, people: People, clock: FrozenClock
) -> None:
    school.says("daan", "sem", {WEB_PHOTO: NO})
    database.write(
        lambda session: authority.end(
            session,
            people.daan_of_sem,
            seen=Status.CONFIRMED,
            last_day_gone=TODAY + timedelta(days=2),
            reason=EndReason.AGREEMENT,
            by=petra,
        )
    )
    database.write(authority.lapse)
    assert row(database, people.daan_of_sem).status is Status.CONFIRMED
    clock.advance(timedelta(days=2))
    database.write(authority.lapse)
    database.write(authority.lapse)
    assert row(database, people.daan_of_sem).status is Status.ENDED
    with database.read() as session:
        assert len(session.scalars(select(ConsentHold.id)).all()) == 1
    assert events(database).count("authority:ended") == 2, "once by Petra, once by the date"


def test_what_ended_is_not_ended_again_and_can_be_confirmed_anew(
    database: Database, confirm: Confirm, petra: Visitor, people: People
) -> None:
    def end(session: Session) -> UUID:
        now = session.get_one(Authority, people.daan_of_sem).status
        return authority.end(
            session, people.daan_of_sem, seen=now, last_day_gone=TODAY, reason=EndReason.MISTAKE, by=petra
        )

    database.write(end)
    with pytest.raises(NotNow):
        database.write(end)
    confirm(people.daan_of_sem, seen=Status.ENDED)
    kept = row(database, people.daan_of_sem)
    assert (kept.status, kept.ended_at, kept.valid_until) == (Status.CONFIRMED, None, None)


def test_a_flag_takes_the_child_off_the_class_list_for_everybody(
    database: Database, school: School, petra: Visitor, people: People
) -> None:
    school.says("noor", "sem", {"KL-NAAM": YES})
    school.says("daan", "sem", {"KL-NAAM": YES})
    assert school.counts("sem", "KL-NAAM") == Effective(True, Reason.ALLOWED)
    database.write(
        lambda session: authority.set_flags(session, people.daan_of_sem, flags={SafetyFlag.SECRET_ADDRESS}, by=petra)
    )
    assert school.counts("sem", "KL-NAAM") == Effective(False, Reason.SAFETY)
    assert events(database)[-1] == "authority:flagged"
    database.write(lambda session: authority.set_flags(session, people.daan_of_sem, flags=(), by=petra))
    assert school.counts("sem", "KL-NAAM") == Effective(True, Reason.ALLOWED)


def test_what_was_not_looked_at_for_a_year_is_listed(
    database: Database, petra: Visitor, people: People, clock: FrozenClock
) -> None:
    assert not any(one.is_stale for one in family_of(database, people.sem, petra).relations)
    clock.advance(timedelta(days=366))
    assert all(one.is_stale for one in family_of(database, people.sem, petra).relations)


def test_a_child_that_left_is_not_listed(database: Database, petra: Visitor, people: People) -> None:
    database.write(
        lambda session: session.execute(update(Pupil).where(Pupil.id == people.sem).values(enrolment="left"))
    )
    with pytest.raises(NotFound):
        family_of(database, people.sem, petra)


def test_nothing_is_confirmed_that_is_over_already(confirm: Confirm, people: People) -> None:
    with pytest.raises(Invalid) as problem:
        confirm(people.daan_of_sem, seen=Status.CONFIRMED, valid_from=date(2020, 1, 1), valid_until=date(2021, 1, 1))
    assert list(problem.value.problems) == ["valid_until"]
