"""Authority in the browser: what waits, confirming one and many, ending with an open session, shielding."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.authority import Authority
from parentportal.outside.clock import FrozenClock
from parentportal.rules.authority import Evidence, Mark, Relation, Status
from parentportal.rules.step_ups import Act
from tests.administration import add_adult, family, list_relation
from tests.people import People
from tests.step_ups import prove
from tests.visit import Visit


def list_bram(session: Session, people: People) -> UUID:
    """A second adult of Lot, listed by a delivery, without a known address."""
    return list_relation(session, people.lot, add_adult(session, people, "Bram", "Postma"))


def relation(database: Database, authority_id: UUID) -> Authority:
    """The row as it is now."""
    with database.read() as session:
        return session.get_one(Authority, authority_id)


def test_petra_confirms_one_parent_with_the_proof_she_saw(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    waiting = database.write(lambda session: list_bram(session, people))
    petra = visit_as("petra", proved=[Act.GUARDIANS])
    page = petra.get("/werk/gezag")
    assert page.says("Lot de Wit")
    assert page.says("Nog niet bevestigd")
    assert not page.says("Asha"), "nothing waits there"
    page = petra.get(page.links()["Lot de Wit"])
    page = petra.get(page.links()["Bevestigen : Bram Postma"])
    page = petra.fill({"kind": "sole", "evidence": "declaration"}, form="bevestigen", status=422)
    assert "Dit bewijs past niet bij deze relatie. Kies een ander bewijs." in page.text
    page = petra.fill({"kind": "joint_separated", "evidence": "declaration"}, form="bevestigen")
    assert page.says("Het gezag is bevestigd")
    row = relation(database, waiting)
    assert (row.status, row.kind, row.evidence) == (Status.CONFIRMED, Relation.JOINT_SEPARATED, Evidence.DECLARATION)
    assert row.confirmed_by_id == people.petra


def test_every_question_of_the_form_is_asked_in_words(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    waiting = database.write(lambda session: list_bram(session, people))
    petra = visit_as("petra", proved=[Act.GUARDIANS])
    petra.get(f"/werk/gezag/{waiting}/bevestigen")
    page = petra.fill({"valid_until-day": "31", "valid_until-month": "2"}, form="bevestigen", status=422)
    assert {"Kies wat de relatie is.", "Kies welk bewijs u heeft gezien."} <= {
        error.removeprefix("Fout: ") for error in page.errors()
    }
    assert page.says("Vul een datum in die bestaat")
    assert relation(database, waiting).status is Status.UNKNOWN


def test_a_family_at_one_address_is_confirmed_with_one_button(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    yara, both = database.write(lambda session: family(session, people, "Yara", ("Jip", "Fleur"), "Kade 4"))
    petra = visit_as("petra", proved=[Act.GUARDIANS])
    page = petra.get("/werk/gezag")
    assert page.says("1 gezin kunt u in één keer bevestigen")
    page = petra.get(page.links()["Bekijk deze gezinnen"])
    assert page.says("Jip Visser, Fleur Visser") or page.says("Fleur Visser, Jip Visser")
    page = petra.fill(form="samen-bevestigen", button="Bevestig dit 1 gezin")
    assert page.says("Het gezag in deze gezinnen is bevestigd.")
    rows = [relation(database, one) for one in both]
    assert {(row.status, row.evidence, row.pupil_id) for row in rows} == {(Status.CONFIRMED, Evidence.DELIVERY, yara)}


def test_a_list_that_changed_meanwhile_confirms_nobody(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    _yara, both = database.write(lambda session: family(session, people, "Yara", ("Jip", "Fleur"), "Kade 4"))
    petra = visit_as("petra", proved=[Act.GUARDIANS])
    petra.get("/werk/gezag/samen-bevestigen")
    _zoe, others = database.write(lambda session: family(session, people, "Zoë", ("Mats", "Lena"), "Kade 6"))
    page = petra.fill(form="samen-bevestigen", status=409)
    assert page.says("De lijst is intussen veranderd")
    assert {relation(database, one).status for one in (*both, *others)} == {Status.UNKNOWN}


def test_when_authority_ends_the_open_session_shows_the_child_no_longer(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    daan, hanna = visit_as("daan"), visit_as("hanna", proved=[Act.GUARDIANS])
    assert daan.get("/mijn/").says("Sem")
    hanna.get(f"/werk/gezag/{people.daan_of_sem}/stoppen")
    page = hanna.fill({"reason": "ruling"}, form="stoppen", button="Ja, het gezag stoppen")
    assert page.says("Gestopt")
    assert not daan.get("/mijn/").says("Sem")
    noor = visit_as("noor")
    assert noor.get("/mijn/").says("Sem"), "the other parent keeps the child"


def test_a_death_closes_the_account_and_the_page_says_so(visit_as: Callable[..., Visit], people: People) -> None:
    daan, hanna = visit_as("daan"), visit_as("hanna", proved=[Act.GUARDIANS])
    page = hanna.get(f"/werk/gezag/{people.daan_of_sem}/stoppen")
    assert page.says("Het account van deze persoon gaat dan dicht.")
    page = hanna.fill({"reason": "deceased"}, form="stoppen")
    assert page.says("Het gezag stopt en het account gaat dicht.")
    assert page.says("Deze persoon is overleden.")
    assert daan.raw("GET", "/mijn/").status_code == 303


def test_a_relation_that_was_changed_meanwhile_asks_to_look_again(
    visit_as: Callable[..., Visit], people: People
) -> None:
    petra, hanna = visit_as("petra", proved=[Act.GUARDIANS]), visit_as("hanna", proved=[Act.GUARDIANS])
    petra.get(f"/werk/gezag/{people.daan_of_sem}/bevestigen")
    hanna.get(f"/werk/gezag/{people.daan_of_sem}/stoppen")
    hanna.fill({"reason": "mistake"}, form="stoppen")
    page = petra.fill({"kind": "joint_separated", "evidence": "enrolment"}, form="bevestigen", status=409)
    assert page.says("Iemand anders heeft dit net veranderd")


def test_shielding_says_what_it_hides_and_is_kept(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    petra = visit_as("petra", proved=[Act.GUARDIANS])
    page = petra.get(f"/werk/gezag/{people.daan_of_sem}/veiligheid")
    assert page.says(
        "Deze persoon ziet niet: het adres van het kind, de klassenlijst, telefoon en e-mail van het kind."
    )
    page = petra.fill({"secret_address": "y"}, form="veiligheid")
    assert page.says("Geheim adres")
    row = relation(database, people.daan_of_sem)
    assert (row.secret_address, row.no_contact, row.flagged_by_id) == (True, False, people.petra)
    petra.get(f"/werk/gezag/{people.daan_of_sem}/veiligheid")
    petra.fill({"secret_address": []}, form="veiligheid")
    assert not relation(database, people.daan_of_sem).secret_address


def test_a_search_finds_a_child_without_accents_and_keeps_the_name_out_of_the_address(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    database.write(lambda session: family(session, people, "Zoë", ("Mats", "Lena"), "Kade 6"))
    petra = visit_as("petra", proved=[Act.GUARDIANS])
    petra.get("/werk/gezag")
    page = petra.fill({"name": "zoe visser"}, form="/werk/gezag", button="Zoeken")
    assert page.says("1 gezin gevonden")
    assert page.says("Zoë Visser")
    assert "zoe" not in page.answer.request.url
    page = petra.fill({"name": "Bestaat Niet"}, form="/werk/gezag", button="Zoeken")
    assert page.says("Niemand gevonden")


def test_what_was_suspended_stands_first_and_says_why(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    database.write(lambda session: family(session, people, "Aal", ("Jip", "Fleur"), "Kade 4"))

    def suspend(session: Session) -> None:
        row = session.get_one(Authority, people.ravi_of_asha)
        row.status, row.suspended_reason, row.declared = Status.SUSPENDED, "declared-no", Mark.NO

    database.write(suspend)
    petra = visit_as("petra", proved=[Act.GUARDIANS])
    page = petra.get("/werk/gezag")
    assert page.text.index("Asha Sharma") < page.text.index("Aal Visser")
    page = petra.get(page.links()["Asha Sharma"])
    assert page.says("Een bestand zegt dat deze persoon geen gezag heeft.")


def test_nothing_to_do_says_so(visit_as: Callable[..., Visit], people: People) -> None:
    petra = visit_as("petra", proved=[Act.GUARDIANS])
    assert petra.get("/werk/gezag").says("Er is niets te bevestigen")
    assert petra.get("/werk/gezag?toon=verouderd").says("Niets is verouderd")
    assert petra.get("/werk/gezag/samen-bevestigen").says("Geen gezinnen om samen te bevestigen")


@pytest.mark.parametrize("step", ["bevestigen", "stoppen", "veiligheid"])
def test_a_relation_of_another_school_does_not_exist(visit_as: Callable[..., Visit], people: People, step: str) -> None:
    visit_as("mirjam", proved=[Act.GUARDIANS]).get(f"/werk/gezag/{people.daan_of_sem}/{step}", status=404)
    visit_as("ilse").get(f"/werk/gezag/{people.daan_of_sem}/{step}", status=404)
    visit_as("noor").get(f"/werk/gezag/{people.daan_of_sem}/{step}", status=404)
    visit_as("petra", proved=[Act.GUARDIANS]).get(f"/werk/gezag/{people.sem}/{step}", status=404)


def test_a_family_of_another_school_does_not_exist(visit_as: Callable[..., Visit], people: People) -> None:
    visit_as("mirjam", proved=[Act.GUARDIANS]).get(f"/werk/gezag/leerlingen/{people.sem}", status=404)
    visit_as("petra", proved=[Act.GUARDIANS]).get(f"/werk/gezag/leerlingen/{people.tess}", status=404)
    assert not visit_as("mirjam", proved=[Act.GUARDIANS]).get("/werk/gezag?toon=alles").says("Sem")


def test_whoever_is_a_parent_too_leaves_the_own_child_to_a_colleague(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    _yara, both = database.write(
        lambda session: family(session, people, "Yara", ("Jip", "Fleur"), "Kade 4", also=people.petra)
    )
    petra = visit_as("petra", proved=[Act.GUARDIANS])
    page = petra.get("/werk/gezag")
    assert page.says("uw eigen gezin")
    assert not page.says("in één keer bevestigen")
    page = petra.get(page.links()["Yara Visser"])
    assert page.says("U staat zelf bij dit kind")
    assert not any("/bevestigen" in url for url in page.links().values())
    petra.get(f"/werk/gezag/{both[0]}/bevestigen")
    petra.fill({"kind": "joint", "evidence": "enrolment"}, form="bevestigen", status=409)
    assert relation(database, both[0]).status is Status.UNKNOWN


# Once more a second factor


def test_petra_shows_it_once_for_a_whole_group_and_keeps_what_she_typed(
    visit_as: Callable[..., Visit], people: People, database: Database, clock: FrozenClock
) -> None:
    """The first page asks; for ten minutes no other does; after that a form comes back with all that was typed."""
    _yara, relations = database.write(lambda session: family(session, people, "Yara", ("Jip", "Fleur"), "Kade 4"))
    petra = visit_as("petra")
    petra.get(f"/werk/gezag/{relations[0]}/bevestigen")
    assert prove(petra, database, clock, people.petra).h1 == "Heeft Jip Visser gezag?"
    chosen = {"kind": "joint_separated", "evidence": "register"}
    assert petra.fill(chosen, form="bevestigen").says("Het gezag is bevestigd")
    clock.advance(timedelta(minutes=9))
    petra.get(f"/werk/gezag/{relations[1]}/bevestigen")
    clock.advance(timedelta(minutes=2))
    petra.fill({**chosen, "valid_until-day": "1", "valid_until-month": "9", "valid_until-year": "2027"}, status=403)
    assert relation(database, relations[1]).status is Status.UNKNOWN
    assert prove(petra, database, clock, people.petra).says("Het gezag is bevestigd")
    row = relation(database, relations[1])
    assert (row.status, row.valid_until) == (Status.CONFIRMED, date(2027, 9, 1))
    assert petra.get("/werk/gezag/samen-bevestigen").h1 != "Bent u het echt?"


def test_a_proof_for_giving_a_role_does_not_count_here(visit_as: Callable[..., Visit], people: People) -> None:
    petra = visit_as("petra", proved=[Act.ROLES])
    for path in (f"gezag/{people.daan_of_sem}/stoppen", "gezag/samen-bevestigen"):
        assert petra.get(f"/werk/{path}").h1 == "Bent u het echt?"
    assert petra.get(f"/werk/personen/{people.noor}/en/{people.ravi}").says("van twee rijen één persoon maken")
