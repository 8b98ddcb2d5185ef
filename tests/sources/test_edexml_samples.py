"""The official examples and a file of a real pupil monitoring system read as their schema says."""

from datetime import UTC, date, datetime

import pytest

from parentportal.sources import Delivery, read
from parentportal.sources.delivery import GroupKind, Standing
from tests.sources.edex import DATA, codes


def sample(name: str) -> Delivery:
    return read((DATA / name).read_bytes(), name)


def test_the_file_of_400_pupils_lacks_389_year_groups_11_groups_and_2_birth_dates():
    delivery = sample("edexml-1.03-400-leerlingen.xml")
    assert len(delivery.pupils) == 400
    assert delivery.version == "1.03"
    remarks = codes(delivery)
    assert remarks["year-group-inherited"] + remarks["year-group-missing"] == 389
    assert remarks["no-group"] == 11
    assert remarks["no-birth-date"] == 2


def test_the_school_of_the_old_file_has_a_branch_and_no_reference_date():
    delivery = sample("edexml-1.03-400-leerlingen.xml")
    assert (delivery.school.brin, delivery.school.branch) == ("99XX", "99")
    assert delivery.reference_date is None
    assert delivery.created_at == datetime(2013, 3, 27, 11, 43, 6, tzinfo=UTC)


def test_a_question_mark_is_no_weight():
    delivery = sample("edexml-1.03-400-leerlingen.xml")
    assert "?" not in {item.value for pupil in delivery.pupils for item in pupil.items}


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_the_dutch_example_reads_with_its_school_groups_and_teachers(version):
    delivery = sample(f"edexml-{version}-voorbeeld.xml")
    assert (delivery.version, delivery.school_year) == (version, "2014-2015")
    assert (delivery.school.brin, delivery.school.branch, delivery.school.schoolkey) == ("99ZZ", None, "41323")
    assert delivery.reference_date == date(2014, 10, 1)
    assert delivery.author == "Voorbeeldschrijver"
    assert [group.kind for group in delivery.groups].count(GroupKind.COMBINED) == 3
    assert len(delivery.groups) == 8
    assert [pupil.key for pupil in delivery.pupils] == ["00001", "00002", "12345"]
    assert [teacher.key for teacher in delivery.teachers] == ["LK1", "LK2", "LK3"]
    assert delivery.complete


def test_the_pupil_of_the_dutch_example_is_in_one_home_group_and_two_others():
    first = sample("edexml-2.1-voorbeeld.xml").pupils[0]
    assert first.group_keys == ("GRP4B", "sg1", "sg2")
    assert first.value("pupil.group") == "4B"
    assert first.value("pupil.year_group") == "4"
    assert first.value("pupil.location") == "Vestiging Huissen"
    assert first.value("pupil.start_year3") == "2013-08-16"
    assert first.eckid is not None
    assert first.eckid.startswith("https://id.school/LL_")


def test_the_numbers_of_the_dutch_example_come_with_a_warning_and_not_a_refusal():
    delivery = sample("edexml-2.1-voorbeeld.xml")
    second, third = delivery.pupils[1:]
    assert second.value("pupil.bsn", "bsn") == "133456785"
    assert third.value("pupil.bsn_last4") == "2731"
    assert {problem.field for problem in delivery.problems if problem.code == "check-digit"} == {"eckid", "bsn"}


def test_the_leaver_of_the_dutch_example_has_left():
    third = sample("edexml-2.1-voorbeeld.xml").pupils[2]
    assert third.standing is Standing.LEFT
    assert third.left_on == date(2014, 7, 18)


def test_blocks_of_a_vendor_are_counted_by_code_and_not_kept():
    delivery = sample("edexml-2.1-voorbeeld.xml")
    found = {field.path: field.count for field in delivery.unknown_fields}
    assert found["leerlingen/leerling/toevoegingen/Opmerking X"] == 1
    assert found["groepen/groep/toevoegingen/Opmerking X"] == 2
    assert "Opmerking" not in str(delivery.pupils)


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_the_flemish_example_has_no_brin_but_a_national_number_and_a_belgian_postcode(version):
    delivery = sample(f"edexml-{version}-voorbeeld-vlaanderen.xml")
    assert delivery.school.brin is None
    assert delivery.school.institution_number == "1234"
    second = delivery.pupils[1]
    assert second.value("pupil.bsn", "rijksregisternummer") == "13345678512"
    assert second.value("pupil.bsn", "bsn") is None
    assert second.value("pupil.address.postcode", "be") == "6971"
    assert codes(delivery)["check-digit"] == 0


def test_a_pupil_with_one_name_has_no_surname():
    first = sample("edexml-2.1-voorbeeld-vlaanderen.xml").pupils[0]
    assert first.value("pupil.call_name") == "Wimpie"
    assert first.value("pupil.surname") is None
