"""Who gives which role to whom."""

import pytest

from parentportal.rules.roles import BOARD_WIDE, STAFF, Role, may_give

AT_SCHOOL = STAFF - BOARD_WIDE


@pytest.mark.parametrize(
    ("giver", "roles"),
    [
        (Role.DIRECTOR, AT_SCHOOL),
        (Role.ADMINISTRATION, {Role.TEACHER, Role.SUPPORT}),
        *((role, set()) for role in Role if role not in (Role.DIRECTOR, Role.ADMINISTRATION)),
    ],
)
def test_each_role_gives_what_it_may_and_nothing_else(giver: Role, roles: set[Role]) -> None:
    assert {role for role in Role if may_give(giver, role)} == roles


@pytest.mark.parametrize("giver", list(Role))
def test_nobody_gives_a_role_to_oneself(giver: Role) -> None:
    assert [role for role in Role if may_give(giver, role, to_oneself=True)] == []


def test_the_operator_gives_every_role_at_work_and_makes_nobody_a_parent() -> None:
    assert {role for role in Role if may_give(None, role)} == STAFF
