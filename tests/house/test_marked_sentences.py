"""Walks the code: whatever a person reads is marked for translators, at the place where it is written."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "parentportal"
ROOMS = ("services", "web", "rules", "reads")
SAID_BY = {"NotNow", "Invalid", "say", "act_once", "StopValidation", "ValidationError", "Filled", "offer"}
FIELDS = {
    *("ShortText", "LongText", "OneOf", "Choice", "DayMonthYear"),
    *("BooleanField", "PasswordField", "FileField", "StringField", "TextAreaField"),
}
MARKS = {"N_", "_", "translate", "translate_many"}
WORKSHOP = {"web/gallery.py"}
"""Pages that only the makers see."""


def unmarked(source: str) -> list[str]:
    """Sentences that are raised, flashed or put on a form without a mark."""
    found = []
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and _name(call) in SAID_BY | FIELDS:
            arguments = [
                *call.args,
                *(one.value for one in call.keywords if one.arg in {"choices", "missing", "label", "done"}),
            ]
            found += [f"{one.lineno}: {one.value}" for part in arguments for one in _texts(part) if _is_said(one.value)]
    return found


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _texts(node: ast.AST) -> Iterator[ast.Constant]:
    """Every text in an expression but those within a mark; of a table of texts only the values."""
    if isinstance(node, ast.Call) and _name(node) in MARKS:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    for part in node.values if isinstance(node, ast.Dict) else ast.iter_child_nodes(node):
        yield from _texts(part)


def _is_said(text: str) -> bool:
    """Words of people have a capital or a blank; codes and names of fields have neither."""
    return text[:1].isupper() or " " in text.strip()


def files() -> list[Path]:
    return [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]


def test_whatever_is_said_to_people_is_marked_for_translators() -> None:
    assert len(files()) > 100
    found = {
        str(path.relative_to(PACKAGE)): faults
        for path in files()
        if str(path.relative_to(PACKAGE)) not in WORKSHOP and (faults := unmarked(path.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        'raise NotNow("Dit kan niet meer.")',
        'raise Invalid({"name": "Vul uw naam in."})',
        'say("ok", "Opgeslagen." if one else _("Weg."))',
        'name = ShortText("Voornaam", missing=N_("Vul uw naam in."))',
        'kind = OneOf(N_("Soort"), choices=[("a", "Een soort")])',
        'raise NotNow(f"Groep {name} is er niet.")',
    ],
)
def test_a_sentence_without_a_mark_is_caught(planted: str) -> None:
    assert unmarked(planted) != []


def test_marks_and_codes_are_left_alone() -> None:
    assert unmarked('raise Invalid({"name": N_("Vul uw naam in.")})\nsay("ok", _("Klaar."))') == []
