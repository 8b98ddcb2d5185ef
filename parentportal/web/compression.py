"""What travels compressed: files, and pages that hold nothing of the visitor (the attack named BREACH).

A compressed page tells by its length whether a guess about its content is right. So a page with a token of a form, or
of somebody who is signed in, goes as it is.
"""

import gzip
from functools import cache

from flask import Flask, g, request
from flask.wrappers import Response

from parentportal.places import STATIC
from parentportal.web.guard import find_visitor

TEXTUAL = frozenset({".css", ".js", ".svg"})
LEAST = 500
"""Below so many bytes it is not worth it."""


def init_app(app: Flask) -> None:
    @app.after_request
    def compress(answer: Response) -> Response:
        """No page is kept by anybody on the way (`no-store`), so none needs to tell that it varies by this."""
        if answer.mimetype == "text/html" and answer.status_code == 200 and is_wanted() and not _is_private():
            body = answer.get_data()
            if len(body) >= LEAST:
                answer.set_data(gzip.compress(body, 6, mtime=0))
                answer.headers["Content-Encoding"] = "gzip"
        return answer


def is_wanted() -> bool:
    """Whether the browser can unpack what is compressed."""
    return request.accept_encodings["gzip"] > 0


@cache
def packed(path: str) -> bytes | None:
    """A file of `static/`, compressed as far as that goes; None for a kind that already is."""
    file = STATIC / path
    return gzip.compress(file.read_bytes(), 9, mtime=0) if file.suffix in TEXTUAL else None


def _is_private() -> bool:
    return find_visitor() is not None or g.get("csrf_token") is not None
