"""The form of an encrypted value: never taken for an application's own, and counted in the clear."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core import ciphertext, codec
from coatcheck.core.ciphertext import MARK, OVERHEAD
from coatcheck.core.codec import MAX_DATA_BYTES
from coatcheck.core.errors import CorruptRecord, DataNotSerializable, DataTooLarge, KeyMissing

BOX = bytes(range(OVERHEAD + 7))


@given(plain=st.binary(max_size=200))
def test_a_box_comes_back_and_counts_as_what_is_in_it(plain):
    box = bytes(OVERHEAD) + plain
    encoded = ciphertext.wrap(box)
    assert ciphertext.unwrap(encoded) == box
    assert ciphertext.size(encoded) == len(plain)
    assert codec.decode_value(encoded).startswith(MARK)


@given(value=st.text() | st.integers() | st.lists(st.text(), max_size=2))
def test_what_is_in_the_clear_is_no_box_and_counts_as_it_is(value):
    encoded = msgspec.json.encode(value)
    assert ciphertext.unwrap(encoded) is None
    assert ciphertext.size(encoded) == len(encoded)


@pytest.mark.parametrize(
    "damage",
    [
        lambda encoded: encoded[:-2] + b'"',
        lambda encoded: encoded[:40] + b'"',
        lambda encoded: encoded[:30] + b"*" + encoded[31:],
        lambda encoded: encoded[:30] + b"\xc3\xa9" + encoded[31:],
        lambda encoded: encoded[:-1] + b'=="',
        lambda encoded: ciphertext.wrap(bytes(OVERHEAD - 1)),
        lambda encoded: ciphertext.wrap(b""),
    ],
)
def test_what_was_a_box_is_corrupt(damage):
    with pytest.raises(CorruptRecord, match="encrypted"):
        ciphertext.unwrap(damage(ciphertext.wrap(BOX)))


@pytest.mark.parametrize("value", [MARK, f"{MARK}AAAA"])
def test_no_application_can_store_what_looks_encrypted(value):
    with pytest.raises(DataNotSerializable, match="taken for encrypted"):
        codec.encode_value(value)
    assert codec.decode_value(codec.encode_value([value])) == [value]  # deeper it is a text like any other


def test_without_a_key_encrypted_data_are_a_fault_and_never_data():
    with pytest.raises(KeyMissing, match="a key that is not here"):
        codec.decode(codec.join({"a": b"1", "b": ciphertext.wrap(BOX)}))
    assert codec.decode(b'{"a":["%s"]}' % MARK.encode()) == {"a": [MARK]}


def test_the_limit_counts_what_is_encrypted_as_it_is_in_the_clear():
    fits = MAX_DATA_BYTES - len(b'{"a":1,"b":}')
    codec.join({"a": b"1", "b": ciphertext.wrap(bytes(OVERHEAD + fits))})
    with pytest.raises(DataTooLarge, match=f"{MAX_DATA_BYTES + 1} bytes"):
        codec.join({"a": b"1", "b": ciphertext.wrap(bytes(OVERHEAD + fits + 1))})
