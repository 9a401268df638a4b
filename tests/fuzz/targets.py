"""What is fuzzed: a reader each, what must hold whatever it is given, and real input to begin with."""

import json
from collections.abc import Callable
from typing import NamedTuple

from coatcheck.core import ciphertext, codec, token
from coatcheck.core.errors import CorruptRecord, KeyMissing
from coatcheck.stores.sealed import Sealer
from coatcheck.testing import SeededEntropy
from coatcheck.tokens.claims import AccessToken
from coatcheck.web.cookie import CookieFault, CookiePolicy
from tests.tokens.support import AUDIENCE, ISSUER, as_json, check, claims, forge, header, malleated

ENTROPY = SeededEntropy("fuzz")
TOKEN = token.mint(ENTROPY).text
COOKIE = CookiePolicy().session_cookie()
FIELD = f"__Host-session={TOKEN}".encode()
GOOD = forge()
ACCEPTED = (GOOD, malleated(GOOD))
SEALER = Sealer([ENTROPY.token_bytes(32)], ENTROPY)
PLACE = "session 1 cart"
BOX = SEALER.seal(b'{"cart":[1,2]}', PLACE)


class Target(NamedTuple):
    """A reader under fuzz.

    Attributes:
        holds: Takes any bytes; raises where something does not hold.
        seeds: Real input.
    """

    holds: Callable[[bytes], None]
    seeds: list[bytes]


def a_token_is_read_to_the_letter_or_not_at_all(data: bytes) -> None:
    for text in (data.decode("latin-1"), data.decode("utf-8", "replace")):
        read = token.parse(text)
        assert read is None or (read.text == text and len(read.raw) == token.TOKEN_BYTES)


def one_cookie_is_read_and_none_is_picked(data: bytes) -> None:
    """The same by another way: every pair of the field, in which ours must be exactly once."""
    first, *others = data.split(b";")
    pairs = [first, *(pair.removeprefix(b" ") for pair in others)]
    ours = [pair.partition(b"=")[2] for pair in pairs if pair.startswith(b"__Host-session=")]
    read = COOKIE.read(data)
    if not ours:
        assert read is None
    elif len(ours) > 1:
        assert read is CookieFault.DUPLICATE
    elif isinstance(read, str):
        assert read.encode() == ours[0]
        assert len(read) == token.TOKEN_CHARACTERS
    else:
        assert read is CookieFault.MALFORMED
        assert token.parse(ours[0].decode("latin-1")) is None


def no_access_token_is_accepted_but_ours(data: bytes) -> None:
    text = data.decode("latin-1")
    assert isinstance(check(text), AccessToken) is (text in ACCEPTED)


def no_header_is_accepted_but_ours(data: bytes) -> None:
    """The header is signed by a good key, which the library never would."""
    if isinstance(check(forge(data)), AccessToken):
        said = json.loads(data)
        kind = said["typ"].lower()  # a media type is read without regard to case
        assert kind in ("at+jwt", "application/at+jwt")
        assert said | {"typ": kind} == header(typ=kind)


def no_claims_are_accepted_that_are_not_for_us(data: bytes) -> None:
    """The claims are signed by a good key, which the library never would."""
    found = check(forge(None, data))
    if isinstance(found, AccessToken):
        said = json.loads(data)
        assert said["iss"] == found.iss == ISSUER
        assert AUDIENCE in found.audiences
        assert (said["sub"], said["sid"], said["exp"]) == (found.sub, found.sid, found.exp)


def nothing_opens_but_what_was_sealed(data: bytes) -> None:
    assert (SEALER.open(data, PLACE) is not None) is (data == BOX)
    try:
        box = ciphertext.unwrap(data)
    except CorruptRecord:
        return
    assert box is None or ciphertext.wrap(box) == data


def session_data_are_read_or_corrupt(data: bytes) -> None:
    try:
        codec.require_object(data)
        assert codec.decode(codec.join(codec.split(data))) == codec.decode(data)
    except (CorruptRecord, KeyMissing):
        return


TARGETS = {
    "token": Target(a_token_is_read_to_the_letter_or_not_at_all, [TOKEN.encode()]),
    "cookie": Target(
        one_cookie_is_read_and_none_is_picked,
        [FIELD, b"theme=dark; " + FIELD + b"; __Host-device=x", FIELD + b";" + FIELD, b"a__Host-session=x"],
    ),
    "access-token": Target(no_access_token_is_accepted_but_ours, [text.encode() for text in ACCEPTED]),
    "header": Target(
        no_header_is_accepted_but_ours, [as_json(header()), as_json(header(jku="https://x", typ="AT+JWT"))]
    ),
    "claims": Target(
        no_claims_are_accepted_that_are_not_for_us,
        [as_json(claims()), as_json(claims(aud=["a", AUDIENCE], roles=None)), as_json(claims(nbf=1e9))],
    ),
    "sealed": Target(nothing_opens_but_what_was_sealed, [BOX, ciphertext.wrap(BOX)]),
    "data": Target(
        session_data_are_read_or_corrupt,
        [b'{"cart":[1,{"a":null}],"n":1.5}', b'{"\\u0041":"\\ud83d\\ude00"}'],
    ),
}
