"""Session data to bytes: what JSON cannot give back is refused, what a row cannot mean is corrupt."""

from dataclasses import dataclass, field

import msgspec
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core import codec
from coatcheck.core.codec import MAX_DATA_BYTES, DataType
from coatcheck.core.errors import CorruptRecord, DataMismatch, DataNotSerializable, DataTooLarge

BOMB = b"[" * 100_000
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)
json_objects = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), json_values, max_size=5)


def endless():
    circle = []
    circle.append(circle)
    return circle


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


@given(values=json_objects)
def test_what_is_kept_comes_back(values):
    data = codec.join({key: codec.encode_value(value) for key, value in values.items()})
    assert codec.decode(data) == values
    assert {key: codec.decode_value(part) for key, part in codec.split(data).items()} == values
    assert codec.holds(codec.join(codec.split(data)), codec.decode(data))


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        [1, [float("nan")]],
        {1: "int key"},
        {None: "no key"},
        {"a": {b"b": 1}},
        b"bytes",
        bytearray(b"x"),
        {1, 2},
        object(),
        1j,
        "\ud800",
        {"\ud800": 1},
        10**5000,
        endless(),
        deep(100_000),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_give_back_is_refused(value):
    with pytest.raises(DataNotSerializable) as caught:
        codec.encode_value(value)
    assert "str keys" in str(caught.value)
    assert codec.holds(b"{}", {"key": value}) is False


@pytest.mark.parametrize("value", [(1, (2,)), [], {}, "", 0, 2**64, -(2**63) - 1, True, None, 1e308, "\0"])
def test_what_json_holds_is_kept(value):
    as_json = [1, [2]] if value == (1, (2,)) else value
    assert codec.decode_value(codec.encode_value(value)) == as_json


@pytest.mark.parametrize("key", [1, None, ("a",), "\ud800", b"a", True])
def test_a_key_is_unicode_text(key):
    with pytest.raises(DataNotSerializable):
        codec.require_key(key)
    codec.require_key("kéy \U0001f9e5")


CORRUPT = [
    b"",
    b"{",
    b"[]",
    b"1",
    b"null",
    b'"text"',
    b'{"a":NaN}',
    b'{"a":1}x',
    b"\xff",
    BOMB,
    b'{"a":' + BOMB,
]
DEEP_BOMB = b'{"a":' + BOMB + b"]" * 100_000 + b"}"


@pytest.mark.parametrize("data", [*CORRUPT, DEEP_BOMB], ids=range(len(CORRUPT) + 1))
def test_a_row_that_is_no_object_is_corrupt(data):
    for read in (codec.decode, codec.split, codec.require_object):
        with pytest.raises(CorruptRecord):
            read(data)


@pytest.mark.parametrize(
    "data", [b'{"a":1e400}', b'{"a":"\\ud800"}', b'{"a":"\xed\xa0\x80"}', b'{"a":%s}' % (b"1" * 5000)]
)
def test_a_value_that_means_nothing_is_corrupt(data):
    with pytest.raises(CorruptRecord):
        codec.decode(data)
    with pytest.raises(CorruptRecord):
        codec.decode_value(data[5:-1])


@pytest.mark.parametrize("data", [b'{"a":"\xff"}', b'{"\xff":1}', b'{"a":{"\xff":1}}'])
def test_a_row_that_is_not_unicode_is_corrupt_before_anybody_looks(data):
    with pytest.raises(CorruptRecord):
        codec.require_object(data)


@pytest.mark.parametrize("data", [b"{}", b"{ }", b'{"a":1}'])
def test_an_object_is_one(data):
    codec.require_object(data)


@given(data=st.binary(max_size=60))
def test_reading_arbitrary_bytes_raises_nothing_else(data):
    for read in (codec.decode, codec.split, codec.decode_value):
        try:
            read(data)
        except CorruptRecord:
            continue


def test_the_limit_is_exact():
    frame = len(b'{"a":""}')
    assert MAX_DATA_BYTES == 65_536
    assert len(codec.join({"a": codec.encode_value("x" * (MAX_DATA_BYTES - frame))})) == MAX_DATA_BYTES
    with pytest.raises(DataTooLarge, match="65537 bytes, more than 65536"):
        codec.join({"a": codec.encode_value("x" * (MAX_DATA_BYTES - frame + 1))})


def test_the_limit_counts_bytes_not_characters():
    with pytest.raises(DataTooLarge):
        codec.join({"a": codec.encode_value("é" * (MAX_DATA_BYTES // 2))})


# --- typed data, three ways ---


@dataclass
class CartData:
    items: list[str] = field(default_factory=list)
    count: int = 0


class CartStruct(msgspec.Struct):
    items: list[str] = []
    count: int = 0


class CartModel(pydantic.BaseModel):
    items: list[str] = []
    count: int = 0


KINDS = [CartData, CartStruct, CartModel]


@pytest.mark.parametrize("kind", KINDS)
def test_typed_data_survives_the_round_trip(kind):
    data_type = DataType(kind)
    assert data_type.load({}) == kind()
    value = data_type.load({"items": ["coat"], "count": 2})
    assert value == kind(items=["coat"], count=2)
    assert data_type.dump(value) == {"items": ["coat"], "count": 2}


@pytest.mark.parametrize("kind", KINDS)
def test_stored_data_that_does_not_fit_is_a_mismatch(kind):
    with pytest.raises(DataMismatch, match=f"does not fit {kind.__name__}") as caught:
        DataType(kind).load({"count": "many"})
    assert "Give new fields a default" in str(caught.value)


class ModelWithLock(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    lock: object = None


@dataclass
class DataWithLock:
    lock: object = None


@pytest.mark.parametrize("kind", [ModelWithLock, DataWithLock])
def test_a_typed_value_json_cannot_hold_is_refused(kind):
    with pytest.raises(DataNotSerializable, match=kind.__name__):
        DataType(kind).dump(kind(lock=object()))


def nested(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def test_what_is_too_deep_to_be_read_back_anywhere_is_refused():
    assert codec.encode_value(nested(codec.MAX_DEPTH)) == b"[" * 65 + b"]" * 65
    with pytest.raises(DataNotSerializable, match="64 levels"):
        codec.encode_value(nested(codec.MAX_DEPTH + 1))
