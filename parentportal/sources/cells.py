"""What one cell of a list says, after what spreadsheets do to dates, numbers and zeros."""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from parentportal.sources.columns import Column, normalised
from parentportal.sources.delivery import N_, NO_VALUES, Answer, ItemValue, Remarks, Values
from parentportal.sources.edexml_pupils import YEAR_GROUPS
from parentportal.sources.fields import label
from parentportal.sources.guesses import ANSWERS, Question, accepted
from parentportal.sources.text import clean, looks_garbled, passes_check

_ERROR = re.compile(
    r"#(WAARDE!|N/?[AB]|VERW!|NAAM\?|DEEL/0!|GETAL!|LEEG!|VALUE!|REF!|NAME\?|DIV/0!|NUM!|NULL!)|#{3,}", re.IGNORECASE
)
_SCIENTIFIC = re.compile(r"\d+([.,]\d+)?E\+?\d+", re.IGNORECASE)
_MONTHS = "jan|feb|mrt|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec"
_DAMAGED_TO_DATE = re.compile(
    rf"\d{{1,2}}[-/. ]({_MONTHS})\.?([-/. ]\d{{2,4}})?|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{4}}|\d{{4}}-\d\d-\d\d"
    rf"|({_MONTHS})[-/. ]\d{{2}}",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:\s+0?0:00(?::00)?)?")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?")
_STRIPPED = re.compile(r"'(?=[=+\-@＝＋－＠])")
_NEVER_A_DATE = ("group", "year_group", "address.house_number", "address.house_addition", "key", "source_key")
_DATE_FIELDS = ("birth_date", "enrolled_on", "left_on")
_YES = frozenset({"ja", "j", "yes", "y", "1", "true", "waar", "x"})
_NO = frozenset({"nee", "n", "no", "0", "false", "onwaar"})
_NOT_KNOWN = frozenset({"onbekend", "?", "-"})
_SEX_WORDS = {
    "MAN": "male",
    "JONGEN": "male",
    "MALE": "male",
    "J": "male",
    "VROUW": "female",
    "MEISJE": "female",
    "FEMALE": "female",
    "V": "female",
    "O": "unknown",
    "X": "unspecified",
    "ONBEKEND": "unknown",
    "0": "unknown",
    "9": "unspecified",
}


def cell_text(text: str) -> str | None:
    """The cell as text; one leading `'` that guards a formula sign is taken off, a name as `'t` keeps its own."""
    tidy = clean(text)
    return None if tidy is None else _STRIPPED.sub("", tidy, count=1) if tidy.startswith("'") else tidy


def sex_of_m(values: Iterable[str]) -> str | None:
    """Whether M is “man” or “meisje” in a column: V beside it or J beside it decides; None when neither does."""
    seen = {value.strip().upper() for value in values}
    if ("V" in seen) != ("J" in seen):
        return "male" if "V" in seen else "female"
    return None


def _whole_year(year: int, question: Question) -> int:
    """The year that two digits stand for; a child was not born and does not leave in '50 or later."""
    if question is Question.ADULT_YEAR:
        return year + (1900 if year >= 20 else 2000)
    return year + 2000 if year < 50 else 0


@dataclass
class Cells:
    """Reads cells; everything odd becomes a remark with its row and column."""

    remarks: Remarks
    confirmed: AbstractSet[str]
    sex_codes: dict[int, str | None]

    def item(self, column: Column, text: str, line: int) -> ItemValue | None:
        """The value to register, or None when the cell is empty or cannot be trusted."""
        found = self.text(column, text, line)
        if found is None:
            return None
        value, scheme = self._value(column, found, line)
        if value is None:
            return None
        if not passes_check(column.code, value, scheme):
            message = N_("Dit veld klopt niet: %(field)s. Kijk het na.")
            self._warn("check-digit", message, column, line, values={"field": label(column.code)})
        if looks_garbled(column.code, value):
            self._warn("garbled-name", N_("In een naam staan vreemde tekens. Kijk de naam na."), column, line)
        return ItemValue(column.code, value, scheme, f"kolom/{column.header}")

    def text(self, column: Column, text: str, line: int) -> str | None:
        """The cell, unless Excel damaged it beyond repair."""
        found = cell_text(text)
        if found is None:
            return None
        name = column.code.partition(".")[2]
        if _ERROR.fullmatch(found):
            self._warn("excel-damage", N_("In deze cel staat een fout van Excel. Herstel de cel."), column, line)
            return None
        if _SCIENTIFIC.fullmatch(found):
            message = N_("Excel heeft dit nummer afgerond. Maak de kolom op als tekst en vul het opnieuw in.")
            self._warn("excel-damage", message, column, line)
            return None
        if name in (*_NEVER_A_DATE, "guardian_key") and _DAMAGED_TO_DATE.fullmatch(found):
            message = N_("Excel heeft hier een datum van gemaakt. Maak de kolom op als tekst en vul hem opnieuw in.")
            self._warn("excel-damage", message, column, line)
            return None
        return found

    def answer(self, column: Column, text: str, line: int) -> Answer:
        """Yes, no or unknown; an empty cell is unknown."""
        found = self.text(column, text, line)
        word = (found or "").casefold()
        if word in _YES:
            return Answer.YES
        if word in _NO:
            return Answer.NO
        if found is not None and word not in _NOT_KNOWN:
            self._warn("odd-value", N_("Hier staat geen ja of nee. Het is als onbekend gelezen."), column, line)
        return Answer.UNKNOWN

    def _warn(
        self, code: str, text: str, column: Column, line: int, *, confirm: bool = False, values: Values = NO_VALUES
    ) -> None:
        self.remarks.warn(code, text, line, column.header, confirm=confirm, values=values)

    def _value(self, column: Column, text: str, line: int) -> tuple[str | None, str | None]:
        name = column.code.partition(".")[2]
        if name in _DATE_FIELDS:
            day = self._date(column, text, line)
            return (day.isoformat() if day else None), None
        match name:
            case "sex":
                return self._sex(column, text, line), "sex"
            case "deceased":
                return self.answer(column, text, line).value, "answer"
            case "bsn" | "education_number":
                return self._number(column, text, line), "bsn" if name == "bsn" else None
            case "phone" | "emergency_phone":
                return self._phone(column, text, line), None
            case "address.postcode":
                plain = text.replace(" ", "").upper()
                return (plain, "nl") if re.fullmatch(r"\d{4}[A-Z]{2}", plain) else (text, "other")
            case "iban":
                return text.replace(" ", "").upper(), None
            case "year_group":
                return self._year_group(column, text, line), "jaargroep"
        return text, None

    def _date(self, column: Column, text: str, line: int) -> date | None:
        """Day first, always: 03/04 is the third of April. A year of two digits waits for a person.

        Once a person agreed it is one of this century; an adult was born in the last one, unless before '20.
        """
        question = None
        if re.fullmatch(r"[2-6]\d{4}", text):
            self._warn("date-serial", N_("Excel gaf een getal als datum. Kijk na of de datum klopt."), column, line)
            return date(1899, 12, 30) + timedelta(days=int(text))
        if found := _YEAR_FIRST.fullmatch(text):
            year, month, day = (int(part) for part in found.groups())
        elif found := _DAY_FIRST.fullmatch(text):
            day, month, year = (int(part) for part in found.groups())
            if len(found.group(3)) == 2:
                question = Question.ADULT_YEAR if column.code == "guardian.birth_date" else Question.YEAR
                year = _whole_year(year, question)
        else:
            year = month = day = 0
        try:
            read = date(year, month, day)
        except ValueError:
            self._warn("odd-value", N_("Dit is geen datum. Schrijf dag-maand-jaar, zoals 31-12-2016."), column, line)
            return None
        if question is not None and self._answer_to(question, column, line) is None:
            message = N_("Het jaar heeft twee cijfers. De datum is niet gelezen. Gebruik vier cijfers.")
            self._warn("two-digit-year", message, column, line, confirm=True)
            return None
        return read

    def _answer_to(self, question: Question, column: Column, line: int) -> str | None:
        """The guess that a person agreed to; the row is noted either way."""
        self.remarks.ask(question, line, column.code)
        return accepted(question, self.confirmed)

    def _sex(self, column: Column, text: str, line: int) -> str | None:
        """None for an M that nobody explained yet, so that it takes the place of nothing."""
        word = text.upper()
        if word == "M" and (known := self.sex_codes.get(column.index)):
            return known
        if word in ("M", "1", "2"):
            question = Question.ADULT_SEX if column.code == "guardian.sex" else Question.SEX
            guess = self._answer_to(question, column, line) if word == "M" else None
            if guess is not None:
                return ANSWERS[question][guess]
            message = N_("Onduidelijk is wat hier staat. Schrijf jongen, meisje, man of vrouw.")
            self._warn("sex-ask", message, column, line, confirm=word == "M")
            return None if word == "M" else "unknown"
        if word not in _SEX_WORDS:
            self._warn("unknown-code", N_("Dit geslacht is onbekend. Kijk het na."), column, line)
        return _SEX_WORDS.get(word, "unknown")

    def _number(self, column: Column, text: str, line: int) -> str:
        """Nine digits; zeros that a spreadsheet took off come back only when the check digit then fits."""
        digits = re.sub(r"[ .\-]", "", text)
        if re.fullmatch(r"\d{7,8}", digits) and passes_check(column.code, digits.zfill(9), "bsn"):
            self._warn("zeros-restored", N_("De nul vooraan ontbrak. Die is aangevuld."), column, line)
            return digits.zfill(9)
        return digits

    def _phone(self, column: Column, text: str, line: int) -> str:
        if re.fullmatch(r"6\d{8}", text):
            self._warn("zeros-restored", N_("De nul vooraan ontbrak. Die is aangevuld."), column, line)
            return f"0{text}"
        return text

    def _year_group(self, column: Column, text: str, line: int) -> str:
        word = normalised(text).removeprefix("groep").removeprefix("jaargroep").upper()
        if word not in YEAR_GROUPS:
            self._warn("unknown-code", N_("Deze jaargroep is onbekend. Kijk hem na."), column, line)
            return text
        return word
