"""Adding a colleague on screen: a second factor first, then the role, then a letter to hand over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from parentportal.db import Database
from parentportal.models.groups import TeacherAssignment
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account
from parentportal.outside.clock import FrozenClock
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from tests.activating import app_code
from tests.people import ROLES_OF, People
from tests.sessions import make_account, open_session
from tests.visit import Visit

ADD = "/werk/medewerkers/toevoegen"
GIVE = "/werk/medewerkers/rol-geven"
TOM = {"name": "Tom van der Berg", "email": "tom@waterlijn.example", "role": "teacher"}

Proved = Callable[[str], Visit]


@pytest.fixture
def proved(app: Flask, database: Database, clock: FrozenClock, people: People) -> Proved:
    """A browser of somebody of De Regenboog who showed a second factor just now, to give roles."""

    def open_browser(name: str) -> Visit:
        role = ROLES_OF[name][0]
        token = open_session(database, clock, getattr(people, name), role, people.regenboog, proved=[Act.ROLES])
        return Visit(app).sign_in_as(token)

    return open_browser


def count_of(database: Database, email: str) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Adult).where(Adult.email == email)) or 0


def test_petra_adds_a_teacher_and_prints_the_letter_to_hand_over(
    proved: Proved, people: People, database: Database
) -> None:
    petra = proved("petra")
    page = petra.get("/werk/medewerkers")
    petra.get(page.links()["Medewerker toevoegen"])
    page = petra.fill({**TOM, "groups": ["5", "2"]})
    assert page.h1 == "Tom van der Berg"
    assert page.says("De rol is gegeven.")
    assert page.says("Nog geen brief")
    page = petra.fill(button="Maak een brief", form="printen")
    (sheet,) = page.soup.select("article.sheet")
    words = sheet.get_text(" ", strip=True)
    assert "Uitreiken op school" in words
    assert "twee manieren om in te loggen" in words
    assert "noodcodes" in words
    assert "geboortedatum" not in words
    assert "opgeschreven" not in words
    assert "Help" in words or "help" in words, "in another language too"
    with database.read() as session:
        adult = session.scalars(select(Adult).where(Adult.email == TOM["email"])).one()
        role = session.scalars(select(StaffRole).where(StaffRole.adult_id == adult.id)).one()
        assert (role.role, role.school_id, role.granted_by_id) == (Role.TEACHER, people.regenboog, people.petra)
        groups = session.scalars(select(TeacherAssignment.group_id).where(TeacherAssignment.adult_id == adult.id))
        assert set(groups) == {people.group5, people.group2}


def test_without_a_second_factor_just_now_the_page_asks_for_one_and_then_opens(
    visit_as: Callable[..., Visit], database: Database, clock: FrozenClock, people: People
) -> None:
    secret = make_account(database, clock, people.petra)
    petra = visit_as("petra")
    page = petra.get(ADD)
    assert page.h1 != "Medewerker toevoegen"
    assert petra.fill({"proof_code": app_code(secret, clock)}).h1 == "Medewerker toevoegen"


def test_a_form_that_comes_too_late_is_kept_until_the_second_factor_is_there(
    proved: Proved, database: Database, clock: FrozenClock, people: People
) -> None:
    secret = make_account(database, clock, people.petra)
    petra = proved("petra")
    petra.get(ADD)
    clock.advance(timedelta(minutes=11))
    petra.fill({**TOM, "groups": ["5"]}, status=403)
    assert count_of(database, TOM["email"]) == 0
    page = petra.fill({"proof_code": app_code(secret, clock)})
    assert page.h1 == "Tom van der Berg"
    assert count_of(database, TOM["email"]) == 1


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": "Tom"}, "Vul een voornaam en een achternaam in."),
        ({"name": ""}, "Vul een voornaam en een achternaam in."),
        ({"email": "tom"}, "Vul een e-mailadres in, zoals naam@school.nl."),
        ({"role": ""}, "Kies een rol."),
        ({"role": "director"}, "Kies een van de antwoorden die er staan."),
        ({"role": "guardian"}, "Kies een van de antwoorden die er staan."),
        ({"role": "support", "groups": ["5"]}, "Alleen een leerkracht krijgt een groep."),
        ({"groups": ["9"]}, "Kies een van de antwoorden die er staan."),
        ({"name": "T" * 201 + " Berg"}, "Gebruik niet meer dan 200 tekens."),
    ],
)
def test_wrong_input_stays_and_says_what_to_do(
    proved: Proved, database: Database, typed: dict[str, object], message: str
) -> None:
    petra = proved("petra")
    petra.get(ADD)
    page = petra.fill({**TOM, **typed}, status=422)
    assert any(message in error for error in page.errors()), page.errors()
    kept = petra.held(page.form())
    assert kept["name"] == typed.get("name", TOM["name"])
    assert kept["email"] == typed.get("email", TOM["email"])
    assert count_of(database, TOM["email"]) == 0


def test_hanna_may_give_more_roles_than_petra(proved: Proved) -> None:
    offered = {}
    for name in ("petra", "hanna"):
        page = proved(name).get(ADD)
        offered[name] = {str(choice["value"]) for choice in page.soup.select("input[name=role]")}
    assert offered["petra"] == {"teacher", "support"}
    assert offered["hanna"] == {"teacher", "support", "administration", "director"}


def test_handing_the_form_in_twice_adds_one_colleague(proved: Proved, database: Database) -> None:
    petra = proved("petra")
    petra.get(ADD)
    first, second = (petra.hand_in({**TOM, "groups": ["5"]}) for _time in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert count_of(database, TOM["email"]) == 1


def test_a_parent_with_an_account_gets_the_role_and_no_letter(
    proved: Proved, visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    visit_as("noor")
    hanna = proved("hanna")
    hanna.get(ADD)
    page = hanna.fill({"name": "Noor de Wit", "email": "noor@post.example", "role": "support"})
    assert page.h1 == "Medewerkers"
    assert page.says("Noor de Wit")
    with database.read() as session:
        assert session.scalar(select(func.count()).where(Account.adult_id == people.noor)) == 1
        assert session.scalars(select(StaffRole.role).where(StaffRole.adult_id == people.noor)).all() == [Role.SUPPORT]


def test_hanna_gives_ilse_the_administration_too(proved: Proved, people: People, database: Database) -> None:
    hanna = proved("hanna")
    page = hanna.get("/werk/medewerkers")
    page = hanna.get(page.links()["Collega een rol geven"])
    options = {str(option["value"]) for option in page.soup.select("select[name=colleague] option")}
    assert str(people.ilse) in options
    assert str(people.hanna) not in options
    assert str(people.mirjam) not in options
    hanna.fill({"colleague": str(people.ilse), "role": "administration"})
    with database.read() as session:
        roles = session.scalars(select(StaffRole.role).where(StaffRole.adult_id == people.ilse)).all()
        assert set(roles) == {Role.TEACHER, Role.ADMINISTRATION}


def test_somebody_of_elsewhere_and_oneself_are_not_to_be_chosen(proved: Proved, people: People) -> None:
    hanna = proved("hanna")
    for adult_id in (people.mirjam, people.hanna, people.noor, "x", ""):
        hanna.get(GIVE)
        page = hanna.fill({"colleague": str(adult_id), "role": "teacher"}, status=422)
        assert any("Kies een collega." in error for error in page.errors())


def test_who_has_no_account_has_a_link_to_the_letter(proved: Proved, people: People) -> None:
    page = proved("petra").get("/werk/medewerkers")
    assert page.links()["Brief met een code : Ilse Vermeer"].endswith(f"/brieven/medewerkers/{people.ilse}")
    assert not any(words.startswith("Brief met een code : Petra") for words in page.links())
