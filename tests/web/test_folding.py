"""What templates fill in when they are compiled is what they would have filled in for each page."""

from collections.abc import Mapping

import pytest
from jinja2 import DictLoader, StrictUndefined

from parentportal.web.folding import FoldingEnvironment

ENGLISH = {"Ja & nee": "Yes & no", "100 %% zeker": "100 %% sure", "Dag %(name)s": "Hello %(name)s"}
ICON = '{%- macro icon(name, mirror=false) -%}<i>{{ name }}{{ "!" if mirror }}</i>{%- endmacro -%}'


class Counted:
    """A dictionary of sentences that counts how often it is asked."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        self.sentences, self.asked = sentences, 0

    def __call__(self, message: str) -> str:
        self.asked += 1
        return self.sentences.get(message, message)


def environment(page: str, translate: Counted) -> FoldingEnvironment:
    made = FoldingEnvironment(
        translate,
        loader=DictLoader({"page.html": page, "components/icon.html": ICON}),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(translate, lambda one, many, n: one if n == 1 else many, newstyle=True)  # type: ignore[attr-defined]  # from the extension
    return made


def drawn(page: str, **context: object) -> tuple[str, int]:
    """The page, and how often a sentence was looked up while it was drawn for the second time."""
    english = Counted(ENGLISH)
    template = environment(page, english).get_template("page.html")
    template.render(**context)
    english.asked = 0
    return template.render(**context), english.asked


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ('{{ _("Ja & nee") }}', "Yes & no"),
        ('{{ gettext("100 %% zeker") }}', "100 % sure"),
        ("{% trans %}Ja & nee{% endtrans %}", "Yes & no"),
        ('{{ _("Dag %(name)s", name="<b>") }}', "Hello &lt;b&gt;"),
        ('{% from "components/icon.html" import icon as picture %}{{ picture("eye", mirror=true) }}', "<i>eye!</i>"),
        ('{% set words = {"x": _("Ja & nee")} %}{{ words[key] }}', "Yes & no"),
    ],
)
def test_what_is_always_the_same_is_looked_up_once(page: str, shown: str) -> None:
    assert drawn(page, key="x") == (shown, 0)


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ('{{ _("Dag %(name)s", name=who) }}', "Hello &lt;Noor&gt;"),
        ("{{ _(sentence) }}", "Yes & no"),
        ("{% trans name=who %}Dag {{ name }}{% endtrans %}", "Hello &lt;Noor&gt;"),
    ],
)
def test_what_differs_per_page_is_looked_up_for_each(page: str, shown: str) -> None:
    assert drawn(page, who="<Noor>", sentence="Ja & nee") == (shown, 1)


def test_what_a_function_cannot_answer_yet_waits_for_the_page() -> None:
    def not_yet(name: str) -> str:
        raise LookupError(name)

    made = environment('{{ url_for("start") }}', Counted({}))
    made.foldable["url_for"] = not_yet
    assert made.get_template("page.html").render(url_for=lambda name: f"/{name}") == "/start"


def test_a_function_is_called_only_with_what_is_known() -> None:
    called: list[str] = []

    def address(name: str) -> str:
        called.append(name)
        return f"/{name}"

    made = environment('{{ url_for("start") }}{{ url_for(place) }}', Counted({}))
    made.foldable["url_for"] = address
    assert (
        made.get_template("page.html").render(url_for=lambda name: f"/now/{name}", place="x&y") == "/start/now/x&amp;y"
    )
    assert called == ["start"]
