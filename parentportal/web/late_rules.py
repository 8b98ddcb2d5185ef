"""Routes whose way of writing addresses is worked out when an address is first asked for.

Werkzeug compiles two functions for every route beforehand, which is most of the time that a start takes; most routes
are not linked to before somebody opens a page that does.
"""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LateRule(Rule):
    """A rule like any other, that starts sooner."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:
        def build(rule: Rule, *values: Any, **more: Any) -> Any:
            compiled = super(LateRule, self)._compile_builder(append_unknown)
            setattr(rule, "_build_unknown" if append_unknown else "_build", compiled.__get__(rule, None))
            return compiled(rule, *values, **more)

        return build
