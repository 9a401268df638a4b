"""A58: somebody who can write the database changes the audit ledger, on each store, with two workers."""

import msgspec
import pytest

from coatcheck.stores import open_store
from coatcheck.watch.audit import anchor
from coatcheck.watch.audit.statements import CHECKPOINT
from tests.watch.audit.support import ENGINES, App, Attacker, fill, findings, recomputed, url_of

pytestmark = pytest.mark.attack


@pytest.fixture(params=ENGINES)
async def store(request, tmp_path):
    made = open_store(url_of(request.param, request, tmp_path))
    yield made
    await made.close()


@pytest.fixture
def app(store) -> App:
    return App(store)


@pytest.fixture
def attacker(store) -> Attacker:
    return Attacker(store)


async def test_a58_an_edited_entry_is_found(app, store, attacker):
    await fill(app)

    def edit(entries):
        text = entries[1].text.replace(b"ada", b"mal").replace(b"bob", b"mal")
        return [entries[0], msgspec.structs.replace(entries[1], text=text, user_id="mal"), *entries[2:]]

    await attacker.rewrite(edit)
    assert await findings(store) == ["it is not what was written there"]


async def test_a58_a_deleted_entry_is_found(app, store, attacker):
    await fill(app)
    await attacker.rewrite(lambda entries: [entries[0], *entries[2:]])
    assert await findings(store) == ["the 1 before it are missing"]


async def test_a58_entries_in_another_order_are_found(app, store, attacker):
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


async def test_a58_a_cut_tail_is_found_by_the_checkpoint_of_another_worker(app, store, attacker):
    await fill(app)

    def cut(entries):
        last = entries[-1]  # the last checkpoint, which the other worker wrote
        others = [entry for entry in entries if entry.chain != last.chain]
        return [*others[:-2], *(entry for entry in entries if entry.chain == last.chain)]

    await attacker.rewrite(cut)
    assert await findings(store) == ["a checkpoint names it, and it is not there"]


async def test_a58_a_chain_that_is_gone_is_found(app, store, attacker):
    await fill(app)
    await attacker.rewrite(lambda entries: [entry for entry in entries if entry.chain == entries[-1].chain])
    assert set(await findings(store)) == {"a checkpoint names it, and it is not there"}


async def test_a58_a_chain_computed_anew_is_found_by_the_checkpoint_of_another_worker(app, store, attacker):
    await fill(app)

    def forge(entries):
        target = next(e for e in entries if e.chain != entries[-1].chain and e.user_id == "ada")
        text = target.text.replace(b'"ada"', b'"mal"')
        forged = msgspec.structs.replace(target, text=text, user_id="mal")
        return recomputed([forged if entry is target else entry for entry in entries])

    await attacker.rewrite(forge)
    assert "a checkpoint names another in its place" in await findings(store)


async def test_a58_tails_cut_everywhere_are_found_with_an_anchor(app, store, attacker, tmp_path):
    path = tmp_path / "anchor"
    await fill(app, anchor=path)
    await attacker.rewrite(lambda entries: entries[:2])
    assert await findings(store) == []
    assert set(await findings(store, anchors=anchor.read(path))) == {
        "a checkpoint names it, and it is not there"
    }


async def test_a58_a_ledger_computed_anew_is_found_with_an_anchor(app, store, attacker, tmp_path):
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
