"""Builders for the values the core judges. One chain, one moment, everything else by argument."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from coatcheck.core import chain as chains
from coatcheck.core import token as tokens
from coatcheck.core.chain import Chain
from coatcheck.core.identity import Identity
from coatcheck.core.lifetimes import Lifetimes, Rotation
from coatcheck.core.record import Record
from coatcheck.core.token import Token
from coatcheck.testing import SeededEntropy

T0 = 1_700_000_000.0
ROTATION = Rotation(period=900.0, overlap=10.0, tolerance=5.0)
LIFETIMES = Lifetimes(idle=1800.0, absolute=43_200.0, rotation=ROTATION, touch_interval=60.0)
KEY = b"k" * 32
OTHER_KEY = b"o" * 32
ADA = Identity(user_id="u-ada", roles=frozenset({"user"}), auth_time=T0, amr=("pwd",))

FIRST = tokens.mint(SeededEntropy("the session"))
SECOND = FIRST.successor(KEY)
THIRD = SECOND.successor(KEY)
FOURTH = THIRD.successor(KEY)
FORMER = Token(FIRST.raw[:36] + b"formerfamily")
STRANGER = tokens.mint(SeededEntropy("somebody else's"))


def at_generation(generation: int, like: Token = FIRST) -> Token:
    """A token of the family of `like` that no record ever knew."""
    return Token(like.raw[:16] + generation.to_bytes(4, "big") + b"s" * 16 + like.raw[36:])


def chain_at_third(committed_at: float = T0, **fields: Any) -> Chain:
    """First, second and third token were issued in turn; the third is current."""
    grown = chains.start(FIRST, committed_at, KEY).commit(SECOND, committed_at, KEY)
    return msgspec.structs.replace(grown.commit(THIRD, committed_at, KEY), **fields)


def make_record(**fields: Any) -> Record:
    values: dict[str, Any] = {
        "id": FIRST.id,
        "chain": chain_at_third(),
        "identity": ADA,
        "csrf_key": b"c" * 32,
        "created_at": T0,
        "last_seen_at": T0,
        "idle": LIFETIMES.idle,
        "absolute_at": T0 + LIFETIMES.absolute,
    }
    return Record(**(values | fields))


# Any clock reading a machine may show, and any chain its writers may have left.
moments = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)
secrets = st.binary(min_size=48, max_size=48)
keys = st.binary(min_size=32, max_size=32)
# The last generations of 32 bits have no successor; rotation gets there in 120 000 years.
raw_tokens = secrets.filter(lambda raw: raw[16:20] < b"\xff\xff\xff\xfc")
any_token = raw_tokens.map(Token)


@st.composite
def chains_of(draw: Any, token: Token) -> Chain:
    """A chain with a token anywhere in its past, present or future."""
    key, at = draw(keys), draw(moments)
    chain = chains.start(token, at, key)
    for _ in range(draw(st.integers(0, 2))):
        token = token.successor(chain.next_key)
        chain = chain.commit(token, draw(moments), draw(keys))
    former = draw(st.sampled_from([None, draw(any_token).family_digest]))
    return msgspec.structs.replace(chain, former_family_digest=former, due=draw(st.booleans()))


@st.composite
def records_with_tokens(draw: Any) -> tuple[Record, Token]:
    """A record of any age and a token that may have to do with it."""
    token = draw(any_token)
    chain = draw(chains_of(token))
    presented = draw(
        st.sampled_from([token, token.successor(chain.next_key)])
        | any_token
        | st.integers(0, 2**32 - 5).map(
            lambda g: Token(token.raw[:16] + g.to_bytes(4, "big") + token.raw[20:])
        )
    )
    record = make_record(
        id=token.id,
        chain=chain,
        identity=draw(st.sampled_from([ADA, None])),
        last_seen_at=draw(moments),
        idle=draw(st.floats(1.0, 1e9)),
        absolute_at=draw(moments),
        remember=draw(st.booleans()),
    )
    return record, presented
