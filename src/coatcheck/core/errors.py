"""Every error Coatcheck raises.

    CoatcheckError
    ├── ConfigurationError      a policy, URL or argument that cannot work
    ├── DataError               session data the app tried to keep
    │   ├── DataTooLarge            more than 64 KiB once encoded
    │   ├── DataNotSerializable     JSON cannot hold it
    │   └── DataMismatch            stored data does not fit the app's type any more
    ├── SessionEnded            the caller acts on a session that is over
    ├── Impersonated            an operator tries what only the user may do
    └── StoreError              faults of the place where records live
        ├── StoreUnavailable        it cannot be reached, or cannot write now
        │   └── KeyMissing              data are sealed with a key that is not here
        ├── CorruptRecord           a row that cannot be read
        ├── SessionExists           the id is taken, or ended before it was created
        ├── StaleUser               the user's facts moved while they signed in
        ├── ChainForked             another worker writes to this worker's chain of the audit ledger
        ├── StaleData               session data that a change was made for moved meanwhile
        └── TooManySessions         the cap denies one more session

Missing, expired and forged are not errors: they are values (`None`, or a refusal with a
reason). An error is a fault, and says what to do about it.
"""

from typing import ClassVar

from coatcheck.core.reason import Reason


class CoatcheckError(Exception):
    """Root of the tree; never raised itself.

    Attributes:
        code: Stable, machine-readable name of the fault.
        remedy: One sentence that tells the reader what to do.
    """

    code: ClassVar[str] = "coatcheck_error"
    remedy: str = ""

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy is not None:
            self.remedy = remedy

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}. {self.remedy}" if self.remedy else message


class ConfigurationError(CoatcheckError):
    """A policy, URL or argument that cannot work."""

    code = "invalid_configuration"

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message, remedy=remedy)


class DataError(CoatcheckError):
    """Session data that cannot be kept or read. Never raised itself."""

    code = "invalid_data"


class DataTooLarge(DataError):
    """The session's data exceeds `coatcheck.core.codec.MAX_DATA_BYTES` once encoded."""

    code = "data_too_large"
    remedy = "Keep large values in your own database and their keys in the session"


class DataNotSerializable(DataError):
    """JSON cannot hold the value."""

    code = "data_not_serializable"
    remedy = "Store only what JSON can hold: str, int, float, bool, None, list, dict with str keys"


class DataMismatch(DataError):
    """Stored data does not fit the type the app declared."""

    code = "data_mismatch"
    remedy = "Give new fields a default, or accept the old shape, until old sessions have expired"


class SessionEnded(CoatcheckError):
    """The session ended while the caller was working with it."""

    code = "session_ended"
    remedy = "Ask the user to sign in again"

    def __init__(self, message: str, *, reason: Reason) -> None:
        super().__init__(message)
        self.reason = reason


class Impersonated(CoatcheckError):
    """An operator who looks at the app as a user tries what only the user themselves may do."""

    code = "impersonated"
    remedy = "Leave the user's session and sign in as yourself"


class StoreError(CoatcheckError):
    """A fault of a store. Never raised itself."""

    code = "store_error"


class StoreUnavailable(StoreError):
    """The store cannot be reached, or cannot write now."""

    code = "store_unavailable"
    remedy = "Check that the database is running, reachable and writable; the request can be repeated"


class KeyMissing(StoreUnavailable):
    """Session data are sealed with a key that this process does not have."""

    code = "key_missing"
    remedy = "Give the key they were sealed with, behind the newest one; nothing is lost meanwhile"


class CorruptRecord(StoreError):
    """A stored row cannot be read; it is treated as no session."""

    code = "corrupt_record"
    remedy = "Revoke the session by its id; its user signs in again"


class SessionExists(StoreError):
    """The id is taken, or was ended before it was created."""

    code = "session_exists"
    remedy = "Mint a new session"


class StaleUser(StoreError):
    """The user's version moved between reading the account and creating the session."""

    code = "stale_user"
    remedy = "Read the account again, then retry"


class ChainForked(StoreError):
    """The chain of the audit ledger has an entry with that number already."""

    code = "chain_forked"
    remedy = "Begin a new chain"


class StaleData(StoreError):
    """Session data that a change was made for are not stored any more; nothing was changed."""

    code = "stale_data"
    remedy = "Load the session again, then retry"


class TooManySessions(StoreError):
    """The user is at the cap, and the policy denies one more."""

    code = "too_many_sessions"
    remedy = "Sign out on another device first"
