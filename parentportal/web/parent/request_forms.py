"""Forms of a request: the right kind of input for each field, and the few questions around it."""

from parentportal.catalogue.fields import Field
from parentportal.reads.request_items import SEXES, Asked
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services.privacy_requests.values import holds_value
from parentportal.web.fields import DayMonthYear, LongText, OneOf, PortalForm, ShortText
from parentportal.web.languages import translate as _


class TextValue(PortalForm):
    """One line."""

    value = ShortText(N_("Het moet zijn"), missing=N_("Vul het goede gegeven in."))


class LongValue(PortalForm):
    """Several lines, also for what the portal does not hold itself."""

    value = LongText(N_("Schrijf het hier op"), missing=N_("Vul uw uitleg in."))


class DateValue(PortalForm):
    """A date in three boxes."""

    value = DayMonthYear(N_("De goede datum"), missing=N_("Vul de datum in: dag, maand en jaar."))


class ChoiceValue(PortalForm):
    """One of the answers that the field knows."""

    value = OneOf(N_("Het moet zijn"), choices=(), missing=N_("Kies wat het moet zijn."))


class ExplainForm(PortalForm):
    """What the parent wants to say with it."""

    text = LongText(N_("Uw uitleg"))


class AddresseeForm(PortalForm):
    """To whom the request goes."""

    addressee = OneOf(
        N_("Aan wie stuurt u het?"),
        choices=((Role.TEACHER.value, N_("De leerkracht")), (Role.DIRECTOR.value, N_("De directeur"))),
        missing=N_("Kies aan wie u het stuurt."),
    )


class AnswerForm(PortalForm):
    """An answer to the school."""

    text = LongText(N_("Uw antwoord"), missing=N_("Vul uw antwoord in."))


class DisagreeForm(PortalForm):
    """Why the parent does not agree."""

    text = LongText(N_("Waarom bent u het niet eens?"), missing=N_("Vul waarom u het niet eens bent in."))


def value_form(field: Field) -> PortalForm:
    """The form that asks for the right value of this field."""
    if field.input == "long_text" or not holds_value(field):
        return LongValue()
    if field.input == "date":
        return DateValue()
    if field.input in ("sex", "choice"):
        form = ChoiceValue()
        pairs = SEXES.items() if field.input == "sex" else [(choice, choice) for choice in field.choices]
        form.value.choices = [(value, _(words)) for value, words in pairs]
        return form
    return TextValue()


def typed(form: PortalForm) -> str:
    """What was filled in, as text; a date in its ISO form."""
    data = form.value.data
    return data.isoformat() if hasattr(data, "isoformat") else str(data or "")


def input_of(asked: Asked) -> dict[str, str]:
    """How the text field behaves on a phone: keypad, autofill and direction."""
    return {
        "phone": {"kind": "tel", "inputmode": "tel", "width": "w20"},
        "email": {"kind": "email", "inputmode": "email", "width": ""},
        "postcode": {"kind": "text", "inputmode": "", "width": "w10"},
    }.get(asked.field.input, {"kind": "text", "inputmode": "", "width": ""})
