"""Recognises the children of a delivery; what only looks alike waits for a person (formats 11.5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from parentportal.models.base import new_id
from parentportal.outside.vault import Vault
from parentportal.rules.imports import AUTOMATIC, KnownPupils, Match, MatchedBy, PupilKeys, match
from parentportal.rules.names import comparable
from parentportal.rules.sentences import N_
from parentportal.services.imports.known import PUPIL, Known
from parentportal.sources.delivery import Level, Problem, PupilRecord, PupilRef
from parentportal.sources.text import iso_date

_HELD = {
    MatchedBy.KEY_REUSED: Problem(
        Level.HOLD,
        "key-reused",
        N_(
            "Dit leerlingnummer was van een kind met een andere achternaam en geboortedatum. Na uw bevestiging wordt "
            "dit een nieuw kind. Het andere kind blijft bewaard."
        ),
    ),
    MatchedBy.ECK_CONFLICT: Problem(
        Level.HOLD,
        "eck-conflict",
        N_("Het leerlingnummer en het ECK iD wijzen naar verschillende kinderen. Na uw bevestiging geldt het nummer."),
    ),
    MatchedBy.SUGGESTED: Problem(
        Level.HOLD,
        "possible-duplicate",
        N_(
            "Dit kind lijkt op een kind dat er al is: naam en geboortedatum zijn gelijk. Na uw bevestiging is het "
            "dat kind."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Matched:
    """A delivered child and the pupil it is; `is_new` pupils get their row when the delivery is applied."""

    record: PupilRecord
    pupil_id: UUID
    is_new: bool
    by: MatchedBy


class PupilMatcher:
    """Matches one delivery. What a person must confirm is in `problems`; the answers are as if it was confirmed."""

    def __init__(self, known: Known, vault: Vault) -> None:
        self.known = known
        self.vault = vault
        self.problems: list[Problem] = []
        own_keys = {pupil: value for (kind, value), pupil in known.own_keys.items() if kind == PUPIL}
        self.own_keys = own_keys
        self.keys = {row.id: self._known_keys(row, own_keys.get(row.id)) for row in known.pupils.values()}
        self.index = KnownPupils(self.keys)
        self.delivered: dict[tuple[str, object], UUID] = {}

    def match_all(self, records: Sequence[PupilRecord]) -> list[Matched]:
        """Every child of the delivery, in its order; no pupil is matched twice."""
        taken: set[UUID] = set()
        found: dict[int, Matched] = {}
        unsure: list[tuple[int, PupilRecord, PupilKeys, Match]] = []
        coming = {record.key for record in records if record.key is not None}
        for at, record in enumerate(records):
            keys = self._delivered_keys(record)
            outcome = self._recognise(keys)
            if outcome.by in AUTOMATIC and outcome.pupils[0] not in taken:
                taken.add(outcome.pupils[0])
                found[at] = Matched(record, outcome.pupils[0], False, outcome.by)
            else:
                unsure.append((at, record, keys, outcome))
        for at, record, keys, outcome in unsure:
            pupil_id = self._decide(record, keys, outcome, taken, coming)
            if pupil_id is not None:
                taken.add(pupil_id)
            found[at] = Matched(record, pupil_id or new_id(), pupil_id is None, outcome.by)
        matched = [found[at] for at in range(len(records))]
        for one in matched:
            self._remember(one)
        return matched

    def find(self, ref: PupilRef, line: int) -> UUID | None:
        """The pupil that a row of a guardian list points at, in this delivery or known; None when nobody fits."""
        for identity in _identities(ref):
            if identity in self.delivered:
                return self.delivered[identity]
        keys = PupilKeys(
            source_key=ref.key,
            eck_id=self._digest_text(ref.eckid),
            first=ref.call_name or "",
            prefix=ref.prefix or "",
            last=ref.surname or "",
            born_on=ref.birth_date,
        )
        outcome = self._recognise(keys)
        if outcome.by in AUTOMATIC:
            return outcome.pupils[0]
        alike = [pupil for pupil in outcome.pupils if self._same_first(keys, pupil)]
        if outcome.by is MatchedBy.SUGGESTED and len(alike) == 1:
            self.problems.append(replace(_HELD[MatchedBy.SUGGESTED], line=line))
            return alike[0]
        return None

    def _recognise(self, keys: PupilKeys) -> Match:
        """By the rules; a key that only another source of the school knows counts when nothing contradicts it."""
        outcome = match(keys, self.index)
        if outcome.by is MatchedBy.SOURCE_KEY or keys.source_key is None:
            return outcome
        other = self.known.other_keys.get((PUPIL, keys.source_key))
        if other is None or other not in self.keys or other in self.own_keys:
            return outcome
        born_on = self.keys[other].born_on
        fits = keys.born_on is None or born_on is None or keys.born_on == born_on
        return Match(MatchedBy.SOURCE_KEY, (other,)) if fits else outcome

    def _decide(
        self, record: PupilRecord, keys: PupilKeys, outcome: Match, taken: set[UUID], coming: set[str]
    ) -> UUID | None:
        """What an unsure child is once a person has looked; None makes a new pupil."""
        if outcome.by in AUTOMATIC or outcome.by is MatchedBy.NOBODY:
            return None
        if outcome.by is MatchedBy.ECK_CONFLICT:
            outcome = match(replace(keys, eck_id=None), self.index)
            self.problems.append(replace(_HELD[MatchedBy.ECK_CONFLICT], line=record.line))
            pupil_id = outcome.pupils[0] if outcome.by is MatchedBy.SOURCE_KEY else None
            return None if pupil_id in taken else pupil_id
        if outcome.by is MatchedBy.KEY_REUSED:
            self.problems.append(replace(_HELD[MatchedBy.KEY_REUSED], line=record.line))
            return None
        free = [
            pupil
            for pupil in outcome.pupils
            if pupil not in taken and self.own_keys.get(pupil) not in coming and self._same_first(keys, pupil)
        ]
        if len(free) != 1:
            return None
        self.problems.append(replace(_HELD[MatchedBy.SUGGESTED], line=record.line))
        return free[0]

    def _same_first(self, keys: PupilKeys, pupil: UUID) -> bool:
        """Twins share all but this; a first name that is missing on one side contradicts nothing."""
        one, other = comparable(keys.first), comparable(self.keys[pupil].first)
        return not one or not other or one == other

    def _remember(self, one: Matched) -> None:
        record = one.record
        ref = PupilRef(
            record.key,
            record.eckid,
            record.value("pupil.call_name") or record.value("pupil.first_names"),
            record.value("pupil.prefix"),
            record.value("pupil.surname"),
            self._delivered_keys(record).born_on,
        )
        for identity in _identities(ref):
            self.delivered.setdefault(identity, one.pupil_id)

    def _known_keys(self, row: Row[Any], source_key: str | None) -> PupilKeys:
        eck = self.known.digest_of(row.id, "pupil.eckid")
        postcode = self.known.digest_of(row.id, "pupil.address.postcode")
        return PupilKeys(
            source_key=source_key,
            eck_id=eck.hex() if eck else None,
            bsn=self.known.digest_of(row.id, "pupil.bsn"),
            education_number=self.known.digest_of(row.id, "pupil.education_number"),
            first=row.call_name,
            prefix=row.prefix,
            last=row.surname,
            born_on=row.birth_date,
            postcode=postcode.hex() if postcode else "",
        )

    def _delivered_keys(self, record: PupilRecord) -> PupilKeys:
        return PupilKeys(
            source_key=None if record.key_is_dummy else record.key,
            eck_id=self._digest_text(record.eckid),
            bsn=self._digest(record.value("pupil.bsn")),
            education_number=self._digest(record.value("pupil.education_number")),
            first=shown_first_name(record),
            prefix=record.value("pupil.prefix") or "",
            last=record.value("pupil.surname") or "",
            born_on=birth_date_of(record),
            postcode=self._digest_text(record.value("pupil.address.postcode")) or "",
        )

    def _digest(self, text: str | None) -> bytes | None:
        return self.vault.digest(text, "item") if text else None

    def _digest_text(self, text: str | None) -> str | None:
        digest = self._digest(text)
        return digest.hex() if digest else None


def shown_first_name(record: PupilRecord) -> str:
    """The name a page calls the child by; schools leave out the call name of some."""
    return record.value("pupil.call_name") or record.value("pupil.first_names") or record.value("pupil.initials") or ""


def birth_date_of(record: PupilRecord) -> date | None:
    """The birth date of a delivered child; None when the file has none."""
    return iso_date(record.value("pupil.birth_date"))


def _identities(ref: PupilRef) -> list[tuple[str, object]]:
    """By what a row can point at a child of the same delivery: key, ECK iD, or else name and birth date."""
    if ref.key or ref.eckid:
        return [(kind, value) for kind, value in (("key", ref.key), ("eckid", ref.eckid)) if value]
    return [("name", (ref.call_name, ref.prefix, ref.surname, ref.birth_date))]
