"""Lists of pupils in CSV, with everything that spreadsheets and hands do to them."""

import pytest

from parentportal.sources import Delivery, Refused, read
from parentportal.sources.delivery import Answer, Kind, Level, Reason, Standing
from tests.sources.edex import codes

HEAD = "Leerlingnummer;Roepnaam;Tussenvoegsel;Achternaam;Geboortedatum"
SEM = "101;Sem;;Bakker;03-04-2016"


def table(*lines: str, kind: str = "auto", charset: str = "utf-8", confirmed: frozenset[str] = frozenset()) -> Delivery:
    return read("\r\n".join(lines).encode(charset), "lijst.csv", kind, confirmed=confirmed)


def column(name: str, *values: str) -> Delivery:
    """A list with one column more."""
    rows = [f"{101 + n};Sem;;Bakker;03-04-2016;{value}" for n, value in enumerate(values)]
    return table(f"{HEAD};{name}", *rows)


def refusal(*lines: str) -> Refused:
    with pytest.raises(Refused) as caught:
        table(*lines)
    return caught.value


def test_a_list_gives_pupils_with_their_values_and_columns():
    delivery = table(HEAD, SEM, "102;Lot;de;Wit;2018-11-02")
    sem, lot = delivery.pupils
    assert (sem.key, sem.value("pupil.birth_date"), sem.line) == ("101", "2016-04-03", 2)
    assert (lot.value("pupil.prefix"), lot.value("pupil.surname")) == ("de", "Wit")
    assert lot.items[-1].path == "kolom/Geboortedatum"
    assert codes(delivery) == {}
    assert not delivery.complete


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_the_separator_is_found(separator):
    delivery = table(HEAD.replace(";", separator), SEM.replace(";", separator))
    assert delivery.pupils[0].value("pupil.surname") == "Bakker"


def test_a_first_line_may_name_the_separator():
    delivery = table("sep=|", HEAD.replace(";", "|"), SEM.replace(";", "|"))
    assert (delivery.pupils[0].key, delivery.pupils[0].line) == ("101", 3)


def test_separators_inside_quotation_marks_do_not_count():
    delivery = table('Leerlingnummer,"Naam, officieel",Achternaam,Geboortedatum', '101,"a, b",Bakker,03-04-2016')
    assert delivery.pupils[0].value("pupil.surname") == "Bakker"


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_honoured(charset):
    delivery = table(HEAD, SEM.replace("Sem", "Zoë"), charset=charset)
    assert delivery.pupils[0].value("pupil.call_name") == "Zoë"
    assert codes(delivery) == {}


def test_windows_text_is_read_as_a_guess_that_a_person_confirms():
    delivery = table(HEAD, SEM.replace("Sem", "Zoë"), charset="cp1252")
    assert delivery.pupils[0].value("pupil.call_name") == "Zoë"
    (problem,) = delivery.problems
    assert (problem.code, problem.line, problem.level, problem.confirm) == ("encoding-guess", 2, Level.WARN, True)


def test_bytes_of_no_character_set_are_refused():
    with pytest.raises(Refused) as caught:
        read(HEAD.encode() + b"\r\n101;S\x81m;;Bakker;03-04-2016", "x.csv")
    assert (caught.value.reason, caught.value.line) == (Reason.ENCODING, 2)


def test_wide_characters_that_are_cut_off_are_not_read_as_windows_text():
    with pytest.raises(Refused) as caught:
        read(f"{HEAD}\n{SEM}\n".encode("utf-16")[:-1], "x.csv")
    assert caught.value.reason is Reason.MALFORMED


def test_an_open_quotation_mark_refuses_the_file_instead_of_swallowing_it():
    refused = refusal(HEAD, SEM, '102;"Lot;de;Wit;02-11-2018', "103;Asha;;Sharma;01-01-2016")
    assert (refused.reason, refused.line) == (Reason.MALFORMED, 3)


def test_lines_above_the_header_are_passed_over_and_reported():
    delivery = table("Leerlingenlijst De Regenboog", "", HEAD, SEM)
    assert delivery.pupils[0].line == 4
    assert codes(delivery) == {"title-lines": 1}


def test_empty_rows_and_total_rows_are_no_pupils():
    delivery = table(HEAD, SEM, "", ";;;;", "Totaal;1;;;")
    assert len(delivery.pupils) == 1
    assert [(p.code, p.line) for p in delivery.problems] == [("total-row", 5)]


@pytest.mark.parametrize("row", ["102;Lot;Wit;02-11-2018", "102;Lot;de;Wit;02-11-2018;meer"])
def test_a_row_that_does_not_fit_is_left_out_by_number_and_never_shifted(row):
    delivery = table(HEAD, SEM, row)
    assert [found.key for found in delivery.pupils] == ["101"]
    assert [(p.code, p.line) for p in delivery.problems if p.level is Level.WARN] == [("ragged-row", 3)]
    assert delivery.rows_left_out == 1


def test_empty_cells_beyond_the_header_do_no_harm():
    assert codes(table(HEAD, f"{SEM};;")) == {}


def test_more_than_two_in_a_hundred_rows_left_out_hold_the_delivery():
    good = [f"{n};Sem;;Bakker;03-04-2016" for n in range(1, 99)]
    assert table(HEAD, *good, "a;b", "c;d").holds == ()
    assert [hold.code for hold in table(HEAD, *good, "a;b", "c;d", "e;f").holds] == ["mass-change"]


def test_a_second_column_of_the_same_meaning_is_reported_and_not_read():
    delivery = table(f"{HEAD};Achternaam", f"{SEM};Anders")
    assert delivery.pupils[0].value("pupil.surname") == "Bakker"
    assert codes(delivery) == {"duplicate-column": 1}


def test_unknown_columns_are_listed_without_their_values():
    delivery = table(f"{HEAD};Zwemdiploma", f"{SEM};C-diploma")
    assert [field.path for field in delivery.unknown_fields] == ["kolom/Zwemdiploma"]
    assert "C-diploma" not in repr(delivery)


def test_columns_in_another_order_have_the_same_fingerprint_and_another_set_has_not():
    first, second = (
        table(HEAD, SEM),
        table("Roepnaam;Leerlingnummer;Tussenvoegsel;Geboortedatum;achternaam", "Sem;1;;;B"),
    )
    assert first.column_set == second.column_set
    assert table(f"{HEAD};Klas", f"{SEM};5").column_set != first.column_set


def test_a_list_without_a_key_points_by_name_and_birth_date():
    delivery = table("Roepnaam;Achternaam;Geboortedatum;Klasnaam", "Sem;Bakker;03-04-2016;5A")
    assert delivery.pupils[0].key is None
    assert delivery.pupils[0].group_keys == ("5A",)


def test_a_list_that_points_at_nobody_is_refused():
    assert refusal("Roepnaam;Klas", "Sem;5").reason is Reason.NOT_AN_EXPORT


def test_a_row_without_key_and_birth_date_is_left_out():
    delivery = table(HEAD, SEM, ";Lot;de;Wit;")
    assert len(delivery.pupils) == 1
    assert codes(delivery)["no-pupil"] == 1


def test_a_key_used_twice_refuses_the_file():
    refused = refusal(HEAD, SEM, "101;Lot;de;Wit;02-11-2018")
    assert (refused.reason, refused.line) == (Reason.DUPLICATE_KEY, 3)


def test_an_eckid_used_twice_refuses_the_file():
    assert refusal(f"{HEAD};ECK iD", f"{SEM};x", "102;Lot;de;Wit;02-11-2018;x").reason is Reason.DUPLICATE_KEY


def test_twins_without_a_key_are_two_pupils():
    delivery = table("Roepnaam;Achternaam;Geboortedatum", "Sem;Bakker;03-04-2016", "Daan;Bakker;03-04-2016")
    assert len(delivery.pupils) == 2


def test_a_header_without_rows_is_empty():
    assert refusal(HEAD).reason is Reason.EMPTY


def test_more_than_200_columns_are_too_large():
    assert refusal(HEAD + ";x" * 200, SEM + ";y" * 200).reason is Reason.TOO_LARGE


@pytest.mark.parametrize("size", [103_000, 140_000])
def test_a_cell_over_100_kb_is_too_large(size):
    assert refusal(HEAD, f"101;{'S' * size};;Bakker;03-04-2016").reason is Reason.TOO_LARGE


def test_more_than_20000_pupils_are_too_large():
    assert refusal(HEAD, *(f"{n};S;;B;03-04-2016" for n in range(20_001))).reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("03-04-2016", "2016-04-03"),
        ("3-4-2016", "2016-04-03"),
        ("03/04/2016", "2016-04-03"),
        ("2016-04-03", "2016-04-03"),
        ("2016-04-03 00:00:00", "2016-04-03"),
        ("31-12-2016", "2016-12-31"),
    ],
)
def test_a_date_is_read_day_first(written, meant):
    assert column("Inschrijfdatum", written).pupils[0].value("pupil.enrolled_on") == meant


@pytest.mark.parametrize("written", ["12-31-2016", "30-02-2016", "april 2016", "2016"])
def test_a_date_is_never_read_month_first_or_guessed(written):
    delivery = column("Inschrijfdatum", written)
    assert delivery.pupils[0].enrolled_on is None
    assert codes(delivery) == {"odd-value": 1}


def test_a_date_that_became_a_number_is_read_with_a_warning():
    delivery = column("Inschrijfdatum", "43173")
    assert delivery.pupils[0].value("pupil.enrolled_on") == "2018-03-14"
    assert codes(delivery) == {"date-serial": 1}


@pytest.mark.parametrize("damaged", ["6,12E+08", "1.2345E+8", "#WAARDE!", "#N/B", "#VERW!", "#VALUE!", "########"])
def test_a_cell_that_excel_lost_is_refused_and_the_row_is_kept(damaged):
    delivery = column("Telefoonnummer", damaged)
    assert delivery.pupils[0].value("pupil.phone") is None
    assert [(p.code, p.line, p.field) for p in delivery.problems] == [("excel-damage", 2, "Telefoonnummer")]


@pytest.mark.parametrize("damaged", ["3-apr", "03-apr-2026", "apr-03", "2026-04-03", "3-4-2026"])
def test_a_group_that_excel_made_a_date_is_refused(damaged):
    delivery = column("Groep", damaged)
    assert delivery.pupils[0].group_keys == ()
    assert codes(delivery) == {"excel-damage": 1}


def test_a_group_called_3_4_is_fine():
    assert column("Groep", "3/4").pupils[0].value("pupil.group") == "3/4"


def test_a_lost_zero_of_a_bsn_comes_back_when_the_check_fits():
    delivery = column("BSN", "12345672")
    assert delivery.pupils[0].value("pupil.bsn") == "012345672"
    assert codes(delivery) == {"zeros-restored": 1}


def test_a_short_bsn_that_fits_nothing_stays_as_it_is():
    delivery = column("BSN", "12345678")
    assert delivery.pupils[0].value("pupil.bsn") == "12345678"
    assert codes(delivery) == {"check-digit": 1}
    assert "12345678" not in delivery.problems[0].message


def test_a_lost_zero_of_a_mobile_number_comes_back():
    delivery = column("Mobiel", "612345678")
    assert delivery.pupils[0].value("pupil.phone") == "0612345678"
    assert codes(delivery) == {"zeros-restored": 1}


@pytest.mark.parametrize(
    ("values", "meant"),
    [
        (("M", "V"), ("male", "female")),
        (("M", "J"), ("female", "male")),
        (("man", "vrouw"), ("male", "female")),
        (("jongen", "meisje"), ("male", "female")),
        (("m", "v", ""), ("male", "female", None)),
        (("onbekend",), ("unknown",)),
    ],
)
def test_the_letters_in_the_column_decide_what_m_means(values, meant):
    delivery = column("Geslacht", *values)
    assert tuple(found.value("pupil.sex") for found in delivery.pupils) == meant
    assert codes(delivery) == {}


@pytest.mark.parametrize("written", ["=1+1", "+31612345678", "-", "@school"])
def test_what_looks_like_a_formula_stays_text(written):
    assert column("Huisarts", written).pupils[0].value("pupil.general_practitioner") == written
    assert column("Huisarts", f"'{written}").pupils[0].value("pupil.general_practitioner") == written


def test_a_name_with_an_apostrophe_keeps_it():
    delivery = table(HEAD, "101;Sem;van 't;'t Hart;03-04-2016")
    assert delivery.pupils[0].value("pupil.surname") == "'t Hart"
    assert delivery.pupils[0].value("pupil.prefix") == "van 't"


@pytest.mark.parametrize("name", ["Zo?", "ZoÃ«", "Zo\N{REPLACEMENT CHARACTER}"])
def test_a_garbled_name_is_reported(name):
    assert codes(table(HEAD, SEM.replace("Sem", name))) == {"garbled-name": 1}


@pytest.mark.parametrize(("written", "meant"), [("groep 5", "5"), ("5", "5"), ("Groep s", "S")])
def test_a_year_group_loses_the_word(written, meant):
    assert column("Leerjaar", written).pupils[0].value("pupil.year_group") == meant


def test_an_unknown_year_group_is_kept_with_a_warning():
    delivery = column("Leerjaar", "5 havo")
    assert delivery.pupils[0].value("pupil.year_group") == "5 havo"
    assert codes(delivery) == {"unknown-code": 1}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("J", Answer.YES), ("nee", Answer.NO), ("", Answer.UNKNOWN), ("X", Answer.YES), ("0", Answer.NO)],
)
def test_an_empty_flag_is_unknown_and_not_no(written, meant):
    assert column("Geheim adres", written).pupils[0].address_secret is meant


def test_the_columns_of_our_country_are_read():
    head = "Nationaliteit;2e nationaliteit;Godsdienst;Zorgverzekeraar;Polisnummer;Huisarts;Noodnummer;Geboorteplaats"
    delivery = table(f"{HEAD};{head}", f"{SEM};Nederlandse;Marokkaanse;geen;Verzekerd;123;Dr. Kiel;0201234567;Breda")
    found = {item.field_code for item in delivery.pupils[0].items}
    named = ("nationality", "nationality_2", "religion", "health_insurance", "policy_number", "emergency_phone")
    assert found >= {f"pupil.{name}" for name in named}
    assert delivery.kind is Kind.PUPILS


def test_the_group_aangemeld_holds_applicants_and_a_dummy_key_is_marked():
    found = table(f"{HEAD};Groep", "#9;Sem;;Bakker;03-04-2016;aangemeld").pupils[0]
    assert found.standing is Standing.APPLIED
    assert found.key_is_dummy
    assert found.value("pupil.source_key") is None
