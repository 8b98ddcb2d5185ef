"""Noor and Daan decide about Sem; Ravi decides about nobody but Asha."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.rules import consents
from parentportal.rules.consents import (
    Answer,
    Choice,
    Effective,
    ItemTerms,
    Reason,
    Rule,
    Situation,
    Subject,
    Vote,
)

NOOR, DAAN, RAVI, SEM = (UUID(int=n) for n in (1, 2, 3, 4))
START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
NOW = START + timedelta(days=60)
BOTH = frozenset({NOOR, DAAN})
ITEM = ItemTerms()
EVERYONE = ItemTerms(rule=Rule.ALL)
SCHOOL_DAY = Situation(at=NOW, holders=BOTH, born_on=date(2017, 4, 3), pupil_id=SEM)
YES = Effective(True, Reason.ALLOWED)


def no(reason: Reason) -> Effective:
    return Effective(False, reason)


def said(*answers: tuple[UUID, Answer]) -> list[Vote]:
    """What people answered, a day apart, in that order."""
    return [Vote(who, answer, START + timedelta(days=n)) for n, (who, answer) in enumerate(answers)]


def situation(**changes) -> Situation:
    fields = {name: getattr(SCHOOL_DAY, name) for name in SCHOOL_DAY.__slots__}
    return Situation(**(fields | changes))


GIVEN, REFUSED, WITHDRAWN, OBJECTED, DEFERRED = (
    Answer.GIVEN,
    Answer.REFUSED,
    Answer.WITHDRAWN,
    Answer.OBJECTED,
    Answer.DEFERRED,
)


@pytest.mark.parametrize("item", [ITEM, EVERYONE])
def test_for_a_new_child_everything_is_unknown(item):
    assert consents.effective(item, SCHOOL_DAY, []) == no(Reason.UNKNOWN)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([(NOOR, GIVEN)], YES),
        ([(NOOR, GIVEN), (DAAN, REFUSED)], no(Reason.OBJECTION)),
        ([(NOOR, GIVEN), (DAAN, OBJECTED)], no(Reason.OBJECTION)),
        ([(NOOR, GIVEN), (DAAN, REFUSED), (NOOR, Answer.RENEWED)], no(Reason.OBJECTION)),
        ([(NOOR, GIVEN), (DAAN, REFUSED), (DAAN, DEFERRED)], YES),
        ([(NOOR, GIVEN), (DAAN, REFUSED), (DAAN, GIVEN)], YES),
        ([(NOOR, GIVEN), (NOOR, WITHDRAWN)], no(Reason.OBJECTION)),
        ([(NOOR, GIVEN), (NOOR, WITHDRAWN), (NOOR, GIVEN)], YES),
        ([(NOOR, DEFERRED)], no(Reason.UNKNOWN)),
        ([(NOOR, Answer.ASKED)], no(Reason.UNKNOWN)),
        ([(NOOR, GIVEN), (NOOR, Answer.ASKED)], no(Reason.UNKNOWN)),
        ([(NOOR, REFUSED), (NOOR, Answer.ASKED)], no(Reason.OBJECTION)),
        ([(NOOR, REFUSED), (NOOR, Answer.INVALID)], no(Reason.OBJECTION)),
        ([(NOOR, GIVEN), (NOOR, Answer.EXPIRED)], no(Reason.UNKNOWN)),
        ([(NOOR, GIVEN), (NOOR, Answer.ENDED)], no(Reason.UNKNOWN)),
        ([(RAVI, GIVEN)], no(Reason.UNKNOWN)),
        ([(NOOR, GIVEN), (RAVI, REFUSED)], YES),
    ],
)
def test_one_yes_counts_until_a_holder_says_no(history, expected):
    assert consents.effective(ITEM, SCHOOL_DAY, said(*history)) == expected


def test_when_all_must_agree_one_silent_parent_means_no():
    assert consents.effective(EVERYONE, SCHOOL_DAY, said((NOOR, GIVEN))) == no(Reason.UNKNOWN)
    assert consents.effective(EVERYONE, SCHOOL_DAY, said((NOOR, GIVEN), (DAAN, GIVEN))) == YES


def test_the_director_may_stop_waiting_for_a_parent_who_cannot_be_reached():
    alone = situation(unreachable=frozenset({DAAN}))
    assert consents.effective(EVERYONE, alone, said((NOOR, GIVEN))) == YES
    assert consents.effective(EVERYONE, alone, []) == no(Reason.UNKNOWN)
    assert consents.effective(EVERYONE, alone, said((NOOR, GIVEN), (DAAN, REFUSED))) == no(Reason.OBJECTION)


@pytest.mark.parametrize("item", [ITEM, EVERYONE])
def test_all_of_nobody_is_no_consent(item):
    orphaned = situation(holders=frozenset())
    assert consents.effective(item, orphaned, said((NOOR, GIVEN))) == no(Reason.UNKNOWN)
    deserted = situation(unreachable=BOTH)
    assert consents.effective(item, deserted, []) == no(Reason.UNKNOWN)


def test_when_daan_loses_authority_after_a_no_noor_must_say_yes_again():
    history = said((NOOR, GIVEN), (DAAN, REFUSED))
    assert consents.opens_hold(REFUSED)
    waiting = situation(holders=frozenset({NOOR}), hold_open=True)
    assert consents.effective(ITEM, waiting, history) == no(Reason.RECONFIRM)
    again = consents.answer_to(Choice.YES, GIVEN, hold_open=True)
    assert again is Answer.RENEWED
    assert consents.closes_hold(again, said_on=date(2026, 11, 18), opened_on=date(2026, 11, 17))
    assert consents.closes_hold(again, said_on=date(2026, 11, 17), opened_on=date(2026, 11, 17))
    assert not consents.closes_hold(again, said_on=date(2026, 11, 16), opened_on=date(2026, 11, 17))
    assert not consents.closes_hold(REFUSED, said_on=date(2026, 11, 18), opened_on=date(2026, 11, 17))
    settled = situation(holders=frozenset({NOOR}))
    assert consents.effective(ITEM, settled, [*history, Vote(NOOR, again, NOW)]) == YES


def test_when_daan_loses_authority_after_a_yes_it_simply_stops_counting():
    assert not consents.opens_hold(GIVEN)
    assert not consents.opens_hold(None)
    alone = situation(holders=frozenset({NOOR}))
    assert consents.effective(ITEM, alone, said((DAAN, GIVEN))) == no(Reason.UNKNOWN)


def test_a_yes_without_a_known_wording_waits_for_confirmation():
    imported = [Vote(NOOR, GIVEN, START, wording_counts=False)]
    assert consents.effective(ITEM, SCHOOL_DAY, imported) == no(Reason.UNCONFIRMED)
    assert consents.answer_to(Choice.YES, GIVEN, wording_counts=False) is Answer.RENEWED


def test_a_no_counts_whatever_wording_it_was_given_on():
    old = [Vote(DAAN, REFUSED, START, wording_counts=False), Vote(NOOR, GIVEN, NOW)]
    assert consents.effective(ITEM, SCHOOL_DAY, old) == no(Reason.OBJECTION)


@pytest.mark.parametrize(
    ("item", "changes", "reason"),
    [
        (ItemTerms(offered=False), {}, Reason.NOT_OFFERED),
        (ITEM, {"revoked": True}, Reason.REVOKED),
        (ITEM, {"safety_blocked": True}, Reason.SAFETY),
        (ItemTerms(occasion_ends=NOW), {}, Reason.EXPIRED),
        (ItemTerms(offered=False), {"revoked": True, "safety_blocked": True}, Reason.NOT_OFFERED),
        (ITEM, {"revoked": True, "safety_blocked": True}, Reason.REVOKED),
    ],
)
def test_some_things_stop_even_a_unanimous_yes(item, changes, reason):
    history = said((NOOR, GIVEN), (DAAN, GIVEN))
    assert consents.effective(item, situation(**changes), history) == no(reason)


def test_a_consent_for_one_occasion_counts_until_its_end():
    item = ItemTerms(occasion_ends=NOW + timedelta(seconds=1))
    assert consents.effective(item, SCHOOL_DAY, said((NOOR, GIVEN))) == YES


def test_at_sixteen_only_sem_himself_counts():
    history = said((NOOR, GIVEN), (DAAN, REFUSED))
    evening = situation(born_on=date(2016, 3, 10), at=datetime(2032, 3, 9, 22, 59, tzinfo=UTC))
    midnight = situation(born_on=date(2016, 3, 10), at=datetime(2032, 3, 9, 23, 0, tzinfo=UTC))
    assert consents.effective(ITEM, evening, history[:1]) == YES
    assert consents.effective(ITEM, midnight, history[:1]) == no(Reason.SIXTEEN)
    assert consents.effective(ITEM, midnight, [*history, Vote(SEM, GIVEN, NOW)]) == YES
    assert consents.effective(ITEM, midnight, [Vote(SEM, REFUSED, NOW)]) == no(Reason.OBJECTION)


def test_a_phone_number_is_decided_by_its_owner_alone():
    item = ItemTerms(subject=Subject.ADULT)
    noors = situation(adult_id=NOOR)
    assert consents.effective(item, noors, said((NOOR, GIVEN), (DAAN, REFUSED))) == YES
    assert consents.effective(item, noors, said((DAAN, GIVEN))) == no(Reason.UNKNOWN)
    assert consents.effective(item, noors, said((NOOR, WITHDRAWN))) == no(Reason.OBJECTION)
    assert consents.effective(item, noors, [Vote(NOOR, GIVEN, NOW, False)]) == no(Reason.UNCONFIRMED)
    assert consents.effective(item, situation(adult_id=None), said((NOOR, GIVEN))) == no(Reason.UNKNOWN)


@pytest.mark.parametrize(
    ("choice", "last", "recorded"),
    [
        (Choice.YES, None, GIVEN),
        (Choice.YES, Answer.ASKED, GIVEN),
        (Choice.YES, REFUSED, GIVEN),
        (Choice.YES, WITHDRAWN, GIVEN),
        (Choice.YES, Answer.EXPIRED, Answer.RENEWED),
        (Choice.YES, GIVEN, None),
        (Choice.YES, Answer.RENEWED, None),
        (Choice.NO, None, REFUSED),
        (Choice.NO, GIVEN, WITHDRAWN),
        (Choice.NO, Answer.RENEWED, WITHDRAWN),
        (Choice.NO, REFUSED, None),
        (Choice.NO, OBJECTED, None),
        (Choice.OBJECT, None, OBJECTED),
        (Choice.OBJECT, GIVEN, OBJECTED),
        (Choice.OBJECT, REFUSED, None),
        (Choice.LATER, None, DEFERRED),
        (Choice.LATER, REFUSED, DEFERRED),
        (Choice.LATER, DEFERRED, None),
        (Choice.LATER, GIVEN, None),
    ],
)
def test_a_choice_becomes_an_answer_only_when_it_changes_something(choice, last, recorded):
    assert consents.answer_to(choice, last) is recorded


@pytest.mark.parametrize("before", [YES, *map(no, Reason)])
@pytest.mark.parametrize("after", [YES, *map(no, Reason)])
def test_taking_back_is_needed_exactly_when_a_yes_stops(before, after):
    assert consents.needs_withdrawal_tasks(before, after) is (before.allowed and not after.allowed)


def test_others_hear_of_a_yes_unless_somebody_is_in_danger():
    assert consents.informs_other_holders(GIVEN, safety_flag=False)
    assert not consents.informs_other_holders(GIVEN, safety_flag=True)
    assert not consents.informs_other_holders(GIVEN, safety_flag=False, board_informs=False)
    assert not consents.informs_other_holders(REFUSED, safety_flag=False)


def test_a_disagreement_lasts_from_the_later_of_the_two_answers():
    history = said((NOOR, GIVEN), (DAAN, REFUSED))
    assert consents.disagree_since(history, BOTH) == history[1].at
    assert consents.disagree_since(history, {NOOR}) is None
    assert consents.disagree_since(history[:1], BOTH) is None


PEOPLE = st.sampled_from([NOOR, DAAN, RAVI, SEM])
VOTES = st.lists(
    st.builds(
        Vote,
        PEOPLE,
        st.sampled_from(Answer),
        st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 3), timezones=st.just(UTC)),  # noqa: DTZ001 - the strategy adds UTC
        st.booleans(),
    ),
    max_size=8,
)
SITUATIONS = st.builds(
    Situation,
    at=st.just(NOW),
    holders=st.frozensets(PEOPLE, max_size=3),
    born_on=st.just(date(2017, 4, 3)),
    hold_open=st.booleans(),
    safety_blocked=st.booleans(),
    revoked=st.booleans(),
    unreachable=st.frozensets(PEOPLE, max_size=2),
)
ITEMS = st.builds(
    ItemTerms,
    subject=st.just(Subject.CHILD),
    rule=st.sampled_from(Rule),
    offered=st.booleans(),
    occasion_ends=st.sampled_from([None, NOW, NOW + timedelta(days=1)]),
)


@given(ITEMS, SITUATIONS, VOTES)
def test_an_allowed_item_has_a_counting_yes_of_a_holder_and_no_no(item, around, votes):
    if consents.effective(item, around, votes).allowed:
        standing = consents.newest_votes(votes)
        own = [standing[who] for who in around.holders if who in standing]
        assert any(vote.answer in consents.YES and vote.wording_counts for vote in own)
        assert not any(vote.answer in consents.NO for vote in own)
        assert item.offered
        assert not any((around.hold_open, around.safety_blocked, around.revoked))


@given(ITEMS, SITUATIONS, VOTES, PEOPLE, st.sampled_from(sorted(consents.NO)))
def test_any_no_of_a_holder_stops_everything(item, around, votes, who, answer):
    around = Situation(at=around.at, holders=around.holders | {who}, born_on=around.born_on)
    votes = [*votes, Vote(who, answer, NOW)]
    assert not consents.effective(item, around, votes).allowed


@given(ITEMS, SITUATIONS, VOTES, PEOPLE, PEOPLE)
def test_a_further_yes_never_lifts_the_no_of_another(item, around, votes, objector, other):
    around = Situation(at=around.at, holders=around.holders | {objector, other}, born_on=around.born_on)
    votes = [*votes, Vote(objector, REFUSED, NOW), Vote(other, GIVEN, NOW + timedelta(seconds=1))]
    assert consents.effective(item, around, votes).allowed is (objector == other and _allows(item, around, votes))


def _allows(item: ItemTerms, around: Situation, votes: list[Vote]) -> bool:
    """The same decision, in the words of the requirements, for a child below sixteen."""
    last = {who: vote for who, vote in consents.newest_votes(votes).items() if who in around.holders}
    agreed = {who for who, vote in last.items() if vote.answer in consents.YES and vote.wording_counts}
    objected = any(vote.answer in consents.NO for vote in last.values())
    over = item.occasion_ends is not None and around.at >= item.occasion_ends
    enough = agreed == around.holders if item.rule is Rule.ALL else bool(agreed)
    return item.offered and not objected and not over and enough


@given(ITEMS, SITUATIONS, st.permutations(range(8)), VOTES)
def test_the_order_in_which_answers_are_read_does_not_matter(item, around, order, votes):
    shuffled = [votes[n] for n in order if n < len(votes)]
    assert consents.effective(item, around, shuffled) == consents.effective(item, around, votes)


@given(ITEMS, SITUATIONS, VOTES)
def test_the_newest_answers_alone_decide_as_the_whole_history(item, around, votes):
    newest = consents.newest_votes(votes).values()
    assert consents.effective(item, around, newest) == consents.effective(item, around, votes)


@given(SITUATIONS, VOTES)
def test_what_all_agree_to_also_counts_where_one_suffices(around, votes):
    if consents.effective(EVERYONE, around, votes).allowed:
        assert consents.effective(ITEM, around, votes).allowed


@given(st.sampled_from(Choice), st.one_of(st.none(), st.sampled_from(Answer)), st.booleans(), st.booleans())
def test_a_double_click_records_one_answer(choice, last, counts, hold):
    answer = consents.answer_to(choice, last, wording_counts=counts, hold_open=hold)
    if answer is not None:
        assert answer in consents.OWN
        assert consents.answer_to(choice, answer) is None
