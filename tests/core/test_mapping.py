"""The watched dict alone: which method looks, which one writes."""

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
