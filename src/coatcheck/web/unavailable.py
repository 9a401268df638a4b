"""The session of a request whose session could not be read: neither somebody's nor nobody's."""

from typing import Any, NoReturn

from coatcheck.core.client import Client
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.session import Session


class UnavailableSession(Session[Any]):
    """Lets a public page that never looks at the session be served while the store is down.

    Whoever looks gets the store's fault, which the middleware answers with 503. It is closed from
    the start: nothing is stored, no cookie is set, and none is deleted.
    """

    __slots__ = ("fault",)

    def __init__(self, fault: StoreUnavailable, client: Client) -> None:
        super().__init__(client=client)
        self.fault = fault
        self.closed = (None,)

    def mark_accessed(self) -> NoReturn:
        """Refuse to be looked at.

        Raises:
            StoreUnavailable: Always.
        """
        raise self.fault

    @property
    def id(self) -> NoReturn:
        """Unknown."""
        raise self.fault

    @property
    def identity(self) -> NoReturn:
        """Unknown."""
        raise self.fault

    @property
    def reason(self) -> NoReturn:
        """Unknown."""
        raise self.fault

    def __repr__(self) -> str:
        return "<Session unavailable>"
