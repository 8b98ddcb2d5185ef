"""Adults of a delivery and what it says of them and the children; it never opens access (formats 11.5, 11.11)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from parentportal.models.base import new_id
from parentportal.rules.authority import Mark, Status, status_after_delivery
from parentportal.rules.imports import Difference
from parentportal.rules.names import comparable
from parentportal.rules.sentences import N_
from parentportal.services.imports.difference import Change, Differ
from parentportal.services.imports.known import GUARDIAN, Known
from parentportal.services.imports.matching import PupilMatcher
from parentportal.sources.delivery import Answer, Delivery, GuardianRecord, Level, Problem, RelationRecord

OPPOSITE = {Mark.YES: Mark.NO, Mark.NO: Mark.YES}
OTHER_FAMILY = "other-family"
DECLARED_NO = "declared-no"


@dataclass(slots=True)
class AdultPlan:
    """One delivered adult and what becomes of the registered one."""

    record: GuardianRecord
    person_id: UUID
    is_new: bool
    changes: list[Change]
    difference: Difference


@dataclass(slots=True)
class RelationPlan:
    """One delivered relation; `row` is the registered one, `status` what it becomes."""

    record: RelationRecord | None
    pupil_id: UUID
    adult_id: UUID
    row: Row[Any] | None
    declared: Mark
    status: Status
    reason: str = ""

    @property
    def suspends(self) -> bool:
        """Whether this closes access that was open."""
        return self.row is not None and self.row.status is Status.CONFIRMED and self.status is Status.SUSPENDED


class Families:
    """Plans the adults and relations of one delivery."""

    def __init__(self, known: Known, matcher: PupilMatcher, differ: Differ) -> None:
        self.known = known
        self.matcher = matcher
        self.differ = differ
        self.problems: list[Problem] = []
        self.adults: list[AdultPlan] = []
        self.relations: list[RelationPlan] = []

    def plan(self, delivery: Delivery) -> None:
        """Match every adult, then every relation; rows whose child is unknown are left out and said so."""
        rows = [(one, self._pupil_of(one)) for one in delivery.relations]
        pupils_of: dict[str, list[UUID]] = defaultdict(list)
        for relation, pupil_id in rows:
            if pupil_id is not None:
                pupils_of[relation.guardian_ref].append(pupil_id)
        by_ref = {}
        namesakes = _namesakes(delivery.guardians, pupils_of)
        for record in delivery.guardians:
            if not pupils_of[record.ref]:
                continue
            plan = self._adult(record, pupils_of[record.ref], namesakes)
            by_ref[record.ref] = plan.person_id
            self.adults.append(plan)
        for relation, pupil_id in rows:
            if pupil_id is not None and relation.guardian_ref in by_ref:
                self._relation(relation, pupil_id, by_ref[relation.guardian_ref])
        self._suspend_former_families()
        changed = {one.adult_id for one in self.relations if one.row is None or one.row.declared is not one.declared}
        for adult in self.adults:
            if adult.difference is Difference.UNCHANGED and adult.person_id in changed:
                adult.difference = Difference.CHANGED

    def _pupil_of(self, one: RelationRecord) -> UUID | None:
        found = self.matcher.find(one.pupil, one.line)
        if found is None:
            self._warn(
                "no-such-pupil", N_("Dit kind staat niet in het portaal. Lees eerst de leerlingen in."), one.line
            )
        return found

    def _adult(self, record: GuardianRecord, pupils: Sequence[UUID], namesakes: set[str]) -> AdultPlan:
        adult_id = self._find_adult(record, pupils, namesakes)
        if adult_id is None:
            self.differ.newcomer(record.items)
            return AdultPlan(record, new_id(), True, [], Difference.NEW)
        changes = self.differ.person(adult_id, record.items)
        difference = Difference.CHANGED if changes else Difference.UNCHANGED
        return AdultPlan(record, adult_id, False, changes, difference)

    def _find_adult(self, record: GuardianRecord, pupils: Sequence[UUID], namesakes: set[str]) -> UUID | None:
        """By key within the source. Without a key: the adult this source brought for the same child under the same
        name, as long as nobody else has that name; anybody else who looks alike is for a person to judge."""
        if record.key is not None:
            by_key = self.known.own_keys.get((GUARDIAN, record.key))
            if by_key is None:
                self._suggest(record, pupils)
            return by_key
        alike = self._alike(record, pupils, own=True)
        if record.ref in namesakes or len(alike) > 1:
            alike = [adult for adult in alike if self._same_contact(record, adult)]
        if len(alike) == 1:
            return alike[0]
        self._suggest(record, pupils)
        return None

    def _alike(self, record: GuardianRecord, pupils: Sequence[UUID], *, own: bool) -> list[UUID]:
        """Adults of these children with the same name, brought by this source or by another."""
        found = {}
        for pupil_id in pupils:
            for row in self.known.relations.get(pupil_id, ()):
                adult = self.known.adults.get(row.adult_id)
                if adult is None or adult.merged_into_id is not None:
                    continue
                if (row.source_id == self.known.source_id) is own and _same_name(record, adult):
                    found[adult.id] = adult
        return list(found)

    def _same_contact(self, record: GuardianRecord, adult_id: UUID) -> bool:
        adult = self.known.adults[adult_id]
        email, phone = record.value("guardian.email"), record.value("guardian.phone")
        same_mail = bool(email and adult.email) and comparable(email or "") == comparable(adult.email)
        return same_mail or bool(phone and phone == adult.phone)

    def _suggest(self, record: GuardianRecord, pupils: Sequence[UUID]) -> None:
        if self._alike(record, pupils, own=False):
            self._warn(
                "possible-same-adult",
                N_("Deze ouder lijkt op een ouder die er al is. Kijk bij Gezag of het dezelfde persoon is."),
                record.line,
            )

    def _relation(self, record: RelationRecord, pupil_id: UUID, adult_id: UUID) -> None:
        rows = [row for row in self.known.relations.get(pupil_id, ()) if row.adult_id == adult_id]
        row = min(rows, key=lambda one: _LIVELIEST.index(one.status), default=None)
        mark = Mark(record.authority.value)
        if row is None:
            self.relations.append(RelationPlan(record, pupil_id, adult_id, None, mark, Status.UNKNOWN))
            return
        if row.status is Status.ENDED:
            self._warn(
                "ended-relation",
                N_("Iemand heeft deze relatie beëindigd, maar het bestand noemt haar nog. Er is niets veranderd."),
                record.line,
            )
            return
        declared = self._declared(row, mark)
        turned = declared is not row.declared  # what a person confirmed in spite of the same mark stands
        status = status_after_delivery(row.status, declared if turned else Mark.UNKNOWN)
        plan = RelationPlan(record, pupil_id, adult_id, row, declared, status, DECLARED_NO)
        self.relations.append(plan)
        if plan.suspends:
            self._warn(
                "authority-suspended",
                N_("Volgens dit bestand heeft deze ouder geen gezag. De toegang is stilgezet. Kijk het na bij Gezag."),
                record.line,
            )

    def _declared(self, row: Row[Any], mark: Mark) -> Mark:
        """An empty cell takes nothing back; two sources that differ contradict each other."""
        if mark is Mark.UNKNOWN:
            declared: Mark = row.declared
            return declared
        elsewhere = row.source_id is not None and row.source_id != self.known.source_id
        return Mark.CONTRADICTORY if elsewhere and row.declared is OPPOSITE[mark] else mark

    def _suspend_former_families(self) -> None:
        """A child that the source now lists with only other adults went to another family (formats 11.11)."""
        listed: dict[UUID, set[UUID]] = defaultdict(set)
        for one in self.relations:
            listed[one.pupil_id].add(one.adult_id)
        for pupil_id, adults in listed.items():
            before = [row for row in self.known.relations.get(pupil_id, ()) if row.source_id == self.known.source_id]
            if not before or any(row.adult_id in adults for row in before):
                continue
            for row in before:
                if row.status is Status.CONFIRMED:
                    self.relations.append(
                        RelationPlan(None, pupil_id, row.adult_id, row, row.declared, Status.SUSPENDED, OTHER_FAMILY)
                    )
                    self._warn(
                        OTHER_FAMILY,
                        N_(
                            "Bij een kind staan nu alleen andere ouders. De toegang van de vorige ouder is stilgezet. "
                            "Kijk het na bij Gezag."
                        ),
                    )

    def _warn(self, code: str, message: str, line: int | None = None) -> None:
        self.problems.append(Problem(Level.WARN, code, message, line))


_LIVELIEST = (Status.CONFIRMED, Status.SUSPENDED, Status.UNKNOWN, Status.ENDED)


def _namesakes(records: Iterable[GuardianRecord], pupils_of: dict[str, list[UUID]]) -> set[str]:
    """Adults of one child in this delivery who share their name: a name says nothing there."""
    seen: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for record in records:
        for pupil_id in pupils_of[record.ref]:
            seen[(pupil_id, *_name_of(record))].append(record.ref)
    return {ref for refs in seen.values() if len(refs) > 1 for ref in refs}


def _name_of(record: GuardianRecord) -> tuple[str, str, str]:
    first = record.value("guardian.first_name") or record.value("guardian.initials") or ""
    return (
        comparable(first),
        comparable(record.value("guardian.prefix") or ""),
        comparable(record.value("guardian.surname") or ""),
    )


def _same_name(record: GuardianRecord, adult: Row[Any]) -> bool:
    first, prefix, surname = _name_of(record)
    firsts = {comparable(adult.first_name), comparable(adult.initials)} - {""}
    return (
        bool(surname)
        and (prefix, surname) == (comparable(adult.prefix), comparable(adult.surname))
        and (not first or not firsts or first in firsts)
    )


def secret_sets(pairs: Iterable[RelationPlan], pupils: Iterable[Any]) -> "Secrets":
    """Whose address, phone and mail the delivery calls secret, and whose it says are not."""
    secrets = Secrets(defaultdict(set), defaultdict(set))
    for plan in pupils:
        _take(secrets, "pupil", plan.person_id, plan.record)
    for one in pairs:
        if one.record is None:
            continue
        _take(secrets, "guardian", one.adult_id, one.record)
        if one.record.address_secret is Answer.YES:
            secrets.yes["pupil.address"].add(one.pupil_id)
    for what, people in secrets.yes.items():
        secrets.no[what] -= people
    return secrets


@dataclass(frozen=True)
class Secrets:
    """Persons by what is secret of them: `pupil.address`, `guardian.phone` and so on."""

    yes: dict[str, set[UUID]]
    no: dict[str, set[UUID]]


def _take(secrets: Secrets, person: str, person_id: UUID, record: Any) -> None:
    for what in ("address", "phone", "email"):
        answer = getattr(record, f"{what}_secret")
        if answer is Answer.YES:
            secrets.yes[f"{person}.{what}"].add(person_id)
        elif answer is Answer.NO:
            secrets.no[f"{person}.{what}"].add(person_id)
