"""Consent in English: the question, the answer and its proof are in the words that were read."""

from collections.abc import Callable

import pytest
from bs4 import Tag
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.consents import ConsentEvent, ConsentItem, ConsentWording
from parentportal.models.tasks import Task
from parentportal.outside.clock import FrozenClock
from parentportal.web.languages import COOKIE
from tests.consents import NO, WEB_PHOTO, YES, School
from tests.page import Page
from tests.people import People
from tests.visit import Visit

Open = Callable[..., Visit]
DUTCH = "Mag de school foto’s van Sem op de website zetten?"
ENGLISH = "May the school put photos of Sem on the website?"


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    return School(database, clock, people)


def reads(visit: Visit, language: str) -> Visit:
    """The same browser, after choosing a language in another tab."""
    visit.client.set_cookie(COOKIE, language, domain="portaal.example")
    return visit


def address(school: School) -> str:
    return f"/mijn/kinderen/{school.people.sem}/toestemming"


def field(school: School, code: str = WEB_PHOTO) -> str:
    return f"keuze-{school.item(code)}"


def kept(school: School) -> list[tuple[str, str]]:
    """Of each answer the language, and the question as it was read."""
    with school.database.read() as session:
        rows = session.execute(
            select(ConsentEvent.language, ConsentWording.texts)
            .join(ConsentWording, ConsentWording.id == ConsentEvent.wording_id)
            .order_by(ConsentEvent.at)
        ).all()
    return [(row.language, row.texts["question"].replace("{name}", "Sem")) for row in rows]


def foreign(page: Page, language: str) -> list[str]:
    """What is marked as being in this language, which is not that of the page."""
    return [tag.get_text(" ", strip=True) for tag in page.main.select(f'[lang="{language}"]')]


def question(page: Page, school: School, code: str = WEB_PHOTO) -> Tag:
    found = page.main.find(id=f"vraag-{school.item(code)}")
    assert isinstance(found, Tag)
    return found


def test_noor_reads_chooses_and_proves_in_english_and_her_answer_is_there_in_dutch(
    school: School, visit_as: Open
) -> None:
    noor = reads(visit_as("noor"), "en")
    page = noor.get(address(school))
    assert ENGLISH in question(page, school).get_text(" ", strip=True)
    assert DUTCH not in page.html
    assert page.main.select("[lang]") == [], "all of it is English"
    assert not page.says("Questions that have not been translated yet are shown in Dutch.")
    receipt = noor.fill({field(school): "yes"}, form="/toestemming")
    assert receipt.says(ENGLISH)
    assert receipt.says("Asked in English, text number 1.")
    assert kept(school) == [("en", ENGLISH)]
    path = receipt.answer.request.path
    dutch = reads(noor, "nl").get(address(school))
    assert DUTCH in question(dutch, school).get_text(" ", strip=True)
    assert [box["value"] for box in question(dutch, school).select("input[checked]")] == ["yes"]
    proof = noor.get(path)
    assert proof.says("Gevraagd in het Engels, tekst nummer 1.")
    assert ENGLISH in foreign(proof, "en"), "the words that she read stay what they were"
    assert DUTCH not in proof.html


def test_the_teacher_sees_what_was_chosen_in_english(school: School, visit_as: Open) -> None:
    school.says("daan", "sem", {WEB_PHOTO: YES})
    sheet = f"/werk/mag-dit/{school.people.group5}/{school.item(WEB_PHOTO)}"
    assert "Sem B." not in [one.get_text(strip=True) for one in visit_as("ilse").get(sheet).main.select("section li")]
    noor = reads(visit_as("noor"), "en")
    noor.get(address(school))
    noor.fill({field(school): "no"}, form="/toestemming")
    for language in ("nl", "en"):
        page = reads(visit_as("ilse"), language).get(sheet)
        assert "Sem B." in [one.get_text(strip=True) for one in page.main.select("section li")]


@pytest.mark.parametrize(("shown", "chosen"), [("en", "nl"), ("nl", "en")])
def test_the_words_that_were_shown_are_kept_when_another_tab_changes_the_language(
    school: School, visit_as: Open, shown: str, chosen: str
) -> None:
    noor = reads(visit_as("noor"), shown)
    noor.get(address(school))
    reads(noor, chosen).fill({field(school): "yes"}, form="/toestemming")
    assert kept(school) == [(shown, ENGLISH if shown == "en" else DUTCH)]


def test_words_that_became_stale_are_shown_anew_before_anything_is_kept(school: School, visit_as: Open) -> None:
    noor = reads(visit_as("noor"), "en")
    noor.get(address(school))
    clearer_dutch(school)
    page = noor.fill({field(school): "yes"}, form="/toestemming", status=422)
    assert kept(school) == []
    assert page.says("The text of this question has changed. Read the new text and save your choice.")
    assert page.says("Questions that have not been translated yet are shown in Dutch.")
    assert DUTCH in foreign(page, "nl")
    assert "Ook in de etalage." in foreign(page, "nl")
    assert [box["value"] for box in page.main.select("input[checked]")] == ["yes"]
    receipt = noor.fill({}, form="/toestemming")
    assert receipt.says("Asked in Dutch, text number 2.")
    assert DUTCH in foreign(receipt, "nl")
    assert kept(school) == [("nl", DUTCH)]


def clearer_dutch(school: School) -> None:
    """New Dutch words for the question about the website, which nobody has translated."""

    def work(session: Session) -> None:
        old = session.get_one(ConsentWording, school.wordings()[school.item(WEB_PHOTO)])
        session.add(
            ConsentWording(
                board_id=old.board_id,
                item_id=old.item_id,
                language="nl",
                version=old.version + 1,
                texts={**old.texts, "where": "Ook in de etalage."},
                sha256="1" * 64,
                material=False,
                published_at=old.published_at,
            )
        )

    school.database.write(work)


def test_in_a_question_without_english_words_all_that_is_dutch_is_marked(school: School, visit_as: Open) -> None:
    clearer_dutch(school)
    page = reads(visit_as("noor"), "en").get(address(school))
    own, other = question(page, school), question(page, school, "BM-V-WEB")
    assert [tag.name for tag in own.select('[lang="nl"]')].count("dd") == 7
    assert own.select('legend[lang="nl"]')
    assert other.select("[lang]") == []
    assert page.main.get_text().count("Questions that have not been translated yet are shown in Dutch.") == 1
    dutch = reads(visit_as("noor"), "nl").get(address(school))
    assert dutch.main.select("[lang]") == [], "on a Dutch page nothing needs a mark"
    assert not dutch.says("Vragen die nog niet zijn vertaald, leest u in het Nederlands.")


def test_a_card_that_a_board_named_itself_keeps_its_name(school: School, visit_as: Open) -> None:
    def rename(session: Session) -> None:
        item = session.get_one(ConsentItem, school.item(WEB_PHOTO))
        item.terms = {**item.terms, "card_title": "Onze schoolkrant op het web"}

    school.database.write(rename)
    page = reads(visit_as("noor"), "en").get(address(school))
    assert foreign(page, "nl") == ["Onze schoolkrant op het web"]


def test_the_paper_form_and_its_letter_hold_the_dutch_words(school: School, visit_as: Open) -> None:
    petra = reads(visit_as("petra"), "en")
    page = petra.get(f"/werk/op-papier/{school.people.sem}/{school.people.noor}")
    assert DUTCH in foreign(page, "nl")
    assert ENGLISH not in page.html
    letter = petra.fill(
        {
            "received_on-day": "16",
            "received_on-month": "11",
            "received_on-year": "2026",
            "channel": "paper",
            field(school): "no",
        },
        form="/op-papier/",
    )
    assert DUTCH in foreign(letter, "nl")
    assert letter.says("Asked in Dutch, text number 1.")
    assert kept(school) == [("nl", DUTCH)]


def test_tasks_and_sheets_name_the_question_in_the_language_of_the_page(school: School, visit_as: Open) -> None:
    school.says("ravi", "asha", {WEB_PHOTO: YES}, language="en")
    school.says("ravi", "asha", {WEB_PHOTO: NO})
    with school.database.read() as session:
        task = session.scalar(select(Task.id).order_by(Task.id))
    petra = reads(visit_as("petra"), "en")
    for path in ("/werk/taken", f"/werk/taken/{task}"):
        page = petra.get(path)
        assert page.says("The school website: photos"), path
        assert "De website van de school" not in page.html
        assert page.main.select("[lang]") == []
    purposes = reads(visit_as("ilse"), "en").get(f"/werk/mag-dit/{school.people.group5}")
    assert purposes.says("Social media in")
    assert not purposes.says("Sociale media")


def test_a_receipt_of_a_question_that_is_no_longer_asked_keeps_its_english_words(
    school: School, visit_as: Open
) -> None:
    receipt = school.says("noor", "sem", {WEB_PHOTO: YES}, language="en")
    school.database.write(
        lambda session: (
            session.execute(
                update(ConsentItem).where(ConsentItem.code == WEB_PHOTO).values(retired_at=school.clock.now())
            ).rowcount
        )
    )
    page = reads(visit_as("noor"), "en").get(f"/mijn/ontvangstbewijs/{receipt}")
    assert page.says(ENGLISH)
    assert page.main.select("button.plain") == [], "what is not asked any more cannot be undone"
