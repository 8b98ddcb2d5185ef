"""What browsers answer about passkeys: the real is taken, what is off by one thing is not, nonsense breaks nothing."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import webauthn
from hypothesis import given
from hypothesis import strategies as st
from webauthn.helpers.exceptions import WebAuthnException

from parentportal.outside import passkeys
from parentportal.outside.passkeys import MOST_ANSWER, Doubt, NewPasskey, PasskeyRefused, Site
from tests.authenticator import Authenticator, Cheat, to_bytes, to_text

SITE = Site("portaal.example", "https://portaal.example")
OWNER = UUID(int=7)
CHALLENGE = bytes(range(32))
OTHER_CHALLENGE = bytes(32)


def asked_to_make(have: tuple[bytes, ...] = ()) -> dict[str, Any]:
    return passkeys.to_make(SITE, CHALLENGE, owner=OWNER, name="noor@huis.example", shown_as="Noor", have=have)


def asked_to_prove(have: tuple[bytes, ...] = ()) -> dict[str, Any]:
    return passkeys.to_prove(SITE, CHALLENGE, have=have)


def with_key(phone: Authenticator) -> NewPasskey:
    return passkeys.check_new(SITE, phone.make(asked_to_make()), CHALLENGE)


def doubt_of(check: Callable[[], object]) -> Doubt:
    with pytest.raises(PasskeyRefused) as refused:
        check()
    return refused.value.doubt


def changed(answer: str, change: Callable[[dict[str, Any]], object]) -> str:
    fields = json.loads(answer)
    change(fields)
    return json.dumps(fields)


@pytest.mark.parametrize(
    ("base_url", "site"),
    [
        ("https://portaal.example", SITE),
        ("https://portaal.example:443/", SITE),
        ("https://portaal.example:8443", Site("portaal.example", "https://portaal.example:8443")),
        ("http://localhost:8000", Site("localhost", "http://localhost:8000")),
        ("http://127.0.0.1:8000", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::7]", None),
        ("http://portaal.example", None),
        ("", None),
    ],
)
def test_passkeys_belong_to_a_named_site_on_https_or_to_this_machine(base_url: str, site: Site | None) -> None:
    assert Site.at(base_url) == site


def test_a_challenge_is_32_bytes_and_never_the_same() -> None:
    assert {len(passkeys.new_challenge()) for _ in range(50)} == {32}
    assert len({passkeys.new_challenge() for _ in range(50)}) == 50


def test_a_browser_is_asked_for_verification_and_for_a_key_that_can_be_found_without_a_name() -> None:
    made, proved = asked_to_make((b"old",)), asked_to_prove((b"old",))
    assert made["authenticatorSelection"] == {
        "requireResidentKey": True,
        "residentKey": "required",
        "userVerification": "required",
    }
    assert made["attestation"] == "none"
    assert to_bytes(made["user"]["id"]) == OWNER.bytes
    assert [to_bytes(one["id"]) for one in made["excludeCredentials"]] == [b"old"]
    assert proved["userVerification"] == "required"
    assert [to_bytes(one["id"]) for one in proved["allowCredentials"]] == [b"old"]
    assert made["rp"]["id"] == proved["rpId"] == "portaal.example"


def test_the_software_authenticator_is_what_the_library_takes_for_one() -> None:
    phone = Authenticator(SITE)
    made = webauthn.verify_registration_response(
        credential=phone.make(asked_to_make()),
        expected_challenge=CHALLENGE,
        expected_rp_id=SITE.host,
        expected_origin=SITE.origin,
        require_user_verification=True,
    )
    proved = webauthn.verify_authentication_response(
        credential=phone.prove(asked_to_prove()),
        expected_challenge=CHALLENGE,
        expected_rp_id=SITE.host,
        expected_origin=SITE.origin,
        credential_public_key=made.credential_public_key,
        credential_current_sign_count=made.sign_count,
        require_user_verification=True,
    )
    assert (proved.credential_id, proved.new_sign_count) == (made.credential_id, 1)


@pytest.mark.parametrize(
    "cheat",
    [
        Cheat(verified=False),
        Cheat(present=False),
        Cheat(origin="https://portaal.example.elders.example"),
        Cheat(host="elders.example"),
        Cheat(challenge=OTHER_CHALLENGE),
        Cheat(count=0),
        Cheat(kind="webauthn.create"),
        Cheat(spoiled=True),
    ],
)
def test_the_library_itself_refuses_each_way_in_which_the_authenticator_cheats(cheat: Cheat) -> None:
    phone = Authenticator(SITE)
    made = with_key(phone)
    answer = phone.prove(asked_to_prove(), cheat)
    with pytest.raises(WebAuthnException):
        webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=CHALLENGE,
            expected_rp_id=SITE.host,
            expected_origin=SITE.origin,
            credential_public_key=made.public_key,
            credential_current_sign_count=1,
            require_user_verification=True,
        )


def test_a_new_key_is_kept_with_its_public_half_alone() -> None:
    phone = Authenticator(SITE)
    made = with_key(phone)
    assert made.credential_id == phone.keys[0].credential_id
    assert (made.sign_count, made.is_synced, made.transports) == (0, False, ("internal",))
    assert passkeys.check_proof(SITE, phone.prove(asked_to_prove()), CHALLENGE, made.public_key) == 1


def test_a_key_that_is_kept_in_step_says_so_and_never_counts() -> None:
    phone = Authenticator(SITE, synced=True)
    made = with_key(phone)
    assert made.is_synced
    assert passkeys.check_proof(SITE, phone.prove(asked_to_prove()), CHALLENGE, made.public_key) == 0


@pytest.mark.parametrize(
    ("cheat", "doubt"),
    [
        (Cheat(verified=False), Doubt.NOT_VERIFIED),
        (Cheat(present=False), Doubt.FORGED),
        (Cheat(origin="https://elders.example"), Doubt.OTHER_PLACE),
        (Cheat(origin="http://portaal.example"), Doubt.OTHER_PLACE),
        (Cheat(origin="https://portaal.example:8443"), Doubt.OTHER_PLACE),
        (Cheat(framed=True), Doubt.OTHER_PLACE),
        (Cheat(host="elders.example"), Doubt.FORGED),
        (Cheat(challenge=OTHER_CHALLENGE), Doubt.FORGED),
        (Cheat(kind="webauthn.get"), Doubt.FORGED),
    ],
)
def test_a_new_key_that_was_made_the_wrong_way_is_refused(cheat: Cheat, doubt: Doubt) -> None:
    answer = Authenticator(SITE).make(asked_to_make(), cheat)
    assert doubt_of(lambda: passkeys.check_new(SITE, answer, CHALLENGE)) is doubt


@pytest.mark.parametrize(
    ("cheat", "doubt"),
    [
        (Cheat(verified=False), Doubt.NOT_VERIFIED),
        (Cheat(present=False), Doubt.FORGED),
        (Cheat(origin="https://elders.example"), Doubt.OTHER_PLACE),
        (Cheat(framed=True), Doubt.OTHER_PLACE),
        (Cheat(host="elders.example"), Doubt.FORGED),
        (Cheat(challenge=OTHER_CHALLENGE), Doubt.FORGED),
        (Cheat(kind="webauthn.create"), Doubt.FORGED),
        (Cheat(spoiled=True), Doubt.FORGED),
    ],
)
def test_a_signature_that_was_given_the_wrong_way_is_refused(cheat: Cheat, doubt: Doubt) -> None:
    phone = Authenticator(SITE)
    made = with_key(phone)
    answer = phone.prove(asked_to_prove(), cheat)
    assert doubt_of(lambda: passkeys.check_proof(SITE, answer, CHALLENGE, made.public_key)) is doubt


def test_the_key_of_somebody_else_proves_nothing() -> None:
    mine, theirs = Authenticator(SITE), Authenticator(SITE)
    made = with_key(mine)
    with_key(theirs)
    answer = theirs.prove(asked_to_prove())
    assert doubt_of(lambda: passkeys.check_proof(SITE, answer, CHALLENGE, made.public_key)) is Doubt.FORGED


def test_an_answer_is_read_before_it_is_believed() -> None:
    phone = Authenticator(SITE)
    with_key(phone)
    read = passkeys.read_answer(phone.prove(asked_to_prove()))
    assert (read.challenge, read.credential_id, read.owner) == (CHALLENGE, phone.keys[0].credential_id, OWNER)


MALFORMED: dict[str, Callable[[str], str]] = {
    "nothing": lambda _: "",
    "no JSON": lambda _: "{",
    "a list": lambda _: "[]",
    "a number": lambda _: "1e999",
    "null": lambda _: "null",
    "deep": lambda _: "[" * 8000,
    "far too long": lambda answer: answer + " " * MOST_ANSWER,
    "no response": lambda answer: changed(answer, lambda fields: fields.pop("response")),
    "response is a text": lambda answer: changed(answer, lambda fields: fields.update(response="x")),
    "no raw id": lambda answer: changed(answer, lambda fields: fields.pop("rawId")),
    "raw id is a number": lambda answer: changed(answer, lambda fields: fields.update(rawId=7)),
    "no client data": lambda answer: changed(answer, lambda fields: fields["response"].pop("clientDataJSON")),
    "client data is null": lambda answer: changed(
        answer, lambda fields: fields["response"].update(clientDataJSON=None)
    ),
    "client data is no base64": lambda answer: changed(
        answer, lambda fields: fields["response"].update(clientDataJSON="é")
    ),
    "client data is no JSON": lambda answer: changed(
        answer, lambda fields: fields["response"].update(clientDataJSON=to_text(b"\xff\x00"))
    ),
    "client data is a list": lambda answer: changed(
        answer, lambda fields: fields["response"].update(clientDataJSON=to_text(b"[1]"))
    ),
    "challenge is a number": lambda answer: changed(
        answer,
        lambda fields: fields["response"].update(
            clientDataJSON=to_text(b'{"type":"webauthn.get","challenge":7,"origin":"https://portaal.example"}')
        ),
    ),
    "user handle is short": lambda answer: changed(
        answer, lambda fields: fields["response"].update(userHandle=to_text(b"7"))
    ),
    "user handle is a list": lambda answer: changed(answer, lambda fields: fields["response"].update(userHandle=[1])),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_an_answer_that_cannot_be_read_is_refused(name: str) -> None:
    phone = Authenticator(SITE)
    with_key(phone)
    answer = MALFORMED[name](phone.prove(asked_to_prove()))
    assert doubt_of(lambda: passkeys.read_answer(answer)) is Doubt.MALFORMED


PHONE = Authenticator(SITE)
MADE_ANSWER = PHONE.make(asked_to_make())
MADE = passkeys.check_new(SITE, MADE_ANSWER, CHALLENGE)
PROVED_ANSWER = PHONE.prove(asked_to_prove())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PLACES = ("id", "rawId", "type", "response", "clientExtensionResults", "authenticatorAttachment")
INSIDE = ("clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject", "transports")


def break_nothing(answer: str) -> None:
    """Each check either believes an answer or refuses it in the portal's own words."""
    for check in (
        lambda: passkeys.read_answer(answer),
        lambda: passkeys.check_new(SITE, answer, CHALLENGE),
        lambda: passkeys.check_proof(SITE, answer, CHALLENGE, MADE.public_key),
    ):
        try:
            check()
        except PasskeyRefused:
            continue


@given(st.text(max_size=300))
def test_any_text_is_refused_and_breaks_nothing(answer: str) -> None:
    break_nothing(answer)


@given(st.sampled_from((MADE_ANSWER, PROVED_ANSWER)), st.sampled_from(PLACES), JSON)
def test_any_value_in_any_place_breaks_nothing(answer: str, place: str, value: object) -> None:
    break_nothing(changed(answer, lambda fields: fields.update({place: value})))


@given(
    st.sampled_from((MADE_ANSWER, PROVED_ANSWER)), st.sampled_from(INSIDE), JSON | st.binary(max_size=200).map(to_text)
)
def test_any_value_in_any_place_of_the_response_breaks_nothing(answer: str, place: str, value: object) -> None:
    break_nothing(changed(answer, lambda fields: fields["response"].update({place: value})))


@given(st.data())
def test_turning_any_byte_of_what_was_signed_is_seen(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(("clientDataJSON", "authenticatorData", "signature")))
    fields = json.loads(PROVED_ANSWER)
    spoiled = bytearray(to_bytes(fields["response"][place]))
    spoiled[data.draw(st.integers(0, len(spoiled) - 1))] ^= data.draw(st.integers(1, 255))
    fields["response"][place] = to_text(bytes(spoiled))
    with pytest.raises(PasskeyRefused):
        passkeys.check_proof(SITE, json.dumps(fields), CHALLENGE, MADE.public_key)


@given(st.integers(0, 400), st.integers(0, 255))
def test_turning_any_byte_of_a_new_key_breaks_nothing(place: int, value: int) -> None:
    fields = json.loads(MADE_ANSWER)
    spoiled = bytearray(to_bytes(fields["response"]["attestationObject"]))
    spoiled[place % len(spoiled)] = value
    fields["response"]["attestationObject"] = to_text(bytes(spoiled))
    break_nothing(json.dumps(fields))
