"""A program that must not type-check; each wrong line names its error."""

from dataclasses import dataclass, field

from coatcheck.core.lifetimes import Lifetimes
from coatcheck.core.session import Session


@dataclass
class Cart:
    """What a shop keeps in a session."""

    items: list[str] = field(default_factory=list)


def misuse(session: Session[Cart]) -> None:
    """Do what the types forbid."""
    session.data.itmes.append("coat")  # attr-defined
    session.data = {"items": []}  # assignment
    session.data.items.append(1)  # arg-type
    session.increment("visits", by="1")  # arg-type
    session.identity.user_id  # union-attr # noqa: B018
    session.id + "x"  # operator


Lifetimes(absolute=None)  # arg-type
