"""The names of keys. What belongs together has one hash tag, so a Cluster keeps it in one slot."""

import hashlib
from dataclasses import dataclass

BUCKETS = tuple(f"{number:02x}" for number in range(256))
_ROW = ":"  # begins the name of a small row in an index; no session id begins so


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one application.

    A session is in the bucket that its id begins with, a small row in the one its hash begins with. Each
    bucket has an index: what is in it, by the moment from which the sweeper may take it.

    Args:
        prefix: What every name begins with.
    """

    prefix: str

    def session(self, id: str) -> str:
        """Return the key of a session or its tombstone."""
        return f"{self.prefix}:{{{id[:2]}}}:{id}"

    def index(self, bucket: str) -> str:
        """Return the index of a bucket."""
        return f"{self.prefix}:{{{bucket}}}:index"

    def versions(self, bucket: str) -> str:
        """Return the counter from which the small rows of a bucket get their versions."""
        return f"{self.prefix}:{{{bucket}}}:versions"

    def found(self, bucket: str, member: bytes) -> bytes:
        """Return the key of what stands in the index of a bucket, whatever it is."""
        return f"{self.prefix}:{{{bucket}}}:".encode() + member

    def row(self, key: str) -> str:
        """Return the key of a small row."""
        return f"{self.prefix}:{{{row_bucket(key)}}}:{row_member(key)}"

    def user(self, user_id: str) -> str:
        """Return the entry of a user, which is in no bucket."""
        return f"{self.prefix}:user:{user_id}"

    def channel(self, database: int) -> str:
        """Return the channel of the feed; unlike keys, all databases of a server share channels."""
        return f"{self.prefix}:{database}:changes"


def bucket_of(id: str) -> str:
    """Return the bucket of a session."""
    return id[:2]


def row_bucket(key: str) -> str:
    """Return the bucket of a small row."""
    return hashlib.sha256(key.encode()).hexdigest()[:2]


def row_member(key: str) -> str:
    """Return the name of a small row in its index."""
    return _ROW + key


def is_session(member: str) -> bool:
    """Tell whether what stands in an index is a session."""
    return not member.startswith(_ROW)
