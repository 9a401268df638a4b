"""A58: somebody who can write the database changes the audit ledger, on each store, with two workers."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coatcheck.core.events import SinkFailed
from coatcheck.core.ledger import Entry, Search, follow, genesis
from coatcheck.core.lifetimes import DAY, HOUR, MINUTE
from coatcheck.stores import open_store
from coatcheck.testing import RecordingObserver
from coatcheck.watch.audit import anchor
from coatcheck.watch.audit.chain import canonical
from coatcheck.watch.audit.checkpoints import Checkpoints
from coatcheck.watch.audit.retention import Retention
from coatcheck.watch.audit.signing import PublicKeys, SigningKey
from coatcheck.watch.audit.statements import CHECKPOINT, FORGOTTEN, Mark, checkpoint, forgotten
from coatcheck.watch.audit.verify import verify
from coatcheck.watch.audit.waiting import Waiting
from coatcheck.watch.audit.worker import Worker
from tests.watch.audit.support import (
    ENGINES,
    App,
    Attacker,
    fill,
    findings,
    notary,
    notary_of,
    recomputed,
    url_of,
)

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


PRIVATE = Ed25519PrivateKey.generate()
KEY, KEYS = SigningKey(PRIVATE), PublicKeys(PRIVATE.public_key())


def forged(entries: list[Entry]) -> list[Entry]:
    """Make mal of ada everywhere, and compute all digests anew, also those that checkpoints name."""
    heads: dict[str, tuple[int, bytes]] = {}
    digests: dict[tuple[str, int], bytes] = {}
    done = []
    for entry in entries:
        text, user_id = entry.text.replace(b'"ada"', b'"mal"'), entry.user_id
        if entry.name == CHECKPOINT:
            body = entry.body
            for chain, mark in body["chains"].items():
                mark[1] = digests[chain, mark[0]].hex()
            text = canonical(body)
        seq, digest = heads.get(entry.chain, (0, genesis(entry.chain)))
        seq, digest = seq + 1, follow(digest, text)
        heads[entry.chain] = (seq, digest)
        digests[entry.chain, seq] = digest
        user_id = "mal" if user_id == "ada" else user_id
        done.append(msgspec.structs.replace(entry, text=text, user_id=user_id, seq=seq, digest=digest))
    return done


async def test_a58_a_ledger_whose_checkpoints_are_forged_too_is_found_with_an_anchor(
    app, store, attacker, tmp_path
):
    path = tmp_path / "anchor"
    await fill(app, anchor=path)
    heads = (await verify(store)).heads
    printed = checkpoint(app.clock.now(), {head.chain: Mark.of(head) for head in heads})
    await attacker.rewrite(forged)
    assert await findings(store) == []
    assert "a checkpoint names another in its place" in await findings(store, anchors=anchor.read(path))
    assert "a checkpoint names another in its place" in await findings(store, anchors=[printed])


async def test_a58_what_is_removed_and_passed_off_as_retention_is_found_with_an_anchor(
    app, store, attacker, tmp_path
):
    path = tmp_path / "anchor"
    await fill(app, anchor=path)

    def remove(entries: list[Entry]) -> list[Entry]:
        ends = {e.chain: Mark.of(e) for e in entries if e.user_id == "bob"}
        kept = [e for e in entries if e.seq > ends[e.chain].seq]
        body = forgotten(app.clock.now(), app.clock.now() + DAY, ends)
        text = canonical(body)
        digest = follow(genesis("f" * 16), text)
        at = body["at"]
        return [*kept, Entry(chain="f" * 16, seq=1, digest=digest, text=text, name=FORGOTTEN, at=at)]

    await attacker.rewrite(remove)
    assert await findings(store) == []
    assert set(await findings(store, anchors=anchor.read(path))) == {"the 2 before it are missing"}


async def forget(app, seen: RecordingObserver, **how) -> None:
    """Let the application do what it does every hour."""
    async with app.worker(checkpoint_every=None, key=how.get("key")) as manager:
        manager._context.announcer.observers = (seen,)
        await Retention(app.store, manager, notary(manager, **how), 90 * DAY).do()


async def test_a58_the_application_does_not_forget_what_only_its_column_calls_old(
    app, store, attacker, tmp_path
):
    how = {"key": KEY, "path": tmp_path / "anchor"}
    await fill(app, key=KEY, anchor=how["path"])
    await attacker.rewrite(lambda entries: [msgspec.structs.replace(e, at=1.0) for e in entries])
    before = await app.entries()
    await forget(app, RecordingObserver(), **how)
    assert [entry for entry in await app.entries() if entry in before] == before
    told = set(await findings(store, keys=KEYS, anchors=anchor.read(how["path"])))
    assert told == ({"it is searched by what it does not say"} if before[0].at == 1.0 else set())


def aged(entries: list[Entry]) -> list[Entry]:
    """Make everything but checkpoints a year older, and compute what follows anew."""
    done = []
    for entry in entries:
        if entry.name == CHECKPOINT:
            done.append(entry)
            continue
        body = entry.body | {"at": entry.at - 365 * DAY}
        done.append(msgspec.structs.replace(entry, text=canonical(body), at=body["at"]))
    return recomputed(done)


async def test_a58_the_application_does_not_forget_what_was_made_old_and_raises_an_alarm(
    app, store, attacker, tmp_path, caplog
):
    how = {"key": KEY, "path": tmp_path / "anchor"}
    await fill(app, key=KEY, anchor=how["path"])
    await attacker.rewrite(lambda entries: aged([e for e in entries if e.name != CHECKPOINT]))
    before, seen = await app.entries(), RecordingObserver()
    await forget(app, seen, **how)
    assert [entry for entry in await app.entries() if entry in before] == before
    assert {event.sink for event in seen.of(SinkFailed)} == {"audit retention"}
    assert "is not as it was written" in caplog.text


async def test_a58_what_the_application_was_made_to_forget_is_found_with_an_anchor(
    app, store, attacker, tmp_path
):
    path = tmp_path / "anchor"
    await fill(app, anchor=path)
    await attacker.rewrite(lambda entries: aged([e for e in entries if e.name != CHECKPOINT]))
    await forget(app, RecordingObserver(), path=path)
    assert await store.find(Search(name="session.created"), None, 1) == []
    assert await findings(store) == []
    assert set(await findings(store, anchors=anchor.read(path))) == {
        "a checkpoint names it, and it is not there"
    }


async def test_a58_no_worker_signs_a_forgery_after_a_restart(app, store, attacker):
    await fill(app, key=KEY)
    await attacker.rewrite(lambda entries: forged([e for e in entries if e.name != CHECKPOINT]))
    app.clock.advance(10 * MINUTE)
    async with app.worker(key=KEY) as manager:
        await app.sign_in(manager, "zoe")
    assert await findings(store, keys=KEYS) == ["no worker that has the key began this chain"] * 2


async def test_a58_a_forgery_behind_true_beginnings_is_found_with_the_key(app, store, attacker):
    async with app.worker(key=KEY) as manager:
        await app.sign_in(manager)
        app.clock.advance(HOUR)
        await app.sign_in(manager)
    await attacker.rewrite(lambda entries: forged(entries[:-1]))
    async with app.worker(key=KEY) as manager:
        await app.sign_in(manager, "zoe")
    assert await findings(store, keys=KEYS) == ["nobody signed the 60 minutes up to it"]


async def test_a58_planted_checkpoints_keep_no_worker_from_its_own(app, store, tmp_path):
    how = {"key": KEY, "path": tmp_path / "anchor"}
    async with app.worker(checkpoint_every=None) as manager:
        worker = Worker(manager, store, Waiting(), KEY)
        checkpoints = Checkpoints(store, manager, worker, notary_of(worker, manager, **how), 60.0)
        for number in range(3):
            app.clock.advance(61)
            at = app.clock.now()
            body = checkpoint(at, {"b" * 16: Mark(7, "0" * 64, at)}, "b" * 16)
            text = canonical(body | {"key": KEY.id, "signature": "AAAA"})
            planted = Entry(
                chain=f"{number:016}",
                seq=1,
                digest=follow(genesis(f"{number:016}"), text),
                text=text,
                name=CHECKPOINT,
                at=at,
            )
            await store.append([planted])
            await worker.write([{"event": "told", "at": at}])
            await checkpoints.do()
    stated = anchor.read(how["path"])
    assert len(stated) == 3
    assert all("b" * 16 not in body["chains"] for body in stated)
    assert len(await store.find(Search(name=CHECKPOINT), None, 10)) == 7  # and one at the beginning
