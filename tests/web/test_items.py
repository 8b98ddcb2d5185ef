"""What a parent reads of a child: every field with its story, sensitive things only after asking."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from parentportal.catalogue import BoardPolicy, board_text, bundled_boards, categories, fields, load_board
from parentportal.db import Database, count_statements
from parentportal.models.imports import UnknownField
from parentportal.outside.clock import FrozenClock
from parentportal.outside.vault import Vault
from parentportal.reads.item_rows import Composition
from parentportal.web.parent.item_lines import facts, line, lists
from tests.items import (
    BSN,
    CLOSED,
    OPEN,
    STORY,
    Browse,
    add_siblings,
    all_pages,
    card,
    change,
    fill_up,
    give,
    item_of,
    listed,
    settler,
)
from tests.people import WATERLIJN, People
from tests.services import story

# What stands there


def test_noor_reads_a_value_with_its_whole_story(visit_as: Browse, database: Database, people: People) -> None:
    change(database, "pupil.phone", people.sem, value="+31201112233")
    row = item_of(visit_as("noor").get(card(people.sem, "contact")), "Telefoonnummer")
    assert "020 111 2233" in row
    assert "van u, 17 nov 2026" in row
    assert "Om thuis te bellen als er iets is." in row
    assert "ParnasSys" in row
    for part in STORY:
        assert part in row


def test_an_address_is_one_item(visit_as: Browse, people: People) -> None:
    page = visit_as("noor").get(card(people.sem, "contact"))
    assert "Dijkweg 12, 1234 AB Zomerdijk" in item_of(page, "Adres")
    assert "Huisnummer" not in page.text


def test_results_and_absence_lie_elsewhere_and_come_later(visit_as: Browse, people: People) -> None:
    for slug, label in (("leren-en-toetsen", "Resultaten van toetsen"), ("aanwezigheid", "Aanwezigheid en verzuim")):
        page = visit_as("noor").get(card(people.sem, slug))
        assert "U kunt het inzien op school." in item_of(page, label)
        assert page.says("Dat komt later.")


def test_nothing_filled_in_is_said_only_of_what_the_file_can_carry(visit_as: Browse, people: People) -> None:
    page = visit_as("ravi").get(card(people.asha, "contact"))
    assert "E-mailadres" in listed(page, "Hier heeft de school niets ingevuld:")
    assert "Noodnummer" in listed(
        page, "Hiervan weet het portaal niets. Als de school het heeft, ligt het in ParnasSys:"
    )


def test_every_shown_row_of_every_card_tells_its_story(visit_as: Browse, people: People) -> None:
    noor = visit_as("noor")
    rows = 0
    for slug in OPEN:
        for row in noor.get(card(people.sem, slug)).main.select("li.item"):
            words = row.get_text(" ", strip=True)
            assert all(part in words for part in STORY), words
            rows += 1
    assert rows > 10


@pytest.mark.parametrize("code", bundled_boards())
def test_every_field_that_a_statement_names_has_a_row(code: str, app: Flask, vault: Vault) -> None:
    policy: BoardPolicy = load_board(board_text(code))
    named = {one for one in policy.named_field_codes if one.partition(".")[0] in ("pupil", "guardian")}
    assert named
    found: set[str] = set()
    with app.test_request_context():
        for subject in ("pupil", "guardian"):
            composed = Composition(policy=policy, vault=vault, subject=subject, stored=())
            for category in categories():
                rows = composed.rows(category)
                told = [row for row in rows if row.is_told_apart]
                for row in told:
                    shown = line(row, lambda _id: "/", "")
                    assert shown["elsewhere"] or shown["value"]
                    assert all(fact["value"] for fact in shown["facts"])
                found |= {row.code for row in told}
                listed = {label for _, labels in lists(rows) for label in labels}
                assert listed == {row.label for row in rows if not row.is_told_apart}
    blocks = {fields()[one].part_of or one for one in named}
    assert blocks <= found


@pytest.mark.parametrize(
    ("decided", "words"),
    [('"recipients", ', "Niemand buiten de school."), ("", "Het bestuur noemt niemand buiten de school.")],
)
def test_only_a_board_that_decided_says_that_nobody_gets_it(app: Flask, vault: Vault, decided: str, words: str) -> None:
    text = WATERLIJN.replace('"recipients", ', decided)
    policy = replace(load_board(text), processors=(), recipients=())
    told = set()
    with app.test_request_context():
        composed = Composition(policy=policy, vault=vault, subject="pupil", stored=())
        for category in categories():
            for row in composed.rows(category):
                told |= {fact["value"] for fact in facts(row) if fact["label"] == "Wie krijgt het"}
    assert {one for one in told if "iemand buiten" in one} == {words}


def test_a_field_without_need_is_flagged(visit_as: Browse, database: Database, people: People) -> None:
    give(database, people, "pupil.weight", "0,3", people.sem)
    row = item_of(visit_as("noor").get(card(people.sem, "school-en-groep")), "Leerlinggewicht")
    assert "Niet meer nodig. U kunt dit laten weghalen." in row
    assert "niet verplicht" in row


def test_a_granted_correction_shows_both_values_until_the_source_has_it(
    visit_as: Browse, database: Database, people: People
) -> None:
    change(database, "pupil.phone", people.sem, decided_value="+31201234567")
    row = item_of(visit_as("noor").get(card(people.sem, "contact")), "Telefoonnummer")
    assert "020 123 4567" in row
    assert "nog niet verwerkt in het bronsysteem (ParnasSys)" in row


def test_data_older_than_two_weeks_carry_a_warning(visit_as: Browse, clock: FrozenClock, people: People) -> None:
    clock.advance(timedelta(days=15))
    page = visit_as("noor").get(card(people.sem, "contact"))
    assert page.says("Bijgewerkt op dinsdag 17 november 2026 uit ParnasSys. Dat is meer dan 14 dagen geleden.")


def test_unknown_fields_of_a_system_are_counted_not_hidden(
    visit_as: Browse, database: Database, people: People
) -> None:
    def work(session: Session) -> None:
        source = settler(session, people).source[people.regenboog]
        for path in ("leerling/a", "leerling/b", "leerling/c"):
            session.add(UnknownField(board_id=people.waterlijn, source_id=source, path=path, count=1))

    database.write(work)
    page = visit_as("noor").get(f"/mijn/kinderen/{people.sem}/gegevens")
    assert page.says("ParnasSys bevat nog 3 soorten gegevens die hier niet staan.")
    assert page.says("De school kan meer hebben dan hier staat")


def test_the_cards_count_what_is_registered(visit_as: Browse, people: People) -> None:
    page = visit_as("noor").get(f"/mijn/kinderen/{people.sem}/gegevens")
    counts = {
        found.h3.get_text(strip=True): found.select_one(".count")
        for found in page.main.select(".card-link")
        if found.h3
    }
    told = {title: count.get_text(strip=True) for title, count in counts.items() if count}
    assert told == {
        "Naam en geboorte": "4 gegevens",
        "Contact": "2 gegevens",
        "Zorg en gezondheid": "1 gegeven",
        "Geloof en herkomst": "1 gegeven",
    }


# Who gets what


def test_basispoort_is_an_instruction_with_a_dated_set_and_no_switch(visit_as: Browse, people: People) -> None:
    page = visit_as("noor").get(f"/mijn/kinderen/{people.sem}/ontvangers/basispoort")
    assert page.says("Deze lijst is van dinsdag 3 juli 2018.")
    assert page.says("geboortedatum")
    assert len(page.main.select("ul:not([class]) li")) == 11
    assert not page.forms()


def test_who_gets_data_by_law_comes_with_the_law(visit_as: Browse, people: People) -> None:
    noor = visit_as("noor")
    page = noor.get(f"/mijn/kinderen/{people.sem}/ontvangers/de-leerplichtambtenaar")
    assert page.says("Leerplichtwet 1969")
    everybody = noor.get(f"/mijn/kinderen/{people.sem}/ontvangers")
    assert everybody.says("DUO, de onderwijsdienst van de overheid")
    assert not everybody.forms()
    assert noor.raw("GET", f"/mijn/kinderen/{people.sem}/ontvangers/esis").status_code == 404


def test_the_access_page_lists_every_reader_of_the_statement(visit_as: Browse, people: People) -> None:
    page = visit_as("noor").get("/mijn/wie-mag-wat-zien")
    for reader in ("De leerkracht van de groep", "De schooladministratie", "De administratie van het bestuursbureau"):
        assert page.says(reader)


# Measure


def test_a_page_costs_at_most_five_statements_however_much_there_is(
    visit_as: Browse, database: Database, people: People
) -> None:
    noor = visit_as("noor")
    give(database, people, "pupil.bsn", BSN, people.sem)
    opened = {}
    for slug in CLOSED:
        noor.get(card(people.sem, slug))
        opened[slug] = noor.fill(form=f"{slug}/tonen").answer.request.full_path
    paths = [*all_pages(people, people.sem), *opened.values()]

    def measure() -> dict[str, int]:
        counts = {}
        for path in paths:
            with count_statements(database) as statements:
                noor.raw("GET", path)
            counts[path] = len(statements)
        return counts

    before = measure()
    assert max(before.values()) <= 5, before
    fill_up(database, people, 60)
    add_siblings(database, people, 3)
    assert measure() == before


def test_a_card_of_fifteen_rows_weighs_at_most_24_kilobytes(
    visit_as: Browse, database: Database, people: People
) -> None:
    present = 2
    fill_up(database, people, 15 - present)
    page = visit_as("noor").get(card(people.sem, "contact"))
    assert len(page.main.select("li.item")) == 15
    assert len(page.html.encode()) <= 24_000


def test_a_request_of_noor_is_not_told_to_daan(visit_as: Browse, database: Database, people: People) -> None:
    """Of a request by the other holder one sees what came of it, never that there was one (requirements 6.3)."""
    phone = change(database, "pupil.phone", people.sem, disputed=False)
    story.send(database, story.visitor(database, people, "noor"), {phone: "0612345678"})
    assert "Hier loopt een vraag over" in visit_as("noor").get(card(people.sem, "contact")).html
    assert "loopt" not in visit_as("daan").get(card(people.sem, "contact")).text
    change(database, "pupil.phone", people.sem, decided_value="+31612345678")
    shown = visit_as("daan").get(card(people.sem, "contact")).text
    assert "De school heeft dit aangepast" in shown
    assert "uw aanpassing" not in shown
