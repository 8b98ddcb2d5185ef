"""How attackers knock: a bare browser that only keeps its cookie and the token of the last page, and stand-ins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from parentportal.services import throttling
from tests.house.walking import TOKEN
from tests.visit import BASE

WRONG = "helemaal verkeerd geraden"
HOME, ELSEWHERE = "192.0.2.10", "198.51.100.7"


class Intruder:
    """One browser at one address, faster than `Visit`: it does not look at what it gets."""

    def __init__(self, app: Flask, address: str = ELSEWHERE) -> None:
        self.client = app.test_client()
        self.address = address
        self.token = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        answer = self.client.get(path, base_url=BASE, headers=headers, environ_overrides={"REMOTE_ADDR": self.address})
        found = TOKEN.search(answer.get_data(as_text=True))
        self.token = found.group(1) if found else self.token
        return answer

    def post(self, path: str, data: dict[str, Any], **headers: str) -> TestResponse:
        """Hand in a form with the token of the page before; a page that comes back gives the next token."""
        answer = self.client.post(
            path,
            base_url=BASE,
            data={"csrf_token": self.token, **data},
            headers={"Referer": BASE + path, **headers},
            environ_overrides={"REMOTE_ADDR": self.address},
        )
        found = TOKEN.search(answer.get_data(as_text=True))
        self.token = found.group(1) if found else self.token
        return answer

    def give_password(self, name: str, password: str) -> bool:
        """The first page of signing in; whether it leads to the second."""
        if not self.token:
            self.get("/inloggen")
        answer = self.post("/inloggen", {"name": name, "password": password})
        passed = answer.status_code == 303
        if passed:
            self.get("/inloggen/code")
        return passed

    def is_in(self) -> bool:
        """Whether a page opens that nobody sees who is not signed in."""
        return self.get("/rol").status_code == 200


@contextmanager
def without_budget(_portal: object = None) -> Iterator[None]:
    """Nobody counts: the flaw of many rows, and for races the way to let all of them be looked at."""

    def nothing(session: Session, *args: object, **options: object) -> None:
        return None

    with patch.object(throttling, "count", nothing):
        yield


@contextmanager
def counted(module: Any, name: str, note: Callable[[], None]) -> Iterator[None]:
    """Call `note` each time a function of the product is about to judge something."""
    judged = getattr(module, name)

    def judge(*args: Any, **options: Any) -> Any:
        note()
        return judged(*args, **options)

    with patch.object(module, name, judge):
        yield
