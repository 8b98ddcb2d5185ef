"""What a page is compared with: six thousand bytes out of Flask, on the server and settings of the portal."""

import sys

from flask import Flask

from parentportal.cli.serve import THREADS, WORKERS, run_granian

BODY = b"x" * 6000


def bare_app() -> Flask:
    app = Flask("bare")
    app.add_url_rule("/", "bare", lambda: BODY)
    return app


if __name__ == "__main__":
    run_granian(bare_app, "127.0.0.1", int(sys.argv[1]), workers=WORKERS, threads=THREADS, log_level="WARNING")
