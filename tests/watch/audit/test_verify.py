"""What is told of a ledger in order, and of one that is not; see A58 in tests/attack for the rest."""

import msgspec

from coatcheck.watch.audit.chain import canonical
from coatcheck.watch.audit.verify import verify
from tests.watch.audit.support import fill, findings, recomputed


async def test_what_two_workers_wrote_is_in_order(app, store):
    await fill(app)
    entries = await app.entries()
    seen: list[tuple[int, int]] = []
    report = await verify(store, progress=lambda *state: seen.append(state))
    assert report.findings == []
    assert report.entries == len(entries) == 8
    assert len(report.heads) == 2
    assert report.statements == 2
    assert report.vouched_until == max(entry.at for entry in entries)
    assert seen[-1] == (8, 8)


async def test_an_entry_of_another_chain_is_found(app, store, attacker):
    await fill(app)

    def rename(entries):
        new = "0" * 16
        return [
            msgspec.structs.replace(e, chain=new if e.chain == entries[0].chain else e.chain) for e in entries
        ]

    await attacker.rewrite(rename)
    assert "it is not what was written there" in await findings(store)


async def test_an_entry_found_under_a_false_name_is_told(app, store, attacker):
    await fill(app)

    def mislabel(entries):
        return [msgspec.structs.replace(entries[0], name="told", user_id=None), *entries[1:]]

    await attacker.rewrite(mislabel)
    entry = (await app.entries())[0]
    told = await findings(store)
    assert told == (["it is searched by what it does not say"] if entry.name == "told" else [])


async def test_what_is_no_json_is_told_and_stops_nothing(app, store, attacker):
    await fill(app)
    await attacker.rewrite(lambda entries: [msgspec.structs.replace(entries[0], text=b"[1"), *entries[1:]])
    assert await findings(store) == [
        "it is not what was written there",
        "it is searched by what it does not say",
    ]


async def test_a_damaged_checkpoint_is_told(app, store, attacker):
    await fill(app)

    def damage(entries):
        body = entries[-1].body | {"chains": {"a": [1, "not a digest", 0]}}
        return recomputed([*entries[:-1], msgspec.structs.replace(entries[-1], text=canonical(body))])

    await attacker.rewrite(damage)
    assert await findings(store) == ["audit.checkpoint is not signed, or damaged"]


async def test_a_beginning_that_nobody_forgot_is_missed(app, store):
    await fill(app)
    entries = await app.entries()
    await store.forget(entries[0].chain, 2)
    assert "the 2 before it are missing" in await findings(store)
