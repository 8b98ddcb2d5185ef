"""Registered values in words: how a row, a date or a number reads on the page."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from babel import Locale
from flask import url_for
from markupsafe import Markup

from parentportal.catalogue import fields
from parentportal.models.items import Origin
from parentportal.reads.item_rows import Account, ItemRow, Standing
from parentportal.rules.identity import show_phone, show_postcode
from parentportal.rules.sign_in import is_cautious
from parentportal.web.guard import this_visitor
from parentportal.web.languages import in_dutch, long_day, moment, one_of, short_day, this_language, yes_or_no
from parentportal.web.languages import translate as _
from parentportal.web.portal import this_portal

BADGES = {
    Origin.PARENT: "guardian",
    Origin.SCHOOL: "school",
    Origin.GOVERNMENT: "government",
    Origin.PREVIOUS_SCHOOL: "former_school",
    Origin.CARE: "care",
}


def line(row: ItemRow, reveal: Callable[[UUID], str], key: str, held_back: str = "") -> dict[str, Any]:
    """The arguments of the component `item_row`; `reveal` gives the address that shows a number, `key` its key.

    `held_back` says why no number is shown now, and stands in place of the button.
    """
    shown: dict[str, Any] = {"label": _(row.label), "value": None, "facts": facts(row)}
    if row.account.voluntary and row.standing in (Standing.VALUE, Standing.EXISTS):
        shown["voluntary"] = True
    if row.standing is not Standing.VALUE:
        shown["elsewhere"] = words(row)
    else:
        shown["value"] = text(row, row.value)
        shown["ltr"] = row.input in ("phone", "email") or row.scheme is not None
        shown["masked"] = row.masked
        if row.masked and row.item_id and not held_back:
            shown |= {"reveal_url": reveal(row.item_id), "reveal_key": key}
    if row.origin:
        shown["source"] = BADGES[row.origin]
        shown["source_text"] = short_day(row.registered_at, this_language()) if row.registered_at else None
    shown["notes"] = [*notes(row), held_back] if held_back and shown.get("masked") else notes(row)
    shown["actions"] = actions(row)
    shown["changed"] = running(row)
    return shown


def held_back() -> str:
    """Why this visitor sees no number in full today, and until when; empty on any other day (ux 6.7)."""
    until = this_visitor().cautious_until
    if until is None or not is_cautious(until, this_portal().clock.now()):
        return ""
    return _(
        "U kreeg net hulp bij het inloggen. Voor uw veiligheid blijft dit nummer dicht tot %(when)s.",
        when=moment(until, this_language()),
    )


def text(row: ItemRow, value: str) -> str:
    """A canonical value as people read it."""
    if row.masked:
        return value
    if row.input == "date":
        with suppress(ValueError):
            return long_day(date.fromisoformat(value), this_language())
    if row.input == "sex":
        return _sex(row.subject, value)
    if row.input == "phone":
        return show_phone(value)
    if row.input == "postcode":
        return show_postcode(value)
    if row.code == "guardian.deceased":
        return yes_or_no(value)
    if row.scheme == "iso-3166":
        return str(Locale.parse(this_language()).territories.get(value, value))
    return value


def _sex(subject: str, value: str) -> str:
    child = {"male": _("jongen"), "female": _("meisje")}
    adult = {"male": _("man"), "female": _("vrouw")}
    known = {"unknown": _("onbekend"), "unspecified": _("niet opgegeven")}
    return ((child if subject == "pupil" else adult) | known).get(value, value)


def words(row: ItemRow) -> str:
    """What is said instead of a value."""
    system = one_of(_(place) for place in row.places)
    if row.standing is Standing.HIDDEN:
        return _("Dit gegeven wordt hier niet getoond. Vraag het de school.")
    if row.standing is Standing.EMPTY:
        return _("De school heeft hier niets ingevuld.")
    if row.standing is Standing.IN_PORTAL:
        return in_portal(row.code)
    if row.standing is Standing.EXISTS:
        return _("Staat in %(system)s. Dit portaal laat het niet zien. U kunt het inzien op school.", system=system)
    known = fields().get(row.code)
    if not system:
        return _("Als de school dit heeft, ligt het op school. U kunt het daar inzien.")
    if known is not None and known.presence == "elsewhere":
        return _("Ligt in %(system)s. U kunt het inzien op school.", system=system)
    return _("Als de school dit heeft, ligt het in %(system)s. U kunt het inzien op school.", system=system)


def in_portal(code: str) -> str:
    """Where to find what the portal itself keeps."""
    return {
        "pupil.consents": _("Uw keuzes staan op de pagina Toestemming."),
        "guardian.login_history": _("Dit staat onder aan deze pagina. Uw IP-adres bewaart het portaal niet."),
    }.get(code, _("Dit staat boven aan deze pagina."))


def lists(rows: Iterable[ItemRow]) -> list[tuple[str, list[str]]]:
    """What has no row of its own: sentences, each with the names of the fields it is about."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if not row.is_told_apart:
            found.setdefault(words_of_many(row), []).append(_(row.label))
    return list(found.items())


def words_of_many(row: ItemRow) -> str:
    """The sentence above a list of fields without a value."""
    if row.standing is Standing.EMPTY:
        return _("Hier heeft de school niets ingevuld:")
    if not row.places:
        return _("Hiervan weet het portaal niets. Als de school het heeft, kunt u het daar inzien:")
    system = one_of(_(place) for place in row.places)
    return _("Hiervan weet het portaal niets. Als de school het heeft, ligt het in %(system)s:", system=system)


def facts(row: ItemRow) -> list[dict[str, Any]]:
    """Why, on which ground, who sees it, who gets it, how long it stays and where it lies (AVG 13 and 14)."""
    told = list(_story(row.account, this_language()))
    if row.places and row.standing is not Standing.IN_PORTAL:
        told.append((_("Staat in"), _listed(row.places)))
    if row.changed_at and row.registered_at and row.changed_at > row.registered_at:
        told.append((_("Veranderd op"), short_day(row.changed_at, this_language())))
    return [{"label": label, "value": value} for label, value in told]


@lru_cache(maxsize=2048)
def _story(account: Account, _language: str) -> tuple[tuple[str, Any], ...]:
    """What holds for every child under one policy, in the language of this request."""
    law = "; ".join(part for part in (account.article, account.law) if part)
    return (
        (_("Waarom"), _sentence(_(account.why))),
        (_("Waarom mag dat"), Markup('{}<span class="paper"{}>({})</span>').format(_(account.ground), in_dutch(), law)),
        (_("Wie kan het zien"), _listed(account.readers)),
        (_("Wie krijgt het"), _receivers(account)),
        (_("Hoe lang"), _(account.retention)),
    )


def _receivers(account: Account) -> str:
    """Nobody is said only by a board that has made up its mind (go-live gaps, requirements 11.4)."""
    if account.recipients:
        return _listed(account.recipients)
    return _("Niemand buiten de school.") if account.is_settled else _("Het bestuur noemt niemand buiten de school.")


def _listed(names: Iterable[str]) -> str:
    """Names in one line; an article within it has no capital, and a comma may be part of a name."""
    told = "; ".join(
        word[0].lower() + word[1:] if word.startswith(("De ", "Het ", "The ")) else word for word in map(_, names)
    )
    return told[:1].upper() + told[1:]


def _sentence(why: str) -> str:
    return why[:1].upper() + why[1:] + ("" if why.endswith(".") else ".")


def notes(row: ItemRow) -> list[str]:
    """Sentences about the state of a value; of a request only to who made it (requirements 6.3)."""
    told = []
    if row.decided is not None:
        told.append(_("De school heeft dit aangepast: %(value)s", value=text(row, row.decided)))
        system = _(row.places[0]) if row.places else _("het systeem van de school")
        told.append(_("Deze correctie is nog niet verwerkt in het bronsysteem (%(system)s).", system=system))
    if row.account.legacy and row.standing is Standing.VALUE:
        told.append(_("Niet meer nodig. U kunt dit laten weghalen. %(why)s", why=_(row.account.legacy)))
    if row.missing:
        told.append(_("Dit stond niet meer in het laatste bestand van de school."))
    if row.disputed and row.request_id is not None:
        told.append(_("Hier loopt een vraag over. De school zoekt uit wat klopt."))
    return told


def actions(row: ItemRow) -> list[tuple[str, str]]:
    """What a parent can ask about a value; nothing twice while a request runs."""
    if row.item_id is None or row.request_id is not None:
        return []
    offered = [("parent.start_correction", _("Klopt dit niet?"))]
    if row.account.removable:
        offered.append(("parent.start_erasure", _("Weghalen vragen")))
    return [(label, url_for(endpoint, item_id=row.item_id)) for endpoint, label in offered]


def running(row: ItemRow) -> Markup | None:
    """A mark that the viewer's own request about it runs."""
    if row.request_id is None:
        return None
    return Markup('<span class="badge info">{}</span>').format(_("Uw verzoek loopt"))
