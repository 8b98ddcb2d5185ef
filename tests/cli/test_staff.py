"""Staff and letters from the shell: the code is printed once and works."""

from datetime import timedelta

from sqlalchemy import select

from parentportal.models.boards import School
from parentportal.models.sign_in import Activation
from parentportal.outside import codes
from parentportal.outside.clock import SystemClock, amsterdam_date
from parentportal.reads.activation import code_digest
from tests.cli.installation import Installation
from tests.people import settle

HANNA = ("--role", "director", "--name", "Hanna Prins", "--email", "hanna@waterlijn.example")


def test_the_first_director_gets_a_code_that_the_portal_knows(waterlijn: Installation) -> None:
    added = waterlijn.answer("staff", "add", "--school", "99AA", *HANNA)
    assert (added["name"], added["role"], added["has_account"]) == ("Hanna Prins", "director", False)
    assert added["url"] == f"http://localhost:8000/activeren/{added['code']}"
    assert added["expires_on"] == (amsterdam_date(SystemClock().now()) + timedelta(days=14)).isoformat()
    database = waterlijn.database()
    with database.read() as session:
        digest = code_digest(session, codes.as_typed(added["code"]))
        found = session.scalars(select(Activation).where(Activation.code_digest == digest)).one()
        assert (str(found.adult_id), found.desk) == (added["adult"], True)
    database.dispose()
    words = waterlijn.run("staff", "add", "--school", "99AA", *HANNA).output
    assert "Code: " in words
    assert added["code"] not in words, "each time another code"


def test_an_officer_belongs_to_a_board(waterlijn: Installation) -> None:
    hugo = ("--role", "officer", "--name", "Hugo Maas", "--email", "fg@waterlijn.example")
    assert waterlijn.answer("staff", "add", "--board", "waterlijn", *hugo)["role"] == "officer"
    assert "--board" in waterlijn.run("staff", "add", "--school", "99AA", *hugo, status=2).stderr
    assert "--school" in waterlijn.run("staff", "add", "--board", "waterlijn", *HANNA, status=2).stderr


def test_what_does_not_exist_is_told(waterlijn: Installation) -> None:
    assert "School 99ZX bestaat niet" in waterlijn.run("staff", "add", "--school", "99ZX", *HANNA, status=2).stderr
    assert "niet allebei" in waterlijn.run("staff", "add", *HANNA, status=2).stderr
    ilse = ("--role", "teacher", "--name", "Ilse Vermeer", "--email", "ilse@waterlijn.example", "--group", "5")
    assert "Lees eerst een bestand in" in waterlijn.run("staff", "add", "--school", "99AA", *ilse, status=2).stderr
    waterlijn.run("staff", "add", "--school", "99AA", "--role", "king", *HANNA[2:], status=2)


def test_a_letter_for_every_guardian_without_account(installed: Installation) -> None:
    database = installed.database()
    people = database.write(settle)
    with database.read() as session:
        assert session.get_one(School, people.regenboog).brin == "99AA"
    database.dispose()
    lines = installed.run("invite", "--school", "99AA", "--group", "5", "--json").stdout.splitlines()
    assert len(lines) == 3
    for name in ("Noor de Wit", "Daan Bakker", "Ravi Sharma"):
        assert sum(f'"adult": "{name}", "group": "5"' in line for line in lines) == 1
    assert all('"code": "' in line and '"expires_on": "' in line and "/activeren/" in line for line in lines)
    table = installed.run("invite", "--school", "99AA").output
    assert "Ravi Sharma" in table
    assert "niemand" in installed.run("invite", "--school", "99AA", "--group", "8", status=2).stderr
    assert "Niemand heeft een code nodig" in installed.run("invite", "--school", "99AB").output
    assert "bestaat niet" in installed.run("invite", "--school", "99ZX", status=2).stderr
