"""What a list leaves to a person: the question, its answers, and the rows that ask it (formats 6)."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum


class Question(StrEnum):
    """One way in which a list can be unclear; about children and about adults it is not the same question."""

    YEAR = "two-digit-year"
    ADULT_YEAR = "guardian-two-digit-year"
    SEX = "sex-m"
    ADULT_SEX = "guardian-sex-m"


#: The answers to each question: the codes of the guesses that a person can agree to, and the sex they stand for.
ANSWERS: Mapping[Question, Mapping[str, str]] = {
    Question.YEAR: {"two-digit-year": ""},
    Question.ADULT_YEAR: {"guardian-two-digit-year": ""},
    Question.SEX: {"sex-m-male": "male", "sex-m-female": "female"},
    Question.ADULT_SEX: {"guardian-sex-m-male": "male", "guardian-sex-m-female": "female"},
}
QUESTION_OF: Mapping[str, Question] = {code: question for question, codes in ANSWERS.items() for code in codes}
GUESSES = tuple(QUESTION_OF)
MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a file asks: in how many rows, the first of them, and the guess that was agreed to.

    `fields` are the codes of the columns; their cells in those rows are left out until somebody agrees.
    """

    question: Question
    count: int
    lines: tuple[int, ...]
    accepted: str | None
    fields: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The guesses that would answer it."""
        return tuple(ANSWERS[self.question])


def accepted(question: Question, confirmed: AbstractSet[str]) -> str | None:
    """The guess that answers this question; None when nobody agreed to one."""
    return next((code for code in ANSWERS[question] if code in confirmed), None)


def asked(cells: Mapping[Question, AbstractSet[tuple[int, str]]], confirmed: AbstractSet[str]) -> tuple[Asked, ...]:
    """The questions in a fixed order, out of the rows and fields that raised them."""
    found = []
    for question in (one for one in Question if cells.get(one)):
        lines = sorted({line for line, _ in cells[question]})
        fields = tuple(sorted({field for _, field in cells[question]}))
        found.append(Asked(question, len(lines), tuple(lines[:MOST_LINES]), accepted(question, confirmed), fields))
    return tuple(found)
