"""Boards and schools from the shell."""

from pathlib import Path

from tests.cli.installation import WATERLIJN, Installation


def test_the_same_board_file_twice_changes_nothing(installed: Installation) -> None:
    first = installed.answer("board", "load", str(WATERLIJN))
    assert (first["name"], first["version"], first["changed"]) == ("Stichting De Waterlijn", 1, True)
    assert first["new_schools"] == 2
    second = installed.answer("board", "load", str(WATERLIJN))
    assert second == {
        **first,
        "changed": False,
        "new_schools": 0,
        "new_questions": 0,
        "new_wordings": 0,
    }
    assert "niets veranderd" in installed.run("board", "load", str(WATERLIJN)).output


def test_a_faulty_board_file_names_every_fault_and_changes_nothing(installed: Installation, tmp_path: Path) -> None:
    faulty = tmp_path / "board.toml"
    text = WATERLIJN.read_text(encoding="utf-8")
    faulty.write_text(text.replace("reply_days = 28", "reply_days = 90").replace('kind = "bao"', 'kind = "mavo"'))
    result = installed.run("board", "load", str(faulty), status=2)
    assert "reply_days" in result.stderr
    assert "mavo" in result.stderr
    assert "Er is niets veranderd." in result.stderr
    assert installed.answer("board", "load", str(WATERLIJN))["version"] == 1


def test_a_board_file_that_is_no_text_is_refused(installed: Installation, tmp_path: Path) -> None:
    (tmp_path / "board.toml").write_bytes(b"\xff\xfe\x00name")
    assert "UTF-8" in installed.run("board", "load", str(tmp_path / "board.toml"), status=2).stderr
    installed.run("board", "load", str(tmp_path / "nowhere.toml"), status=2)


def test_a_board_and_a_school_are_added_by_hand(installed: Installation) -> None:
    added = installed.answer("board", "add", "--name", "Stichting De Kade")
    assert added["version"] == 1
    assert "al een bestuur" in installed.run("board", "add", "--name", "Stichting De Kade", status=2).stderr
    options = ("--brin", "99AC", "--name", "De Sluis", "--place", "Zomerdijk")
    school = installed.answer("school", "add", "--board", "Stichting De Kade", *options)
    assert (school["brin"], school["branch"], school["board"]) == ("99AC", "", added["board"])
    assert "bestaat niet" in installed.run("school", "add", "--board", "De Brug", *options, status=2).stderr


def test_a_number_that_is_none_is_told_with_an_example(waterlijn: Installation) -> None:
    result = waterlijn.run(
        "school", "add", "--board", "waterlijn", "--brin", "9", "--name", "De Sluis", "--place", "Zomerdijk", status=2
    )
    assert "12AB" in result.stderr
