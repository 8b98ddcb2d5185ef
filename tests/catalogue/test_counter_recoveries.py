"""Whether a second colleague looks along at the counter is the choice of a board, and doing without needs a reason."""

import pytest

from parentportal import catalogue

WHY = "De school heeft één medewerker op kantoor."


@pytest.mark.parametrize("code", catalogue.bundled_boards())
def test_no_real_board_does_without_a_second_colleague(code):
    policy = catalogue.load_board(catalogue.board_text(code))
    assert policy.counter_recovery_four_eyes
    assert policy.counter_recovery_reason == ""


@pytest.mark.parametrize("code", catalogue.bundled_boards())
def test_a_board_that_says_why_may_do_without(code):
    switched_off = f'counter_recovery_four_eyes = false\ncounter_recovery_reason = "{WHY}"\n'
    alone = catalogue.load_board(switched_off + catalogue.board_text(code))
    assert (alone.counter_recovery_four_eyes, alone.counter_recovery_reason) == (False, WHY)


def test_a_board_without_a_file_of_its_own_asks_for_a_second_colleague():
    assert catalogue.load_board(catalogue.default_board_text("nieuw", "Nieuw")).counter_recovery_four_eyes
