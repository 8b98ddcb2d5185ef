"""A fetched page, parsed strictly, that answers questions and fails on breaches of the house rules."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import html5lib
from bs4 import BeautifulSoup, Tag
from werkzeug.test import TestResponse

_VALUE = re.compile(r' value="[\w .,:/@+=-]*"')
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TEXT = re.compile(r"(?<=>)[^<]+")
_WORDS = re.compile(r"[^&;\s][^&;]*")
_FINE: set[int] = set()
"""The markup of pages that kept the house rules in this run; a page with the same markup keeps them too."""


def markup(html: str) -> int:
    """The tags of a page: what is in fields does not count, of text only whether there is any and its `&` and `;`.

    Ids count by their order, for equal ones must stay equal.
    """
    ids: dict[str, str] = {}
    bare = _TEXT.sub(lambda text: _WORDS.sub("t", text[0]), _VALUE.sub(" value", html))
    return hash(_ID.sub(lambda found: ids.setdefault(found[0], f"id{len(ids)}"), bare))


class Page:
    """One HTML answer; making it checks the house rules, so every test that fetches a page checks them too."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer = answer
        self.status = answer.status_code
        self.html = answer.get_data(as_text=True)
        seen = markup(self.html)
        if seen not in _FINE:
            self._check()
            _FINE.add(seen)

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.html, "html.parser")

    # Questions

    @property
    def title(self) -> str:
        return self.soup.title.get_text(" ", strip=True) if self.soup.title else ""

    @property
    def h1(self) -> str:
        return self.soup.h1.get_text(" ", strip=True) if self.soup.h1 else ""

    @property
    def text(self) -> str:
        """All visible words of the main part, blanks collapsed."""
        return " ".join(self.main.get_text(" ", strip=True).split())

    @property
    def main(self) -> Tag:
        main = self.soup.find("main")
        assert isinstance(main, Tag), "a page has a main part"
        return main

    def links(self) -> dict[str, str]:
        """Words of each link to its address."""
        return {
            " ".join(a.get_text(" ", strip=True).split()): str(a["href"]) for a in self.soup.find_all("a", href=True)
        }

    def forms(self) -> list[Tag]:
        """The forms that somebody sees without scripts."""
        return [form for form in self.main.find_all("form") if isinstance(form, Tag) and not form.has_attr("hidden")]

    def form(self, action: str | None = None) -> Tag:
        """The only form of the main part, or the one whose address is `action` or else contains it."""
        found = [f for f in self.forms() if action is None or action in str(f.get("action"))]
        found = [f for f in found if action == f.get("action")] or found
        assert len(found) == 1, f"expected one form for {action!r}, found {len(found)} on {self.title!r}"
        return found[0]

    def errors(self) -> list[str]:
        """The messages at the fields."""
        return [
            " ".join(e.get_text(" ", strip=True).split())
            for e in self.soup.select(".error-message, .field-error, .error")
        ]

    def says(self, words: str) -> bool:
        return words in self.text

    # House rules

    def _check(self) -> None:
        assert self.html.lstrip().lower().startswith("<!doctype html>"), "a page starts with its doctype"
        parser = html5lib.HTMLParser()
        parser.parse(self.html)
        assert not parser.errors, f"HTML that a parser must mend: {parser.errors[:3]}"
        html = self.soup.html
        assert html is not None
        assert html.get("lang"), "lang"
        assert html.get("dir") in ("ltr", "rtl"), "dir"
        headings = self.soup.find_all("h1")
        assert len(headings) == 1, f"one h1, found {len(headings)} on {self.title!r}"
        assert self.title, "a page has a title"
        ids = [str(tag["id"]) for tag in self.soup.find_all(id=True)]
        assert len(ids) == len(set(ids)), f"double ids: {sorted({i for i in ids if ids.count(i) > 1})}"
        for control in self._controls():
            assert self._has_label(control, set(ids)), f"a control without label: {control}"
        for form in self.soup.find_all("form"):
            assert form.get("action"), "every form says where it goes"
            if str(form.get("method", "get")).lower() == "post":
                assert form.find("input", attrs={"name": "csrf_token"}), f"no CSRF token in {form.get('action')}"
        for tag in self.soup.find_all(True):
            assert "style" not in tag.attrs, f"inline style: {tag}"
            assert not any(name.startswith("on") for name in tag.attrs), f"inline handler: {tag}"
        for script in self.soup.find_all("script"):
            assert script.get("src"), "a script comes from a file"
            assert not script.string, "no inline script"
        assert not self.soup.find_all("style"), "no inline style sheet"

    def _controls(self) -> Iterator[Any]:
        for control in self.soup.find_all(["input", "select", "textarea"]):
            if control.get("type") not in ("hidden", "submit", "button"):
                yield control

    def _has_label(self, control: Tag, ids: set[str]) -> bool:
        if control.get("aria-label") or control.find_parent("label"):
            return True
        if all(part in ids for part in str(control.get("aria-labelledby", "")).split()) and control.get(
            "aria-labelledby"
        ):
            return True
        return bool(control.get("id")) and self.soup.find("label", attrs={"for": control["id"]}) is not None
