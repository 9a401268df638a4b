"""What a visitor typed into a form that was refused: kept in their session until the form is shown again."""

from typing import Any

from coatcheck.core.session import Session
from coatcheck.login import Login, Outcome

KEY = "typed"
LONGEST = 254  # characters: an address has no more
NOTHING = {"email": "", "name": ""}


class FormLogin(Login):
    """Sign-in and registration that keep address and name, never the password, of who is refused."""

    async def register(
        self,
        session: Session[Any],
        email: str,
        password: str,
        *,
        name: str = "",
        ip: str = "",
        with_factor: bool = False,
    ) -> Outcome:
        """Make an account."""
        outcome = await super().register(session, email, password, name=name, ip=ip, with_factor=with_factor)
        return _keeping(outcome, session, email, name)

    async def login(
        self,
        session: Session[Any],
        email: str,
        password: str,
        *,
        ip: str = "",
        device_token: str | None = None,
        remember: bool = False,
    ) -> Outcome:
        """Sign in."""
        outcome = await super().login(
            session, email, password, ip=ip, device_token=device_token, remember=remember
        )
        return _keeping(outcome, session, email)


def take_typed(session: Session[Any]) -> dict[str, str]:
    """Return what was typed, and forget it."""
    return {**NOTHING, **session.pop(KEY, {})}


def _keeping(outcome: Outcome, session: Session[Any], email: str, name: str = "") -> Outcome:
    if not outcome.ok and session.identity is None:
        session[KEY] = {"email": email[:LONGEST], "name": name[:LONGEST]}
    return outcome
