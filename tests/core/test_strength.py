"""Which secrets are refused, and that random ones are not."""

from base64 import b64encode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck import ConfigurationError
from coatcheck.core.strength import read_secret, require_random
from coatcheck.testing import SeededEntropy

RANDOM = SeededEntropy("strength").token_bytes(32)


def encoded(secret: bytes) -> str:
    return urlsafe_b64encode(secret).decode()


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_a_random_secret_is_read_in_either_alphabet(encode):
    assert read_secret(encode(RANDOM).decode(), "it") == RANDOM
    assert read_secret(encode(RANDOM).decode().rstrip("=") + "\n", "it") == RANDOM


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("secret", "has 4 bytes"),
        ("", "has 0 bytes"),
        (encoded(RANDOM[:31]), "has 31 bytes"),
        (encoded(b"your-256-bit-secret-your-256-bit-secret"), "is text"),
        (encoded(b"correct horse battery staple, quickly now"), "is text"),
        (encoded(bytes(64)), "repeats itself"),
        (encoded(RANDOM[:16] * 4), "repeats itself"),
        (encoded(bytes(range(64))), "follows a pattern"),
        (encoded(bytes(range(200, 100, -1))), "follows a pattern"),
        ("not base64 at all!", "is not base64"),
        ("09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", "public document"),
        ("hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG+Onbc6mxCcYg=", "public document"),
    ],
)
def test_weak_typed_and_published_secrets_are_refused_and_never_repeated(text, complaint):
    with pytest.raises(ConfigurationError, match=complaint) as refused:
        read_secret(text, "what is configured")
    assert not text or text not in str(refused.value)
    assert "openssl rand" in str(refused.value)


@given(seed=st.integers())
def test_what_a_generator_makes_passes(seed):
    require_random(SeededEntropy(seed).token_bytes(32), "it")
