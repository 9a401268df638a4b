"""Tables of the policies: every default and what it means, from the dataclasses themselves."""

import dataclasses
import importlib
from typing import Any

import msgspec

from coatcheck.core.lifetimes import DAY, HOUR, MINUTE, Lifetimes, Rotation, Span
from docs.parts.docstrings import attributes, table

UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"))
NOT_GIVEN = (dataclasses.MISSING, msgspec.NODEFAULT)
OWNERS = {"remembered": Span, "rotation": Rotation}


def lifetimes_table(_: str = "") -> str:
    """Return every lifetime of `Lifetimes().describe()` with its default."""
    rows = []
    for name, seconds in Lifetimes().describe().items():
        group, _, field = name.rpartition(".")
        meaning = attributes(OWNERS.get(group, Lifetimes))[field]
        rows.append((f"`{name}`", duration(seconds), f"{seconds:,.0f}", meaning))
    return table(("lifetime", "default", "seconds", "meaning"), rows)


def attribute_table(path: str) -> str:
    """Return the attributes of a class named `module:Class`, with defaults and meanings."""
    module, _, name = path.partition(":")
    owner = getattr(importlib.import_module(module), name)
    meanings, defaults = attributes(owner), _defaults(owner)
    rows = [(f"`{field}`", _shown(defaults.get(field)), meanings[field]) for field in meanings]
    return table(("field", "default", "meaning"), rows)


def duration(seconds: float) -> str:
    """Return a duration in the largest unit that divides it."""
    for length, unit in UNITS:
        if seconds >= length and seconds % length == 0:
            count = int(seconds // length)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def _defaults(owner: Any) -> dict[str, Any]:
    fields = dataclasses.fields if dataclasses.is_dataclass(owner) else msgspec.structs.fields
    return {field.name: _default(field) for field in fields(owner)}


def _default(field: Any) -> Any:
    return field.default if field.default_factory in NOT_GIVEN else field.default_factory()


def _shown(default: object) -> str:
    if default in NOT_GIVEN:
        return "required"
    if default is None:
        return "none"
    if isinstance(default, frozenset | tuple) and not default:
        return "empty"
    if isinstance(default, float):
        return f"`{int(default):,}`" if default.is_integer() else f"`{default}`"
    return f"`{default!r}`"
