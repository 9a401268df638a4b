import asyncio

import msgspec
import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.events import SessionCreated
from coatcheck.core.events.wire import describe
from coatcheck.core.ledger import Entry, Search, follow, genesis
from coatcheck.stores import open_store
from coatcheck.testing.contract import NOW
from coatcheck.watch.audit import read


def told(*bodies: dict) -> list[Entry]:
    entries, digest = [], genesis("a")
    for seq, body in enumerate(bodies, start=1):
        text = msgspec.json.encode(body, order="sorted")
        digest = follow(digest, text)
        entries.append(Entry(chain="a", seq=seq, digest=digest, text=text, name=body["event"], at=NOW + seq))
    return entries


@pytest.fixture
async def store():
    store = open_store("memory://")
    yield store
    await store.close()


async def test_an_entry_gives_back_the_event_it_tells_of(store):
    event = SessionCreated(at=NOW, session_id="0a", user_id="ada")
    await store.append(told(describe(event), {"event": "audit.checkpoint"}, {"event": "session.created"}))
    damaged, checkpoint, entry = await read.entries(store)
    assert entry.event == event
    assert entry.body["event"] == "session.created"
    assert checkpoint.event is None
    assert damaged.event is None


async def test_pages_follow_each_other(store):
    await store.append(told(*({"event": "told", "n": n} for n in range(5))))
    page = await read.search(store, Search(), limit=3)
    assert [entry.body["n"] for entry in page.entries] == [4, 3, 2]
    page = await read.search(store, Search(), before=page.before, limit=3)
    assert [entry.body["n"] for entry in page.entries] == [1, 0]
    assert page.before is None


async def test_a_text_is_found_in_any_case(store, monkeypatch):
    monkeypatch.setattr(read, "_BATCH", 2)
    await store.append(told(*({"event": "told", "who": "Ada" if n % 3 == 0 else "Bob"} for n in range(7))))
    assert [entry.seq for entry in await read.entries(store, text="aDA")] == [7, 4, 1]
    assert [entry.seq for entry in await read.entries(store, text="ada", limit=2)] == [7, 4]
    assert await read.entries(store, text="zoe") == []


async def test_looking_for_a_text_ends_after_so_many_and_can_go_on(store, monkeypatch):
    monkeypatch.setattr(read, "_BATCH", 2)
    monkeypatch.setattr(read, "MOST_EXAMINED", 4)
    await store.append(told({"event": "told", "who": "Ada"}, *[{"event": "told"}] * 6))
    first = await read.search(store, Search(), text="ada")
    assert first.entries == []
    second = await read.search(store, Search(), text="ada", before=first.before)
    assert [entry.seq for entry in second.entries] == [1]
    assert second.before is None


async def test_a_store_without_the_skill_is_refused():
    with pytest.raises(ConfigurationError, match="keeps no audit ledger"):
        await read.entries(object())


async def test_whoever_follows_sees_all_of_a_burst_once(store, monkeypatch):
    monkeypatch.setattr(read, "_BATCH", 3)
    entries = told(*({"event": "told", "n": n} for n in range(30)))
    await store.append(entries[:5])
    following = read.follow(store, pause=0.001)
    first = asyncio.create_task(anext(following))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await store.append(entries[5:25])
    async with asyncio.timeout(5):
        seen = [await first, *[await anext(following) for _ in range(19)]]
        await store.append(entries[25:])
        seen += [await anext(following) for _ in range(5)]
    await following.aclose()
    assert [entry.body["n"] for entry in seen] == list(range(5, 30))
