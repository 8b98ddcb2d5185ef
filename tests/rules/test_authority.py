"""Noor, Daan and others stand in a relation to a child, and that decides what opens."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.rules import authority
from parentportal.rules.authority import (
    Capability,
    Evidence,
    Exposure,
    Family,
    Hidden,
    Link,
    Mark,
    Relation,
    SafetyFlag,
    Status,
)

DAY = date(2026, 11, 2)
NOORS = Link(Relation.JOINT_SEPARATED, Status.CONFIRMED)


@pytest.mark.parametrize(
    ("relation", "opened"),
    [
        (Relation.JOINT, set(Capability)),
        (Relation.JOINT_SEPARATED, set(Capability)),
        (Relation.SOLE, set(Capability)),
        (Relation.WITHOUT, set()),
        (Relation.LEGAL_GUARDIAN, set(Capability)),
        (Relation.UNDER_SUPERVISION, {Capability.VIEW}),
        (Relation.CARER, set()),
        (Relation.INSTITUTION, set()),
        (Relation.MANDATED, set()),
        (Relation.SELF, set(Capability)),
    ],
)
def test_a_confirmed_relation_without_scope_opens_what_the_law_says(relation, opened):
    link = Link(relation, Status.CONFIRMED)
    assert {capability for capability in Capability if authority.may(link, capability, DAY)} == opened


def test_an_institution_acts_within_its_scope_only():
    link = Link(Relation.INSTITUTION, Status.CONFIRMED, scope=frozenset({"care"}))
    assert authority.may(link, Capability.CONSENT, DAY, scope="care")
    assert not authority.may(link, Capability.CONSENT, DAY, scope="images")
    assert authority.may(link, Capability.VIEW, DAY)
    assert not authority.may(Link(Relation.INSTITUTION, Status.CONFIRMED, scope=frozenset()), Capability.VIEW, DAY)


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.ENDED, Status.SUSPENDED])
@pytest.mark.parametrize("relation", Relation)
@pytest.mark.parametrize("capability", Capability)
def test_nothing_opens_before_somebody_confirmed_it(status, relation, capability):
    link = Link(relation, status, scope=frozenset({"care"}))
    assert not authority.may(link, capability, DAY, scope="care")


def test_a_relation_ended_today_is_closed_today():
    link = Link(Relation.SOLE, Status.CONFIRMED, date(2026, 9, 1), DAY)
    assert authority.is_active(link, DAY - timedelta(days=1))
    assert not authority.is_active(link, DAY)
    assert authority.is_active(link, date(2026, 9, 1))
    assert not authority.is_active(link, date(2026, 8, 31))


@given(st.builds(Link, st.sampled_from(Relation), st.sampled_from(Status)), st.dates(), st.sampled_from(Capability))
def test_capabilities_never_exceed_the_table(link, on, capability):
    if authority.may(link, capability, on):
        assert link.status is Status.CONFIRMED
        assert capability in authority.CAPABILITIES[link.relation]


def test_every_relation_has_capabilities_and_evidence():
    assert set(authority.CAPABILITIES) == set(authority.EVIDENCE) == set(Relation)
    assert all(authority.EVIDENCE.values())


def test_a_delivery_alone_proves_no_sole_authority():
    assert Evidence.DELIVERY not in authority.EVIDENCE[Relation.SOLE]
    assert Evidence.DELIVERY not in authority.EVIDENCE[Relation.JOINT_SEPARATED]


TOGETHER = Family(("1234AB 5", "1234AB 5"), (Mark.YES, Mark.YES))


def test_a_family_at_one_address_is_confirmed_in_bulk():
    assert authority.may_confirm_in_bulk(TOGETHER)
    assert authority.may_confirm_in_bulk(Family(("1234AB 5",), (Mark.YES,)))


@pytest.mark.parametrize(
    "family",
    [
        Family(("1234AB 5", "9876ZX 1"), (Mark.YES, Mark.YES)),
        Family(("1234AB 5", None), (Mark.YES, Mark.YES)),
        Family((None, None), (Mark.YES, Mark.YES)),
        Family(("1234AB 5", "1234AB 5"), (Mark.YES, Mark.UNKNOWN)),
        Family(("1234AB 5", "1234AB 5"), (Mark.YES, Mark.CONTRADICTORY)),
        Family(("1234AB 5", "1234AB 5"), (Mark.YES, Mark.NO)),
        Family((), ()),
        *(Family(TOGETHER.addresses, TOGETHER.marks, frozenset({flag})) for flag in SafetyFlag),
    ],
)
def test_all_other_families_are_confirmed_one_by_one(family):
    assert not authority.may_confirm_in_bulk(family)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("mark", Mark)
def test_a_delivery_can_close_access_and_never_open_it(status, mark):
    after = authority.status_after_delivery(status, mark)
    assert (after is Status.CONFIRMED) <= (status is Status.CONFIRMED)
    if mark in {Mark.NO, Mark.CONTRADICTORY}:
        assert after is not Status.CONFIRMED
    else:
        assert after is status


def test_a_relation_not_reconfirmed_for_a_school_year_is_stale():
    assert not authority.is_stale(date(2025, 11, 3), DAY)
    assert authority.is_stale(date(2025, 11, 2), DAY)
    assert authority.is_stale(None, DAY)


def test_without_a_flag_nothing_is_hidden_or_blocked():
    assert authority.hidden_by(()) == frozenset()
    assert not any(authority.blocks((), exposure) for exposure in Exposure)


@pytest.mark.parametrize("flag", SafetyFlag)
def test_every_flag_takes_the_child_off_the_class_list(flag):
    assert authority.blocks({flag}, Exposure.NAME_ON_LIST)
    assert authority.blocks({flag}, Exposure.ADDRESS_ON_LIST)
    assert not authority.blocks({flag}, Exposure.NOTHING)
    assert Hidden.CLASS_LIST in authority.hidden_by({flag})
    assert Hidden.ADDRESS in authority.hidden_by({flag})


def test_who_may_not_know_the_place_sees_no_school_group_or_photo_list():
    assert authority.hidden_by({SafetyFlag.NO_LOCATION}) >= {Hidden.SCHOOL, Hidden.GROUP, Hidden.PHOTO_LIST}
    assert authority.blocks({SafetyFlag.NO_LOCATION}, Exposure.PUBLIC_IMAGE)
    assert not authority.blocks({SafetyFlag.SECRET_ADDRESS}, Exposure.PUBLIC_IMAGE)
