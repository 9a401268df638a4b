"""Records to put into a store."""

from typing import Any

import msgspec

from coatcheck.core import chain, token
from coatcheck.core.chain import KEY_BYTES
from coatcheck.core.change import Change, Commit, DataChange
from coatcheck.core.device import Device
from coatcheck.core.grant import Grant
from coatcheck.core.identity import Identity
from coatcheck.core.record import Record
from coatcheck.testing.clock import A_WINTER_EVENING as NOW
from coatcheck.testing.entropy import SeededEntropy

__all__ = ["NOW", "commit_by", "sample_grant", "sample_record", "sets"]


def sample_record(seed: int | str = 0, user_id: str | None = None, **overrides: Any) -> Record:
    """Return a record that follows from its seed: signed in if `user_id` is given.

    Idle for 1,800 seconds, absolute after 43,200, created at `NOW`.
    """
    entropy = SeededEntropy(seed)
    minted = token.mint(entropy)
    identity = Identity(
        user_id=user_id or "",
        email="ada@example.test",
        name="Ada Łovelace",
        roles=frozenset({"admin", "editor"}),
        auth_time=NOW,
        amr=("pwd",),
    )
    record = Record(
        id=minted.id,
        chain=chain.start(minted, NOW, entropy.token_bytes(KEY_BYTES)),
        identity=identity if user_id else None,
        device=Device(ip="192.0.2.7", user_agent="Mozilla/5.0", label="Firefox on Linux"),
        csrf_key=entropy.token_bytes(KEY_BYTES),
        created_at=NOW,
        last_seen_at=NOW,
        idle=1_800.0,
        absolute_at=NOW + 43_200.0,
        actor="u-operator" if user_id else None,
    )
    return msgspec.structs.replace(record, **overrides)


def sample_grant(seed: int | str = 0) -> Grant:
    """Return a grant that follows from its seed."""
    entropy = SeededEntropy(f"grant {seed}")
    minted = token.mint(entropy)
    return Grant(chain=chain.start(minted, NOW, entropy.token_bytes(KEY_BYTES)), confirmed_at=NOW)


def sets(**values: Any) -> DataChange:
    """Return a change that sets keys of the session data."""
    return DataChange(sets={key: msgspec.json.encode(value) for key, value in values.items()})


def commit_by(writer: int | str, record: Record, **values: Any) -> Change:
    """Return what a writer wants who saw `record`: move its chain on, and set some keys."""
    seen = record.chain
    moved = msgspec.structs.replace(
        seen,
        generation=seen.generation + 1,
        digest=SeededEntropy(f"moved by {writer}").token_bytes(len(seen.digest)),
        previous_digest=seen.digest,
        committed_at=NOW + 1,
    )
    return Change(data=sets(**values), commit=Commit(expected=record.chain.digest, chain=moved))
