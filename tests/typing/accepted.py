"""A program that must type-check: a typed session knows its data's type."""

from dataclasses import dataclass, field
from typing import Any, assert_type

from coatcheck.core.codec import DataType
from coatcheck.core.identity import Identity
from coatcheck.core.session import Session


@dataclass
class Cart:
    """What a shop keeps in a session."""

    items: list[str] = field(default_factory=list)


def put(session: Session[Cart], item: str) -> int:
    """Use the typed and the mapping view of one session."""
    assert_type(session.data, Cart)
    assert_type(session.identity, Identity | None)
    assert_type(session["anything"], Any)
    session.data.items.append(item)
    session.data = Cart(items=[])
    session.increment("visits")
    return len(session.data.items)


put(Session(data_type=DataType(Cart)), "coat")
