"""Every consent question stands on its own, and nothing that the law decides is a question."""

from itertools import product

import pytest

from parentportal import catalogue
from parentportal.catalogue.consents import read_consents
from parentportal.catalogue.reading import FOLDER, CatalogueError, parse
from parentportal.rules.consents import Rule, Subject
from parentportal.rules.tasks import AFTER_WITHDRAWAL, Channel, TaskKind

ITEMS = catalogue.consent_items()
TEXT = (FOLDER / "consent_items.toml").read_text(encoding="utf-8")
CHANNELS = ["WEB", "NIEUWSBRIEF", "OUDERAPP", "SOCIAAL", "SCHOOLGIDS", "PERS", "OUDERAVOND"]


@pytest.mark.parametrize(("medium", "channel"), list(product("FV", CHANNELS)))
def test_a_photo_and_a_video_on_each_channel_are_questions_of_their_own(medium, channel):
    at_school, at_board = ITEMS[f"BM-{medium}-{channel}"], ITEMS[f"BM-{medium}-{channel}-ORG"]
    assert at_school.question != at_board.question
    assert (at_school.level, at_board.level) == ("school", "board")
    assert at_school.medium == {"F": "photo", "V": "video"}[medium]


def test_every_place_where_a_child_can_be_found_has_a_question():
    assert {item.channel for item in ITEMS.values() if item.channel} == set(Channel)


@pytest.mark.parametrize("code", [code for code, item in ITEMS.items() if item.channel])
def test_t13_a_no_brings_the_task_that_belongs_to_the_channel(code):
    assert AFTER_WITHDRAWAL[ITEMS[code].channel] in ITEMS[code].follow_ups


def test_no_two_questions_ask_the_same():
    questions = [item.question for item in ITEMS.values()]
    assert len(set(questions)) == len(questions)


@pytest.mark.parametrize("code", ["KL-ADRES", "KL-TEL", "KL-EMAIL", "NB", "ALUM"])
def test_an_adult_decides_alone_about_own_data(code):
    assert ITEMS[code].subject is Subject.ADULT
    assert all(field.startswith("guardian.") for field in ITEMS[code].fields)


def test_the_name_on_the_class_list_is_about_the_child():
    assert ITEMS["KL-NAAM"].subject is Subject.CHILD


@pytest.mark.parametrize("code", ["GL", "UITW"])
def test_all_holders_of_authority_must_say_yes_to_a_portrait_and_to_passing_on_care(code):
    assert ITEMS[code].rule is Rule.ALL
    assert ITEMS[code].kind == "occasion"
    assert ITEMS[code].explicit


def test_for_every_other_question_one_yes_without_a_no_is_enough():
    assert {code for code, item in ITEMS.items() if item.rule is Rule.ALL} == {"GL", "UITW"}


def test_t07_the_school_on_social_media_is_not_the_child_on_social_media():
    assert ITEMS["BM-F-SOCIAAL"].family != ITEMS["SM-KIND"].family


def test_s3_05_a_no_to_religion_mends_the_source_system_too():
    assert TaskKind.ERASE_SOURCE in ITEMS["REL"].follow_ups
    assert ITEMS["REL"].fields == ("pupil.religion",)


@pytest.mark.parametrize("code", [code for code, item in ITEMS.items() if item.family == "class_list"])
def test_the_class_list_is_off_while_a_safety_flag_stands_and_is_renewed_after_a_no(code):
    assert ITEMS[code].blocked_by_safety
    assert TaskKind.RENEW_LIST in ITEMS[code].follow_ups
    assert ITEMS[code].scope == "group_year"


@pytest.mark.parametrize("code", ITEMS)
def test_a_no_after_a_yes_always_leaves_work_for_the_school(code):
    assert ITEMS[code].follow_ups


@pytest.mark.parametrize("code", ITEMS)
def test_the_words_that_are_kept_with_an_answer_are_complete(code):
    parts = {"title", "question", "where", "audience", "duration", "example", "after_no", "decides", "withdrawal"}
    assert set(ITEMS[code].texts) == parts
    assert all(ITEMS[code].texts.values())
    assert "{medium}" not in str(ITEMS[code].texts)
    assert "{owner}" not in str(ITEMS[code].texts)


def test_what_is_never_a_switch_is_complete():
    assert set(catalogue.never_a_switch()) == {
        *("registration", "progress", "learning_tools", "duo", "attendance_officer", "inspectorate"),
        *("next_school", "partnership", "veilig_thuis", "board_office", "id_photo", "lesson_images"),
    }


def test_nobody_who_gets_data_without_a_question_stands_behind_one():
    without = {one.recipient for one in catalogue.never_a_switch().values() if one.recipient}
    asked = {code for code, one in catalogue.recipients().items() if one.consent_item}
    assert without.isdisjoint(asked)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            'fields = ["pupil.religion"]',
            'fields = ["pupil.size"]',
            "‘pupil.size’, maar die code bestaat niet",
        ),
        ('purpose = "identity"', 'purpose = "curiosity"', "Kies uit"),
        ('rule = "all"', 'rule = "most"', "Kies uit"),
        ('"stop_printed", "forward_preference"', '"forward_preference"', "hoort bij dit kanaal de taak ‘stop_printed’"),
        ('channel = "website"', 'channel = "billboard"', "Kies uit"),
        ('subject = "adult"', 'subject = "neighbour"', "Kies uit"),
        ('question = "Mag uw telefoonnummer op de klassenlijst?"\n', "", "‘question’ ontbreekt"),
        ('scope = "occasion"', 'scope = "school"', "één gelegenheid"),
        ('suffix = "-ORG"', 'suffix = "-ORG"\ncolour = "red"', "‘colour’ is onbekend"),
        ("[never_a_switch.duo]", "[never_a_switch.duo]\nswitch = true", "‘switch’ is onbekend"),
    ],
    ids=["field", "purpose", "rule", "follow-up", "channel", "subject", "missing", "scope", "level", "no-switch"],
)
def test_a_planted_fault_is_told_in_dutch_with_its_place(old, new, sentence):
    assert old in TEXT
    with pytest.raises(CatalogueError) as refused:
        read_consents(parse(TEXT.replace(old, new, 1), "consent_items.toml"))
    assert any(sentence in problem for problem in refused.value.problems)
    assert all(problem.startswith("consent_items.toml") for problem in refused.value.problems)
