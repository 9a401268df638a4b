"""Tokens: minted, parsed, derived, hidden."""

import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core import token as tokens
from coatcheck.core.token import Token, is_session_id, mint, parse
from coatcheck.testing import SeededEntropy
from tests.core.support import FIRST, KEY, OTHER_KEY, SECOND, STRANGER, any_token, keys, secrets

ALPHABET = string.ascii_letters + string.digits + "-_"


@given(raw=secrets)
def test_text_and_parse_are_inverse(raw):
    text = Token(raw).text
    assert parse(text) == parse(text.encode()) == Token(raw)


@given(text=st.text(alphabet=ALPHABET, min_size=64, max_size=64))
def test_each_well_formed_text_is_one_token(text):
    token = parse(text)
    assert token is not None
    assert token.text == text, "two texts for one token would be two cookies for one credential"


@given(text=st.text(max_size=80) | st.text(alphabet=ALPHABET, max_size=130))
def test_parse_accepts_exactly_the_form(text):
    assert (parse(text) is not None) == (len(text) == 64 and set(text) <= set(ALPHABET))


GOOD = FIRST.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD[:-1],
        GOOD + "A",
        GOOD + "\n",
        "\n" + GOOD,
        GOOD[:-1] + "\n",
        GOOD[:-1] + "=",
        GOOD[:-2] + "==",
        GOOD[:-4] + "====",
        GOOD[:-4] + "\r\n\r\n",
        GOOD[:60] + "+/+/",
        "    " + GOOD[:60],
        GOOD + "==",
        GOOD[:-1] + "+",
        GOOD[:-1] + "/",
        GOOD[:-1] + " ",
        GOOD[:-1] + "\0",
        GOOD[:32] + "\0" + GOOD[33:],
        GOOD[:-1] + "\u0663",  # a digit, in Arabic
        GOOD[:-1] + "\uff21",  # a capital A, in full width
        GOOD[:-1] + "\ud800",
        f'"{GOOD[2:]}"',
        "A" * (1024 * 1024),
        "\u0663" * 64,
    ],
)
def test_parse_refuses_what_is_almost_a_token(text):
    assert parse(text) is None
    assert parse(text.encode(errors="replace")) is None


@given(text=st.binary(max_size=80) | st.binary(min_size=64, max_size=64))
def test_parse_accepts_exactly_the_form_in_bytes_too(text):
    assert (parse(text) is not None) == (len(text) == 64 and set(text) <= set(ALPHABET.encode()))


def test_layout():
    raw = bytes(range(48))
    token = Token(raw)
    assert token.id == raw[:16].hex()
    assert token.generation == int.from_bytes(raw[16:20], "big")
    assert token.digest == hashlib.sha256(raw).digest()
    assert token.family_digest == hashlib.sha256(raw[:16] + raw[36:]).digest()


def test_a_minted_token_draws_everything_but_its_generation():
    drawn = []

    class Watched(SeededEntropy):
        def token_bytes(self, size):
            drawn.append(size)
            return super().token_bytes(size)

    token = mint(Watched())
    assert sum(drawn) == 44
    assert token.generation == tokens.FIRST_GENERATION == 1
    assert len(token.raw) == tokens.TOKEN_BYTES
    assert len(token.text) == tokens.TOKEN_CHARACTERS
    assert mint(SeededEntropy("a")) != mint(SeededEntropy("b"))


@given(token=any_token, key=keys, other=keys)
def test_a_successor_is_the_same_everywhere_and_differs_by_key(token, key, other):
    after = token.successor(key)
    assert after == Token(token.raw).successor(bytes(key))
    assert (after == token.successor(other)) == (key == other)
    assert after.generation == token.generation + 1
    assert (after.id, after.family_digest) == (token.id, token.family_digest)
    assert len(after.raw) == 48


def test_a_successor_needs_the_key_and_the_whole_token():
    twin = Token(FIRST.raw[:20] + bytes(16) + FIRST.raw[36:])
    assert FIRST.successor(KEY).raw[20:36] != twin.successor(KEY).raw[20:36]
    assert FIRST.successor(KEY) != FIRST.successor(OTHER_KEY)


def test_a_renewed_token_cannot_be_derived():
    renewed = FIRST.renewed(7, SeededEntropy("fresh"))
    assert renewed.generation == 7
    assert not renewed.is_authentic(FIRST.family_digest)
    assert renewed.id == FIRST.id
    assert renewed.raw[20:] == SeededEntropy("fresh").token_bytes(28)


def test_authentic_means_same_id_and_same_family():
    assert SECOND.is_authentic(FIRST.family_digest)
    assert not STRANGER.is_authentic(FIRST.family_digest)
    other_family = Token(FIRST.raw[:36] + bytes(12))
    other_id = Token(bytes(16) + FIRST.raw[16:])
    assert not other_family.is_authentic(FIRST.family_digest)
    assert not other_id.is_authentic(FIRST.family_digest)
    assert not FIRST.is_authentic(b"")


@given(token=st.integers().map(SeededEntropy).map(mint))
def test_nothing_shows_a_token_by_accident(token):
    shown = " ".join((str(token), repr(token), format(token), str([token]), ascii(token), f"{[token]}"))
    for hidden in (token.text, token.text[28:], token.raw[20:].hex(), token.raw[20:36].hex(), str(token.raw)):
        assert hidden not in shown
    assert token.id in shown


def test_a_digest_opens_nothing():
    """What the database holds is no credential, in any form it could be presented in."""
    from base64 import urlsafe_b64encode

    from coatcheck.core.plan import UNKNOWN, admit
    from tests.core.support import ROTATION, T0, make_record

    record = make_record()
    digests = [record.chain.digest, record.chain.next_digest, record.chain.family_digest]
    for digest in digests:
        raw = bytes.fromhex(record.id) + record.chain.generation.to_bytes(4, "big") + (digest * 2)[:28]
        assert parse(digest.hex()) != FIRST
        assert parse(urlsafe_b64encode(digest).decode()) is None
        assert admit(Token(raw), record, T0, ROTATION) == UNKNOWN, "and it raises no false alarm either"


def test_tokens_compare_by_content():
    assert Token(FIRST.raw) == FIRST
    assert FIRST != SECOND
    assert FIRST.raw != FIRST
    assert FIRST.text != FIRST
    assert len({FIRST, Token(FIRST.raw), SECOND}) == 2
    assert hash(Token(FIRST.raw)) == hash(FIRST) != hash(SECOND)


def test_a_token_takes_no_further_attributes():
    with pytest.raises(AttributeError):
        FIRST.note = "kept"  # a token that grows is a token that leaks


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0123456789abcdef" * 2, True),
        ("0123456789ABCDEF" * 2, False),
        ("0123456789abcdef" * 2 + "\n", False),
        ("0" * 31, False),
        ("0" * 33, False),
        ("\N{ARABIC-INDIC DIGIT ZERO}" * 32, False),
        ("", False),
    ],
)
def test_a_session_id_is_known_by_its_form(text, is_one):
    assert is_session_id(text) is is_one
