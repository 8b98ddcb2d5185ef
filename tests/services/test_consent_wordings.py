"""A text that changes: in substance it is asked again, in clearer words the answer stays."""

import pytest
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.consents import ConsentItem, ConsentWording
from parentportal.outside.clock import FrozenClock
from parentportal.reads import consents as pages
from parentportal.rules.consents import Effective, Reason
from parentportal.rules.errors import Invalid
from parentportal.services import boards, consents
from tests.consents import NO, WEB_PHOTO, YES, School
from tests.people import WATERLIJN, People

ALLOWED = Effective(True, Reason.ALLOWED)


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    return School(database, clock, people)


def refused(reason: Reason) -> Effective:
    return Effective(False, reason)


def test_a_text_that_changed_in_substance_is_asked_again(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    old_words = school.wordings()
    publish(school, material=True)
    assert school.counts("asha", WEB_PHOTO) == refused(Reason.UNCONFIRMED)
    with school.database.read() as session:
        page = pages.get_page(session, school.people.asha, by=school.visitor("ravi"))
    row = next(row for row in page.rows if row.item_id == school.item(WEB_PHOTO))
    assert (row.value, row.note) == (None, pages.Note.NEW_TEXT)
    item = school.item(WEB_PHOTO)
    with pytest.raises(Invalid) as problem:
        school.database.write(
            lambda session: consents.decide(
                session, school.people.asha, {item: YES}, old_words, by=school.visitor("ravi")
            )
        )
    assert list(problem.value.problems) == [f"keuze-{item}"]
    assert school.says("ravi", "asha", {WEB_PHOTO: YES}) is not None
    assert school.counts("asha", WEB_PHOTO) == ALLOWED


def test_clearer_words_keep_the_answer(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    publish(school, material=False)
    assert school.counts("asha", WEB_PHOTO) == ALLOWED


def publish(school: School, *, material: bool) -> None:
    def work(session: Session) -> None:
        item = session.get_one(ConsentItem, school.item(WEB_PHOTO))
        old = session.get_one(ConsentWording, school.wordings()[item.id])
        meaning = int(item.terms["meaning"]) + material
        item.terms = {**item.terms, "meaning": meaning}
        session.add(
            ConsentWording(
                id=new_id(),
                board_id=old.board_id,
                item_id=old.item_id,
                language=old.language,
                version=old.version + 1,
                texts={**old.texts, "where": "Ook op Instagram.", "meaning": str(meaning)},
                sha256="0" * 64,
                material=material,
                published_at=school.clock.now(),
            )
        )

    wordings = school.wordings()
    assert wordings
    school.database.write(work)


def test_a_question_that_the_board_drops_counts_no_more_and_takes_no_answer(school: School) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES})
    without = WATERLIJN.replace('items = ["BM-F-WEB", "BM-V-WEB"]', 'items = ["BM-V-WEB"]')
    assert without != WATERLIJN
    school.database.write(lambda session: boards.load(session, without, by=OPERATOR))
    assert school.counts("asha", WEB_PHOTO) == refused(Reason.NOT_OFFERED)
    with pytest.raises(Invalid):
        school.says("ravi", "asha", {WEB_PHOTO: NO})
