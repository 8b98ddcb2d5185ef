"""Groups, teachers and roles in the browser, with dates that count at once."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from parentportal.db import Database
from parentportal.models.people import StaffRole
from parentportal.outside.clock import FrozenClock
from parentportal.rules.roles import Role
from tests.people import People
from tests.visit import Visit


def test_a_substitute_gets_a_group_and_loses_it_on_the_day(
    visit_as: Callable[..., Visit], people: People, database: Database, clock: FrozenClock
) -> None:
    petra, bas = visit_as("petra"), visit_as("bas")
    page = petra.get("/werk/groepen")
    assert page.says("Ilse Vermeer")
    petra.get(page.links()["Groep 5"])
    days = {"ends_on-day": "18", "ends_on-month": "11", "ends_on-year": "2026"}
    page = petra.fill({"teacher": str(people.bas), **days}, button="Groep geven")
    assert page.says("De leerkracht heeft de groep.")
    bas.get(f"/werk/mag-dit/{people.group5}")
    clock.advance(timedelta(days=1))
    visit_as("bas").get(f"/werk/mag-dit/{people.group5}", status=404)


def test_dates_out_of_order_are_told_at_the_field(visit_as: Callable[..., Visit], people: People) -> None:
    petra = visit_as("petra")
    petra.get(f"/werk/groepen/{people.group5}")
    days = {"ends_on-day": "1", "ends_on-month": "11", "ends_on-year": "2026"}
    page = petra.fill({"teacher": str(people.bas), **days}, button="Groep geven", status=422)
    assert any("Kies een einddatum na de begindatum." in error for error in page.errors())
    page = petra.fill({"teacher": "", "starts_on-day": "31"}, button="Groep geven", status=422)
    assert any("Kies een leerkracht." in error for error in page.errors())


def test_a_teacher_who_has_the_group_already_does_not_get_it_twice(
    visit_as: Callable[..., Visit], people: People
) -> None:
    petra = visit_as("petra")
    petra.get(f"/werk/groepen/{people.group5}")
    page = petra.fill({"teacher": str(people.ilse)}, button="Groep geven", status=409)
    assert page.says("heeft de groep al in deze periode")


def test_ilse_stops_with_group_5_today(visit_as: Callable[..., Visit], people: People) -> None:
    ilse, petra = visit_as("ilse"), visit_as("petra")
    ilse.get(f"/werk/mag-dit/{people.group5}")
    page = petra.get(f"/werk/groepen/{people.group5}")
    petra.get(page.links()["Stoppen : Ilse Vermeer"])
    page = petra.fill(button="Ja, stoppen")
    assert page.says("geweest")
    ilse.get(f"/werk/mag-dit/{people.group5}", status=404)


def test_a_group_of_another_school_does_not_exist(visit_as: Callable[..., Visit], people: People) -> None:
    petra = visit_as("petra")
    petra.get(f"/werk/groepen/{people.kompas4}", status=404)
    visit_as("mirjam").get(f"/werk/groepen/{people.group5}", status=404)
    visit_as("ilse").get("/werk/groepen", status=404)
    petra.get(f"/werk/groepen/{people.group5}")
    petra.fill({"teacher": str(people.bas)}, button="Groep geven")


def test_mirjam_of_another_school_cannot_be_given_a_group(visit_as: Callable[..., Visit], people: People) -> None:
    petra = visit_as("petra")
    page = petra.get(f"/werk/groepen/{people.group5}")
    assert "Mirjam Kok" not in page.text
    petra.fill({"teacher": str(people.mirjam)}, button="Groep geven", status=422)


def role_of(database: Database, adult_id: object) -> StaffRole:
    """The only role of a colleague."""
    with database.read() as session:
        return session.scalars(select(StaffRole).where(StaffRole.adult_id == adult_id)).one()


def test_hanna_ends_the_role_of_ilse_whose_open_session_stops(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    ilse, hanna = visit_as("ilse"), visit_as("hanna")
    ilse.get("/werk/meer")
    page = hanna.get("/werk/medewerkers")
    hanna.get(page.links()["Rol stoppen : Ilse Vermeer , leerkracht"])
    page = hanna.fill(button="Ja, de rol stoppen")
    assert page.says("De rol is gestopt.")
    assert not page.says("Ilse Vermeer")
    answer = ilse.raw("GET", "/werk/meer")
    assert answer.status_code == 303
    assert role_of(database, people.ilse).ended_by_id == people.hanna
    assert visit_as("petra").get(f"/werk/groepen/{people.group5}").says("geweest")


def test_the_last_director_stays(visit_as: Callable[..., Visit], people: People, database: Database) -> None:
    hanna = visit_as("hanna")
    hanna.get(f"/werk/medewerkers/{role_of(database, people.hanna).id}/stoppen")
    page = hanna.fill(button="Ja, de rol stoppen", status=409)
    assert page.says("Dit is de laatste directeur van de school.")
    assert role_of(database, people.hanna).ended_at is None


def test_roles_of_another_school_do_not_exist(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    mirjams, ilses = role_of(database, people.mirjam).id, role_of(database, people.ilse).id
    visit_as("hanna").get(f"/werk/medewerkers/{mirjams}/stoppen", status=404)
    visit_as("mirjam").get(f"/werk/medewerkers/{ilses}/stoppen", status=404)
    visit_as("petra").get(f"/werk/medewerkers/{ilses}/stoppen", status=404)
    assert not visit_as("mirjam").get("/werk/medewerkers").says("Ilse")


def test_petra_notes_that_ilse_is_away_and_back(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    petra = visit_as("petra")
    petra.get("/werk/medewerkers")
    away = f"{role_of(database, people.ilse).id}/afwezig"
    page = petra.fill(form=away)
    assert page.says("Verzoeken gaan nu naar een collega.")
    assert role_of(database, people.ilse).on_leave
    assert petra.get("/werk/groepen").says("Ilse Vermeer (afwezig)")
    petra.get("/werk/medewerkers")
    petra.fill(form=away)
    assert not role_of(database, people.ilse).on_leave
    assert role_of(database, people.ilse).role is Role.TEACHER
