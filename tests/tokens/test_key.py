"""Keys: made, read from files and texts, refused."""

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa

from coatcheck import ConfigurationError
from coatcheck.testing import SeededEntropy
from coatcheck.tokens import FixedKeys
from coatcheck.tokens.key import generate, read_key, shared_secret

SECRET = "qMUwcpSOHLlc0YwJDrOmqVhCZ2EMEPsZmEDbp9p3LVA="


def pem(private) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize(("algorithm", "kind"), [("ES256", "EC"), ("Ed25519", "OKP")])
def test_a_key_is_drawn_from_the_entropy_and_read_back_the_same(algorithm, kind):
    key = generate(algorithm, SeededEntropy(1))
    assert key.kid == generate(algorithm, SeededEntropy(1)).kid
    assert key.kid != generate(algorithm, SeededEntropy(2)).kid
    assert read_key(key.private_jwk()).kid == key.kid
    assert read_key(key.public_jwk()).kid == key.kid
    assert (key.algorithm, key.public_jwk()["kty"]) == (algorithm, kind)


def test_the_published_half_holds_nothing_private_and_the_repr_neither():
    key = generate("ES256", SeededEntropy(1))
    assert set(key.public_jwk()) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert json.loads(key.private_jwk())["d"] not in repr(key)


def test_a_public_half_verifies_and_cannot_sign():
    key = generate("Ed25519", SeededEntropy(1))
    half = read_key(key.public_jwk())
    assert key.can_sign
    assert not half.can_sign
    with pytest.raises(ConfigurationError, match="no key that signs"):
        FixedKeys([half])


def test_a_shared_secret_is_never_published():
    key = shared_secret(SECRET)
    assert (key.algorithm, key.is_shared) == ("HS256", True)
    with pytest.raises(ConfigurationError, match="no public half"):
        key.public_jwk()
    with pytest.raises(ConfigurationError, match="no key is generated"):
        generate("HS256", SeededEntropy(1))


@pytest.mark.parametrize(
    "material",
    [
        b"",
        b"\xff\xfe",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "{",
        "{}",
        '{"kty":"oct","k":"AAAA"}',
        '{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}',
        pem(ec.generate_private_key(ec.SECP384R1())),
        pem(ed448.Ed448PrivateKey.generate()),
        pem(rsa.generate_private_key(65537, 2048)),
        # RFC 7515 A.3 and RFC 8037 A.1: whoever reads the document can sign.
        (
            '{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",'
            '"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}'
        ),
        (
            '{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",'
            '"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'
        ),
    ],
)
def test_what_is_no_key_of_ours_or_everybodys_is_refused(material):
    with pytest.raises(ConfigurationError, match="P-256 or Ed25519"):
        read_key(material)


async def test_files_and_texts_give_keys_of_which_the_first_signs(tmp_path):
    first, second = generate("ES256", SeededEntropy(1)), generate("Ed25519", SeededEntropy(2))
    (tmp_path / "first.json").write_bytes(first.private_jwk())
    (tmp_path / "second.pem").write_bytes(second.jose.as_pem(private=True))
    keys = FixedKeys.from_files(tmp_path / "first.json", tmp_path / "second.pem")
    assert (await keys.signer()).kid == first.kid
    assert (await keys.find(second.kid)).kid == second.kid
    assert await keys.find("unknown") is None
    assert [jwk["kid"] for jwk in await keys.public()] == [first.kid, second.kid]
    from_text = FixedKeys.from_text(second.jose.as_pem(private=True).decode())
    assert (await from_text.signer()).kid == second.kid


async def test_a_secret_stands_alone_and_publishes_nothing(tmp_path):
    keys = FixedKeys.from_secret(SECRET)
    assert await keys.public() == []
    with pytest.raises(ConfigurationError, match="beside other keys"):
        FixedKeys([await keys.signer(), generate("ES256", SeededEntropy(1))])
    with pytest.raises(ConfigurationError, match="cannot be read"):
        FixedKeys.from_files(tmp_path / "missing.pem")
