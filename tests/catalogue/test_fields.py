"""Every registered field says all that a page must show of it."""

import re

import pytest

from parentportal import catalogue
from parentportal.catalogue.fields import DELETIONS, SOURCES, read_fields
from parentportal.catalogue.reading import FOLDER, CatalogueError, parse
from parentportal.models.items import Origin
from parentportal.sources.fields import FIELD_CODES

FIELDS = catalogue.fields()
TEXT = (FOLDER / "fields.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", FIELDS)
def test_a_field_answers_every_question_a_parent_has(code):
    field = FIELDS[code]
    assert field.label
    assert field.why
    assert set(field.purposes) <= set(catalogue.purposes())
    assert field.purposes
    assert catalogue.grounds()[field.ground].text
    assert catalogue.retention()[field.retention].sentence
    assert set(field.readers) <= set(catalogue.readers())
    assert field.readers
    assert set(field.recipients) <= set(catalogue.recipients())
    assert field.deletion in DELETIONS
    assert catalogue.categories()[field.category].title


def test_every_code_that_a_file_of_a_school_can_carry_is_explained():
    assert FIELD_CODES
    assert set(FIELDS) >= FIELD_CODES


def test_sources_are_those_that_an_item_can_have():
    assert set(SOURCES) == {origin.value for origin in Origin}


def test_there_are_twelve_cards_and_each_has_fields():
    titles = [card.title for card in catalogue.categories().values()]
    assert titles == [
        "Naam en geboorte",
        "Contact",
        "School en groep",
        "Leren en toetsen",
        "Aanwezigheid",
        "Zorg en gezondheid",
        "Geloof en herkomst",
        "Nummers",
        "Ouders en verzorgers",
        "Foto en video",
        "Digitale leermiddelen",
        "Toestemming",
    ]
    assert {field.category for field in FIELDS.values()} == set(catalogue.categories())


def test_care_origin_and_numbers_are_closed_at_first():
    closed = {code for code, card in catalogue.categories().items() if card.sensitive}
    assert closed == {"care", "origin", "numbers"}


def test_special_data_and_numbers_of_the_law_are_always_sealed():
    kept = [field for field in FIELDS.values() if field.klass in {"B", "W"}]
    assert {"pupil.medical", "pupil.religion", "pupil.ethnicity", "pupil.bsn"} <= {one.code for one in kept}
    assert all(field.sealed for field in kept)
    assert all(field.exception for field in kept if field.klass == "B")


def test_bank_number_and_citizen_number_are_masked():
    assert all(FIELDS[code].masked for code in ("guardian.iban", "pupil.bsn", "pupil.policy_number"))


def test_of_a_citizen_number_and_an_eck_id_only_the_existence_is_told():
    for code in ("pupil.bsn", "pupil.bsn_last4", "pupil.education_number", "pupil.eckid"):
        assert FIELDS[code].presence == "exists_only"


@pytest.mark.parametrize("part", ["street", "house_number", "house_addition", "postcode", "place"])
def test_an_address_is_one_item_with_parts(part):
    assert FIELDS[f"pupil.address.{part}"].part_of == "pupil.address"
    assert FIELDS[f"guardian.address.{part}"].part_of == "guardian.address"


def test_an_address_prints_its_parts_in_order():
    parts = [field.code.rpartition(".")[2] for field in catalogue.parts_of("pupil.address")]
    assert parts == ["street", "house_number", "house_addition", "postcode", "place"]


@pytest.mark.parametrize(
    "code",
    [
        *("pupil.call_name", "pupil.surname", "pupil.sex", "pupil.birth_date", "pupil.nationality"),
        *("pupil.nationality_2", "pupil.address.street", "pupil.address.place"),
    ],
)
def test_with_these_one_parent_could_rename_or_move_a_child_so_the_director_decides(code):
    assert FIELDS[code].identity


@pytest.mark.parametrize("code", ["pupil.phone", "pupil.email", "guardian.phone", "guardian.address.street"])
def test_contact_data_are_a_simple_mistake_to_mend(code):
    assert not FIELDS[code].identity


@pytest.mark.parametrize("code", ["guardian.education", "pupil.weight", "pupil.nationality_2", "pupil.origin_country"])
def test_what_no_law_asks_any_more_may_go_at_once(code):
    assert FIELDS[code].legacy
    assert FIELDS[code].deletion == "yes"


def test_religion_is_voluntary_by_explicit_consent_and_goes_with_it():
    religion = FIELDS["pupil.religion"]
    assert (religion.obligation, religion.ground, religion.retention) == ("voluntary", "explicit_consent", "rc")
    assert religion.deletion == "yes"


@pytest.mark.parametrize(
    ("code", "klass", "ground", "kept", "deletion"),
    [
        ("pupil.surname", "N", "legal_duty", "r5", "no"),
        ("pupil.birth_place", "N", "public_task", "r5", "maybe"),
        ("pupil.address.street", "N", "public_task", "r2", "maybe"),
        ("pupil.results", "G", "public_task", "r2", "no"),
        ("pupil.absence", "G", "legal_duty", "r5", "no"),
        ("pupil.id_photo", "G", "public_task", "re", "maybe"),
        ("pupil.images", "G", "consent", "rc", "yes"),
        ("pupil.bsn", "W", "legal_duty", "r5", "no"),
        ("pupil.nationality", "G", "legal_duty", "r5", "no"),
        ("pupil.medical", "B", "special_support", "r2", "maybe"),
        ("pupil.giftedness", "G", "public_task", "r2", "maybe"),
        ("pupil.eckid", "N", "public_task", "re", "no"),
        ("pupil.consents", "N", "legal_duty", "rt", "no"),
        ("guardian.authority", "G", "public_task", "r2", "no"),
        ("guardian.iban", "G", "agreement", "r7", "no"),
        ("guardian.login_history", "N", "legal_duty", "rl", "maybe"),
        ("guardian.correspondence", "G", "public_task", "r2", "maybe"),
        ("subscriber.email", "N", "consent", "ru", "yes"),
        ("visitor.ip", "N", "public_task", "rl", "yes"),
    ],
)
def test_a_field_is_treated_as_the_requirements_say(code, klass, ground, kept, deletion):
    field = FIELDS[code]
    assert (field.klass, field.ground, field.retention, field.deletion) == (klass, ground, kept, deletion)


def faults_of(text):
    with pytest.raises(CatalogueError) as refused:
        read_fields(parse(text, "fields.toml"))
    return refused.value.problems


def test_the_file_as_it_is_has_no_fault():
    assert read_fields(parse(TEXT, "fields.toml")).fields == FIELDS


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            '"pupil.phone" = { profile = "pupil_contact", ',
            '"pupil.phone" = { profile = "pupil_contact", purposes = [], ',
            "zonder doel",
        ),
        (
            '"pupil.phone" = { profile = "pupil_contact", ',
            '"pupil.phone" = { profile = "pupil_contact", readers = [], ',
            "niemand kan dit lezen",
        ),
        (
            '"pupil.phone" = { profile = "pupil_contact", ',
            '"pupil.phone" = { profile = "pupil_contact", ground = "habit", ',
            "Kies uit",
        ),
        (
            '"pupil.phone" = { profile = "pupil_contact", ',
            '"pupil.phone" = { profile = "pupil_contact", retention = "r9", ',
            "Kies uit",
        ),
        (
            '"pupil.phone" = { profile = "pupil_contact", ',
            '"pupil.phone" = { profile = "pupil_contact", recipients = ["neighbour"], ',
            "‘neighbour’, maar die code bestaat niet",
        ),
        (
            '"pupil.phone" = { profile = "pupil_contact", ',
            '"pupil.phone" = { profile = "pupil_contact", colour = "red", ',
            "‘colour’ is onbekend",
        ),
        (', why = "om thuis te bellen als er iets is"', "", "‘why’ ontbreekt"),
        (', why = "om thuis te bellen als er iets is"', ', why = " "', "‘why’ is leeg"),
        ('exception = "UAVG artikel 30', 'exceptoin = "UAVG artikel 30', "uitzondering van AVG artikel 9"),
        ("masked = true\n\n[profiles.pupil_key]", "masked = true\n\n[profiles.pupil_quay]", "Kies uit"),
    ],
    ids=[
        "purpose",
        "readers",
        "ground",
        "retention",
        "recipient",
        "misspelt",
        "missing",
        "blank",
        "exception",
        "profile",
    ],
)
def test_a_planted_fault_is_told_in_dutch_with_its_place(old, new, sentence):
    assert old in TEXT
    problems = faults_of(TEXT.replace(old, new, 1))
    assert any(sentence in problem for problem in problems)
    assert all(problem.startswith("fields.toml") for problem in problems)


def test_every_fault_is_told_at_once():
    text = re.sub(r'why = "[^"]*"', 'why = ""', TEXT)
    assert len(faults_of(text)) >= len(FIELDS)


def test_what_is_no_toml_is_refused_with_the_name_of_the_file():
    with pytest.raises(CatalogueError, match=r"fields\.toml: dit is geen geldig TOML-bestand"):
        parse("version = ", "fields.toml")
