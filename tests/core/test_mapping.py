"""The watched dict alone: which method looks, which one writes."""

import copy
import json

import pytest

from coatcheck.core.mapping import WatchedDict


class Noting(WatchedDict):
    """Notes the keys it is told of."""

    __slots__ = ("noted",)

    def __init__(self, **values):
        super().__init__()
        self.noted = []
        dict.update(self, values)

    def mark_modified(self, *keys):
        super().mark_modified(*keys)
        self.noted += keys


@pytest.mark.parametrize(
    ("write", "noted"),
    [
        (lambda d: d.update({"x": 1}, y=2), ["x", "y"]),
        (lambda d: d.clear(), ["a", "b"]),
        (lambda d: d.popitem(), ["b"]),
        (lambda d: d.pop("a"), ["a"]),
        (lambda d: d.pop("z", 0), []),
        (lambda d: d.setdefault("a", 0), []),
        (lambda d: d.setdefault("z", 0), ["z"]),
        (lambda d: d.__ior__({"z": 1}), ["z"]),
    ],
)
def test_a_writer_names_its_keys_first(write, noted):
    watched = Noting(a=1, b=2)
    write(watched)
    assert watched.noted == noted
    assert watched.modified is bool(noted)
    assert watched.accessed is True


def test_an_update_that_fails_changes_nothing():
    watched = Noting(a=1)
    with pytest.raises(TypeError):
        watched.update({"b": 1}, [1, 2])
    assert (dict(watched), watched.modified) == ({"a": 1}, False)


def test_ior_is_the_same_object():
    watched = Noting(a=1)
    alias = watched
    watched |= {"b": 2}
    assert watched is alias


LOOKS = {
    "d['list']": lambda d: d["list"],
    "get": lambda d: d.get("list"),
    "values": lambda d: list(d.values()),
    "items": lambda d: dict(d.items()),
    "copy": lambda d: d.copy(),
    "dict()": dict,
    "**": lambda d: {**d},
    "|": lambda d: d | {},
    "setdefault": lambda d: d.setdefault("list", []),
    "deepcopy": copy.deepcopy,
    "json": json.dumps,
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_who_gets_a_value_that_can_be_changed_in_place_is_noticed(look):
    watched = Noting(list=[1], number=1)
    look(watched)
    assert watched.lent


@pytest.mark.parametrize("value", ["text", 1, 1.5, True, None])
def test_what_nobody_can_change_in_place_is_lent_to_nobody(value):
    watched = Noting(a=value, list=[1])
    assert (watched["a"], watched.get("a"), "list" in watched, list(watched)) == (
        value,
        value,
        True,
        ["a", "list"],
    )
    assert not watched.lent
