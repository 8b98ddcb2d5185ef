"""Proof: what an answer leaves behind, the receipt, taking back, and answers on paper."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.authority import Authority
from parentportal.models.consents import Channel, ConsentEvent, ConsentReceipt
from parentportal.models.people import Adult
from parentportal.outside.clock import FrozenClock
from parentportal.reads import consents as pages
from parentportal.reads import homes
from parentportal.rules.authority import Status
from parentportal.rules.consents import Answer, Choice, Effective, Reason
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.services import audit, authority, consents
from tests.consents import NO, WEB_PHOTO, YES, School
from tests.people import People

ALLOWED = Effective(True, Reason.ALLOWED)


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    return School(database, clock, people)


def refused(reason: Reason) -> Effective:
    return Effective(False, reason)


def events(school: School) -> list[ConsentEvent]:
    with school.database.read() as session:
        return list(session.scalars(select(ConsentEvent).order_by(ConsentEvent.at)))


def end(school: School, authority_id: UUID) -> None:
    """End a relation the way the administration does."""

    def work(session: Session) -> None:
        authority = session.get_one(Authority, authority_id)
        authority.status = Status.ENDED
        authority.ended_at, authority.ended_by_id = school.clock.now(), school.people.petra
        consents.close_authority(session, authority, by=school.visitor("petra"))

    school.database.write(work)


def test_an_event_proves_who_on_which_words_when_and_how(school: School) -> None:
    receipt_id = school.says("noor", "sem", {WEB_PHOTO: YES})
    (event,) = events(school)
    assert event.receipt_id == receipt_id
    assert (event.adult_id, event.authority_id, event.capacity) == (
        school.people.noor,
        school.people.noor_of_sem,
        "joint_separated",
    )
    assert event.wording_id == school.wordings()[event.item_id]
    assert (event.channel, event.language, event.child_age, event.previous) == (Channel.PORTAL, "nl", 9, None)
    assert str(school.visitor("noor").session_id) not in event.session_digest
    with school.database.read() as session:
        row = session.scalars(select(AuditEvent).where(AuditEvent.event == "consent:decided")).one()
        assert row.content_digest == event.digest == audit.content_digest(session, consents.canonical(event))
        assert row.about_id == event.id
        assert list(audit.verify(session)) == []


def test_history_cannot_be_rewritten(school: School) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES})
    with pytest.raises(DBAPIError):
        school.database.write(
            lambda session: session.execute(update(ConsentEvent).values(answer=Answer.REFUSED)).rowcount
        )


def take_back(school: School, name: str, receipt_id: UUID, item_id: UUID) -> UUID:
    by = school.visitor(name)
    return school.database.write(lambda session: consents.undo(session, receipt_id, item_id, by=by))


def test_a_receipt_shows_before_and_after_and_takes_back_line_by_line(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES, "BM-V-WEB": YES})
    second = school.says("ravi", "asha", {WEB_PHOTO: NO})
    assert second is not None
    with school.database.read() as session:
        receipt = pages.get_receipt(session, second, by=school.visitor("ravi"))
    (change,) = receipt.changes
    assert (change.before, change.after, change.can_undo) == ("yes", "no", True)
    assert receipt.stopped_images
    item = school.item(WEB_PHOTO)
    third = take_back(school, "ravi", second, item)
    assert school.counts("asha", WEB_PHOTO) == ALLOWED
    assert third != second
    assert len(events(school)) == 4
    with pytest.raises(NotNow):
        take_back(school, "ravi", second, item)
    with school.database.read() as session:
        assert not pages.get_receipt(session, second, by=school.visitor("ravi")).changes[0].can_undo


def test_taking_back_a_first_yes_makes_it_no_and_a_first_no_becomes_no_opinion(school: School) -> None:
    receipt = school.says("ravi", "asha", {WEB_PHOTO: YES, "BM-V-WEB": NO})
    assert receipt is not None
    for code in (WEB_PHOTO, "BM-V-WEB"):
        item = school.item(code)
        take_back(school, "ravi", receipt, item)
    assert [event.answer for event in events(school)][2:] == [Answer.WITHDRAWN, Answer.DEFERRED]


def test_nobody_else_sees_or_takes_back_a_receipt(school: School) -> None:
    receipt = school.says("noor", "sem", {WEB_PHOTO: YES})
    assert receipt is not None
    item = school.item(WEB_PHOTO)
    for name in ("daan", "ravi", "olga"):
        with pytest.raises(NotFound), school.database.read() as session:
            pages.get_receipt(session, receipt, by=school.visitor(name))
        with pytest.raises(NotFound):
            take_back(school, name, receipt, item)


def test_the_receipts_of_a_person_listed_twice_stay_with_that_person(school: School) -> None:
    receipt = school.says("daan", "sem", {WEB_PHOTO: YES})
    assert receipt is not None
    school.database.write(
        lambda session: (
            session.execute(
                update(Adult)
                .where(Adult.id == school.people.daan)
                .values(
                    merged_into_id=school.people.noor, merged_at=school.clock.now(), merged_by_id=school.people.petra
                )
            ).rowcount
        )
    )
    with school.database.read() as session:
        assert pages.get_receipt(session, receipt, by=school.visitor("noor")).changes[0].after == "yes"


def test_a_receipt_closes_with_the_authority(school: School) -> None:
    receipt = school.says("daan", "sem", {WEB_PHOTO: YES})
    assert receipt is not None
    visitor = school.visitor("daan")
    end(school, school.people.daan_of_sem)
    with pytest.raises(NotFound), school.database.read() as session:
        pages.get_receipt(session, receipt, by=visitor)


def test_petra_keeps_what_ravi_wrote_and_the_receipt_is_his(school: School) -> None:
    receipt = on_paper(school, "petra", "asha", "ravi", {WEB_PHOTO: YES})
    assert receipt is not None
    (event,) = events(school)
    assert (event.channel, event.received_on, event.recorded_by_id, event.adult_id) == (
        Channel.PAPER,
        date(2026, 11, 16),
        school.people.petra,
        school.people.ravi,
    )
    with school.database.read() as session:
        page = pages.get_page(session, school.people.asha, by=school.visitor("ravi"))
        assert pages.get_receipt(session, receipt, by=school.visitor("ravi")).way is Channel.PAPER
    assert next(row for row in page.rows if row.value == "yes").on_paper


def test_paper_from_before_daan_left_does_not_settle_what_his_no_left_open(school: School) -> None:
    """Noor wrote her yes on the 16th; on the 17th Daan, who had said no, lost authority; the paper is entered after."""
    school.says("daan", "sem", {WEB_PHOTO: NO})
    by = school.visitor("petra")
    school.database.write(
        lambda session: authority.end(
            session,
            school.people.daan_of_sem,
            seen=Status.CONFIRMED,
            last_day_gone=date(2026, 11, 17),
            reason=authority.EndReason.RULING,
            by=by,
        )
    )
    assert on_paper(school, "petra", "sem", "noor", {WEB_PHOTO: YES}, received_on=date(2026, 11, 16))
    assert school.counts("sem", WEB_PHOTO) == Effective(False, Reason.RECONFIRM)
    assert on_paper(school, "petra", "sem", "noor", {WEB_PHOTO: YES}, received_on=date(2026, 11, 17))
    assert school.counts("sem", WEB_PHOTO) == Effective(True, Reason.ALLOWED)


def on_paper(
    school: School,
    by: str,
    pupil: str,
    adult: str,
    answers: dict[str, Choice],
    received_on: date = date(2026, 11, 16),
    channel: Channel = Channel.PAPER,
) -> UUID | None:
    chosen = {school.item(code): choice for code, choice in answers.items()}
    words = school.wordings()
    return school.database.write(
        lambda session: consents.record_on_paper(
            session,
            school.pupil(pupil),
            getattr(school.people, adult),
            chosen,
            words,
            received_on=received_on,
            channel=channel,
            by=school.visitor(by),
        )
    )


def test_a_paper_from_before_does_not_overrule_what_ravi_chose_himself(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: NO})
    with pytest.raises(Invalid) as problem:
        on_paper(school, "petra", "asha", "ravi", {WEB_PHOTO: YES})
    assert list(problem.value.problems) == [f"keuze-{school.item(WEB_PHOTO)}"]
    assert school.counts("asha", WEB_PHOTO) == refused(Reason.OBJECTION)


def test_a_paper_of_tomorrow_or_of_a_stranger_is_not_kept(school: School) -> None:
    with pytest.raises(Invalid):
        on_paper(school, "petra", "asha", "ravi", {WEB_PHOTO: YES}, received_on=date(2026, 11, 18))
    for by, adult in (("ilse", "ravi"), ("mirjam", "ravi"), ("petra", "noor"), ("ravi", "ravi")):
        with pytest.raises(NotFound):
            on_paper(school, by, "asha", adult, {WEB_PHOTO: YES})
    with pytest.raises(NotFound):
        on_paper(school, "petra", "asha", "ravi", {WEB_PHOTO: YES}, channel=Channel.PORTAL)
    assert events(school) == []


def test_receipt_numbers_can_be_read_out_and_differ(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    school.says("ravi", "asha", {WEB_PHOTO: NO})
    with school.database.read() as session:
        numbers = list(session.scalars(select(ConsentReceipt.number)))
    assert len(set(numbers)) == 2
    assert all(len(number) == 14 and number.count("-") == 2 for number in numbers)


def test_an_older_paper_does_not_undo_a_withdrawal_on_a_newer_one(school: School) -> None:
    on_paper(school, "petra", "asha", "ravi", {WEB_PHOTO: NO}, received_on=date(2026, 11, 16))
    with pytest.raises(Invalid) as problem:
        on_paper(school, "petra", "asha", "ravi", {WEB_PHOTO: YES}, received_on=date(2026, 11, 9))
    assert list(problem.value.problems) == [f"keuze-{school.item(WEB_PHOTO)}"]
    assert school.counts("asha", WEB_PHOTO) == refused(Reason.OBJECTION)


def test_a_paper_yes_does_not_undo_a_no_that_ravi_gave_himself_that_day(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: NO})
    with pytest.raises(Invalid):
        on_paper(school, "petra", "asha", "ravi", {WEB_PHOTO: YES}, received_on=date(2026, 11, 17))
    assert school.counts("asha", WEB_PHOTO) == refused(Reason.OBJECTION)
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    assert on_paper(school, "petra", "asha", "ravi", {WEB_PHOTO: NO}, received_on=date(2026, 11, 17)) is not None


def test_a_paper_of_last_school_year_says_nothing_about_the_class_list_of_this_year(school: School) -> None:
    on_paper(school, "petra", "asha", "ravi", {"KL-NAAM": YES, WEB_PHOTO: YES}, received_on=date(2026, 7, 30))
    assert school.counts("asha", WEB_PHOTO) == ALLOWED
    assert not school.counts("asha", "KL-NAAM").allowed
    with school.database.read() as session:
        (card,) = homes.get_parent_home(session, by=school.visitor("ravi")).cards
    assert card.answered == 1, "the first page asks for the list again"
    assert on_paper(school, "petra", "asha", "ravi", {"KL-NAAM": YES}, received_on=date(2026, 8, 1))
    assert school.counts("asha", "KL-NAAM") == ALLOWED
