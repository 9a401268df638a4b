"""What operators do about users. The account always changes first, then the sessions follow.

In this order a sign-in that races with a change never survives it with the old facts (protocol.md
section 3).
"""

from typing import Any

from coatcheck.core.events import PasswordChanged, UserDisabled, UserEnabled, UserRegistered, UserUnlocked
from coatcheck.core.reason import Reason
from coatcheck.core.session import Session
from coatcheck.login.accounts import Account, Accounts, is_email, is_name
from coatcheck.login.credentials import subject
from coatcheck.login.devices import Devices
from coatcheck.login.outcome import EMAIL_INVALID, EMAIL_TAKEN, NAME_INVALID, UNKNOWN_USER, Outcome, refused
from coatcheck.login.passwords import Passwords
from coatcheck.login.rules import PasswordPolicy
from coatcheck.login.throttle import Throttle
from coatcheck.manager import SessionManager


class Users:
    """Adds, disables and resets users; `Login` makes one as `login.users`."""

    def __init__(
        self,
        manager: SessionManager[Any],
        accounts: Accounts,
        *,
        passwords: Passwords,
        throttle: Throttle,
        rules: PasswordPolicy,
        devices: Devices,
    ) -> None:
        self._manager = manager
        self._accounts = accounts
        self._passwords = passwords
        self._throttle = throttle
        self._rules = rules
        self._devices = devices

    async def add(
        self,
        email: str,
        password: str,
        *,
        name: str = "",
        roles: frozenset[str] = frozenset(),
        session: Session[Any] | None = None,
        with_factor: bool = False,
    ) -> Outcome:
        """Make an account; `session` is that of a person who registers themselves.

        `with_factor` tells that another factor is required at their sign-in.
        """
        email = email.strip()
        if not is_email(email):
            return EMAIL_INVALID
        if not is_name(name):
            return NAME_INVALID
        if refusal := self._rules.check(password, personal=(email, name), with_factor=with_factor):
            return refused(refusal)
        account = await self._accounts.add(
            email=email,
            name=name,
            password_hash=await self._passwords.hash(password),
            roles=roles,
            created_at=self._manager.now(),
        )
        if account is None:
            return EMAIL_TAKEN
        self._manager.tell(UserRegistered, session, user_id=account.user_id)
        return Outcome(user_id=account.user_id)

    async def disable(self, user_id: str, *, by: str | None = None) -> Outcome:
        """Close the account and end its sessions at once. `by` names the operator, here as below."""
        if not await self._accounts.set_disabled(user_id, disabled=True):
            return UNKNOWN_USER
        await self._manager.revoke_user(user_id, reason=Reason.USER_DISABLED, by=by)
        self._manager.tell(UserDisabled, None, user_id=user_id, actor=by)
        return Outcome(user_id=user_id)

    async def enable(self, user_id: str, *, by: str | None = None) -> Outcome:
        """Open a disabled account again; its user signs in anew."""
        if not await self._accounts.set_disabled(user_id, disabled=False):
            return UNKNOWN_USER
        self._manager.tell(UserEnabled, None, user_id=user_id, actor=by)
        return Outcome(user_id=user_id)

    async def set_roles(self, user_id: str, roles: frozenset[str], *, by: str | None = None) -> Outcome:
        """Replace the user's roles, in all their sessions too (ASVS 8.3.2)."""
        if not await self._accounts.set_roles(user_id, roles):
            return UNKNOWN_USER
        return await self._publish(user_id, by)

    async def set_name(self, user_id: str, name: str, *, by: str | None = None) -> Outcome:
        """Replace the user's name, in all their sessions too."""
        if not is_name(name):
            return NAME_INVALID
        if not await self._accounts.set_profile(user_id, name=name):
            return UNKNOWN_USER
        return await self._publish(user_id, by)

    async def reset_password(
        self, user_id: str, new: str, *, with_factor: bool = False, by: str | None = None
    ) -> Outcome:
        """Give the account a new password, for a recovery: every session and known device ends.

        It also lifts the throttle's stop, since the new password was never guessed at. `with_factor` is
        that of `add`.
        """
        account = await self._accounts.by_id(user_id)
        if account is None:
            return UNKNOWN_USER
        if refusal := self._rules.check(new, personal=(account.email, account.name), with_factor=with_factor):
            return refused(refusal)
        await self._accounts.set_password_hash(user_id, await self._passwords.hash(new))
        await self._manager.revoke_user(user_id, by=by)
        await self._devices.forget(subject(account))
        await self._throttle.reset(subject(account))
        self._manager.tell(PasswordChanged, None, user_id=user_id, actor=by)
        return Outcome(user_id=user_id)

    async def unlock(self, user_id: str, *, by: str | None = None) -> Outcome:
        """Lift the throttle's stop from an account whose password is still good (NIST-RATE-02)."""
        account = await self._accounts.by_id(user_id)
        if account is None:
            return UNKNOWN_USER
        await self._throttle.reset(subject(account))
        self._manager.tell(UserUnlocked, None, user_id=user_id, actor=by)
        return Outcome(user_id=user_id)

    async def remove(self, user_id: str, *, by: str | None = None) -> Outcome:
        """Delete the account and end its sessions. The address is free; the user id is used up."""
        account = await self._accounts.by_id(user_id)
        if account is None or not await self._accounts.remove(user_id):
            return UNKNOWN_USER
        await self._manager.revoke_user(user_id, by=by)
        await self._devices.forget(subject(account))
        return Outcome(user_id=user_id)

    async def _publish(self, user_id: str, by: str | None) -> Outcome:
        """Put the account's facts into its sessions, again if somebody changed them meanwhile."""
        published: Account | None = None
        account = await self._accounts.by_id(user_id)
        while account is not None and account != published:
            await self._manager.update_user(account.identity, by=by)
            published, account = account, await self._accounts.by_id(user_id)
        return Outcome(user_id=user_id) if account else UNKNOWN_USER
