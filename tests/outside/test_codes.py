"""Codes are unguessable, and readable from paper by tired eyes."""

from parentportal.outside import codes


def test_the_alphabet_carries_five_bits_a_symbol_and_nothing_that_looks_alike() -> None:
    assert len(codes.ALPHABET) == len(set(codes.ALPHABET)) == 32
    assert not set("01IO") & set(codes.ALPHABET)


def test_an_activation_code_has_eighty_bits_in_four_printed_groups() -> None:
    code = codes.activation_code()
    assert len(code) * 5 == 80
    assert set(code) <= set(codes.ALPHABET)
    assert [len(group) for group in codes.in_groups(code).split("-")] == [4, 4, 4, 4]


def test_a_recovery_code_has_at_least_sixty_four_bits() -> None:
    assert len(codes.recovery_code()) * 5 >= 64


def test_a_code_typed_over_in_any_manner_is_the_same_code() -> None:
    code = codes.activation_code()
    printed = codes.in_groups(code)
    for typed in (
        printed,
        printed.lower(),
        f"  {printed.replace('-', ' ')} ",
        printed.replace("-", "–"),
        code,
    ):
        assert codes.as_typed(typed) == code


def test_no_two_codes_of_ten_thousand_are_equal_and_every_symbol_occurs() -> None:
    made = [codes.activation_code() for _ in range(10_000)]
    assert len(set(made)) == 10_000
    for place in range(codes.ACTIVATION_LENGTH):
        assert {code[place] for code in made} == set(codes.ALPHABET)


def test_mail_codes_are_six_digits_and_may_start_with_zero() -> None:
    made = [codes.mail_code() for _ in range(2_000)]
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in made)
    assert {code[0] for code in made} == set("0123456789")


def test_a_sign_in_name_is_letters_then_digits_without_look_alikes() -> None:
    for _ in range(200):
        name = codes.sign_in_name()
        assert name[:4].isalpha()
        assert name[4:].isdigit()
        assert name == name.lower()
        assert not set("il o01") & set(name)


def test_a_token_has_256_bits_and_fits_in_an_address() -> None:
    made = {codes.token() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(len(token) == 43 and token.replace("-", "").replace("_", "").isalnum() for token in made)
