"""A sealed value opens in its own place, under a key of the ring, and nowhere else."""

import pickle
import secrets
from itertools import product
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.outside import vault as vault_module
from parentportal.outside.vault import SealBroken, Vault, of

OLD, NEW, OTHER = (secrets.token_bytes(32) for _ in range(3))
ROW = UUID("01900000-0000-7000-8000-000000000001")
BSN = "999990019"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_whatever_was_sealed_opens_unchanged(text: str) -> None:
    vault = Vault.from_keys([NEW])
    sealed = vault.seal(text, table="pupil", row=ROW, column="citizen_number")
    assert vault.open(sealed, table="pupil", row=ROW, column="citizen_number") == text


def test_the_sealed_bytes_hold_version_key_nonce_and_tag_and_not_the_text() -> None:
    sealed = Vault.from_keys([NEW]).seal(BSN, table="pupil", row=ROW, column="citizen_number")
    assert sealed[0] == 1
    assert len(sealed) == 1 + 4 + 12 + len(BSN) + 16
    assert BSN.encode() not in sealed


def test_no_nonce_is_used_twice_and_equal_texts_look_different() -> None:
    vault = Vault.from_keys([NEW])
    sealed = [vault.seal(BSN, table="pupil", row=ROW, column="bsn") for _ in range(5000)]
    assert len({one[5:17] for one in sealed}) == 5000
    assert len({one[17:] for one in sealed}) == 5000


def test_a_value_moved_to_another_row_column_or_table_is_refused_every_time() -> None:
    vault = Vault.from_keys([NEW])
    rows = [uuid4() for _ in range(5)]
    places = [
        {"table": table, "row": row, "column": column}
        for table, row, column in product(("pupil", "guardian"), rows, ("bsn", "iban"))
    ]
    sealed = [vault.seal(BSN, **place) for place in places]
    swaps = [(i, j) for i in range(len(places)) for j in range(len(places)) if i != j]
    assert len(swaps) >= 100
    for i, j in swaps:
        with pytest.raises(SealBroken):
            vault.open(sealed[i], **places[j])


def test_names_that_run_together_alike_are_still_different_places() -> None:
    vault = Vault.from_keys([NEW])
    sealed = vault.seal(BSN, table="pupil", row=ROW, column="number")
    with pytest.raises(SealBroken):
        vault.open(sealed, table="pupilnum", row=ROW, column="ber")


def test_every_altered_byte_is_noticed() -> None:
    vault = Vault.from_keys([NEW])
    sealed = vault.seal(BSN, table="pupil", row=ROW, column="bsn")
    for index in range(len(sealed)):
        altered = bytearray(sealed)
        altered[index] ^= 1
        with pytest.raises(SealBroken):
            vault.open(bytes(altered), table="pupil", row=ROW, column="bsn")


@pytest.mark.parametrize("cut", [0, 1, 5, 17, 32, 41])
def test_a_cut_off_value_is_refused(cut: int) -> None:
    vault = Vault.from_keys([NEW])
    sealed = vault.seal(BSN, table="pupil", row=ROW, column="bsn")
    assert cut < len(sealed)
    with pytest.raises(SealBroken):
        vault.open(sealed[:cut], table="pupil", row=ROW, column="bsn")


def test_another_key_does_not_open_it_and_the_error_tells_no_value() -> None:
    sealed = Vault.from_keys([NEW]).seal(BSN, table="pupil", row=ROW, column="bsn")
    with pytest.raises(SealBroken) as refused:
        Vault.from_keys([OTHER]).open(sealed, table="pupil", row=ROW, column="bsn")
    assert BSN not in str(refused.value)
    assert str(ROW) in str(refused.value)


def test_after_rotation_old_values_open_and_new_ones_need_only_the_new_key() -> None:
    place = {"table": "pupil", "row": ROW, "column": "bsn"}
    before, during, after = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    old = before.seal(BSN, **place)
    assert not before.needs_resealing(old)
    assert during.needs_resealing(old)
    renewed = during.seal(during.open(old, **place), **place)
    assert not during.needs_resealing(renewed)
    assert after.open(renewed, **place) == BSN
    with pytest.raises(SealBroken, match="not in the ring"):
        after.open(old, **place)


def test_a_digest_finds_the_same_text_and_survives_a_new_key_in_front() -> None:
    before, during = Vault([OLD]), Vault([NEW, OLD])
    assert len(before.digest(BSN, "pupil.bsn")) == 32
    assert before.digest(BSN, "pupil.bsn") == during.digest(BSN, "pupil.bsn")
    assert Vault([NEW]).digest(BSN, "pupil.bsn") != during.digest(BSN, "pupil.bsn")


def test_digests_of_different_purposes_or_texts_differ() -> None:
    vault = Vault([NEW])
    assert vault.digest(BSN, "pupil.bsn") != vault.digest(BSN, "guardian.bsn")
    assert vault.digest(BSN, "pupil.bsn") != vault.digest("999990020", "pupil.bsn")


def test_the_vault_neither_shows_nor_pickles_its_keys() -> None:
    vault = Vault([NEW, OLD])
    assert repr(vault) == str(vault) == "<Vault with 2 key(s)>"
    with pytest.raises(TypeError):
        pickle.dumps(vault)


@pytest.mark.parametrize(
    "ring",
    [[], [b"short"], [NEW + b"x"], [bytes(32)], [NEW, NEW], [b"ab" * 16]],
    ids=["none", "short", "long", "zero", "twice", "not random"],
)
def test_a_ring_with_unfit_keys_is_refused(ring: list[bytes]) -> None:
    with pytest.raises(ValueError, match="key"):
        Vault.from_keys(ring)


def test_two_keys_that_cannot_be_told_apart_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_module, "_key_id", lambda key: b"same")
    with pytest.raises(ValueError, match="same id"):
        Vault.from_keys([NEW, OLD])


def test_a_session_hands_out_its_own_vault() -> None:
    vault = Vault([NEW])
    assert of(SimpleNamespace(info={"vault": vault})) is vault
