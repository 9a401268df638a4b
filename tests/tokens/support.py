"""A forge: signs any header over any payload with a good key, which the library never would."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from coatcheck.testing import ManualClock, SeededEntropy
from coatcheck.tokens.checking import Expected, read_claims, read_header
from coatcheck.tokens.claims import Invalid
from coatcheck.tokens.key import Key, generate

ISSUER, AUDIENCE = "https://app.test", "api"
NOW = ManualClock().now()
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

KEYS = {algorithm: generate(algorithm, SeededEntropy(algorithm)) for algorithm in ("ES256", "Ed25519")}
ES256 = KEYS["ES256"]


def claims(**changed: Any) -> dict[str, Any]:
    """The claims of a good token; None leaves one out."""
    good = {
        "iss": ISSUER,
        "sub": "u1",
        "aud": AUDIENCE,
        "sid": "5b0f6c1e0f7a4c55a3d1b2c3d4e5f607",
        "client_id": "first-party",
        "iat": int(NOW),
        "nbf": int(NOW),
        "exp": int(NOW) + 300,
        "jti": "k8Xf0Yv5Qk2m1Zt7cW3bAg",
        "auth_time": int(NOW) - 60,
        "amr": ["pwd"],
        "roles": ["user"],
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


def header(key: Key = ES256, **changed: Any) -> dict[str, Any]:
    """The header of a good token; None leaves a member out."""
    good = {"alg": key.algorithm, "typ": "at+jwt", "kid": key.kid}
    return {name: value for name, value in (good | changed).items() if value is not None}


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def as_json(content: Any) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def sign(key: Key, signed: bytes) -> bytes:
    private = key.jose.get_op_key("sign")
    if not isinstance(private, EllipticCurvePrivateKey):
        return private.sign(signed)
    r, s = decode_dss_signature(private.sign(signed, ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def forge(head: Any = None, payload: Any = None, key: Key = ES256) -> str:
    """Sign: dicts as JSON, bytes as they are."""
    parts = (
        as_json(header(key) if head is None else head),
        as_json(claims() if payload is None else payload),
    )
    signed = ".".join(map(b64, parts))
    return f"{signed}.{b64(sign(key, signed.encode()))}"


def malleated(token: str) -> str:
    """The twin of an ES256 signature: another text, as valid as the first (s becomes n - s)."""
    signed, _, signature = token.rpartition(".")
    raw = unb64(signature)
    twin = P256_ORDER - int.from_bytes(raw[32:], "big")
    return f"{signed}.{b64(raw[:32] + twin.to_bytes(32, 'big'))}"


def check(text: str, key: Key = ES256, now: float = NOW, leeway: float = 5.0, audience: str = AUDIENCE):
    """What a verifier that knows one key makes of a token."""
    read = read_header(text)
    if isinstance(read, Invalid):
        return read
    if read.kid != key.kid:
        return Invalid.UNKNOWN_KEY
    return read_claims(text, read, key, Expected(ISSUER, frozenset({audience}), leeway), now)
