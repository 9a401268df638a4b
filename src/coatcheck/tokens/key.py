"""One key that signs or verifies access tokens: exactly one algorithm, known by its thumbprint."""

import re
from typing import Any, Literal, TypeGuard, get_args

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey

from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.strength import is_published, read_secret

Algorithm = Literal["ES256", "Ed25519", "HS256"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)

JoseKey = ECKey | OKPKey | OctKey
Jwk = dict[str, Any]

# The order of the group of P-256 (FIPS 186-5, SP 800-186).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_EXTRA_BYTES = 48  # of 32: the bias of the remainder is below 2**-128 (FIPS 186-5 A.2.1)
_REMEDY = "Give a P-256 or Ed25519 key, in PEM or as a JWK: openssl ecparam -name prime256v1 -genkey -noout"


_KID = re.compile(r"[A-Za-z0-9_-]{1,128}").fullmatch


class Key(msgspec.Struct, frozen=True):
    """A key. Its `repr` shows its id alone.

    Attributes:
        kid: RFC 7638 thumbprint, so a key has the same id wherever it is.
        algorithm: The one algorithm it is used with (RFC 8725 3.1).
        jose: The key as the JOSE library takes it.
    """

    kid: str
    algorithm: Algorithm
    jose: JoseKey

    @property
    def can_sign(self) -> bool:
        """Whether the private part is here."""
        return self.jose.is_private

    @property
    def is_shared(self) -> bool:
        """Whether it is a secret that signs and verifies alike, and so is never published."""
        return isinstance(self.jose, OctKey)

    def public_jwk(self) -> Jwk:
        """Return the public half, as it stands in a JWK set.

        Raises:
            ConfigurationError: The key is a shared secret.
        """
        if isinstance(self.jose, OctKey):
            raise ConfigurationError("a shared secret has no public half", remedy="Use ES256 or Ed25519")
        return {**self.jose.as_dict(private=False), "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    def private_jwk(self) -> bytes:
        """Return the whole key as JSON, to be kept in a safe place."""
        return msgspec.json.encode(self.jose.as_dict(private=True))

    def __repr__(self) -> str:
        return f"<Key {self.kid} for {self.algorithm}>"


def is_kid(value: object) -> TypeGuard[str]:
    """Tell whether a value from outside has the form of a key's id; a thumbprint has."""
    return isinstance(value, str) and _KID(value) is not None


def generate(algorithm: Algorithm, entropy: Entropy) -> Key:
    """Make a key.

    Raises:
        ConfigurationError: The algorithm is none of an asymmetric key's.
    """
    private: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    if algorithm == "ES256":
        number = int.from_bytes(entropy.token_bytes(_EXTRA_BYTES), "big") % (_ORDER - 1) + 1
        private = ec.derive_private_key(number, ec.SECP256R1())
    elif algorithm == "Ed25519":
        private = ed25519.Ed25519PrivateKey.from_private_bytes(entropy.token_bytes(32))
    else:
        raise ConfigurationError(f"no key is generated for {algorithm}", remedy="Use ES256 or Ed25519")
    return read_key(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def read_key(material: str | bytes | Jwk) -> Key:
    """Read a key in PEM or as a JWK; the private part may be missing.

    Raises:
        ConfigurationError: It is no key for ES256 or Ed25519, or one that everybody has.
    """
    try:
        jose = _read(material)
    except (JoseError, ValueError, TypeError, msgspec.DecodeError) as error:
        raise ConfigurationError("this is no key that can be read", remedy=_REMEDY) from error
    algorithm: Algorithm = "ES256" if isinstance(jose, ECKey) else "Ed25519"
    if jose.curve_name not in ("P-256", "Ed25519"):
        raise ConfigurationError(f"{jose.curve_name} is no curve that is used here", remedy=_REMEDY)
    if jose.is_private and is_published(str(jose.as_dict(private=True)["d"])):
        raise ConfigurationError("the private key stands in a public document", remedy=_REMEDY)
    return Key(jose.thumbprint(), algorithm, jose)


def shared_secret(text: str) -> Key:
    """Read a secret for HS256, in base64url: at least 256 random bits.

    Whoever verifies with it can sign as well. Use it only where one program does both.

    Raises:
        ConfigurationError: It is weak (RFC 8725 3.5).
    """
    jose = OctKey.import_key(read_secret(text, "the secret for HS256"))
    return Key(jose.thumbprint(), "HS256", jose)


def _read(material: str | bytes | Jwk) -> ECKey | OKPKey:
    if isinstance(material, str | bytes):
        text = material if isinstance(material, str) else material.decode()
        material = msgspec.json.decode(text, type=dict[str, Any]) if text.lstrip().startswith("{") else text
    if isinstance(material, dict):
        if (kind := material.get("kty")) not in ("EC", "OKP"):
            raise ValueError(f"{kind} is no kind of key that is used here")
        return OKPKey.import_key(material) if kind == "OKP" else ECKey.import_key(material)
    loaded = (
        serialization.load_pem_private_key(material.encode(), None)
        if "PRIVATE KEY" in material
        else serialization.load_pem_public_key(material.encode())
    )
    is_edwards = isinstance(loaded, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey)
    return OKPKey.import_key(material) if is_edwards else ECKey.import_key(material)
