"""Templates in which whatever does not depend on the request is filled in when they are compiled."""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from jinja2 import Environment, UndefinedError, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

COMPONENTS = frozenset({("components/icon.html", "icon")})
"""Macros that draw the same for the same arguments, whoever looks."""


class FoldingEnvironment(Environment):
    """An environment of one language that calls some functions while it compiles, as far as their arguments are known.

    `translate` is one of them; `foldable` takes more: functions that always answer the same for the same arguments,
    and raise `LookupError` when they cannot answer yet. Looking up each sentence, picture and address of each page
    again costs as much as the rest of the page (performance.md 2.1).
    """

    def __init__(self, translate: Callable[[str], str], **options: Any) -> None:
        super().__init__(**options)

        def sentence(message: str, **values: Any) -> Markup:
            words = Markup(translate(message))  # noqa: S704 - as the extension for gettext has it: a message is ours
            return words % values  # also without values: two percent signs stand for one, as in every message

        self.foldable: dict[str, Callable[..., str]] = {"_": sentence, "gettext": sentence}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        folded: nodes.Template = _Folding(self.foldable | self._components(parsed)).visit(parsed)
        return folded

    def _components(self, parsed: nodes.Template) -> dict[str, Callable[..., str]]:
        """The components that a template imports, under the names that it gives them."""
        found: dict[str, Callable[..., str]] = {}
        for one in parsed.find_all(nodes.FromImport):
            source = one.template.value if isinstance(one.template, nodes.Const) else None
            for given in one.names:
                macro, alias = given if isinstance(given, tuple) else (given, given)
                if (source, macro) in COMPONENTS:
                    found[alias] = getattr(self.get_template(str(source)).module, macro)
        return found

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals as they are: a chain of maps for each template makes every import of components slow."""
        return super().make_globals(d) if d else self.globals


class _Folding(NodeTransformer):
    def __init__(self, foldable: Mapping[str, Callable[..., str]]) -> None:
        self.foldable = foldable

    def visit_Call(self, call: nodes.Call) -> nodes.Expr:  # noqa: N802 - the name that Jinja calls
        self.generic_visit(call)
        function = self.foldable.get(call.node.name) if isinstance(call.node, nodes.Name) else None
        if function is None or call.dyn_args is not None or call.dyn_kwargs is not None:
            return call
        known = [*call.args, *(one.value for one in call.kwargs)]
        if not all(isinstance(one, nodes.Const) for one in known):
            return call
        arguments = [one.as_const() for one in call.args]
        options = {one.key: one.value.as_const() for one in call.kwargs}
        try:
            return nodes.Const(function(*arguments, **options), lineno=call.lineno)
        except (LookupError, UndefinedError):
            return call
