"""The skills `Ledger` and `Notes`: chains of entries, and what no crash hides from them."""

import asyncio
from typing import Any

import msgspec
import pytest

from coatcheck.core.change import Change
from coatcheck.core.errors import ChainForked
from coatcheck.core.ledger import Entry, Ledger, Notes, Search, follow, genesis, note_key
from coatcheck.core.reason import Reason
from coatcheck.core.store import Cap, Ending, Store
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.sample import NOW, commit_by, sample_record

EVERYTHING = Search()


def sample_chain(chain: str, length: int, *, after: Entry | None = None) -> list[Entry]:
    """Return entries of a chain, one a second: of three sessions, of two users, of two kinds in turn."""
    entries: list[Entry] = []
    digest, seq = (after.digest, after.seq) if after else (genesis(chain), 0)
    for number in range(seq + 1, seq + length + 1):
        facts: dict[str, Any] = {
            "name": "odd" if number % 2 else "even",
            "at": NOW + number,
            "session_id": f"session {number % 3}" if number % 3 else None,
            "user_id": f"user {number % 2}",
        }
        body = {"event": facts["name"], **facts, "who": "Łukasz \u0000'"}
        text = msgspec.json.encode(body, order="sorted")
        digest = follow(digest, text)
        entries.append(Entry(chain=chain, seq=number, digest=digest, text=text, **facts))
    return entries


def _taking_notes(store: Store) -> Notes:
    if not isinstance(store, Notes):
        pytest.skip("the store takes no notes")
    store.take_notes()
    return store


class AuditingContract(StoreCase):
    """Runs for stores that have the skill."""

    @pytest.fixture
    def ledger(self, store: Store) -> Ledger:
        """The store under test, as a keeper of the ledger."""
        if not isinstance(store, Ledger):
            pytest.skip("the store keeps no ledger")
        return store

    async def test_entries_come_back_to_the_letter_with_a_place_that_rises(self, ledger: Ledger) -> None:
        entries = sample_chain("a", 5)
        await ledger.append(entries)
        found = await ledger.chain("a", 0, 10)
        assert [msgspec.structs.replace(entry, place=0) for entry in found] == entries
        assert sorted({entry.place for entry in found}) == [entry.place for entry in found]
        assert await ledger.chain("a", 2, 2) == found[2:4]
        assert await ledger.chain("b", 0, 10) == []

    async def test_a_number_is_given_once_in_a_chain_and_nothing_of_the_batch_stays(
        self, ledger: Ledger
    ) -> None:
        first, second, third = sample_chain("a", 3)
        await ledger.append([first, second])
        with pytest.raises(ChainForked):
            await ledger.append([second, third])
        with pytest.raises(ChainForked):
            await ledger.append([msgspec.structs.replace(first, text=b"{}"), third])
        assert len(await ledger.chain("a", 0, 10)) == 2
        await ledger.append([third])
        assert len(await ledger.find(EVERYTHING, None, 10)) == 3

    async def test_the_newest_come_first_page_by_page(self, ledger: Ledger) -> None:
        await ledger.append(sample_chain("a", 4))
        await ledger.append(sample_chain("b", 3))
        found: list[Entry] = []
        while page := await ledger.find(EVERYTHING, found[-1].place if found else None, 2):
            assert len(page) <= 2
            found += page
        assert [(entry.chain, entry.seq) for entry in found] == [
            *(("b", seq) for seq in (3, 2, 1)),
            *(("a", seq) for seq in (4, 3, 2, 1)),
        ]

    @pytest.mark.parametrize(
        "search",
        [
            Search(session_id="session 1"),
            Search(user_id="user 1"),
            Search(name="even"),
            Search(since=NOW + 4),
            Search(until=NOW + 4),
            Search(session_id="session 2", name="odd"),
            Search(user_id="user 0", since=NOW + 3, until=NOW + 8),
            Search(session_id="session 7"),
        ],
        ids=str,
    )
    async def test_what_is_looked_for_is_found_and_nothing_else(self, ledger: Ledger, search: Search) -> None:
        await ledger.append(sample_chain("a", 12))
        everything = await ledger.find(EVERYTHING, None, 100)
        wanted = [entry for entry in everything if search.matches(entry)]
        assert await ledger.find(search, None, 100) == wanted
        assert await ledger.find(search, None, 1) == wanted[:1]
        assert await ledger.find(search, everything[5].place, 100) == [
            entry for entry in wanted if entry.place < everything[5].place
        ]

    async def test_heads_are_the_last_of_each_chain(self, ledger: Ledger) -> None:
        assert await ledger.heads() == []
        await ledger.append(sample_chain("a", 2))
        await ledger.append(sample_chain("b", 3))
        heads = {entry.chain: entry for entry in await ledger.heads()}
        assert {chain: head.seq for chain, head in heads.items()} == {"a": 2, "b": 3}
        assert [heads["b"]] == await ledger.chain("b", 2, 10)

    async def test_what_is_forgotten_is_gone_and_the_chain_goes_on(self, ledger: Ledger) -> None:
        await ledger.append(sample_chain("a", 5))
        await ledger.append(sample_chain("b", 2))
        last = (await ledger.chain("a", 4, 1))[0]
        assert await ledger.forget("a", 3) == 3
        assert await ledger.forget("a", 3) == 0
        assert await ledger.forget("c", 3) == 0
        await ledger.append(sample_chain("a", 1, after=last))
        assert [entry.seq for entry in await ledger.chain("a", 0, 10)] == [4, 5, 6]
        assert len(await ledger.find(EVERYTHING, None, 10)) == 5
        assert len(await ledger.find(Search(user_id="user 1"), None, 10)) == 2
        assert await ledger.forget("b", 2) == 2
        assert [entry.chain for entry in await ledger.heads()] == ["a"]

    async def test_workers_append_at_once_and_lose_nothing(self, ledger: Ledger) -> None:
        chains = {chain: sample_chain(chain, 40) for chain in "abcd"}
        await asyncio.gather(
            *(self._append(ledger, entries[:20], entries[20:]) for entries in chains.values())
        )
        for chain, entries in chains.items():
            found = await ledger.chain(chain, 0, 100)
            assert [entry.digest for entry in found] == [entry.digest for entry in entries]
        assert len(await ledger.find(EVERYTHING, None, 1_000)) == 160

    async def test_a_change_leaves_a_note_until_an_entry_settles_it(
        self, store: Store, ledger: Ledger
    ) -> None:
        notes = _taking_notes(store)
        record = sample_record("noted", "ada")
        await store.create(record)
        await store.save(record.id, commit_by("next", record))
        await store.save(record.id, Change(identity=record.identity))
        await store.end([Ending(record.id, Reason.REVOKED, NOW + 9), Ending(record.id, Reason.EVICTED, NOW)])
        found = await notes.notes(10)
        assert [(*note.parts, note.user_id, note.at) for note in found] == [
            ("session.created", record.id, "", "ada", NOW),
            ("session.rotated", record.id, str(record.chain.generation + 1), "ada", NOW + 1),
            ("user.updated", "ada", "admin,editor", "ada", 0.0),
            ("session.ended", record.id, "revoked", "ada", NOW + 9),
        ]
        assert await notes.notes(2) == found[:2]
        await ledger.append(
            sample_chain("a", 1), [found[0].key, found[2].key, note_key("session.created", "another")]
        )
        assert await notes.notes(10) == [found[1], found[3]]

    async def test_what_changes_no_session_leaves_no_note(self, store: Store) -> None:
        notes = _taking_notes(store)
        record = sample_record("quiet", "ada")
        await store.create(record)
        moved = await store.save(record.id, commit_by("winner", record))
        assert moved is not None
        winner = note_key("session.rotated", record.id, moved.chain.generation)
        await store.save(record.id, commit_by("loser", record, cart=1))
        await store.touch([(record.id, NOW + 60)])
        await store.end([Ending("absent", Reason.REVOKED, NOW)])
        await store.save("absent", Change(identity=record.identity))
        assert [note.key for note in await notes.notes(10)] == [
            note_key("session.created", record.id),
            winner,
        ]

    async def test_who_is_evicted_leaves_a_note(self, store: Store) -> None:
        notes = _taking_notes(store)
        first, second = sample_record("first", "ada"), sample_record("second", "ada", created_at=NOW + 1)
        await store.create(first)
        await store.create(second, 0, Cap(limit=1))
        assert {note.key for note in await notes.notes(10)} == {
            note_key("session.created", first.id),
            note_key("session.created", second.id),
            note_key("session.ended", first.id, "evicted"),
        }

    async def test_nobody_who_did_not_ask_finds_notes(self, store: Store) -> None:
        if not isinstance(store, Notes):
            pytest.skip("the store takes no notes")
        record = sample_record("unnoted", "ada")
        await store.create(record)
        await store.end([Ending(record.id, Reason.REVOKED, NOW)])
        assert await store.notes(10) == []

    async def _append(self, ledger: Ledger, *batches: list[Entry]) -> None:
        for batch in batches:
            await ledger.append(batch)
