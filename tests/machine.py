"""What a bare machine must be given before the tests can run: a Python that makes environments, and a browser.

Root gets Debian's packages; anybody else, and any other system, gets Playwright's own browser. What cannot be had is
an error that says how to get it. `make` starts this file twice: `venv` with the machine's Python, before .venv
exists, and `tests` with the one in .venv.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_BROWSER = "The journeys need a browser. As root: apt-get install chromium"
NO_DRIVER = "Playwright does not start. As root: apt-get install libatomic1"
NO_ENVIRONMENT = "This Python makes no environments. As root: apt-get install {package}"
PATIENCE = 60


class Missing(Exception):
    """Something cannot be had here; the message says how to get it."""


def provide_venv() -> None:
    """Make this Python able to make environments with pip in them; Debian keeps that apart."""
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not from_debian(package):
            raise Missing(NO_ENVIRONMENT.format(package=package))


def provide_tests() -> None:
    """Make sure of a browser that starts, and as root of oathtool; see tests/one_time_codes.py for who has none."""
    wanted = [] if installed_browser() else ["chromium"]
    wanted += [] if shutil.which("oathtool") else ["oathtool"]
    wanted += [] if driver_starts() else ["libatomic1"]
    if wanted:
        from_debian(*wanted)
    if "libatomic1" in wanted and not driver_starts():
        raise Missing(NO_DRIVER)
    if not installed_browser():
        say("Fetching Playwright's own Chromium")
        run([sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"])
    check_browser()


def installed_browser() -> str | None:
    """The browser that the environment names, else the machine's own; None leaves Playwright's."""
    return os.environ.get("PARENTPORTAL_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def driver_starts() -> bool:
    """Whether Playwright itself runs: a program from its wheel that leans on a library of the machine."""
    return not subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True).returncode


def check_browser() -> None:
    """Start the browser that the journeys will use, once.

    Raises Missing with what it said when it does not start.
    """
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        path = installed_browser() or playwright.chromium.executable_path
        if not Path(path).exists():
            raise Missing(f"{path} is not there. {NO_BROWSER}")
        try:
            playwright.chromium.launch(executable_path=path, args=FLAGS).close()
        except Error as error:
            raise Missing(f"{error}\n{path} does not start. {NO_BROWSER}") from None


def from_debian(*packages: str) -> bool:
    """Install packages, when this is root on Debian; False when it is not, or when they cannot be had."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"Installing {' '.join(packages)} from Debian")
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    get = ["apt-get", "-qq", "-o", f"DPkg::Lock::Timeout={PATIENCE}"]
    run([*get, "update"], environ)  # a broken list of somebody else's packages need not matter
    return run([*get, "install", "-y", "--no-install-recommends", *packages], environ)


def run(command: list[str], environ: dict[str, str] | None = None) -> bool:
    """Whether a command succeeds; what it says is shown only when it does not."""
    done = subprocess.run(
        command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        say(done.stdout.decode(errors="replace").strip())
    return done.returncode == 0


def say(words: str) -> None:
    sys.stderr.write(words + "\n")


if __name__ == "__main__":
    try:
        {"venv": provide_venv, "tests": provide_tests}[sys.argv[1]]()
    except Missing as missing:
        sys.exit(str(missing))
