"""Toestemming as guardians meet it: three states, equal ways to yes and no, and nothing of anybody else."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from bs4 import Tag
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.authority import Authority
from parentportal.models.consents import ConsentEvent, ConsentWording
from parentportal.models.people import Pupil
from parentportal.outside.clock import FrozenClock
from parentportal.rules.authority import Status
from tests.consents import NO, WEB_PHOTO, YES, School, statements
from tests.page import Page
from tests.people import People
from tests.visit import BASE, Visit

Open = Callable[..., Visit]


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    return School(database, clock, people)


def field(school: School, code: str) -> str:
    return f"keuze-{school.item(code)}"


def address(school: School, pupil: str = "sem") -> str:
    return f"/mijn/kinderen/{school.pupil(pupil)}/toestemming"


def choose(visit: Visit, school: School, pupil: str, answers: dict[str, str]) -> Page:
    visit.get(address(school, pupil))
    return visit.fill({field(school, code): value for code, value in answers.items()}, form="/toestemming")


def kept(school: School) -> list[ConsentEvent]:
    with school.database.read() as session:
        return list(session.scalars(select(ConsentEvent).order_by(ConsentEvent.at)))


def pairs(page: Page) -> list[Tag]:
    return page.main.select("fieldset.pair")


def group_of(page: Page, school: School, code: str) -> Tag:
    found = page.main.find(id=f"vraag-{school.item(code)}")
    assert isinstance(found, Tag)
    return found


def test_nothing_is_chosen_beforehand_and_no_card_too_many(school: School, visit_as: Open) -> None:
    page = visit_as("noor").get(address(school))
    assert len(pairs(page)) == 14
    assert page.main.select("input[checked]") == []
    assert len(page.main.select("form section.card")) == 8
    assert page.says("14 van 14 vragen zijn nog niet beantwoord.")
    assert page.main.get_text().count("Nog niet gekozen") == 14


def test_yes_and_no_are_equal_in_words_and_place(school: School, visit_as: Open) -> None:
    for pair in pairs(visit_as("noor").get(address(school))):
        options = pair.select("label.option")
        assert [option.get_text(" ", strip=True) for option in options] == ["Ja, dat mag", "Nee, dat mag niet"]
        shape = [re.sub(r"keuze-[\w-]+|yes|no|Ja, dat mag|Nee, dat mag niet", "", str(option)) for option in options]
        assert shape[0] == shape[1]


def test_each_question_has_all_parts_of_its_text_and_says_how_to_stop(school: School, visit_as: Open) -> None:
    page = visit_as("noor").get(address(school))
    for pair in pairs(page):
        assert isinstance(pair.parent, Tag)
        terms = [term.get_text(strip=True) for term in pair.parent.select("details dt")]
        assert terms == [
            "Waar",
            "Wie het kan zien",
            "Voorbeeld",
            "Hoe lang",
            "Als u nee kiest",
            "Wie kiest",
            "Van keuze veranderen",
        ]
        assert all(value.get_text(strip=True) for value in pair.parent.select("details dd"))
        assert "{name}" not in pair.parent.get_text()


def test_what_is_no_choice_stands_there_without_a_switch(school: School, visit_as: Open) -> None:
    page = visit_as("noor").get(address(school))
    assert page.says("Inschrijving bij de overheid")
    assert page.main.get_text().count("Geen keuze") >= 8
    assert not page.says("Klasbord")


def test_noor_saves_two_answers_and_leaves_the_rest(school: School, visit_as: Open) -> None:
    page = choose(visit_as("noor"), school, "sem", {WEB_PHOTO: "yes", "BM-V-WEB": "no"})
    assert page.h1 == "Uw keuze is opgeslagen"
    assert page.says("Was: niet gekozen. Nu: ja.")
    assert page.says("Was: niet gekozen. Nu: nee.")
    assert page.says("Dit geldt vanaf nu.")
    assert page.says("dinsdag 17 november 2026, 10:00 uur")
    assert page.says("Gevraagd in het Nederlands, tekst nummer 1.")
    again = visit_as("noor").get(address(school))
    assert [box["value"] for box in again.main.select("input[checked]")] == ["yes", "no"]
    assert again.says("gekozen door u op 17 nov 2026")
    assert again.says("12 van 14 vragen zijn nog niet beantwoord.")


def test_a_receipt_is_found_again_with_its_question(school: School, visit_as: Open) -> None:
    number = choose(visit_as("noor"), school, "sem", {WEB_PHOTO: "yes"}).title
    noor = visit_as("noor")
    links = [link for link in noor.get(address(school)).main.select("details a") if "Bewijs" in link.get_text()]
    assert len(links) == 1, "only what was answered has one"
    assert noor.get(str(links[0]["href"])).title == number
    assert not visit_as("daan").get(address(school)).main.select("details a[href*=ontvangstbewijs]")


def test_saving_without_a_change_gives_no_receipt(school: School, visit_as: Open) -> None:
    noor = visit_as("noor")
    choose(noor, school, "sem", {WEB_PHOTO: "yes"})
    page = choose(noor, school, "sem", {})
    assert page.says("U heeft niets veranderd.")
    assert page.h1 == "Toestemming voor Sem"
    assert len(kept(school)) == 1


def test_a_double_tap_is_one_event_and_one_receipt(school: School, visit_as: Open) -> None:
    noor = visit_as("noor")
    noor.get(address(school))
    answers = {field(school, WEB_PHOTO): "yes"}
    first = noor.hand_in(answers, form="/toestemming")
    second = noor.hand_in(answers, form="/toestemming")
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert len(kept(school)) == 1


def steps(visit: Visit, school: School, value: str) -> tuple[int, int, int]:
    """What one choice takes from the start of the room: page loads, clicks and fields to fill in."""
    loads = clicks = 1
    visit.get(address(school, "asha"))
    assert visit.page is not None
    form = visit.page.form("/toestemming")
    fields = [control["name"] for control in form.select("input:not([type=hidden]):not([type=radio]), textarea")]
    clicks += 1
    answer = visit.hand_in({field(school, WEB_PHOTO): value}, form="/toestemming")
    while answer.status_code in (301, 302, 303, 307):
        loads += 1
        answer = visit.raw("GET", str(answer.location))
    page = Page(answer)
    assert page.h1 == "Uw keuze is opgeslagen"
    return loads, clicks, len(fields)


def test_taking_back_takes_as_many_steps_as_giving(school: School, visit_as: Open) -> None:
    giving = steps(visit_as("ravi"), school, "yes")
    taking_back = steps(visit_as("ravi"), school, "no")
    giving_again = steps(visit_as("ravi"), school, "yes")
    assert giving == taking_back == giving_again == (2, 2, 0)


def test_an_answer_to_an_old_text_comes_back_with_the_new_text_and_her_choices(school: School, visit_as: Open) -> None:
    noor = visit_as("noor")
    noor.get(address(school))
    reword(school)
    answers = {field(school, WEB_PHOTO): "yes", field(school, "BM-V-WEB"): "no"}
    page = noor.fill(answers, form="/toestemming", status=422)
    assert page.says("De tekst van deze vraag is veranderd.")
    assert page.says("Ook in de etalage.")
    assert [box["value"] for box in page.main.select("input[checked]")] == ["yes", "no"]
    assert page.title.startswith("Fout:")
    assert kept(school) == []
    assert noor.fill({}, form="/toestemming").h1 == "Uw keuze is opgeslagen"


def reword(school: School) -> None:
    old_id = school.wordings()[school.item(WEB_PHOTO)]

    def work(session: Session) -> None:
        old = session.get_one(ConsentWording, old_id)
        session.add(
            ConsentWording(
                board_id=old.board_id,
                item_id=old.item_id,
                language="nl",
                version=2,
                texts={**old.texts, "where": "Ook in de etalage."},
                sha256="1" * 64,
                material=False,
                published_at=old.published_at,
            )
        )

    school.database.write(work)


def test_an_old_window_does_not_bring_back_what_was_changed_in_another(school: School, visit_as: Open) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES})
    noor = visit_as("noor")
    noor.get(address(school))
    school.says("noor", "sem", {WEB_PHOTO: NO})
    noor.fill({field(school, "BM-V-WEB"): "yes"}, form="/toestemming")
    assert not school.counts("sem", WEB_PHOTO).allowed
    assert school.counts("sem", "BM-V-WEB").allowed


def test_an_answer_that_does_not_exist_is_refused_in_words(school: School, visit_as: Open) -> None:
    noor = visit_as("noor")
    noor.get(address(school))
    page = noor.fill({field(school, WEB_PHOTO): "misschien"}, form="/toestemming", status=422)
    assert page.says("Kies een van de antwoorden die er staan.")
    assert kept(school) == []


def test_noor_reads_that_her_yes_does_not_count_but_nothing_of_daan(school: School, visit_as: Open) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES, "KL-TEL": YES})
    school.clock.advance(timedelta(hours=3, minutes=7))
    school.says("daan", "sem", {WEB_PHOTO: NO, "KL-TEL": NO, "BM-V-WEB": YES})
    page = visit_as("noor").get(address(school))
    web = group_of(page, school, WEB_PHOTO).get_text(" ", strip=True)
    assert "Nu: nee" in web
    assert "u koos ja op 17 nov 2026" in web
    assert "Een andere ouder of verzorger koos anders. Daarom geldt nee." in web
    phone = group_of(page, school, "KL-TEL").get_text(" ", strip=True)
    assert "Nu: ja" in phone
    assert "andere ouder of verzorger koos" not in phone
    video = group_of(page, school, "BM-V-WEB").get_text(" ", strip=True)
    assert "Daarom geldt nu ja. Kiest u nee, dan geldt nee." in video
    for canary in ("Daan", "Geheimlaan", "31612345602", "daan@post.example", "13:07", str(school.people.daan)):
        assert canary not in page.html


def test_with_a_safety_flag_no_word_about_another_person(school: School, visit_as: Open) -> None:
    school.says("noor", "sem", {WEB_PHOTO: YES})
    school.says("daan", "sem", {WEB_PHOTO: NO, "BM-V-WEB": YES})
    school.database.write(
        lambda session: (
            session.execute(
                update(Authority)
                .where(Authority.id == school.people.daan_of_sem)
                .values(no_contact=True, flagged_at=school.clock.now(), flagged_by_id=school.people.petra)
            ).rowcount
        )
    )
    page = visit_as("noor").get(address(school))
    assert "Nu: nee" in group_of(page, school, WEB_PHOTO).get_text(" ", strip=True)
    assert "andere ouder of verzorger koos" not in page.text


def test_the_receipt_undoes_one_line_with_one_press(school: School, visit_as: Open) -> None:
    ravi = visit_as("ravi")
    choose(ravi, school, "asha", {WEB_PHOTO: "yes", "BM-V-WEB": "yes"})
    page = choose(ravi, school, "asha", {WEB_PHOTO: "no"})
    assert page.says("Wilt u ook oude beelden weg laten halen?")
    assert ravi.raw("GET", page.links()["Vraag om bepaalde beelden weg te halen"]).status_code == 200
    back = ravi.fill({}, form=f"{school.item(WEB_PHOTO)}/ongedaan-maken")
    assert back.says("Was: nee. Nu: ja.")
    assert not back.says("Wilt u ook oude beelden")
    assert school.counts("asha", WEB_PHOTO).allowed
    assert len(kept(school)) == 4


def test_pressing_undo_twice_is_one_step_back(school: School, visit_as: Open) -> None:
    ravi = visit_as("ravi")
    choose(ravi, school, "asha", {WEB_PHOTO: "yes"})
    choose(ravi, school, "asha", {WEB_PHOTO: "no"})
    first = ravi.hand_in({}, form="ongedaan-maken")
    second = ravi.hand_in({}, form="ongedaan-maken")
    assert first.location == second.location
    assert len(kept(school)) == 3


def test_a_foreign_child_or_receipt_is_as_if_it_did_not_exist(school: School, visit_as: Open) -> None:
    receipt = school.says("noor", "sem", {WEB_PHOTO: YES})
    item = school.item(WEB_PHOTO)
    ravi = visit_as("ravi")
    answers = {
        same_again(ravi, path)
        for path in (
            address(school, "sem"),
            address(school, "fien"),
            f"/mijn/kinderen/{uuid4()}/toestemming",
            f"/mijn/ontvangstbewijs/{receipt}",
            f"/mijn/ontvangstbewijs/{uuid4()}",
        )
    }
    assert len(answers) == 1
    daan = visit_as("daan")
    form = daan.get(address(school)).form("/toestemming")
    undo = daan.client.post(
        f"/mijn/ontvangstbewijs/{receipt}/{item}/ongedaan-maken",
        data={"csrf_token": daan.held(form)["csrf_token"], "idempotency_key": str(uuid4())},
        base_url=BASE,
        headers={"Origin": BASE, "Referer": BASE + address(school)},
    )
    assert undo.status_code == 404
    assert len(kept(school)) == 1


def same_again(visit: Visit, path: str) -> tuple[int, str]:
    answer = visit.raw("GET", path)
    assert answer.status_code == 404, path
    body = answer.get_data(as_text=True)
    return answer.status_code, re.sub(r'[0-9A-F]{8}|value="[\w.\-]+"', "", body)


def test_an_open_session_loses_the_child_with_the_authority(school: School, visit_as: Open) -> None:
    daan = visit_as("daan")
    daan.get(address(school))
    school.database.write(
        lambda session: (
            session.execute(
                update(Authority)
                .where(Authority.id == school.people.daan_of_sem)
                .values(status=Status.ENDED, ended_at=school.clock.now(), ended_by_id=school.people.petra)
            ).rowcount
        )
    )
    assert daan.hand_in({field(school, WEB_PHOTO): "no"}, form="/toestemming").status_code == 404
    assert daan.raw("GET", address(school)).status_code == 404
    assert kept(school) == []


def test_the_overview_lists_children_and_skips_itself_for_one(school: School, visit_as: Open) -> None:
    school.says("noor", "sem", {WEB_PHOTO: NO})
    page = visit_as("noor").get("/mijn/toestemming")
    assert page.says("1 van 14 vragen beantwoord")
    assert "Lot" in page.links()
    assert visit_as("ravi").get("/mijn/toestemming").h1 == "Toestemming voor Asha"


def test_a_page_costs_at_most_five_statements(school: School, visit_as: Open, database: Database) -> None:
    receipt = school.says("noor", "sem", {WEB_PHOTO: YES, "BM-V-WEB": NO})
    noor = visit_as("noor")
    for path in (address(school), f"/mijn/ontvangstbewijs/{receipt}", "/mijn/toestemming"):
        noor.raw("GET", path)
        assert statements(database, noor, path) <= 5, path


def test_sixteen_and_up_the_parent_has_no_page(school: School, visit_as: Open) -> None:
    school.database.write(
        lambda session: (
            session.execute(
                update(Pupil).where(Pupil.id == school.people.asha).values(birth_date=date(2010, 11, 17))
            ).rowcount
        )
    )
    assert visit_as("ravi").raw("GET", address(school, "asha")).status_code == 404
