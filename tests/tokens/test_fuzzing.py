"""Tokens nobody thought of: bytes flipped, parts swapped, members invented. None accepted, none crashes."""

import socket

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coatcheck.testing import SeededEntropy
from coatcheck.tokens.claims import AccessToken, Invalid
from coatcheck.tokens.key import generate
from tests.tokens.support import as_json, b64, check, claims, forge, header, malleated

GOOD = forge()
TWIN = malleated(GOOD)
FOREIGN = generate("ES256", SeededEntropy("foreign"))
OTHERS = [forge(key=FOREIGN), forge(header(typ="JWT")), forge(None, claims(aud="other"))]

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
HEADER_NAMES = st.sampled_from(
    ["alg", "typ", "kid", "jwk", "jku", "x5u", "x5c", "crit", "zip", "b64", "cty", "enc"]
) | st.text(max_size=6)
CLAIM_NAMES = st.sampled_from(sorted(claims())) | st.text(max_size=6)
BYTE_FLIPS = st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(1, 255)), min_size=1, max_size=4)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Whoever opens a connection because of a token fails here."""

    def refuse(*arguments, **options):
        raise AssertionError("a token made us call somebody")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def flip_bytes(flips):
    raw = bytearray(GOOD.encode())
    for index, mask in flips:
        raw[index] ^= mask
    text = raw.decode("latin-1")
    assert text in (GOOD, TWIN) or isinstance(check(text), Invalid)


def shuffle_parts(parts):
    text = ".".join(parts)
    assert text in (GOOD, TWIN) or isinstance(check(text), Invalid)


def invent_header(changes):
    head = header() | changes
    verdict = check(forge(head))
    if {name: head[name] for name in head if name != "typ"} == {n: header()[n] for n in ("alg", "kid")}:
        assert isinstance(verdict, AccessToken) or head["typ"] != "at+jwt"
    else:
        assert isinstance(verdict, Invalid)


def invent_claims(changes):
    said = claims() | changes
    verdict = check(forge(None, as_json(said)))
    if isinstance(verdict, AccessToken):
        assert (verdict.iss, verdict.exp) == ("https://app.test", said["exp"])
        assert "api" in verdict.audiences


FLIPS = given(BYTE_FLIPS)
PARTS = given(
    st.lists(
        st.sampled_from([*GOOD.split("."), *(part for token in OTHERS for part in token.split("."))])
        | st.text(max_size=20),
        min_size=0,
        max_size=6,
    )
)
HEADERS = given(st.dictionaries(HEADER_NAMES, VALUES, min_size=1, max_size=4))
CLAIMS = given(st.dictionaries(CLAIM_NAMES, VALUES, min_size=1, max_size=4))
PROPERTIES = {
    "flips": FLIPS(flip_bytes),
    "parts": PARTS(example([b64(b"{}"), "", ""])(shuffle_parts)),
    "headers": HEADERS(invent_header),
    "claims": CLAIMS(invent_claims),
}
FIXTURE_STAYS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.parametrize("name", PROPERTIES)
def test_no_invented_token_is_accepted_and_none_crashes(name):
    settings(max_examples=300, deadline=None, suppress_health_check=FIXTURE_STAYS)(PROPERTIES[name])()


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", PROPERTIES)
def test_a_hundred_thousand_invented_tokens(name):
    settings(max_examples=25_000, deadline=None, suppress_health_check=FIXTURE_STAYS)(PROPERTIES[name])()
