"""Static files under an address that changes with their content, so that browsers may keep them for ever."""

import hashlib
from functools import cache
from pathlib import PurePosixPath

from flask import Flask, Response, abort, send_from_directory

from parentportal.access import ANYONE, allow
from parentportal.places import STATIC

ONE_YEAR = 31_536_000


@cache
def asset(path: str) -> str:
    """The address of a file in `static/`; raises `FileNotFoundError` for one that is not there."""
    content = (STATIC / path).read_bytes()
    parts = PurePosixPath(path)
    digest = hashlib.sha256(content).hexdigest()[:12]
    return f"/static/{parts.parent}/{parts.stem}.{digest}{parts.suffix}"


def init_app(app: Flask) -> None:
    @allow(ANYONE)
    def static(path: str) -> Response:
        name = PurePosixPath(path)
        stem, _, _digest = name.stem.rpartition(".")
        plain = str(name.with_name(f"{stem}{name.suffix}")) if stem else ""
        if ".." in name.parts or not plain or not (STATIC / plain).is_file() or asset(plain) != f"/static/{path}":
            abort(404)
        answer = send_from_directory(STATIC, plain)
        answer.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
        return answer

    app.add_url_rule("/static/<path:path>", "static", static, methods=["GET"])
