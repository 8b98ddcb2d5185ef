"""Lists of guardians: whose column it is, who belongs to whom, and what may not be seen."""

import pytest

from parentportal.sources import Delivery, Refused, read
from parentportal.sources.delivery import Answer, Kind, Reason
from tests.sources.edex import codes

HEAD = "Leerlingnummer;Verzorgernummer;Relatie;Wettelijk vertegenwoordiger;Voornaam;Achternaam;E-mailadres;Geheim adres"
NOOR = "101;n1;moeder;ja;Noor;de Wit;thuis@example.org;ja"
DAAN = "101;d1;vader;nee;Daan;Bakker;thuis@example.org;nee"


def table(*lines: str, kind: str = "auto") -> Delivery:
    return read("\n".join(lines).encode(), "ouders.csv", kind)


def refusal(*lines: str, kind: str = "auto") -> Refused:
    with pytest.raises(Refused) as caught:
        table(*lines, kind=kind)
    return caught.value


def test_a_key_or_relation_makes_it_a_list_of_guardians_and_the_names_theirs():
    delivery = table(HEAD, NOOR, DAAN)
    assert delivery.kind is Kind.GUARDIANS
    assert delivery.pupils == ()
    assert [found.value("guardian.surname") for found in delivery.guardians] == ["de Wit", "Bakker"]
    assert {relation.pupil.key for relation in delivery.relations} == {"101"}
    assert codes(delivery) == {}


def test_relation_authority_and_secrets_belong_to_the_pair():
    noor, daan = table(HEAD, NOOR, DAAN).relations
    assert (noor.kind, noor.authority, noor.address_secret) == ("mother", Answer.YES, Answer.YES)
    assert (daan.kind, daan.authority, daan.address_secret) == ("father", Answer.NO, Answer.NO)


def test_an_empty_authority_is_unknown():
    (relation,) = table(HEAD, "101;n1;moeder;;Noor;de Wit;;").relations
    assert (relation.authority, relation.address_secret) == (Answer.UNKNOWN, Answer.UNKNOWN)


def test_a_list_without_a_column_for_authority_leaves_it_unknown():
    (relation,) = table("Leerlingnummer;Relatie;Achternaam", "101;moeder;de Wit").relations
    assert relation.authority is Answer.UNKNOWN


def test_parents_who_share_a_mail_address_are_two_people():
    assert len(table(HEAD, NOOR, DAAN).guardians) == 2


def test_a_parent_of_two_children_with_one_key_is_one_person():
    delivery = table(HEAD, NOOR, NOOR.replace("101", "102"))
    assert len(delivery.guardians) == 1
    assert [relation.pupil.key for relation in delivery.relations] == ["101", "102"]


def test_a_parent_of_two_children_without_a_key_stays_two_records():
    delivery = table("Leerlingnummer;Relatie;Achternaam", "101;moeder;de Wit", "102;moeder;de Wit")
    assert [found.key for found in delivery.guardians] == [None, None]
    assert len({found.ref for found in delivery.guardians}) == 2


def test_a_parent_whose_rows_differ_keeps_the_first_and_is_reported():
    delivery = table(HEAD, NOOR, "102;n1;moeder;ja;Noor;de Wit;ander@example.org;ja")
    assert delivery.guardians[0].value("guardian.email") == "thuis@example.org"
    assert [(p.code, p.line, p.field) for p in delivery.problems] == [("guardian-differs", 3, "E-mailadres")]


def test_a_relation_in_two_rows_keeps_the_strictest_answer():
    delivery = table(HEAD, NOOR, NOOR.replace(";ja;", ";nee;", 1))
    assert [relation.authority for relation in delivery.relations] == [Answer.NO]
    assert codes(delivery) == {"duplicate-relation": 1}


def test_two_mothers_a_voogd_and_an_unheard_of_relation():
    rows = ("1;a;moeder;;A;B;;", "1;b;moeder;;C;D;;", "1;c;Voogd;;E;F;;", "1;d;buurman;;G;H;;")
    delivery = table(HEAD, *rows)
    assert [relation.kind for relation in delivery.relations] == ["mother", "mother", "legal_guardian", "other"]
    assert codes(delivery) == {"unknown-code": 1}


def test_a_deceased_parent_is_marked():
    delivery = table("Leerlingnummer;Relatie;Achternaam;Overleden", "1;vader;Bakker;ja", "2;vader;Mol;")
    assert [relation.deceased for relation in delivery.relations] == [Answer.YES, Answer.UNKNOWN]
    assert delivery.guardians[0].value("guardian.deceased") == "yes"
    assert delivery.guardians[1].value("guardian.deceased") is None


def test_a_bsn_beside_a_guardian_is_counted_and_never_kept():
    delivery = table("Leerlingnummer;Relatie;Achternaam;BSN", "1;vader;Bakker;111222333")
    assert [field.path for field in delivery.unknown_fields] == ["kolom/BSN"]
    assert "111222333" not in repr(delivery)


def test_parents_one_and_two_stand_beside_their_child():
    delivery = table(
        "Roepnaam;Achternaam;Geboortedatum;E-mailadres ouder/verzorger 1;Achternaam ouder/verzorger 1;"
        "Ouder 2 achternaam;Ouder 2 geheim adres",
        "Sem;Bakker;03-04-2016;noor@example.org;de Wit;Bakker;ja",
        "Asha;Sharma;01-02-2017;;Sharma;;",
    )
    assert delivery.kind is Kind.BOTH
    assert [found.value("pupil.call_name") for found in delivery.pupils] == ["Sem", "Asha"]
    assert [found.value("guardian.surname") for found in delivery.guardians] == ["de Wit", "Bakker", "Sharma"]
    first, second, _ = delivery.relations
    assert (first.pupil.call_name, first.address_secret) == ("Sem", Answer.UNKNOWN)
    assert second.address_secret is Answer.YES
    assert delivery.pupils[0].address_secret is Answer.UNKNOWN


def test_mother_and_father_in_the_header_give_the_relation():
    delivery = table("Leerlingnummer;Roepnaam;Voornaam moeder;Voornaam vader", "1;Sem;Noor;Daan")
    assert [relation.kind for relation in delivery.relations] == ["mother", "father"]


def test_a_child_in_two_rows_with_one_parent_each_is_one_child():
    delivery = table("Leerlingnummer;Roepnaam;Naam ouder", "1;Sem;de Wit", "1;Sem;Bakker")
    assert (len(delivery.pupils), len(delivery.guardians)) == (1, 2)


def test_a_child_in_two_rows_with_numbered_parents_is_a_double_key():
    refused = refusal("Leerlingnummer;Roepnaam;Naam ouder 1", "1;Sem;de Wit", "1;Lot;Bakker")
    assert refused.reason is Reason.DUPLICATE_KEY


def test_columns_of_the_child_in_a_list_of_guardians_point_at_the_child():
    delivery = table(
        "Roepnaam leerling;Geboortedatum leerling;Relatie;Achternaam;Geboortedatum",
        "Sem;03-04-2016;moeder;de Wit;05-06-1985",
    )
    (relation,) = delivery.relations
    assert (relation.pupil.key, relation.pupil.call_name) == (None, "Sem")
    assert str(relation.pupil.birth_date) == "2016-04-03"
    assert delivery.guardians[0].value("guardian.birth_date") == "1985-06-05"


def test_one_row_may_name_several_children():
    delivery = table("Achternaam;Email;Leerlingcodes", 'Bakker;b@example.org;"101,102"')
    assert [relation.pupil.key for relation in delivery.relations] == ["101", "102"]
    assert len(delivery.guardians) == 1


def test_saying_that_it_is_about_guardians_turns_the_plain_columns():
    lines = ("Leerlingnummer;Achternaam;Telefoon", "101;de Wit;0612345678")
    assert table(*lines).kind is Kind.PUPILS
    delivery = table(*lines, kind="guardians")
    assert delivery.guardians[0].value("guardian.phone") == "0612345678"


def test_saying_that_it_is_about_pupils_leaves_the_parents_out():
    delivery = table("Leerlingnummer;Roepnaam;E-mail ouder 1", "1;Sem;a@example.org", kind="pupils")
    assert delivery.kind is Kind.PUPILS
    assert delivery.guardians == ()
    assert [field.path for field in delivery.unknown_fields] == ["kolom/E-mail ouder 1"]


def test_a_list_of_guardians_without_a_child_is_refused():
    assert refusal("Relatie;Achternaam", "moeder;de Wit").reason is Reason.NOT_AN_EXPORT


def test_a_row_without_child_is_left_out_and_one_without_guardian_reported():
    delivery = table(HEAD, NOOR, ";d1;vader;ja;Daan;Bakker;;", "102;;;;;;;")
    assert len(delivery.relations) == 1
    assert codes(delivery) == {"no-pupil": 1, "no-guardian": 1, "mass-change": 1}
    assert delivery.rows_left_out == 1


def test_an_answer_that_is_neither_yes_nor_no_is_unknown_and_reported():
    delivery = table(HEAD, NOOR.replace(";ja;", ";misschien;", 1))
    assert delivery.relations[0].authority is Answer.UNKNOWN
    assert codes(delivery) == {"odd-value": 1}


def test_a_foreign_address_and_number_are_kept_as_they_are():
    delivery = table(
        "Leerlingnummer;Relatie;Achternaam;Postcode;Telefoon;IBAN",
        "1;vader;Bakker;47533;+49 2821 12345;NL91 ABNA 0417 1643 00",
    )
    found = delivery.guardians[0]
    assert found.value("guardian.address.postcode") == "47533"
    assert found.value("guardian.phone") == "+49 2821 12345"
    assert found.value("guardian.iban") == "NL91ABNA0417164300"
    assert codes(delivery) == {}


def test_no_message_names_a_parent_or_shows_a_value():
    delivery = table(HEAD, "101;n1;buurvrouw;wellicht;No?r;de Wit;geen-adres;soms")
    assert len(delivery.problems) >= 5
    said = " ".join(problem.message for problem in delivery.problems)
    assert not any(word in said for word in ("No?r", "Wit", "geen-adres", "wellicht", "buurvrouw", "soms"))
