"""Keys in the store: made there, rotated by anybody, known to every process within a minute."""

import asyncio
from collections.abc import Callable

from coatcheck.core.clock import Clock, SystemClock
from coatcheck.core.entropy import Entropy, SystemEntropy
from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.core.moving import MOVED_ROW, moved_away
from coatcheck.core.store import NEVER, Row, Rows
from coatcheck.stores.sealed import Sealer
from coatcheck.tokens.key import Jwk, Key, generate
from coatcheck.tokens.policy import UNSEALED, TokenPolicy
from coatcheck.tokens.ring import KeyPolicy, Ring, RingKey
from coatcheck.tokens.ring_form import ROW, Entries, RingForm
from coatcheck.tokens.sources import Keys

ATTEMPTS = 100  # people and processes that change one ring at once; more is a fault
LEAST_PAUSE = 1.0  # seconds between two looks for an id that nobody knows: anybody can make one up


class StoredKeys:
    """The key ring in one row of the store. The first process to need a key makes it.

    Args:
        store: It must have the skill `Rows`.
        policy: How keys come and go.
        sealer: Encrypts the private parts. With one, a key that lies in the clear is not used, whoever put it
            there. None keeps them in the clear, for development: whoever reads the store can then sign.
        clock: Tells the time.
        entropy: Draws new keys.

    Raises:
        ConfigurationError: The store keeps no rows.
    """

    def __init__(
        self,
        store: object,
        policy: KeyPolicy | None = None,
        *,
        sealer: Sealer | None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
    ) -> None:
        if not isinstance(store, Rows):
            raise ConfigurationError(
                f"{type(store).__name__} keeps no rows",
                remedy="Use a store with the skill `Rows`, or FixedKeys.from_files(...)",
            )
        self.policy = policy or KeyPolicy()
        self._rows = store
        self._form = RingForm(sealer)
        self._clock = clock or SystemClock()
        self._entropy = entropy or SystemEntropy()
        self._ring: Ring | None = None
        self._loaded_at = float("-inf")
        self._loading = asyncio.Lock()

    async def signer(self) -> Key:
        """Return the key that signs now.

        Raises:
            ConfigurationError: The keys are sealed, and not with a key that is here.
        """
        signer = (await self.ring()).signer(self._clock.now())
        if signer is None:
            signer = (await self._change(self._with_signer)).signer(self._clock.now())
        assert signer is not None  # noqa: S101 - that is what `_with_signer` makes sure of
        return signer

    async def find(self, kid: str) -> Key | None:
        """Return the key of an id; an unknown one is looked for in the store, at a bounded rate."""
        now = self._clock.now()
        found = (await self.ring()).find(kid, now)
        if found is None and now - self._loaded_at > LEAST_PAUSE:
            found = (await self._load(now)).find(kid, now)
        return found

    async def public(self) -> list[Jwk]:
        """Return a JWK for each key that verifies, or soon will."""
        await self.signer()
        return (await self.ring()).public(self._clock.now())

    async def ring(self) -> Ring:
        """Return the ring, at most `policy.reload` seconds old; older where the store cannot be read."""
        now = self._clock.now()
        if self._ring is not None and now - self._loaded_at <= self.policy.reload:
            return self._ring
        try:
            return await self._load(now)
        except StoreUnavailable:
            if self._ring is None:
                raise
            return self._ring

    async def rotate(self) -> Key:
        """Add a key, which signs once every verifier had the time to learn of it; return it."""
        added = self._new(self.policy.lead)
        await self._change(lambda entries: (*self._with_signer(entries), added))
        return added.key

    async def retire(self, kid: str) -> bool:
        """Drop a key at once, and with it every token it signed; tell whether it was there.

        For a key that got out. If it is the one that signs, a new one takes its place immediately.
        """
        known = False

        def drop(entries: Entries) -> Entries:
            nonlocal known
            known = any(entry.key.kid == kid for entry in entries)
            signer = Ring(entries, self.policy.keep).signer(self._clock.now())
            left = tuple(entry for entry in entries if entry.key.kid != kid)
            return (*left, self._new()) if signer and signer.kid == kid else left

        await self._change(drop)
        return known

    async def reseal(self) -> None:
        """Seal the ring with the newest encryption key, if an older one sealed it."""
        await self._change(lambda entries: entries)

    def _with_signer(self, entries: Entries) -> Entries:
        now = self._clock.now()
        return entries if Ring(entries, self.policy.keep).signer(now) else (*entries, self._new())

    def _new(self, lead: float = 0.0) -> RingKey:
        now = self._clock.now()
        return RingKey(generate(self.policy.algorithm, self._entropy), now, now + lead)

    async def _load(self, now: float) -> Ring:
        """Read the ring; who comes meanwhile waits for the same read."""
        before = self._loaded_at
        async with self._loading:
            if self._ring is not None and self._loaded_at > before:
                return self._ring
            return self._keep(self._entries(await self._row()), now)

    async def _change(self, decide: Callable[[Entries], Entries]) -> Ring:
        """Store what `decide` makes of the ring; ask it again while somebody else is faster.

        Raises:
            StoreUnavailable: Somebody else always is.
        """
        for _ in range(ATTEMPTS):
            row, now = await self._row(), self._clock.now()
            entries = self._entries(row)
            wanted = decide(Ring(entries, self.policy.keep).current(now))
            is_done = wanted == entries and (row is None or self._form.is_current(row.value))
            if is_done or await self._rows.put_row(
                ROW, self._form.encode(wanted), expected=row.version if row else 0, expires_at=NEVER
            ):
                return self._keep(wanted, now)
        raise StoreUnavailable("the key ring changes faster than it can be written", remedy="Try again")

    async def _row(self) -> Row | None:
        row = await self._rows.row(ROW)
        if row is not None and row.value == MOVED_ROW:
            raise moved_away()
        return row

    def _entries(self, row: Row | None) -> Entries:
        return self._form.decode(row.value) if row else ()

    def _keep(self, entries: Entries, now: float) -> Ring:
        self._ring, self._loaded_at = Ring(entries, self.policy.keep), now
        return self._ring


def keys_of(policy: TokenPolicy, store: object, clock: Clock, entropy: Entropy) -> Keys:
    """Return the keys that a policy asks for.

    Raises:
        ConfigurationError: It leaves open how they are kept, or the store keeps no rows.
    """
    keys = policy.keys
    if keys is None:
        raise ConfigurationError(
            "TokenPolicy.keys is not given, and keys in the store must be sealed",
            remedy="Give Sealer.parse(os.environ['COATCHECK_ENCRYPTION_KEYS']), a key of `openssl rand "
            "-base64 32`; in development 'unsealed' will do",
        )
    if keys == UNSEALED:
        return StoredKeys(store, sealer=None, clock=clock, entropy=entropy)
    if isinstance(keys, Sealer):
        return StoredKeys(store, sealer=keys, clock=clock, entropy=entropy)
    return keys
