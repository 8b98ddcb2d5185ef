"""`parentportal import` as scripts use it: one object a file, exit status 0, 2 or 3 (design 6 and 9)."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from parentportal.models.imports import Delivery
from parentportal.models.people import Pupil
from parentportal.rules.terms import local_day, school_year_of
from parentportal.sources.writing import write_guardian_list, write_list
from tests.cli.installation import Installation
from tests.deliveries import DATA, edexml

NOTHING = {"new": 0, "changed": 0, "missing": 0, "left": 0, "unchanged": 0}


@pytest.fixture
def school(waterlijn: Installation) -> Installation:
    """With a school 99ZZ, that of the official example."""
    waterlijn.run(
        *("school", "add", "--board", "waterlijn", "--brin", "99ZZ"), "--name", "De Muizen", "--place", "Huissen"
    )
    return waterlijn


@pytest.fixture
def this_year(school: Installation, tmp_path: Path) -> Path:
    """An export of today for school 99AA."""
    database = school.database()
    today = local_day(database.info["clock"].now())
    database.dispose()
    path = tmp_path / "EDEX.XML"
    path.write_bytes(edexml(on=today.isoformat(), year=school_year_of(today)))
    return path


def objects(school: Installation, *arguments: str, status: int) -> list[dict[str, Any]]:
    output = school.run("import", *arguments, "--json", status=status).stdout
    return [json.loads(line) for line in output.splitlines()]


def count(school: Installation, model: Any) -> int:
    database = school.database()
    with database.read() as session:
        found = session.scalar(select(func.count()).select_from(model))
    database.dispose()
    return found or 0


def test_the_official_example_is_looked_at_held_applied_and_then_known(school: Installation) -> None:
    example = (str(DATA / "edexml-2.1-voorbeeld.xml"), "--school", "99ZZ")
    (looked,) = objects(school, *example, status=0)
    assert (looked["outcome"], looked["reason"]) == ("preview", "other-school-year")
    assert looked["pupils"] == {**NOTHING, "new": 3}
    assert count(school, Pupil) == 0
    (held,) = objects(school, *example, "--apply", status=3)
    assert (held["outcome"], held["reason"]) == ("held", "other-school-year")
    assert count(school, Pupil) == 0
    (applied,) = objects(school, *example, "--apply", "--confirm", status=0)
    assert (applied["outcome"], applied["reason"], applied["pupils"]) == ("applied", None, {**NOTHING, "new": 3})
    assert count(school, Pupil) == 3
    (again,) = objects(school, *example, "--apply", status=0)
    assert (again["outcome"], again["pupils"]) == ("no-change", {**NOTHING, "unchanged": 3})


def test_the_object_has_what_the_contract_names(school: Installation, this_year: Path) -> None:
    (looked,) = objects(school, str(this_year), "--school", "99AA", status=0)
    assert {"outcome", "reason", "message", "pupils", "guardians", "groups", "items", "warnings"} <= set(looked)
    assert (looked["outcome"], looked["reason"]) == ("preview", None)
    for subject in ("pupils", "guardians", "groups", "items"):
        assert set(looked[subject]) == set(NOTHING)
    assert all(set(one) == {"code", "count", "message"} for one in looked["warnings"])


def test_several_files_give_a_line_each_and_the_highest_status(
    school: Installation, this_year: Path, tmp_path: Path
) -> None:
    page = tmp_path / "inloggen.xml"
    page.write_text("<html></html>", encoding="utf-8")
    found = objects(school, str(page), str(this_year), "--school", "99AA", "--apply", status=2)
    assert [(one["file"], one["outcome"], one["reason"]) for one in found] == [
        ("inloggen.xml", "refused", "not-an-export"),
        ("EDEX.XML", "applied", None),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<EDEX><school>", "malformed"),
        (b'<!DOCTYPE EDEX [<!ENTITY a "b">]><EDEX/>', "doctype"),
        (b"%PDF-1.7", "unknown-format"),
        (edexml(brin="99AB"), "other-school"),
        (b"x" * (25 * 1024 * 1024 + 1), "too-large"),
    ],
    ids=["empty", "malformed", "doctype", "unknown-format", "other-school", "too-large"],
)
def test_a_file_that_cannot_be_used_is_refused_with_and_without_apply(
    school: Installation, tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "bestand.xml"
    path.write_bytes(content)
    for more in ((), ("--apply", "--confirm")):
        (refused,) = objects(school, str(path), "--school", "99AA", *more, status=2)
        assert (refused["outcome"], refused["reason"]) == ("refused", reason)
        assert refused["message"].endswith(".")
    assert count(school, Pupil) == 0


def test_a_school_may_be_named_with_its_branch(school: Installation, this_year: Path) -> None:
    assert objects(school, str(this_year), "--school", "99AA00", status=0)[0]["outcome"] == "preview"


def test_a_list_of_guardians_follows_the_export(school: Installation, this_year: Path, tmp_path: Path) -> None:
    listed = tmp_path / "ouders.csv"
    row = {"Leerlingnummer": "K1", "Verzorgernummer": "V1", "Voornaam": "Noor", "Achternaam": "Wit"}
    listed.write_bytes(write_guardian_list([row]))
    found = objects(school, str(this_year), str(listed), "--school", "99AA", "--apply", status=0)
    assert [one["outcome"] for one in found] == ["applied", "applied"]
    assert found[1]["guardians"]["new"] == 1


def test_without_json_a_person_reads_a_table(school: Installation, this_year: Path) -> None:
    output = school.run("import", str(this_year), "--school", "99AA").output
    assert "Er is nog niets veranderd." in output
    assert "leerlingen" in output
    assert "nieuw" in output


@pytest.fixture
def unclear(tmp_path: Path) -> Path:
    """A list of two children in which neither the year nor the M says what it is."""
    columns = ("Leerlingnummer", "Roepnaam", "Achternaam", "Geboortedatum", "Geslacht")
    path = tmp_path / "lijst.csv"
    rows = [("L1", "Jip", "Smid", "27-03-17", "M"), ("L2", "Bo", "Smid", "28-03-17", "M")]
    path.write_bytes(write_list(columns, [dict(zip(columns, row, strict=True)) for row in rows]))
    return path


def test_what_a_list_leaves_open_is_said_with_its_codes_and_left_out(school: Installation, unclear: Path) -> None:
    (looked,) = objects(school, str(unclear), "--school", "99AA", status=0)
    assert looked["guesses"] == [
        {"codes": ["two-digit-year"], "count": 2, "lines": [2, 3], "accepted": None},
        {"codes": ["sex-m-male", "sex-m-female"], "count": 2, "lines": [2, 3], "accepted": None},
    ]
    said = school.run("import", str(unclear), "--school", "99AA").output
    assert "2 × Het jaar heeft twee cijfers (zie regel 2, 3)." in said
    assert "--accept sex-m-female: neem aan dat M is meisje." in said


def test_what_is_accepted_is_applied_and_the_same_command_again_changes_nothing(
    school: Installation, unclear: Path
) -> None:
    command = (str(unclear), "--school", "99AA", "--accept", "two-digit-year", "--accept", "sex-m-female", "--apply")
    (applied,) = objects(school, *command, status=0)
    assert applied["outcome"] == "applied"
    assert [one["accepted"] for one in applied["guesses"]] == ["two-digit-year", "sex-m-female"]
    database = school.database()
    with database.read() as session:
        born = session.scalars(select(Pupil.birth_date).order_by(Pupil.birth_date)).all()
    database.dispose()
    assert [str(day) for day in born] == ["2017-03-27", "2017-03-28"]
    assert objects(school, *command, status=0)[0]["outcome"] == "no-change"


def test_what_was_left_out_can_be_accepted_later(school: Installation, unclear: Path) -> None:
    plain = (str(unclear), "--school", "99AA", "--apply")
    assert [objects(school, *plain, status=0)[0]["outcome"] for _ in range(2)] == ["applied", "no-change"]
    (later,) = objects(school, *plain, "--accept", "two-digit-year", status=0)
    assert (later["outcome"], later["pupils"]["changed"]) == ("applied", 2)


@pytest.mark.parametrize("codes", [("guardian-two-digit-year",), ("sex-m-male", "sex-m-female"), ("raad-maar",)])
def test_a_code_that_no_file_asks_writes_nothing(
    school: Installation, unclear: Path, this_year: Path, codes: tuple[str, ...]
) -> None:
    accepts = [part for code in codes for part in ("--accept", code)]
    files = (str(this_year), str(unclear))
    refused = school.run("import", *files, "--school", "99AA", *accepts, "--apply", status=2)
    assert codes[0] in refused.stderr
    assert (count(school, Delivery), count(school, Pupil)) == (0, 0)


def test_an_accepted_code_holds_for_the_files_that_ask_it(school: Installation, unclear: Path, this_year: Path) -> None:
    files = (str(this_year), str(unclear))
    found = objects(school, *files, "--school", "99AA", "--accept", "two-digit-year", status=0)
    assert [[one["accepted"] for one in file["guesses"]] for file in found] == [[], ["two-digit-year", None]]


def test_a_command_that_makes_no_sense_says_what_to_do(school: Installation, this_year: Path) -> None:
    assert "geen school" in school.run("import", str(this_year), "--school", "12AB", status=2).stderr
    assert "--apply" in school.run("import", str(this_year), "--school", "99AA", "--confirm", status=2).stderr
    assert count(school, Delivery) == 0


def test_signs_that_steer_a_terminal_never_come_out_of_a_list(school: Installation, tmp_path: Path) -> None:
    """A NUL is refused by PostgreSQL, an escape moves the cursor, and an override turns a name around."""
    path = tmp_path / "leerlingen.csv"
    text = (
        "Leerlingnummer;Roep\0naam;Achternaam;Geboorte\x1bdatum;Wens\0en\n"
        "7;S\x1b[31me\0m;Bak\N{RIGHT-TO-LEFT OVERRIDE}ker;31-12-2016;x\n"
    )
    path.write_bytes(text.encode("utf-16"))
    (applied,) = objects(school, str(path), "--school", "99ZZ", "--apply", "--confirm", status=0)
    assert applied["outcome"] == "applied"
    named = school.read(lambda session: session.execute(select(Pupil.call_name, Pupil.surname)).one())
    assert tuple(named) == ("S[31mem", "Bakker")
