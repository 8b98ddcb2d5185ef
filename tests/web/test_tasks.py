"""The task list of administration and director."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from parentportal.db import Database
from parentportal.models.tasks import Task
from parentportal.outside.clock import FrozenClock
from parentportal.rules.tasks import TaskKind
from tests.consents import NO, WEB_PHOTO, YES, School, statements
from tests.people import People
from tests.visit import Visit

Open = Callable[..., Visit]
TAKE_DOWN = "Haal beelden weg: website"


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    found = School(database, clock, people)
    found.says("ravi", "asha", {WEB_PHOTO: YES})
    found.says("ravi", "asha", {WEB_PHOTO: NO})
    return found


def task_id(school: School, kind: TaskKind) -> UUID:
    with school.database.read() as session:
        found = session.scalar(select(Task.id).where(Task.kind == kind))
    assert found is not None
    return found


def test_a_withdrawal_is_on_petras_list_with_a_last_day(school: School, visit_as: Open) -> None:
    page = visit_as("petra").get("/werk/taken")
    assert TAKE_DOWN in page.links()
    assert "Neem de keuze over in ParnasSys" in page.links()
    assert page.says("Asha Sharma")
    assert page.says("groep 5")
    assert page.says("De website van de school: foto’s")
    assert page.says("19 nov 2026")
    assert "Open 2" in page.links()
    assert "Te laat 0" in page.links()


def test_what_is_late_has_a_list_of_its_own(school: School, visit_as: Open) -> None:
    school.clock.advance(timedelta(days=3))
    page = visit_as("petra").get("/werk/taken?welke=te-laat")
    assert TAKE_DOWN in page.links()
    assert "Neem de keuze over in ParnasSys" not in page.links()
    assert page.says("Te laat")


def test_petra_needs_proof_keeps_her_choice_and_then_it_is_done(school: School, visit_as: Open) -> None:
    petra = visit_as("petra")
    petra.get(f"/werk/taken/{task_id(school, TaskKind.REMOVE_PUBLICATION)}")
    assert petra.page is not None
    assert petra.page.says("nee, dit mag niet")
    refused = petra.fill({"state": "done"}, form="/werk/taken/", status=422)
    assert refused.says("Schrijf op hoe u dit heeft gecontroleerd")
    assert [box["value"] for box in refused.main.select("input[checked]")] == ["done"]
    page = petra.fill({"note": "Foto van de sportdag is weg"}, form="/werk/taken/")
    assert page.says("De taak is afgehandeld.")
    assert TAKE_DOWN not in page.links()
    done = petra.get("/werk/taken?welke=klaar")
    petra.get(done.links()[TAKE_DOWN])
    assert petra.page.says("Foto van de sportdag is weg")
    assert petra.page.says("Petra Schouten")
    assert petra.page.forms() == []


def test_an_empty_answer_says_what_to_do(school: School, visit_as: Open) -> None:
    petra = visit_as("petra")
    petra.get(f"/werk/taken/{task_id(school, TaskKind.FORWARD_PREFERENCE)}")
    page = petra.fill({}, form="/werk/taken/", status=422)
    assert page.says("Kies of het gedaan is, of dat het niet kan.")


def test_what_could_not_be_done_can_be_opened_again(school: School, visit_as: Open) -> None:
    hanna = visit_as("hanna")
    hanna.get(f"/werk/taken/{task_id(school, TaskKind.FORWARD_PREFERENCE)}")
    hanna.fill({"state": "reasoned", "note": "Het systeem ligt stil"}, form="/werk/taken/")
    hanna.get(f"/werk/taken/{task_id(school, TaskKind.FORWARD_PREFERENCE)}")
    page = hanna.fill({}, form="heropenen")
    assert page.form("/werk/taken/")["action"].endswith(str(task_id(school, TaskKind.FORWARD_PREFERENCE)))


@pytest.mark.parametrize(
    "query", ["welke=alles", "bladzijde=0", "bladzijde=²", "bladzijde=99999999999999999999", "welke="]
)
def test_an_odd_address_shows_the_open_tasks(school: School, visit_as: Open, query: str) -> None:
    assert TAKE_DOWN in visit_as("petra").get(f"/werk/taken?{query}").links()


def test_others_find_no_tasks(school: School, visit_as: Open) -> None:
    own = f"/werk/taken/{task_id(school, TaskKind.FORWARD_PREFERENCE)}"
    for name in ("ilse", "noor", "hugo"):
        assert visit_as(name).raw("GET", "/werk/taken").status_code == 404
        assert visit_as(name).raw("GET", own).status_code == 404
    mirjam = visit_as("mirjam")
    assert mirjam.raw("GET", own).status_code == mirjam.raw("GET", f"/werk/taken/{uuid4()}").status_code == 404
    assert TAKE_DOWN not in mirjam.get("/werk/taken").links()


def test_a_list_costs_the_same_for_two_tasks_as_for_twenty(school: School, visit_as: Open, database: Database) -> None:
    petra = visit_as("petra")
    petra.get("/werk/taken")
    before = statements(database, petra, "/werk/taken")
    codes = ("BM-V-WEB", "BM-F-NIEUWSBRIEF", "BM-V-NIEUWSBRIEF", "BM-F-OUDERAPP", "BM-F-SOCIAAL", "KL-NAAM")
    for choice in (YES, NO):
        school.says("ravi", "asha", dict.fromkeys(codes, choice))
    assert "Open 14" in petra.get("/werk/taken").links()
    assert statements(database, petra, "/werk/taken") == before <= 5
    one = f"/werk/taken/{task_id(school, TaskKind.FORWARD_PREFERENCE)}"
    assert statements(database, petra, one) <= 5
