"""Login: what people do at the door. What operators do about people is in `users`.

Every result is an `Outcome`. Raised are faults only: `StoreUnavailable`, and `HashingBusy` where too
many passwords wait to be hashed.
"""

from contextlib import suppress
from typing import Any

from coatcheck.core.errors import SessionEnded, TooManySessions
from coatcheck.core.events import LoginSucceeded, LoginThrottled, PasswordChanged
from coatcheck.core.identity import Identity
from coatcheck.core.session import Session
from coatcheck.login.accounts import Account, Accounts
from coatcheck.login.credentials import Claim, Credentials, Proof, subject, throttled
from coatcheck.login.devices import Devices
from coatcheck.login.outcome import (
    DONE,
    IMPERSONATED,
    INVALID_CREDENTIALS,
    NOT_SIGNED_IN,
    SENTENCES,
    TOO_MANY_SESSIONS,
    Outcome,
    refused,
)
from coatcheck.login.passwords import HashingBusy, Passwords
from coatcheck.login.rules import PasswordPolicy
from coatcheck.login.throttle import Throttle
from coatcheck.login.users import Users
from coatcheck.manager import SessionManager

AMR = ("pwd",)


class Login:
    """Sign-in with e-mail address and password.

    Args:
        manager: Begins and ends the sessions; its store must have the skill `Rows`.
        accounts: Your user table.
        passwords: Hashes and verifies.
        throttle: Counts attempts.
        rules: What a new password must be.

    Attributes:
        rules: The same.
        users: What operators do about users: add, disable, reset.
    """

    def __init__(
        self,
        manager: SessionManager[Any],
        accounts: Accounts,
        *,
        passwords: Passwords | None = None,
        throttle: Throttle | None = None,
        rules: PasswordPolicy | None = None,
    ) -> None:
        self._manager = manager
        self._accounts = accounts
        self._passwords = passwords or Passwords(entropy=manager.entropy)
        self._throttle = throttle or Throttle(manager.store)
        self.rules = rules or PasswordPolicy()
        self._devices = Devices(manager.store, manager.entropy)
        self._credentials = Credentials(manager, self._passwords, self._throttle)
        self.users = Users(
            manager,
            accounts,
            passwords=self._passwords,
            throttle=self._throttle,
            rules=self.rules,
            devices=self._devices,
        )

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
        """Make an account for the person at the door; sign them in with `login`.

        That an address is taken cannot be hidden without sending mail; the throttle bounds how many
        addresses one client may ask about. `with_factor` tells that your app requires another factor
        at their sign-in, and lets a shorter password do.
        """
        if wait := await self._throttle.reserve_address(ip, self._manager.now()):
            self._manager.tell(LoginThrottled, session, user_id=None, retry_after=wait.retry_after)
            return throttled(wait)
        return await self.users.add(email, password, name=name, session=session, with_factor=with_factor)

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
        """Sign in. The outcome carries a device token if the device was not known yet.

        Args:
            session: The visitor's session.
            email: The name they give.
            password: Verified exactly as received.
            ip: Address of the peer.
            device_token: What the cookie `__Host-device` holds.
            remember: Keep them signed in beyond the browser's end.
        """
        if too_long := self.rules.check_length(password):
            return refused(too_long)
        account = await self._accounts.by_email(email)
        name, now = subject(account, email), self._manager.now()
        is_known = await self._devices.check(name, device_token, now)
        claim = Claim(
            session=session,
            account=account,
            subject=name,
            password=password,
            ip=ip,
            known=device_token if is_known else None,
        )
        proof = await self._credentials.check(claim)
        if isinstance(proof, Outcome):
            return proof
        if failure := await self._begin(claim, proof, remember=remember):
            return failure
        token = None if is_known else await self._devices.mint(name, now)
        if proof.needs_upgrade:
            await self._upgrade(proof.account, password)
        user_id = proof.account.user_id
        self._manager.tell(LoginSucceeded, session, user_id=user_id, amr=AMR, new_device=not is_known)
        return Outcome(device_token=token, user_id=user_id)

    async def logout(self, session: Session[Any]) -> Outcome:
        """Sign out; safe to repeat."""
        await self._manager.end(session)
        return DONE

    async def reauthenticate(self, session: Session[Any], password: str, *, ip: str = "") -> Outcome:
        """Prove the password again, for what needs a recent authentication (ASVS 7.5.1)."""
        proof = await self._prove_again(session, password, ip)
        if isinstance(proof, Outcome):
            return proof
        await self._manager.reauthenticated(session, AMR)
        return Outcome(user_id=proof.account.user_id)

    async def change_password(
        self, session: Session[Any], current: str, new: str, *, ip: str = "", with_factor: bool = False
    ) -> Outcome:
        """Replace the password, end the user's other sessions and renew this one (ASVS 6.2.3, 7.4.3).

        `with_factor` is that of `register`.
        """
        identity = session.identity
        if identity is None:
            return NOT_SIGNED_IN
        personal = (identity.email, identity.name)
        if refusal := self.rules.check(new, personal=personal, with_factor=with_factor):
            return refused(refusal)
        proof = await self._prove_again(session, current, ip)
        if isinstance(proof, Outcome):
            return proof
        user_id = proof.account.user_id
        changed = await self._accounts.set_password_hash(
            user_id, await self._passwords.hash(new), expected=proof.account.password_hash
        )
        if not changed:  # somebody else changed it a moment ago
            return INVALID_CREDENTIALS
        await self._manager.revoke_user(user_id, keep=session.id)
        await self._manager.reauthenticated(session, AMR)
        await self._throttle.reset(subject(proof.account))
        self._manager.tell(PasswordChanged, session, user_id=user_id)
        return Outcome(user_id=user_id)

    def sentence(self, code: str) -> str | None:
        """Return what a person is told of a refusal, by the code in a redirect; None if it is not ours."""
        refusal = self.rules.refusal(code)
        return refusal.sentence if refusal else SENTENCES.get(code)

    async def change_name(self, session: Session[Any], name: str) -> Outcome:
        """Change the signed-in user's name, in all their sessions."""
        identity = session.identity
        if session.actor is not None:
            return IMPERSONATED
        return await self.users.set_name(identity.user_id, name) if identity else NOT_SIGNED_IN

    async def _prove_again(self, session: Session[Any], password: str, ip: str) -> Proof | Outcome:
        """Check the signed-in user's password; the session has its own lane in the throttle."""
        identity = session.identity
        if identity is None:
            return NOT_SIGNED_IN
        if session.actor is not None:
            return IMPERSONATED
        if too_long := self.rules.check_length(password):
            return refused(too_long)
        account = await self._accounts.by_id(identity.user_id)
        return await self._credentials.check(
            Claim(
                session=session,
                account=account,
                subject=subject(account, identity.email),
                password=password,
                ip=ip,
                known=f"session {session.id}",
            )
        )

    async def _begin(self, claim: Claim, proof: Proof, *, remember: bool) -> Outcome | None:
        """Begin the session, unless the account was disabled or got another password meanwhile."""
        proven = proof.account

        async def refresh(user_id: str) -> Identity | None:
            fresh = await self._accounts.by_id(user_id)
            if fresh is None or fresh.disabled or not await self._still_right(fresh, proven, claim.password):
                return None
            return fresh.identity

        try:
            await self._manager.begin(
                claim.session, proven.identity, refresh=refresh, remember=remember, amr=AMR
            )
        except SessionEnded:
            self._credentials.failed(claim, "account_changed")
            return INVALID_CREDENTIALS
        except TooManySessions:
            return TOO_MANY_SESSIONS
        return None

    async def _still_right(self, fresh: Account, proven: Account, password: str) -> bool:
        """Tell whether the password still opens the account; a new hash may be an upgrade of the old."""
        if fresh.password_hash == proven.password_hash:
            return True
        return (await self._passwords.verify(fresh.password_hash, password)).ok

    async def _upgrade(self, account: Account, password: str) -> None:
        """Store a better hash of the same password; the next sign-in tries again if this one cannot."""
        with suppress(HashingBusy):
            better = await self._passwords.hash(password)
            await self._accounts.set_password_hash(account.user_id, better, expected=account.password_hash)
