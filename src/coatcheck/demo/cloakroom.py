"""What the demo's pages work with."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from coatcheck.demo.mailbox import Mailbox
from coatcheck.login import Accounts, Login
from coatcheck.manager import SessionManager


@dataclass(frozen=True, slots=True)
class Cloakroom:
    """The parts of the installation that pages ask for things.

    Attributes:
        manager: Lists and ends sessions.
        login: Registers, re-authenticates, changes passwords and names.
        accounts: The user table.
        mailbox: The mail that users would get.
    """

    manager: SessionManager[Any]
    login: Login
    accounts: Accounts
    mailbox: Mailbox


def _cloakroom(request: Request) -> Cloakroom:
    cloakroom: Cloakroom = request.app.state.cloakroom
    return cloakroom


CurrentCloakroom = Annotated[Cloakroom, Depends(_cloakroom)]
