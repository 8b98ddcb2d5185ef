"""Walks every template: it compiles, has a title, imports what it uses, and somebody uses it."""

import re
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, TemplateSyntaxError, nodes

from parentportal.web.languages import environment_of

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
IMPORT = re.compile(r'{%-?\s*from\s+"([^"]+)"\s+import\s+([^%]+?)\s*(?:with(?:out)? context)?\s*-?%}')
LOOSE = re.compile(r"<\w+[^<>]*\s[\w-]+=\{\{")
NAMED = re.compile(r"""["']([\w/-]+(?:/[\w{}.-]+)+\.(?:html|txt))["']""")


#: A copy apart: the portal's own keeps what was compiled, and these tests compile before it knows its addresses.
own_environment = cache(environment_of.__wrapped__)
#: The portal's own fills in messages while it reads a template; this one leaves them as they are written.
UNFOLDED = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


def names() -> list[str]:
    return sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html") if "mail" not in path.parts)


def unused_imports(text: str) -> list[str]:
    """Macros that a template imports and does not call."""
    found = []
    for match in IMPORT.finditer(text):
        rest = text[: match.start()] + text[match.end() :]
        for name in (part.split(" as ")[-1].strip() for part in match.group(2).split(",")):
            if not re.search(rf"\b{re.escape(name)}\s*\(", rest):
                found.append(name)
    return found


def missing_title(text: str) -> bool:
    """Whether a page extends the frame and gives no title."""
    return "{% extends" in text and "layout/" in text and "{% block title %}" not in text


def used_names() -> str:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "parentportal").rglob("*.py"))
    return code + "".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.html"))


def unused(among: list[str], used: str) -> list[str]:
    """Templates that nothing names; pages for errors are named by their number."""
    errors = {f"errors/{path.name}" for path in (TEMPLATES / "errors").glob("*.html")}
    return [name for name in among if f'"{name}"' not in used and name not in errors]


def unknown(code: str) -> list[str]:
    """Templates that views name and that are not there."""
    named = {name for name in NAMED.findall(code) if name.endswith(".html") and "{" not in name}
    return sorted(name for name in named if not (TEMPLATES / name).is_file())


def has_loose_attribute(text: str) -> bool:
    return LOOSE.search(text) is not None


def glued(name: str, text: str) -> list[str]:
    """Messages that end in a blank or insert without a name: pieces of a sentence."""
    found = []
    for call in UNFOLDED.parse(text).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "_" and call.args:
            said = call.args[0].value if isinstance(call.args[0], nodes.Const) else ""
            if str(said) != str(said).strip() or "%s" in str(said):
                found.append(f"{name}: {said!r}")
    return found


def test_there_are_templates_to_walk() -> None:
    assert len(names()) > 60


@pytest.mark.parametrize("name", names())
def test_it_compiles(name: str) -> None:
    assert own_environment("nl").get_template(name) is not None


def test_every_page_has_a_title() -> None:
    without = [name for name in names() if missing_title((TEMPLATES / name).read_text("utf-8"))]
    assert [name for name in without if not name.startswith("layout/") and name != "errors/error.html"] == []


def test_no_template_imports_what_it_does_not_use() -> None:
    found = {name: unused for name in names() if (unused := unused_imports((TEMPLATES / name).read_text("utf-8")))}
    assert found == {}


def test_no_template_is_left_unused() -> None:
    assert unused(names(), used_names()) == []


def test_every_template_that_is_named_exists() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "parentportal" / "web").rglob("*.py"))
    assert len(NAMED.findall(code)) > 20
    assert unknown(code) == []


def test_no_template_has_an_attribute_without_quotes() -> None:
    assert [name for name in names() if has_loose_attribute((TEMPLATES / name).read_text("utf-8"))] == []


def test_an_unused_import_is_caught() -> None:
    assert unused_imports('{% from "components/icon.html" import icon, badge %}{{ icon("x") }}') == ["badge"]


def test_a_page_without_title_is_caught() -> None:
    assert missing_title('{% extends "layout/base.html" %}{% block content %}{% endblock %}')


def test_a_template_that_does_not_compile_is_caught() -> None:
    with pytest.raises(TemplateSyntaxError):
        own_environment("nl").from_string("{% if %}")


def test_messages_are_whole_sentences_with_named_places() -> None:
    assert [fault for name in names() for fault in glued(name, (TEMPLATES / name).read_text("utf-8"))] == []


def test_a_template_that_nobody_uses_or_has_is_caught() -> None:
    assert unused(["school/planted.html"], used_names()) == ["school/planted.html"]
    assert unknown('page("school/planted.html")') == ["school/planted.html"]


def test_a_loose_attribute_is_caught() -> None:
    assert has_loose_attribute("<a class=x href={{ url }}>")


@pytest.mark.parametrize("planted", ['{{ _("Dag ") }}{{ name }}', '{{ _("Dag %s") }}'])
def test_a_glued_sentence_is_caught(planted: str) -> None:
    assert len(glued("planted", planted)) == 1
