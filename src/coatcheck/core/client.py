"""Who sent a request, as far as it says."""

from typing import Protocol

import msgspec


class Client(Protocol):
    """Who sent the request."""

    @property
    def ip(self) -> str:
        """The peer's address."""
        ...  # pragma: no cover

    @property
    def user_agent(self) -> str:
        """What it calls itself."""
        ...  # pragma: no cover

    @property
    def request_id(self) -> str:
        """The id of its request."""
        ...  # pragma: no cover


class KnownClient(msgspec.Struct, frozen=True, gc=False):
    """A client of which everything has been said."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = ""


NOWHERE = KnownClient()
