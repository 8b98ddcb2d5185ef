"""Requests through the services: sending, routing, and who may take which step."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.models.authority import Authority
from parentportal.models.outbox import OutboxMail
from parentportal.models.people import StaffRole
from parentportal.models.privacy_requests import PrivacyRequest, RequestEvent, RequestLine
from parentportal.outside.clock import FrozenClock
from parentportal.outside.vault import Vault
from parentportal.rules.authority import Status
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.outcomes import Outcome
from parentportal.rules.privacy_requests import Kind, State
from parentportal.rules.roles import Role
from parentportal.services import privacy_requests
from parentportal.services.privacy_requests import LineDecision, Proposal
from tests.people import People
from tests.services import story
from tests.services.story import START, get, item_id, send, tie, version, visitor
from tests.sessions import open_session


@pytest.fixture
def noor(database: Database, people: People) -> Visitor:
    return visitor(database, people, "noor")


@pytest.fixture
def ilse(database: Database, people: People) -> Visitor:
    return visitor(database, people, "ilse")


@pytest.fixture
def hanna(database: Database, people: People) -> Visitor:
    return visitor(database, people, "hanna")


@pytest.fixture
def phone(database: Database, people: People) -> UUID:
    """Sem's phone number: an ordinary item that a teacher can handle."""
    return item_id(database, people.sem, "pupil.phone")


def test_a_simple_correction_goes_to_the_teacher_of_the_group(
    database: Database, people: People, noor: Visitor, phone: UUID
) -> None:
    request = get(database, send(database, noor, {phone: "0612345678"}))
    assert (request.state, request.handler_role, request.group_id) == (State.ASSIGNED, Role.TEACHER, people.group5)
    assert request.route == "simple"
    assert request.policy_due_on == date(2026, 12, 15)
    assert request.legal_due_on == date(2026, 12, 17)


@pytest.mark.parametrize(
    ("code", "value", "kind", "to", "why"),
    [
        ("pupil.surname", "Bakkers", Kind.RECTIFICATION, Role.TEACHER, "weighty"),
        ("pupil.medical", "Geen astma", Kind.RECTIFICATION, Role.TEACHER, "weighty"),
        ("pupil.phone", "", Kind.ERASURE, Role.TEACHER, "weighty"),
        ("pupil.phone", "0612345678", Kind.RECTIFICATION, Role.DIRECTOR, "chosen"),
    ],
)
def test_a_rule_sends_weighty_matters_to_the_director(
    database: Database, people: People, noor: Visitor, code: str, value: str, kind: Kind, to: Role, why: str
) -> None:
    request = get(database, send(database, noor, {item_id(database, people.sem, code): value}, kind, to))
    assert (request.handler_role, request.group_id, request.route) == (Role.DIRECTOR, None, why)


def test_a_teacher_on_leave_gets_nothing(database: Database, people: People, noor: Visitor, phone: UUID) -> None:
    database.write(
        lambda session: session.execute(
            update(StaffRole).where(StaffRole.adult_id == people.ilse).values(on_leave=True)
        )
    )
    request = get(database, send(database, noor, {phone: "0612345678"}))
    assert (request.handler_role, request.route) == (Role.DIRECTOR, "no_teacher")


def test_a_teacher_who_is_a_guardian_of_the_child_neither_gets_nor_sees_it(
    database: Database, people: People, noor: Visitor, ilse: Visitor, phone: UUID
) -> None:
    before = send(database, noor, {phone: "0612345678"})
    tie(database, people.sem, people.ilse, people.waterlijn)
    with pytest.raises(NotFound):
        database.write(lambda s: privacy_requests.pick_up(s, before, version=2, by=ilse))
    place = item_id(database, people.sem, "pupil.birth_place")
    after = get(database, send(database, noor, {place: "Winterveen"}))
    assert (after.handler_role, after.route) == (Role.DIRECTOR, "about_teacher")


def test_a_director_who_is_a_guardian_of_the_child_leaves_it_to_the_board(
    database: Database, people: People, noor: Visitor, hanna: Visitor, phone: UUID
) -> None:
    tie(database, people.sem, people.hanna, people.waterlijn)
    request_id = send(database, noor, {phone: "0612345678"})
    assert get(database, request_id).handler_role is Role.BOARD
    with pytest.raises(NotFound):
        database.write(lambda s: privacy_requests.pick_up(s, request_id, version=1, by=hanna))


def test_the_old_value_is_kept_sealed_and_the_item_is_marked_as_disputed(
    database: Database, people: People, noor: Visitor, vault: Vault, phone: UUID
) -> None:
    request_id = send(database, noor, {phone: "06 1234 5678"})
    with database.read() as session:
        line = session.scalar(select(RequestLine).where(RequestLine.request_id == request_id))
        item = story.item(session, people.sem, "pupil.phone")
        assert line is not None
        assert item is not None
        assert line.old_value is not None
        assert line.new_value is not None
        place = {"table": "request_line", "row": line.id}
        assert vault.open(line.old_value, **place, column="old_value") == "+31123456789"
        assert vault.open(line.new_value, **place, column="new_value") == "+31612345678"
        assert line.systems == "parnassys"
        assert item.disputed


def test_a_receipt_says_nothing_about_the_request(
    database: Database, clock: FrozenClock, people: People, noor: Visitor, phone: UUID
) -> None:
    for name, role in (("noor", Role.GUARDIAN), ("ilse", Role.TEACHER)):
        open_session(database, clock, getattr(people, name), role, people.regenboog)
    send(database, noor, {phone: "0612345678"})
    with database.read() as session:
        mails = session.scalars(select(OutboxMail)).all()
    assert sorted(mail.template for mail in mails) == ["news", "staff_new_work"]
    assert all(mail.context == {"school": "De Regenboog"} for mail in mails)


@pytest.mark.parametrize("same", ["0123456789", "+31123456789", "012 345 6789"])
def test_the_value_the_school_has_already_is_refused_at_the_field(
    database: Database, noor: Visitor, phone: UUID, same: str
) -> None:
    with pytest.raises(Invalid) as refused:
        database.write(lambda s: privacy_requests.start(s, phone, Kind.RECTIFICATION, same, by=noor))
    assert "al wat de school heeft" in refused.value.problems["value"]


@pytest.mark.parametrize(
    ("code", "wrong"),
    [("pupil.phone", "06 12"), ("pupil.birth_date", "2031-01-01"), ("pupil.birth_date", "x"), ("pupil.phone", " ")],
)
def test_an_impossible_value_is_refused_at_the_field(
    database: Database, people: People, noor: Visitor, code: str, wrong: str
) -> None:
    item = item_id(database, people.sem, code)
    with pytest.raises(Invalid) as refused:
        database.write(lambda s: privacy_requests.start(s, item, Kind.RECTIFICATION, wrong, by=noor))
    assert set(refused.value.problems) == {"value"}


def test_a_second_request_about_the_same_item_waits_for_the_first(
    database: Database, noor: Visitor, phone: UUID
) -> None:
    send(database, noor, {phone: "0612345678"})
    with pytest.raises(NotNow):
        send(database, noor, {phone: "0612345679"})


def test_somebody_elses_items_do_not_exist(database: Database, people: People, noor: Visitor) -> None:
    others = [
        item_id(database, people.asha, "pupil.surname"),
        item_id(database, people.daan, "guardian.phone"),
        item_id(database, people.fien, "pupil.surname"),
    ]
    for item in others:
        with pytest.raises(NotFound):
            database.write(lambda s, one=item: privacy_requests.start(s, one, Kind.RECTIFICATION, "x", by=noor))


def test_a_child_whose_address_is_secret_for_this_guardian_hides_it_here_too(
    database: Database, people: People
) -> None:
    database.write(
        lambda s: s.execute(update(Authority).where(Authority.id == people.daan_of_sem).values(secret_address=True))
    )
    daan = visitor(database, people, "daan")
    street = item_id(database, people.sem, "pupil.address.street")
    with pytest.raises(NotFound):
        database.write(lambda s: privacy_requests.start(s, street, Kind.RECTIFICATION, "Kade", by=daan))


def test_rights_of_this_moment_count_on_a_request_too(
    database: Database, people: People, noor: Visitor, phone: UUID
) -> None:
    request_id = send(database, noor, {phone: "0612345678"})
    database.write(
        lambda s: s.execute(
            update(Authority)
            .where(Authority.id == people.noor_of_sem)
            .values(status=Status.ENDED, ended_at=START, ended_by_id=people.petra)
        )
    )
    with pytest.raises(NotFound):
        database.write(lambda s: privacy_requests.withdraw(s, request_id, by=noor))


@pytest.mark.parametrize("name", ["bas", "mirjam", "petra", "hugo", "daan", "ravi"])
def test_nobody_else_at_school_or_at_home_can_pick_it_up(
    database: Database, people: People, noor: Visitor, phone: UUID, name: str
) -> None:
    request_id = send(database, noor, {phone: "0612345678"})
    stranger = visitor(database, people, name)
    with pytest.raises(NotFound):
        database.write(lambda s: privacy_requests.pick_up(s, request_id, version=2, by=stranger))


def test_a_teacher_grants_a_typing_error_and_the_director_closes(
    database: Database, people: People, noor: Visitor, ilse: Visitor, hanna: Visitor
) -> None:
    place = item_id(database, people.sem, "pupil.birth_place")
    request_id = send(database, noor, {place: "Zomerdyk"})
    act = database.write
    act(lambda s: privacy_requests.pick_up(s, request_id, version=version(database, request_id), by=ilse))
    act(lambda s: privacy_requests.grant_simply(s, request_id, version=version(database, request_id), by=ilse))
    request = get(database, request_id)
    assert (request.state, request.decided_by_id) == (State.EXECUTING, people.ilse)
    for who in (ilse, hanna):
        with pytest.raises(NotFound if who is ilse else NotNow):
            act(lambda s, by=who: privacy_requests.close(s, request_id, version=request.version, by=by))


def test_a_teacher_grants_nothing_else(database: Database, noor: Visitor, ilse: Visitor, phone: UUID) -> None:
    request_id = send(database, noor, {phone: "0612345678"})
    database.write(lambda s: privacy_requests.pick_up(s, request_id, version=version(database, request_id), by=ilse))
    seen = version(database, request_id)
    with pytest.raises(NotFound):
        database.write(lambda s: privacy_requests.grant_simply(s, request_id, version=seen, by=ilse))
    with pytest.raises(NotFound):
        database.write(
            lambda s: privacy_requests.decide(s, request_id, {1: LineDecision(Outcome.REFUSED)}, version=seen, by=ilse)
        )
    with pytest.raises(NotFound):
        database.write(lambda s: privacy_requests.extend(s, request_id, "many", "Druk.", version=seen, by=ilse))
    with pytest.raises(NotFound):
        database.write(lambda s: privacy_requests.reopen(s, request_id, "Nieuw.", version=seen, by=ilse))


def test_a_stale_page_changes_nothing(database: Database, noor: Visitor, ilse: Visitor, phone: UUID) -> None:
    request_id = send(database, noor, {phone: "0612345678"})
    seen = version(database, request_id)
    database.write(lambda s: privacy_requests.pick_up(s, request_id, version=seen, by=ilse))
    with pytest.raises(NotNow):
        database.write(lambda s: privacy_requests.ask(s, request_id, "Waarom?", version=seen, by=ilse))
    with database.read() as session:
        events = session.scalars(select(RequestEvent.event).where(RequestEvent.request_id == request_id)).all()
    assert sorted(events) == ["pick_up", "route", "submit"]


def test_a_proposal_goes_to_the_director_who_can_return_it(
    database: Database, noor: Visitor, ilse: Visitor, hanna: Visitor, phone: UUID
) -> None:
    request_id = send(database, noor, {phone: "0612345678"})
    act = database.write
    act(lambda s: privacy_requests.pick_up(s, request_id, version=version(database, request_id), by=ilse))
    with pytest.raises(Invalid) as refused:
        act(
            lambda s: privacy_requests.propose(
                s, request_id, {1: Proposal(Outcome.REFUSED)}, version=version(database, request_id), by=ilse
            )
        )
    assert set(refused.value.problems) == {"line1_ground", "line1_reason"}
    act(
        lambda s: privacy_requests.propose(
            s, request_id, {1: Proposal(Outcome.GRANTED)}, version=version(database, request_id), by=ilse
        )
    )
    assert get(database, request_id).state is State.PROPOSED
    act(
        lambda s: privacy_requests.return_proposal(
            s, request_id, "Bel eerst.", version=version(database, request_id), by=hanna
        )
    )
    request = get(database, request_id)
    assert (request.state, request.handler_role) == (State.IN_PROGRESS, Role.TEACHER)


def test_a_teacher_who_passes_it_on_no_longer_sees_it(
    database: Database, people: People, noor: Visitor, ilse: Visitor, phone: UUID
) -> None:
    request_id = send(database, noor, {phone: "0612345678"})
    database.write(
        lambda s: privacy_requests.pass_to_director(
            s, request_id, "Ik ken de familie.", version=version(database, request_id), by=ilse
        )
    )
    assert get(database, request_id).handler_role is Role.DIRECTOR
    with pytest.raises(NotFound):
        database.write(lambda s: privacy_requests.note(s, request_id, "Toch nog iets.", by=ilse))


def test_a_question_waits_for_the_guardian(database: Database, noor: Visitor, ilse: Visitor, phone: UUID) -> None:
    request_id = send(database, noor, {phone: "0612345678"})
    act = database.write
    act(lambda s: privacy_requests.pick_up(s, request_id, version=version(database, request_id), by=ilse))
    act(lambda s: privacy_requests.ask(s, request_id, "Welk nummer?", version=version(database, request_id), by=ilse))
    assert get(database, request_id).state is State.INFORMATION_NEEDED
    act(lambda s: privacy_requests.answer(s, request_id, "Dat van mij.", by=noor))
    assert get(database, request_id).state is State.IN_PROGRESS
    with pytest.raises(NotNow):
        act(lambda s: privacy_requests.answer(s, request_id, "Nog iets.", by=noor))


def test_stopping_takes_the_mark_off_and_ends_it(
    database: Database, people: People, noor: Visitor, ilse: Visitor, phone: UUID
) -> None:
    request_id = send(database, noor, {phone: "0612345678"})
    database.write(lambda s: privacy_requests.withdraw(s, request_id, by=noor))
    with database.read() as session:
        item = story.item(session, people.sem, "pupil.phone")
        assert item is not None
        assert not item.disputed
    assert get(database, request_id).state is State.WITHDRAWN
    with pytest.raises(NotNow):
        database.write(
            lambda s: privacy_requests.pick_up(s, request_id, version=version(database, request_id), by=ilse)
        )


def test_an_unsent_request_can_be_changed_and_thrown_away(database: Database, noor: Visitor, phone: UUID) -> None:
    start = privacy_requests.start
    draft = database.write(lambda s: start(s, phone, Kind.RECTIFICATION, "0612345678", by=noor))
    again = database.write(lambda s: start(s, phone, Kind.RECTIFICATION, "0612345679", by=noor))
    assert again == draft
    database.write(lambda s: privacy_requests.explain(s, draft, "Nieuw nummer.", by=noor))
    database.write(lambda s: privacy_requests.discard(s, draft, by=noor))
    with database.read() as session:
        assert session.scalars(select(PrivacyRequest)).all() == []


def test_nobody_at_school_sees_an_unsent_request(
    database: Database, noor: Visitor, ilse: Visitor, hanna: Visitor, phone: UUID
) -> None:
    draft = database.write(lambda s: privacy_requests.start(s, phone, Kind.RECTIFICATION, "0612345678", by=noor))
    for who in (ilse, hanna):
        with pytest.raises(NotFound):
            database.write(lambda s, by=who: privacy_requests.note(s, draft, "Zie ik dit?", by=by))


def test_receipt_late_at_night_counts_for_the_dutch_day(
    database: Database, clock: FrozenClock, noor: Visitor, phone: UUID
) -> None:
    clock.set_to(datetime(2027, 3, 4, 23, 30, tzinfo=UTC))
    request = get(database, send(database, noor, {phone: "0612345678"}))
    assert request.policy_due_on == date(2027, 3, 5) + timedelta(days=28)
