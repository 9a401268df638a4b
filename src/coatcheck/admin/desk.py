"""What the pages of the dashboard work with, and the door they stand behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from coatcheck.admin.everyone import EveryoneOut
from coatcheck.admin.figures import Board
from coatcheck.core.identity import Identity
from coatcheck.core.record import Record
from coatcheck.manager import SessionManager

if TYPE_CHECKING:  # these rooms need extras that not every app installs
    from coatcheck.login import Accounts
    from coatcheck.login.users import Users
    from coatcheck.tokens.sources import Keys


class Door(Protocol):
    """Who may come in: an adapter makes one of the room that guards its app."""

    home: str
    """Where the app's own pages begin."""

    async def refuse(self, request: Request, *, acting: bool) -> Response | None:
        """Return what turns a visitor away; None lets them in.

        With `acting` they are about to change something, which takes a recent proof of who they are. Asked
        again after a wait, it goes by how their session stands now.
        """
        ...  # pragma: no cover

    def admits(self, identity: Identity | None) -> bool:
        """Tell whether somebody may stay, on a stream that is open."""
        ...  # pragma: no cover

    def csrf_token(self, record: Record) -> str:
        """Return the anti-forgery token of a session, for forms."""
        ...  # pragma: no cover

    def script_url(self, scope: Mapping[str, Any]) -> str:
        """Return the address of the browser client, which warns before a session ends."""
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What pages ask for things.

    Attributes:
        manager: Finds and ends sessions.
        door: Who may come in.
        board: The figures of the overview.
        everyone: Signs everybody out.
        accounts: The user table, where users sign in with a password here.
        users: What operators do about accounts, likewise.
        keys: The keys that sign access tokens, where they are issued.
    """

    manager: SessionManager[Any]
    door: Door
    board: Board
    everyone: EveryoneOut
    accounts: "Accounts | None" = None
    users: "Users | None" = None
    keys: "Keys | None" = None
