"""Password hashes: argon2id for everyone, bcrypt for those who come from elsewhere.

Hashing is slow and hungry on purpose, so it runs on threads of its own, as many as there are cores,
behind a queue that does not grow: a flood of sign-ins costs memory for a few hashes and delays no
other request (standards.md section 5, A51).
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import bcrypt
import msgspec
from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import Argon2Error

from coatcheck.core.entropy import Entropy, SystemEntropy
from coatcheck.core.errors import CoatcheckError, ConfigurationError

BCRYPT_BYTES = 72  # what bcrypt looks at; the rest of a longer password would not count (ASVS 6.2.8)
BCRYPT_SCHEMES = ("$2a$", "$2b$", "$2y$")
SALT_BYTES = 16  # NIST SP 800-63B-4 section 3.1.1.2: at least 32 bits
HASH_BYTES = 32

ResultT = TypeVar("ResultT")


class HashingBusy(CoatcheckError):
    """More passwords wait to be hashed than the queue takes.

    Attributes:
        retry_after: Seconds after which a new attempt makes sense.
    """

    code = "hashing_busy"
    remedy = "Try again in a moment; if it goes on, add cores or look for a flood of sign-ins"
    retry_after = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HashingPolicy:
    """What one hash costs, and how many may be made at once.

    Attributes:
        memory_kib: KiB of memory per hash (ASVS appendix C: 47,104 with one pass).
        passes: Passes over that memory.
        lanes: Threads within one hash.
        workers: Hashes made at once; 0 means one for each core.
        queue: Hashes that may wait for their turn; beyond, `HashingBusy`.
    """

    memory_kib: int = 47_104
    passes: int = 1
    lanes: int = 1
    workers: int = 0
    queue: int = 64

    def __post_init__(self) -> None:
        if self.lanes < 1 or self.passes < 1 or self.memory_kib < 8 * self.lanes:
            raise ConfigurationError(
                f"argon2 cannot work with passes={self.passes}, lanes={self.lanes} "
                f"and memory_kib={self.memory_kib}",
                remedy="Give it a pass, a lane, and 8 KiB of memory for each lane",
            )
        if self.workers < 0 or self.queue < 0:
            raise ConfigurationError(
                f"workers={self.workers} and queue={self.queue} cannot be negative",
                remedy="Say 0 for one worker a core, or for no queue",
            )


CHEAPEST = HashingPolicy(memory_kib=8)
"""Protects nothing; for tests, which would otherwise spend their time hashing."""


class Verified(msgspec.Struct, frozen=True):
    """What became of a password: whether it is right, and whether its hash should be made anew."""

    ok: bool
    needs_upgrade: bool = False


WRONG = Verified(ok=False)


class Passwords:
    """Makes and verifies password hashes, off the event loop.

    Args:
        policy: What one hash costs.
        entropy: Draws the salts.
    """

    def __init__(self, policy: HashingPolicy | None = None, *, entropy: Entropy | None = None) -> None:
        self.policy = policy or HashingPolicy()
        self._entropy = entropy or SystemEntropy()
        self._hasher = PasswordHasher(
            time_cost=self.policy.passes,
            memory_cost=self.policy.memory_kib,
            parallelism=self.policy.lanes,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
        )
        workers = self.policy.workers or os.cpu_count() or 1
        self._room = threading.BoundedSemaphore(workers + self.policy.queue)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="coatcheck-hash")
        # Nobody's password: verifying against it costs exactly what a real account's costs.
        self._nobody = self._hash(self._entropy.token_bytes(HASH_BYTES))

    async def hash(self, password: str) -> str:
        """Return the argon2id hash of a password, in PHC format.

        Raises:
            HashingBusy: Too many hashes wait already.
        """
        return await self._run(lambda: self._hash(_encode(password)))

    async def verify(self, stored: str | None, password: str) -> Verified:
        """Tell whether a password is the one that was hashed, exactly as received (ASVS 6.2.8).

        Args:
            stored: The account's hash; None where there is no account, which takes as long.
            password: What was sent.

        Raises:
            HashingBusy: Too many hashes wait already.
        """
        return await self._run(lambda: self._verify(stored, _encode(password)))

    def close(self) -> None:
        """Let the threads go once they have finished."""
        self._pool.shutdown(wait=False)

    async def _run(self, work: Callable[[], ResultT]) -> ResultT:
        if not self._room.acquire(blocking=False):
            raise HashingBusy("too many passwords wait to be hashed")
        future = self._pool.submit(work)
        # The place is free again when the thread is, not when a caller gives up waiting for it.
        future.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(future)

    def _hash(self, password: bytes) -> str:
        return self._hasher.hash(password, salt=self._entropy.token_bytes(SALT_BYTES))

    def _verify(self, stored: str | None, password: bytes) -> Verified:
        if stored is not None and stored.startswith(BCRYPT_SCHEMES):
            return _verify_bcrypt(stored.encode(), password)
        if stored is None or not _is_argon2(stored):
            self._matches(self._nobody, password)
            return WRONG
        if not self._matches(stored, password):
            return WRONG
        return Verified(ok=True, needs_upgrade=self._is_weak(stored))

    def _matches(self, stored: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (Argon2Error, ValueError):  # wrong, or not a hash that could be right
            return False

    def _is_weak(self, stored: str) -> bool:
        """Tell whether an attacker pays less than the policy asks; a dearer hash is left alone."""
        made = extract_parameters(stored)
        cost = made.memory_cost * made.time_cost
        return made.type is not Type.ID or cost < self.policy.memory_kib * self.policy.passes


def _encode(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")  # half a pair is an odd password, not a crash


def _is_argon2(stored: str) -> bool:
    try:
        extract_parameters(stored)
    except ValueError:
        return False
    return True


def _verify_bcrypt(stored: bytes, password: bytes) -> Verified:
    """Verify a hash made elsewhere; refuse what bcrypt would cut short, at the same expense."""
    whole = len(password) <= BCRYPT_BYTES and b"\0" not in password
    try:
        matches = bcrypt.checkpw(password if whole else b"", stored)
    except ValueError:  # not a bcrypt hash after all
        return WRONG
    return Verified(ok=True, needs_upgrade=True) if whole and matches else WRONG
