"""A change as the arguments of the script `save`, and the sums that only Python can do."""

from collections.abc import Sequence

from coatcheck.core import change as changes
from coatcheck.core import codec, grant
from coatcheck.core.change import Change, Commit, DataChange, Regrant
from coatcheck.core.identity import Identity
from coatcheck.stores import parts
from coatcheck.stores.redis import values
from coatcheck.stores.redis.scripts import Argument

Arguments = tuple[Argument, ...]
_NOTHING = ""


class Increments:
    """What is added to numbers of the session data.

    A script adds whole numbers that a double holds exactly. For all others it tells what is stored; the sums
    are made here, as the core does it, and count for as long as just that is still stored.
    """

    def __init__(self, data: DataChange) -> None:
        self._steps = data.increments
        self._stored: dict[str, bytes] = {}
        self._sums: dict[str, bytes] = {}

    def add_to(self, stored: Sequence[bytes]) -> None:
        """Make the sums with what is stored under each key; empty where there is nothing.

        Raises:
            DataNotSerializable: A sum is no finite number.
            CorruptRecord: What is stored is not JSON.
        """
        self._stored = dict(zip(self._steps, stored, strict=True))
        numbers = codec.join({key: value for key, value in self._stored.items() if value})
        self._sums = codec.split(changes.merge(numbers, DataChange(increments=self._steps)))

    def arguments(self) -> Arguments:
        """Return what the script is told of them, key by key."""
        told: list[Argument] = []
        for key, step in self._steps.items():
            told += (values.json_key(key), codec.encode_value(step))
            told += (self._stored.get(key, _NOTHING), self._sums.get(key, _NOTHING))
        return tuple(told)


def arguments(change: Change, increments: Increments) -> Arguments:
    """Return a change as the script reads it."""
    data = change.data
    return (
        _NOTHING if change.seen_at is None else change.seen_at,
        *_identity(change.identity),
        *_commit(change.commit),
        *_regrant(change.grants),
        *(len(data.given), len(data.deletes), len(data.sets), len(data.increments)),
        *(part for key, value in data.given.items() for part in (values.json_key(key), value or _NOTHING)),
        *map(values.json_key, data.deletes),
        *(part for key, value in data.sets.items() for part in (values.json_key(key), value)),
        *increments.arguments(),
    )


def _identity(identity: Identity | None) -> Arguments:
    return (identity.user_id, parts.pack_person(identity)) if identity else (_NOTHING,) * 2


def _regrant(regrant: Regrant | None) -> Arguments:
    if regrant is None:
        return (_NOTHING,) * 3
    if regrant.expected is None:
        return ("any", grant.pack(regrant.grants), _NOTHING)
    return ("if", grant.pack(regrant.grants), grant.pack(regrant.expected))


def _commit(commit: Commit | None) -> Arguments:
    if commit is None:
        return (_NOTHING,) * 8
    chain, elevation = commit.chain, commit.authenticated
    due = b"\1" if chain.due else b"\0"
    again = (elevation.at, values.amr(elevation.amr), elevation.absolute_at) if elevation else (_NOTHING,) * 3
    return (commit.expected, chain.digest, chain.family_digest, due, parts.pack_links(chain), *again)
