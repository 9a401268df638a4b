"""What is checked of an access token: each claim, each member of the header, each way to write it."""

import hmac
import json

import pytest
from cryptography.hazmat.primitives import serialization

from coatcheck.testing import SeededEntropy
from coatcheck.tokens.claims import AccessToken, Invalid
from coatcheck.tokens.key import generate, shared_secret
from tests.tokens.support import (
    ES256,
    KEYS,
    NOW,
    as_json,
    b64,
    check,
    claims,
    forge,
    header,
    malleated,
    unb64,
)

GOOD = forge()
HEAD, PAYLOAD, SIGNATURE = GOOD.split(".")
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_good_token_says_what_was_signed(key):
    token = check(forge(key=key), key)
    assert isinstance(token, AccessToken)
    assert (token.sub, token.audiences, token.roles) == ("u1", ("api",), ("user",))
    assert token.has_any_role(frozenset({"user", "admin"}))
    assert not token.has_any_role(frozenset({"admin"}))


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_the_type_of_an_access_token_is_a_media_type(typ):
    assert isinstance(check(forge(header(typ=typ))), AccessToken)


@pytest.mark.parametrize(
    "typ", [None, "JWT", "jwt", "dbsc+jwt", "secevent+jwt", "logout+jwt", "", 1, ["at+jwt"]]
)
def test_every_other_kind_of_token_is_refused(typ):
    assert check(forge(header(typ=typ))) is Invalid.WRONG_KIND


@pytest.mark.parametrize(
    "name", ["jwk", "jku", "x5u", "x5c", "x5t", "crit", "zip", "b64", "cty", "enc", "nonce"]
)
def test_a_header_that_says_more_than_ours_is_refused(name):
    assert check(forge(header(**{name: "https://evil.test/keys"}))) is Invalid.MALFORMED


@pytest.mark.parametrize(
    "kid",
    [None, 1, ["a"], {}, "", "../../dev/null", "' OR 1=1 --", "https://evil.test", "a" * 129, "k\x00", "é"],
)
def test_a_kid_that_cannot_be_one_is_never_looked_up(kid):
    assert check(forge(header(kid=kid))) is Invalid.MALFORMED


@pytest.mark.parametrize(
    "alg", ["none", "None", "nOnE", "HS256", "ES384", "ES256K", "RS256", "EdDSA", "Ed25519", ""]
)
def test_a_key_is_used_with_its_own_algorithm_alone(alg):
    assert check(forge(header(alg=alg))) is Invalid.BAD_SIGNATURE
    unsigned = f"{b64(as_json(header(alg=alg)))}.{PAYLOAD}."
    assert check(unsigned) is Invalid.BAD_SIGNATURE


@pytest.mark.parametrize("alg", [None, 1, ["ES256"]])
def test_an_algorithm_has_a_name(alg):
    assert check(forge(header(alg=alg))) is Invalid.MALFORMED


def public_texts():
    public = ES256.jose.get_op_key("verify")
    encoding, form = serialization.Encoding, serialization.PublicFormat.SubjectPublicKeyInfo
    return {
        "pem": public.public_bytes(encoding.PEM, form),
        "der": public.public_bytes(encoding.DER, form),
        "jwk": json.dumps(ES256.public_jwk()).encode(),
        "x": unb64(ES256.public_jwk()["x"]),
    }


@pytest.mark.parametrize("secret", public_texts().values(), ids=public_texts())
def test_a_public_key_is_no_secret_for_hs256(secret):
    signed = f"{b64(as_json(header(alg='HS256')))}.{PAYLOAD}"
    token = f"{signed}.{b64(hmac.digest(secret, signed.encode(), 'sha256'))}"
    assert check(token) is Invalid.BAD_SIGNATURE


def test_hs256_works_where_it_was_chosen():
    key = shared_secret("qMUwcpSOHLlc0YwJDrOmqVhCZ2EMEPsZmEDbp9p3LVA=")
    signed = f"{b64(as_json(header(key)))}.{PAYLOAD}"
    secret = key.jose.get_op_key("sign")
    good = f"{signed}.{b64(hmac.digest(secret, signed.encode(), 'sha256'))}"
    assert isinstance(check(good, key), AccessToken)
    assert check(good[:-2] + "AA", key) is Invalid.BAD_SIGNATURE


def twice(content: dict, name: str, value: object) -> bytes:
    return json.dumps(content).encode()[:-1] + f', "{name}": {json.dumps(value)}}}'.encode()


def test_a_member_that_comes_twice_is_refused_wherever_it_stands():
    assert check(forge(twice(header(), "alg", "none"))) is Invalid.MALFORMED
    assert check(forge(None, twice(claims(), "sub", "admin"))) is Invalid.BAD_CLAIMS
    assert check(forge(None, claims(extra={}) | {"roles": ["user"]})) is not Invalid.BAD_CLAIMS
    nested = as_json(claims())[:-1] + b', "extra": {"a": 1, "a": 2}}'
    assert check(forge(None, nested)) is Invalid.BAD_CLAIMS


def second_spelling(text: str) -> str:
    """The same bytes in another text: the last character carries bits that nobody reads."""
    return text[:-1] + BASE64URL[BASE64URL.index(text[-1]) ^ 1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        f"{HEAD}.{PAYLOAD}",
        f"{HEAD}.{PAYLOAD}.",
        f"{HEAD}..{SIGNATURE}",
        f".{PAYLOAD}.{SIGNATURE}",
        f"{GOOD}.",
        f"{GOOD}.{SIGNATURE}",
        f" {GOOD}",
        f"{GOOD}\n",
        f"{HEAD}\n.{PAYLOAD}.{SIGNATURE}",
        f"{HEAD}=.{PAYLOAD}.{SIGNATURE}",
        f"{HEAD}.{PAYLOAD}.{SIGNATURE}==",
        f"{HEAD}.{PAYLOAD}.{second_spelling(SIGNATURE)}",
        f"{HEAD[:8]}!{HEAD[8:]}.{PAYLOAD}.{SIGNATURE}",
        f"{HEAD}.{PAYLOAD}.{SIGNATURE[:8]}!{SIGNATURE[8:]}",
        f"{HEAD}.{PAYLOAD}.{SIGNATURE}".replace("-", "+").replace("_", "/") + "+",
        json.dumps({"protected": HEAD, "payload": PAYLOAD, "signature": SIGNATURE}),
        json.dumps({"payload": PAYLOAD, "signatures": [{"protected": HEAD, "signature": SIGNATURE}]}),
        f"{HEAD}.key.iv.text.tag",
        "é" * 40,
        "\ud800.a.b",
        "a" * 1_000_000,
        f"{HEAD}.{'A' * 1_000_000}.{SIGNATURE}",
        f"{'A' * 1_000}.{PAYLOAD}.{SIGNATURE}",
        f"{b64(b'[1]')}.{PAYLOAD}.{SIGNATURE}",
        f"{b64(b'{')}.{PAYLOAD}.{SIGNATURE}",
        f"{b64(bytes([255, 254]))}.{PAYLOAD}.{SIGNATURE}",
    ],
    ids=lambda text: text[:12] + f" {len(text)}",
)
def test_only_the_compact_form_in_strict_base64url_is_read(text):
    assert check(text) in (Invalid.MALFORMED, Invalid.BAD_SIGNATURE, Invalid.WRONG_KIND)


@pytest.mark.parametrize(
    "payload",
    [b"", b"[1]", b"null", b"{", b'"text"', b"\xff", b'{"a":' + b"[" * 2500 + b"]" * 2500 + b"}"],
    ids=lambda payload: repr(payload[:8]),
)
def test_claims_are_one_json_object(payload):
    assert check(forge(None, payload)) in (Invalid.BAD_CLAIMS, Invalid.BAD_SIGNATURE)


def raw(name: str, value: bytes) -> bytes:
    return as_json(claims(**{name: None}))[:-1] + f', "{name}": '.encode() + value + b"}"


@pytest.mark.parametrize("name", ["exp", "nbf", "iat", "auth_time"])
@pytest.mark.parametrize(
    "value",
    [b'"1700000300"', b"true", b"null", b"1e999", b"-1e999", b"NaN", b"Infinity", b"[]", b"{}", b"9" * 5000],
    ids=lambda value: value[:12].decode(),
)
def test_a_time_is_a_finite_number(name, value):
    assert check(forge(None, raw(name, value))) is Invalid.BAD_CLAIMS


@pytest.mark.parametrize(
    "name", ["iss", "sub", "aud", "sid", "client_id", "iat", "nbf", "exp", "jti", "auth_time"]
)
def test_no_claim_may_be_missing(name):
    assert check(forge(None, claims(**{name: None}))) is Invalid.BAD_CLAIMS


@pytest.mark.parametrize("name", ["iss", "sub", "sid", "client_id", "jti"])
@pytest.mark.parametrize("value", ["", 1, True, ["u1"], {}, "x" * 513])
def test_a_name_is_a_text_of_reasonable_length(name, value):
    assert check(forge(None, claims(**{name: value}))) is Invalid.BAD_CLAIMS


@pytest.mark.parametrize("value", ["admin", [1], {"admin": 1}, [["admin"]]])
def test_roles_are_a_list_of_texts(value):
    assert check(forge(None, claims(roles=value))) is Invalid.BAD_CLAIMS


@pytest.mark.parametrize("exp", [NOW + 0.5, -1, 0])
def test_a_time_may_be_a_fraction_and_what_is_past_is_past(exp):
    assert isinstance(check(forge(None, claims(exp=exp))), AccessToken if exp > NOW else Invalid)


def test_a_token_is_good_from_nbf_to_exp_and_the_leeway_around_them():
    token = forge(None, claims(nbf=int(NOW) + 10, exp=int(NOW) + 20))
    verdicts = {at: check(token, now=NOW + at) for at in (4, 5, 25, 26)}
    assert verdicts[4] is Invalid.NOT_YET_VALID
    assert isinstance(verdicts[5], AccessToken)
    assert isinstance(verdicts[25], AccessToken)
    assert verdicts[26] is Invalid.EXPIRED


def test_a_token_from_the_future_is_not_believed():
    assert check(forge(None, claims(iat=int(NOW) + 60))) is Invalid.NOT_YET_VALID


@pytest.mark.parametrize(
    "iss", ["https://app.test/", "HTTPS://app.test", "https://app.test.evil", "app.test"]
)
def test_the_issuer_is_compared_exactly(iss):
    assert check(forge(None, claims(iss=iss))) is Invalid.WRONG_ISSUER


def test_the_audience_is_this_service():
    assert isinstance(check(forge(None, claims(aud=["other", "api"]))), AccessToken)
    for aud in ("other", "API", ["other"], []):
        assert check(forge(None, claims(aud=aud))) is Invalid.WRONG_AUDIENCE
    assert check(GOOD, audience="other") is Invalid.WRONG_AUDIENCE
    assert check(forge(None, claims(aud=[1, "api"]))) is Invalid.BAD_CLAIMS


def test_another_keys_signature_is_refused_under_any_name():
    foreign = generate("ES256", SeededEntropy("foreign"))
    assert check(forge(key=foreign)) is Invalid.UNKNOWN_KEY
    assert check(forge(header(), key=foreign)) is Invalid.BAD_SIGNATURE


def test_a_flipped_bit_anywhere_refuses_the_token():
    for index in range(len(GOOD)):
        for character in ("A", "B", "."):
            if GOOD[index] != character:
                assert isinstance(check(GOOD[:index] + character + GOOD[index + 1 :]), Invalid), index


def test_the_twin_of_a_signature_is_as_good_so_tokens_are_never_revoked_by_their_text():
    twin = malleated(GOOD)
    assert twin != GOOD
    assert check(twin) == check(GOOD)
