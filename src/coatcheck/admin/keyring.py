"""The keys that sign access tokens, as a page shows them. Looking makes none."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the room of tokens needs an extra that not every app installs
    from coatcheck.tokens.sources import Keys


@dataclass(frozen=True, slots=True)
class ShownKey:
    """One key.

    Attributes:
        kid: Its id.
        algorithm: Its algorithm.
        state: What it is good for now.
        signs_from: When its time comes or came, in seconds since the epoch; None if it is configured.
    """

    kid: str
    algorithm: str
    state: str
    signs_from: float | None = None


async def shown(keys: "Keys", now: float) -> list[ShownKey]:
    """Return the keys, the newest first; `now` in seconds since the epoch.

    Raises:
        StoreUnavailable: They cannot be read.
    """
    from coatcheck.tokens.stored import StoredKeys  # noqa: PLC0415 - needs the extra

    if isinstance(keys, StoredKeys):
        ring = await keys.ring()
        return [
            ShownKey(
                entry.key.kid, entry.key.algorithm, str(ring.state(entry.key.kid, now)), entry.signs_from
            )
            for entry in reversed(ring.entries)
        ]
    signer = (await keys.signer()).kid
    published = [(str(key["kid"]), str(key["alg"])) for key in await keys.public()]
    return [ShownKey(kid, alg, "signing" if kid == signer else "verifying") for kid, alg in published]
