"""No decision without a ground, no letter with a hole, no closing before everything is done."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.rules import outcomes
from parentportal.rules.outcomes import (
    CaseFacts,
    CloseGap,
    Gap,
    Ground,
    LetterKind,
    LetterPart,
    Outcome,
    Refusal,
)
from parentportal.rules.privacy_requests import Kind

G, P, R = Outcome.GRANTED, Outcome.PARTLY, Outcome.REFUSED
WORKING_NOTE = Refusal(Ground.WORKING_NOTE, "Een geheugensteun die met niemand is gedeeld.")


@pytest.mark.parametrize(
    ("items", "whole"),
    [
        ([G, G], G),
        ([G, R], P),
        ([R, R], R),
        ([Outcome.NOT_PRESENT], Outcome.NOT_PRESENT),
        ([R, Outcome.NOT_PRESENT], R),
        ([G, Outcome.NOT_PRESENT], P),
        ([Outcome.STATEMENT_ADDED, R], P),
        ([Outcome.REFERRED, Outcome.NOT_PRESENT], Outcome.REFERRED),
    ],
)
def test_the_outcome_of_a_request_follows_from_its_items(items, whole):
    assert outcomes.outcome_of(items) is whole


def test_a_request_without_decided_items_has_no_outcome():
    with pytest.raises(ValueError, match="at least one"):
        outcomes.outcome_of([])


@given(st.lists(st.sampled_from(Outcome), min_size=1))
def test_partly_is_said_only_when_something_was_granted(items):
    whole = outcomes.outcome_of(items)
    assert whole is outcomes.outcome_of(list(reversed(items)))
    assert (whole in outcomes.FAVOURABLE) is outcomes.needs_execution(items)


def test_every_kind_has_its_grounds_and_every_ground_its_use():
    assert set(outcomes.GROUNDS) == set(Kind)
    assert frozenset().union(*outcomes.GROUNDS.values()) == set(Ground)


def test_a_refusal_needs_a_ground_that_exists_for_the_kind():
    assert outcomes.missing_in_decision(Kind.ACCESS, R, None) == [Gap.GROUND]
    assert outcomes.missing_in_decision(Kind.ERASURE, R, WORKING_NOTE) == [Gap.GROUND]
    assert outcomes.missing_in_decision(Kind.ACCESS, R, WORKING_NOTE) == []
    assert outcomes.missing_in_decision(Kind.ACCESS, G, None) == []


def test_a_refusal_needs_words_of_its_own():
    assert outcomes.missing_in_decision(Kind.ACCESS, P, replace(WORKING_NOTE, motivation=" ")) == [Gap.MOTIVATION]


@pytest.mark.parametrize("ground", sorted(outcomes.NEEDS_ADVICE))
def test_grounds_against_the_parent_need_the_officers_advice(ground):
    refusal = Refusal(ground, "Zie de toelichting.")
    assert outcomes.missing_in_decision(Kind.ACCESS, R, refusal) == [Gap.OFFICER_ADVICE]
    assert outcomes.missing_in_decision(Kind.ACCESS, R, replace(refusal, officer_advised=True)) == []


def test_a_legal_duty_names_the_law_and_the_day_of_erasure():
    refusal = Refusal(Ground.LEGAL_DUTY, "De school moet het verzuim bewaren.")
    assert outcomes.missing_in_decision(Kind.ERASURE, R, refusal) == [Gap.LAW, Gap.RETENTION_CLASS, Gap.ERASE_ON]
    full = replace(refusal, law="Besluit bekostiging WPO", retention_class="r5", erase_on=date(2031, 7, 17))
    assert outcomes.missing_in_decision(Kind.ERASURE, R, full) == []


def test_a_judgement_stays_only_when_a_statement_was_offered():
    refusal = Refusal(Ground.PROFESSIONAL_JUDGEMENT, "Dit is het oordeel van de leerkracht.")
    assert outcomes.missing_in_decision(Kind.RECTIFICATION, R, refusal) == [Gap.STATEMENT_OFFER]
    assert outcomes.missing_in_decision(Kind.RECTIFICATION, R, replace(refusal, statement_offered=True)) == []


def test_a_fact_that_proves_right_needs_its_evidence():
    refusal = Refusal(Ground.PROVED_RIGHT, "De datum klopt.")
    assert outcomes.missing_in_decision(Kind.RECTIFICATION, R, refusal) == [Gap.EVIDENCE]


FULL = dict.fromkeys(LetterPart, "tekst")


@pytest.mark.parametrize("part", sorted(set(LetterPart) - {LetterPart.NEW_DATE}))
def test_a_decision_with_a_hole_cannot_be_sent(part):
    for text in ("", "  "):
        holed = FULL | {part: text}
        found = outcomes.missing_in_letter(holed, LetterKind.DECISION, outcomes=[G, R], is_administrative_body=False)
        assert found == [part]


def test_a_complete_letter_can_be_sent():
    for kind in LetterKind:
        assert outcomes.missing_in_letter(FULL, kind, outcomes=[G], is_administrative_body=True) == []


def test_a_full_refusal_tells_of_no_execution():
    parts = {part: "tekst" for part in LetterPart if part not in {LetterPart.EXECUTION, LetterPart.RECIPIENTS}}
    assert outcomes.missing_in_letter(
        parts, LetterKind.DECISION, outcomes=[R], is_administrative_body=False
    ) == []  # fmt: skip
    assert outcomes.missing_in_letter(
        parts, LetterKind.DECISION, outcomes=[G], is_administrative_body=False
    ) == [LetterPart.EXECUTION, LetterPart.RECIPIENTS]  # fmt: skip


def test_an_extension_names_the_new_day():
    parts = FULL | {LetterPart.NEW_DATE: ""}
    found = outcomes.missing_in_letter(parts, LetterKind.EXTENSION, is_administrative_body=False)
    assert found == [LetterPart.NEW_DATE]


def test_the_way_to_court_is_unknown_while_the_board_has_not_said_what_it_is():
    found = outcomes.missing_in_letter(FULL, LetterKind.DECISION, outcomes=[G], is_administrative_body=None)
    assert found == [LetterPart.COURT]


DONE = CaseFacts(
    letter_delivered=True,
    open_tasks=0,
    open_notices=0,
    restriction_settled=True,
    evidence_sealed=True,
    reconciliation_planned=True,
)


def test_a_finished_case_can_be_closed():
    assert outcomes.missing_to_close(DONE) == []


@pytest.mark.parametrize(
    ("changes", "gap"),
    [
        ({"letter_delivered": False}, CloseGap.LETTER),
        ({"open_tasks": 1}, CloseGap.TASKS),
        ({"open_notices": 2}, CloseGap.NOTICES),
        ({"restriction_settled": False}, CloseGap.RESTRICTION),
        ({"evidence_sealed": False}, CloseGap.EVIDENCE),
        ({"reconciliation_planned": False}, CloseGap.RECONCILIATION),
        ({"second_person_confirmed": False}, CloseGap.SECOND_PERSON),
    ],
)
def test_one_open_end_keeps_a_case_open(changes, gap):
    assert outcomes.missing_to_close(replace(DONE, **changes)) == [gap]
