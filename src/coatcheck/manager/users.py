"""Acts on sessions from outside: their user's other sessions, and what operators do."""

from typing import Any

from coatcheck.core.change import Change, Commit, Elevation
from coatcheck.core.errors import ConfigurationError, CorruptRecord
from coatcheck.core.events import Observer, SessionOver, UserRevoked, UserUpdated
from coatcheck.core.identity import Identity
from coatcheck.core.lifetimes import RETENTION
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.session import Session
from coatcheck.core.token import is_session_id
from coatcheck.manager import everyone, impersonating, signin
from coatcheck.manager.context import Context
from coatcheck.manager.granting import Grants

BATCH = 500  # rows that a sweep deletes in one step
MAX_SKEW = 60.0  # protocol.md section 1: a sweeper with a wrong clock would delete the living
ATTEMPTS = 5  # to write before somebody else commits
NOT_RECENT = 0.0  # seconds since the epoch: no authentication was ever that long ago


class FromOutside:
    """The part of `SessionManager` for what operators do, and for all the sessions of a user."""

    _context: Context

    @property
    def grants(self) -> Grants:
        """Acts on refresh tokens, which hang on sessions."""
        return Grants(self._context)

    @property
    def watched(self) -> int:
        """How many streams and sockets are open here, each with a watch on its session."""
        return self._context.changes.subscribed

    def add_observer(self, observer: Observer) -> None:
        """Let one more observer hear every event; before the manager is entered."""
        self._context.announcer.add(observer)

    async def list(self, user_id: str) -> list[Record]:
        """Return the user's live sessions, the one seen last first."""
        context = self._context
        entry = await context.user(user_id)
        found = [await context.load(id) for id in entry.ids]
        now, tolerance = context.now(), context.lifetimes.rotation.tolerance
        records = [record for record in found if isinstance(record, Record)]
        alive = [record for record in records if not record.has_expired(now, tolerance)]
        return sorted(alive, key=lambda record: record.last_seen_at, reverse=True)

    async def revoke(
        self,
        id: str,
        *,
        user_id: str | None = None,
        reason: Reason = Reason.REVOKED,
        by: str | None = None,
    ) -> bool:
        """End one session; with `user_id` only if it is theirs. Tells whether it was alive.

        What has not the form of a session id is none, and no store is asked. `by` names the operator who
        does it, for the event.
        """
        if not is_session_id(id):
            return False
        context = self._context
        found = await context.load(id)
        owner = found.user_id if found else None
        if user_id is not None and (owner != user_id or not isinstance(found, Record)):
            return False
        alive = await context.end_now(context.endings([id], reason))
        if alive:
            now = context.now()
            context.announcer.emit(SessionOver(at=now, session_id=id, user_id=owner, actor=by, reason=reason))
        return bool(alive)

    async def revoke_user(
        self,
        user_id: str,
        *,
        reason: Reason = Reason.REVOKED,
        keep: str | None = None,
        by: str | None = None,
    ) -> int:
        """End all sessions of a user, or all but `keep`; return how many were alive.

        Those too in which they look at the app as somebody else. A sign-in under way starts over from the
        account. `by` names the operator who does it.
        """
        context = self._context
        entry = await context.bump(user_id)
        ids = [id for id in entry.ids if id != keep]
        count = await context.end_now(context.endings(ids, reason)) if ids else 0
        count += await impersonating.end_looks(context, user_id, reason, by)
        now = context.now()
        whose: dict[str, Any] = {"at": now, "user_id": user_id, "actor": by}
        for id in ids:
            context.announcer.emit(SessionOver(**whose, session_id=id, reason=reason))
        context.announcer.emit(UserRevoked(**whose, reason=reason, sessions=count))
        return count

    async def revoke_some(self, whom: everyone.Everyone, after: str = "") -> everyone.Progress:
        """End those of everybody's sessions whose ids come next after an id: one step of a walk.

        No mark could end them all at once without a look at it for every request. A session that begins
        while the walk is under way is none of those that are meant.

        Raises:
            ConfigurationError: The store cannot be walked over.
            StoreUnavailable: It cannot be read or written; the step can be repeated.
        """
        return await everyone.revoke_some(self._context, whom, after)

    async def update_user(self, identity: Identity, *, by: str | None = None) -> int:
        """Put an account's new facts into all its sessions; change your account table first.

        Their tokens become due for rotation; a session in which they look at the app as somebody else ends.
        `by` names the operator who does it. Returns how many sessions there were.
        """
        context = self._context
        entry = await context.bump(identity.user_id)
        count = 0
        for id in entry.ids:
            try:
                saved = await context.save(id, Change(identity=identity))
            except CorruptRecord:
                context.tell_corrupt(id)
                continue
            count += saved is not None
        await impersonating.end_looks(context, identity.user_id, Reason.REVOKED, by)
        roles = tuple(sorted(identity.roles))
        now = context.now()
        context.announcer.emit(
            UserUpdated(at=now, user_id=identity.user_id, actor=by, roles=roles, sessions=count)
        )
        return count

    async def impersonate(
        self, session: Session[Any], user: Identity, *, refresh: signin.Refresh | None = None
    ) -> None:
        """Let the operator of a session look at the app as a user; your app decides who may.

        The operator's session gives way to one of the user's, for 30 minutes at most. Every event of it
        names both. It was authenticated by nobody: what asks for a recent authentication stays shut, and
        so does what only the user may do (A72). It ends with the operator's rights: when their sessions are
        revoked or their facts change. `session.actor` tells the app who it is.

        Args:
            session: The operator's.
            user: Whom to look at the app as.
            refresh: Reads the account again, as for `begin`.

        Raises:
            ConfigurationError: The store has not the skill `Rows`.
            Impersonated: The operator looks at the app as somebody already.
            SessionEnded: Nobody is signed in, or `refresh` says the account is gone or disabled.
            StaleUser: The user's facts keep moving.
            StoreUnavailable: The store cannot be used.
        """
        await impersonating.impersonate(self._context, session, user, refresh=refresh)

    async def require_reauthentication(self, id: str, since: float) -> bool:
        """Let a session's last authentication count no longer, so that what needs a recent one asks for it.

        Nothing is done where the user proved themselves after `since` (seconds since the epoch). Tells
        whether it was done. It is a commit that leaves the chain as it is, so it never undoes one.
        """
        context = self._context
        for _ in range(ATTEMPTS):
            found = await context.load(id)
            identity = found.identity if isinstance(found, Record) else None
            if not isinstance(found, Record) or identity is None or identity.auth_time > since:
                return False
            over = Elevation(at=NOT_RECENT, amr=identity.amr, absolute_at=found.absolute_at)
            commit = Commit(expected=found.chain.digest, chain=found.chain, authenticated=over)
            saved = await context.save(id, Change(commit=commit))
            if saved is None or (saved.identity and saved.identity.auth_time == NOT_RECENT):
                return saved is not None
        return False

    async def sweep(self, *, retention: float = RETENTION, limit: int = BATCH) -> int:
        """Delete one batch of what ended or expired longer than `retention` seconds ago.

        Raises:
            ConfigurationError: This clock and the engine's differ by more than 60 seconds.
        """
        context = self._context
        await context.measure_clock()
        if abs(context.offset) > MAX_SKEW:
            raise ConfigurationError(
                f"this clock and the store's differ by {context.offset:.0f} seconds",
                remedy="Synchronise the clocks (NTP) before sweeping",
            )
        return await context.store.sweep(context.now() - retention, limit)
