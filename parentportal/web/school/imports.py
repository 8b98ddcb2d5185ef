"""Files of the school's systems: hand in, look at what would change, apply, and read back what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import BooleanField

from parentportal.access import allow
from parentportal.reads import imports as reads
from parentportal.rules.errors import Invalid
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services import imports as services
from parentportal.services.imports.reporting import HOLDS, NO_CHANGE, SENTENCES
from parentportal.sources.guesses import QUESTION_OF, Question
from parentportal.sources.writing import write_list
from parentportal.web import navigation
from parentportal.web.fields import Choice, OneOf, PortalForm, ShortText
from parentportal.web.guard import this_visitor
from parentportal.web.languages import say_all, translate
from parentportal.web.pages import page, say
from parentportal.web.portal import act_once, reading
from parentportal.web.school.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

navigation.ROOM_OF |= dict.fromkeys(
    ("school.import_delivery", "school.import_problems", "school.settle_import", "school.reopen_import"),
    "school.imports",
)

KINDS = (
    ("auto", N_("Kijk zelf wat het is")),
    ("edexml", N_("EDEXML (leerlingen en groepen)")),
    ("pupils", N_("Lijst van leerlingen (CSV of Excel)")),
    ("guardians", N_("Lijst van ouders (CSV of Excel)")),
)
PROBLEM_COLUMNS = (N_("Regel"), N_("Veld"), N_("Wat is er"))
MOVED = N_("Er is intussen iets veranderd. Kijk opnieuw en verwerk het bestand daarna.")
SETTLED = N_("Uw keuze is bewaard. Hieronder ziet u opnieuw wat er verandert.")
REOPENED = N_("Uw keuze is ongedaan gemaakt. Hieronder ziet u opnieuw wat er verandert.")
LEFT_OUT = N_("Er is niets veranderd. Deze gegevens blijven weg, ook als u het bestand verwerkt.")
OUT = "weg"
OPEN_QUESTIONS = {
    Question.YEAR: "year",
    Question.ADULT_YEAR: "adult_year",
    Question.SEX: "sex",
    Question.ADULT_SEX: "adult_sex",
}


class UploadForm(PortalForm):
    """One file, and what it is."""

    file = FileField(N_("Bestand"))
    kind = Choice(
        N_("Wat voor bestand is het?"), choices=KINDS, missing=N_("Kies wat voor bestand het is."), default="auto"
    )


class ApplyForm(PortalForm):
    """Whether somebody looked at what holds a file."""

    looked = BooleanField(N_("Ik heb gekeken, en het klopt"))


class GuessForm(PortalForm):
    """What a list leaves open; nothing is chosen beforehand."""

    year = OneOf(
        N_("Klopt dit? Met 17 bedoelt uw lijst het jaar 2017."),
        choices=(("two-digit-year", N_("Ja, 17 is 2017")), (OUT, N_("Nee, laat deze datums weg"))),
    )
    adult_year = OneOf(
        N_("Klopt dit? Met 85 bedoelt uw lijst het geboortejaar 1985."),
        choices=(("guardian-two-digit-year", N_("Ja, 85 is 1985")), (OUT, N_("Nee, laat deze datums weg"))),
    )
    sex = OneOf(
        N_("Wat betekent de M bij een kind?"),
        choices=(
            ("sex-m-male", N_("Jongen (man)")),
            ("sex-m-female", N_("Meisje")),
            (OUT, N_("Dat weet ik niet. Laat het geslacht weg")),
        ),
    )
    adult_sex = OneOf(
        N_("Wat betekent de M bij een ouder?"),
        choices=(
            ("guardian-sex-m-male", N_("Man")),
            ("guardian-sex-m-female", N_("Vrouw (moeder)")),
            (OUT, N_("Dat weet ik niet. Laat het geslacht weg")),
        ),
    )


class ReopenForm(PortalForm):
    """A guess that somebody takes back."""

    guess = ShortText("")


@blueprint.route("/bestanden", methods=["GET", "POST"])
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def imports() -> ResponseReturnValue:
    """The files of this school, and the form to bring another."""
    visitor = this_visitor()
    form = UploadForm()
    if form.handed_in():
        with form.refusals():
            return _receive(form)
    with reading() as session:
        shown = reads.list_deliveries(session, by=visitor)
    return page("school/imports/list.html", form=form, deliveries=shown, may_bring=visitor.role is Role.ADMINISTRATION)


@blueprint.route("/bestanden/<uuid:delivery_id>", methods=["GET", "POST"])
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def import_delivery(delivery_id: UUID) -> ResponseReturnValue:
    """What one file would change, or what it changed."""
    visitor = this_visitor()
    with reading() as session:
        shown = reads.get_delivery(session, delivery_id, by=visitor)
    form = ApplyForm()
    if form.handed_in():
        with form.refusals():
            return _apply(form, shown)
    return _delivery_page(shown, form, apply=form, guess=GuessForm(formdata=None))


@blueprint.route("/bestanden/<uuid:delivery_id>/keuzes", methods=["GET", "POST"])
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def settle_import(delivery_id: UUID) -> ResponseReturnValue:
    """Agree to how a list is read where it can be read in two ways, or take that back."""
    with reading() as session:
        shown = reads.get_delivery(session, delivery_id, by=this_visitor())
    form = GuessForm()
    if form.handed_in():
        with form.refusals():
            return _settle(form, shown)
    return _delivery_page(shown, form, apply=ApplyForm(formdata=None), guess=form)


@blueprint.route("/bestanden/<uuid:delivery_id>/ongedaan", methods=["GET", "POST"])
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def reopen_import(delivery_id: UUID) -> ResponseReturnValue:
    """Take back what was agreed to about a list."""
    with reading() as session:
        shown = reads.get_delivery(session, delivery_id, by=this_visitor())
    form = ReopenForm()
    if form.handed_in():
        answer = _keep(form, shown, shown.guesses - {form.guess.data})
        say("ok", REOPENED)
        return answer
    return _delivery_page(shown, form, apply=ApplyForm(formdata=None), guess=GuessForm(formdata=None))


@blueprint.get("/bestanden/<uuid:delivery_id>/meldingen.csv")
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def import_problems(delivery_id: UUID) -> ResponseReturnValue:
    """Every remark about a file, for a spreadsheet."""
    with reading() as session:
        problems = reads.list_problems(session, delivery_id, by=this_visitor())
    columns = say_all(PROBLEM_COLUMNS)
    rows = [
        dict(zip(columns, (str(one.line or ""), one.field, translate(one.message)), strict=True)) for one in problems
    ]
    return Response(
        write_list(columns, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="meldingen.csv"'},
    )


def _receive(form: UploadForm) -> ResponseReturnValue:
    visitor = this_visitor()
    upload = form.file.data
    if not upload or not upload.filename:
        raise Invalid({"file": N_("Kies een bestand.")})
    parsed = services.parse(upload.read(), upload.filename, form.kind.data)
    reports: list[services.Report] = []

    def work(session: Session) -> str:
        reports.append(services.receive(session, visitor.school_id, parsed, by=visitor, asks_again=True))
        return url_for(".import_delivery", delivery_id=reports[-1].delivery_id)

    answer = act_once(form, work)
    if reports and reports[-1].outcome == NO_CHANGE:
        say("info", SENTENCES[NO_CHANGE])
    return answer


def _apply(form: ApplyForm, shown: reads.DeliveryPage) -> ResponseReturnValue:
    visitor = this_visitor()
    if shown.reasons and not form.looked.data:
        raise Invalid({"looked": N_("Kijk eerst wat er verandert. Zet dan het vinkje.")})
    with reading() as session:
        parsed = services.reopen(session, shown.id, by=visitor)
    reports: list[services.Report] = []

    def work(session: Session) -> str:
        report = services.apply(session, shown.id, parsed, confirm=bool(form.looked.data), by=visitor)
        reports.append(report)
        return url_for(".import_delivery", delivery_id=shown.id)

    answer = act_once(form, work)
    if reports and reports[-1].moved:
        say("warn", MOVED)
    elif reports and reports[-1].outcome == NO_CHANGE:
        say("info", SENTENCES[NO_CHANGE])
    return answer


def _settle(form: GuessForm, shown: reads.DeliveryPage) -> ResponseReturnValue:
    answers = _answers(form, shown)
    agreed = set(answers.values()) - {OUT}
    others = {guess for guess in shown.guesses if QUESTION_OF[guess] not in answers}
    answer = _keep(form, shown, frozenset(agreed | others))
    say(*("ok", SETTLED) if agreed else ("info", LEFT_OUT))
    return answer


def _keep(form: PortalForm, shown: reads.DeliveryPage, guesses: frozenset[str]) -> ResponseReturnValue:
    """Read the file again with these guesses, and make its preview anew."""
    visitor = this_visitor()
    with reading() as session:
        parsed = services.reopen(session, shown.id, by=visitor, confirmed=guesses)

    def work(session: Session) -> str:
        services.settle_guesses(session, shown.id, parsed, by=visitor)
        return url_for(".import_delivery", delivery_id=shown.id)

    return act_once(form, work)


def _answers(form: GuessForm, shown: reads.DeliveryPage) -> dict[Question, str]:
    """What somebody answered to the questions of this file; raises `Invalid` when that is nothing."""
    answers = {one.question: form[OPEN_QUESTIONS[one.question]].data for one in shown.asked}
    if not any(answers.values()):
        first = next((OPEN_QUESTIONS[one.question] for one in shown.asked if one.accepted is None), "")
        raise Invalid({first: N_("Kies een antwoord. Wat u niet kiest, blijft weg uit het portaal.")})
    return {question: answer for question, answer in answers.items() if answer}


def _delivery_page(
    shown: reads.DeliveryPage, form: PortalForm, *, apply: ApplyForm, guess: GuessForm
) -> ResponseReturnValue:
    """The page of one file; `form` is the one of its forms that was handed in."""
    return page(
        "school/imports/delivery.html",
        form=form,
        apply=apply,
        guess=guess,
        undo=ReopenForm(formdata=None),
        fields={question.value: name for question, name in OPEN_QUESTIONS.items()},
        upload=UploadForm(formdata=None),
        shown=shown,
        holds=[text for reason, text in HOLDS.items() if reason.value in shown.reasons],
        may_bring=this_visitor().role is Role.ADMINISTRATION,
    )
