"""A delivery is refused, held or taken; a child is recognised by keys, and a decision is never undone."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.rules import imports
from parentportal.rules.imports import (
    Counts,
    Decided,
    DeliveryFacts,
    Difference,
    KnownPupils,
    Level,
    MatchedBy,
    PupilKeys,
    Reason,
    Reconciled,
)

SEM, LOT, ASHA = (UUID(int=n) for n in (1, 2, 3))
TODAY = date(2026, 11, 2)


def test_the_reasons_are_a_closed_list():
    assert {str(reason) for reason in Reason} == {
        "malformed", "doctype", "encoding", "not-an-export", "unknown-format", "empty", "too-large",
        "duplicate-key", "other-school", "older-delivery", "other-school-year", "mass-change", "columns-changed",
    }  # fmt: skip
    held = {str(reason) for reason in Reason if reason.level is Level.HOLD}
    assert held == {"older-delivery", "other-school-year", "mass-change", "columns-changed"}


@pytest.mark.parametrize(
    ("reasons", "level"),
    [
        ([], None),
        ([Reason.MASS_CHANGE], Level.HOLD),
        ([Reason.MASS_CHANGE, Reason.OTHER_SCHOOL], Level.REFUSE),
        ([Reason.DOCTYPE], Level.REFUSE),
    ],
)
def test_the_heaviest_finding_decides(reasons, level):
    assert imports.verdict(reasons) is level


@pytest.mark.parametrize(
    ("known", "changed", "expected"),
    [
        (1000, 25, False),
        (1000, 26, True),
        (50, 5, False),
        (49, 5, True),
        (20, 4, False),
        (100, 10, False),
        (100, 11, True),
        (0, 0, False),
    ],
)
def test_many_missing_or_renamed_pupils_hold_a_delivery(known, changed, expected):
    assert imports.is_mass_change(Counts(known, changed)) is expected


@pytest.mark.parametrize(
    ("rows", "errors", "expected"), [(100, 2, False), (100, 3, True), (40, 1, True), (0, 0, False)]
)
def test_many_rows_with_errors_hold_a_delivery(rows, errors, expected):
    assert imports.is_mass_change(Counts(100, 0, rows, errors)) is expected


PLAIN = DeliveryFacts("2026-2027", TODAY, None, Counts(100, 0), last_made_on=TODAY)


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, []),
        ({"made_on": date(2026, 11, 1)}, [Reason.OLDER_DELIVERY]),
        ({"made_on": None}, []),
        ({"last_made_on": None}, []),
        ({"school_year": "2025-2026"}, [Reason.OTHER_SCHOOL_YEAR]),
        ({"school_year": None}, []),
        ({"counts": Counts(100, 30)}, [Reason.MASS_CHANGE]),
        ({"columns": frozenset("ab"), "last_columns": frozenset("ab")}, []),
        ({"columns": frozenset("ab"), "last_columns": frozenset("abc")}, [Reason.COLUMNS_CHANGED]),
        ({"columns": frozenset("ab")}, []),
    ],
)
def test_what_is_remarkable_waits_for_petra(changes, reasons):
    assert imports.holds(replace(PLAIN, **changes), current_school_year="2026-2027") == reasons


@pytest.mark.parametrize(
    ("brin", "branch", "school", "other"),
    [
        ("99AA", "", "99AA", False),
        ("99aa", "", "99AA", False),
        ("99AB", "", "99AA", True),
        ("99AA", "01", "99AA", False),
        ("99AA01", "", "99AA00", True),
        ("99AA", "00", "99AA00", False),
        ("99AA", "", "99AA00", False),
    ],
)
def test_a_delivery_of_another_school_is_recognised(brin, branch, school, other):
    assert imports.is_other_school(brin, branch, school) is other


PUPIL = {
    "known": True,
    "delivered": True,
    "was_away": False,
    "complete_delivery": True,
    "left_on": None,
    "as_of": TODAY,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Difference.UNCHANGED),
        ({"known": False}, Difference.NEW),
        ({"was_away": True}, Difference.BACK),
        ({"delivered": False}, Difference.MISSING),
        ({"delivered": False, "was_away": True}, Difference.UNCHANGED),
        ({"delivered": False, "complete_delivery": False}, Difference.UNCHANGED),
        ({"left_on": TODAY}, Difference.LEFT),
        ({"left_on": date(2026, 11, 3)}, Difference.UNCHANGED),
    ],
)
def test_what_a_delivery_means_for_a_pupil(changes, expected):
    assert imports.pupil_difference(**(PUPIL | changes)) is expected


@pytest.mark.parametrize(
    ("before", "after", "can_carry", "expected"),
    [
        (None, "x", True, Difference.NEW),
        ("", "x", True, Difference.NEW),
        ("x", "x", True, Difference.UNCHANGED),
        ("x", "y", True, Difference.CHANGED),
        ("x", "", True, Difference.GONE),
        ("x", None, False, Difference.UNCHANGED),
        (None, None, True, Difference.UNCHANGED),
    ],
)
def test_what_a_delivery_means_for_a_field(before, after, can_carry, expected):
    assert imports.field_difference(before, after, can_carry=can_carry) is expected


SEMS = PupilKeys("k1", "https://ketenid.nl/1", b"bsn", b"number", "Sem", "", "Bakker", date(2017, 4, 3), "1234AB")
LOTS = PupilKeys("k2", first="Lot", prefix="de", last="Wit", born_on=date(2020, 1, 9))
KNOWN = KnownPupils({SEM: SEMS, LOT: LOTS})
STRANGER = PupilKeys(source_key="k9")


@pytest.mark.parametrize(
    ("delivered", "by", "pupils"),
    [
        (SEMS, MatchedBy.SOURCE_KEY, (SEM,)),
        (replace(SEMS, source_key="k1", eck_id=None, last="Bakkers"), MatchedBy.SOURCE_KEY, (SEM,)),
        (replace(STRANGER, eck_id=SEMS.eck_id), MatchedBy.ECK_ID, (SEM,)),
        (replace(STRANGER, bsn=b"bsn"), MatchedBy.BSN, (SEM,)),
        (replace(STRANGER, education_number=b"number"), MatchedBy.EDUCATION_NUMBER, (SEM,)),
        (replace(SEMS, last="Vos", born_on=date(2016, 1, 1)), MatchedBy.KEY_REUSED, ()),
        (replace(SEMS, eck_id="https://ketenid.nl/2"), MatchedBy.ECK_CONFLICT, ()),
        (replace(SEMS, source_key="k2", last="Wit", prefix="de"), MatchedBy.ECK_CONFLICT, ()),
        (STRANGER, MatchedBy.NOBODY, ()),
        (replace(STRANGER, source_key="#1"), MatchedBy.NOBODY, ()),
        (PupilKeys(), MatchedBy.NOBODY, ()),
    ],
)
def test_a_pupil_is_recognised_by_the_first_key_that_fits(delivered, by, pupils):
    found = imports.match(delivered, KNOWN)
    assert (found.by, found.pupils) == (by, pupils)


def test_a_key_made_up_for_one_delivery_never_matches():
    known = KnownPupils({SEM: replace(SEMS, source_key="#1")})
    assert imports.match(PupilKeys(source_key="#1"), known).by is MatchedBy.NOBODY


def test_a_name_only_suggests():
    alike = PupilKeys(first="sem", last="Bakker", born_on=date(2017, 4, 3))
    assert imports.match(alike, KNOWN) == imports.Match(MatchedBy.SUGGESTED, (SEM,))
    assert imports.match(replace(alike, born_on=None), KNOWN).by is MatchedBy.NOBODY
    for other in ({"first": "Tim"}, {"last": "Vos"}, {"prefix": "de"}):
        assert imports.match(replace(alike, **other), KNOWN).by is MatchedBy.NOBODY


def test_twins_at_one_address_are_both_suggested_and_never_matched():
    twin = replace(SEMS, source_key="k5", eck_id=None, bsn=None, education_number=None, first="Tim")
    delivered = replace(twin, source_key=None, first="Teun")
    found = imports.match(delivered, KnownPupils({SEM: SEMS, ASHA: twin}))
    assert found.by is MatchedBy.SUGGESTED
    assert set(found.pupils) == {SEM, ASHA}


def test_a_number_that_two_pupils_share_is_left_to_a_person():
    known = KnownPupils({SEM: PupilKeys(bsn=b"same"), ASHA: PupilKeys(bsn=b"same")})
    found = imports.match(PupilKeys(bsn=b"same"), known)
    assert found == imports.Match(MatchedBy.SUGGESTED, (SEM, ASHA))


CORRECTED = Decided(corrected_to=b"new", corrected_from=b"old")


@pytest.mark.parametrize(
    ("decided", "delivered", "registered", "expected"),
    [
        (Decided(), b"x", b"y", Reconciled.TAKEN),
        (CORRECTED, b"new", b"new", Reconciled.CLOSES),
        (CORRECTED, b"old", b"new", Reconciled.NOT_YET_PROCESSED),
        (CORRECTED, b"third", b"new", Reconciled.HELD),
        (CORRECTED, None, b"new", Reconciled.SILENT),
        (Decided(tombstone=True), b"x", None, Reconciled.HELD),
        (Decided(tombstone=True), None, None, Reconciled.SILENT),
        (Decided(restricted=True), b"y", b"x", Reconciled.HELD),
        (Decided(restricted=True), b"x", b"x", Reconciled.TAKEN),
        (Decided(restricted=True), None, b"x", Reconciled.SILENT),
    ],
)
def test_an_import_meets_what_was_decided(decided, delivered, registered, expected):
    assert imports.reconcile(decided, delivered, registered) is expected


VALUES = st.one_of(st.none(), st.sampled_from([b"old", b"new", b"third"]))


@given(st.builds(Decided, VALUES, VALUES, st.booleans(), st.booleans()), VALUES, VALUES)
def test_a_decision_is_never_overwritten_silently(decided, delivered, registered):
    found = imports.reconcile(decided, delivered, registered)
    if found is Reconciled.TAKEN:
        assert not decided.tombstone
        assert decided.corrected_to is None
        assert not decided.restricted or delivered == registered
    if found is Reconciled.CLOSES:
        assert delivered == decided.corrected_to


def test_keys_that_come_twice_are_named_once():
    assert imports.duplicates(["a", "b", "a", "a", "b", "c"]) == ["a", "b"]
    assert imports.duplicates([]) == []
