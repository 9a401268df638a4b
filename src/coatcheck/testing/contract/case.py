"""What a store's test class tells the contract."""

import os
from collections.abc import AsyncIterator, Callable
from enum import Enum
from pathlib import Path

import pytest
import pytest_asyncio

from coatcheck.core.store import Store


class Damage(Enum):
    """Ways in which a stored row can be spoilt behind the store's back."""

    TRUNCATED_DATA = "the session data stops in the middle"
    TRUNCATED_DIGEST = "the digest of the token lost its end"
    PICKLED_DATA = "the session data are a pickle that would run a command"
    INVALID_TEXT = "a text is not UTF-8"
    WRONG_TYPE = "a stamp is a word"
    WRONG_SHAPE = "the identity is JSON of another shape"
    MISSING_VALUE = "a stamp is not there"


class Poison:
    """What `PICKLED_DATA` is made of: were anybody to load a pickle of it, there would be a flag.

    Attributes:
        flag: A folder that is not there unless that happened.
    """

    def __init__(self, flag: Path) -> None:
        self.flag = flag

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.flag),)


class StoreCase:
    """The questions of the contract; `make_store` must be answered, the others can.

    Attributes:
        poison: For `damage`; each test has its own.
        races: How many sessions are ended while others write to them, 100 at once.
    """

    pytestmark = pytest.mark.asyncio
    poison: Poison
    races = 1_000

    @pytest.fixture(autouse=True)
    def _pour_poison(self, tmp_path: Path) -> None:
        self.poison = Poison(tmp_path / "poisoned")

    async def make_store(self) -> Store:
        """Return a new, empty store."""
        raise NotImplementedError

    def opener(self) -> Callable[[], Store] | None:
        """Return what opens the store of this test again, in another process; it gets pickled.

        None if no other process can reach it.
        """
        return None

    async def damage(self, store: Store, id: str, how: Damage) -> bool:
        """Spoil the stored row of `id`; False if this store keeps nothing that can be spoilt so."""
        del store, id, how
        return False

    @pytest_asyncio.fixture
    async def store(self) -> AsyncIterator[Store]:
        """The store under test."""
        store = await self.make_store()
        yield store
        await store.close()
