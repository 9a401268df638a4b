"""Changes: key by key, so that two writers of different keys both win."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core import codec
from coatcheck.core.change import Change, Commit, DataChange, Elevation, apply, diff, merge
from coatcheck.core.errors import CorruptRecord, DataNotSerializable, DataTooLarge, StaleData
from coatcheck.core.identity import Identity
from tests.core.support import (
    ADA,
    FIRST,
    FOURTH,
    OTHER_KEY,
    T0,
    THIRD,
    make_record,
    moments,
)
from tests.core.test_codec import json_objects, json_values

names = st.sampled_from(["a", "b", "c", "d"])


@st.composite
def data_changes(draw, keys=names):
    """Any change whose three parts do not overlap."""
    fates = draw(st.dictionaries(keys, st.sampled_from(["set", "delete", "increment"])))
    parts = {fate: [key for key, chosen in fates.items() if chosen == fate] for fate in fates.values()}
    return DataChange(
        sets={key: codec.encode_value(draw(json_values)) for key in parts.get("set", [])},
        deletes=frozenset(parts.get("delete", [])),
        increments={key: draw(st.integers(-9, 9)) for key in parts.get("increment", [])},
    )


stored_data = st.dictionaries(names, json_values, max_size=4).map(msgspec.json.encode)


@given(
    stored=stored_data, left=data_changes(st.sampled_from("ab")), right=data_changes(st.sampled_from("cd"))
)
def test_changes_to_different_keys_commute(stored, left, right):
    one, other = merge(merge(stored, left), right), merge(merge(stored, right), left)
    assert codec.decode(one) == codec.decode(other)


@given(stored=st.integers(-99, 99), steps=st.lists(st.integers(-9, 9), max_size=6))
def test_increments_add_up_in_any_order(stored, steps):
    def total(order):
        data = msgspec.json.encode({"n": stored})
        for step in order:
            data = merge(data, DataChange(increments={"n": step}))
        return codec.decode(data)["n"]

    assert total(steps) == total(reversed(steps)) == stored + sum(steps)


@pytest.mark.parametrize(
    ("stored", "step", "expected"),
    [
        (b"{}", 2, 2),
        (b'{"n":null}', 2, 2),
        (b'{"n":"many"}', 2, 2),
        (b'{"n":true}', 2, 2),
        (b'{"n":[1]}', 2, 2),
        (b'{"n":0.5}', 2, 2.5),
        (b'{"n":18446744073709551615}', 1, 2**64),
    ],
)
def test_an_increment_starts_at_zero_unless_there_is_a_number(stored, step, expected):
    assert codec.decode(merge(stored, DataChange(increments={"n": step}))) == {"n": expected}


@given(stored=stored_data, now=st.dictionaries(names, json_values, max_size=4))
def test_diff_finds_exactly_what_merge_needs(stored, now):
    found = diff(stored, now, {})
    assert codec.decode(merge(stored, found)) == now
    assert bool(found) == (codec.encode_value(codec.decode(stored)) != codec.encode_value(now)) or not found
    assert not diff(merge(stored, found), now, {}), "merged, there is nothing left to save"


@given(stored=json_objects)
def test_untouched_data_is_no_change(stored):
    data = msgspec.json.encode(stored)
    assert not diff(data, codec.decode(data), {})


@pytest.mark.parametrize(
    ("stored", "now", "sets", "deletes"),
    [
        (b'{"a":{"b":[1]}}', {"a": {"b": [1, 2]}}, {"a": b'{"b":[1,2]}'}, set()),
        (b'{"a":1,"b":2}', {"a": 1}, {}, {"b"}),
        (b'{ "a" : { "y":2, "x":1 } }', {"a": {"x": 1, "y": 2}}, {}, set()),
        (b'{"a":1.0}', {"a": 1}, {"a": b"1"}, set()),
        (b'{"a":1}', {"a": True}, {"a": b"true"}, set()),
        (b'{"a":0}', {"a": False}, {"a": b"false"}, set()),
        (b"{}", {"a": None}, {"a": b"null"}, set()),
    ],
)
def test_diff(stored, now, sets, deletes):
    assert diff(stored, now, {}) == DataChange(sets=sets, deletes=frozenset(deletes))


def test_an_incremented_key_is_neither_set_nor_deleted():
    assert diff(b'{"n":1,"a":1}', {"n": 3, "a": 1}, {"n": 2}) == DataChange(increments={"n": 2})
    assert diff(b'{"n":1}', {}, {"n": 2}) == DataChange(increments={"n": 2})


@pytest.mark.parametrize("key", [1, "\ud800", None])
def test_a_key_json_cannot_hold_is_refused_before_it_reaches_a_store(key):
    with pytest.raises(DataNotSerializable):
        diff(b"{}", {key: 1}, {})
    with pytest.raises(DataNotSerializable):
        diff(b"{}", {}, {key: 1})


def test_a_value_json_cannot_hold_is_refused():
    with pytest.raises(DataNotSerializable):
        diff(b"{}", {"a": float("nan")}, {})
    with pytest.raises(DataNotSerializable):
        merge(b"{}", DataChange(increments={"n": float("inf")}))


@pytest.mark.parametrize("stored", [b"[]", b'{"a":%s}' % (b"1" * 5000), b'{"a":"\xed\xa0\x80"}'])
def test_corrupt_data_is_said_to_be_corrupt(stored):
    with pytest.raises(CorruptRecord):
        diff(stored, {"a": 1}, {})
    with pytest.raises(CorruptRecord):
        merge(stored, DataChange(increments={"a": 1}))


@pytest.mark.parametrize("given_", [{"a": b"2"}, {"a": None}, {"b": b"1"}, {"a": b"1", "b": b"1"}])
def test_a_change_that_is_given_what_is_not_stored_changes_nothing(given_):
    with pytest.raises(StaleData, match="another value"):
        merge(b'{"a":1}', DataChange(sets={"c": b"3"}, given=given_))


def test_a_change_that_is_given_what_is_stored_is_made():
    change = DataChange(sets={"a": b"2"}, given={"a": b"1", "b": None})
    assert merge(b'{"a":1}', change) == b'{"a":2}'
    assert DataChange(given={"a": b"1"})
    assert merge(b'{"a":1}', DataChange(given={"a": b"1"})) == b'{"a":1}'


def test_data_that_grows_too_large_is_refused():
    with pytest.raises(DataTooLarge):
        merge(b"{}", DataChange(sets={"a": b'"%s"' % (b"x" * codec.MAX_DATA_BYTES)}))


# --- apply ---

NEXT_CHAIN = make_record().chain.commit(FOURTH, T0 + 60, OTHER_KEY)
COMMIT = Commit(expected=THIRD.digest, chain=NEXT_CHAIN)
ELEVATION = Elevation(at=T0 + 60, amr=("pwd", "otp"), absolute_at=T0 + 99_999)
ELEVATED = msgspec.structs.replace(COMMIT, authenticated=ELEVATION)
RENAMED = Identity(
    user_id="u-ada", name="Ada L.", roles=frozenset({"admin"}), auth_time=T0 + 5, amr=("face",)
)


def fields_that_changed(before, after):
    return {name for name in before.__struct_fields__ if getattr(before, name) != getattr(after, name)}


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        (Change(data=DataChange(sets={"a": b"1"})), {"data"}),
        (Change(commit=COMMIT), {"chain"}),
        (Change(commit=ELEVATED), {"chain", "identity", "absolute_at"}),
        (Change(identity=RENAMED), {"chain", "identity"}),
        (Change(seen_at=T0 + 1), {"last_seen_at"}),
        (Change(seen_at=T0 - 1), set()),
        (Change(seen_at=T0 + 1801), set()),
        (Change(commit=msgspec.structs.replace(ELEVATED, expected=FIRST.digest)), set()),
        (Change(), set()),
    ],
)
def test_apply_moves_what_it_says_and_the_revision(change, moved):
    before = make_record()
    after = apply(before, change)
    assert fields_that_changed(before, after) == moved | {"rev"}
    assert after.rev == before.rev + 1


def test_a_commit_that_lost_its_race_leaves_the_rest_of_the_change():
    lost = Change(
        data=DataChange(sets={"a": b"1"}),
        commit=msgspec.structs.replace(ELEVATED, expected=FIRST.digest),
        seen_at=T0 + 1,
    )
    after = apply(make_record(), lost)
    assert after.chain == make_record().chain
    assert after.identity == ADA
    assert after.absolute_at == make_record().absolute_at
    assert (after.data, after.last_seen_at) == (b'{"a":1}', T0 + 1)


def test_an_identity_update_keeps_when_and_how_the_user_authenticated():
    after = apply(make_record(), Change(identity=RENAMED))
    assert (after.identity.auth_time, after.identity.amr) == (ADA.auth_time, ADA.amr)
    assert (after.identity.name, after.identity.roles) == ("Ada L.", frozenset({"admin"}))
    assert after.chain == msgspec.structs.replace(make_record().chain, due=True)
    assert after.absolute_at == make_record().absolute_at


def test_nobody_is_signed_in_by_an_update_or_an_elevation():
    for change in (Change(identity=RENAMED), Change(commit=ELEVATED)):
        after = apply(make_record(identity=None), change)
        assert after.identity is None
        assert after.absolute_at == make_record().absolute_at


def test_an_elevation_sets_when_how_and_until():
    after = apply(make_record(), Change(commit=ELEVATED))
    assert after.identity == ADA.authenticated(T0 + 60, ("pwd", "otp"))
    assert after.absolute_at == T0 + 99_999
    assert after.chain == NEXT_CHAIN


@given(seen_at=st.none() | moments, data=data_changes(), commit=st.sampled_from([None, COMMIT]))
def test_without_authentication_no_deadline_but_idle_moves_later(seen_at, data, commit):
    before = make_record()
    after = apply(before, Change(data=data, commit=commit, seen_at=seen_at))
    assert after.absolute_at == before.absolute_at
    assert before.last_seen_at <= after.last_seen_at <= before.expires_at
    assert after.expires_at <= before.absolute_at


@pytest.mark.parametrize(
    "change",
    [
        Change(data=DataChange(deletes=frozenset({"a"}))),
        Change(data=DataChange(increments={"a": 0})),
        Change(commit=COMMIT),
        Change(identity=ADA),
        Change(seen_at=0.0),
    ],
)
def test_a_change_of_anything_counts(change):
    assert change
    assert not Change()
    assert not DataChange()
