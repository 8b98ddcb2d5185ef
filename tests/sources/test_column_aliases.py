"""The table of column names speaks of fields that exist, and every name leads to one of them."""

import tomllib
from pathlib import Path

import pytest

import parentportal.sources
from parentportal.sources.columns import meaning, normalised
from parentportal.sources.fields import FIELD_CODES
from parentportal.sources.writing import GUARDIAN_COLUMNS

TABLES = tomllib.loads((Path(parentportal.sources.__file__).parent / "column_aliases.toml").read_text("utf-8"))
RELATION = {
    f"relation.{n}" for n in ("guardian_key", "kind", "authority", "address_secret", "phone_secret", "email_secret")
}
POINTERS = {"pupil.source_keys", "group.key", "secret.address", "secret.phone", "secret.email"}


def test_every_code_in_the_table_is_a_field_a_relation_or_a_pointer():
    shared = {entry[person] for entry in TABLES["shared"] for person in ("pupil", "guardian")}
    named = shared | set(TABLES["pupil"]) | set(TABLES["guardian"]) | set(TABLES["relation"])
    assert named <= FIELD_CODES | RELATION | POINTERS


def test_no_header_stands_twice_in_the_table_and_all_are_normalised():
    headers = [header for entry in TABLES["shared"] for header in entry["headers"]]
    headers += [name for part in ("pupil", "guardian", "relation") for names in TABLES[part].values() for name in names]
    assert len(headers) == len(set(headers))
    assert [header for header in headers if normalised(header) != header] == []


def test_every_column_that_we_write_is_known():
    assert [column for column in GUARDIAN_COLUMNS if meaning(column) is None] == []


@pytest.mark.parametrize(
    ("header", "code", "slot"),
    [
        ("E-mailadres ouder/verzorger 1", "guardian.email", 1),
        ("Ouder2 telefoon", "guardian.phone", 2),
        ("Voornaam van de verzorger", "guardian.first_name", 0),
        ("Wettelijk vertegenwoordiger", "relation.authority", 0),
        ("E-mail moeder", "guardian.email", 8),
        ("Verzorgernummer", "relation.guardian_key", 0),
    ],
)
def test_a_header_may_carry_its_person(header, code, slot):
    found = meaning(header)
    assert found is not None
    assert (found.guardian, found.slot) == (code, slot)


@pytest.mark.parametrize(("header", "code"), [("Roepnaam leerling", "pupil.call_name"), ("Naam kind", "pupil.surname")])
def test_a_header_may_say_that_it_is_the_childs(header, code):
    found = meaning(header)
    assert found is not None
    assert (found.pupil, found.person) == (code, "pupil")


@pytest.mark.parametrize("header", ["", "Zwemdiploma", "Ouderavond", "Kinderfeest"])
def test_an_unknown_header_means_nothing(header):
    assert meaning(header) is None
