"""What commands say of an installation that is broken: what is wrong and what to do, never a stack trace."""

import socket
from pathlib import Path

import pytest

from tests.cli.installation import Installation
from tests.cli.test_database import tamper

COMMANDS = {
    "board": ("board", "add", "--name", "Stichting De Kade"),
    "import": ("import", __file__, "--school", "99AA"),
    "authority": ("authority", "list", "--school", "99AA"),
    "audit": ("audit", "verify"),
    "db": ("db", "check"),
}


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "db"])
def test_without_its_tables_a_command_says_how_to_get_them(installed: Installation, command: str) -> None:
    installed.run("db", "downgrade", "base")
    said = installed.run(*COMMANDS[command], status=1).stderr
    assert "parentportal init" in said
    assert "parentportal db upgrade" in said


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_does_not_answer_sends_to_the_doctor(installed: Installation, command: str) -> None:
    nobody = "postgresql://portaal@127.0.0.1:1/kijkglas"
    said = installed.run(*COMMANDS[command], status=1, PARENTPORTAL_DATABASE_URL=nobody).stderr
    assert "De database antwoordt niet" in said
    assert "parentportal doctor" in said


def test_a_damaged_database_is_told_with_the_way_back(installed: Installation, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(b"no database at all " * 100)
    url = f"sqlite:///{damaged}"
    assert "beschadigd" in installed.run(*COMMANDS["board"], status=1, PARENTPORTAL_DATABASE_URL=url).stderr
    found = installed.answer("doctor", status=1, PARENTPORTAL_DATABASE_URL=url)["findings"]
    (database,) = (one for one in found if one["subject"] == "database")
    assert database["level"] == "broken"
    assert "parentportal restore" in database["mend"]


@pytest.mark.parametrize(
    "address",
    ["postgresql://portaal@127.0.0.1:haven/kijkglas", "sqlite:////dev/null/kijkglas.sqlite3", "postgresql://"],
    ids=["a port that is none", "a folder that is none", "nothing"],
)
def test_an_address_where_no_database_can_be_is_refused_by_its_setting(installed: Installation, address: str) -> None:
    said = installed.run(*COMMANDS["board"], status=1, PARENTPORTAL_DATABASE_URL=address).stderr
    assert "PARENTPORTAL_DATABASE_URL" in said or "De database antwoordt niet" in said


def test_serve_says_that_somebody_else_listens_there(installed: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = installed.run("serve", "--port", str(port), status=1)
    assert f"127.0.0.1:{port}" in said.stderr
    assert "--port" in said.stderr
    assert "luistert op" not in said.stdout


def test_serve_says_that_an_address_is_not_of_this_machine(installed: Installation) -> None:
    assert "--host" in installed.run("serve", "--host", "192.0.2.1", "--port", "8000", status=1).stderr


def test_the_doctor_says_which_step_comes_next(installed: Installation) -> None:
    def next_step() -> str:
        found = installed.answer("doctor")["findings"]
        return " ".join(one["mend"] for one in found if one["subject"] == "besturen")

    assert "board load" in next_step()
    installed.run("board", "add", "--name", "Stichting De Kade")
    assert "school add" in next_step()
    where = ("--board", "Stichting De Kade", "--brin", "99AC", "--place", "Zomerdijk")
    installed.run("school", "add", *where, "--name", "De Kade")
    assert next_step() == ""


def test_the_doctor_reads_the_log_of_a_board_without_a_school(installed: Installation) -> None:
    installed.run("board", "add", "--name", "Stichting De Kade")
    tamper(installed, "de-kade")
    found = installed.answer("doctor", status=1)["findings"]
    assert [one["subject"] for one in found if one["level"] == "broken"] == ["logboek van Stichting De Kade"]


def test_a_backup_that_cannot_be_written_says_why_in_dutch(installed: Installation, tmp_path: Path) -> None:
    said = installed.refusal("backup", str(tmp_path / "nowhere" / "monday.backup"))
    assert "de map bestaat niet" in said


def test_a_missing_tool_is_not_taken_for_a_wrong_backup(
    installed: Installation, database_kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "monday.backup"
    installed.run("backup", str(path))
    if database_kind == "postgresql":
        said = installed.run("restore", str(path), status=1, PATH="/nonexistent").stderr
        assert "pg_restore is er niet" in said
    else:
        installed.run("restore", str(path), PATH="/nonexistent")


def test_a_refused_file_is_told_with_its_row(waterlijn: Installation, tmp_path: Path) -> None:
    path = tmp_path / "leerlingen.csv"
    path.write_text('Leerlingnummer;Roepnaam;Achternaam\n1;Sem;Bakker\n2;"Lot;Wit\n', encoding="utf-8")
    said = waterlijn.run("import", str(path), "--school", "99AA", status=2).stdout
    assert said.startswith("leerlingen.csv, regel 3: ")
