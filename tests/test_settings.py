"""Settings: good ones are read, and every unsafe start is refused with all its reasons at once."""

import base64
import secrets
import stat
from pathlib import Path

import pytest

from parentportal.settings import (
    KEY_BYTES,
    NAMES,
    Settings,
    UnsafeSettings,
    key_files,
    make_key_file,
    make_private_folder,
)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The least that a safe start needs: a data folder with two keys."""
    make_key_file(tmp_path / "secret.key")
    make_key_file(tmp_path / "vault.key")
    return {"PARENTPORTAL_DATA_DIR": str(tmp_path), "HOME": str(tmp_path)}


def _refusals(environ: dict[str, str]) -> list[str]:
    with pytest.raises(UnsafeSettings) as caught:
        Settings.from_environment(environ)
    return [problem.setting for problem in caught.value.problems]


def _line(key: bytes) -> bytes:
    return base64.b64encode(key) + b"\n"


def test_a_data_folder_with_keys_is_enough(environ: dict[str, str], tmp_path: Path) -> None:
    settings = Settings.from_environment(environ)

    assert settings.database_url == f"sqlite:///{tmp_path}/parentportal.sqlite3"
    assert settings.data_dir == tmp_path
    assert [len(key) for key in settings.secret_keys + settings.vault_keys] == [KEY_BYTES, KEY_BYTES]
    assert (settings.base_url, settings.secure) == ("http://localhost:8000", False)
    assert (settings.smtp_url, settings.mail_from) == (None, "noreply@localhost")
    assert (settings.trusted_proxies, settings.log_level, settings.demo) == (0, "INFO", False)


def test_every_setting_is_read(environ: dict[str, str], tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.key"
    newer, older = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES)
    elsewhere.write_bytes(_line(newer) + b"\n" + _line(older))
    elsewhere.chmod(0o400)
    settings = Settings.from_environment(
        environ
        | {
            "PARENTPORTAL_DATABASE_URL": "postgresql://kijkglas@db.example/kijkglas",
            "PARENTPORTAL_SECRET_KEY_FILE": str(elsewhere),
            "PARENTPORTAL_BASE_URL": "https://portaal.example/",
            "PARENTPORTAL_SMTP_URL": "smtps://portaal:geheim@mail.example:465",
            "PARENTPORTAL_MAIL_FROM": "Kijkglas <portaal@portaal.example>",
            "PARENTPORTAL_TRUSTED_PROXIES": "2",
            "PARENTPORTAL_LOG_LEVEL": "warning",
            "PARENTPORTAL_DEMO": "1",
        }
    )

    assert settings.database_url == "postgresql+psycopg://kijkglas@db.example/kijkglas"
    assert settings.secret_keys == (newer, older)
    assert (settings.base_url, settings.secure) == ("https://portaal.example", True)
    assert settings.smtp_url == "smtps://portaal:geheim@mail.example:465"
    assert settings.mail_from == "Kijkglas <portaal@portaal.example>"
    assert (settings.trusted_proxies, settings.log_level, settings.demo) == (2, "WARNING", True)


UNSAFE = {
    "an unknown setting": {"PARENTPORTAL_DATABSE_URL": "sqlite:////srv/x"},
    "a debug setting of our own": {"PARENTPORTAL_DEBUG": "1"},
    "Flask's debugger": {"FLASK_DEBUG": "1"},
    "Flask's development mode": {"FLASK_ENV": "development"},
    "a database it does not know": {"PARENTPORTAL_DATABASE_URL": "mysql://db.example/kijkglas"},
    "a database without a scheme": {"PARENTPORTAL_DATABASE_URL": "/srv/kijkglas.sqlite3"},
    "a database in memory": {"PARENTPORTAL_DATABASE_URL": "sqlite:///:memory:"},
    "a nameless database in memory": {"PARENTPORTAL_DATABASE_URL": "sqlite://"},
    "plain http beyond this machine": {"PARENTPORTAL_BASE_URL": "http://portaal.example"},
    "plain http that looks like this machine": {"PARENTPORTAL_BASE_URL": "http://localhost.example"},
    "plain http on an address of the network": {"PARENTPORTAL_BASE_URL": "http://192.168.1.10:8000"},
    "an address with a path": {"PARENTPORTAL_BASE_URL": "https://school.example/portaal"},
    "an address with a name in it": {"PARENTPORTAL_BASE_URL": "https://noor@portaal.example"},
    "an address that is none": {"PARENTPORTAL_BASE_URL": "portaal.example"},
    "an address with a port that is none": {"PARENTPORTAL_BASE_URL": "https://portaal.example:haven"},
    "a mail server that is none": {"PARENTPORTAL_SMTP_URL": "mail.example"},
    "a sender that is none": {"PARENTPORTAL_MAIL_FROM": "portaal"},
    "a sender with a second line": {"PARENTPORTAL_MAIL_FROM": "a@portaal.example\nBcc: b@portaal.example"},
    "a sender that mail servers cannot read": {"PARENTPORTAL_MAIL_FROM": "réception@portaal.example"},
    "a password that mail servers cannot read": {"PARENTPORTAL_SMTP_URL": "smtps://portaal:gehe%C3%AFm@mail.example"},
    "proxies in words": {"PARENTPORTAL_TRUSTED_PROXIES": "twee"},
    "fewer proxies than none": {"PARENTPORTAL_TRUSTED_PROXIES": "-1"},
    "proxies without end": {"PARENTPORTAL_TRUSTED_PROXIES": "9" * 5000},
    "a level that does not exist": {"PARENTPORTAL_LOG_LEVEL": "LOUD"},
    "a demo that may be": {"PARENTPORTAL_DEMO": "maybe"},
}


@pytest.mark.parametrize("change", UNSAFE.values(), ids=UNSAFE.keys())
def test_an_unsafe_setting_is_refused_by_name(environ: dict[str, str], change: dict[str, str]) -> None:
    assert _refusals(environ | change) == list(change)


FIRST, SECOND = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES)
UNFIT_KEYS = {
    "nothing": b"",
    "only blank lines": b"\n\n",
    "a short key": _line(FIRST[:16]),
    "a long key": _line(FIRST + b"x"),
    "words": b"change-me\n",
    "the key itself, not in base64": FIRST,
    "one byte again and again": _line(bytes(KEY_BYTES)),
    "a word again and again": _line(b"changeme" * 4),
    "a good key and a short one": _line(FIRST) + _line(SECOND[:8]),
    "one key twice": _line(FIRST) + _line(SECOND) + _line(FIRST),
}


@pytest.mark.parametrize("content", UNFIT_KEYS.values(), ids=UNFIT_KEYS.keys())
def test_an_unfit_key_is_refused(environ: dict[str, str], tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(content)

    assert set(_refusals(environ)) == {"PARENTPORTAL_SECRET_KEY_FILE"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620, 0o601])
def test_a_key_that_others_can_reach_is_refused(environ: dict[str, str], tmp_path: Path, mode: int) -> None:
    (tmp_path / "vault.key").chmod(mode)

    assert _refusals(environ) == ["PARENTPORTAL_VAULT_KEY_FILE"]


def test_missing_keys_are_refused_with_the_way_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(UnsafeSettings) as caught:
        Settings.from_environment({"PARENTPORTAL_DATA_DIR": str(tmp_path / "nowhere")})

    assert [problem.setting for problem in caught.value.problems] == [
        "PARENTPORTAL_SECRET_KEY_FILE",
        "PARENTPORTAL_VAULT_KEY_FILE",
    ]
    assert all("parentportal init" in problem.mend for problem in caught.value.problems)


def test_a_folder_is_no_key(environ: dict[str, str], tmp_path: Path) -> None:
    assert _refusals(environ | {"PARENTPORTAL_SECRET_KEY_FILE": str(tmp_path)})


def test_one_key_for_two_uses_is_refused(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "vault.key").write_bytes((tmp_path / "secret.key").read_bytes())

    assert _refusals(environ) == ["PARENTPORTAL_VAULT_KEY_FILE"]


def test_all_reasons_are_told_at_once_and_none_shows_a_secret(environ: dict[str, str]) -> None:
    with pytest.raises(UnsafeSettings) as caught:
        Settings.from_environment(
            environ
            | {
                "PARENTPORTAL_DATABASE_URL": "mysql://root:geheim@db.example/x",
                "PARENTPORTAL_SMTP_URL": "ftp://root:geheim@mail.example",
                "PARENTPORTAL_LOG_LEVEL": "LOUD",
            }
        )

    assert len(caught.value.problems) == 3
    assert "geheim" not in str(caught.value)
    assert all(str(problem) in str(caught.value) for problem in caught.value.problems)


def test_settings_do_not_print_their_secrets(environ: dict[str, str]) -> None:
    settings = Settings.from_environment(
        environ
        | {
            "PARENTPORTAL_DATABASE_URL": "postgresql://kijkglas:geheim@db.example/x",
            "PARENTPORTAL_SMTP_URL": "smtps://portaal:geheim@mail.example",
        }
    )

    assert "geheim" not in repr(settings)
    assert repr(settings.secret_keys[0]) not in repr(settings)


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_plain_http_is_accepted_on_this_machine(environ: dict[str, str], url: str) -> None:
    assert Settings.from_environment(environ | {"PARENTPORTAL_BASE_URL": url}).base_url == url


def test_the_demo_alone_may_use_plain_http_beyond_this_machine(environ: dict[str, str]) -> None:
    address = {"PARENTPORTAL_BASE_URL": "http://192.168.1.10:8000"}

    assert Settings.from_environment(environ | address | {"PARENTPORTAL_DEMO": "1"}).demo
    assert _refusals(environ | address | {"PARENTPORTAL_DEMO": "0"}) == ["PARENTPORTAL_BASE_URL"]


def test_a_key_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"

    assert make_key_file(path)
    key = path.read_bytes()
    assert len(base64.b64decode(key)) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not make_key_file(path)
    assert path.read_bytes() == key


def test_a_data_folder_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "one" / "two"
    make_private_folder(folder)
    folder.chmod(0o755)
    make_private_folder(folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_key_files_are_known_before_they_exist(tmp_path: Path) -> None:
    environ = {"PARENTPORTAL_DATA_DIR": str(tmp_path), "PARENTPORTAL_VAULT_KEY_FILE": "/run/keys/vault"}

    assert key_files(environ) == (tmp_path / "secret.key", Path("/run/keys/vault"))


def test_every_setting_is_in_the_operating_guide() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "operating.md").read_text()

    assert [name for name in NAMES if f"`{name}`" not in guide] == []
