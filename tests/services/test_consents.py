"""What counts after somebody chose: the whole of requirements 11.2, on both databases."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.boards import BoardPolicyVersion
from parentportal.models.consents import Channel, ConsentEvent, ConsentHold, ConsentItem
from parentportal.models.outbox import OutboxMail
from parentportal.models.people import Adult, Pupil
from parentportal.outside.clock import FrozenClock
from parentportal.reads import consents as pages
from parentportal.rules.authority import Relation, Status
from parentportal.rules.consents import Answer, Choice, Effective, Reason, Rule
from parentportal.rules.errors import Invalid, NotFound
from parentportal.services import boards, consents
from tests.consents import NO, WEB_PHOTO, YES, School
from tests.people import WATERLIJN, People

PHONE = "KL-TEL"
LIST_NAME = "KL-NAAM"
ALLOWED = Effective(True, Reason.ALLOWED)


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    return School(database, clock, people)


def refused(reason: Reason) -> Effective:
    return Effective(False, reason)


def events(school: School) -> list[ConsentEvent]:
    with school.database.read() as session:
        return list(session.scalars(select(ConsentEvent).order_by(ConsentEvent.at)))


def mails(school: School) -> list[OutboxMail]:
    with school.database.read() as session:
        return list(session.scalars(select(OutboxMail).order_by(OutboxMail.id)))


def end(school: School, authority_id: UUID) -> None:
    """End a relation the way the administration does."""

    def work(session: Session) -> None:
        authority = session.get_one(Authority, authority_id)
        authority.status = Status.ENDED
        authority.ended_at, authority.ended_by_id = school.clock.now(), school.people.petra
        consents.close_authority(session, authority, by=school.visitor("petra"))

    school.database.write(work)


def flag(school: School, authority_id: UUID, name: str) -> None:
    def work(session: Session) -> None:
        authority = session.get_one(Authority, authority_id)
        before = consents.standing(session, authority.board_id, authority.pupil_id)
        setattr(authority, name, True)
        authority.flagged_at, authority.flagged_by_id = school.clock.now(), school.people.petra
        session.flush()
        consents.follow(session, before)

    school.database.write(work)


def test_for_a_new_child_nothing_is_allowed(school: School) -> None:
    assert school.counts("sem", WEB_PHOTO) == refused(Reason.UNKNOWN)
    with school.database.read() as session:
        page = pages.get_page(session, school.people.sem, by=school.visitor("noor"))
    assert len(page.open) == len(page.rows) == 14
    assert {row.counts for row in page.rows} == {False}


def test_noor_says_yes_and_daan_gets_a_mail_that_says_nothing(school: School) -> None:
    receipt = school.says("noor", "sem", {WEB_PHOTO: YES})
    assert receipt is not None
    assert school.counts("sem", WEB_PHOTO) == ALLOWED
    (mail,) = mails(school)
    assert mail.to_address == "daan@post.example"
    assert mail.context == {"school": "De Regenboog"}
    assert mail.template == "news"


def test_a_no_of_daan_beats_the_yes_of_noor_and_leaves_tasks(school: School) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES})
    school.clock.advance(timedelta(days=1))
    school.says("daan", "sem", {WEB_PHOTO: NO})
    assert school.counts("sem", WEB_PHOTO) == refused(Reason.OBJECTION)
    assert school.tasks() == [
        ("forward_preference", "parnassys", "open"),
        ("remove_publication", "website", "open"),
    ]


def test_a_second_yes_of_noor_does_not_overrule_daan(school: School) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES})
    school.says("daan", "sem", {WEB_PHOTO: NO})
    assert school.says("noor", "sem", {WEB_PHOTO: YES}) is None
    school.says("noor", "sem", {WEB_PHOTO: NO})
    school.says("noor", "sem", {WEB_PHOTO: YES})
    assert school.counts("sem", WEB_PHOTO) == refused(Reason.OBJECTION)


def test_only_daan_lifts_his_own_no_and_then_noors_yes_still_stands(school: School) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES})
    school.says("daan", "sem", {WEB_PHOTO: NO})
    told_before = len([mail for mail in mails(school) if mail.to_address == "noor@post.example"])
    school.says("daan", "sem", {WEB_PHOTO: Choice.LATER})
    assert school.counts("sem", WEB_PHOTO) == ALLOWED
    told = len([mail for mail in mails(school) if mail.to_address == "noor@post.example"])
    assert told == told_before + 1


def test_after_daan_leaves_with_a_no_noor_must_say_yes_again(school: School) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES})
    school.says("daan", "sem", {WEB_PHOTO: NO})
    end(school, school.people.daan_of_sem)
    assert school.counts("sem", WEB_PHOTO) == refused(Reason.RECONFIRM)
    with school.database.read() as session:
        page = pages.get_page(session, school.people.sem, by=school.visitor("noor"))
    row = next(row for row in page.rows if row.item_id == school.item(WEB_PHOTO))
    assert row.value is None
    assert row.note is pages.Note.AGAIN
    school.says("noor", "sem", {WEB_PHOTO: YES})
    assert school.counts("sem", WEB_PHOTO) == ALLOWED
    assert [event.answer for event in events(school)] == [Answer.GIVEN, Answer.REFUSED, Answer.RENEWED]
    with school.database.read() as session:
        (hold,) = session.scalars(select(ConsentHold)).all()
    assert hold.lifted_by_id == school.people.noor


def test_after_daan_leaves_with_the_only_yes_the_school_takes_the_photos_down(school: School) -> None:
    school.says("daan", "sem", {WEB_PHOTO: YES})
    end(school, school.people.daan_of_sem)
    assert school.counts("sem", WEB_PHOTO) == refused(Reason.UNKNOWN)
    assert ("remove_publication", "website", "open") in school.tasks()
    with school.database.read() as session:
        assert session.scalars(select(ConsentHold)).all() == []


def test_no_hold_while_the_same_adult_has_authority_by_another_relation(school: School) -> None:
    def sole(session: Session) -> None:
        old = session.get_one(Authority, school.people.daan_of_sem)
        session.add(
            Authority(
                id=new_id(),
                board_id=old.board_id,
                pupil_id=old.pupil_id,
                adult_id=old.adult_id,
                kind=Relation.SOLE,
                status=Status.CONFIRMED,
                evidence=old.evidence,
                confirmed_at=old.confirmed_at,
                confirmed_by_id=old.confirmed_by_id,
                created_at=old.created_at,
            )
        )

    school.says("daan", "sem", {WEB_PHOTO: NO})
    school.database.write(sole)
    end(school, school.people.daan_of_sem)
    assert school.counts("sem", WEB_PHOTO) == refused(Reason.OBJECTION)


def suspend(school: School, **values: object) -> None:
    school.database.write(
        lambda session: (
            session.execute(
                update(Authority).where(Authority.id == school.people.daan_of_sem).values(**values)
            ).rowcount
        )
    )


def test_a_no_stands_while_the_authority_behind_it_is_in_doubt(school: School) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES})
    school.says("daan", "sem", {WEB_PHOTO: NO, "BM-V-WEB": YES})
    suspend(school, status=Status.SUSPENDED)
    assert school.counts("sem", WEB_PHOTO) == refused(Reason.OBJECTION)
    assert school.counts("sem", "BM-V-WEB") == refused(Reason.UNKNOWN)


def test_a_no_stands_until_an_authority_that_is_over_is_closed(school: School) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES})
    school.says("daan", "sem", {WEB_PHOTO: NO})
    suspend(school, valid_until=date(2026, 11, 17))
    assert school.counts("sem", WEB_PHOTO) == refused(Reason.OBJECTION)
    end(school, school.people.daan_of_sem)
    assert school.counts("sem", WEB_PHOTO) == refused(Reason.RECONFIRM)


def test_without_any_holder_everything_is_no(school: School) -> None:
    school.database.write(lambda session: session.execute(update(ConsentItem).values(rule=Rule.ALL)).rowcount)
    assert school.counts("tess", WEB_PHOTO) == refused(Reason.UNKNOWN)


def test_where_all_must_agree_one_silent_holder_keeps_it_off(school: School) -> None:
    school.database.write(lambda session: session.execute(update(ConsentItem).values(rule=Rule.ALL)).rowcount)
    school.says("noor", "sem", {WEB_PHOTO: YES})
    assert school.counts("sem", WEB_PHOTO) == refused(Reason.UNKNOWN)
    school.says("daan", "sem", {WEB_PHOTO: YES})
    assert school.counts("sem", WEB_PHOTO) == ALLOWED


def test_what_is_printed_gets_another_task_than_what_is_online(school: School) -> None:
    school.says("ravi", "asha", {"BM-F-SCHOOLGIDS": YES, LIST_NAME: YES})
    school.says("ravi", "asha", {"BM-F-SCHOOLGIDS": NO, LIST_NAME: NO})
    assert school.counts("asha", "BM-F-SCHOOLGIDS") == refused(Reason.OBJECTION)
    kinds = {(kind, where) for kind, where, _ in school.tasks()}
    assert ("stop_printed", "print") in kinds
    assert ("renew_list", "class_list") in kinds
    assert ("remove_publication", "website") not in kinds


def test_at_sixteen_the_yes_of_parents_ends_at_midnight(school: School) -> None:
    school.database.write(
        lambda session: (
            session.execute(
                update(Pupil).where(Pupil.id == school.people.asha).values(birth_date=date(2010, 11, 18))
            ).rowcount
        )
    )
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    school.clock.set_to(datetime(2026, 11, 17, 22, 59, 59, tzinfo=UTC))
    assert school.counts("asha", WEB_PHOTO) == ALLOWED
    school.clock.set_to(datetime(2026, 11, 17, 23, 0, 0, tzinfo=UTC))
    assert school.counts("asha", WEB_PHOTO) == refused(Reason.SIXTEEN)
    with pytest.raises(NotFound):
        school.says("ravi", "asha", {WEB_PHOTO: NO})


def test_a_safety_flag_takes_the_child_off_the_list_at_once_and_silences_the_mail(school: School) -> None:
    school.says("noor", "sem", {LIST_NAME: YES, WEB_PHOTO: YES})
    before = len(mails(school))
    flag(school, school.people.daan_of_sem, "no_location")
    assert school.counts("sem", LIST_NAME) == refused(Reason.SAFETY)
    assert school.counts("sem", WEB_PHOTO) == refused(Reason.SAFETY)
    assert ("renew_list", "class_list", "open") in school.tasks()
    school.says("noor", "sem", {"BM-V-WEB": YES})
    assert len(mails(school)) == before
    with school.database.read() as session:
        page = pages.get_page(session, school.people.sem, by=school.visitor("noor"))
    assert {row.note for row in page.rows} == {pages.Note.NONE}


def test_a_flag_about_the_address_leaves_photos_alone(school: School) -> None:
    school.says("noor", "sem", {LIST_NAME: YES, WEB_PHOTO: YES})
    flag(school, school.people.daan_of_sem, "secret_address")
    assert school.counts("sem", LIST_NAME) == refused(Reason.SAFETY)
    assert school.counts("sem", WEB_PHOTO) == ALLOWED


def test_an_answer_from_another_system_without_words_counts_as_not_confirmed(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES})

    def brought(session: Session) -> None:
        (event,) = session.scalars(select(ConsentEvent)).all()
        session.add(
            ConsentEvent(
                id=new_id(),
                board_id=event.board_id,
                pupil_id=event.pupil_id,
                item_id=event.item_id,
                adult_id=event.adult_id,
                capacity="sole",
                answer=Answer.INVALID,
                previous=event.answer,
                wording_id=event.wording_id,
                language="nl",
                at=event.at + timedelta(seconds=1),
                channel=Channel.IMPORT,
                digest="",
            )
        )

    school.database.write(brought)
    assert school.counts("asha", WEB_PHOTO) == refused(Reason.UNKNOWN)


def test_the_same_choice_twice_is_one_event(school: School) -> None:
    assert school.says("ravi", "asha", {WEB_PHOTO: YES}) is not None
    assert school.says("ravi", "asha", {WEB_PHOTO: YES}) is None
    assert len(events(school)) == 1


def test_a_withdrawal_needs_no_second_factor_of_just_now(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    school.visitor("ravi")
    school.clock.advance(timedelta(minutes=29))
    assert school.says("ravi", "asha", {WEB_PHOTO: NO}) is not None
    assert school.counts("asha", WEB_PHOTO) == refused(Reason.OBJECTION)


def test_silence_changes_nothing(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    school.clock.advance(timedelta(days=400))
    assert school.counts("asha", WEB_PHOTO) == ALLOWED


def test_a_class_list_is_for_one_school_year_and_a_no_stays(school: School) -> None:
    school.says("ravi", "asha", {LIST_NAME: YES, PHONE: NO})
    school.clock.set_to(datetime(2027, 7, 31, 21, 59, tzinfo=UTC))
    assert school.counts("asha", LIST_NAME) == ALLOWED
    school.clock.set_to(datetime(2027, 7, 31, 22, 0, tzinfo=UTC))
    assert school.counts("asha", LIST_NAME) == refused(Reason.UNKNOWN)
    assert school.counts("asha", PHONE, "ravi") == refused(Reason.OBJECTION)


def test_each_adult_decides_about_the_own_telephone_number(school: School) -> None:
    school.says("noor", "sem", {PHONE: YES})
    assert school.counts("sem", PHONE, "noor") == ALLOWED
    assert school.counts("sem", PHONE, "daan") == refused(Reason.UNKNOWN)
    school.says("daan", "sem", {PHONE: NO})
    assert school.counts("sem", PHONE, "noor") == ALLOWED
    assert mails(school) == []
    end(school, school.people.noor_of_sem)
    assert school.counts("sem", PHONE, "noor") == refused(Reason.UNKNOWN)


def test_daan_may_not_decide_about_lot_nor_ravi_about_sem(school: School) -> None:
    for name, pupil in (("daan", "lot"), ("ravi", "sem"), ("noor", "fien"), ("ilse", "sem"), ("hanna", "sem")):
        with pytest.raises(NotFound):
            school.says(name, pupil, {WEB_PHOTO: YES})
    assert events(school) == []


def test_a_question_of_another_board_is_not_asked(school: School) -> None:
    foreign = school.item("BM-F-WEB", school.people.zilverduin)
    with pytest.raises(Invalid):
        school.database.write(
            lambda session: consents.decide(session, school.people.asha, {foreign: YES}, {}, by=school.visitor("ravi"))
        )


def test_one_outdated_text_keeps_everything_from_being_kept(school: School) -> None:
    chosen = {school.item(WEB_PHOTO): YES, school.item("BM-V-WEB"): YES}
    words = {**school.wordings(), school.item("BM-V-WEB"): uuid4()}
    with pytest.raises(Invalid):
        school.database.write(
            lambda session: consents.decide(session, school.people.asha, chosen, words, by=school.visitor("ravi"))
        )
    assert events(school) == []


def test_two_listed_adults_that_are_one_count_as_one(school: School) -> None:
    school.says("daan", "sem", {WEB_PHOTO: NO})

    def merge(session: Session) -> None:
        adult = session.get_one(Adult, school.people.daan)
        adult.merged_into_id, adult.merged_at, adult.merged_by_id = (
            school.people.noor,
            school.clock.now(),
            school.people.petra,
        )

    school.database.write(merge)
    assert school.counts("sem", WEB_PHOTO) == refused(Reason.OBJECTION)
    school.says("noor", "sem", {WEB_PHOTO: YES})
    assert school.counts("sem", WEB_PHOTO) == ALLOWED


def test_at_one_moment_the_last_word_stands(school: School) -> None:
    for choice in (YES, NO, YES):
        school.says("ravi", "asha", {WEB_PHOTO: choice})
    assert school.counts("asha", WEB_PHOTO) == ALLOWED
    moments = [event.at for event in events(school)]
    assert moments == sorted(set(moments))


def test_a_board_whose_place_is_unknown_gets_no_forwarding(school: School) -> None:
    elsewhere = WATERLIJN.replace('consent_place = "parnassys"', 'consent_place = "unknown"')
    assert elsewhere != WATERLIJN
    school.database.write(lambda session: boards.load(session, elsewhere, by=OPERATOR))
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    assert school.tasks() == []
    school.says("ravi", "asha", {WEB_PHOTO: NO})
    assert school.tasks() == [("remove_publication", "website", "open")]
    with school.database.read() as session:
        assert len(session.scalars(select(BoardPolicyVersion)).all()) == 3
