"""What follows from a decision: values, tombstones, tasks, closing, and starting again."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.items import ItemChange, Tombstone
from parentportal.models.outbox import OutboxMail
from parentportal.models.people import Adult, StaffRole
from parentportal.models.privacy_requests import RequestLine
from parentportal.models.tasks import Task
from parentportal.outside.clock import FrozenClock
from parentportal.outside.vault import Vault
from parentportal.reads import privacy_requests as requests
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.outcomes import Ground, LetterPart, Outcome
from parentportal.rules.privacy_requests import Kind, State
from parentportal.rules.roles import Role
from parentportal.rules.tasks import TaskKind, TaskState
from parentportal.services import privacy_requests, tasks
from parentportal.services.privacy_requests import LineDecision
from parentportal.services.privacy_requests.letters import read_letter
from tests.people import People
from tests.services.story import START, get, item, item_id, send, tie, version, visitor
from tests.sessions import open_session


@pytest.fixture
def noor(database: Database, people: People) -> Visitor:
    return visitor(database, people, "noor")


@pytest.fixture
def hanna(database: Database, people: People) -> Visitor:
    return visitor(database, people, "hanna")


@pytest.fixture
def petra(database: Database, people: People) -> Visitor:
    return visitor(database, people, "petra")


def decide(database: Database, request_id: UUID, by: Visitor, decision: LineDecision) -> None:
    seen = version(database, request_id)
    database.write(lambda s: privacy_requests.decide(s, request_id, {1: decision}, version=seen, by=by))


def kinds_of(database: Database, request_id: UUID) -> dict[TaskKind, TaskState]:
    with database.read() as session:
        rows = session.execute(select(Task.kind, Task.state).where(Task.request_id == request_id)).all()
    return {row.kind: row.state for row in rows}


def settle_tasks(database: Database, request_id: UUID, by: Visitor) -> None:
    with database.read() as session:
        found = session.scalars(
            select(Task.id).where(Task.request_id == request_id, Task.kind != TaskKind.CHECK_AFTER_IMPORT)
        ).all()
    for task_id in found:
        database.write(lambda s, one=task_id: tasks.finish(s, one, TaskState.DONE, "Gedaan.", by=by))


GRANT = LineDecision(Outcome.GRANTED, reason="U heeft gelijk.")


def test_a_granted_correction_counts_in_the_portal_and_leaves_work_for_the_source(
    database: Database, people: People, noor: Visitor, hanna: Visitor
) -> None:
    request_id = send(database, noor, {item_id(database, people.sem, "pupil.phone"): "0612345678"})
    decide(database, request_id, hanna, GRANT)
    with database.read() as session:
        phone = item(session, people.sem, "pupil.phone")
        assert phone is not None
        assert (phone.value, phone.decided_value, phone.disputed) == ("+31123456789", "+31612345678", False)
    assert kinds_of(database, request_id) == {
        TaskKind.FIX_SOURCE: TaskState.OPEN,
        TaskKind.CHECK_AFTER_IMPORT: TaskState.OPEN,
    }
    assert get(database, request_id).state is State.EXECUTING


def test_a_sealed_field_keeps_its_decided_value_sealed(
    database: Database, people: People, vault: Vault, noor: Visitor, hanna: Visitor
) -> None:
    nationality = item_id(database, people.sem, "pupil.nationality")
    request_id = send(database, noor, {nationality: "Belgische"})
    decide(database, request_id, hanna, GRANT)
    with database.read() as session:
        kept = item(session, people.sem, "pupil.nationality")
        assert kept is not None
        assert kept.decided_value is None
        assert kept.decided_sealed is not None
        place = {"table": "item", "row": kept.id, "column": "decided_sealed"}
        assert vault.open(kept.decided_sealed, **place) == "Belgische"


def test_a_correction_granted_in_part_becomes_what_the_school_found(
    database: Database, people: People, noor: Visitor, hanna: Visitor
) -> None:
    place = item_id(database, people.sem, "pupil.birth_place")
    request_id = send(database, noor, {place: "Winterveen"})
    partly = LineDecision(Outcome.PARTLY, Ground.PROVED_RIGHT, "Op de akte staat iets anders.", evidence="De akte.")
    with pytest.raises(Invalid) as refused:
        decide(database, request_id, hanna, partly)
    assert set(refused.value.problems) == {"line1_value"}
    partly = LineDecision(
        Outcome.PARTLY, Ground.PROVED_RIGHT, "Op de akte staat iets anders.", evidence="De akte.", value="Oudezijl"
    )
    decide(database, request_id, hanna, partly)
    with database.read() as session:
        kept = item(session, people.sem, "pupil.birth_place")
        assert kept is not None
        assert kept.decided_value == "Oudezijl"


def test_a_granted_erasure_leaves_a_tombstone_and_no_value(
    database: Database, people: People, vault: Vault, noor: Visitor, hanna: Visitor
) -> None:
    phone = item_id(database, people.sem, "pupil.phone")
    request_id = send(database, noor, {phone: ""}, Kind.ERASURE)
    decide(database, request_id, hanna, GRANT)
    with database.read() as session:
        assert item(session, people.sem, "pupil.phone") is None
        stone = session.scalars(select(Tombstone)).one()
        change = session.scalars(select(ItemChange).where(ItemChange.item_id == phone)).one()
        assert stone.digest == change.old_digest == vault.digest("+31123456789", "item")
        assert (stone.person_id, stone.field_code, stone.erased_by_id) == (people.sem, "pupil.phone", people.hanna)
        assert change.new_digest is None
    assert kinds_of(database, request_id) == {
        TaskKind.ERASE_SOURCE: TaskState.OPEN,
        TaskKind.CHECK_AFTER_IMPORT: TaskState.OPEN,
    }


def test_an_own_number_that_is_erased_leaves_the_address_book_too(
    database: Database, people: People, noor: Visitor, hanna: Visitor
) -> None:
    request_id = send(database, noor, {item_id(database, people.noor, "guardian.phone"): ""}, Kind.ERASURE)
    decide(database, request_id, hanna, GRANT)
    with database.read() as session:
        assert item(session, people.noor, "guardian.phone") is None
        assert session.scalar(select(Adult.phone).where(Adult.id == people.noor)) is None


def test_no_request_keeps_the_value_of_an_erased_item(
    database: Database, people: People, noor: Visitor, hanna: Visitor
) -> None:
    phone = item_id(database, people.sem, "pupil.phone")
    corrected = send(database, noor, {phone: "0612345678"}, to=Role.DIRECTOR)
    decide(database, corrected, hanna, GRANT)
    erased = send(database, noor, {phone: ""}, Kind.ERASURE)
    decide(database, erased, hanna, GRANT)
    with database.read() as session:
        kept = session.execute(select(RequestLine.old_value, RequestLine.new_value, RequestLine.decided_value)).all()
    assert [tuple(row) for row in kept] == [(None, None, None)] * 2


def test_who_decides_on_an_erasure_does_not_carry_it_out(
    database: Database, people: People, noor: Visitor, hanna: Visitor, petra: Visitor
) -> None:
    request_id = send(database, noor, {item_id(database, people.sem, "pupil.phone"): ""}, Kind.ERASURE)
    decide(database, request_id, hanna, GRANT)
    with pytest.raises(NotNow):
        settle_tasks(database, request_id, hanna)
    assert kinds_of(database, request_id)[TaskKind.ERASE_SOURCE] is TaskState.OPEN
    settle_tasks(database, request_id, petra)
    assert get(database, request_id).state is State.SETTLED


def test_closing_waits_for_every_task(
    database: Database, people: People, noor: Visitor, hanna: Visitor, petra: Visitor
) -> None:
    request_id = send(database, noor, {item_id(database, people.sem, "pupil.phone"): "0612345678"})
    decide(database, request_id, hanna, GRANT)
    seen = version(database, request_id)
    with pytest.raises(NotNow, match="Er staan nog taken open"):
        database.write(lambda s: privacy_requests.close(s, request_id, version=seen, by=hanna))
    settle_tasks(database, request_id, petra)
    seen = version(database, request_id)
    for stranger in (visitor(database, people, "ilse"), petra):
        with pytest.raises(NotFound):
            database.write(lambda s, by=stranger: privacy_requests.close(s, request_id, version=seen, by=by))
    database.write(lambda s: privacy_requests.close(s, request_id, version=seen, by=hanna))
    assert get(database, request_id).closed_by_id == people.hanna


@pytest.mark.parametrize(
    ("decision", "missing"),
    [
        (LineDecision(None), "line1_outcome"),
        (LineDecision(Outcome.REFUSED), "line1_ground"),
        (LineDecision(Outcome.REFUSED, Ground.ARCHIVE, "Archief."), "line1_ground"),
        (LineDecision(Outcome.REFUSED, Ground.PROVED_RIGHT, "", evidence="Akte."), "line1_reason"),
        (LineDecision(Outcome.REFUSED, Ground.PROVED_RIGHT, "Klopt."), "line1_evidence"),
        (LineDecision(Outcome.REFUSED, Ground.UNFOUNDED, "Onzin."), "line1_advised"),
        (LineDecision(Outcome.REFERRED), "line1_reason"),
    ],
)
def test_a_decision_says_what_it_lacks_and_where(
    database: Database, people: People, noor: Visitor, hanna: Visitor, decision: LineDecision, missing: str
) -> None:
    request_id = send(database, noor, {item_id(database, people.sem, "pupil.phone"): "0612345678"})
    with pytest.raises(Invalid) as refused:
        decide(database, request_id, hanna, decision)
    assert set(refused.value.problems) == {missing}
    assert get(database, request_id).state is State.ASSIGNED


def test_a_refusal_goes_straight_to_its_letter_and_takes_the_mark_off(
    database: Database, people: People, noor: Visitor, hanna: Visitor
) -> None:
    request_id = send(database, noor, {item_id(database, people.sem, "pupil.phone"): "0612345678"})
    refusal = LineDecision(Outcome.REFUSED, Ground.PROVED_RIGHT, "Wij belden.", evidence="Gebeld.")
    decide(database, request_id, hanna, refusal)
    assert get(database, request_id).state is State.SETTLED
    assert kinds_of(database, request_id) == {}
    with database.read() as session:
        phone = item(session, people.sem, "pupil.phone")
        assert phone is not None
        assert (phone.disputed, phone.decided_value) == (False, None)


def test_the_other_holder_who_lives_apart_gets_a_neutral_mail_when_a_name_changes(
    database: Database, clock: FrozenClock, people: People, noor: Visitor, hanna: Visitor
) -> None:
    open_session(database, clock, people.daan, Role.GUARDIAN, people.regenboog)
    request_id = send(database, noor, {item_id(database, people.sem, "pupil.surname"): "Bakkers"})
    decide(database, request_id, hanna, GRANT)
    with database.read() as session:
        mail = session.scalars(select(OutboxMail).where(OutboxMail.adult_id == people.daan)).one()
    assert (mail.template, mail.context) == ("news", {"school": "De Regenboog"})


def test_more_time_is_taken_once_and_in_time(
    database: Database, clock: FrozenClock, people: People, noor: Visitor, hanna: Visitor
) -> None:
    request_id = send(database, noor, {item_id(database, people.sem, "pupil.phone"): "0612345678"})

    def extend(text: str = "Wij zoeken het uit.") -> None:
        seen = version(database, request_id)
        database.write(lambda s: privacy_requests.extend(s, request_id, "complex", text, version=seen, by=hanna))

    with pytest.raises(Invalid):
        extend("")
    clock.advance(timedelta(days=28))
    extend()
    assert get(database, request_id).policy_due_on == date(2027, 2, 17)
    with pytest.raises(NotNow):
        extend()


def test_more_time_after_the_day_itself_is_too_late(
    database: Database, clock: FrozenClock, people: People, noor: Visitor, hanna: Visitor
) -> None:
    request_id = send(database, noor, {item_id(database, people.sem, "pupil.phone"): "0612345678"})
    clock.advance(timedelta(days=29))
    with pytest.raises(NotNow, match="FG"):
        database.write(
            lambda s: privacy_requests.extend(
                s, request_id, "many", "Druk.", version=version(database, request_id), by=hanna
            )
        )


def closed(database: Database, people: People, noor: Visitor, hanna: Visitor) -> UUID:
    """A refused and closed request."""
    request_id = send(database, noor, {item_id(database, people.sem, "pupil.phone"): "0612345678"})
    refusal = LineDecision(Outcome.REFUSED, Ground.PROVED_RIGHT, "Wij belden.", evidence="Gebeld.")
    decide(database, request_id, hanna, refusal)
    seen = version(database, request_id)
    database.write(lambda s: privacy_requests.close(s, request_id, version=seen, by=hanna))
    return request_id


def second_director(session: Session, people: People) -> None:
    session.add(
        StaffRole(
            id=new_id(),
            board_id=people.waterlijn,
            adult_id=people.mirjam,
            school_id=people.regenboog,
            role=Role.DIRECTOR,
            granted_at=START,
        )
    )


def test_who_disagrees_within_six_weeks_gets_another_decider(
    database: Database, clock: FrozenClock, people: People, noor: Visitor, hanna: Visitor
) -> None:
    request_id = closed(database, people, noor, hanna)
    database.write(lambda s: second_director(s, people))
    clock.advance(timedelta(weeks=6))
    database.write(lambda s: privacy_requests.disagree(s, request_id, "U belde een ander nummer.", by=noor))
    request = get(database, request_id)
    assert (request.state, request.excluded_id, request.decided_by_id) == (State.REOPENED, people.hanna, None)
    with pytest.raises(NotFound):
        decide(database, request_id, hanna, GRANT)


def test_after_six_weeks_it_is_too_late(
    database: Database, clock: FrozenClock, people: People, noor: Visitor, hanna: Visitor
) -> None:
    request_id = closed(database, people, noor, hanna)
    clock.advance(timedelta(weeks=6, days=1))
    with pytest.raises(NotNow):
        database.write(lambda s: privacy_requests.disagree(s, request_id, "Toch.", by=noor))


def test_where_nobody_else_can_decide_the_same_director_looks_again(
    database: Database, people: People, noor: Visitor, hanna: Visitor
) -> None:
    request_id = closed(database, people, noor, hanna)
    database.write(lambda s: privacy_requests.disagree(s, request_id, "Toch niet.", by=noor))
    assert get(database, request_id).handler_role is Role.DIRECTOR
    decide(database, request_id, hanna, GRANT)
    assert get(database, request_id).state is State.EXECUTING


def test_a_new_fact_opens_a_closed_case_again(
    database: Database, people: People, noor: Visitor, hanna: Visitor
) -> None:
    request_id = closed(database, people, noor, hanna)
    seen = version(database, request_id)
    database.write(lambda s: privacy_requests.reopen(s, request_id, "De oma belde.", version=seen, by=hanna))
    assert get(database, request_id).state is State.REOPENED


class TestBoardCase:
    """What went to the board, because the only director is a parent of the child, stays with the board."""

    @pytest.fixture
    def board_member(self, database: Database, people: People) -> Visitor:
        def work(session: Session) -> None:
            session.add(
                StaffRole(
                    id=new_id(), board_id=people.waterlijn, adult_id=people.mirjam, role=Role.BOARD, granted_at=START
                )
            )

        database.write(work)
        tie(database, people.sem, people.hanna, people.waterlijn)
        return replace(visitor(database, people, "mirjam"), role=Role.BOARD, school=None)

    @pytest.fixture
    def board_case(self, database: Database, people: People, noor: Visitor, board_member: Visitor) -> UUID:
        request_id = closed(database, people, noor, board_member)
        assert get(database, request_id).handler_role is Role.BOARD
        return request_id

    def test_after_disagreeing_the_board_sees_it_and_the_director_does_not(
        self, database: Database, noor: Visitor, hanna: Visitor, board_member: Visitor, board_case: UUID
    ) -> None:
        database.write(lambda s: privacy_requests.disagree(s, board_case, "Toch niet.", by=noor))
        with pytest.raises(NotFound):
            decide(database, board_case, hanna, GRANT)
        decide(database, board_case, board_member, GRANT)
        assert get(database, board_case).decided_by_id == board_member.adult_id

    def test_after_a_new_fact_the_board_goes_on(
        self, database: Database, board_member: Visitor, board_case: UUID
    ) -> None:
        seen = version(database, board_case)
        database.write(lambda s: privacy_requests.reopen(s, board_case, "Nieuw feit.", version=seen, by=board_member))
        decide(database, board_case, board_member, GRANT)


def test_a_letter_about_a_part_does_not_say_that_it_is_gone_already(
    database: Database, people: People, noor: Visitor, hanna: Visitor
) -> None:
    phone = item_id(database, people.sem, "pupil.phone")
    request_id = send(database, noor, {phone: ""}, Kind.ERASURE, to=Role.DIRECTOR)
    partly = LineDecision(Outcome.PARTLY, Ground.LEGAL_CLAIM, "Het oude nummer blijft tot de zaak voorbij is.")
    decide(database, request_id, hanna, partly)
    with database.read() as session:
        case = requests.get_own(session, request_id, noor)
        said = next(one.text for one in requests.list_entries(session, case, noor) if read_letter(one.text))
        assert item(session, people.sem, "pupil.phone") is not None, "nothing went from the portal"
    assert read_letter(said)[LetterPart.EXECUTION] == (
        "De school past haar eigen systemen aan. U ziet bij uw verzoek wanneer dat klaar is."
    )
