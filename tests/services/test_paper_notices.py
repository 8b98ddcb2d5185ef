"""News on paper for whoever has an account and no address: once while it waits, printed together, forgotten later."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.outbox import OutboxMail
from parentportal.models.paper_notices import PaperNotice
from parentportal.models.sign_in import Account
from parentportal.outside.clock import FrozenClock
from parentportal.outside.mail_text import Mail, SecurityEvent
from parentportal.reads import paper_notices as reads
from parentportal.rules.roles import Role
from parentportal.services import account_notices, outbox, paper_notices, tidying
from tests.consents import School
from tests.people import People
from tests.sessions import open_session


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    """Everybody has an account; Noor and Ilse have no address."""
    school = School(database, clock, people)
    database.write(lambda session: forget_address(session, people.noor, people.ilse))
    return school


def forget_address(session: Session, *adult_ids: UUID) -> None:
    for account in session.scalars(select(Account).where(Account.adult_id.in_(adult_ids))):
        account.email = account.email_confirmed_at = None


def tell(school: School, adult_id: UUID, template: str = Mail.NEWS) -> bool:
    board_id = school.people.waterlijn
    return school.database.write(
        lambda s: outbox.tell(s, adult_id, board_id=board_id, school_name="De Regenboog", template=template)
    )


def waiting(school: School) -> list[tuple[UUID, str, str]]:
    with school.database.read() as session:
        rows = session.scalars(select(PaperNotice).where(PaperNotice.printed_at.is_(None)))
        return [(row.adult_id, row.template, row.what) for row in rows]


def test_news_for_noor_waits_on_paper_once_and_daan_gets_mail(school: School, people: People) -> None:
    assert [tell(school, people.noor) for _time in range(3)] == [True] * 3
    assert tell(school, people.daan)
    assert waiting(school) == [(people.noor, "news", "")]
    with school.database.read() as session:
        assert session.scalars(select(OutboxMail.adult_id)).all() == [people.daan]


def test_new_work_for_a_colleague_without_address_is_news_on_paper_too(school: School, people: People) -> None:
    tell(school, people.ilse, Mail.STAFF_NEW_WORK)
    tell(school, people.ilse)
    assert waiting(school) == [(people.ilse, "news", "")]


def test_nobody_without_an_account_gets_a_letter_about_news(database: Database, people: People) -> None:
    def work(session: Session) -> bool:
        return outbox.tell(session, people.noor, board_id=people.waterlijn, school_name="De Regenboog")

    assert not database.write(work)
    with database.read() as session:
        assert session.scalar(select(func.count(PaperNotice.id))) == 0


def test_what_is_printed_counts_once_and_new_news_waits_again(
    school: School, people: People, clock: FrozenClock
) -> None:
    petra = school.visitor("petra")
    tell(school, people.noor)
    assert school.database.write(lambda s: paper_notices.print_waiting(s, by=petra)) == 1
    assert school.database.write(lambda s: paper_notices.print_waiting(s, by=petra)) == 0
    with school.database.read() as session:
        row = session.scalars(select(PaperNotice)).one()
        assert (row.printed_at, row.printed_by_id) == (clock.now(), people.petra)
        acts = session.scalars(select(AuditEvent).where(AuditEvent.event == "paper_notices:printed")).all()
        assert [(act.by_id, act.detail) for act in acts] == [(people.petra, {"letters": 1})]
    tell(school, people.noor)
    assert waiting(school) == [(people.noor, "news", "")]


def test_another_school_prints_and_sees_nothing_of_it(school: School, people: People, clock: FrozenClock) -> None:
    tell(school, people.noor)
    mirjam = school.visitor("mirjam")
    assert school.database.write(lambda s: paper_notices.print_waiting(s, by=mirjam)) == 0
    with school.database.read() as session:
        assert reads.list_waiting(session, by=mirjam) == []
    school.database.write(lambda s: paper_notices.print_waiting(s, by=school.visitor("petra")))
    with school.database.read() as session:
        assert reads.list_printed(session, by=mirjam) == []


def test_the_last_batch_can_be_printed_again_for_an_hour(school: School, people: People, clock: FrozenClock) -> None:
    petra = school.visitor("petra")
    for adult_id in (people.noor, people.ilse):
        tell(school, adult_id)
        clock.advance(timedelta(minutes=1))
        school.database.write(lambda s: paper_notices.print_waiting(s, by=petra))
    assert printed(school) == ["Ilse Vermeer"]
    clock.advance(reads.AGAIN - timedelta(seconds=1))
    assert printed(school) == ["Ilse Vermeer"]
    clock.advance(timedelta(seconds=1))
    assert printed(school) == []


def printed(school: School) -> list[str]:
    with school.database.read() as session:
        return [sheet.adult for sheet in reads.list_printed(session, by=school.visitor("petra"))]


def test_a_change_of_the_account_is_another_letter_than_news(school: School, people: People) -> None:
    def change(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.adult_id == people.noor)).one()
        account_notices.tell(session, account, SecurityEvent.MEANS_ADDED)

    tell(school, people.noor)
    school.database.write(change)
    school.database.write(change)
    assert sorted(waiting(school)) == [(people.noor, "news", ""), (people.noor, "security_notice", "means_added")]


def test_printed_letters_are_forgotten_after_thirty_days_and_waiting_ones_stay(
    school: School, people: People, clock: FrozenClock
) -> None:
    tell(school, people.noor)
    school.database.write(lambda s: paper_notices.print_waiting(s, by=school.visitor("petra")))
    tell(school, people.ilse)
    clock.advance(timedelta(days=30) - timedelta(seconds=1))
    school.database.write(tidying.forget)
    assert kept(school) == 2
    clock.advance(timedelta(seconds=1))
    school.database.write(tidying.forget)
    assert kept(school) == 1
    assert waiting(school) == [(people.ilse, "news", "")]


def kept(school: School) -> int:
    with school.database.read() as session:
        return session.scalar(select(func.count(PaperNotice.id))) or 0


def test_the_list_is_by_group_and_name(school: School, people: People, clock: FrozenClock) -> None:
    open_session(school.database, clock, people.noor, Role.GUARDIAN)
    school.database.write(lambda session: forget_address(session, people.ravi))
    for adult_id in (people.ilse, people.ravi, people.noor):
        tell(school, adult_id)
    with school.database.read() as session:
        shown = reads.list_waiting(session, by=school.visitor("petra"))
    assert [(row.name, row.groups) for row in shown] == [
        ("Noor de Wit", ("2", "5")),
        ("Ravi Sharma", ("5",)),
        ("Ilse Vermeer", ()),
    ]
