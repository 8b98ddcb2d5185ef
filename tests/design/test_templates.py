"""Templates keep the house rules: nothing inline, nothing marked safe, every icon drawn, every error tied."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
from markupsafe import Markup

ROOT = Path(__file__).resolve().parents[2]
PAGES = (path for path in (ROOT / "templates").rglob("*.html") if "mail" not in path.parts)
TEMPLATES = sorted(PAGES)
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))
ICONS = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static" / "img" / "icons.svg").read_text()))


def name(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


@pytest.fixture(scope="module")
def jinja() -> jinja2.Environment:
    """Jinja as the portal sets it up, without Flask: strict, escaping, with Dutch as it is written."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # from the extension
    environment.globals.update(icons_url="/icons.svg", csrf_token=lambda: "token", asset=lambda path: f"/{path}")
    return environment


def macro(jinja: jinja2.Environment, component: str) -> Callable[..., Markup]:
    """The macro a component is named after."""
    found: Callable[..., Markup] = getattr(jinja.get_template(f"components/{component}.html").module, component)
    return found


def field(**given: object) -> SimpleNamespace:
    """The part of a WTForms field that a component looks at."""
    label = SimpleNamespace(text="Voornaam")
    return SimpleNamespace(**({"id": "name", "name": "name", "data": "", "errors": [], "label": label} | given))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_nothing_is_inline_or_marked_safe(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"\|\s*safe\b|\sstyle=|<style|<script(?![^>]* src=)|\son[a-z]+=|javascript:|data:image", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_the_browser_does_not_judge_what_is_typed(path: Path) -> None:
    tags = re.findall(r"<(?:input|textarea|select)\b[^>]*>", path.read_text(encoding="utf-8"))
    assert not [tag for tag in tags if re.search(r"\b(required|maxlength|minlength|pattern)\b", tag)]


@pytest.mark.parametrize("path", COMPONENTS, ids=name)
def test_a_component_bears_the_name_of_its_file(path: Path) -> None:
    assert f"macro {path.stem}(" in path.read_text(encoding="utf-8")


def test_every_icon_that_is_named_is_drawn() -> None:
    named = {icon for path in TEMPLATES for icon in re.findall(r'icon\("([\w-]+)"', path.read_text(encoding="utf-8"))}
    assert named
    assert named <= ICONS


def test_a_refused_field_says_so_to_a_screen_reader(jinja: jinja2.Environment) -> None:
    html = macro(jinja, "text_field")(
        field(data="<b>Sem", errors=["Vul de voornaam in."]), hint="Zoals in het paspoort."
    )
    assert 'aria-describedby="name-hint name-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="name-error"' in html
    assert "<b>Sem" not in html


def test_a_field_without_error_is_not_marked(jinja: jinja2.Environment) -> None:
    html = macro(jinja, "text_field")(field())
    assert "aria-invalid" not in html
    assert "describedby" not in html


def test_yes_and_no_differ_in_nothing_but_their_word(jinja: jinja2.Environment) -> None:
    html = macro(jinja, "radio_pair")("website", "Mag dit?")
    yes, no = re.findall(r"<label.*?</label>", html)
    assert yes.replace("yes", "no").replace("Ja, dat mag", "Nee, dat mag niet") == no
    assert "checked" not in html


def test_a_masked_value_offers_to_show_it_by_a_form(jinja: jinja2.Environment) -> None:
    html = macro(jinja, "item_row")("Burgerservicenummer", "••• 782", masked=True, reveal_url="/toon")
    assert re.search(r'<form method="post" action="/toon">.*csrf_token', html)


def test_a_message_cannot_bring_its_own_markup(jinja: jinja2.Environment) -> None:
    html = macro(jinja, "message")("Noor", "vandaag", "<script>alert(1)</script>")
    assert isinstance(html, Markup)
    assert "<script>" not in html


def test_sentences_are_short() -> None:
    """At most twenty words (word rules of the screens); longer ones are two sentences."""
    long = [
        sentence
        for path in TEMPLATES
        for message in re.findall(r'_\("([^"]+)"', path.read_text(encoding="utf-8"))
        for sentence in re.split(r"(?<=[.?!:])\s+", message)
        if len(sentence.split()) > 20
    ]
    assert not long


def test_every_notice_has_a_look_even_an_unknown_one(jinja: jinja2.Environment) -> None:
    notice = macro(jinja, "notice")
    assert 'class="notice ok"' in notice("ok", "Opgeslagen.")
    assert 'class="notice info"' in notice("anders", "Iets.")


def test_the_end_of_a_journey_may_say_more_or_nothing_more(jinja: jinja2.Environment) -> None:
    short = macro(jinja, "confirmation_panel")("Verstuurd", number="V-1")
    assert "<h1>Verstuurd</h1>" in short
    page = jinja.from_string(
        '{% from "components/confirmation_panel.html" import confirmation_panel %}'
        '{% call confirmation_panel("Verstuurd") %}<p>Tot snel.</p>{% endcall %}'
    )
    assert "<p>Tot snel.</p>" in page.render()
