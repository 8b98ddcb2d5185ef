"""What one installation needs to know, read from the environment; an unsafe start is refused."""

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

PREFIX = "PARENTPORTAL_"
KEY_BYTES = 32
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MOST_PROXIES = 10

#: Every setting there is; docs/operating.md explains each. DEMO is set by the demo command alone.
NAMES = (
    "DATABASE_URL",
    "DATA_DIR",
    "SECRET_KEY_FILE",
    "VAULT_KEY_FILE",
    "BASE_URL",
    "SMTP_URL",
    "MAIL_FROM",
    "TRUSTED_PROXIES",
    "LOG_LEVEL",
    "DEMO",
)

# A key of 32 random bytes has about 30 different ones; fewer than this many is a typed or copied "key".
_FEWEST_DIFFERENT_BYTES = 16
_DATABASES = ("sqlite", "postgresql", "postgresql+psycopg", "postgres")
_DEBUG_SWITCHES = ("FLASK_DEBUG", "FLASK_ENV", "WERKZEUG_DEBUG_PIN")
_OFF = ("", "0", "false", "no", "off", "production")


@dataclass(frozen=True)
class Problem:
    """One reason not to start: the setting, what is wrong with it and how to mend it (both in Dutch)."""

    setting: str
    wrong: str
    mend: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.wrong} {self.mend}"


class UnsafeSettings(Exception):
    """The portal may not start like this; `problems` holds every reason at once, not just the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """One installation's settings, checked.

    Key rings hold keys of 32 bytes, the current one first: that one signs and seals, all of them read.
    `base_url` has no slash at its end. `smtp_url` is None while no mail server is known: mail then waits in
    the outbox. `trusted_proxies` is the number of proxies in front whose headers may be believed.
    """

    database_url: str = field(repr=False)
    data_dir: Path
    secret_keys: tuple[bytes, ...] = field(repr=False)
    vault_keys: tuple[bytes, ...] = field(repr=False)
    base_url: str
    smtp_url: str | None = field(repr=False)
    mail_from: str
    trusted_proxies: int
    log_level: str
    demo: bool = False

    @property
    def secure(self) -> bool:
        """Whether browsers reach the portal over https."""
        return self.base_url.startswith("https://")

    @property
    def secure_cookies(self) -> bool:
        """Always, but for the demo on plain http beyond loopback, where browsers would drop them."""
        return self.secure or not self.demo or is_loopback(urlsplit(self.base_url).hostname or "")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read every PARENTPORTAL_ variable.

        Raises UnsafeSettings with all problems together.
        """
        reader = _Reader(environ)
        reader.refuse_unknown_names()
        reader.refuse_debug_switches()
        data_dir = data_dir_from(environ)
        demo = reader.demo()
        base_url = reader.base_url(demo=demo)
        secret_keys, vault_keys = reader.keys()
        settings = cls(
            database_url=reader.database_url(data_dir),
            data_dir=data_dir,
            secret_keys=secret_keys,
            vault_keys=vault_keys,
            base_url=base_url,
            smtp_url=reader.smtp_url(),
            mail_from=reader.mail_from(base_url),
            trusted_proxies=reader.trusted_proxies(),
            log_level=reader.log_level(),
            demo=demo,
        )
        if reader.problems:
            raise UnsafeSettings(tuple(reader.problems))
        return settings


def data_dir_from(environ: Mapping[str, str]) -> Path:
    """The data folder, absolute; it need not exist yet."""
    return Path(environ.get(PREFIX + "DATA_DIR") or "./var").expanduser().resolve()


def key_files(environ: Mapping[str, str]) -> tuple[Path, Path]:
    """Where the secret and the vault key are, or should be made."""
    data_dir = data_dir_from(environ)
    secret = environ.get(PREFIX + "SECRET_KEY_FILE") or data_dir / "secret.key"
    vault = environ.get(PREFIX + "VAULT_KEY_FILE") or data_dir / "vault.key"
    return Path(secret), Path(vault)


def make_private_folder(path: Path) -> None:
    """Make the folder and what is missing above it; nobody else on the machine may look inside."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def make_key_file(path: Path) -> bool:
    """Write a fresh key that only its owner can read; False, and untouched, when it is there already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "wb") as key_file:
        key_file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        key_file.flush()
        os.fsync(key_file.fileno())
    return True


def sqlite_url(path: Path) -> str:
    """The database address of an SQLite file."""
    return f"sqlite:///{path}"


class _Reader:
    """Reads one variable at a time and gathers what is wrong, so that one start shows every problem."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[Problem] = []

    def _refuse(self, name: str, wrong: str, mend: str) -> None:
        self.problems.append(Problem(PREFIX + name if name in NAMES else name, wrong, mend))

    def _get(self, name: str) -> str:
        return self._environ.get(PREFIX + name, "").strip()

    def refuse_unknown_names(self) -> None:
        for name in sorted(self._environ):
            if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in NAMES:
                known = ", ".join(known for known in NAMES if known != "DEMO")
                self._refuse(name, "Deze instelling bestaat niet.", f"Verwijder haar, of kies uit: {known}.")

    def refuse_debug_switches(self) -> None:
        for name in _DEBUG_SWITCHES:
            if self._environ.get(name, "").strip().lower() not in _OFF:
                self._refuse(
                    name,
                    "De foutzoekstand staat aan. Die toont bezoekers de binnenkant van het portaal.",
                    "Haal deze variabele weg.",
                )

    def demo(self) -> bool:
        value = self._get("DEMO")
        if value not in ("", "0", "1"):
            self._refuse("DEMO", "De waarde is niet 0 of 1.", "Haal deze variabele weg.")
        return value == "1"

    def database_url(self, data_dir: Path) -> str:
        url = self._get("DATABASE_URL") or sqlite_url(data_dir / "parentportal.sqlite3")
        scheme, separator, rest = url.partition("://")
        if scheme not in _DATABASES or not separator:
            self._refuse(
                "DATABASE_URL",
                "Dit is geen adres van een database die het portaal kent.",
                "Begin met “sqlite:///” of “postgresql://”.",
            )
        elif scheme == "sqlite" and (rest.partition("?")[0] in ("", "/", "/:memory:") or "mode=memory" in rest):
            self._refuse(
                "DATABASE_URL",
                "Een database in het geheugen verdwijnt bij elke herstart.",
                "Geef een bestand, zoals “sqlite:////srv/kijkglas/parentportal.sqlite3”.",
            )
        return url if scheme == "sqlite" else f"postgresql+psycopg://{rest}"

    def base_url(self, *, demo: bool) -> str:
        url = self._get("BASE_URL") or "http://localhost:8000"
        parts = _split(url)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or _has_more(parts):
            self._refuse(
                "BASE_URL",
                "Dit is geen webadres waar het portaal kan staan.",
                "Geef alleen het begin, zoals “https://portaal.voorbeeld.nl”, zonder pad.",
            )
        elif parts.scheme == "http" and not demo and not is_loopback(parts.hostname):
            self._refuse(
                "BASE_URL",
                "Het adres begint met “http://”. Iedereen onderweg kan dan meelezen.",
                "Gebruik “https://”. Alleen “localhost” mag zonder.",
            )
        return url.rstrip("/")

    def smtp_url(self) -> str | None:
        url = self._get("SMTP_URL")
        if not url:
            return None
        parts = _split(url)
        if parts is None or parts.scheme not in ("smtp", "smtps", "smtp+starttls") or not parts.hostname:
            self._refuse(
                "SMTP_URL",
                "Dit is geen adres van een mailserver.",
                "Geef het als “smtp+starttls://naam:wachtwoord@mail.voorbeeld.nl:587” of “smtps://…:465”.",
            )
        elif parts.scheme == "smtp" and parts.username and not is_loopback(parts.hostname):
            self._refuse(
                "SMTP_URL",
                "De naam en het wachtwoord gaan zo leesbaar over de lijn.",
                "Gebruik “smtp+starttls://” of “smtps://”.",
            )
        elif not unquote((parts.username or "") + (parts.password or "")).isascii():
            self._refuse(
                "SMTP_URL",
                "In de naam of het wachtwoord staat een letter met een accent. Mailservers nemen die niet aan.",
                "Kies een ander wachtwoord voor de mailserver.",
            )
        return url

    def mail_from(self, base_url: str) -> str:
        given = self._get("MAIL_FROM")
        if not given:
            return f"noreply@{_mail_domain(base_url)}"
        mailbox, at, domain = parseaddr(given)[1].rpartition("@")
        if not (mailbox and at and domain and mailbox.isascii() and domain.isascii() and given.isprintable()):
            self._refuse(
                "MAIL_FROM",
                "Dit is geen e-mailadres, of er staat een letter met een accent in.",
                "Geef het adres van de afzender, zoals “portaal@voorbeeld.nl”.",
            )
        return given

    def trusted_proxies(self) -> int:
        value = self._get("TRUSTED_PROXIES") or "0"
        if not (value.isascii() and value.isdigit() and len(value) <= 2 and int(value) <= MOST_PROXIES):
            self._refuse(
                "TRUSTED_PROXIES",
                f"Dit is geen getal van 0 tot en met {MOST_PROXIES}.",
                "Geef het aantal eigen proxyservers vóór het portaal. Geen proxy: 0.",
            )
            return 0
        return int(value)

    def log_level(self) -> str:
        level = (self._get("LOG_LEVEL") or "INFO").upper()
        if level not in LOG_LEVELS:
            self._refuse("LOG_LEVEL", "Dit niveau bestaat niet.", f"Kies uit: {', '.join(LOG_LEVELS)}.")
        return level

    def keys(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Both rings; no key may serve twice, for then one leak would open both doors."""
        secret_file, vault_file = key_files(self._environ)
        secret_keys = self._ring("SECRET_KEY_FILE", secret_file)
        vault_keys = self._ring("VAULT_KEY_FILE", vault_file)
        if set(secret_keys) & set(vault_keys):
            self._refuse(
                "VAULT_KEY_FILE",
                "Dezelfde sleutel staat ook in het andere sleutelbestand.",
                "Geef elk bestand een eigen sleutel. “parentportal init” maakt ze.",
            )
        return secret_keys, vault_keys

    def _ring(self, name: str, path: Path) -> tuple[bytes, ...]:
        try:
            status = path.stat()
            text = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        except OSError:
            self._refuse(
                name,
                f"Het sleutelbestand {path} is er niet of kan niet worden gelezen.",
                "Maak de sleutels met “parentportal init”.",
            )
            return ()
        if status.st_mode & 0o077:
            self._refuse(
                name,
                f"Anderen op deze computer kunnen {path} lezen.",
                f"Geef het bestand stand 0600: “chmod 600 {path}”.",
            )
        keys = tuple(self._key(name, number, line) for number, line in _lines(text))
        if not keys:
            self._refuse(name, f"In {path} staat geen sleutel.", "Maak de sleutels met “parentportal init”.")
        if len(set(keys)) < len(keys) and b"" not in keys:
            self._refuse(name, "Een sleutel staat er twee keer in.", "Verwijder de dubbele regel.")
        return keys

    def _key(self, name: str, number: int, line: bytes) -> bytes:
        try:
            key = base64.b64decode(line, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            self._refuse(
                name,
                f"Regel {number} is geen sleutel van {KEY_BYTES} bytes in base64.",
                "Herstel de regel uit uw back-up, of maak een nieuwe sleutel.",
            )
        elif len(set(key)) < _FEWEST_DIFFERENT_BYTES:
            self._refuse(
                name,
                f"Regel {number} is een bedachte sleutel, geen willekeurige.",
                "Laat “parentportal init” een sleutel maken.",
            )
        return key


def _lines(text: bytes) -> list[tuple[int, bytes]]:
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError for a port that is no number
    except ValueError:
        return None
    return parts


def _mail_domain(base_url: str) -> str:
    """The host of the portal as a mail address can hold it; `localhost` where it cannot."""
    parts = _split(base_url)
    host = (parts.hostname if parts else None) or "localhost"
    try:
        return "localhost" if ":" in host else host.encode("idna").decode("ascii")
    except UnicodeError:
        return "localhost"


def _has_more(parts: SplitResult) -> bool:
    return bool(parts.path.strip("/") or parts.query or parts.fragment or parts.username)


def is_loopback(host: str) -> bool:
    """Whether this host is the machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
