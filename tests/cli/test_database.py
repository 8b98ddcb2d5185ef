"""The schema, the log and the first look at an installation, from the shell."""

import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from parentportal import migrations
from parentportal.models.outbox import OutboxMail
from parentportal.outside.clock import SystemClock
from tests.cli.installation import WATERLIJN, Installation
from tests.people import settle


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_makes_a_private_folder_keys_and_a_database(empty: Installation) -> None:
    before = os.umask(0)
    try:
        words = empty.run("init").output
    finally:
        os.umask(before)
    assert mode(empty.folder) == 0o700
    keys = [empty.folder / name for name in ("secret.key", "vault.key")]
    assert [mode(key) for key in keys] == [0o600, 0o600]
    assert words.count("Nieuwe sleutel") == 2
    assert "Er is nog geen bestuur" in " ".join(words.split())
    made = [key.read_bytes() for key in keys]
    assert "Nieuwe sleutel" not in empty.run("init").output
    assert [key.read_bytes() for key in keys] == made
    empty.run("db", "check")


def test_init_in_a_folder_of_choice_says_what_to_put_in_the_environment(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    here = Installation(folder, {})
    words = here.run("init", "--data-dir", str(folder), PARENTPORTAL_DATA_DIR="").output
    assert f"PARENTPORTAL_DATA_DIR={folder}" in words
    assert mode(folder / "parentportal.sqlite3") == 0o600
    assert here.run("init", "--data-dir", "/proc/nowhere", status=2).stderr


def test_the_schema_goes_up_down_and_is_checked(installed: Installation) -> None:
    head = migrations.head()
    assert "al bij" in installed.run("db", "upgrade").output
    installed.run("db", "downgrade", "0001")
    words = installed.run("db", "check", status=1).output
    assert "0001" in words
    assert "parentportal db upgrade" in words
    assert f"stap {head}" in installed.run("db", "upgrade").output
    assert "bestaat niet" in installed.run("db", "downgrade", "9999", status=2).stderr


def test_tables_that_were_changed_by_hand_are_noticed(installed: Installation) -> None:
    database = installed.database()
    with database.alone() as connection:
        connection.execute(text("ALTER TABLE school ADD COLUMN mascot TEXT"))
    database.dispose()
    assert "mascot" in installed.run("db", "check", status=1).output


def test_nothing_serves_on_a_schema_that_is_behind(installed: Installation) -> None:
    installed.run("db", "downgrade", "0001")
    for command in ("serve", "worker"):
        assert "parentportal db upgrade" in installed.run(command, status=1).stderr


def test_the_log_is_whole_until_somebody_changes_it(installed: Installation) -> None:
    installed.run("board", "load", str(WATERLIJN))
    installed.run("board", "add", "--name", "Stichting De Kade")
    assert installed.answer("audit", "verify") == {"whole": True, "breaks": []}
    assert "heel" in installed.run("audit", "verify").output
    tamper(installed)
    found = installed.answer("audit", "verify", status=1)
    assert found["whole"] is False
    assert [(one["number"], one["reason"]) for one in found["breaks"]] == [(1, "changed")]
    assert "regel 1" in installed.run("audit", "verify", status=1).output
    subjects = {one["subject"] for one in installed.answer("doctor", status=1)["findings"] if one["level"] == "broken"}
    assert subjects == {"logboek van Stichting De Waterlijn"}


def tamper(installed: Installation, board: str = "waterlijn") -> None:
    """Change one row of the log behind the portal's back, triggers and all."""
    database = installed.database()
    sqlite = database.is_sqlite
    with database.alone() as connection:
        on = "" if sqlite else " ON audit_event"
        connection.execute(text(f"DROP TRIGGER audit_event_is_added{on}"))
        connection.execute(
            text(
                "UPDATE audit_event SET by_role = 'director' WHERE number = 1 AND board_id ="
                " (SELECT id FROM board WHERE code = :board)"
            ),
            {"board": board},
        )
    database.dispose()


class TestDoctor:
    """What is wrong, and how to mend it."""

    def test_an_installation_without_mail_server_works_and_says_so(self, waterlijn: Installation) -> None:
        found = waterlijn.answer("doctor")
        assert found["well"] is True
        levels = {one["subject"]: one["level"] for one in found["findings"]}
        assert levels["database"] == levels["klok"] == levels["map en sleutels"] == "ok"
        assert levels["mailserver"] == "look"
        gaps = [one["mend"] for one in found["findings"] if one["level"] == "open"]
        assert "(retention)" in gaps
        assert all(one["mend"] for one in found["findings"] if one["level"] != "ok")
        words = waterlijn.run("doctor").output
        assert "Stichting De Waterlijn moet nog besluiten" in words

    def test_unsafe_settings_are_all_listed(self, waterlijn: Installation) -> None:
        found = waterlijn.answer(
            "doctor", status=1, PARENTPORTAL_BASE_URL="http://school.example", PARENTPORTAL_LOG_LEVEL="LOUD"
        )
        assert [one["subject"] for one in found["findings"]] == ["PARENTPORTAL_BASE_URL", "PARENTPORTAL_LOG_LEVEL"]

    def test_a_key_that_others_can_read_is_broken(self, waterlijn: Installation) -> None:
        (waterlijn.folder / "vault.key").chmod(0o644)
        found = waterlijn.answer("doctor", status=1)
        assert [one["subject"] for one in found["findings"]] == ["PARENTPORTAL_VAULT_KEY_FILE"]

    def test_a_folder_in_which_others_can_write_is_broken(self, waterlijn: Installation) -> None:
        waterlijn.folder.chmod(0o777)
        found = waterlijn.answer("doctor", status=1)
        assert [one["subject"] for one in found["findings"] if one["level"] == "broken"] == ["map met sleutels"]

    def test_a_mail_server_that_does_not_answer_is_broken(self, waterlijn: Installation) -> None:
        found = waterlijn.answer("doctor", status=1, PARENTPORTAL_SMTP_URL="smtp://127.0.0.1:9")
        assert [one["subject"] for one in found["findings"] if one["level"] == "broken"] == ["mailserver"]

    def test_an_old_schema_is_broken(self, waterlijn: Installation) -> None:
        waterlijn.run("db", "downgrade", "0001")
        broken = [one for one in waterlijn.answer("doctor", status=1)["findings"] if one["level"] == "broken"]
        assert [one["subject"] for one in broken] == ["database"]
        assert "db upgrade" in broken[0]["mend"]

    def test_dead_and_waiting_mail_is_counted(self, installed: Installation) -> None:
        database = installed.database()
        people = database.write(settle)
        now = SystemClock().now()
        rows = [{"dead_at": now}, {"not_before": now.replace(year=now.year - 1)}]
        for row in rows:
            options = {
                "board_id": people.waterlijn,
                "to_address": "noor@post.example",
                "template": "news",
                "created_at": now,
                "not_before": now,
            } | row
            database.write(lambda session, options=options: session.add(OutboxMail(**options)))
        database.dispose()
        wrong = [one["wrong"] for one in installed.answer("doctor")["findings"] if one["subject"] == "mail"]
        assert wrong == ["Opgegeven berichten: 1.", "Berichten die te lang wachten: 1."]

    def test_a_clock_that_went_back_is_broken(self, waterlijn: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
        earlier = SystemClock().now().replace(year=2025)
        monkeypatch.setattr(SystemClock, "now", lambda _self: earlier)
        broken = [
            one["subject"] for one in waterlijn.answer("doctor", status=1)["findings"] if one["level"] == "broken"
        ]
        assert broken == ["klok"]

    def test_a_database_that_is_not_there_is_broken(self, installed: Installation) -> None:
        nowhere = "postgresql://nobody@127.0.0.1:9/nothing"
        found = installed.answer("doctor", status=1, PARENTPORTAL_DATABASE_URL=nowhere)
        assert [one["subject"] for one in found["findings"] if one["level"] == "broken"] == ["database"]
        assert "127.0.0.1" not in str(found), "no address in the answer"
