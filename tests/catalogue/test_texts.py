"""What a parent reads is short, plain and the same for yes and no (ux 4.1 and 7.6)."""

import re
from string import Formatter

import pytest

from parentportal import catalogue

MOST_WORDS = 20
FORBIDDEN = re.compile(
    r"\b(consent|persoonsgegevens|betrokkene|leerlingdossier|rectificatie|corrigeren|wissen|vergetelheid"
    r"|verwerkingsdoel|grondslag|ontvangers?|derden|verwerkers?|bewaartermijn|functionaris|passkey|biometrie"
    r"|authenticator|totp|recovery|ticket|aanvraag|zaak|intrekken|uw kind)\b",
    re.IGNORECASE,
)
EMOTIONAL = re.compile(
    r"\b(jammer|helaas|leuk|fijn|mooi|gezellig|trots|graag|gelukkig|blij|verdrietig|missen|spannend|super"
    r"|natuurlijk|alleen maar|toch)\b",
    re.IGNORECASE,
)


def question_texts():
    return [(place, text) for place, text in catalogue.sentences() if place.startswith("question ")]


def long_sentences(text):
    return [one for one in re.split(r"(?<=[.?!:;])\s+", text) if len(one.split()) > MOST_WORDS]


def test_there_is_something_to_read():
    assert len(list(catalogue.sentences())) > 500


def test_no_sentence_has_more_than_twenty_words():
    assert [(place, text) for place, text in catalogue.sentences() if long_sentences(text)] == []


def test_a_long_sentence_would_be_seen():
    assert long_sentences("Dit is kort. " + "woord " * 21 + ".")


def test_no_text_uses_a_word_of_lawyers():
    assert [(place, text) for place, text in catalogue.sentences() if FORBIDDEN.search(text)] == []


def test_no_question_plays_on_feelings():
    assert [(place, text) for place, text in question_texts() if EMOTIONAL.search(text)] == []


@pytest.mark.parametrize("text", ["Wij wissen dit.", "Uw kind mag mee."])
def test_a_forbidden_word_would_be_seen(text):
    assert FORBIDDEN.search(text)


def test_an_emotional_word_would_be_seen():
    assert EMOTIONAL.search("Dat is jammer voor de groep.")


def test_quotes_are_typographic():
    assert [(place, text) for place, text in catalogue.sentences() if re.search(r"['\"`]", text)] == []


def test_a_question_holds_no_field_but_the_child_the_organisation_and_the_occasion():
    for place, text in question_texts():
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        assert names <= {"name", "organisation", "occasion"}, place


def test_every_question_is_one_question_and_none_is_a_double_negative():
    for item in catalogue.consent_items().values():
        assert item.question.count("?") == 1
        assert item.question.endswith("?")
        assert item.question.startswith("Mag ")
        assert not re.search(r"\b(niet|geen|nooit)\b", item.question)


def test_every_question_says_that_choosing_otherwise_stays_possible():
    for item in catalogue.consent_items().values():
        assert item.withdrawal.startswith("U kunt altijd van keuze veranderen, zonder reden.")


def test_what_is_printed_says_that_it_cannot_be_called_back():
    printed = [item for item in catalogue.consent_items().values() if item.printed]
    assert {item.channel for item in printed} == {"print", "press", "class_photo"}
    assert all("blijft" in item.withdrawal for item in printed)


def test_what_is_no_choice_says_why():
    reasons = [one.reason for one in catalogue.never_a_switch().values()]
    assert reasons
    assert all(reason.startswith("Geen keuze") for reason in reasons)


@pytest.mark.parametrize("code", catalogue.bundled_boards())
def test_what_a_board_says_to_parents_is_short_too(code):
    policy = catalogue.load_board(catalogue.board_text(code))
    texts = [policy.readers.as_stated, *(system.holds for system in policy.systems)]
    texts += [card.title for card in policy.cards]
    assert [text for text in texts if long_sentences(text) or FORBIDDEN.search(text)] == []
