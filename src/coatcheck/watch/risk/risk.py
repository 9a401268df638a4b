"""Risk: scores sign-ins, and learns from those that turned out well."""

from collections.abc import Mapping

from coatcheck.core.client import Client
from coatcheck.core.device import describe
from coatcheck.core.errors import StoreError
from coatcheck.core.lifetimes import DAY, MINUTE
from coatcheck.manager.rows import Step, TypedRows
from coatcheck.watch.places import NOWHERE, Places
from coatcheck.watch.risk.features import Path, features
from coatcheck.watch.risk.score import Score, score
from coatcheck.watch.risk.tally import Tally

EVERYONE = "everyone"
MOST_OF_USER = 200  # sign-ins of one user that count; then old habits fade
MOST_OF_ALL = 10_000  # of everyone: a row of some 200 kB, read and written once a minute
TOGETHER = MINUTE  # seconds for which what everyone does is gathered before it is stored
MEMORY = 400 * DAY  # as long as known devices are remembered


class Risk:
    """Judges sign-ins by their user's earlier ones and by everyone's.

    It decides nothing: your app asks for another factor, or for a look into the mailbox, where the value
    is high. Learn from a sign-in when you are sure that it was the user's.

    Args:
        store: Where the counts live; it must have the skill `Rows`.
        places: Tells countries and providers, if there is a database.
    """

    def __init__(self, store: object, places: Places | None = None) -> None:
        self._rows: TypedRows[dict[str, int]] = TypedRows(store, "risk:", dict[str, int], {})
        self._places = places
        self._everyone: Tally | None = None
        self._news: list[Mapping[str, Path]] = []
        self._stored_at = 0.0

    async def score(self, user_id: str, client: Client) -> Score:
        """Score a sign-in: of a user, by a client such as `session.client`. One read.

        Raises:
            StoreUnavailable: The counts cannot be read.
        """
        user = Tally(await self._rows.get(_of(user_id)), limit=MOST_OF_USER)
        return score(self._paths(client), user, await self._known())

    async def learn(self, user_id: str, client: Client, now: float) -> None:
        """Count a sign-in that was the user's; `now` in seconds since the epoch.

        Raises:
            StoreUnavailable: The counts cannot be stored.
        """
        paths = self._paths(client)

        def add(known: dict[str, int]) -> Step[dict[str, int], None]:
            tally = Tally(known, limit=MOST_OF_USER)
            tally.add(paths)
            return Step(None, tally.counts, now + MEMORY)

        await self._rows.change(_of(user_id), add)
        (await self._known()).add(paths)
        self._news.append(paths)
        if now - self._stored_at >= TOGETHER:
            await self._store(now)

    async def forget(self, user_id: str) -> None:
        """Know nothing of a user any more: for those who leave."""
        await self._rows.delete(_of(user_id))

    async def _known(self) -> Tally:
        """Return what is known of everyone: in this process, read from the store once."""
        if self._everyone is None:
            self._everyone = Tally(await self._rows.get(EVERYONE), limit=MOST_OF_ALL)
        return self._everyone

    async def _store(self, now: float) -> None:
        """Put what was gathered to what other workers have stored; take over theirs."""
        self._stored_at, news = now, self._news
        self._news = []

        def add(known: dict[str, int]) -> Step[dict[str, int], Tally]:
            tally = Tally(known, limit=MOST_OF_ALL)
            for paths in news:
                tally.add(paths)
            return Step(tally, tally.counts, now + MEMORY)

        try:
            self._everyone = await self._rows.change(EVERYONE, add)
        except StoreError:
            self._news = (news + self._news)[-MOST_OF_ALL:]
            raise

    def _paths(self, client: Client) -> Mapping[str, Path]:
        place = self._places.locate(client.ip) if self._places else NOWHERE
        return features(describe(client.ip, client.user_agent), place).paths


def _of(user_id: str) -> str:
    return f"user {user_id}"
