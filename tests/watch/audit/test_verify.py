"""A58: what somebody who can write the database does to the ledger is found."""

import msgspec
import pytest

from coatcheck.watch.audit import anchor
from coatcheck.watch.audit.chain import canonical
from coatcheck.watch.audit.statements import CHECKPOINT
from coatcheck.watch.audit.verify import verify
from tests.watch.audit.conftest import recomputed

pytestmark = pytest.mark.attack


async def fill(app, **options) -> None:
    """Two workers, each with some sign-ins, that end in good order one after the other."""
    async with app.worker(**options) as first, app.worker(**options) as second:
        for user_id in ("ada", "bob", "eve"):
            await app.sign_in(first, user_id)
            await app.sign_in(second, user_id)


async def findings(store, **how) -> list[str]:
    return [finding.what for finding in (await verify(store, **how)).findings]


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


async def test_an_edited_entry_is_found(app, store, attacker):
    await fill(app)

    def edit(entries):
        text = entries[1].text.replace(b"ada", b"mal").replace(b"bob", b"mal")
        return [entries[0], msgspec.structs.replace(entries[1], text=text, user_id="mal"), *entries[2:]]

    await attacker.rewrite(edit)
    assert await findings(store) == ["it is not what was written there"]


async def test_a_deleted_entry_is_found(app, store, attacker):
    await fill(app)
    await attacker.rewrite(lambda entries: [entries[0], *entries[2:]])
    assert await findings(store) == ["the 1 before it are missing"]


async def test_entries_in_another_order_are_found(app, store, attacker):
    await fill(app)

    def swap(entries):
        first, second, *rest = (entry for entry in entries if entry.chain == entries[0].chain)
        others = [entry for entry in entries if entry.chain != first.chain]
        swapped = (
            msgspec.structs.replace(second, seq=first.seq),
            msgspec.structs.replace(first, seq=second.seq),
        )
        return [*swapped, *rest, *others]

    await attacker.rewrite(swap)
    assert set(await findings(store)) == {"it is not what was written there"}


async def test_an_entry_of_another_chain_is_found(app, store, attacker):
    await fill(app)

    def rename(entries):
        new = "0" * 16
        return [
            msgspec.structs.replace(e, chain=new if e.chain == entries[0].chain else e.chain) for e in entries
        ]

    await attacker.rewrite(rename)
    assert "it is not what was written there" in await findings(store)


async def test_a_chain_whose_tail_was_cut_is_found_by_the_checkpoint_in_another(app, store, attacker):
    await fill(app)

    def cut(entries):
        last = entries[-1]  # the last checkpoint, which the other worker wrote
        others = [entry for entry in entries if entry.chain != last.chain]
        return [*others[:-2], *(entry for entry in entries if entry.chain == last.chain)]

    await attacker.rewrite(cut)
    assert await findings(store) == ["a checkpoint names it, and it is not there"]


async def test_a_chain_that_is_gone_is_found(app, store, attacker):
    await fill(app)
    await attacker.rewrite(lambda entries: [entry for entry in entries if entry.chain == entries[-1].chain])
    assert set(await findings(store)) == {"a checkpoint names it, and it is not there"}


async def test_a_chain_computed_anew_is_found_by_the_checkpoint_in_another(app, store, attacker):
    await fill(app)

    def forge(entries):
        target = next(e for e in entries if e.chain != entries[-1].chain and e.user_id == "ada")
        text = target.text.replace(b'"ada"', b'"mal"')
        forged = msgspec.structs.replace(target, text=text, user_id="mal")
        return recomputed([forged if entry is target else entry for entry in entries])

    await attacker.rewrite(forge)
    assert "a checkpoint names another in its place" in await findings(store)


async def test_without_an_anchor_a_tail_cut_everywhere_is_not_found_and_with_one_it_is(
    app, store, attacker, tmp_path
):
    path = tmp_path / "anchor"
    await fill(app, anchor=path)
    await attacker.rewrite(lambda entries: entries[:2])
    assert await findings(store) == []
    assert set(await findings(store, anchors=anchor.read(path))) == {
        "a checkpoint names it, and it is not there"
    }


async def test_a_ledger_computed_anew_as_a_whole_is_found_with_an_anchor(app, store, attacker, tmp_path):
    path = tmp_path / "anchor"
    await fill(app, anchor=path)

    def forge(entries):
        honest = [entry for entry in entries if entry.name != CHECKPOINT]
        texts = [entry.text.replace(b'"ada"', b'"mal"') for entry in honest]
        users = ["mal" if entry.user_id == "ada" else entry.user_id for entry in honest]
        return recomputed(
            [
                msgspec.structs.replace(entry, text=text, user_id=user)
                for entry, text, user in zip(honest, texts, users, strict=True)
            ]
        )

    await attacker.rewrite(forge)
    assert await findings(store) == []
    assert "a checkpoint names another in its place" in await findings(store, anchors=anchor.read(path))


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
