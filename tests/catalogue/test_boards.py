"""Five real boards: each file says what its privacy statement says, row by row, and nothing it does not."""

import re
from pathlib import Path

import pytest

from parentportal import catalogue
from parentportal.catalogue.policy import DECISIONS, MOST_CARDS, MOST_REPLY_DAYS
from parentportal.rules.privacy_requests import WITHOUT_CLOCK, Kind
from parentportal.rules.roles import Role

REAL = ["auro", "opoz", "opron", "parnassys-school", "procon"]


@pytest.fixture(scope="module")
def board():
    return {code: catalogue.load_board(catalogue.board_text(code), f"{code}.toml") for code in REAL}


def titles(policy, kind):
    return [(document.state, document.gmr_status) for document in policy.documents if document.kind == kind]


def systems(policy):
    return [system.code for system in policy.systems]


def test_the_five_boards_come_with_the_product():
    assert set(catalogue.bundled_boards()) >= set(REAL)


def test_an_unknown_board_is_not_looked_for_outside_the_folder():
    with pytest.raises(KeyError):
        catalogue.board_text("../fields")


@pytest.mark.parametrize("code", REAL)
def test_a_board_is_called_by_the_name_of_its_file(board, code):
    assert board[code].code == code


@pytest.mark.parametrize("code", REAL)
def test_no_board_passes_four_weeks_or_eight_cards(board, code):
    assert board[code].reply_days <= MOST_REPLY_DAYS
    assert 0 < len(board[code].cards) <= MOST_CARDS


@pytest.mark.parametrize("code", REAL)
def test_what_the_law_passes_on_is_shown_at_every_board(board, code):
    assert {"duo", "attendance_officer", "next_school"} <= set(board[code].receives)


@pytest.mark.parametrize("code", REAL)
def test_whether_a_board_is_an_administrative_body_is_asked_not_guessed(board, code):
    assert board[code].is_administrative_body is None
    assert "administrative_body" in [gap.code for gap in board[code].gaps]


@pytest.mark.parametrize("code", REAL)
def test_a_system_of_a_board_holds_cards_and_every_named_field_lies_in_one(board, code):
    held = {category for system in board[code].systems for category in system.categories}
    named = {catalogue.fields()[one].category for one in board[code].named_field_codes if one.startswith("pupil.")}
    assert named <= held


@pytest.mark.parametrize("code", REAL)
def test_no_file_names_a_person(code):
    text = catalogue.board_text(code)
    assert not re.search(r"\b(de heer|mevrouw|dhr\.|mw\.|drs\.|mr\.|ir\.)", text, re.IGNORECASE)
    mailboxes = re.findall(r"[\w.+-]+@", text)
    assert set(mailboxes) <= {"fg@", "info@"}


@pytest.mark.parametrize("code", REAL)
def test_the_officer_is_an_office_and_never_a_name(board, code):
    assert board[code].officer.employer_kind in {"", "extern, adviesbureau"}


def test_s0_01_the_malformed_label_is_kept_as_text_and_confirms_no_date(board):
    statement = board["procon"].statement
    assert (statement.published_label, statement.effective_from) == ("1-0s-2022", None)


def test_s0_02_s0_19_the_regulations_are_in_force_with_the_council_agreeing(board):
    assert titles(board["procon"], "privacy_regulations") == [("in_force", "agreed")]


def test_s0_04_use_is_for_teaching_guidance_and_its_organisation(board):
    assert [one.purpose for one in board["procon"].purposes] == ["teaching", "administration"]


def test_s0_08_medical_data_are_named(board):
    assert "pupil.medical" in board["procon"].named_field_codes


def test_s0_09_there_are_two_systems(board):
    assert systems(board["procon"]) == ["parnassys", "cito"]


def test_s0_10_school_staff_and_the_administration_of_the_board_office_read(board):
    readers = board["procon"].readers
    assert "board_office" in readers.codes
    assert readers.roles == {Role.TEACHER, Role.SUPPORT, Role.ADMINISTRATION, Role.DIRECTOR}
    assert "board_office" in board["procon"].recipients


def test_s0_11_s0_12_suppliers_follow_instructions_and_no_parent_is_asked(board):
    assert "learning_tools" in board["procon"].processors
    assert "purpose_limit" in board["procon"].processor_terms.covers
    assert "UITW" not in board["procon"].items


def test_s0_16_s0_a2_teacher_or_director_are_both_offered(board):
    routing = board["procon"].routing
    assert (routing.formal, routing.simple) == ("teacher_or_director", "teacher_or_director")
    assert routing.director_kinds == frozenset()


def test_s0_20_photo_and_video_on_site_and_newsletter_are_four_questions(board):
    assert board["procon"].items == ("BM-F-WEB", "BM-V-WEB", "BM-F-NIEUWSBRIEF", "BM-V-NIEUWSBRIEF")


def test_s0_21_consent_lives_in_klasbord_today(board):
    assert board["procon"].consent_place == "klasbord"
    assert "klasbord" in board["procon"].processors


def test_s0_25_s0_28_there_is_a_page_of_policies_and_one_about_the_officer(board):
    assert {"policy_page", "officer_page"} <= {document.kind for document in board["procon"].documents}


def test_s0_26_s0_27_the_officer_is_external_at_an_advisory_firm(board):
    officer = board["procon"].officer
    assert (officer.appointed, officer.external, officer.employer_kind) == (True, True, "extern, adviesbureau")


def test_s1_02_the_regulations_of_the_board_have_the_council_agreeing(board):
    assert titles(board["parnassys-school"], "privacy_regulations") == [("in_force", "agreed")]


def test_s1_04_s1_05_observations_mastery_medical_data_and_research_are_named(board):
    named = board["parnassys-school"].named_field_codes
    assert {"pupil.observations", "pupil.mastery", "pupil.medical", "pupil.research"} <= named


def test_s1_06_there_is_one_system(board):
    assert systems(board["parnassys-school"]) == ["parnassys"]


def test_s1_09_s1_10_s1_12_agreements_cover_security_backup_and_storage(board):
    terms = board["parnassys-school"].processor_terms
    assert {"security", "backup", "storage"} <= set(terms.covers)
    assert (terms.agreements, terms.covenant, terms.public_register) == ("yes", "participant", True)


@pytest.mark.parametrize("code", ["parnassys-school", "auro", "opoz"])
def test_s1_14_s3_12_s4_14_care_organisations_get_data_after_a_yes(board, code):
    assert "UITW" in board[code].occasion_items
    assert "care_organisation" in board[code].recipients


def test_s1_15_three_families_are_asked_at_enrolment(board):
    families = {
        catalogue.consent_items()[code].family for card in board["parnassys-school"].cards for code in card.items
    }
    assert families == {"image", "class_list", "social_media"}


def test_s1_16_preferences_are_kept_in_parnassys(board):
    assert board["parnassys-school"].consent_place == "parnassys"


def test_s1_17_a_recognisable_face_for_one_goal_is_asked_on_its_own(board):
    assert "GL" in board["parnassys-school"].occasion_items


def test_s1_19_a_change_on_paper_goes_to_the_director(board):
    assert board["parnassys-school"].routing.written_consent_change == "director"


def test_s1_20_s1_21_parents_film_with_restraint_and_do_not_share(board):
    assert [rule.code for rule in board["parnassys-school"].house_rules] == [
        "restrained_filming",
        "no_sharing_school_photos",
    ]


def test_s2_01_there_are_seventeen_schools_each_with_a_place_and_no_invented_number(board):
    schools = board["opron"].schools
    assert len(schools) == len({school.name for school in schools}) == 17
    assert {school.place for school in schools} == {
        *("Meeden", "Noordbroek", "Muntendam", "Zuidbroek", "Veendam"),
        *("Stadskanaal", "Wildervank", "Musselkanaal"),
    }
    assert sum(school.place == "Veendam" for school in schools) == 6
    assert all(school.brin is None for school in schools)


def test_s2_03_s2_21_s2_49_the_statement_of_2018_is_to_be_reviewed(board):
    (statement,) = [one for one in board["opron"].documents if one.kind == "privacy_statement"]
    assert statement.published_label == "3 juli 2018"
    for reason in ("vrijstellingsbesluit", "Wbp", "gewichtenregeling", "voortgezet onderwijs"):
        assert reason in statement.to_review


def test_s2_06_s2_15_s2_16_readers_of_the_newsletter_and_visitors_are_subjects_too(board):
    assert board["opron"].subjects == ("pupil", "guardian", "subscriber", "visitor")


def test_s2_07_s2_18_the_five_purposes_and_those_the_text_adds(board):
    named = [one.purpose for one in board["opron"].purposes]
    assert named[:5] == ["teaching", "materials", "information", "alumni", "legal"]
    assert set(named[5:]) == {"administration", "finance", "website", "statistics", "newsletter", "security"}


@pytest.mark.parametrize(
    ("subject", "lines"),
    [("pupil", 16), ("guardian", 13), ("subscriber", 2), ("visitor", 3)],
)
def test_s2_13_s2_14_every_line_of_the_list_of_data_is_there(board, subject, lines):
    assert sum(line.subject == subject for line in board["opron"].named_fields) == lines


@pytest.mark.parametrize(
    "code",
    [
        *("pupil.surname", "pupil.sex", "pupil.birth_date", "pupil.birth_place", "pupil.address.street"),
        *("pupil.phone", "pupil.email", "pupil.results", "pupil.absence", "pupil.images", "pupil.bsn"),
        *("pupil.nationality", "pupil.nationality_2", "pupil.origin_country", "pupil.health_insurance"),
        *("pupil.religion", "guardian.surname", "guardian.sex", "guardian.birth_date", "guardian.birth_country"),
        *("guardian.marital_status", "guardian.occupation", "guardian.education", "guardian.address.street"),
        *("guardian.phone", "guardian.email", "guardian.iban", "guardian.login_history", "guardian.correspondence"),
    ],
)
def test_s2_13_s2_14_a_field_of_the_list_gets_a_row(board, code):
    assert code in board["opron"].named_field_codes


def test_s2_19_former_pupils_are_asked_after_leaving(board):
    assert board["opron"].after_leaving_items == ("ALUM",)


def test_s2_28_a_formal_request_goes_to_the_director_and_a_question_to_the_teacher(board):
    routing = board["opron"].routing
    assert routing.director_kinds == frozenset(Kind) - WITHOUT_CLOCK
    assert Kind.QUESTION not in routing.director_kinds
    assert routing.simple == "teacher_or_director"


def test_s2_29_s2_30_a_masked_copy_and_four_weeks(board):
    assert (board["opron"].identity_check, board["opron"].reply_days) == ("masked_copy", 28)


def test_s2_31_s2_33_some_schools_make_a_list_of_three_parts(board):
    class_list = board["opron"].class_list
    assert (class_list.state, class_list.per_school) == ("on", True)
    assert class_list.parts == ("KL-NAAM", "KL-ADRES", "KL-TEL")


def test_s2_36_each_school_has_one_of_three_administrations_and_cito(board):
    chosen = [system.code for system in board["opron"].systems if system.one_of]
    assert chosen == ["esis", "parnassys", "leerwinst"]
    assert systems(board["opron"])[-1] == "cito"


def test_s2_39_s2_a1_basispoort_and_other_suppliers_are_named(board):
    assert {"basispoort", "learning_tools"} <= set(board["opron"].processors)


def test_s2_a2_only_staff_of_the_own_school_read(board):
    assert board["opron"].readers.scope == "own_school"


def test_s2_43_the_newsletter_is_a_question_of_its_own(board):
    assert "NB" in board["opron"].items


def test_s2_52_s2_53_s2_55_board_officer_and_regulator_can_be_reached(board):
    opron = board["opron"]
    assert opron.contact.postal_address == "Postbus 138, 9640 AC Veendam"
    assert opron.contact.visiting_address
    assert opron.contact.phone
    assert opron.officer.email == "fg@opron.nl"
    assert opron.complaint_bodies == ("regulator",)


def test_s2_59_the_regulations_stand_on_the_site_of_every_school(board):
    (rules,) = [one for one in board["opron"].documents if one.kind == "privacy_regulations"]
    assert rules.per_school
    assert rules.owner == "school"


def test_s3_05_religion_may_be_told_and_is_voluntary(board):
    assert board["auro"].religion == "on"
    assert "REL" in board["auro"].items
    assert "pupil.religion" in board["auro"].named_field_codes


def test_s3_06_parnassys_and_cito(board):
    assert systems(board["auro"]) == ["parnassys", "cito"]


def test_s3_07_s3_08_only_the_own_school_reads_and_the_foundation_gets_a_limited_set(board):
    auro = board["auro"]
    assert auro.readers.scope == "own_school"
    assert "board_office" not in auro.readers.codes
    assert "board_office" in auro.recipients
    assert "placement" in [one.purpose for one in auro.purposes]


def test_s3_11_teacher_or_director(board):
    assert board["auro"].routing.formal == "teacher_or_director"


def test_s3_14_photo_and_video_are_asked_beforehand(board):
    assert {"BM-F-WEB", "BM-V-WEB", "BM-F-NIEUWSBRIEF", "BM-V-NIEUWSBRIEF"} <= set(board["auro"].items)


def test_s3_18_think_first_then_share_is_for_three_audiences(board):
    (rule,) = board["auro"].house_rules
    assert (rule.code, rule.audiences) == ("think_before_sharing", ("guardians", "pupils", "staff"))


def test_s3_20_the_handbook_counts_for_the_whole_foundation(board):
    (handbook,) = [one for one in board["auro"].documents if one.kind == "conduct_handbook"]
    assert handbook.owner == "board"


def test_s4_01_s4_15_school_and_organisation_are_asked_apart(board):
    assert board["opoz"].levels == ("school", "board")
    levels = {code: catalogue.consent_items()[code].level for card in board["opoz"].cards for code in card.items}
    assert set(levels.values()) == {"school", "board"}


def test_s4_02_s4_04_the_regulations_are_still_being_written(board):
    assert titles(board["opoz"], "privacy_regulations") == [("in_development", "not_asked")]


def test_s4_07_s4_10_high_intelligence_and_the_growth_document_are_named(board):
    assert {"pupil.giftedness", "pupil.growth_document"} <= board["opoz"].named_field_codes
    assert "growth_document" in systems(board["opoz"])


def test_s4_08_most_data_lie_in_parnassys_so_some_lie_elsewhere(board):
    assert {"parnassys", "elsewhere"} <= set(systems(board["opoz"]))


def test_s4_09_management_and_teachers_read_and_support_does_not(board):
    assert board["opoz"].readers.roles == {Role.TEACHER, Role.DIRECTOR}


def test_s4_11_suppliers_may_use_data_to_log_in_only(board):
    assert board["opoz"].processor_terms.restricted_to == "inloggen"


@pytest.mark.parametrize("code", ["auro", "opoz", "parnassys-school"])
def test_a_board_whose_statement_names_no_officer_still_has_to(board, code):
    assert not board[code].officer.appointed
    assert "officer" in [gap.code for gap in board[code].gaps]


def test_gaps_come_in_the_order_of_the_sixteen_decisions(board):
    assert len(DECISIONS) == 16
    order = list(DECISIONS)
    for policy in board.values():
        places = [order.index(gap.code) for gap in policy.gaps]
        assert places == sorted(places)


def test_a_decision_that_is_taken_is_no_gap(board):
    assert {"class_list", "religion"}.isdisjoint(gap.code for gap in board["opron"].gaps)
    assert "class_list" in [gap.code for gap in board["auro"].gaps]


@pytest.mark.parametrize("name", ["Stichting De Waterlijn", 'Stichting "De Punt"', "Bestuur \\ é 学", "a\nb = 1"])
def test_a_board_without_a_file_gets_the_default_policy_with_everything_still_to_decide(name):
    policy = catalogue.load_board(catalogue.default_board_text("waterlijn", name))
    assert (policy.code, policy.name) == ("waterlijn", name)
    assert [gap.code for gap in policy.gaps] == list(DECISIONS)


def test_a_board_without_a_name_is_refused():
    with pytest.raises(catalogue.CatalogueError, match="‘name’ is leeg"):
        catalogue.load_board(catalogue.default_board_text("waterlijn", " "))


def test_what_differs_between_boards_is_data_and_never_a_branch_in_the_code():
    names = re.compile(r"\b(procon|opron|auro|opoz|samen een|klasbord|parnassys-school)\b", re.IGNORECASE)
    package = Path(catalogue.__file__).parent
    modules = list(package.glob("*.py"))
    assert modules
    found = [path.name for path in modules if names.search(path.read_text(encoding="utf-8"))]
    assert found == ["policy.py"], "the closed list of places where consent lives names one app"
