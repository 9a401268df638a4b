"""The session a handler sees: a dict that notices, over a record it never writes itself."""

import copy
import dataclasses
import json
import pickle
from dataclasses import dataclass, field

import msgspec
import pydantic
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from coatcheck.core import codec
from coatcheck.core.acts import NO_ACTS
from coatcheck.core.change import DataChange, merge
from coatcheck.core.codec import DataType
from coatcheck.core.errors import ConfigurationError, DataMismatch, DataNotSerializable
from coatcheck.core.plan import UNKNOWN
from coatcheck.core.reason import Reason
from coatcheck.core.session import Session
from tests.core.support import ADA, FIRST, make_record
from tests.core.test_codec import json_values

STORED = {"a": 1, "b": [1, {"x": 2}], "c": "coat"}
STORED_BYTES = msgspec.json.encode(STORED)


def make_session(data=STORED_BYTES, data_type=None, **fields):
    return Session(make_record(data=data, **fields), FIRST, data_type=data_type)


def left_behind(session):
    """The data as a store would hold it after this request."""
    return codec.decode(merge(session.record.data if session.record else b"{}", session.changes()))


# --- looking ---


def matched(value):
    match value:
        case {"a": 1, **rest}:
            return rest
        case _:
            return "no match"


LOOKS = {
    "getitem": lambda s: s["a"],
    "get": lambda s: s.get("a"),
    "get_missing": lambda s: s.get("nope", 3),
    "contains": lambda s: "a" in s,
    "iter": list,
    "reversed": lambda s: list(reversed(s)),
    "len": len,
    "bool": bool,
    "keys": lambda s: list(s.keys()),
    "values": lambda s: list(s.values()),
    "items": lambda s: list(s.items()),
    "eq": lambda s: s == {"a": 1},
    "ne": lambda s: s != STORED,
    "copy": lambda s: s.copy(),
    "copy_module": copy.copy,
    "dict": dict,
    "splat": lambda s: {**s},
    "or": lambda s: s | {"a": 2, "z": 1},
    "ror": lambda s: {"a": 2, "z": 1} | s,
    "json": json.dumps,
    "json_sorted": lambda s: json.dumps(s, sort_keys=True, indent=1),
    "json_round_trip": lambda s: json.loads(json.dumps(s)),
    "sorted": sorted,
    "deepcopy": copy.deepcopy,
    "pickle": lambda s: pickle.loads(pickle.dumps(s)),  # noqa: S301 - its own bytes
    "match": matched,
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_look_sees_what_a_dict_shows_and_changes_nothing(look):
    session = make_session()
    assert session.accessed is False
    seen = look(session)
    assert seen == look(dict(STORED))
    assert type(seen) is not Session, "what is taken out is the app's own"
    assert (session.accessed, session.modified) == (True, False)
    assert not session.changes()


# --- touching ---

MUTATIONS = {
    "setitem": lambda s: s.__setitem__("a", 2),
    "setitem_new": lambda s: s.__setitem__("n", None),
    "delitem": lambda s: s.__delitem__("a"),
    "pop": lambda s: s.pop("a"),
    "pop_default": lambda s: s.pop("a", None),
    "popitem": lambda s: s.popitem(),
    "clear": lambda s: s.clear(),
    "update_mapping": lambda s: s.update({"a": 5}),
    "update_pairs": lambda s: s.update([("a", 5)], z=1),
    "ior": lambda s: s.__ior__({"a": 5}) and None,
    "setdefault_missing": lambda s: s.setdefault("n", [1]),
    "setdefault_none": lambda s: s.setdefault("n"),
}


@pytest.mark.parametrize("mutate", MUTATIONS.values(), ids=MUTATIONS)
def test_a_mutation_does_what_a_dict_does_and_is_saved(mutate):
    session, plain = make_session(), copy.deepcopy(STORED)
    assert mutate(session) == mutate(plain)
    assert dict(session) == plain
    assert session.modified is True
    assert left_behind(session) == plain


NON_MUTATIONS = {
    "pop_missing": lambda s: s.pop("nope", "default"),
    "setdefault_existing": lambda s: s.setdefault("a", 99),
    "get": lambda s: s.get("a"),
}


@pytest.mark.parametrize("call", NON_MUTATIONS.values(), ids=NON_MUTATIONS)
def test_a_call_that_changes_nothing_modifies_nothing(call):
    session = make_session()
    assert call(session) == call(dict(STORED))
    assert (session.accessed, session.modified) == (True, False)
    assert not session.changes()


@pytest.mark.parametrize(
    "wrong", [lambda s: s["nope"], lambda s: s.pop("nope"), lambda s: s.__delitem__("nope")]
)
def test_a_missing_key_is_a_key_error(wrong):
    with pytest.raises(KeyError):
        wrong(make_session())


def test_popitem_of_nothing():
    with pytest.raises(KeyError):
        Session(None).popitem()


def test_a_session_is_no_key():
    with pytest.raises(TypeError):
        hash(make_session())


def test_a_change_inside_a_nested_value_is_noticed():
    session = make_session()
    session["b"][1]["x"] = 3
    assert session.modified is False
    assert session.changes() == DataChange(sets={"b": b'[1,{"x":3}]'})


def test_an_assignment_of_the_same_value_needs_no_write():
    session = make_session()
    session["a"] = 1
    assert not session.changes()


def test_nobody_looked_nothing_is_decoded():
    session = make_session(data=b"not even JSON")
    assert not session.changes()
    assert session.accessed is False


@pytest.mark.parametrize(("key", "value"), [("a", float("nan")), ("a", object()), (1, "x"), ("\ud800", 1)])
def test_what_json_cannot_hold_is_refused_at_the_end_of_the_request(key, value):
    session = make_session()
    session[key] = value
    with pytest.raises(DataNotSerializable):
        session.changes()


# --- increments ---


def test_increments_add_to_whatever_is_stored_by_then():
    session = make_session()
    session.increment("a")
    session.increment("a", 2)
    session.increment("new", 0.5)
    assert (session["a"], session["new"]) == (4, 0.5)
    assert session.modified is True
    assert session.changes() == DataChange(increments={"a": 3, "new": 0.5})
    assert codec.decode(merge(b'{"a":100}', session.changes())) == {"a": 103, "new": 0.5}


def test_an_assignment_after_an_increment_wins():
    session = make_session()
    session.increment("a", 5)
    session["a"] = 9
    assert session.changes() == DataChange(sets={"a": b"9"})


def test_an_increment_after_an_assignment_is_part_of_it():
    session = make_session()
    session["a"] = 10
    session.increment("a")
    assert session.changes() == DataChange(sets={"a": b"11"})


def test_a_deleted_count_starts_anew():
    session = make_session()
    session.increment("a")
    del session["a"]
    assert session.changes() == DataChange(deletes=frozenset({"a"}))
    session.increment("a", 1)
    assert left_behind(session)["a"] == 1


@pytest.mark.parametrize("stored", [None, True, "text", [1]])
def test_a_value_replaced_by_a_count_is_set(stored):
    session = make_session(msgspec.json.encode({"n": stored}))
    session["n"] = 3
    session.increment("n")
    assert left_behind(session) == {"n": 4}
    session.clear()
    session.increment("n")
    assert left_behind(session) == {"n": 1}


def test_no_increment_is_lost_to_rounding():
    session = make_session(b'{"n":0.1}')
    for step in (0.2, 0.3, 0.4, 0.7):
        session.increment("n", step)
    assert left_behind(session)["n"] == pytest.approx(1.7)


def test_a_truth_value_counts_on_as_python_does():
    session = make_session(b'{"n":true}')
    session.increment("n")
    assert session["n"] == 2
    assert left_behind(session) == {"n": 2}


def test_clear_forgets_increments():
    session = make_session()
    session.increment("a")
    session.clear()
    assert session.changes() == DataChange(deletes=frozenset(STORED))


# --- who it belongs to ---


def test_a_visitor_without_a_session():
    visitor = Session()
    assert (visitor.id, visitor.user_id, visitor.identity, dict(visitor)) == (None, None, None, {})
    assert visitor.reason is Reason.NO_SESSION
    assert repr(visitor) == "<Session None>"
    assert visitor.closed is None
    assert visitor.acts is NO_ACTS
    with pytest.raises(dataclasses.FrozenInstanceError):
        visitor.acts.ended = True


def test_a_refused_token_says_why():
    assert Session(admission=UNKNOWN).reason is Reason.UNKNOWN_TOKEN


def test_a_signed_in_session():
    session = make_session()
    assert session.id == FIRST.id
    assert session.accessed is False, "an id is for the log"
    assert session.identity == ADA
    assert session.accessed is True
    assert make_session().user_id == "u-ada"
    assert make_session(identity=None).user_id is None


def test_its_repr_shows_no_data_and_no_token():
    session = make_session(data=b'{"secret":"open sesame"}')
    assert session["secret"]
    assert repr(session) == f"<Session {FIRST.id}>"


def test_rebase_starts_over_from_what_is_stored():
    session = make_session(data_type=DataType(CartData))
    session["count"] = 7
    session.increment("n")
    assert session.data.count == 7
    session.rebase(make_record(data=b'{"count":8}'))
    assert not session.changes()
    assert session.modified is False
    assert dict(session) == {"count": 8}
    assert session.data.count == 8
    session.rebase(None)
    assert dict(session) == {}


# --- typed data ---


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


@pytest.mark.parametrize("kind", [CartData, CartStruct, CartModel])
class TestTyped:
    def test_a_field_is_a_key(self, kind):
        session = make_session(b'{"items":["a"],"other":1}', DataType(kind))
        session.data.items.append("b")
        assert session.data is session.data
        assert session.changes() == DataChange(sets={"items": b'["a","b"]'})

    def test_a_default_nobody_touched_overwrites_nobody(self, kind):
        session = make_session(b"{}", DataType(kind))
        assert session.data == kind()
        assert not session.changes()
        session.data.count = 1
        assert session.changes() == DataChange(sets={"count": b"1"})

    def test_a_value_assigned_whole_is_stored_whole(self, kind):
        session = make_session(b'{"items":["a"],"count":3,"other":1}', DataType(kind))
        session.data = kind(items=["z"])
        assert (session.modified, session.data.items) == (True, ["z"])
        assert left_behind(session) == {"items": ["z"], "count": 0, "other": 1}

    def test_what_does_not_fit_is_said(self, kind):
        with pytest.raises(DataMismatch):
            _ = make_session(b'{"count":"many"}', DataType(kind)).data

    def test_a_visitor_gets_the_defaults(self, kind):
        session = Session(data_type=DataType(kind))
        session.data.count = 2
        assert session.changes() == DataChange(sets={"count": b"2"})


def test_typed_data_needs_a_type():
    with pytest.raises(ConfigurationError, match="data_type=YourType"):
        _ = make_session().data


# --- a dict, whatever is done to it ---

names = st.sampled_from(["a", "b", "c", "d", "e"])


class SessionBesideADict(RuleBasedStateMachine):
    """Any sequence of operations leaves a session and a plain dict alike, and is saved in full."""

    @initialize(stored=st.dictionaries(names, json_values, max_size=4))
    def begin(self, stored):
        self.plain = copy.deepcopy(stored)
        self.session = make_session(msgspec.json.encode(stored))

    @rule(key=names, value=json_values)
    def assign(self, key, value):
        self.session[key] = copy.deepcopy(value)
        self.plain[key] = copy.deepcopy(value)

    @rule(key=names)
    def remove(self, key):
        assert self.session.pop(key, None) == self.plain.pop(key, None)

    @rule(key=names, value=json_values)
    def default(self, key, value):
        mine, theirs = copy.deepcopy(value), copy.deepcopy(value)
        assert self.session.setdefault(key, mine) == self.plain.setdefault(key, theirs)

    @rule(new=st.dictionaries(names, json_values, max_size=3))
    def update(self, new):
        self.session |= copy.deepcopy(new)
        self.plain |= copy.deepcopy(new)

    @rule()
    def popitem(self):
        if self.plain:
            key, value = self.session.popitem()
            assert self.plain.pop(key) == value

    @rule()
    def clear(self):
        self.session.clear()
        self.plain.clear()

    @rule(key=names, value=json_values)
    def change_inside(self, key, value):
        if isinstance(self.plain.get(key), list):
            self.session[key].append(copy.deepcopy(value))
            self.plain[key].append(copy.deepcopy(value))

    @rule(key=names, by=st.integers(-5, 5))
    def increment(self, key, by):
        before = self.plain.get(key, 0)
        if isinstance(before, int) and not isinstance(before, bool):
            self.session.increment(key, by)
            self.plain[key] = before + by

    @rule()
    def save_and_go_on(self):
        """As the manager does: what was merged is the new ground."""
        record = make_record(data=merge(self.session.record.data, self.session.changes()))
        self.session.rebase(record)

    @invariant()
    def both_are_alike(self):
        if hasattr(self, "session"):
            assert self.session == self.plain
            assert dict(self.session) == self.plain
            assert left_behind(self.session) == self.plain


SessionBesideADict.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestSessionBesideADict = SessionBesideADict.TestCase


def test_typed_data_cannot_be_set_without_a_type_and_get_lost():
    with pytest.raises(ConfigurationError, match="data_type="):
        Session().data = {"cart": []}
