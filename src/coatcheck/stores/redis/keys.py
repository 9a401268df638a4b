"""The names of keys. What belongs together has one hash tag, so a Cluster keeps it in one slot."""

import hashlib
from dataclasses import dataclass

SESSION_BUCKETS = tuple(f"{number:02x}" for number in range(256))
ROW_BUCKETS = tuple(f"r{number:x}" for number in range(16))


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one application.

    A session is in the bucket that its id begins with, a small row in one that the hash of its key chooses.
    Each bucket has an index: what is in it, by the moment from which the sweeper may take it.

    Args:
        prefix: What every name begins with.
        database: Number of the database.
    """

    prefix: str
    database: int = 0

    def session(self, id: str) -> str:
        """Return the key of a session or its tombstone."""
        return f"{self.prefix}:{{{id[:2]}}}:{id}"

    def row(self, key: str) -> str:
        """Return the key of a small row."""
        return f"{self.prefix}:{{{row_bucket(key)}}}:{key}"

    def named(self, bucket: str, name: bytes) -> bytes:
        """Return the key of what an index names."""
        return f"{self.prefix}:{{{bucket}}}:".encode() + name

    def index(self, bucket: str) -> str:
        """Return the index of a bucket."""
        return f"{self.prefix}:{{{bucket}}}"

    def newest(self, bucket: str) -> str:
        """Return the live sessions of a bucket, by the moment at which they began."""
        return f"{self.prefix}:{{{bucket}}}.newest"

    def indexes(self, bucket: str) -> tuple[str, str]:
        """Return both indexes; a bucket of small rows never has the second."""
        return self.index(bucket), self.newest(bucket)

    def versions(self, bucket: str) -> str:
        """Return the counter from which the small rows of a bucket get their versions."""
        return f"{self.prefix}:{{{bucket}}}.versions"

    def user(self, user_id: str) -> str:
        """Return the entry of a user, which is in no bucket."""
        return f"{self.prefix}:user:{user_id}"

    def notes(self, bucket: str) -> str:
        """Return what was changed in a bucket and is not in the audit ledger yet."""
        return f"{self.prefix}:{{{bucket}}}.notes"

    def ledger(self, *parts: str) -> str:
        """Return a key of the audit ledger: all of it is in one slot."""
        return ":".join((f"{self.prefix}:{{ledger}}", *parts))

    def channel(self, bucket: str) -> str:
        """Return where changes in a bucket are told; databases of a server share channels, not keys."""
        return f"{self.prefix}:{{{bucket}}}:{self.database}:changes"


def session_bucket(id: str) -> str:
    """Return the bucket of a session."""
    return id[:2]


def row_bucket(key: str) -> str:
    """Return the bucket of a small row."""
    return f"r{hashlib.sha256(key.encode()).hexdigest()[0]}"
