"""What a list leaves to a person: two digits for a year, an M that may be a man or a “meisje” (formats 6)."""

import pytest

from parentportal.sources.guesses import Asked, Question
from tests.sources.edex import codes
from tests.sources.test_pupil_lists import HEAD, SEM, column, table


def test_a_year_of_two_digits_waits_for_a_person():
    lines = (HEAD, "101;Sem;;Bakker;03-04-16")
    asked = table(*lines)
    assert asked.pupils[0].value("pupil.birth_date") is None
    assert [p.code for p in asked.problems if p.confirm] == ["two-digit-year"]
    agreed = table(*lines, confirmed=frozenset({"two-digit-year"}))
    assert agreed.pupils[0].value("pupil.birth_date") == "2016-04-03"


def test_rows_with_a_year_of_two_digits_are_counted_and_the_first_three_named():
    delivery = table(HEAD, *(f"{n};Sem;;Bakker;03-04-16" for n in range(4)), "9;Lot;;Wit;03-04-2016")
    assert delivery.asked == (Asked(Question.YEAR, 4, (2, 3, 4), None, ("pupil.birth_date",)),)


def test_a_parent_is_born_in_the_last_century_and_asked_apart():
    lines = (f"{HEAD};Achternaam ouder 1;Geboortedatum ouder 1", "101;Sem;;Bakker;03-04-16;Bakker;05-06-85")
    delivery = table(*lines, confirmed=frozenset({"two-digit-year"}))
    assert delivery.pupils[0].value("pupil.birth_date") == "2016-04-03"
    assert delivery.guardians[0].value("guardian.birth_date") is None
    agreed = table(*lines, confirmed=frozenset({"two-digit-year", "guardian-two-digit-year"}))
    assert agreed.guardians[0].value("guardian.birth_date") == "1985-06-05"


@pytest.mark.parametrize("written", ["31-04-16", "31-12-99"])
def test_two_digits_that_make_no_date_of_a_child_are_not_asked(written):
    delivery = column("Inschrijfdatum", written)
    assert delivery.asked == ()
    assert codes(delivery) == {"odd-value": 1}


@pytest.mark.parametrize("values", [("M", "M"), ("M", "J", "V")])
def test_letters_that_do_not_decide_are_asked_and_not_guessed(values):
    delivery = column("Geslacht", *values)
    unclear = [found for found, value in zip(delivery.pupils, values, strict=True) if value == "M"]
    assert {found.value("pupil.sex") for found in unclear} == {None}
    assert {p.code for p in delivery.problems if p.confirm} == {"sex-ask"}
    lines = tuple(line for line, value in enumerate(values, start=2) if value == "M")
    assert delivery.asked == (Asked(Question.SEX, len(lines), lines, None, ("pupil.sex",)),)


def test_figures_for_a_sex_are_not_asked_because_systems_count_them_in_opposite_order():
    delivery = column("Geslacht", "1", "2")
    assert [found.value("pupil.sex") for found in delivery.pupils] == ["unknown", "unknown"]
    assert codes(delivery) == {"sex-ask": 2}
    assert delivery.asked == ()


@pytest.mark.parametrize(("code", "meant"), [("sex-m-female", "female"), ("sex-m-male", "male")])
def test_a_person_can_say_what_m_means(code, meant):
    lines = (f"{HEAD};M/V", f"{SEM};M")
    delivery = table(*lines, confirmed=frozenset({code}))
    assert delivery.pupils[0].value("pupil.sex") == meant
    assert delivery.asked == (Asked(Question.SEX, 1, (2,), code, ("pupil.sex",)),)
    assert codes(delivery) == {}


def test_what_m_means_of_a_child_says_nothing_of_its_parent():
    lines = (f"{HEAD};M/V;Achternaam ouder 1;Geslacht ouder 1", f"{SEM};M;Bakker;M")
    delivery = table(*lines, confirmed=frozenset({"sex-m-female"}))
    assert delivery.pupils[0].value("pupil.sex") == "female"
    assert delivery.guardians[0].value("guardian.sex") is None
    assert [(one.question, one.accepted) for one in delivery.asked] == [
        (Question.SEX, "sex-m-female"),
        (Question.ADULT_SEX, None),
    ]
    settled = table(*lines, confirmed=frozenset({"sex-m-female", "guardian-sex-m-male"}))
    assert settled.guardians[0].value("guardian.sex") == "male"
