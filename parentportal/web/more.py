"""The page "Meer" of every role: what is always within reach, wherever somebody works."""

from typing import Any

from flask import current_app, url_for

from parentportal.access import Visitor
from parentportal.web.languages import translate as _

Entry = dict[str, Any]


def entry(endpoint: str, text: str, hint: str = "") -> Entry | None:
    """One line, or None in a portal that has no such page."""
    if endpoint not in current_app.view_functions:
        return None
    return {"text": text, "url": url_for(endpoint), "hint": hint}


def entries(*lines: Entry | None) -> list[Entry]:
    return [line for line in lines if line is not None]


def about_privacy() -> tuple[str, list[Entry]]:
    """What everybody may read."""
    return _("Over privacy"), entries(
        entry("public.rights", _("Uw rechten"), _("Wat u mag vragen, en wat de school dan doet.")),
        entry("public.rights_for_children", _("Uitleg voor kinderen")),
        entry("public.documents", _("Documenten van het bestuur"), _("Reglementen en afspraken.")),
        entry("public.glossary", _("Woordenlijst")),
        entry("public.privacy_notice", _("Privacy van dit portaal")),
        entry("public.accessibility", _("Toegankelijkheid"), _("Wat werkt, en wat nog niet is getest.")),
        entry("public.report_misuse", _("Misbruik melden")),
        entry("public.help", _("Hulp")),
    )


def account(visitor: Visitor) -> tuple[str, list[Entry]]:
    """What is about the account; signing out is a form of its own."""
    choose = entry("sign_in.choose_role", _("Andere rol kiezen")) if visitor.has_more_roles else None
    secure = entry("security.show", _("Inloggen en beveiliging"), _("Hoe u inlogt, en waar u bent ingelogd."))
    return _("Uw account"), entries(secure, choose)
