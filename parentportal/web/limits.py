"""How much a request may carry: a form is small, only a view that takes files gets more (control W15)."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

View = TypeVar("View", bound=Callable[..., Any])

MOST_FORM_BYTES = 256 * 1024
MOST_FILE_BYTES = 26 * 1024 * 1024


def takes_files(view: View) -> View:
    """Mark a view as taking files of up to 25 MB."""
    view.takes_files = True  # type: ignore[attr-defined]  # the mark is data on the function itself
    return view


def init_app(app: Flask) -> None:
    """Set the limit before anything reads the body; this must come before the check of the CSRF token."""

    @app.before_request
    def limit_body() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        request.max_content_length = MOST_FILE_BYTES if getattr(view, "takes_files", False) else MOST_FORM_BYTES
