"""Help at the counter: what must come together before a code is there, and what that code opens; on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.counter_recoveries import CounterRecovery, Identity
from parentportal.models.items import Item
from parentportal.models.outbox import OutboxMail
from parentportal.models.paper_notices import PaperNotice
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account, Activation
from parentportal.outside.clock import FrozenClock
from parentportal.reads import counter_recoveries as reads
from parentportal.rules.authority import Relation
from parentportal.rules.counter_recoveries import State
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.roles import Role
from parentportal.services import boards, counter_recoveries
from tests.counter import ALONE, Counter
from tests.people import People, Settler
from tests.sessions import make_account


@pytest.fixture
def counter(database: Database, clock: FrozenClock, people: People) -> Counter:
    return Counter(database, clock, people)


def acts(database: Database) -> list[str]:
    with database.read() as session:
        rows = session.scalars(
            select(AuditEvent.event).where(AuditEvent.event.like("recovery:%")).order_by(AuditEvent.number)
        )
        return list(rows)


def told(database: Database) -> list[tuple[str, str]]:
    """Address and subject of every security notice."""
    with database.read() as session:
        mails = session.scalars(select(OutboxMail).where(OutboxMail.template == "security_notice"))
        return sorted((mail.to_address, str(mail.context["what"])) for mail in mails)


def test_nothing_changes_for_noor_until_a_colleague_confirms(counter: Counter, database: Database) -> None:
    before = counter.ways_in("noor")
    case = counter.ask("petra", "noor")
    assert counter.ways_in("noor") == before == (True, 1, 1)
    assert counter.state(case) is State.WAITING
    with pytest.raises(NotFound):
        counter.code("petra", case)
    assert told(database) == []
    counter.confirm("hanna", case)
    assert counter.ways_in("noor") == (False, 0, 0)
    assert counter.state(case) is State.READY
    assert told(database) == [("noor@post.example", "means_ended")]
    assert acts(database) == ["recovery:asked", "recovery:confirmed"]


def test_the_colleague_hears_that_there_is_work(counter: Counter, database: Database) -> None:
    counter.ask("petra", "noor")
    with database.read() as session:
        mails = session.scalars(select(OutboxMail)).all()
    assert [(mail.template, mail.to_address) for mail in mails] == [("staff_new_work", "hanna@waterlijn.example")]


def test_only_who_asked_sees_the_code_and_it_works_once(counter: Counter, database: Database) -> None:
    case = counter.ask("petra", "noor")
    counter.confirm("hanna", case)
    code = counter.code("petra", case)
    assert code == counter.code("petra", case), "it can be shown again"
    with pytest.raises(NotFound):
        counter.code("hanna", case)
    assert counter.claims(code)
    with database.read() as session:
        made = session.scalars(select(Activation)).one()
        assert (made.sign_in_name, made.email, made.desk) == ("noor@post.example", "noor@post.example", True)
        assert made.email_confirmed_at is not None
    database.write(lambda session: session.execute(update(Activation).values(used_at=counter.clock.now())) and None)
    assert not counter.claims(code)
    assert counter.state(case) is State.DONE
    with pytest.raises(NotFound):
        counter.code("petra", case)


def test_no_case_row_tells_the_code(counter: Counter, database: Database) -> None:
    case = counter.ask("petra", "noor")
    counter.confirm("hanna", case)
    code = counter.code("petra", case)
    with database.read() as session:
        for table in (CounterRecovery, Activation, OutboxMail, AuditEvent):
            for row in session.execute(select(table.__table__)):
                assert code not in str(tuple(row))


@pytest.mark.parametrize(("on_paper", "minutes"), [(False, 30), (True, 48 * 60)])
def test_the_code_stands_half_an_hour_on_screen_and_two_days_on_paper(
    counter: Counter, clock: FrozenClock, on_paper: bool, minutes: int
) -> None:
    case = counter.ask("petra", "noor", on_paper=on_paper)
    counter.confirm("hanna", case)
    code = counter.code("petra", case)
    clock.advance(timedelta(minutes=minutes, seconds=-1))
    assert counter.claims(code)
    clock.advance(timedelta(seconds=1))
    assert not counter.claims(code)
    assert counter.state(case) is State.EXPIRED
    with pytest.raises(NotFound):
        counter.code("petra", case)


def test_a_case_waits_a_day_for_the_colleague(counter: Counter, clock: FrozenClock) -> None:
    case = counter.ask("petra", "noor")
    with pytest.raises(NotNow, match="wacht al een vraag"):
        counter.ask("petra", "noor")
    clock.advance(timedelta(hours=24))
    assert counter.state(case) is State.LAPSED
    with pytest.raises(NotNow):
        counter.confirm("hanna", case)
    assert counter.ways_in("noor")[0]
    assert counter.ask("petra", "noor") != case


def test_who_asked_does_not_confirm_and_nobody_else_may(counter: Counter) -> None:
    case = counter.ask("petra", "noor")
    with pytest.raises(NotNow, match="Een collega moet meekijken"):
        counter.confirm("petra", case)
    for name in ("ilse", "noor", "daan"):
        with pytest.raises((NotFound, NotNow)):
            counter.confirm(name, case)
    with pytest.raises(NotFound):
        counter.confirm("mirjam", case)
    assert counter.state(case) is State.WAITING


@pytest.mark.parametrize("asker", ["ilse", "noor", "ravi"])
def test_a_teacher_or_a_parent_cannot_ask(counter: Counter, asker: str) -> None:
    with pytest.raises(NotFound):
        counter.ask(asker, "daan")


def test_nobody_helps_oneself_a_stranger_or_who_has_no_account(counter: Counter, people: People) -> None:
    with pytest.raises(NotNow, match="uzelf"):
        counter.ask("petra", "petra")
    for adult_id in (people.olga, people.mirjam, uuid4()):
        with pytest.raises(NotFound):
            counter.database.write(
                lambda session, adult_id=adult_id: counter_recoveries.ask(
                    session,
                    adult_id,
                    identity=Identity.DOCUMENT,
                    second_id=people.hanna,
                    by=counter.school.visitor("petra"),
                )
            )


@pytest.fixture
def petra_is_a_parent_of_sem(database: Database, people: People) -> None:
    database.write(lambda s: Settler(s, people.waterlijn).authority(people.sem, people.petra, Relation.JOINT) and None)


@pytest.mark.usefixtures("petra_is_a_parent_of_sem")
def test_a_way_in_never_comes_from_the_other_parent(counter: Counter, people: People) -> None:
    with pytest.raises(NotNow, match="eigen gezin"):
        counter.ask("petra", "daan")
    with pytest.raises(Invalid):
        counter.ask("hanna", "daan", second="petra")
    case = counter.ask("hanna", "ravi", second="petra")
    counter.confirm("petra", case)
    with counter.database.read() as session:
        assert reads.list_colleagues(session, people.daan, by=counter.school.visitor("hanna")) == []


@pytest.mark.parametrize("second", [None, "ilse", "noor", "petra", "mirjam"])
def test_without_a_colleague_of_the_office_nothing_begins(counter: Counter, second: str | None) -> None:
    with pytest.raises(Invalid) as refused:
        counter.ask("petra", "noor", second=second)
    assert list(refused.value.problems) == ["second"]


def test_who_is_known_by_name_is_confirmed_by_the_colleague_who_knows(
    counter: Counter, database: Database, people: People
) -> None:
    other = database.write(
        lambda s: Settler(s, people.waterlijn).staff("Joost", "Tak", Role.DIRECTOR, people.regenboog)
    )
    make_account(database, counter.clock, other)
    case = counter.ask("hanna", "noor", identity=Identity.KNOWN, second_id=other)
    with pytest.raises(NotNow, match="die deze persoon kent"):
        counter.confirm("petra", case)
    seen = counter.ask("hanna", "daan", second_id=other)
    counter.confirm("petra", seen)
    assert counter.state(seen) is State.READY


@pytest.fixture
def board_does_without(database: Database) -> None:
    database.write(lambda session: boards.load(session, ALONE, by=OPERATOR) and None)


@pytest.mark.usefixtures("board_does_without")
def test_a_board_that_switched_the_colleague_off_gets_the_code_at_once(counter: Counter, database: Database) -> None:
    case = counter.ask("petra", "noor", second=None)
    assert counter.state(case) is State.READY
    assert counter.claims(counter.code("petra", case))
    assert counter.ways_in("noor") == (False, 0, 0)
    assert acts(database) == ["recovery:asked", "recovery:confirmed"]


@pytest.mark.usefixtures("board_does_without")
def test_whatever_the_board_chose_staff_and_who_is_known_by_name_need_a_colleague(counter: Counter) -> None:
    for helped, options in (("ilse", {}), ("noor", {"identity": Identity.KNOWN})):
        with pytest.raises(Invalid):
            counter.ask("petra", helped, second=None, **options)
        assert counter.state(counter.ask("petra", helped, **options)) is State.WAITING


def test_a_stopped_case_or_code_opens_nothing(counter: Counter, database: Database) -> None:
    first = counter.ask("petra", "noor")
    counter.stop("hanna", first)
    with pytest.raises(NotNow):
        counter.confirm("hanna", first)
    assert counter.ways_in("noor")[0]
    second = counter.ask("petra", "noor")
    counter.confirm("hanna", second)
    code = counter.code("petra", second)
    counter.stop("petra", second)
    assert not counter.claims(code)
    assert counter.state(second) is State.STOPPED
    with pytest.raises(NotNow):
        counter.stop("petra", second)
    assert acts(database).count("recovery:stopped") == 2


def test_asking_anew_ends_the_code_before(counter: Counter) -> None:
    first = counter.ask("petra", "noor")
    counter.confirm("hanna", first)
    old = counter.code("petra", first)
    second = counter.ask("petra", "noor")
    counter.confirm("hanna", second)
    assert not counter.claims(old)
    assert counter.claims(counter.code("petra", second))
    assert counter.state(first) is State.STOPPED


def test_two_colleagues_at_once_make_one_code(counter: Counter, database: Database, people: People) -> None:
    other = database.write(
        lambda s: Settler(s, people.waterlijn).staff("Joost", "Tak", Role.DIRECTOR, people.regenboog)
    )
    make_account(database, counter.clock, other)
    case = counter.ask("petra", "noor", second_id=other)

    def press(_number: int) -> bool:
        try:
            counter.confirm("hanna", case)
        except NotNow:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(press, range(8))) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Activation)) == 1
    assert told(database) == [("noor@post.example", "means_ended")]


def test_who_has_no_address_gets_a_letter(counter: Counter, database: Database, people: People) -> None:
    def forget(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.adult_id == people.ravi)).one()
        account.email = account.email_confirmed_at = None
        account.sign_in_name = "kdre4827"
        session.get_one(Adult, people.ravi).email = None
        session.execute(delete(Item).where(Item.person_id == people.ravi, Item.field_code == "guardian.email"))

    database.write(forget)
    counter.confirm("hanna", counter.ask("petra", "ravi"))
    assert told(database) == []
    with database.read() as session:
        waits = session.scalars(select(PaperNotice)).one()
        made = session.scalars(select(Activation)).one()
    assert (waits.adult_id, waits.what) == (people.ravi, "means_ended")
    assert (made.sign_in_name, made.email) == ("kdre4827", None)


def test_a_blocked_account_is_not_opened_by_a_new_code(counter: Counter, database: Database, people: People) -> None:
    def block(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.adult_id == people.noor)).one()
        account.blocked_at, account.blocked_by_id = counter.clock.now(), people.hanna

    database.write(block)
    with pytest.raises(NotNow, match="dichtgezet"):
        counter.ask("petra", "noor")


def test_the_operator_helps_a_lone_director_and_nobody_else(
    counter: Counter, database: Database, people: People
) -> None:
    def recover(email: str, school_id: UUID | None) -> counter_recoveries.OperatorCode:
        return database.write(
            lambda s: counter_recoveries.recover_staff(s, email, board_id=people.waterlijn, school_id=school_id)
        )

    for email, school_id in (
        ("noor@post.example", people.regenboog),
        ("hanna@waterlijn.example", people.kompas),
        ("hanna@waterlijn.example", None),
        ("niemand@waterlijn.example", people.regenboog),
    ):
        with pytest.raises(NotFound):
            recover(email, school_id)
    made = recover("Hanna@Waterlijn.example", people.regenboog)
    assert made.name == "Hanna Prins"
    assert counter.ways_in("hanna") == (False, 0, 0)
    assert counter.claims(made.code)
    assert told(database) == [("hanna@waterlijn.example", "means_ended")]
    assert recover("hugo@waterlijn.example", None).adult_id == people.hugo
    with database.read() as session:
        rows = session.execute(select(AuditEvent.event, AuditEvent.by_id).where(AuditEvent.event.like("recovery:%")))
        assert {tuple(row) for row in rows} == {("recovery:confirmed", None)}


def test_cases_about_the_own_family_are_not_listed(
    counter: Counter, database: Database, people: People, petra_is_a_parent_of_sem: None
) -> None:
    case = counter.ask("hanna", "ravi", second="petra")
    with database.read() as session:
        assert [one.id for one in reads.list_cases(session, by=counter.school.visitor("petra"))] == [case]
        assert reads.list_cases(session, by=counter.school.visitor("mirjam")) == []
    database.write(lambda s: Settler(s, people.waterlijn).authority(people.asha, people.petra, Relation.JOINT) and None)
    with database.read() as session:
        assert reads.list_cases(session, by=counter.school.visitor("petra")) == []


def test_who_left_the_office_no_longer_looks_along(counter: Counter, database: Database, people: People) -> None:
    with database.read() as session:
        found = reads.list_colleagues(session, people.noor, by=counter.school.visitor("petra"))
    assert [one.name for one in found] == ["Hanna Prins"]
    database.write(
        lambda s: (
            s.execute(
                update(StaffRole)
                .where(StaffRole.adult_id == people.hanna)
                .values(ended_at=counter.clock.now(), ended_by_id=people.mirjam)
            )
            and None
        )
    )
    with database.read() as session:
        assert reads.list_colleagues(session, people.noor, by=counter.school.visitor("petra")) == []
