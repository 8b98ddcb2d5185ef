"""The server as a process of its own: it answers, replaces a dead worker, and leaves nobody behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cli.installation import Installation

PATIENCE = 20.0


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """On SQLite, as after `init`: how the process lives does not depend on the database."""
    made = Installation(tmp_path / "srv", {})
    made.run("init")
    return made


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def serving(installation: Installation, port: int) -> Iterator[subprocess.Popen[str]]:
    """`parentportal serve` with two workers; killed with its whole group afterwards."""
    command = [sys.executable, "-c", "from parentportal.cli import main; main()", "serve"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--workers", "2", "--threads", "2"],
        env={**os.environ, **installation.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        wait_until(lambda: answer(port, "/readyz") == (200, "ok\n"))
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def answer(port: int, path: str) -> tuple[int, str]:
    """Status and body; (0, "") when nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as found:
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""
    except OSError:
        return 0, ""


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The processes of this server beside itself that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else []
        except OSError:
            continue
        state, group = (fields[0], int(fields[2])) if fields else ("Z", 0)
        if group == process.pid and int(entry.name) != process.pid and state != "Z":
            found.append(int(entry.name))
    return found


def test_it_serves_pages_and_files_and_stops_when_asked(installation: Installation) -> None:
    port = free_port()
    with serving(installation, port) as process:
        assert answer(port, "/livez") == (200, "ok\n")
        status, home = answer(port, "/")
        assert status == 200
        sheet = home.partition('rel="stylesheet" href="')[2].partition('"')[0]
        assert answer(port, sheet)[0] == 200
        assert answer(port, "/geheim?wie=noor@post.example")[0] == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.stdout is not None
        log = process.stdout.read()
    assert "noor" not in log
    assert "/geheim" not in log, "there is no log of addresses"
    assert '"level": "INFO"' in log


def test_a_worker_that_dies_is_replaced(installation: Installation) -> None:
    port = free_port()
    with serving(installation, port) as process:
        wait_until(lambda: len(workers_of(process)) == 2)
        time.sleep(6)  # Granian takes a worker that dies within its first seconds for a crash loop
        first = workers_of(process)
        os.kill(first[0], signal.SIGKILL)
        wait_until(lambda: len(set(workers_of(process)) - set(first)) == 1)
        wait_until(lambda: answer(port, "/livez")[0] == 200)


def test_no_worker_outlives_a_parent_that_was_killed(installation: Installation) -> None:
    port = free_port()
    with serving(installation, port) as process:
        wait_until(lambda: len(workers_of(process)) == 2)
        process.kill()
        wait_until(lambda: not workers_of(process))
    assert answer(port, "/livez") == (0, "")


@pytest.mark.parametrize(
    "change",
    [
        {"PARENTPORTAL_BASE_URL": "http://school.example"},
        {"FLASK_DEBUG": "1"},
        {"PARENTPORTAL_DEBUG": "1"},
        {"PARENTPORTAL_VAULT_KEY_FILE": "/nowhere/vault.key"},
    ],
    ids=["plain http", "a debugger", "a setting that does not exist", "no key"],
)
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_starts_with_unsafe_settings(installation: Installation, command: str, change: dict[str, str]) -> None:
    words = installation.run(command, status=1, **change).stderr
    assert next(iter(change)) in words


def test_one_round_of_the_worker(installation: Installation) -> None:
    assert "Mail blijft klaarliggen." in installation.run("worker", "--once").output
