"""Templates with their sentences in the language of the page before the first request asks for one."""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer

GETTEXT = frozenset({"_", "gettext"})


class FoldingEnvironment(Environment):
    """An environment in which a sentence without values is translated once, when its template is compiled.

    Only for environments of one language: `translate` turns a message into words of that language. Looking up each
    sentence of each page again costs as much as the rest of the page (performance.md 2.1).
    """

    def __init__(self, translate: Callable[[str], str], **options: Any) -> None:
        super().__init__(**options)
        self._folding = _Folding(translate)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed: nodes.Template = self._folding.visit(super()._parse(source, name, filename))
        return parsed


class _Folding(NodeTransformer):
    def __init__(self, translate: Callable[[str], str]) -> None:
        self.translate = translate

    def visit_Call(self, call: nodes.Call) -> nodes.Expr:  # noqa: N802 - the name that Jinja calls
        self.generic_visit(call)
        message = _message_of(call)
        if message is None:
            return call
        said = self.translate(message) % {}  # two percent signs stand for one, as in every message
        return nodes.TemplateData(said, lineno=call.lineno)


def _message_of(call: nodes.Call) -> str | None:
    """The message of a call that asks for nothing but its translation."""
    if not isinstance(call.node, nodes.Name) or call.node.name not in GETTEXT:
        return None
    if len(call.args) != 1 or call.kwargs or call.dyn_args is not None or call.dyn_kwargs is not None:
        return None
    message = call.args[0]
    return message.value if isinstance(message, nodes.Const) and isinstance(message.value, str) else None
