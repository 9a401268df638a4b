"""Every event with its OWASP name and its fields."""

import dataclasses
import inspect
import sys
from typing import Any

from coatcheck.core import events
from coatcheck.core.events import Event
from docs.parts.docstrings import attributes, summary, table


def kinds() -> list[type[Event]]:
    """Return every event, in the order of their names."""
    found = [kind for kind in vars(events).values() if inspect.isclass(kind) and issubclass(kind, Event)]
    return sorted((kind for kind in found if kind is not Event), key=lambda kind: kind.name)


def event_table(_: str = "") -> str:
    """Return all events, grouped as their modules group them."""
    groups: dict[str, list[type[Event]]] = {}
    for kind in kinds():
        groups.setdefault(kind.__module__, []).append(kind)
    return "\n\n".join(_group(module, group) for module, group in sorted(groups.items()))


def common_fields(_: str = "") -> str:
    """Return what every event says."""
    return table(("field", "meaning"), [(f"`{name}`", text) for name, text in attributes(Event).items()])


def _group(module: str, kinds: list[type[Event]]) -> str:
    title, _, contents = summary(sys.modules[module]).rstrip(".").partition(": ")
    rows = [(f"`{k.name}`", f"`{k.__name__}`", f"`{k.owasp}`", _own(k), summary(k)) for k in kinds]
    titles = ("event", "class", "OWASP name", "own fields", "when")
    return f"### {title}\n\n{contents[:1].upper()}{contents[1:]}.\n\n{table(titles, rows)}"


def _own(kind: type[Event]) -> str:
    common = {field.name for field in dataclasses.fields(Event)}
    own = [field for field in dataclasses.fields(kind) if field.name not in common]
    return ", ".join(f"`{field.name}: {_type(field.type)}`" for field in own)


def _type(annotation: Any) -> str:
    ours = inspect.isclass(annotation) and annotation.__module__ != "builtins"
    return annotation.__name__ if ours else inspect.formatannotation(annotation)
