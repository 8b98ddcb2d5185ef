"""Static files under an address that changes with their content, so that browsers may keep them for ever."""

import hashlib
from functools import cache
from mimetypes import guess_type
from pathlib import PurePosixPath

from flask import Flask, Response, abort, send_from_directory

from parentportal.access import ANYONE, allow
from parentportal.places import STATIC
from parentportal.web.compression import is_wanted, packed

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
        answer = _file(plain)
        answer.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
        answer.vary.add("Accept-Encoding")
        return answer

    def _file(path: str) -> Response:
        """The file; compressed when the browser wants that, and then without a date: its address says enough."""
        small = packed(path) if is_wanted() else None
        if small is None:
            return send_from_directory(STATIC, path)
        return Response(small, mimetype=guess_type(path)[0], headers={"Content-Encoding": "gzip"})

    app.add_url_rule("/static/<path:path>", "static", static, methods=["GET"])
