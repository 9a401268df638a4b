"""One check of one password: throttled, counted, and the same work whoever is named.

Every way to prove a password leads through here (ASVS 6.3.4), and every failure looks alike: a wrong
password, an unknown name and a disabled account cost one hash each and get one answer (ASVS 6.3.8).
"""

import hmac
from typing import Any

import msgspec

from coatcheck.core.events import Event, LoginFailed, LoginThrottled
from coatcheck.core.session import Session
from coatcheck.login.accounts import Account, fold_email
from coatcheck.login.outcome import INVALID_CREDENTIALS, TOO_MANY_ATTEMPTS, Outcome
from coatcheck.login.passwords import HashingBusy, Passwords
from coatcheck.login.throttle import Throttle, Wait
from coatcheck.manager import SessionManager

KEY_BYTES = 32
TRIED_BYTES = 8  # of what stands for a name in events: enough to tell names apart


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody says who they are.

    Attributes:
        session: The session it is said in.
        account: The account they named, if there is one.
        subject: What the throttle counts by.
        password: What is to prove it.
        ip: Address of the peer.
        known: What vouches for the client: its lane in the throttle.
    """

    session: Session[Any]
    account: Account | None
    subject: str
    password: str
    ip: str = ""
    known: str | None = None

    def __repr__(self) -> str:
        return f"<Claim to {self.subject}>"


class Proof(msgspec.Struct, frozen=True):
    """The claim is true; `needs_upgrade` tells that the hash should be made anew."""

    account: Account
    needs_upgrade: bool


class Credentials:
    """Checks claims, and tells observers of those that fail; of the name tried they learn a keyed hash."""

    def __init__(self, manager: SessionManager[Any], passwords: Passwords, throttle: Throttle) -> None:
        self._manager = manager
        self._passwords = passwords
        self._throttle = throttle
        self._key = manager.entropy.token_bytes(KEY_BYTES)

    async def check(self, claim: Claim) -> Proof | Outcome:
        """Count the attempt, then look at the password.

        Raises:
            HashingBusy: Too many passwords wait to be hashed; the attempt does not count.
            StoreUnavailable: The attempt cannot be counted, so it is not made.
        """
        account, now = claim.account, self._manager.now()
        attempt = await self._throttle.reserve(claim.subject, now, ip=claim.ip, known=claim.known)
        if isinstance(attempt, Wait):
            self._tell(LoginThrottled, claim, retry_after=attempt.retry_after)
            return throttled(attempt)
        stored = account.password_hash if account else None
        try:
            verified = await self._passwords.verify(stored, claim.password)
        except HashingBusy:
            await self._throttle.give_back(attempt)
            raise
        if account is None or account.disabled or not verified.ok:
            self.failed(claim, _cause(account, right=verified.ok))
            return INVALID_CREDENTIALS
        await self._throttle.succeeded(attempt)
        return Proof(account, verified.needs_upgrade)

    def failed(self, claim: Claim, cause: str) -> None:
        """Tell observers, and nobody else, why a claim was refused."""
        self._tell(LoginFailed, claim, cause=cause)

    def _tell(self, kind: type[Event], claim: Claim, **facts: Any) -> None:
        user_id = claim.account.user_id if claim.account else None
        tried = hmac.digest(self._key, claim.subject.encode("utf-8", "surrogatepass"), "sha256")
        self._manager.tell(kind, claim.session, user_id=user_id, tried=tried[:TRIED_BYTES].hex(), **facts)


def throttled(wait: Wait) -> Outcome:
    """Return the answer to an attempt that came too soon."""
    return msgspec.structs.replace(TOO_MANY_ATTEMPTS, retry_after=wait.retry_after)


def subject(account: Account | None, email: str = "") -> str:
    """Return what attempts are counted by: the account, or the name that is no account.

    By the account, however its name was spelled: an app may find it by several spellings.
    """
    return f"user {account.user_id}" if account else f"name {fold_email(email)}"


def _cause(account: Account | None, *, right: bool) -> str:
    if account is None:
        return "unknown_user"
    return "wrong_password" if not right else "user_disabled"
