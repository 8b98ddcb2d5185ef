"""Names in the Netherlands have prefixes, apostrophes and a letter of two."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.rules import names
from parentportal.rules.names import Likeness, Name


@pytest.mark.parametrize(
    ("name", "shown", "short"),
    [
        (Name("Sem", "", "Bakker"), "Sem Bakker", "Sem B."),
        (Name("Lot", "de", "Wit"), "Lot de Wit", "Lot W."),
        (Name(" Noor ", " van  't ", "Hof"), "Noor van 't Hof", "Noor H."),
        (Name("Mees", "", "'s-Gravesande"), "Mees 's-Gravesande", "Mees S."),
        (Name("Guus", "", "D'Ancona"), "Guus D'Ancona", "Guus D."),
        (Name("Fien", "", "IJsbrandy"), "Fien IJsbrandy", "Fien IJ."),
        (Name("Jip", "", "étienne"), "Jip étienne", "Jip É."),
        (Name("Asha"), "Asha", "Asha"),
        (Name("", "", "Sharma"), "Sharma", "Sharma"),
    ],
)
def test_a_name_is_shown_in_full_and_in_short(name, shown, short):
    assert name.display() == shown
    assert name.with_initial() == short


def test_people_are_sorted_on_their_last_name_without_the_prefix():
    people = [
        Name("Ilse", "", "Vermeer"),
        Name("Lot", "de", "Wit"),
        Name("Ans", "", "Öztürk"),
        Name("Mees", "", "'s-Gravesande"),
        Name("Sem", "", "Bakker"),
        Name("Bo", "", "Bakker"),
    ]
    assert [name.display() for name in sorted(people, key=Name.sort_key)] == [
        "Bo Bakker",
        "Sem Bakker",
        "Ans Öztürk",
        "Mees 's-Gravesande",
        "Ilse Vermeer",
        "Lot de Wit",
    ]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Zoë", unicodedata.normalize("NFD", "Zoë"), Likeness.SAME),
        (" de  Wit ", "De Wit", Likeness.SAME),
        ("Zoë", "Zoe", Likeness.ALIKE),
        ("van ’t", "van 't", Likeness.ALIKE),
        ("Sem", "Sam", Likeness.DIFFERENT),
    ],
)
def test_spellings_are_compared_without_case_and_blanks_and_accents_only_suggest(one, other, expected):
    assert names.likeness(one, other) is expected
    assert names.likeness(other, one) is expected


@pytest.mark.parametrize(
    ("registered", "delivered", "same"),
    [
        ("van der", "Van der", True),
        ("van der van der", "van der va", True),
        ("van der va", "van der van der", True),
        ("uit den van de", "uit den va", True),
        ("aan het van", "aan het", False),
        ("van de op het", "van de op", True),
        ("van der", "van de", False),
        ("", "de", False),
    ],
)
def test_a_prefix_cut_off_after_ten_characters_is_no_change(registered, delivered, same):
    assert names.same_prefix(registered, delivered) is same


def test_a_delivery_with_a_cut_off_prefix_brings_the_same_name():
    registered = Name("Lot", "van den van der", "Wit")
    assert names.same_name(registered, Name("lot", "van den va", "WIT"))
    assert not names.same_name(registered, Name("Lot", "van den va", "With"))
    assert not names.same_name(registered, Name("Lotte", "van den va", "Wit"))


@given(st.text(max_size=20))
def test_comparing_forms_are_stable(text):
    assert names.tidy(names.tidy(text)) == names.tidy(text)
    assert names.likeness(text, f"  {text} ") is Likeness.SAME
