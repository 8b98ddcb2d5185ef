"""What came of a delivery, in the words and codes that `import --json` and the pages give (design 6)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from parentportal.rules.imports import Reason
from parentportal.rules.sentences import N_
from parentportal.sources.delivery import Problem
from parentportal.sources.guesses import Asked

SUBJECTS = ("pupils", "guardians", "groups", "items")
CATEGORIES = ("new", "changed", "missing", "left", "unchanged")
NOTHING: Mapping[str, Mapping[str, int]] = {subject: dict.fromkeys(CATEGORIES, 0) for subject in SUBJECTS}
PREVIEW, APPLIED, NO_CHANGE, HELD, REFUSED = "preview", "applied", "no-change", "held", "refused"

#: Why somebody must look first, in a sentence that says at what.
HOLDS: Mapping[Reason, str] = {
    Reason.OLDER_DELIVERY: N_("Dit bestand is ouder dan het vorige. Kijk of u het goede bestand heeft."),
    Reason.OTHER_SCHOOL_YEAR: N_("Dit bestand is van een ander schooljaar dan nu. Kijk of dat klopt."),
    Reason.MASS_CHANGE: N_("Er verandert veel tegelijk, of veel regels zijn niet te lezen. Kijk of dat klopt."),
    Reason.COLUMNS_CHANGED: N_("De kolommen zijn anders dan de vorige keer. Kijk of alles er nog in staat."),
    Reason.DUPLICATE_KEY: N_("Van een of meer kinderen is niet zeker wie het zijn. Kijk naar de regels hieronder."),
    Reason.ENCODING: N_("De tekens in dit bestand zijn gegokt. Kijk of namen met een accent kloppen."),
    Reason.OTHER_SCHOOL: N_("Het portaal kan niet nagaan of dit bestand van uw school is. Kijk dat na."),
}
SENTENCES: Mapping[str, str] = {
    PREVIEW: N_("Dit bestand is gecontroleerd. Er is nog niets veranderd."),
    APPLIED: N_("Het bestand is verwerkt."),
    NO_CHANGE: N_("Dit bestand is al verwerkt. Er verandert niets."),
    HELD: N_("Er is nog niets veranderd. Kijk eerst en bevestig dan."),
}
OTHER_SCHOOL = N_("Dit bestand is van een andere school. Kies het bestand van uw school.")


@dataclass(frozen=True)
class Warned:
    """One kind of remark and how often it was made."""

    code: str
    count: int
    message: str


@dataclass(frozen=True)
class Report:
    """One delivery and what came of it.

    `moved` says that things changed since somebody looked; `line` where a file that was refused cannot be read.
    """

    delivery_id: UUID
    filename: str
    outcome: str
    reason: str | None
    message: str
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: NOTHING)
    warnings: Sequence[Warned] = ()
    asked: Sequence[Asked] = ()
    moved: bool = False
    line: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The object that scripts read; its names are a contract."""
        return {
            "file": self.filename,
            "outcome": self.outcome,
            "reason": self.reason,
            "message": self.message,
            **{subject: dict(self.counts.get(subject, NOTHING[subject])) for subject in SUBJECTS},
            "warnings": [{"code": one.code, "count": one.count, "message": one.message} for one in self.warnings],
            "guesses": [
                {"codes": list(one.codes), "count": one.count, "lines": list(one.lines), "accepted": one.accepted}
                for one in self.asked
            ],
        }


def message_of(outcome: str, reasons: Sequence[Reason]) -> str:
    """The outcome in words, with what to look at."""
    if outcome in (PREVIEW, HELD):
        return " ".join([SENTENCES[outcome], *(HOLDS[reason] for reason in reasons)])
    return SENTENCES[outcome]


def stored_warnings(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Remarks of the same kind together, in the order in which each kind comes first."""
    counts = Counter(problem.code for problem in problems)
    first = {problem.code: problem for problem in reversed(problems)}
    return [{"code": code, "count": count, **stored_sentence(first[code])} for code, count in counts.items()]


def stored_problem(problem: Problem) -> dict[str, Any]:
    """A remark as the delivery keeps it: no value and no name is in it."""
    return {
        "level": problem.level.value,
        "code": problem.code,
        **stored_sentence(problem),
        "line": problem.line,
        "field": problem.field,
    }


def stored_sentence(problem: Problem) -> dict[str, Any]:
    """The sentence and what stands in its places apart, so that it can be said in another language later."""
    return {"text": str(problem.text), "values": dict(problem.values)}
