"""Events: stable names, no secrets, nothing that grows without bound."""

import dataclasses
import re

import pytest

from coatcheck.core import events
from coatcheck.core.events import Event

NO_KINDS = {"Attendant", "Event", "Observer"}
EVERY = [getattr(events, name) for name in events.__all__ if name not in NO_KINDS]


def test_every_event_is_published():
    # A dataclass with slots is made anew: the class before it lingers among the subclasses by the same name.
    assert {kind.__name__ for kind in EVERY} == {kind.__name__ for kind in Event.__subclasses__()}


def test_names_are_stable_and_unique():
    names = [kind.name for kind in EVERY]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", name) for name in names)
    assert all(re.fullmatch(r"[a-z_]+", kind.owasp) for kind in EVERY)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_an_event_is_frozen_and_holds_no_token(kind):
    fields = {field.name: field.type for field in dataclasses.fields(kind)}
    assert kind.__dataclass_params__.frozen
    assert not any("token" in name or "password" in name for name in fields)
    assert not any(
        type_ in ("Token", "bytes", "Record") or "Token" in str(type_) for type_ in fields.values()
    )
