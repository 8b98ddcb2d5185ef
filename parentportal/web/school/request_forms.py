"""Forms of who handles a request: what is said, and the outcome of every line."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import BooleanField, HiddenField

from parentportal.catalogue import refusal_grounds, retention
from parentportal.reads.inbox import StaffCase
from parentportal.reads.privacy_requests import Line
from parentportal.rules.outcomes import GROUNDS, Ground, Outcome
from parentportal.rules.privacy_requests import ERASING
from parentportal.rules.retention import RetentionClass, erase_on
from parentportal.rules.sentences import N_
from parentportal.services.privacy_requests import LineDecision, Proposal
from parentportal.services.privacy_requests.deciding import EXTENSION_REASONS
from parentportal.services.privacy_requests.handling import CHOICES
from parentportal.web import request_words as words
from parentportal.web.fields import Choice, DayMonthYear, LongText, OneOf, PortalForm, ShortText
from parentportal.web.languages import translate as _

LEAVES_AT = 12
"""The age at which most pupils leave a primary school: only to suggest a day of erasure."""


class ActForm(PortalForm):
    """A step on a case, as it was when the page was made."""

    version = HiddenField()

    def seen(self) -> int:
        """The version the page showed; one that was tampered with matches nothing."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


class WriteForm(ActForm):
    """A step with a text."""

    text = LongText(N_("Tekst"))


class ExtendForm(WriteForm):
    """More time, with the reason that the guardian reads."""

    reason = OneOf(
        N_("Waarom is er meer tijd nodig?"),
        choices=list(EXTENSION_REASONS.items()),
        missing=N_("Kies waarom er meer tijd nodig is."),
    )


def write_form(shown: StaffCase, label: str) -> WriteForm:
    """A form with one text under this label."""
    form = WriteForm(version=shown.case.version)
    form.text.label.text = label
    return form


def outcome_form(shown: StaffCase, *, deciding: bool) -> ActForm:
    """Proposing or deciding: the same questions for every line, filled in with what was proposed."""
    made: dict[str, Any] = {}
    filled: dict[str, Any] = {"version": shown.case.version}
    for line in shown.case.lines:
        made |= _fields(shown, line, deciding)
        filled |= _filled(shown, line)
    made["note"] = LongText(_("Toelichting voor de directeur"))
    form: ActForm = type("OutcomeForm", (ActForm,), made)(**filled)
    return form


def decisions_in(form: ActForm, shown: StaffCase) -> dict[int, LineDecision]:
    """What was decided, by the position of the line."""
    return {line.position: _decision(form, line) for line in shown.case.lines}


def proposals_in(form: ActForm, shown: StaffCase) -> dict[int, Proposal]:
    """What was proposed, by the position of the line."""
    found = {}
    for line in shown.case.lines:
        outcome, ground = _chosen(form, line)
        found[line.position] = Proposal(outcome, ground, form[f"line{line.position}_reason"].data or "")
    return found


def suggested_erasure(line: Line, shown: StaffCase) -> date | None:
    """The day on which the retention class would end, counted from leaving, or from when most pupils leave."""
    code = line.field.retention
    if code not in {kind.value for kind in RetentionClass}:
        return None
    born = shown.birth_date
    leaves = shown.left_on or (date(born.year + LEAVES_AT, 7, 31) if born else None)
    return erase_on(RetentionClass(code), leaves)


def _fields(shown: StaffCase, line: Line, deciding: bool) -> Mapping[str, Any]:
    name, kind = f"line{line.position}", shown.case.kind
    outcomes = [(one.value, words.outcome_name(one, staff=True)) for one in CHOICES]
    grounds = [("", _("Kies een grond"))]
    grounds += [(one.value, _(text.label)) for one, text in refusal_grounds().items() if one in GROUNDS[kind]]
    made: dict[str, Any] = {
        f"{name}_outcome": OneOf(_("Uitkomst"), choices=outcomes),
        f"{name}_ground": Choice(_("Grond"), choices=grounds),
        f"{name}_reason": LongText(_("Uitleg aan de ouder")),
    }
    if not deciding:
        return made
    classes = [("", _("Kies een termijn")), *((code, _(one.label)) for code, one in retention().items())]
    made |= {
        f"{name}_law": ShortText(_("Welke wet?")),
        f"{name}_retention_class": Choice(_("Bewaartermijn"), choices=classes),
        f"{name}_erase_on": DayMonthYear(_("Wanneer gaat het weg?")),
        f"{name}_evidence": LongText(_("Hoe bleek dat het klopt?")),
        f"{name}_advised": BooleanField(_("De privacy-adviseur (FG) gaf advies")),
    }
    if kind not in ERASING:
        made[f"{name}_value"] = ShortText(_("Wat wordt het, bij deels toewijzen?"))
    return made


def _filled(shown: StaffCase, line: Line) -> Mapping[str, Any]:
    name, proposed = f"line{line.position}", shown.proposals[line.position]
    known = line.field.retention if line.field.retention in retention() else ""
    return {
        f"{name}_outcome": proposed.outcome.value if proposed.outcome else None,
        f"{name}_ground": proposed.ground.value if proposed.ground else "",
        f"{name}_reason": proposed.reason,
        f"{name}_law": line.field.law,
        f"{name}_retention_class": known,
        f"{name}_erase_on": suggested_erasure(line, shown),
    }


def _chosen(form: ActForm, line: Line) -> tuple[Outcome | None, Ground | None]:
    outcome, ground = form[f"line{line.position}_outcome"].data, form[f"line{line.position}_ground"].data
    return Outcome(outcome) if outcome else None, Ground(ground) if ground else None


def _decision(form: ActForm, line: Line) -> LineDecision:
    name = f"line{line.position}"
    outcome, ground = _chosen(form, line)
    value = form[f"{name}_value"].data if f"{name}_value" in form else ""
    return LineDecision(
        outcome=outcome,
        ground=ground,
        reason=form[f"{name}_reason"].data or "",
        law=form[f"{name}_law"].data or "",
        retention_class=form[f"{name}_retention_class"].data or "",
        erase_on=form[f"{name}_erase_on"].data,
        evidence=form[f"{name}_evidence"].data or "",
        officer_advised=bool(form[f"{name}_advised"].data),
        value=value or "",
    )
