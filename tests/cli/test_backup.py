"""Backups: sealed, whole, and put back only when every byte is right; on both databases."""

import io
import stat
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from parentportal.models.base import new_id
from parentportal.models.boards import Board
from parentportal.models.items import Item, Tombstone
from parentportal.models.people import Adult
from parentportal.models.sign_in import SignInSession
from parentportal.outside import sealed_file
from parentportal.outside.clock import FrozenClock, SystemClock
from parentportal.outside.sealed_file import PIECE, Damaged
from parentportal.rules.roles import Role
from parentportal.settings import make_key_file
from tests.cli.installation import WATERLIJN, Installation
from tests.people import settle
from tests.sessions import open_session


@pytest.fixture
def copy(waterlijn: Installation, tmp_path: Path) -> Path:
    """A backup with one board in it."""
    path = tmp_path / "monday.backup"
    waterlijn.run("backup", str(path))
    return path


def boards(installation: Installation) -> list[str]:
    database = installation.database()
    with database.read() as session:
        names = list(session.scalars(select(Board.code).order_by(Board.code)))
    database.dispose()
    return names


def test_what_was_in_the_backup_is_back_and_the_rest_is_set_aside(waterlijn: Installation, copy: Path) -> None:
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    waterlijn.run("board", "add", "--name", "Stichting De Kade")
    words = waterlijn.run("restore", str(copy)).output
    assert boards(waterlijn) == ["waterlijn"]
    aside = list(waterlijn.folder.glob("before-restore-*.backup"))
    assert len(aside) == 1
    assert str(aside[0]) in words.replace("\n", "")
    waterlijn.run("restore", str(aside[0]))
    assert boards(waterlijn) == ["de-kade", "waterlijn"]
    assert waterlijn.answer("audit", "verify")["whole"] is True
    waterlijn.run("db", "check")
    assert not list(waterlijn.folder.glob("copy-*")), "no plain copy stays behind"


def test_a_backup_shows_nothing_and_is_not_written_over(waterlijn: Installation, copy: Path) -> None:
    content = copy.read_bytes()
    assert b"Waterlijn" not in content
    assert b"SQLite" not in content
    assert "bestaat al" in waterlijn.run("backup", str(copy), status=2).stderr
    assert "kan niet worden geschreven" in waterlijn.run("backup", "/proc/x.backup", status=2).stderr
    assert copy.read_bytes() == content


def test_a_backup_goes_back_to_an_empty_machine_with_the_key(waterlijn: Installation, copy: Path) -> None:
    waterlijn.run("db", "downgrade", "base")
    waterlijn.run("restore", str(copy))
    assert boards(waterlijn) == ["waterlijn"]
    assert not list(waterlijn.folder.glob("before-restore-*")), "there was nothing to set aside"


DAMAGES = {
    "nothing": lambda content: b"",
    "another file": lambda content: b"PK\x03\x04" + content,
    "only the head": lambda content: content[:20],
    "half": lambda content: content[: len(content) // 2],
    "one byte short": lambda content: content[:-1],
    "one byte more": lambda content: content + b"\x00",
    "one bit of the data": lambda content: _flipped(content, len(content) // 2),
    "one bit of the salt": lambda content: _flipped(content, 20),
    "one bit of the end": lambda content: _flipped(content, len(content) - 1),
}


def _flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def test_a_damaged_backup_changes_nothing(waterlijn: Installation, copy: Path, tmp_path: Path) -> None:
    waterlijn.run("board", "add", "--name", "Stichting De Kade")
    content = copy.read_bytes()
    for name, damage in DAMAGES.items():
        damaged = tmp_path / "damaged.backup"
        damaged.write_bytes(damage(content))
        words = waterlijn.run("restore", str(damaged), status=2).stderr
        assert "Er is niets veranderd." in words, name
    assert boards(waterlijn) == ["de-kade", "waterlijn"]
    assert not list(waterlijn.folder.glob("before-restore-*"))


def test_another_key_opens_nothing(waterlijn: Installation, copy: Path, tmp_path: Path) -> None:
    make_key_file(tmp_path / "other.key")
    options = {"PARENTPORTAL_VAULT_KEY_FILE": str(tmp_path / "other.key")}
    assert "andere sleutel" in waterlijn.run("restore", str(copy), status=2, **options).stderr
    assert boards(waterlijn) == ["waterlijn"]


def test_an_older_key_of_the_ring_still_opens(waterlijn: Installation, copy: Path, tmp_path: Path) -> None:
    key = waterlijn.folder / "vault.key"
    make_key_file(tmp_path / "newer.key")
    key.write_bytes((tmp_path / "newer.key").read_bytes() + key.read_bytes())
    waterlijn.run("restore", str(copy))


def test_what_was_erased_after_the_backup_stays_erased(installed: Installation, tmp_path: Path) -> None:
    database = installed.database()
    people = database.write(settle)
    clock = FrozenClock(SystemClock().now())
    open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)

    def erase(session: Session) -> None:
        medical = select(Item).where(Item.person_id == people.sem, Item.field_code == "pupil.medical")
        item = session.scalars(medical).one()
        grave = Tombstone(
            id=new_id(),
            board_id=people.waterlijn,
            person_id=people.sem,
            field_code="pupil.medical",
            digest=item.digest,
            erased_at=clock.now(),
        )
        session.add(grave)
        session.execute(delete(Item).where(Item.id == item.id))
        session.add(
            Tombstone(
                id=new_id(),
                board_id=people.waterlijn,
                person_id=people.noor,
                field_code="guardian.phone",
                digest=session.scalars(phone).one().digest,
                erased_at=clock.now(),
            )
        )

    phone = select(Item).where(Item.person_id == people.noor, Item.field_code == "guardian.phone")
    database.write(
        lambda session: (
            session.execute(
                update(Adult).where(Adult.id == people.noor).values(phone=session.scalars(phone).one().value)
            ).rowcount
        )
    )
    installed.run("backup", str(tmp_path / "tuesday.backup"))
    database.write(erase)
    database.dispose()
    assert "2 gewiste gegevens" in installed.run("restore", str(tmp_path / "tuesday.backup")).output
    database = installed.database()
    with database.read() as session:
        assert session.scalar(select(func.count()).where(Item.field_code == "pupil.medical")) == 0
        assert session.scalar(select(func.count()).where(Item.field_code == "pupil.birth_place")) == 1
        assert session.get_one(Adult, people.noor).phone is None, "what repeats an erased item goes with it"
        assert session.scalar(select(func.count()).select_from(SignInSession)) == 0, "everybody is signed out"
    database.dispose()


def test_a_database_of_something_else_is_refused(waterlijn: Installation, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("een boodschappenlijst")
    with (tmp_path / "list.backup").open("wb") as target:
        sealed_file.seal_file(tmp_path / "notes.txt", target, waterlijn.settings.vault_keys)
    words = waterlijn.run("restore", str(tmp_path / "list.backup"), status=2).stderr
    assert "geen database van dit portaal" in words
    waterlijn.run("board", "load", str(WATERLIJN))


class TestSealedFile:
    """The pieces: each at its place, none missing, whatever the size."""

    KEY = bytes(range(32))

    def sealed(self, tmp_path: Path, content: bytes) -> bytes:
        (tmp_path / "plain").write_bytes(content)
        target = io.BytesIO()
        sealed_file.seal_file(tmp_path / "plain", target, (self.KEY,))
        return target.getvalue()

    @pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
    def test_any_size_comes_back(self, tmp_path: Path, size: int) -> None:
        content = bytes(size % 251 for size in range(size))
        opened = io.BytesIO()
        sealed_file.open_file(io.BytesIO(self.sealed(tmp_path, content)), opened, (bytes(32), self.KEY))
        assert opened.getvalue() == content

    def test_pieces_cannot_be_dropped_swapped_or_repeated(self, tmp_path: Path) -> None:
        sealed = self.sealed(tmp_path, bytes(3 * PIECE))
        head, size = len(sealed_file.MAGIC) + 16, 4 + PIECE + 16
        start, pieces = sealed[:head], [sealed[head + at * size : head + (at + 1) * size] for at in range(3)]
        for order in ((0, 1), (0, 2), (1, 0, 2), (0, 0, 1, 2), (0, 1, 2, 2), ()):
            with pytest.raises(Damaged):
                sealed_file.open_file(
                    io.BytesIO(start + b"".join(pieces[at] for at in order)), io.BytesIO(), (self.KEY,)
                )
