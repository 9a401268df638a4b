"""The session a request handler sees: a plain dict over one record."""

from typing import Generic, TypeVar

from coatcheck.core import codec
from coatcheck.core.change import DataChange, Number, diff
from coatcheck.core.codec import DataType
from coatcheck.core.identity import Identity
from coatcheck.core.mapping import WatchedDict
from coatcheck.core.plan import NOBODY, Admission
from coatcheck.core.reason import Reason
from coatcheck.core.record import EMPTY_DATA, Record
from coatcheck.core.token import Token

DataT = TypeVar("DataT")


class Session(WatchedDict, Generic[DataT]):
    """Session data as Starlette users know it, and who it belongs to.

    Data is decoded at the first look. Changes inside nested values are noticed: what a handler
    leaves is compared with what was stored. Two requests that change different keys both win.

    Attributes:
        record: The stored row, or None for a visitor without a session.
        token: The token that was presented and admitted.
        admission: The verdict on what was presented, with the reason of a refusal.
    """

    __slots__ = (
        "_data_type",
        "_increments",
        "_loaded",
        "_typed",
        "admission",
        "record",
        "token",
    )

    def __init__(
        self,
        record: Record | None = None,
        token: Token | None = None,
        admission: Admission = NOBODY,
        data_type: DataType[DataT] | None = None,
    ) -> None:
        super().__init__()
        self.record = record
        self.token = token
        self.admission = admission
        self._data_type = data_type
        self._loaded = False
        self._typed: DataT | None = None
        self._increments: dict[str, Number] = {}

    @property
    def id(self) -> str | None:
        """The session id: public, safe to log; None for a visitor without a session."""
        return self.record.id if self.record else None

    @property
    def identity(self) -> Identity | None:
        """Who is signed in."""
        self.accessed = True
        return self.record.identity if self.record else None

    @property
    def user_id(self) -> str | None:
        """The stable id of the signed-in user."""
        identity = self.identity
        return identity.user_id if identity else None

    @property
    def reason(self) -> Reason | None:
        """Why there is no session, where a token was refused."""
        return self.admission.reason

    @property
    def data(self) -> DataT:
        """The session data in the app's own type; change its fields as you like.

        Raises:
            DataMismatch: What is stored does not fit the type.
            TypeError: The manager was given no type.
        """
        if self._data_type is None:
            raise TypeError("typed session data needs SessionManager(..., data_type=YourType)")
        if self._typed is None:
            self.mark_accessed()
            self._typed = self._data_type.load(self)
        return self._typed

    @data.setter
    def data(self, value: DataT) -> None:
        self.mark_modified()
        self._typed = value

    def increment(self, key: str, by: Number = 1) -> None:
        """Add to a number so that parallel requests never lose a count; a missing key counts as 0."""
        self.mark_modified()
        value = dict.get(self, key, 0)
        pending = self._increments.get(key, 0)
        stored = codec.decode(self._stored_bytes).get(key, 0)
        dict.__setitem__(self, key, value + by)
        if value == stored + pending:
            self._increments[key] = pending + by

    def changes(self) -> DataChange:
        """Return what happened to the data since it was loaded, nested changes included.

        Raises:
            DataNotSerializable: A new value is not JSON.
        """
        if not self._loaded and self._typed is None:
            return DataChange()
        if self._typed is not None and self._data_type is not None:
            dict.update(self, self._data_type.dump(self._typed))
        return diff(self._stored_bytes, dict(dict.items(self)), self._increments)

    def rebase(self, record: Record) -> None:
        """Take over the record as it was just stored; nothing is left to save."""
        self.record = record
        dict.clear(self)
        self._loaded, self._typed = False, None
        self._increments = {}
        self.modified = False

    def mark_accessed(self) -> None:
        """Note that somebody looked; Starlette calls it on `request.session`."""
        self.accessed = True
        if not self._loaded:
            self._load()

    def mark_modified(self, *keys: str) -> None:
        """Note that somebody is about to write these keys."""
        super().mark_modified(*keys)
        for key in keys:
            self._increments.pop(key, None)

    @property
    def _stored_bytes(self) -> bytes:
        return self.record.data if self.record else EMPTY_DATA

    def _load(self) -> None:
        self._loaded = True
        if self._stored_bytes != EMPTY_DATA:
            dict.update(self, codec.decode(self._stored_bytes))

    def __repr__(self) -> str:
        return f"<Session {self.id}>"
