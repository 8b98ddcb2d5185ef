"""Every mail says what it must in text and HTML, and nothing about a child."""

import html.parser
import re
from pathlib import Path

import pytest
from babel.messages import mofile
from babel.messages.catalog import Catalog
from markupsafe import escape

from parentportal.outside import mail_text, translations
from parentportal.outside.mail_text import VALUES, Mail, MailText, SecurityEvent, render
from parentportal.outside.translations import LIVE
from parentportal.places import MAIL_TEMPLATES
from parentportal.rules.roles import STAFF

GOLDEN = Path(__file__).parent / "mails"
BASE = "https://portaal.waterlijn.example"
SCHOOL = "De Regenboog"
EXAMPLES: dict[str, tuple[Mail, dict[str, str | int]]] = {
    "news": (Mail.NEWS, {}),
    "staff_new_work": (Mail.STAFF_NEW_WORK, {}),
    "role_given": (
        Mail.ROLE_GIVEN,
        {"who": "Tom van der Berg", "role": "teacher", "by": "Petra Schouten", "to": "director"},
    ),
    "role_given.officer": (Mail.ROLE_GIVEN, {"who": "Tom van der Berg", "role": "director", "by": "", "to": "officer"}),
    "confirm_email": (Mail.CONFIRM_EMAIL, {"code": "048213", "minutes": 30}),
    "password_reset": (Mail.PASSWORD_RESET, {"token": "een-lang-geheim", "minutes": 30}),
    "no_password": (Mail.NO_PASSWORD, {}),
    "address_changed": (Mail.ADDRESS_CHANGED, {"token": "een-lang-geheim", "hours": 48}),
} | {f"security_notice.{event.value}": (Mail.SECURITY_NOTICE, {"what": event.value}) for event in SecurityEvent}
PATHS = {"password_reset": "/wachtwoord/een-lang-geheim", "address_changed": "/adres-terug/een-lang-geheim"}
"""Mails with a link that opens something; all others lead to the front door."""
CHILDREN = re.compile(r"\b(Sem|Lot|Asha|Bakker|Sharma)\b")


def example(name: str, /, **changed: str) -> MailText:
    mail, values = EXAMPLES[name]
    return render(mail, **{"school": SCHOOL, "base_url": BASE, **values, **changed})  # type: ignore[arg-type] - by name


class Reader(html.parser.HTMLParser):
    """Collects what an HTML mail shows and asks for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.links: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.setdefault(tag, dict(attrs))
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action", "background"}]

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def test_there_is_an_example_of_every_mail() -> None:
    assert {mail for mail, _ in EXAMPLES.values()} == set(Mail) == set(VALUES)
    folders = {path.name for path in MAIL_TEMPLATES.iterdir() if path.is_dir()}
    assert folders == {mail.value for mail in Mail}


@pytest.mark.parametrize("language", LIVE)
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_mail_reads_as_it_was_approved(name: str, language: str) -> None:
    mail = example(name, language=language)
    assert f"{mail.subject}\n\n{mail.text}" == (GOLDEN / f"{name}.{language}.txt").read_text(encoding="utf-8")
    assert mail.html == (GOLDEN / f"{name}.{language}.html").read_text(encoding="utf-8")


def test_no_approved_mail_is_left_over() -> None:
    approved = {f"{name}.{language}.{kind}" for name in EXAMPLES for language in LIVE for kind in ("txt", "html")}
    assert {path.name for path in GOLDEN.iterdir()} == approved


@pytest.mark.parametrize("name", EXAMPLES)
def test_text_and_html_say_the_same_words(name: str) -> None:
    mail = example(name)
    shown = Reader(mail.html).words[len(mail.subject.split()) :]
    words = [word for word in mail.text.split() if word != "--"]
    assert sorted(shown) == sorted(words)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_link_begins_with_the_base_address_and_nothing_is_fetched(name: str) -> None:
    mail = example(name)
    reader = Reader(mail.html)
    expected = {f"{BASE}{PATHS[name]}"} if name in PATHS else {BASE}
    assert set(reader.links) <= expected
    assert set(re.findall(r"https?://\S+", mail.text)) <= expected
    assert name not in PATHS or set(reader.links) == expected
    assert not {"img", "script", "link", "iframe", "form", "style", "object"} & set(reader.tags)
    assert "url(" not in mail.html


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_mail_is_a_page_with_language_direction_and_title(name: str) -> None:
    reader = Reader(example(name).html)
    assert reader.attributes["html"] == {"lang": "nl", "dir": "ltr"}
    assert reader.tags.count("title") == 1


@pytest.mark.parametrize("name", EXAMPLES)
def test_sentences_are_short_and_quotes_are_typographic(name: str) -> None:
    mail = example(name)
    assert not {"'", '"'} & set(mail.subject + mail.text)
    for sentence in re.split(r"[.?!:](?:\s|$)", mail.text):
        assert len(sentence.split()) <= 20, sentence


@pytest.mark.parametrize("value", ["child", "subject", "name", "request", "answer"])
def test_a_mail_does_not_even_take_a_childs_name_or_the_subject_of_a_request(value: str) -> None:
    for name in EXAMPLES:
        with pytest.raises(ValueError, match="takes exactly"):
            example(name, **{value: "Sem Bakker"})
        mail = example(name)
        assert not CHILDREN.search(mail.subject + mail.text + mail.html)


@pytest.mark.parametrize("role", sorted(STAFF))
def test_every_role_at_work_has_words(role: str) -> None:
    assert re.search(r"kreeg de rol “\w[^”]+” bij De Regenboog\.", example("role_given", role=role).text)


def test_a_missing_value_or_an_unknown_event_is_refused() -> None:
    with pytest.raises(ValueError, match="takes exactly: code, minutes"):
        render(Mail.CONFIRM_EMAIL, school=SCHOOL, base_url=BASE, code="048213")
    with pytest.raises(ValueError, match="Sem Bakker"):
        render(Mail.SECURITY_NOTICE, school=SCHOOL, base_url=BASE, what="Sem Bakker")


@pytest.mark.parametrize("base_url", ["", "portaal.example", "javascript:alert(1)", "data:text/html,x", "https://"])
def test_only_a_web_address_becomes_a_link(base_url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        render(Mail.NEWS, school=SCHOOL, base_url=base_url)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_schools_name_cannot_add_lines_to_text_nor_tags_to_html(name: str) -> None:
    hostile = "Kompas\r\nBcc: daan@example.nl\n\n<script>alert(1)</script>\x07 %(code)s {{ 7*7 }}"
    tame, mail = example(name), example(name, school=hostile)
    assert "\n" not in mail.subject
    assert mail.text.count("\n") == tame.text.count("\n")
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", mail.text)
    assert Reader(mail.html).tags == Reader(tame.html).tags
    assert str(escape("<script>")) in mail.html
    assert "{{ 7*7 }}" in mail.text


def test_a_token_can_add_neither_lines_nor_tags() -> None:
    mail = example("password_reset", token='x"><script>alert(1)</script>\r\nBcc: daan@example.nl')
    assert Reader(mail.html).tags == Reader(example("password_reset").html).tags
    assert mail.text.count("\n") == example("password_reset").text.count("\n")


def test_one_minute_is_one_minute() -> None:
    mail = render(Mail.CONFIRM_EMAIL, school=SCHOOL, base_url=BASE, code="048213", minutes=1)
    assert "De code werkt 1 minuut." in mail.text
    assert "De code werkt 1 minuut." in mail.html


def test_the_code_stands_in_the_text_and_not_in_the_subject() -> None:
    mail = example("confirm_email")
    assert "048213" not in mail.subject
    assert "\n    048213\n" in mail.text


def test_another_language_is_written_in_its_own_words_and_direction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Catalog(locale="ar")
    catalog.add("Nieuws in het privacyportaal van %(school)s", "أخبار من %(school)s")
    folder = tmp_path / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        mofile.write_mo(file, catalog)
    monkeypatch.setattr(translations, "TRANSLATIONS", tmp_path)
    mail = render(Mail.NEWS, school=SCHOOL, base_url=BASE, language="ar")
    mail_text._environment.cache_clear()
    translations.translations_of.cache_clear()
    assert mail.subject == "أخبار من De Regenboog"
    assert Reader(mail.html).attributes["html"] == {"lang": "ar", "dir": "rtl"}
