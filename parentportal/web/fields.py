"""One base form and the fields that speak the portal's voice: what to do, never "ongeldig"."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import StopValidation, ValidationError

from parentportal.rules.errors import Invalid
from parentportal.rules.sentences import N_
from parentportal.web.languages import translate

MOST_TEXT = 2000
NOT_OFFERED = N_("Kies een van de antwoorden die er staan.")
NOT_TEXT = frozenset(chr(code) for code in range(32) if chr(code) not in "\t\n\r") | {"\x7f"}


def new_key() -> str:
    """A key for a form that is drawn without one of these classes, because it asks nothing."""
    return str(uuid4())


class PortalForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form with a CSRF token and a key of its own, so that handing it in twice is one act (control D06)."""

    idempotency_key = HiddenField()

    class Meta:
        csrf_time_limit = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.idempotency_key.data:
            self.idempotency_key.data = new_key()
        for field in self:
            field.label.text = translate(field.label.text)

    def key(self) -> UUID | None:
        """The key this form was shown with, or None when the browser sent something else."""
        try:
            return UUID(str(self.idempotency_key.data))
        except ValueError:
            return None

    def handed_in(self) -> bool:
        """Whether this is a POST whose fields all hold; the CSRF token was checked before."""
        return request.method == "POST" and bool(self.validate())

    def refuse(self, invalid: Invalid) -> None:
        """Put what a service refused at the fields where it belongs; what has no field goes above the form."""
        for name, message in invalid.problems.items():
            message = translate(message)
            field = self._fields.get(name)
            if field is None:
                self.form_errors.append(message)
            else:
                field.errors = [*field.errors, message]

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Around what a service is asked to do: what it refuses stands at the fields, and the input is kept."""
        try:
            yield
        except Invalid as invalid:
            self.refuse(invalid)

    def clear_csrf_errors(self) -> None:
        self.csrf_token.errors = []


def _stripped(value: str | None) -> str:
    return "".join(sign for sign in (value or "") if sign not in NOT_TEXT).strip()


class Filled:
    """Says what to do when nothing was filled in; never a `required` attribute (ux.md 4)."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __call__(self, form: FlaskForm, field: Field) -> None:
        if not field.data:
            field.errors = []
            raise StopValidation(translate(self.sentence))


class AtMost:
    """Limits length in the form, where the person can mend it, and not in the database."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, form: FlaskForm, field: Field) -> None:
        if len(field.data or "") > self.most:
            sentence = N_(
                "Gebruik niet meer dan %(most)s tekens. U heeft er %(now)s.", most=self.most, now=len(field.data)
            )
            raise ValidationError(translate(sentence))


class ShortText(StringField):
    """One line; blanks at the ends and control characters are dropped. `missing` is said when it is empty."""

    def __init__(self, label: str, *, missing: str = "", most: int = 200, **options: Any) -> None:
        checks = [*options.pop("validators", [])]
        if missing:
            checks.insert(0, Filled(missing))
        super().__init__(label, validators=[*checks, AtMost(most)], filters=[_stripped], **options)


class LongText(TextAreaField):
    """Several lines; the same rules as `ShortText`."""

    def __init__(self, label: str, *, missing: str = "", most: int = MOST_TEXT, **options: Any) -> None:
        checks = [*options.pop("validators", [])]
        if missing:
            checks.insert(0, Filled(missing))
        super().__init__(label, validators=[*checks, AtMost(most)], filters=[_stripped], **options)


class OneOf(RadioField):
    """A choice with nothing preselected; `missing` is said when nothing was chosen, without it one may skip."""

    def __init__(self, label: str, *, choices: Sequence[tuple[str, str]], missing: str = "", **options: Any) -> None:
        self.missing = missing
        super().__init__(label, choices=_options(choices), validate_choice=False, **options)

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Set the answers of this one form: value and words."""
        self.choices = _options(choices)

    def pre_validate(self, form: FlaskForm) -> None:
        if not self.data:
            self.data = None
            if self.missing:
                raise StopValidation(translate(self.missing))
            return
        if self.data not in _values(self.choices):
            self.data = None
            raise StopValidation(translate(NOT_OFFERED))


def _options(choices: Sequence[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, translate(label)) for value, label in choices]


def _values(choices: Any) -> set[str]:
    return {choice.value for choice in choices}


class Choice(SelectField):
    """A drop-down list; an unknown value is answered in words."""

    def __init__(self, label: str, *, choices: Sequence[tuple[str, str]], missing: str = "", **options: Any) -> None:
        self.missing = missing
        super().__init__(label, choices=_options(choices), validate_choice=False, **options)

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Set the answers of this one form: value and words."""
        self.choices = _options(choices)

    def pre_validate(self, form: FlaskForm) -> None:
        if not self.data and not self.missing:
            return
        if not self.data or self.data not in _values(self.choices):
            raise StopValidation(translate(self.missing or NOT_OFFERED))


class SomeOf(SelectMultipleField):
    """Any number of choices, none too; an unknown value is answered in words."""

    def __init__(self, label: str, *, choices: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        super().__init__(label, choices=_options(choices), validate_choice=False, **options)

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Set the answers of this one form: value and words."""
        self.choices = _options(choices)

    def pre_validate(self, form: FlaskForm) -> None:
        known = [value for value in self.data or [] if value in _values(self.choices)]
        if known != (self.data or []):
            self.data = known
            raise StopValidation(translate(NOT_OFFERED))


@dataclass(frozen=True, slots=True)
class Part:
    """One of the three boxes of a date, as `date_field` draws it."""

    id: str
    name: str
    data: str
    errors: tuple[str, ...] = ()


class DayMonthYear(Field):
    """A date in three number boxes (`name-day`, `name-month`, `name-year`); `data` is a `date` or None.

    What was typed stays in `parts`, so that a mistake can be mended where it is.
    """

    def __init__(self, label: str, *, missing: str = "", **options: Any) -> None:
        self.missing = missing
        self.parts = ("", "", "")
        super().__init__(label, **options)

    def process(
        self, formdata: Any, data: Any = None, extra_filters: Sequence[Callable[[Any], Any]] | None = None
    ) -> None:
        self.process_errors = []
        self.object_data = self.data = data if isinstance(data, date) else None
        if self.data:
            self.parts = (str(self.data.day), str(self.data.month), str(self.data.year))
        if formdata is not None and f"{self.name}-day" in formdata:
            day, month, year = (_stripped(formdata.get(f"{self.name}-{part}")) for part in ("day", "month", "year"))
            self.parts = (day, month, year)
            self.data = _date_of(day, month, year)

    @property
    def day(self) -> Part:
        return self._part(0, "day")

    @property
    def month(self) -> Part:
        return self._part(1, "month")

    @property
    def year(self) -> Part:
        return self._part(2, "year")

    def _part(self, place: int, name: str) -> Part:
        return Part(f"{self.id}-{name}", f"{self.name}-{name}", self.parts[place])

    def pre_validate(self, form: FlaskForm) -> None:
        if self.data is None and any(self.parts):
            raise StopValidation(translate(N_("Vul een datum in die bestaat, bijvoorbeeld 27 3 2017.")))
        if self.data is None and self.missing:
            raise StopValidation(translate(self.missing))


def _date_of(day: str, month: str, year: str) -> date | None:
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in (day, month, year)):
        return None
    try:
        return date(int(year), int(month), int(day)) if len(year) == 4 else None
    except ValueError:
        return None
