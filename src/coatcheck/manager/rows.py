"""A typed value in one row of the store, changed by compare-and-set."""

import hashlib
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.core.moving import MOVED_ROW, moved_away
from coatcheck.core.store import Row, Rows

# Who loses a race lost it to somebody who moved on, and the limits end that soon; more is a fault.
ATTEMPTS = 1_000

ValueT = TypeVar("ValueT")
ResultT = TypeVar("ResultT")


class Step(msgspec.Struct, Generic[ValueT, ResultT], frozen=True):
    """What is to become of a row: the result, and the value to store (None: leave it as it is).

    Attributes:
        result: What the caller gets.
        value: The new value.
        expires_at: When the row may go, in seconds since the epoch.
    """

    result: ResultT
    value: ValueT | None = None
    expires_at: float = 0.0


class TypedRows(Generic[ValueT]):
    """Rows that hold values of one type, under hashed keys: they name no person and have one length.

    Args:
        store: The store, which must have the skill `Rows`.
        prefix: What the keys begin with.
        kind: The type of the values.
        empty: The value of an absent row.
    """

    def __init__(self, store: object, prefix: str, kind: type[ValueT], empty: ValueT) -> None:
        if not isinstance(store, Rows):
            raise ConfigurationError(
                f"{type(store).__name__} keeps no rows",
                remedy="What all workers must share lives in rows: use a store with the skill `Rows`",
            )
        self._rows = store
        self._prefix = prefix
        self._empty = empty
        self._decoder = msgspec.msgpack.Decoder(kind)

    async def get(self, key: str) -> ValueT:
        """Return the value under `key`.

        Raises:
            StoreUnavailable: The store cannot be read, or the row moved to another.
        """
        return self._value_of(await self._rows.row(self._hashed(key)))

    async def change(self, key: str, decide: Callable[[ValueT], Step[ValueT, ResultT]]) -> ResultT:
        """Store what `decide` makes of the value; ask it again while somebody else is faster.

        Raises:
            StoreUnavailable: Somebody else always is, or the row moved to another store.
        """
        hashed = self._hashed(key)
        for _ in range(ATTEMPTS):
            row = await self._rows.row(hashed)
            step = decide(self._value_of(row))
            if step.value is None or await self._rows.put_row(
                hashed,
                msgspec.msgpack.encode(step.value),
                expected=row.version if row else 0,
                expires_at=step.expires_at,
            ):
                return step.result
        raise StoreUnavailable(
            f"a row of {self._prefix} changes faster than it can be written",
            remedy="Try again in a moment; if it goes on, look for a flood of attempts on one account",
        )

    async def delete(self, key: str) -> None:
        """Make the value empty again."""
        await self._rows.delete_row(self._hashed(key))

    def _hashed(self, key: str) -> str:
        return self._prefix + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()

    def _value_of(self, row: Row | None) -> ValueT:
        if row is None:
            return self._empty
        if row.value == MOVED_ROW:
            raise moved_away()
        try:
            return self._decoder.decode(row.value)
        except (msgspec.MsgspecError, UnicodeError):
            return self._empty  # a poisoned row must not lock its account for ever
