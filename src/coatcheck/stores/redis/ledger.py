"""The audit ledger in Redis: a stream for each chain, and indexes by name, session and user.

All of it is in one slot, so that a batch is one step. The notes lie beside the sessions that they are about,
and are dropped after that step: at worst an entry comes twice.
"""

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from coatcheck.core.errors import ChainForked
from coatcheck.core.events import UserUpdated
from coatcheck.core.ledger import Entry, Note, Search
from coatcheck.stores.redis import scripts
from coatcheck.stores.redis.keys import SESSION_BUCKETS, Keys, session_bucket
from coatcheck.stores.redis.link import Link
from coatcheck.stores.redis.scripts import Argument, Call

_PAGE = 500
_HEADER = struct.Struct("<ddII")  # number, place, bytes of the digest, bytes of the text; see lua/entry.lua


class LedgerKeeper:
    """The skill `Ledger`, and what notes are left.

    Args:
        link: Reaches the servers.
        keys: Names of keys.
    """

    def __init__(self, link: Link, keys: Keys) -> None:
        self._link = link
        self._keys = keys

    async def append(self, entries: Sequence[Entry], settled: Sequence[str]) -> None:
        """Store entries of one chain in one step, then drop the notes that they settle."""
        chain = entries[0].chain
        keys = [self._key("places"), self._key("chains"), self._stream(chain), self._key("all")]
        args: list[Argument] = [chain]
        for entry in entries:
            indexes = self._indexes(entry)
            keys += indexes
            args += (entry.seq, entry.digest, entry.text, len(indexes))
        if not await self._link.run(Call(scripts.APPEND, tuple(keys), tuple(args))):
            raise ChainForked(f"chain {chain} has an entry {entries[0].seq} already")
        await self._settle(settled)

    async def find(self, search: Search, before: int | None, limit: int) -> list[Entry]:
        """Return at most `limit` entries in places lower than `before`, the newest first."""
        index = self._narrowest(search)
        found: list[Entry] = []
        latest = "+inf" if before is None else f"({before}"
        while len(found) < limit:
            asked = ("ZREVRANGEBYSCORE", index, latest, "-inf", "LIMIT", 0, min(_PAGE, 2 * limit))
            members = await self._link.command(*asked)
            if not members:
                break
            places = [member.decode().split(":") for member in members]
            entries = await self._entries([(chain, seq) for _, chain, seq in places])
            found += [entry for entry in entries if search.matches(entry)]
            latest = f"({places[-1][0]}"
        return found[:limit]

    async def chain(self, id: str, after: int, limit: int) -> list[Entry]:
        """Return at most `limit` entries of a chain with numbers greater than `after`, in order."""
        page = await self._link.run(Call(scripts.CHAIN, (self._stream(id),), (after + 1, limit)))
        return list(_unpack(id, page))

    async def heads(self) -> list[Entry]:
        """Return the last entry of every chain."""
        ids = [id.decode() for id in await self._link.command("SMEMBERS", self._key("chains"))]
        return await self._entries([(id, "last") for id in ids])

    async def forget(self, id: str, through: int) -> int:
        """Remove the entries of a chain up to a number; return how many."""
        count = 0
        while entries := [each for each in await self.chain(id, 0, _PAGE) if each.seq <= through]:
            keys = [self._key("chains"), self._stream(id), self._key("all")]
            args: list[Argument] = [id, entries[-1].seq]
            for entry in entries:
                indexes = self._indexes(entry)
                keys += indexes
                args += (f"{entry.place}:{id}:{entry.seq}", len(indexes))
            await self._link.run(Call(scripts.FORGET, tuple(keys), tuple(args)))
            count += len(entries)
        return count

    async def notes(self, limit: int) -> list[Note]:
        """Return at most `limit` notes, the oldest first."""
        asked = [("HGETALL", self._keys.notes(bucket)) for bucket in SESSION_BUCKETS]
        dated: dict[str, tuple[int, Note]] = {}
        for key, value in (item for found in await self._link.commands(asked) for item in found.items()):
            since, at, user_id = value.decode().split("\n", 2)
            note = Note(key.decode(), user_id or None, float(at))
            dated[note.key] = (int(since), note)
        return [note for _, note in sorted(dated.values(), key=lambda each: each[0])[:limit]]

    async def _settle(self, keys: Iterable[str]) -> None:
        """Drop notes: beside the session they are about, or wherever sessions of their user may be."""
        places: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            name, subject, _ = Note(key, None, 0.0).parts
            for bucket in SESSION_BUCKETS if name == UserUpdated.name else (session_bucket(subject),):
                places[bucket].append(key)
        asked = [("HDEL", self._keys.notes(bucket), *theirs) for bucket, theirs in places.items()]
        await self._link.commands(asked)

    async def _entries(self, places: Sequence[tuple[str, Argument]]) -> list[Entry]:
        """Return the entries with these numbers in these chains, without those that are not there."""
        found: list[Entry] = []
        for begin in range(0, len(places), _PAGE):
            page = places[begin : begin + _PAGE]
            streams, numbers = tuple(self._stream(id) for id, _ in page), tuple(number for _, number in page)
            packed = await self._link.run(Call(scripts.ENTRIES, streams, numbers))
            found += [
                entry for (id, _), each in zip(page, packed, strict=True) for entry in _unpack(id, each)
            ]
        return found

    def _narrowest(self, search: Search) -> str:
        if search.session_id is not None:
            return self._key("session", search.session_id)
        if search.user_id is not None:
            return self._key("user", search.user_id)
        return self._key("all") if search.name is None else self._key("name", search.name)

    def _indexes(self, entry: Entry) -> list[str]:
        kinds = (("name", entry.name), ("session", entry.session_id), ("user", entry.user_id))
        return [self._key(kind, value) for kind, value in kinds if value is not None]

    def _stream(self, chain: str) -> str:
        return self._key("chain", chain)

    def _key(self, *parts: str) -> str:
        return self._keys.ledger(*parts)


def _unpack(chain: str, packed: bytes) -> Iterator[Entry]:
    """Yield the entries that the scripts put into one string."""
    at = 0
    while at < len(packed):
        seq, place, digest_bytes, text_bytes = _HEADER.unpack_from(packed, at)
        text_at = at + _HEADER.size + digest_bytes
        digest = packed[at + _HEADER.size : text_at]
        at = text_at + text_bytes
        yield _entry(chain, int(seq), int(place), digest, packed[text_at:at])


class _Said(msgspec.Struct, frozen=True):
    """What an entry is searched by, as its text says it."""

    event: str = ""
    at: float = 0.0
    session_id: str | None = None
    user_id: str | None = None


def _entry(chain: str, seq: int, place: int, digest: bytes, text: bytes) -> Entry:
    try:
        said = msgspec.json.decode(text, type=_Said)
    except ValueError:
        said = _Said()  # damaged: `verify` tells of it
    # fmt: off
    return Entry(
        chain=chain, seq=seq, digest=digest, text=text, place=place,
        name=said.event, at=said.at, session_id=said.session_id, user_id=said.user_id,
    )
    # fmt: on
