"""A visitor with a browser: follows links, fills in the form that is on the page, and posts what the page holds."""

from typing import Any

from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.page import Page

BASE = "https://portaal.example"


class Visit:
    """One browser of one person. CSRF is on: a post without the page's own token is refused like anybody's."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.page: Page | None = None

    def get(self, path: str, *, status: int = 200) -> Page:
        """Fetch a page, following redirects; fails when the status is another."""
        answer = self.raw("GET", path, follow_redirects=True)
        assert answer.status_code == status, f"{path}: {answer.status_code}, expected {status}"
        self.page = Page(answer)
        return self.page

    def raw(self, method: str, path: str, **options: Any) -> TestResponse:
        """One request as it is, without any check."""
        return self.client.open(path, method=method, base_url=BASE, **options)

    def fill(
        self,
        values: dict[str, Any] | None = None,
        *,
        form: str | None = None,
        button: str | None = None,
        status: int = 200,
    ) -> Page:
        """Fill in the form of the present page (its address contains `form`) and hand it in, following the redirect."""
        answer = self.hand_in(values, form=form, button=button, follow_redirects=True)
        assert answer.status_code == status, (
            f"{answer.request.path}: {answer.status_code}, expected {status}: {answer.get_data(as_text=True)[-1500:]}"
        )
        self.page = Page(answer)
        return self.page

    def hand_in(
        self,
        values: dict[str, Any] | None = None,
        *,
        form: str | None = None,
        button: str | None = None,
        follow_redirects: bool = False,
    ) -> TestResponse:
        assert self.page is not None, "fetch a page first"
        chosen = self.page.form(form)
        data = self.held(chosen, button)
        for name, value in (values or {}).items():
            assert self._offers(chosen, name), f"the form has no field {name!r}: {sorted(data)}"
            data.setlist(name, value if isinstance(value, list) else [value])
        headers = {"Origin": BASE, "Referer": BASE + self.page.answer.request.path, "Sec-Fetch-Site": "same-origin"}
        return self.client.post(
            str(chosen["action"]), data=data, base_url=BASE, headers=headers, follow_redirects=follow_redirects
        )

    def held(self, form: Tag, button: str | None = None) -> MultiDict[str, Any]:
        """What a browser would send for this form if nothing were touched, with the button of that name or text."""
        data: MultiDict[str, Any] = MultiDict()
        for control in form.find_all(["input", "select", "textarea"]):
            name, kind = control.get("name"), control.get("type", "text")
            if not name or kind in ("submit", "button", "file"):
                continue
            if kind in ("radio", "checkbox"):
                if control.has_attr("checked"):
                    data.add(name, control.get("value", "on"))
            elif control.name == "select":
                options = control.find_all("option")
                picked = [o for o in options if o.has_attr("selected")] or options[:1]
                for option in picked:
                    data.add(name, option.get("value", option.get_text()))
            else:
                data.add(name, control.get_text() if control.name == "textarea" else control.get("value", ""))
        if button is not None:
            for press in form.find_all("button"):
                if button in (press.get("name"), press.get("value"), press.get_text(" ", strip=True)):
                    data.add(press.get("name", ""), press.get("value", ""))
                    break
            else:
                raise AssertionError(f"no button {button!r}")
        return data

    def _offers(self, form: Tag, name: str) -> bool:
        return form.find(["input", "select", "textarea"], attrs={"name": name}) is not None

    def sign_in_as(self, token: str) -> "Visit":
        """Carry a session token that exists in the database."""
        with self.client.session_transaction(base_url=BASE) as cookie:
            cookie["token"] = token
        return self


def path_of(address: str) -> str:
    """The path of an address without query."""
    return address.split("?", 1)[0]
