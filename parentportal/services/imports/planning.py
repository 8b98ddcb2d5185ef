"""Everything one delivery would do to one school: made for the preview, and made again when it is applied."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from parentportal.models.base import new_id
from parentportal.models.groups import GroupKind
from parentportal.models.imports import Delivery as DeliveryRow
from parentportal.models.imports import Source
from parentportal.models.people import Enrolment
from parentportal.outside import clock, vault
from parentportal.rules.imports import Counts, DeliveryFacts, Difference, Reason, holds
from parentportal.rules.sentences import N_
from parentportal.services.imports import known as registered
from parentportal.services.imports import reconciling
from parentportal.services.imports.difference import TELLING, Change, Differ, carried_fields
from parentportal.services.imports.families import AdultPlan, Families, RelationPlan, Secrets, secret_sets
from parentportal.services.imports.known import GROUP, Known
from parentportal.services.imports.matching import Matched, PupilMatcher
from parentportal.sources.delivery import Delivery, GroupRecord, Level, Problem, PupilRecord, Standing

ENROLMENTS = {
    Standing.ENROLLED: Enrolment.ENROLLED,
    Standing.LEFT: Enrolment.LEFT,
    Standing.APPLIED: Enrolment.APPLIED,
}
#: A hold that a problem brings, by its code; every other hold is a reason of the rules.
REASONS = {
    "encoding-guess": Reason.ENCODING,
    "key-reused": Reason.DUPLICATE_KEY,
    "eck-conflict": Reason.DUPLICATE_KEY,
    "possible-duplicate": Reason.DUPLICATE_KEY,
    "other-school": Reason.OTHER_SCHOOL,
    "mass-change": Reason.MASS_CHANGE,
}
APPLICANTS = "aangemeld"


@dataclass(slots=True)
class PupilPlan:
    """One delivered child and what becomes of the pupil."""

    record: PupilRecord
    person_id: UUID
    is_new: bool
    enrolment: Enrolment
    changes: list[Change]
    difference: Difference


@dataclass(slots=True)
class GroupPlan:
    """One delivered group; `row` is the registered one."""

    record: GroupRecord
    group_id: UUID
    kind: GroupKind
    row: Row[Any] | None
    difference: Difference


@dataclass
class Plan:
    """What applying would write. `reasons` are why a person must look first, heaviest first."""

    known: Known
    delivery: Delivery
    effective_on: date
    school_year: str
    differ: Differ
    pupils: list[PupilPlan] = field(default_factory=list)
    missing: list[UUID] = field(default_factory=list)
    groups: list[GroupPlan] = field(default_factory=list)
    places_pupils: bool = True
    adults: list[AdultPlan] = field(default_factory=list)
    relations: list[RelationPlan] = field(default_factory=list)
    secrets: Secrets = field(default_factory=lambda: Secrets({}, {}))
    problems: list[Problem] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many of each category, as the contract of design 6 names them."""
        return {
            "pupils": _counted(Counter(one.difference for one in self.pupils), len(self.missing)),
            "guardians": _counted(Counter(one.difference for one in self.adults)),
            "groups": _counted(Counter(one.difference for one in self.groups)),
            "items": _counted(self.differ.counts),
        }


def make_plan(session: Session, school: Row[Any], source: Source, delivery: Delivery, last: DeliveryRow | None) -> Plan:
    """Compare a delivery with the school; reads only, in a fixed number of statements."""
    known = registered.load(
        session, school, source, with_pupils=bool(delivery.pupils), with_adults=bool(delivery.relations)
    )
    keeper = vault.of(session)
    corrections = reconciling.load(session, known, source.system_name)
    plan = Plan(
        known,
        delivery,
        effective_on=min(delivery.reference_date or known.today, known.today),
        school_year=delivery.school_year or known.school_year,
        differ=Differ(known, keeper, carried_fields(delivery), corrections),
    )
    matcher = PupilMatcher(known, keeper)
    _plan_groups(plan)
    for one in matcher.match_all(delivery.pupils):
        plan.pupils.append(_plan_pupil(plan, one))
    _plan_missing(plan, complete=delivery.complete and source.complete)
    families = Families(known, matcher, plan.differ)
    if delivery.relations:
        families.plan(delivery)
    plan.adults, plan.relations = families.adults, families.relations
    plan.secrets = secret_sets(plan.relations, plan.pupils)
    plan.problems = _in_order([*delivery.problems, *matcher.problems, *families.problems, *_remarks(plan)])
    plan.reasons = _reasons(plan, source, last)
    return plan


def _plan_pupil(plan: Plan, one: Matched) -> PupilPlan:
    enrolment = ENROLMENTS[one.record.standing_at(plan.known.today)]
    if one.is_new:
        plan.differ.newcomer(one.record.items)
        return PupilPlan(one.record, one.pupil_id, True, enrolment, [], Difference.NEW)
    changes = plan.differ.person(one.pupil_id, one.record.items)
    row = plan.known.pupils[one.pupil_id]
    if not plan.places_pupils:  # a list beside the administration's export does not say who is enrolled
        enrolment = row.enrolment
    if enrolment is Enrolment.LEFT and row.enrolment is not Enrolment.LEFT:
        difference = Difference.LEFT
    elif row.missing_since is not None or row.enrolment is not enrolment:
        difference = Difference.BACK
    else:
        difference = Difference.CHANGED if changes else Difference.UNCHANGED
    return PupilPlan(one.record, one.pupil_id, False, enrolment, changes, difference)


def _plan_missing(plan: Plan, *, complete: bool) -> None:
    """Only a complete delivery can miss somebody, and who is missed already is not missed again (formats 11.7)."""
    if not complete or not plan.delivery.pupils:
        return
    here = {one.person_id for one in plan.pupils}
    for pupil_id in sorted(plan.known.in_source() - here):
        row = plan.known.pupils[pupil_id]
        if row.enrolment is not Enrolment.LEFT and row.missing_since is None:
            plan.missing.append(pupil_id)
            plan.differ.counts[Difference.MISSING] += sum(
                item.source_id == plan.known.source_id
                for rows in plan.known.items.get(pupil_id, {}).values()
                for item in rows
            )


def _plan_groups(plan: Plan) -> None:
    """Groups by name within the school year; a key follows a group that is renamed. Lists leave groups alone
    where the administration's own export brings them."""
    known = plan.known
    plan.places_pupils = bool(plan.delivery.pupils) and (known.rank == 0 or 0 not in known.ranks.values())
    if not plan.places_pupils:
        return
    by_id = {row.id: row for row in known.groups.values()}
    planned: dict[tuple[GroupKind, str], GroupPlan] = {}
    for record in plan.delivery.groups:
        kind = GroupKind(record.kind.value)
        if record.name.casefold() == APPLICANTS:
            continue
        if (kind, record.name) in planned:
            first = planned[kind, record.name]
            plan.groups.append(GroupPlan(record, first.group_id, kind, first.row, Difference.UNCHANGED))
            continue
        row = known.groups.get((plan.school_year, kind, record.name))
        if row is None:
            by_key = known.own_keys.get((GROUP, group_key(plan, record.key)))
            row = by_id.get(by_key) if by_key else None
        if row is None:
            one = GroupPlan(record, new_id(), kind, None, Difference.NEW)
        else:
            same = (row.name, row.year_group) == (record.name, record.year_group or row.year_group)
            one = GroupPlan(record, row.id, kind, row, Difference.UNCHANGED if same else Difference.CHANGED)
        planned[kind, record.name] = one
        plan.groups.append(one)


def group_key(plan: Plan, key: str) -> str:
    """A group lives one school year, and so does its key."""
    return f"{plan.school_year}/{key}"


def _remarks(plan: Plan) -> list[Problem]:
    """What only the comparison could show."""
    found = []
    if plan.differ.kept_out:
        found.append(
            _warning(
                "erased-returns",
                N_(
                    "Een gegeven dat gewist is, staat nog in het bronsysteem. Het komt niet terug in het portaal. "
                    "Wis het ook in het bronsysteem."
                ),
            )
        )
        found += [found[0]] * (len(plan.differ.kept_out) - 1)
    if plan.differ.contradicting:
        message = N_(
            "Twee bronnen zeggen iets anders over hetzelfde gegeven. Beide staan in het portaal, met hun bron."
        )
        found += [_warning("sources-differ", message)] * plan.differ.contradicting
    secret = len(plan.secrets.yes.get("guardian.address", ()))
    if secret:
        message = N_(
            "Een ouder heeft een geheim adres. Zet bij Gezag zo nodig de beveiliging aan voor de andere ouder."
        )
        found += [_warning("secret-address", message)] * secret
    school = plan.known.school
    if plan.delivery.school.brin and not school.brin:
        message = N_("Het nummer (BRIN) van uw school is nog niet bekend in het portaal. Kijk of dit uw school is.")
        found.append(Problem(Level.HOLD, "other-school", message))
    strangers = len(plan.pupils) >= LEAST_STRANGERS and all(one.is_new for one in plan.pupils)
    if not plan.delivery.school.brin and strangers and plan.known.pupils:
        message = N_(
            "Geen enkele leerling uit deze lijst is bekend op uw school. Kijk of dit een lijst van uw school is."
        )
        found.append(Problem(Level.HOLD, "other-school", message))
    return found


LEAST_STRANGERS = 3
"""From so many rows on, a list without any known pupil is more likely to be of another school."""


def _in_order(problems: list[Problem]) -> list[Problem]:
    """What holds the file first, then as the rows stand in it."""
    return sorted(problems, key=lambda one: (one.level is not Level.HOLD and not one.confirm, one.line or 0))


def _warning(code: str, message: str) -> Problem:
    return Problem(Level.WARN, code, message)


def _reasons(plan: Plan, source: Source, last: DeliveryRow | None) -> list[Reason]:
    delivery = plan.delivery
    renamed = sum(
        not one.is_new and any(change.code in TELLING and _tells(change) for change in one.changes)
        for one in plan.pupils
    )
    counts = Counts(
        known=len(plan.known.in_source()),
        missing_or_changed=len(plan.missing) + renamed,
        rows=delivery.row_count,
        rows_with_errors=delivery.rows_left_out,
    )
    facts = DeliveryFacts(
        school_year=delivery.school_year,
        made_on=_made_on(delivery.reference_date, delivery.created_at),
        columns=frozenset({delivery.column_set}) if delivery.column_set else None,
        counts=counts,
        last_made_on=_made_on(last.reference_on, last.made_at) if last else None,
        last_columns=frozenset({source.column_set}) if source.column_set else None,
    )
    found = holds(facts, current_school_year=plan.known.school_year)
    same_day = last is not None and facts.made_on is not None and facts.made_on == facts.last_made_on
    if same_day and last and last.made_at and delivery.created_at and delivery.created_at < last.made_at:
        found.insert(0, Reason.OLDER_DELIVERY)
    for problem in plan.problems:
        if problem.code in REASONS and (problem.level is Level.HOLD or problem.confirm):
            found.append(REASONS[problem.code])
    return list(dict.fromkeys(found))


def _tells(change: Change) -> bool:
    return change.what in (Difference.CHANGED, Difference.GONE)


def _made_on(reference: date | None, created: Any) -> date | None:
    if reference is not None:
        return reference
    return clock.amsterdam_date(created) if created is not None else None


def _counted(by: Mapping[Difference, int], missing: int = 0) -> dict[str, int]:
    return {
        "new": by.get(Difference.NEW, 0),
        "changed": by.get(Difference.CHANGED, 0) + by.get(Difference.BACK, 0),
        "missing": missing + by.get(Difference.MISSING, 0) + by.get(Difference.GONE, 0),
        "left": by.get(Difference.LEFT, 0),
        "unchanged": by.get(Difference.UNCHANGED, 0),
    }


def differences(plan: Plan, *, most: int) -> list[dict[str, Any]]:
    """The children who are not unchanged, with the codes of their fields and never a value; at most `most`.

    New children only have the row they stand in: everything about them is new.
    """
    found: list[dict[str, Any]] = []
    for one in sorted(plan.pupils, key=lambda pupil: _ORDER.index(pupil.difference)):
        if one.difference is not Difference.UNCHANGED and len(found) < most:
            found.append(_row(one.difference, one.person_id, one.record.line, one.changes, is_new=one.is_new))
    for pupil_id in plan.missing[: max(0, most - len(found))]:
        found.append(_row(Difference.MISSING, pupil_id, None, (), is_new=False))
    return found


_ORDER = (
    Difference.CHANGED,
    Difference.BACK,
    Difference.LEFT,
    Difference.NEW,
    Difference.UNCHANGED,
)


def _row(
    what: Difference, pupil_id: UUID, line: int | None, changes: Sequence[Change], *, is_new: bool
) -> dict[str, Any]:
    codes = [] if is_new else sorted({change.code for change in changes})
    return {"what": what.value, "pupil": None if is_new else str(pupil_id), "line": line, "fields": codes}
