"""A board file with a fault is refused whole, with every fault and its place, in Dutch."""

import pytest

from parentportal import catalogue

TEXT = catalogue.board_text("opron")
CARD = '\n[[cards]]\ncode = "extra-{at}"\ntitle = "Nog een vraag"\nitems = ["BM-F-{channel}"]\n'


def faults_of(text):
    with pytest.raises(catalogue.CatalogueError) as refused:
        catalogue.load_board(text, "bestuur.toml")
    return refused.value.problems


def replaced(old, new):
    assert old in TEXT
    return TEXT.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("reply_days = 28", "reply_days = 29", "‘reply_days’ is 29. Kies een getal van 1 tot en met 28."),
        ("reply_days = 28", "replydays = 28", "‘replydays’ is onbekend"),
        ('name = "Scholengroep OPRON"', 'name = " "', "‘name’ is leeg"),
        ('code = "opron"', 'code = "Opron!"', "kleine letters"),
        ('place = "Meeden"', 'place = "Meeden"\nbrin = "9A99"', "Een BRIN heeft twee cijfers en twee hoofdletters"),
        ('place = "Meeden"', 'place = ""', "‘place’ is leeg"),
        ('code = "esis"', 'code = "magister"', "Kies uit"),
        ('"learning_tools", "parent_app"', '"learning_tools", "duo"', "‘duo’, maar die code bestaat niet"),
        ('items = ["NB"]', 'items = ["NB", "XX"]', "‘XX’, maar die code bestaat niet"),
        ('items = ["NB"]', 'items = ["GL"]', "verkeerde lijst"),
        ('items = ["NB"]', 'items = ["NB", "BM-F-WEB"]', "vraag ‘BM-F-WEB’ staat er twee keer"),
        ('items = ["NB"]', "items = []", "zonder vraag"),
        ('levels = ["school", "board"]', 'levels = ["school"]', "vraag ‘ALUM’ hoort bij niveau ‘board’"),
        ('religion = "on"', 'religion = "off"', "vraag ‘REL’ hoort bij"),
        ('parts = ["KL-NAAM", "KL-ADRES", "KL-TEL"]', 'parts = ["KL-NAAM"]', "zijn niet gelijk"),
        ('fields = ["pupil.sex"]', 'fields = ["pupil.shoe"]', "‘pupil.shoe’, maar die code bestaat niet"),
        ('gmr_status = "unknown"', 'gmr_status = "not_asked"', "geldt al, maar de GMR is niet gevraagd"),
        ('complaint_bodies = ["regulator"]', 'complaint_bodies = ["neighbour"]', "‘neighbour’"),
        ("[officer]\nappointed = true", "[officer]", "‘appointed’ moet true of false zijn"),
        ("[routing]", "[rooting]", "deze tabel ontbreekt"),
        ('codes = ["teacher", "support", "administration", "director"]', "codes = []", "niemand mag lezen"),
        ("reply_days", "counter_recovery_four_eyes = false\nreply_days", "‘counter_recovery_reason’ hoort bij"),
        ("reply_days", 'counter_recovery_reason = "Klein."\nreply_days', "‘counter_recovery_reason’ hoort bij"),
        ("reply_days", 'counter_recovery_four_eyes = "nee"\nreply_days', "moet true of false zijn"),
    ],
)
def test_a_planted_fault_is_told_in_dutch_with_its_place(old, new, sentence):
    problems = faults_of(replaced(old, new))
    assert any(sentence in problem for problem in problems)
    assert all(problem.startswith("bestuur.toml") for problem in problems)


def test_a_ninth_card_is_refused():
    channels = ["OUDERAPP", "SOCIAAL", "SCHOOLGIDS", "PERS", "OUDERAVOND"]
    cards = "".join(CARD.format(at=at, channel=channel) for at, channel in enumerate(channels))
    assert any("er zijn 9 kaarten" in problem for problem in faults_of(TEXT + cards))


def test_eight_cards_are_accepted():
    channels = ["OUDERAPP", "SOCIAAL", "SCHOOLGIDS", "PERS"]
    cards = "".join(CARD.format(at=at, channel=channel) for at, channel in enumerate(channels))
    assert len(catalogue.load_board(TEXT + cards).cards) == 8


def test_every_fault_is_told_at_once_with_the_table_it_is_in():
    problems = faults_of(replaced('place = "Meeden"', 'town = "Meeden"').replace("reply_days = 28", "reply_days = 0"))
    assert any("[[schools]] nummer 1: ‘town’ is onbekend" in problem for problem in problems)
    assert any("‘reply_days’ is 0" in problem for problem in problems)


def test_what_is_no_toml_is_refused():
    assert faults_of("code = [")[0].startswith("bestuur.toml: dit is geen geldig TOML-bestand")


def test_an_empty_file_is_refused_without_an_accident():
    assert len(faults_of("")) > 10


@pytest.mark.parametrize("value", ["1", "true", '"tekst"', "[1]", "[[1]]", "{ a = 1 }", "2026-11-21"])
@pytest.mark.parametrize(
    "key",
    [
        *("code", "version", "reply_days", "levels", "processors", "schools", "cards", "documents"),
        *("systems", "named_fields", "occasion_items", "decided"),
    ],
)
def test_a_value_of_the_wrong_kind_is_a_fault_and_never_an_accident(key, value):
    assert faults_of(f"{key} = {value}\n")


def test_two_schools_with_one_number_are_refused():
    text = replaced('place = "Meeden"', 'place = "Meeden"\nbrin = "99AA"')
    text = text.replace('place = "Noordbroek"', 'place = "Noordbroek"\nbrin = "99AA"', 1)
    assert any("BRIN ‘99AA’ staat er twee keer" in problem for problem in faults_of(text))


def test_a_number_completes_a_school():
    text = replaced('place = "Meeden"', 'place = "Meeden"\nbrin = "99AA"\nbranch = "00"')
    school = catalogue.load_board(text).schools[0]
    assert (school.brin, school.branch) == ("99AA", "00")
