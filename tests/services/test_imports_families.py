"""Guardians in a file: they open nothing, a no closes at once, and a secret address stays secret (formats 11.11)."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.imports import SourceKey
from parentportal.models.items import Item, PersonKind
from parentportal.models.people import Adult
from parentportal.models.sign_in import Account
from parentportal.models.tasks import Task
from parentportal.outside import clock
from parentportal.reads.children import get_child, list_children
from parentportal.reads.consent_standing import list_questions
from parentportal.rules.authority import Evidence, Mark, Relation, Status
from parentportal.rules.consents import Choice
from parentportal.rules.errors import NotFound
from parentportal.rules.tasks import TaskKind
from parentportal.services import consents
from parentportal.sources.writing import write_list
from tests.deliveries import ASHA, DAAN, LOT, NOOR, SEM, bring, bring_everybody, edexml, guardians
from tests.people import People
from tests.services.story import visitor

MOTHER = {**NOOR, "Leerlingnummer": "K1", "Wettelijk vertegenwoordiger": "Ja"}
FATHER = {**DAAN, "Leerlingnummer": "K1", "Wettelijk vertegenwoordiger": "Ja"}


@pytest.fixture
def listed(database: Database, people: People) -> People:
    """The cast, after the first export and a list with the parents of Sem under a key of their own."""
    bring_everybody(database, people)
    assert bring(database, people, guardians(MOTHER, FATHER), name="ouders.csv").outcome == "applied"
    return people


def adult_with_key(database: Database, key: str) -> UUID:
    with database.read() as session:
        found = session.scalar(select(SourceKey.object_id).where(SourceKey.kind == "guardian", SourceKey.value == key))
        assert found is not None, key
        return found


def relation(database: Database, adult_id: UUID, pupil_id: UUID) -> Authority:
    with database.read() as session:
        found = session.scalars(
            select(Authority).where(Authority.adult_id == adult_id, Authority.pupil_id == pupil_id)
        ).one()
        session.expunge(found)
        return found


def confirm(database: Database, adult_id: UUID, pupil_id: UUID) -> None:
    """A person of the school confirms the relation."""
    with database.read() as session:
        now = clock.now(session)
    chosen = update(Authority).where(Authority.adult_id == adult_id, Authority.pupil_id == pupil_id)
    database.write(
        lambda s: s.execute(
            chosen.values(
                status=Status.CONFIRMED,
                kind=Relation.JOINT_SEPARATED,
                evidence=Evidence.RULING,
                confirmed_at=now,
                confirmed_by_id=new_id(),
            )
        )
    )


def test_parents_in_a_list_get_a_relation_that_opens_nothing_and_no_account(database: Database, listed: People) -> None:
    daan = adult_with_key(database, "V2")
    found = relation(database, daan, listed.sem)
    assert (found.status, found.declared, found.kind, found.relation_word) == (
        Status.UNKNOWN,
        Mark.YES,
        None,
        "father",
    )
    with database.read() as session:
        by = visitor(database, listed, "daan")
        seen = list_children(session, replace(by, adult_id=daan), board_id=listed.waterlijn)
        assert seen == []
        assert session.scalar(select(Account.id).where(Account.adult_id == daan)) is None


def test_a_parent_of_two_children_is_one_adult_and_an_equal_mail_address_is_not(
    database: Database, people: People
) -> None:
    bring_everybody(database, people)
    shared = {"E-mailadres": "thuis@post.example"}
    rows = (
        {**NOOR, **shared, "Leerlingnummer": "K1"},
        {**NOOR, **shared, "Leerlingnummer": "K2"},
        {**DAAN, **shared, "Leerlingnummer": "K1"},
    )
    applied = bring(database, people, guardians(*rows), name="ouders.csv")
    assert applied.counts["guardians"]["new"] == 2
    noor = adult_with_key(database, "V1")
    assert noor != adult_with_key(database, "V2")
    assert relation(database, noor, people.sem).pupil_id == people.sem
    assert relation(database, noor, people.lot).pupil_id == people.lot
    assert "possible-same-adult" in {warned.code for warned in applied.warnings}, "the cast has a Noor already"


def test_a_parent_without_a_key_is_found_again_by_child_and_name(database: Database, people: People) -> None:
    bring_everybody(database, people)
    keyless = {name: value for name, value in MOTHER.items() if name != "Verzorgernummer"}
    bring(database, people, guardians({**keyless, "Telefoon": "0612345678"}), name="a.csv")
    again = bring(database, people, guardians({**keyless, "Telefoon": "0687654321"}), name="b.csv")
    assert (again.counts["guardians"]["new"], again.counts["guardians"]["changed"]) == (0, 1)


def test_two_parents_with_one_name_are_told_apart_by_phone(database: Database, people: People) -> None:
    bring_everybody(database, people)
    base = {"Leerlingnummer": "K3", "Voornaam": "A.", "Achternaam": "Sharma", "Relatie": "moeder"}
    one, other = {**base, "Telefoon": "0612345678"}, {**base, "Telefoon": "0687654321"}
    assert bring(database, people, guardians(one, other), name="a.csv").counts["guardians"]["new"] == 2
    again = bring(database, people, guardians(other, {**one, "Beroep": "kok"}), name="b.csv", confirm=True)
    assert (again.counts["guardians"]["new"], again.counts["guardians"]["changed"]) == (0, 1)


def test_a_row_about_an_unknown_child_is_left_out_and_said_so(database: Database, listed: People) -> None:
    applied = bring(database, listed, guardians(MOTHER, FATHER, {**NOOR, "Leerlingnummer": "K77"}), name="ouders.csv")
    unknown = [warned.count for warned in applied.warnings if warned.code == "no-such-pupil"]
    assert (applied.outcome, unknown) == ("applied", [1])


def test_a_no_in_a_file_closes_what_is_open_at_the_very_next_page(database: Database, listed: People) -> None:
    daan = adult_with_key(database, "V2")
    confirm(database, daan, listed.sem)
    by = replace(visitor(database, listed, "daan"), adult_id=daan)
    with database.read() as session:
        assert get_child(session, listed.sem, by, board_id=listed.waterlijn).id == listed.sem
    denied = {**FATHER, "Wettelijk vertegenwoordiger": "Nee"}
    applied = bring(database, listed, guardians(MOTHER, denied), name="ouders.csv")
    assert "authority-suspended" in {warned.code for warned in applied.warnings}
    found = relation(database, daan, listed.sem)
    assert (found.status, found.declared, found.suspended_reason) == (Status.SUSPENDED, Mark.NO, "declared-no")
    with database.read() as session:
        with pytest.raises(NotFound):
            get_child(session, listed.sem, by, board_id=listed.waterlijn)
        event = session.scalars(select(AuditEvent).where(AuditEvent.event == "authority:suspended")).one()
        assert event.pupil_id == listed.sem
    back = bring(database, listed, guardians(MOTHER, {**FATHER, "Beroep": "kok"}), name="ouders.csv")
    assert back.outcome == "applied"
    assert relation(database, daan, listed.sem).status is Status.SUSPENDED, "a yes never opens"


def test_what_a_person_confirmed_against_an_old_no_stands(database: Database, listed: People) -> None:
    denied = {**FATHER, "Wettelijk vertegenwoordiger": "Nee"}
    bring(database, listed, guardians(MOTHER, denied), name="ouders.csv")
    daan = adult_with_key(database, "V2")
    confirm(database, daan, listed.sem)
    bring(database, listed, guardians(MOTHER, {**denied, "Beroep": "kok"}), name="ouders.csv")
    assert relation(database, daan, listed.sem).status is Status.CONFIRMED


def test_an_empty_cell_takes_no_earlier_answer_back(database: Database, listed: People) -> None:
    bring(database, listed, guardians(MOTHER, {**FATHER, "Wettelijk vertegenwoordiger": ""}), name="ouders.csv")
    assert relation(database, adult_with_key(database, "V2"), listed.sem).declared is Mark.YES


def test_a_child_that_went_to_another_family_closes_the_former_one(database: Database, listed: People) -> None:
    daan = adult_with_key(database, "V2")
    confirm(database, daan, listed.sem)
    foster = {"Leerlingnummer": "K1", "Verzorgernummer": "V9", "Voornaam": "Gerda", "Achternaam": "Prent"}
    applied = bring(database, listed, guardians(foster), name="ouders.csv")
    assert "other-family" in {warned.code for warned in applied.warnings}
    found = relation(database, daan, listed.sem)
    assert (found.status, found.suspended_reason) == (Status.SUSPENDED, "other-family")


def test_a_parent_who_is_not_in_a_list_of_others_is_left_alone(database: Database, listed: People) -> None:
    daan = adult_with_key(database, "V2")
    confirm(database, daan, listed.sem)
    bring(database, listed, guardians(MOTHER), name="ouders.csv")
    assert relation(database, daan, listed.sem).status is Status.CONFIRMED


def test_a_relation_that_a_person_ended_is_not_made_again(database: Database, listed: People) -> None:
    daan = adult_with_key(database, "V2")
    with database.read() as session:
        now = clock.now(session)
    ended = update(Authority).where(Authority.adult_id == daan)
    database.write(lambda s: s.execute(ended.values(status=Status.ENDED, ended_at=now, ended_by_id=new_id())))
    applied = bring(database, listed, guardians(MOTHER, {**FATHER, "Beroep": "kok"}), name="ouders.csv")
    assert "ended-relation" in {warned.code for warned in applied.warnings}
    assert relation(database, daan, listed.sem).status is Status.ENDED


def test_a_merged_adult_is_found_under_the_one_that_stayed(database: Database, listed: People) -> None:
    merged = adult_with_key(database, "V2")
    with database.read() as session:
        now = clock.now(session)

    def work(session: Session) -> None:
        session.execute(
            update(Adult)
            .where(Adult.id == merged)
            .values(merged_into_id=listed.daan, merged_at=now, merged_by_id=new_id())
        )
        session.execute(
            update(Authority)
            .where(Authority.adult_id == merged)
            .values(status=Status.ENDED, ended_at=now, ended_by_id=new_id())
        )

    database.write(work)
    applied = bring(database, listed, guardians(MOTHER, {**FATHER, "Beroep": "kok"}), name="ouders.csv")
    assert applied.counts["guardians"]["new"] == 0
    with database.read() as session:
        code = select(Item.id).where(Item.person_id == listed.daan, Item.field_code == "guardian.occupation")
        assert session.scalar(code) is not None


def test_a_secret_address_marks_the_parent_and_the_child_and_only_a_no_takes_it_back(
    database: Database, people: People
) -> None:
    bring(database, people, edexml({**SEM, "postcodenl": "1234AB"}, LOT, ASHA), confirm=True)
    home = {"Straat": "Kade", "Huisnummer": "2", "Postcode": "1234AB", "Woonplaats": "Zomerdijk"}
    secret = {**MOTHER, **home, "Geheim adres": "Ja", "Telefoon": "0612345678", "Geheim telefoonnummer": "Ja"}
    applied = bring(database, people, guardians(secret, FATHER), name="ouders.csv")
    assert "secret-address" in {warned.code for warned in applied.warnings}
    noor = adult_with_key(database, "V1")
    assert marks(database, noor) == {
        "guardian.address.street",
        "guardian.address.house_number",
        "guardian.address.postcode",
        "guardian.address.place",
        "guardian.phone",
    }
    assert "pupil.address.postcode" in marks(database, people.sem)
    assert marks(database, people.lot) == set()
    assert not relation(database, adult_with_key(database, "V2"), people.sem).secret_address, "a person sets that"

    bring(database, people, edexml({**SEM, "postcodenl": "1234AC"}, LOT, ASHA, on="2026-11-02"))
    assert "pupil.address.postcode" in marks(database, people.sem), "a new address is as secret as the old one"
    bring(database, people, guardians({**secret, "Geheim adres": ""}, FATHER), name="ouders.csv")
    assert "guardian.address.street" in marks(database, noor)
    bring(database, people, guardians({**secret, "Geheim adres": "Nee", "Beroep": "kok"}, FATHER), name="ouders.csv")
    assert marks(database, noor) == {"guardian.phone"}


def test_what_a_list_says_of_a_parent_is_sealed_where_the_catalogue_says_so(database: Database, people: People) -> None:
    bring_everybody(database, people)
    bring(database, people, guardians({**MOTHER, "IBAN": "NL91ABNA0417164300"}), name="ouders.csv")
    with database.read() as session:
        row = session.scalars(select(Item).where(Item.field_code == "guardian.iban")).one()
        assert (row.value, row.person_kind) == (None, PersonKind.ADULT)
        assert row.sealed is not None


def test_a_list_with_names_only_waits_for_a_person(database: Database, people: People) -> None:
    bring_everybody(database, people)
    by_name = write_list(
        ("Roepnaam", "Achternaam", "Geboortedatum", "Ouder 1 voornaam", "Ouder 1 achternaam"),
        [
            {
                "Roepnaam": "Sem",
                "Achternaam": "Bakker",
                "Geboortedatum": "27-03-2017",
                "Ouder 1 voornaam": "Noor",
                "Ouder 1 achternaam": "Wit",
            }
        ],
    )
    held = bring(database, people, by_name, name="ouders.csv")
    assert (held.outcome, held.reason) == ("held", "duplicate-key")
    applied = bring(database, people, by_name, name="ouders.csv", confirm=True)
    assert (applied.outcome, applied.counts["pupils"]["new"], applied.counts["guardians"]["new"]) == ("applied", 0, 1)


def marks(database: Database, person_id: UUID) -> set[str]:
    """The fields of somebody that are marked secret."""
    with database.read() as session:
        return set(
            session.scalars(select(Item.field_code).where(Item.person_id == person_id, Item.marked_secret.is_(True)))
        )


def test_a_yes_that_a_file_puts_in_doubt_leaves_the_tasks_of_a_withdrawal(database: Database, listed: People) -> None:
    daan = adult_with_key(database, "V2")
    confirm(database, daan, listed.sem)
    by = replace(visitor(database, listed, "daan"), adult_id=daan)
    with database.read() as session:
        asked = list_questions(session, listed.waterlijn).by_id.values()
    (photo,) = [question for question in asked if question.code == "BM-F-WEB"]
    answers, wordings = {photo.id: Choice.YES}, {photo.id: photo.wording.id}
    database.write(lambda session: consents.decide(session, listed.sem, answers, wordings, by=by))

    def removals() -> int:
        with database.read() as session:
            return len(session.scalars(select(Task).where(Task.kind == TaskKind.REMOVE_PUBLICATION)).all())

    assert removals() == 0
    denied = {**FATHER, "Wettelijk vertegenwoordiger": "Nee"}
    bring(database, listed, guardians(MOTHER, denied), name="ouders.csv")
    assert removals() == 1
