"""The worker of the demo: as in a real portal, but its mail goes into a folder, and it leaves with who started it."""

import os
import signal
import sys
import threading
import time

from parentportal.db import Database
from parentportal.jobs.worker import work
from parentportal.outside.clock import SystemClock
from parentportal.outside.mail_folder import FolderMailer
from parentportal.outside.vault import Vault
from parentportal.settings import Settings
from parentportal.web.demo_pages import MAIL_FOLDER

WATCH_EVERY = 0.5
#: Seconds to finish the mail that is being written.
GRACE = 5


def run(parent: int) -> None:
    """Work on the installation of the environment until SIGTERM, SIGINT, or the end of the process `parent`."""
    settings = Settings.from_environment(os.environ)
    vault = Vault.from_keys(list(settings.vault_keys))
    database = Database(settings.database_url, info={"clock": SystemClock(), "vault": vault})
    threading.Thread(target=_leave_with, args=(parent,), name="leave with parent", daemon=True).start()
    try:
        work(database, FolderMailer(settings.data_dir / MAIL_FOLDER, settings.mail_from), settings.base_url)
    finally:
        database.dispose()


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


if __name__ == "__main__":
    run(int(sys.argv[1]))
