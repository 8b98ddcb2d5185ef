"""Pointing at a row by the end of its key: only when it can be that one row alone."""

from uuid import UUID

import pytest

from parentportal.cli.answers import Unusable
from parentportal.cli.at_school import pick, short

ONE, OTHER, THIRD = (UUID(f"01a20120-c59b-7734-a878-{end}") for end in ("00001234abcd", "00991234abcd", "0000deadbeef"))


def picked(key: str) -> UUID:
    return pick([ONE, OTHER, THIRD], key, lambda row: row, missing="Die is er niet.")


def test_a_whole_key_and_an_end_that_is_the_only_one_point_at_a_row() -> None:
    assert (picked(str(ONE)), picked(OTHER.hex.upper()), picked(short(THIRD))) == (ONE, OTHER, THIRD)


@pytest.mark.parametrize(
    ("key", "words"), [("34abcd", "meer dan één rij"), ("abcd", "te kort"), ("", "te kort"), ("00abcdef", "Die is er")]
)
def test_an_end_that_is_shared_short_or_unknown_is_refused(key: str, words: str) -> None:
    with pytest.raises(Unusable, match=words):
        picked(key)
