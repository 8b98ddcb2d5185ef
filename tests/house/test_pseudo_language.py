"""Walks every page, refusal and mail in a language that nobody speaks: text outside the catalogue stands out."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from parentportal.outside import mail_text
from parentportal.outside.mail_text import VALUES, SecurityEvent
from parentportal.outside.translations import SOURCE_LANGUAGE, translations_of
from parentportal.rules.roles import Role
from parentportal.web import languages
from tests.house.doors import DOORS, NOT_NOW
from tests.house.objects import Objects
from tests.house.test_pages import WALKERS, walk
from tests.house.walking import address, doors, knock, token_of
from tests.pseudo import CLOSE, CODE, OPEN, PseudoTranslations, outside
from tests.visit import Visit

DUTCH_ON_PURPOSE: dict[str, str] = {
    "school.group_sheet_csv": "a file for another system",
    "school.printed_notices": "letters, which go out in Dutch with a line in every language",
    "public.health": "an answer for machines",
}
"""Pages whose words are not translated, each with its reason."""

pytestmark = pytest.mark.same_on_both


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal offers one language more: a made-up one."""

    def translations(language: str) -> Any:
        return PseudoTranslations() if language == CODE else translations_of(language)

    for module in (languages, mail_text):
        monkeypatch.setattr(module, "translations_of", translations)
    monkeypatch.setattr(languages, "LIVE", (SOURCE_LANGUAGE, CODE))


def reads_it(visit: Visit) -> Visit:
    visit.client.set_cookie(languages.COOKIE, CODE, domain="portaal.example")
    return visit


def refused(app: Flask, objects: Objects, visit_as: Callable[..., Visit]) -> Iterator[tuple[str, str, str]]:
    """Every form handed in without a word in it: who, which, and what the page says."""
    for name in WALKERS:
        visit = reads_it(visit_as(name))
        token = token_of(visit)
        for door in doors(app):
            if door.method == "POST" and (name, door.endpoint) not in NOT_NOW and DOORS[door.endpoint] != "anyone":
                answer = knock(visit, door, address(app, door, objects.at(door)), token)
                if answer.status_code >= 400:
                    yield name, door.endpoint, answer.get_data(as_text=True)


def test_no_page_says_anything_that_translators_do_not_see(
    pseudo: None, app: Flask, objects: Objects, visit_as: Callable[..., Visit]
) -> None:
    found: dict[str, set[str]] = {}
    seen = 0
    for _name, endpoint, fetch in walk(app, objects, lambda name: reads_it(visit_as(name))):
        answer = fetch()
        if answer.mimetype == "text/html" and answer.status_code == 200 and endpoint not in DUTCH_ON_PURPOSE:
            seen += 1
            html = answer.get_data(as_text=True)
            assert OPEN in html, f"{endpoint} is not in the language that was chosen"
            found.setdefault(endpoint, set()).update(outside(html))
    assert seen > 50
    assert {endpoint: words for endpoint, words in found.items() if words} == {}


def test_nothing_that_everybody_may_read_stands_outside_the_catalogue(
    pseudo: None, app: Flask, objects: Objects
) -> None:
    visit = reads_it(Visit(app))
    paths = {door.endpoint: address(app, door, objects.at(door)) for door in doors(app) if is_open(door)}
    paths["missing"] = "/bestaat-niet"
    found = {}
    for endpoint, path in paths.items():
        answer = visit.raw("GET", path)
        if answer.mimetype == "text/html" and answer.status_code != 303:
            found[endpoint] = outside(answer.get_data(as_text=True))
    assert len(found) > 12
    assert {endpoint: words for endpoint, words in found.items() if words} == {}


def is_open(door: Any) -> bool:
    return door.method == "GET" and DOORS[door.endpoint] == "anyone" and door.endpoint != "public.choose_language"


def test_no_refusal_stands_outside_the_catalogue(
    pseudo: None, app: Flask, objects: Objects, visit_as: Callable[..., Visit]
) -> None:
    said = list(refused(app, objects, visit_as))
    found = {(name, endpoint): words for name, endpoint, html in said if (words := outside(html))}
    assert len(said) > 20
    assert found == {}


@pytest.mark.parametrize("mail", list(VALUES))
def test_no_mail_stands_outside_the_catalogue(pseudo: None, mail: mail_text.Mail) -> None:
    what = SecurityEvent.PASSWORD_CHANGED.value
    given: dict[str, Any] = {"code": "123456", "token": "123456", "minutes": 30, "hours": 48, "what": what}
    given |= {"who": "", "role": Role.TEACHER, "by": "", "to": Role.DIRECTOR}
    values = {name: given[name] for name in VALUES[mail]}
    text = mail_text.render(mail, school="", base_url="https://portaal.example", language=CODE, **values)
    assert outside(text.html) == []
    assert outside(text.subject + "\n" + re.sub(r"https://portaal\.example\S*", "", text.text)) == []


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Opslaan</p>", ["Opslaan"]),
        (f"<p>{OPEN}Dag <b>Sem</b>{CLOSE}, welkom</p>", [", welkom"]),
        (f'<img alt="Foto"><p>{OPEN}Dag{CLOSE}</p>', ["Foto"]),
        (f"<p>{OPEN}Dag{CLOSE} <bdi>Sem</bdi></p>", []),
        ('<html lang="eo"><p lang="nl">Zo zei de school het.</p>', []),
        ("<p>20:14, dimanĉo</p>", []),
    ],
)
def test_text_outside_the_catalogue_is_caught(html: str, words: list[str]) -> None:
    assert outside(html) == words
