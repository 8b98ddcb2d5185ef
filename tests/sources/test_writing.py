"""What we write can be opened by Dutch Excel without running anything, and comes back as it was."""

import pytest

from parentportal.sources import read
from parentportal.sources.delivery import Answer, GroupKind
from parentportal.sources.writing import safe_cell, write_edexml, write_guardian_list, write_list
from tests.sources.edex import codes

SCHOOL = {"schooljaar": "2026-2027", "brincode": "99AA", "peildatum": "2026-10-01", "auteur": "De Regenboog & co"}
GROUPS = [{"key": "g5", "naam": "Groep 5", "jaargroep": "5"}, {"key": "plus", "naam": "Plus <klas>"}]
SEM = {
    "key": '1"0',
    "roepnaam": "Sem",
    "achternaam": "Bakker",
    "geboortedatum": "2016-04-03",
    "jaargroep": "5",
    "groep": "g5",
    "samengestelde_groepen": ["plus"],
    "bsn": "111222333",
}
ILSE = {"key": "t", "achternaam": "Vermeer", "rol": ["LRK"], "groepen": ["g5", "plus"]}


def test_an_edexml_file_comes_back_as_it_was():
    delivery = read(write_edexml(SCHOOL, GROUPS, [SEM], [ILSE]), "EDEX.XML")
    found = delivery.pupils[0]
    assert codes(delivery) == {}
    assert delivery.author == "De Regenboog & co"
    assert (found.key, found.value("pupil.bsn"), found.group_keys) == ('1"0', "111222333", ("g5", "plus"))
    assert [(group.name, group.kind) for group in delivery.groups] == [
        ("Groep 5", GroupKind.HOME),
        ("Plus <klas>", GroupKind.COMBINED),
    ]
    assert delivery.teachers[0].group_keys == ("g5", "plus")


def test_the_same_records_give_the_same_bytes_in_the_order_of_the_schema():
    turned = dict(reversed(SEM.items()))
    assert write_edexml(SCHOOL, GROUPS, [SEM]) == write_edexml(SCHOOL, GROUPS, [turned])


def test_a_field_that_edexml_does_not_have_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="godsdienst"):
        write_edexml(SCHOOL, GROUPS, [{**SEM, "godsdienst": "geen"}])


def test_a_list_of_guardians_comes_back_as_it_was():
    row = {
        "Leerlingnummer": "101",
        "Verzorgernummer": "n1",
        "Relatie": "moeder",
        "Wettelijk vertegenwoordiger": "ja",
        "Achternaam": "'t Hart",
        "Telefoon": "+31612345678",
        "Beroep": "=SOM(A1)",
    }
    delivery = read(write_guardian_list([row]), "ouders.csv")
    (found,), (relation,) = delivery.guardians, delivery.relations
    assert found.value("guardian.surname") == "'t Hart"
    assert found.value("guardian.phone") == "+31612345678"
    assert found.value("guardian.occupation") == "=SOM(A1)"
    assert (relation.kind, relation.authority) == ("mother", Answer.YES)
    assert codes(delivery) == {}
    assert delivery.unknown_fields == ()


def test_a_list_has_a_mark_semicolons_quotation_marks_and_windows_line_ends():
    assert write_list(["Naam"], [{"Naam": 'De "Boot"'}]) == b'\xef\xbb\xbf"Naam"\r\n"De ""Boot"""\r\n'


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_a_cell_that_would_run_is_made_text(sign):
    assert safe_cell(f"{sign}1") == f"'{sign}1"


@pytest.mark.parametrize("text", ["", "'t Hart", "'s-Gravenhage", "Sem", "0612345678", "1-2"])
def test_a_cell_that_is_safe_stays_as_it_is(text):
    assert safe_cell(text) == text
