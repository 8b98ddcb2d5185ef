"""Two listed adults who are one, joined in the browser."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.people import Adult
from parentportal.rules.step_ups import Act
from tests.administration import add_adult, list_relation
from tests.people import People
from tests.visit import Visit


def second_noor(database: Database, people: People) -> UUID:
    """Noor once more, as another source knows her, listed with Asha."""

    def work(session: Session) -> UUID:
        adult_id = add_adult(session, people, "Noor", "Wit", email="noor@post.example")
        session.get_one(Adult, adult_id).prefix = "de"
        list_relation(session, people.asha, adult_id)
        return adult_id

    return database.write(work)


def test_petra_joins_two_rows_of_noor(visit_as: Callable[..., Visit], people: People, database: Database) -> None:
    twin = second_noor(database, people)
    petra = visit_as("petra", proved=[Act.GUARDIANS])
    page = petra.get("/werk/personen")
    assert page.says("Twee rijen met dezelfde naam en e-mail.")
    page = petra.get(page.links()["Vergelijk : Noor de Wit"])
    assert page.says("Asha Sharma")
    assert page.says("Sem Bakker")
    assert page.says("Dit kan niet ongedaan worden gemaakt")
    page = petra.fill(button="Ja, dit is één persoon")
    assert page.says("De twee rijen zijn nu één persoon.")
    assert page.says("Niemand lijkt dubbel te staan")
    with database.read() as session:
        rows = {session.get_one(Adult, one).merged_into_id for one in (people.noor, twin)}
    assert rows in ({None, people.noor}, {None, twin})


def test_a_double_without_the_same_address_is_chosen_by_hand(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    twin = database.write(lambda session: add_adult(session, people, "Noortje", "Wit"))
    database.write(lambda session: list_relation(session, people.lot, twin))
    petra = visit_as("petra", proved=[Act.GUARDIANS])
    petra.get("/werk/personen")
    page = petra.fill({"name": "noortje"}, form="/werk/personen", button="Zoeken")
    page = petra.get(page.links()["Staat dubbel : Noortje Wit"])
    petra.fill({"other": ""}, form="dubbel", status=422)
    page = petra.fill({"other": str(people.noor)}, form="dubbel")
    assert page.says("Zijn deze twee één persoon?")
    assert page.says("noor@post.example")


def test_two_accounts_are_not_joined(visit_as: Callable[..., Visit], people: People, database: Database) -> None:
    visit_as("noor")
    visit_as("daan")
    page = visit_as("petra", proved=[Act.GUARDIANS]).get(f"/werk/personen/{people.noor}/en/{people.daan}")
    assert page.says("Beide rijen hebben een account")
    assert not page.forms()


def test_people_of_another_school_do_not_exist(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    mirjam, petra = visit_as("mirjam", proved=[Act.GUARDIANS]), visit_as("petra", proved=[Act.GUARDIANS])
    mirjam.get(f"/werk/personen/{people.noor}/en/{people.daan}", status=404)
    mirjam.get(f"/werk/personen/{people.noor}/dubbel", status=404)
    petra.get(f"/werk/personen/{people.noor}/en/{people.olga}", status=404)
    petra.get(f"/werk/personen/{people.noor}/en/{people.noor}", status=404)
    visit_as("ilse").get("/werk/personen", status=404)


def test_petra_does_not_join_herself(visit_as: Callable[..., Visit], people: People) -> None:
    petra = visit_as("petra", proved=[Act.GUARDIANS])
    petra.get(f"/werk/personen/{people.ravi}/en/{people.petra}")
    page = petra.fill(button="Ja, dit is één persoon", status=409)
    assert page.says("Dit gaat over uzelf")
