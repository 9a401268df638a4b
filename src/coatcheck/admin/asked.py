"""What an address asks a page for: texts as they may reach a store, numbers that it can hold."""

from starlette.requests import Request

LONGEST = 200  # characters
MOST = 2**63 - 1


def text(request: Request, name: str) -> str:
    """Return a text without what nobody types, which not every store can take."""
    asked = request.query_params.get(name, "")[:LONGEST]
    return "".join(character for character in asked if character.isprintable()).strip()


def place(request: Request, name: str = "before") -> int | None:
    """Return a place in the ledger; None if none is named."""
    asked = request.query_params.get(name, "")[:LONGEST]
    return min(int(asked), MOST) if asked.isdecimal() else None
