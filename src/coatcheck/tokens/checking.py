"""Checking an access token: everything RFC 8725 and RFC 9068 ask for. Whoever calls finds the key.

The signature comes before any claim. What the header says of keys (`jwk`, `jku`, `x5u`, `x5c`) refuses
the token, as does every member but `alg`, `typ` and `kid`: our tokens have no other.
"""

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from math import isfinite
from typing import Any, NamedTuple, NoReturn

import msgspec
from joserfc.errors import JoseError
from joserfc.jws import deserialize_compact

from coatcheck.core.clock import Clock
from coatcheck.tokens.claims import AccessToken, Invalid
from coatcheck.tokens.key import Key, is_kid
from coatcheck.tokens.policy import LONGEST_LIFETIME

MAX_CHARACTERS = 8192  # of a token; ours have about 800 (RFC 8725bis: limit the size)
MAX_HEADER_CHARACTERS = 512
TYPES = frozenset({"at+jwt", "application/at+jwt"})  # RFC 9068 2.1
PARTS = 3
LEEWAY = 5.0  # seconds: the clock tolerance of the protocol

_MEMBERS = {"alg", "typ", "kid"}


class Expected(NamedTuple):
    """What a verifier expects of a token.

    Attributes:
        issuer: Exactly this `iss`.
        audiences: One of these is in `aud`.
        leeway: Seconds by which clocks may differ.
        longest: Seconds from `iat` to `exp`, at most: what lives longer was not issued by us.
    """

    issuer: str
    audiences: frozenset[str]
    leeway: float
    longest: float = LONGEST_LIFETIME


class Header(NamedTuple):
    """What a header says once it is one of ours: which key, and which algorithm."""

    kid: str
    algorithm: str


def read_header(text: str) -> Header | Invalid:
    """Look for the key that a token names; nothing of this is proven yet."""
    if len(text) > MAX_CHARACTERS or not text.isascii() or text.count(".") != PARTS - 1:
        return Invalid.MALFORMED
    segment = text[: text.index(".")]
    return _header(segment) if len(segment) <= MAX_HEADER_CHARACTERS else Invalid.MALFORMED


def read_claims(text: str, header: Header, key: Key, expected: Expected, now: float) -> AccessToken | Invalid:
    """Verify a token with the key that its header names; `now` in seconds since the epoch."""
    if header.algorithm != key.algorithm:  # one key, one algorithm (RFC 8725 3.1)
        return Invalid.BAD_SIGNATURE
    try:
        payload = deserialize_compact(text, key.jose, algorithms=[key.algorithm]).payload
    except (JoseError, ValueError):
        return Invalid.BAD_SIGNATURE
    try:
        token = msgspec.convert(_object(payload or b""), AccessToken)
    except (ValueError, RecursionError, OverflowError):
        return Invalid.BAD_CLAIMS
    return _judge(token, expected, now)


async def check(
    text: str, find: Callable[[str], Awaitable[Key | None]], expected: Expected, clock: Clock
) -> AccessToken | Invalid:
    """Return what a token says, or why it does not count; `find` looks its key up and may fail."""
    header = read_header(text)
    if isinstance(header, Invalid):
        return header
    key = await find(header.kid)
    return Invalid.UNKNOWN_KEY if key is None else read_claims(text, header, key, expected, clock.now())


def _judge(token: AccessToken, expected: Expected, now: float) -> AccessToken | Invalid:
    if not isfinite(token.iat + token.nbf + token.exp + token.auth_time):
        return Invalid.BAD_CLAIMS
    if token.exp - token.iat > expected.longest:
        return Invalid.BAD_CLAIMS
    if token.iss != expected.issuer:
        return Invalid.WRONG_ISSUER
    if expected.audiences.isdisjoint(token.audiences):
        return Invalid.WRONG_AUDIENCE
    if max(token.nbf, token.iat) > now + expected.leeway:
        return Invalid.NOT_YET_VALID
    return token if now <= token.exp + expected.leeway else Invalid.EXPIRED


@lru_cache(maxsize=256)  # all tokens of one key have one header; what strangers make up pushes out little
def _header(segment: str) -> Header | Invalid:
    try:
        members = _object(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return Invalid.MALFORMED
    if not members.keys() <= _MEMBERS:
        return Invalid.MALFORMED
    kind, kid, algorithm = members.get("typ"), members.get("kid"), members.get("alg")
    if not isinstance(kind, str) or kind.lower() not in TYPES:
        return Invalid.WRONG_KIND
    if not is_kid(kid) or not isinstance(algorithm, str):
        return Invalid.MALFORMED
    return Header(kid, algorithm)


def _object(encoded: bytes) -> dict[str, Any]:
    """Decode a JSON object, and refuse one in which a member comes twice: readers may pick either.

    Raises:
        ValueError: It is none.
    """
    value = json.loads(encoded.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of fault for all that is no object
    return value


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member comes twice")
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
