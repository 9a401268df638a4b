"""Asking about the session behind a good token, so that a revoked one is refused at once."""

import msgspec

from coatcheck.core.clock import Clock, SystemClock
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.record import Record
from coatcheck.core.store import Store
from coatcheck.tokens.claims import AccessToken, Invalid


class StoreSessions:
    """Looks into the sessions' store, which may stand behind a near-cache: then it costs no round trip.

    The token comes back with the roles the user has now.

    Args:
        store: Where the issuer keeps its sessions.
        tolerance: Clock tolerance in seconds.
        clock: Tells the time.
    """

    def __init__(self, store: Store, *, tolerance: float = 5.0, clock: Clock | None = None) -> None:
        self._store = store
        self._tolerance = tolerance
        self._clock = clock or SystemClock()

    async def confirm(self, token: AccessToken, text: str) -> AccessToken | Invalid:  # noqa: ARG002
        """Refuse the token of a session that ended, expired, or is another user's.

        Raises:
            StoreUnavailable: The session cannot be read.
        """
        try:
            found = await self._store.load(token.sid)
        except CorruptRecord:
            return Invalid.REVOKED
        if not isinstance(found, Record) or found.identity is None or found.user_id != token.sub:
            return Invalid.REVOKED
        if found.has_expired(self._clock.now(), self._tolerance):
            return Invalid.REVOKED
        return msgspec.structs.replace(token, roles=tuple(sorted(found.identity.roles)))
