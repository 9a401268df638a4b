"""Flash messages: said on the next page, once, and kept in the session until then."""

from typing import Any, TypedDict

from coatcheck.core.session import Session

KEY = "flash"


class Flash(TypedDict):
    """One message; `problem` colours it."""

    text: str
    problem: bool


def flash(session: Session[Any], text: str, *, problem: bool = False) -> None:
    """Leave a message for the next page."""
    session.setdefault(KEY, []).append(Flash(text=text, problem=problem))


def take_flashes(session: Session[Any]) -> list[Flash]:
    """Return the messages that wait, and forget them."""
    flashes: list[Flash] = session.pop(KEY, [])
    return flashes
