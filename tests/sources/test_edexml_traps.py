"""Every way in which a real EDEXML file differs from its schema, each on its own."""

from datetime import date

import pytest

from parentportal.sources import Refused, read
from parentportal.sources.delivery import Reason, Standing
from tests.sources.edex import GROUPS, SCHOOL, codes, edex, pupil, read_edex


def refusal(content: bytes, filename: str = "EDEX.XML", kind: str = "auto") -> Refused:
    with pytest.raises(Refused) as caught:
        read(content, filename, kind)
    return caught.value


def test_a_school_year_of_today_is_read():
    assert read_edex(pupil()).school_year == "2026-2027"


@pytest.mark.parametrize(("code", "meaning"), [("0", "unknown"), ("1", "male"), ("2", "female"), ("9", "unspecified")])
def test_sex_follows_iso_5218(code, meaning):
    assert read_edex(pupil(f"<geslacht>{code}</geslacht>")).pupils[0].value("pupil.sex") == meaning


def test_an_unknown_sex_code_is_a_warning():
    delivery = read_edex(pupil("<geslacht>M</geslacht>"))
    assert delivery.pupils[0].value("pupil.sex") == "unknown"
    assert codes(delivery) == {"unknown-code": 1}


def test_a_pupil_nested_in_a_vendors_block_is_no_pupil():
    block = "<blok><code>zorg</code><leerling key='9'><achternaam>X</achternaam></leerling></blok>"
    delivery = read_edex(pupil(f"<toevoegingen>{block}</toevoegingen>"))
    assert [found.key for found in delivery.pupils] == ["101"]
    assert delivery.unknown_fields[0].path == "leerlingen/leerling/toevoegingen/zorg"


def test_the_groups_nested_in_a_teacher_are_no_groups():
    teacher = (
        '<leerkrachten><leerkracht key="t"><achternaam>Vermeer</achternaam><rol>OUD</rol>'
        '<groepen><groep key="g5"><rol>STA</rol></groep></groepen></leerkracht></leerkrachten>'
    )
    delivery = read_edex(pupil(), rest=teacher)
    assert len(delivery.groups) == 3
    assert delivery.teachers[0].group_keys == ("g5",)
    assert delivery.teachers[0].roles == ("OUD", "STA")


def test_a_parent_among_the_staff_makes_no_guardian():
    teacher = (
        '<leerkrachten><leerkracht key="t"><achternaam>Bakker</achternaam><rol>OUD</rol></leerkracht></leerkrachten>'
    )
    delivery = read_edex(pupil(), rest=teacher)
    assert delivery.guardians == ()
    assert delivery.relations == ()


def test_an_empty_element_is_absent():
    found = read_edex(pupil("<voorvoegsel></voorvoegsel><emailadres/>")).pupils[0]
    assert found.value("pupil.prefix") is None
    assert found.value("pupil.email") is None


def test_the_order_of_elements_does_not_matter():
    year = "<schooljaar>2026-2027</schooljaar>"
    school = f"<school><dependancecode>01</dependancecode><brincode>99AA</brincode>{year}</school>"
    body = f"<EDEX><leerlingen>{pupil()}</leerlingen>{GROUPS}{school}</EDEX>"
    delivery = read(body.encode(), "EDEX.XML")
    assert (delivery.school.brin, delivery.school.branch) == ("99AA", "01")
    assert delivery.pupils[0].value("pupil.group") == "Groep 5"


def test_branch_00_is_no_branch():
    delivery = read_edex(
        pupil(), school=SCHOOL.replace("</brincode>", "</brincode><dependancecode>00</dependancecode>")
    )
    assert delivery.school.branch is None


def test_a_school_number_of_six_holds_the_branch():
    delivery = read_edex(pupil(), school=SCHOOL.replace("99AA", "99aa02"))
    assert (delivery.school.brin, delivery.school.branch) == ("99AA", "02")


def test_a_key_with_a_hash_is_a_dummy_and_no_registered_item():
    found = read_edex(pupil(key="#7")).pupils[0]
    assert found.key_is_dummy
    assert found.value("pupil.source_key") is None


def test_a_missing_year_group_comes_from_the_home_group_and_says_so():
    delivery = read_edex(pupil().replace("<jaargroep>5</jaargroep>", ""))
    item = next(i for i in delivery.pupils[0].items if i.field_code == "pupil.year_group")
    assert (item.value, item.path) == ("5", "groepen/groep/jaargroep")
    assert codes(delivery) == {"year-group-inherited": 1}


def test_the_pupils_own_year_group_wins():
    delivery = read_edex(pupil().replace("<jaargroep>5</jaargroep>", "<jaargroep>4</jaargroep>"))
    assert delivery.pupils[0].value("pupil.year_group") == "4"
    assert codes(delivery) == {}


def test_a_combination_group_gives_no_year_group():
    delivery = read_edex(pupil().replace("<jaargroep>5</jaargroep>", "").replace('"g5"', '"g12"'))
    assert delivery.pupils[0].value("pupil.year_group") is None
    assert codes(delivery) == {"year-group-missing": 1}


def test_year_group_h_has_left():
    delivery = read_edex(pupil().replace("<jaargroep>5</jaargroep>", "<jaargroep>H</jaargroep>"))
    assert delivery.pupils[0].standing is Standing.LEFT


def test_whoever_leaves_on_the_reference_date_has_left():
    assert read_edex(pupil("<uitstroomdatum>2026-10-01</uitstroomdatum>")).pupils[0].standing is Standing.LEFT
    assert read_edex(pupil("<uitstroomdatum>2026-10-02</uitstroomdatum>")).pupils[0].standing is Standing.ENROLLED


def test_whoever_starts_after_the_reference_date_is_an_applicant():
    found = read_edex(pupil("<instroomdatum>2027-01-08</instroomdatum>")).pupils[0]
    assert found.standing is Standing.APPLIED
    assert found.standing_at(date(2027, 1, 8)) is Standing.APPLIED
    assert found.enrolled_on == date(2027, 1, 8)


def test_the_group_called_aangemeld_holds_applicants():
    delivery = read_edex(pupil(), groups=GROUPS.replace("Groep 5", "Aangemeld"))
    assert delivery.pupils[0].standing is Standing.APPLIED


def test_a_pupil_without_a_group_is_reported():
    assert codes(read_edex(pupil().replace('<groep key="g5"/>', ""))) == {"no-group": 1}


def test_an_unknown_group_is_a_warning_and_no_group():
    delivery = read_edex(pupil().replace('"g5"', '"g9"'))
    assert delivery.pupils[0].group_keys == ()
    assert codes(delivery) == {"unknown-group": 1}


def test_a_combined_group_cannot_be_a_home_group():
    assert codes(read_edex(pupil().replace('"g5"', '"plus"'))) == {"unknown-group": 1}


def test_an_unknown_location_is_a_warning():
    assert codes(read_edex(pupil('<vestiging key="V"/>'))) == {"unknown-location": 1}


def test_a_group_key_used_twice_keeps_the_first():
    double = GROUPS.replace('key="g12"', 'key="g5"')
    delivery = read_edex(pupil(), groups=double)
    assert delivery.pupils[0].value("pupil.group") == "Groep 5"
    assert codes(delivery) == {"duplicate-group": 1}


def test_a_pupil_key_used_twice_refuses_the_file_with_its_line():
    refused = refusal(edex(pupil(), pupil()))
    assert (refused.reason, refused.line) == (Reason.DUPLICATE_KEY, 4)
    assert "Bakker" not in refused.message


def test_an_eckid_used_twice_refuses_the_file():
    first = pupil().replace('key="101"', 'key="1" eckid="https://ketenid.nl/a"')
    second = pupil().replace('key="101"', 'key="2" eckid="https://ketenid.nl/a"')
    assert refusal(edex(first, second)).reason is Reason.DUPLICATE_KEY


def test_a_pupil_with_only_an_eckid_is_accepted():
    eckid = "https://ketenid.nl/202609/" + "0a" * 64
    delivery = read_edex(pupil().replace('key="101"', f'eckid="{eckid}"'))
    assert delivery.pupils[0].key is None
    assert delivery.pupils[0].eckid == eckid
    assert codes(delivery) == {}


@pytest.mark.parametrize(
    ("element", "value", "code", "scheme"),
    [
        ("bsn", "111222333", "pupil.bsn", "bsn"),
        ("sofinummer", "111222333", "pupil.bsn", "sofinummer"),
        ("onderwijsnummer", "101222331", "pupil.education_number", None),
        ("bsn_ondwnr-4", "2333", "pupil.bsn_last4", None),
        ("rijksregisternummer", "13345678512", "pupil.bsn", "rijksregisternummer"),
        ("gewicht_nieuw", "0,3", "pupil.weight", "gewicht_nieuw"),
        ("gewicht", "0.25", "pupil.weight", "gewicht"),
        ("postcodenl", "1234 ab", "pupil.address.postcode", "nl"),
        ("postcodeoverig", "D-47533", "pupil.address.postcode", "other"),
        ("land_moeder", "SR", "pupil.country_mother", "iso-3166"),
    ],
)
def test_a_code_keeps_its_scheme(element, value, code, scheme):
    found = read_edex(pupil(f"<{element}>{value}</{element}>")).pupils[0]
    item = next(item for item in found.items if item.field_code == code)
    assert (item.value, item.scheme) == (value.upper().replace(" ", ""), scheme)
    assert item.path == f"leerlingen/leerling/{element}"


def test_a_bsn_that_fails_its_check_is_read_with_a_warning_that_does_not_show_it():
    delivery = read_edex(pupil("<bsn>111222334</bsn>"))
    assert delivery.pupils[0].value("pupil.bsn") == "111222334"
    (problem,) = delivery.problems
    assert (problem.code, problem.line, problem.field) == ("check-digit", 3, "bsn")
    assert "111222334" not in problem.message


def test_an_impossible_date_is_left_out_with_a_warning():
    delivery = read_edex(pupil("<instroomdatum>2026-02-30</instroomdatum>"))
    assert delivery.pupils[0].enrolled_on is None
    assert codes(delivery) == {"odd-value": 1}


def test_an_unknown_element_is_counted_without_its_value():
    delivery = read_edex(pupil("<hobby>schaken</hobby>"))
    assert [(field.path, field.count) for field in delivery.unknown_fields] == [("leerlingen/leerling/hobby", 1)]
    assert "schaken" not in repr(delivery)


def test_a_name_beyond_windows_1252_stays_whole_in_one_form():
    found = read_edex(pupil().replace("Sem", "S\u0327ule\u0301 Yılmaz")).pupils[0]
    assert found.value("pupil.call_name") == "\u015eul\u00e9 Yılmaz"


def test_a_garbled_name_is_reported():
    assert codes(read_edex(pupil().replace("Sem", "RenÃ©"))) == {"garbled-name": 1}


def test_a_file_without_pupils_is_empty():
    assert refusal(edex()).reason is Reason.EMPTY


def test_a_file_cut_off_after_some_pupils_is_refused_as_a_whole():
    content = edex(pupil(), pupil(key="102"))
    refused = refusal(content[: content.index(b'key="102"') + 60])
    assert refused.reason is Reason.MALFORMED
    assert refused.line == 4


def test_windows_bytes_under_a_utf8_header_are_refused_with_their_line():
    content = edex(pupil(), pupil(key="102").replace("Sem", "René")).replace("é".encode(), b"\xe9")
    refused = refusal(content)
    assert (refused.reason, refused.line) == (Reason.ENCODING, 4)


def test_a_header_that_names_an_unknown_character_set_is_refused():
    assert refusal(edex(pupil()).replace(b"UTF-8", b"KLINGON")).reason is Reason.ENCODING


@pytest.mark.parametrize("charset", ["utf-16", "iso-8859-15", "windows-1252", "utf-8-sig"])
def test_a_declared_character_set_is_honoured(charset):
    text = edex(pupil().replace("Sem", "René")).decode()
    declared = "UTF-8" if charset == "utf-8-sig" else charset
    delivery = read(text.replace("UTF-8", declared).encode(charset), "EDEX.XML")
    assert delivery.pupils[0].value("pupil.call_name") == "René"


def test_a_doctype_is_refused():
    content = edex(pupil()).replace(b"<EDEX>", b'<!DOCTYPE EDEX [<!ENTITY a "b">]><EDEX>')
    assert refusal(content).reason is Reason.DOCTYPE


def test_a_doctype_in_utf_16_is_refused():
    text = edex(pupil()).decode().replace("UTF-8", "UTF-16").replace("<EDEX>", "<!DOCTYPE EDEX><EDEX>")
    assert refusal(text.encode("utf-16")).reason is Reason.DOCTYPE


def test_elements_nested_without_end_are_refused():
    deep = "<a>" * 100 + "</a>" * 100
    assert refusal(edex(pupil(deep))).reason is Reason.MALFORMED


def test_a_field_of_more_than_100_kb_is_refused():
    assert refusal(edex(pupil(f"<commentaar>{'x ' * 60_000}</commentaar>"))).reason is Reason.TOO_LARGE


def test_more_than_20000_pupils_are_refused():
    many = "".join(f'<leerling key="{number}"/>' for number in range(20_001))
    assert refusal(edex(many)).reason is Reason.TOO_LARGE


def test_10400_pupils_are_all_read():
    delivery = read_edex("\n".join(pupil(key=str(number)) for number in range(10_400)))
    assert len({found.key for found in delivery.pupils}) == 10_400
    assert delivery.pupils[-1].line == 10_402
    assert delivery.row_count == 10_400


def test_no_message_names_a_child():
    odd = pupil("<bsn>1</bsn><geslacht>7</geslacht><groep key='x'/>").replace("Sem", "Semâ€™s?")
    delivery = read_edex(odd)
    assert len(delivery.problems) >= 3
    assert all("Sem" not in problem.message and "Bakker" not in problem.message for problem in delivery.problems)
