"""`parentportal demo` makes itself, runs, says what it is, and leaves nothing running behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.outside.mail_servers import free_port

#: From the command to the first page, on a machine with an environment.
PATIENCE = 60
COMMAND = Path(sys.executable).with_name("parentportal")


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    """The command, with settings of a real portal around that it must not listen to."""
    environ = {**os.environ, "PARENTPORTAL_DATA_DIR": str(folder), "PARENTPORTAL_DATABASE_URL": "sqlite:////nowhere/x"}
    return subprocess.Popen(
        [str(COMMAND), "demo", *options],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def page(port: int, path: str, running: subprocess.Popen[str]) -> str:
    """A page, as soon as the portal answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert running.poll() is None, running.stdout.read() if running.stdout else ""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer within {PATIENCE} seconds")


def in_session(session: int) -> list[str]:
    """The processes that were started by the demo and still live."""
    lines = subprocess.run(["ps", "-eo", "sid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in lines.splitlines()]
    return [args for sid, stat, args in rows if int(sid) == session and not stat.startswith("Z")]


@pytest.mark.slow
def test_the_demo_serves_within_a_minute_stops_at_ctrl_c_and_starts_again_as_it_was(tmp_path: Path) -> None:
    port = free_port()
    first = start(tmp_path, "--port", str(port))
    codes = page(port, "/demo/codes", first)
    assert "hanna@waterlijn.example" in codes
    assert "Dit is een demo" in page(port, "/", first)
    os.killpg(first.pid, signal.SIGINT)  # what Ctrl-C in a terminal does
    said = first.communicate(timeout=30)[0]
    assert "DIT IS EEN DEMO" in said
    assert f"http://localhost:{port}/demo/codes" in said
    assert first.returncode == 0
    assert in_session(first.pid) == []
    assert sorted(path.suffix for path in (tmp_path / "demo" / "bestanden").iterdir()) == [".csv"] * 4 + [".xml"] * 2

    second = start(tmp_path, "--port", str(port))
    assert "hanna@waterlijn.example" in page(port, "/demo/codes", second)
    second.kill()
    said = second.communicate(timeout=30)[0]
    assert "wordt gemaakt" not in said
    until = time.monotonic() + 20
    while in_session(second.pid) and time.monotonic() < until:
        time.sleep(0.2)
    assert in_session(second.pid) == [], "killed outright, and still nothing stays behind"


def test_a_folder_with_something_else_in_it_is_not_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "dierbaar.txt").write_text("hallo")
    refused = start(tmp_path, "--reset", "--port", str(free_port()))
    assert "dierbaar.txt" in refused.communicate(timeout=30)[0]
    assert refused.returncode == 2
    assert (tmp_path / "demo" / "dierbaar.txt").exists()


def test_a_port_that_is_taken_is_said_before_any_work(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = start(tmp_path, "--port", str(taken.getsockname()[1]))
        said = refused.communicate(timeout=30)[0]
    assert "Kies een andere --port" in said
    assert refused.returncode == 1
    assert not (tmp_path / "demo").exists()
