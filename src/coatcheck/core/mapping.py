# ruff: noqa: D102 - each method is dict's own, with dict's own meaning
"""A dict that notices when somebody looks, when somebody writes, and who may write unnoticed."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

# What JSON gives back and nobody can change in place.
_UNCHANGEABLE = frozenset({str, int, float, bool, type(None)})


class WatchedDict(dict[str, Any]):
    """A dict whose content arrives at the first look.

    Attributes:
        accessed: Whether anybody looked.
        modified: Whether a mutating method was called.
        lent: Whether a value was handed out that can be changed in place, such as a list.
    """

    __slots__ = ("accessed", "lent", "modified")

    def __init__(self) -> None:
        self.accessed = self.modified = self.lent = False

    def mark_accessed(self) -> None:
        """Note that somebody looked; Starlette calls it on `request.session`."""
        self.accessed = True

    def mark_modified(self, *_keys: str) -> None:
        """Note that somebody is about to write these keys."""
        self.mark_accessed()
        self.modified = True

    def __getitem__(self, key: str) -> Any:
        self.mark_accessed()
        value = dict.__getitem__(self, key)
        if type(value) not in _UNCHANGEABLE:
            self.lent = True
        return value

    def __contains__(self, key: object) -> bool:
        self.mark_accessed()
        return dict.__contains__(self, key)

    def __iter__(self) -> Iterator[str]:
        self.mark_accessed()
        return dict.__iter__(self)

    def __reversed__(self) -> Iterator[str]:
        self.mark_accessed()
        return dict.__reversed__(self)

    def __len__(self) -> int:
        self.mark_accessed()
        return dict.__len__(self)

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        self.mark_accessed()
        return dict.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        self.mark_accessed()
        return dict.__ne__(self, other)

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        """Copy and pickle as a plain dict of the content."""
        return dict, (self.copy(),)

    # override, twice: any mapping will do, and the result is a plain dict; dict's overloads name dicts alone.
    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:  # type: ignore[override]
        return {**self.copy(), **other}

    def __ror__(self, other: Mapping[str, Any]) -> dict[str, Any]:  # type: ignore[override]
        return {**other, **self.copy()}

    def get(self, key: str, default: Any = None) -> Any:
        self.mark_accessed()
        value = dict.get(self, key, default)
        if type(value) not in _UNCHANGEABLE:
            self.lent = True
        return value

    def keys(self) -> Any:
        self.mark_accessed()
        return dict.keys(self)

    def values(self) -> Any:
        self.mark_accessed()
        self.lent = True
        return dict.values(self)

    def items(self) -> Any:
        self.mark_accessed()
        self.lent = True
        return dict.items(self)

    def copy(self) -> dict[str, Any]:
        return dict(self.items())

    def __setitem__(self, key: str, value: Any) -> None:
        self.mark_modified(key)
        dict.__setitem__(self, key, value)

    def __delitem__(self, key: str) -> None:
        self.mark_modified(key)
        dict.__delitem__(self, key)

    # misc: mypy compares `|=` with `|`, which returns a plain dict here.
    def __ior__(self, other: Any) -> Self:  # type: ignore[override, misc]
        self.update(other)
        return self

    def clear(self) -> None:
        self.mark_modified(*self.keys())
        dict.clear(self)

    def pop(self, key: str, *default: Any) -> Any:
        self.mark_accessed()
        if dict.__contains__(self, key):
            self.mark_modified(key)
        return dict.pop(self, key, *default)

    def popitem(self) -> tuple[str, Any]:
        self.mark_accessed()
        key, value = dict.popitem(self)
        self.mark_modified(key)
        return key, value

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *others: Any, **values: Any) -> None:
        new = dict(*others, **values)
        self.mark_modified(*new)
        dict.update(self, new)
