"""Password hashes: parameters, exactness, bcrypt, and the bounded pool."""

import asyncio
import threading

import bcrypt
import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from coatcheck.core.errors import ConfigurationError
from coatcheck.login import passwords as room
from coatcheck.login.passwords import CHEAPEST, HashingBusy, HashingPolicy, Passwords
from coatcheck.testing import SeededEntropy

SECRET = "correct horse battery staple"


@pytest.fixture
def passwords():
    made = Passwords(CHEAPEST, entropy=SeededEntropy())
    yield made
    made.close()


def bcrypt_hash(password: bytes, prefix: bytes = b"2b") -> str:
    hashed = bcrypt.hashpw(password, bcrypt.gensalt(4))
    return hashed.replace(b"$2b$", b"$" + prefix + b"$", 1).decode()


async def test_the_default_cost_is_the_one_of_asvs_appendix_c():
    parameters = extract_parameters(await Passwords().hash(SECRET))
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (47_104, 1, 1)
    assert (parameters.salt_len, parameters.hash_len) == (16, 32)


async def test_a_hash_is_a_phc_string_with_a_salt_of_its_own(passwords):
    first, second = await passwords.hash(SECRET), await passwords.hash(SECRET)
    assert first.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert first != second


async def test_the_right_password_is_right_and_its_hash_may_stay(passwords):
    verified = await passwords.verify(await passwords.hash(SECRET), SECRET)
    assert verified == room.Verified(ok=True, needs_upgrade=False)


@pytest.mark.parametrize(
    "sent", ["", SECRET[:-1], SECRET + " ", " " + SECRET, SECRET.upper(), SECRET + "\0", "correct"]
)
async def test_a_password_is_verified_exactly_as_received(passwords, sent):
    assert not (await passwords.verify(await passwords.hash(SECRET), sent)).ok


async def test_nothing_is_truncated(passwords):
    for size in (73, 200, 1_024):
        stored = await passwords.hash("a" * (size - 1) + "b")
        assert (await passwords.verify(stored, "a" * (size - 1) + "b")).ok
        assert not (await passwords.verify(stored, "a" * (size - 1) + "c")).ok


async def test_no_unicode_form_is_taken_for_another(passwords):
    assert not (await passwords.verify(await passwords.hash("\u00e9" * 15), "e\u0301" * 15)).ok


async def test_half_a_surrogate_pair_is_an_odd_password_and_no_crash(passwords):
    odd = "\ud800" * 15
    assert (await passwords.verify(await passwords.hash(odd), odd)).ok


@pytest.mark.parametrize("prefix", [b"2a", b"2b", b"2y"])
async def test_a_bcrypt_hash_is_verified_and_wants_an_upgrade(passwords, prefix):
    stored = bcrypt_hash(SECRET.encode(), prefix)
    assert await passwords.verify(stored, SECRET) == room.Verified(ok=True, needs_upgrade=True)
    assert not (await passwords.verify(stored, SECRET + "!")).ok


async def test_bcrypt_never_matches_on_its_first_72_bytes(passwords):
    stored = bcrypt_hash(b"x" * 72)
    assert (await passwords.verify(stored, "x" * 72)).ok
    assert not (await passwords.verify(stored, "x" * 73)).ok
    assert not (await passwords.verify(stored, "x" * 72 + "\0")).ok


async def test_bcrypt_never_matches_up_to_a_nul(passwords):
    stored = bcrypt_hash(b"before")
    assert not (await passwords.verify(stored, "before\0after")).ok
    # The empty stand-in that a refused candidate is replaced by must not match either.
    assert not (await passwords.verify(bcrypt_hash(b""), "before\0after")).ok


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "plain text",
        "$1$salt$hash",
        "$2b$",
        "$2b$04$short",
        "$2b$99$" + "a" * 53,
        "$argon2id$",
        "$argon2id$v=19$m=8,t=1,p=1$",
        "$argon2id$v=19$m=x,t=y,p=z$c2FsdA$aGFzaA",
        "$argon2id$v=19$m=8,t=1,p=1$????$????",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$\u00e4",
        "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
    ],
)
async def test_an_unreadable_hash_matches_nothing_and_crashes_nothing(passwords, stored):
    assert await passwords.verify(stored, SECRET) == room.WRONG


@pytest.mark.parametrize(
    ("made_with", "weak"),
    [
        ({"memory_cost": 19_456, "time_cost": 2}, True),
        ({"memory_cost": 47_104, "time_cost": 1}, False),
        ({"memory_cost": 65_536, "time_cost": 3, "parallelism": 4}, False),
        ({"memory_cost": 65_536, "time_cost": 3, "type": Type.I}, True),
    ],
)
async def test_only_a_cheaper_hash_wants_an_upgrade(made_with, weak):
    stored = PasswordHasher(**({"parallelism": 1} | made_with)).hash(SECRET)
    passwords = Passwords()
    assert await passwords.verify(stored, SECRET) == room.Verified(ok=True, needs_upgrade=weak)
    passwords.close()


@pytest.mark.parametrize("stored", [None, "plain text"])
async def test_nobody_costs_one_argon2_like_everybody(passwords, monkeypatch, stored):
    seen = []
    verify = PasswordHasher.verify

    def spy(self, hash, password):
        seen.append(extract_parameters(hash))
        return verify(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", spy)
    real = await passwords.hash(SECRET)
    await passwords.verify(real, "wrong")
    await passwords.verify(stored, "wrong")
    assert len(seen) == 2
    assert seen[0] == seen[1]


async def test_a_full_queue_refuses_at_once_and_recovers(monkeypatch):
    passwords = Passwords(HashingPolicy(memory_kib=8, workers=2, queue=3))
    gate = threading.Event()
    monkeypatch.setattr(passwords, "_hash", lambda _: str(gate.wait(10)))
    taken = [asyncio.create_task(passwords.hash(SECRET)) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(HashingBusy) as busy:
        await passwords.hash(SECRET)
    assert busy.value.code == "hashing_busy"
    assert busy.value.retry_after > 0
    gate.set()
    assert await asyncio.gather(*taken) == ["True"] * 5
    assert await passwords.hash(SECRET) == "True"


async def test_200_parallel_hashes_run_on_few_threads_while_the_loop_goes_on(monkeypatch):
    passwords = Passwords(HashingPolicy(memory_kib=8, workers=2, queue=64))
    running, most, gate = [0], [0], threading.Event()
    lock = threading.Lock()

    def slow(_):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        gate.wait(10)
        with lock:
            running[0] -= 1
        return "done"

    monkeypatch.setattr(passwords, "_hash", slow)
    tasks = [asyncio.create_task(passwords.hash(SECRET)) for _ in range(200)]
    for _ in range(10):
        await asyncio.sleep(0)  # another request would be served here
    gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results.count("done") == 66
    assert sum(isinstance(result, HashingBusy) for result in results) == 134
    assert most[0] <= 2


async def test_a_caller_who_gives_up_keeps_the_place_until_the_thread_is_done(monkeypatch):
    passwords = Passwords(HashingPolicy(memory_kib=8, workers=1, queue=0))
    started, gate, done = threading.Event(), threading.Event(), threading.Event()

    def slow(_):
        started.set()
        gate.wait(10)
        done.set()
        return "done"

    monkeypatch.setattr(passwords, "_hash", slow)
    task = asyncio.create_task(passwords.hash(SECRET))
    await asyncio.to_thread(started.wait, 10)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    with pytest.raises(HashingBusy):
        await passwords.hash(SECRET)
    gate.set()
    await asyncio.to_thread(done.wait, 10)
    passwords.close()


@pytest.mark.parametrize(
    "wrong", [{"memory_kib": 7}, {"passes": 0}, {"lanes": 0}, {"lanes": 2, "memory_kib": 8}, {"queue": -1}]
)
def test_a_cost_that_argon2_cannot_take_is_refused_when_made(wrong):
    with pytest.raises(ConfigurationError) as caught:
        HashingPolicy(**{"memory_kib": 64, **wrong})
    assert caught.value.remedy
