import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.lifetimes import HOUR, MINUTE
from coatcheck.watch.audit.checkpoints import Checkpoints
from coatcheck.watch.audit.signing import PublicKeys, SigningKey
from coatcheck.watch.audit.statements import CHECKPOINT
from coatcheck.watch.audit.verify import verify
from coatcheck.watch.audit.waiting import Waiting
from coatcheck.watch.audit.worker import Worker
from tests.watch.audit.support import findings, notary_of, recomputed

in_memory = pytest.mark.parametrize("url", ["memory"], indirect=True)


def write(path, key) -> None:
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.with_suffix(".pub").write_bytes(public)


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "audit.pem", Ed25519PrivateKey.generate())
    return tmp_path / "audit.pem"


def test_what_was_signed_is_known_and_nothing_else(path):
    key, keys = SigningKey.read(path), PublicKeys.read(path.with_suffix(".pub"))
    signed = key.sign({"event": "audit.checkpoint", "at": 1.0})
    assert keys.have_signed(signed)
    assert not keys.have_signed(signed | {"at": 2.0})
    assert not keys.have_signed(signed | {"signature": "no base64"})
    assert not keys.have_signed(signed | {"key": "another"})
    assert not keys.have_signed({"event": "audit.checkpoint"})
    assert not PublicKeys().have_signed(signed)


def test_a_key_shows_only_which_it_is(path):
    key = SigningKey.read(path)
    assert repr(key) == f"<SigningKey {key.id}>"


def test_a_file_that_is_not_there_is_told(tmp_path):
    for read in (SigningKey.read, PublicKeys.read):
        with pytest.raises(ConfigurationError, match=r"nix\.pem cannot be read: No such file"):
            read(tmp_path / "nix.pem")


def test_a_private_key_where_a_public_one_belongs_is_told_with_the_command(path):
    with pytest.raises(ConfigurationError, match=r"openssl pkey -in audit\.pem -pubout -out audit\.pub"):
        PublicKeys.read(path)


def test_a_file_without_a_key_is_told(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(b"no key")
    with pytest.raises(ConfigurationError, match="no Ed25519 key"):
        SigningKey.read(path)
    with pytest.raises(ConfigurationError, match="no Ed25519 key"):
        PublicKeys.read(path)


def test_a_key_of_another_kind_is_told(tmp_path):
    path = tmp_path / "other.pem"
    write(path, generate_private_key(SECP256R1()))
    with pytest.raises(ConfigurationError, match="no Ed25519 key"):
        SigningKey.read(path)
    with pytest.raises(ConfigurationError, match="no Ed25519 key"):
        PublicKeys.read(path.with_suffix(".pub"))


@in_memory
async def test_a_signed_ledger_is_in_order(app, store, path):
    async with app.worker(key=SigningKey.read(path)) as manager:
        await app.sign_in(manager)
    report = await verify(store, keys=PublicKeys.read(path.with_suffix(".pub")))
    assert report.findings == []
    assert report.statements == 2
    opening, _, _ = await app.entries()
    assert opening.body["chains"] == {}


@in_memory
async def test_a_ledger_computed_anew_without_the_key_is_found(app, store, attacker, path):
    async with app.worker(key=SigningKey.read(path)) as manager:
        await app.sign_in(manager)
    keys = PublicKeys.read(path.with_suffix(".pub"))
    await attacker.rewrite(lambda entries: recomputed([e for e in entries if e.name != CHECKPOINT]))
    assert [finding.what for finding in (await verify(store, keys=keys)).findings] == [
        "no worker that has the key began this chain"
    ]


def test_a_key_knows_what_the_one_before_it_has_signed(path, tmp_path):
    new = tmp_path / "new.pem"
    write(new, Ed25519PrivateKey.generate())
    signed = SigningKey.read(path).sign({"event": "audit.checkpoint"})
    assert not SigningKey.read(new).have_signed(signed)
    assert SigningKey.read(new, path.with_suffix(".pub")).have_signed(signed)


@in_memory
async def test_a_worker_that_was_killed_leaves_a_minute_unsigned_and_nobody_more(app, store, path):
    keys = PublicKeys.read(path.with_suffix(".pub"))
    async with app.worker(key=SigningKey.read(path), checkpoint_every=None) as manager:
        await app.sign_in(manager)
        app.clock.advance(MINUTE)
        await app.sign_in(manager)
    assert await findings(store, keys=keys) == []
    async with app.worker(key=SigningKey.read(path), checkpoint_every=None) as manager:
        await app.sign_in(manager)
        app.clock.advance(11 * MINUTE)
        await app.sign_in(manager)
    assert await findings(store, keys=keys) == ["nobody signed the 11 minutes up to it"]


@in_memory
async def test_a_checkpoint_that_is_not_signed_is_found(app, store, path):
    async with app.worker() as manager:
        await app.sign_in(manager)
    told = await findings(store, keys=PublicKeys.read(path.with_suffix(".pub")))
    assert "audit.checkpoint is not signed, or damaged" in told


@in_memory
async def test_a_worker_that_rested_for_long_before_it_was_killed_is_in_order(app, store, path):
    key, keys = SigningKey.read(path), PublicKeys.read(path.with_suffix(".pub"))
    async with app.worker(checkpoint_every=None) as manager:
        worker = Worker(manager, store, Waiting(), key)
        checkpoints = Checkpoints(store, manager, worker, notary_of(worker, manager, key=key), 60.0)
        await worker.write([{"event": "told", "at": app.clock.now()}])
        await checkpoints.do()
        app.clock.advance(HOUR)
        await worker.write([{"event": "told", "at": app.clock.now()}])
    assert await findings(store, keys=keys) == []
