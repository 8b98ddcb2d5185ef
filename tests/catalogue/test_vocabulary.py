"""The words that fields refer to are complete, closed and in step with the rules."""

import pytest

from parentportal import catalogue
from parentportal.rules.outcomes import OFFERS_STATEMENT
from parentportal.rules.outcomes import Ground as RefusalCode
from parentportal.rules.retention import RetentionClass
from parentportal.rules.roles import STAFF

HEADINGS = ["teaching", "materials", "information", "alumni", "legal"]


def test_s2_18_there_are_exactly_five_headings_of_purposes():
    found = [code for code, purpose in catalogue.purposes().items() if purpose.under == code]
    assert found == HEADINGS


def test_every_other_purpose_falls_under_a_heading_and_has_a_ground():
    for purpose in catalogue.purposes().values():
        assert purpose.under in HEADINGS
        assert catalogue.grounds()[purpose.ground].lawful


def test_s2_58_administration_and_guidance_are_purposes_of_their_own():
    assert {"administration", "guidance"} <= set(catalogue.purposes())


def test_every_term_of_the_rules_has_words_for_a_parent():
    assert {one.rule for one in catalogue.retention().values()} == set(RetentionClass)


def test_every_ground_for_a_refusal_has_words_and_remedies():
    grounds = catalogue.refusal_grounds()
    assert set(grounds) == set(RefusalCode)
    for code, ground in grounds.items():
        assert {"officer", "complaint", "regulator", "objection_or_court"} <= set(ground.remedies)
        if code in OFFERS_STATEMENT:
            assert "statement" in ground.remedies


def test_the_references_of_the_refusals_are_all_different():
    references = [ground.reference for ground in catalogue.refusal_grounds().values()]
    assert len(set(references)) == len(references) == 16


def test_every_role_at_work_has_a_line_in_the_access_matrix():
    assert {reader.role for reader in catalogue.readers().values()} == STAFF


def test_a_ground_that_ended_is_the_only_unlawful_one_and_only_legacy_fields_have_it():
    assert [code for code, ground in catalogue.grounds().items() if not ground.lawful] == ["ended"]
    ended = [field for field in catalogue.fields().values() if field.ground == "ended"]
    assert ended
    assert all(field.legacy for field in ended)


def test_a_public_body_may_not_rely_on_its_interest_and_no_field_does():
    assert not catalogue.grounds()["legitimate_interest"].open_to_public_body
    assert all(field.ground != "legitimate_interest" for field in catalogue.fields().values())


@pytest.mark.parametrize(
    "code",
    ["duo", "attendance_officer", "next_school", "partnership", "inspectorate", "veilig_thuis", "youth_health"],
)
def test_who_gets_data_by_law_names_the_law_and_asks_nobody(code):
    recipient = catalogue.recipients()[code]
    assert (recipient.kind, recipient.consent_item) == ("legal", "")
    assert recipient.law
    assert recipient.limit


def test_who_gets_data_with_consent_names_a_question_that_exists():
    asked = [one for one in catalogue.recipients().values() if one.consent_item]
    assert asked
    assert {one.consent_item for one in asked} <= set(catalogue.consent_items())


def test_s1_11_no_supplier_ever_stands_behind_a_question():
    assert all(not one.consent_item for one in catalogue.recipients().values() if one.kind == "processor")


def test_every_recipient_of_the_law_receives_some_field():
    received = {code for field in catalogue.fields().values() for code in field.recipients}
    legal = {code for code, one in catalogue.recipients().items() if one.kind == "legal"}
    assert legal - received == {"veilig_thuis"}, "what goes there differs each time"


def test_the_attendance_officer_gets_the_closed_list_only():
    given = {code for code, field in catalogue.fields().items() if "attendance_officer" in field.recipients}
    assert {"pupil.surname", "pupil.nationality", "pupil.birth_place", "pupil.absence", "pupil.left_on"} <= given
    assert not given & {"pupil.bsn", "pupil.results", "pupil.medical", "pupil.religion", "guardian.iban"}


def test_s2_40_basispoort_gets_exactly_eleven_elements_in_2018():
    (data_set,) = catalogue.recipients()["basispoort"].data_sets
    assert [element.as_stated for element in data_set.elements] == [
        "identificatienummer van Basispoort",
        "voornaam",
        "achternaam",
        "tussenvoegsel",
        "geboortedatum",
        "leerlingkey",
        "groepskey",
        "groepsnaam",
        "jaargroep",
        "geslacht",
        "identificatienummer van de school",
    ]
    assert data_set.dated.year == 2018
    assert data_set.still_valid == "unconfirmed"


def test_s2_40_every_element_is_a_field_that_names_basispoort():
    (data_set,) = catalogue.recipients()["basispoort"].data_sets
    for element in data_set.elements:
        assert "basispoort" in catalogue.fields()[element.field].recipients


def test_s2_41_no_results_go_through_basispoort():
    (data_set,) = catalogue.recipients()["basispoort"].data_sets
    assert data_set.not_exchanged == ("leerresultaten", "toetsresultaten")
    assert "basispoort" not in catalogue.fields()["pupil.results"].recipients
