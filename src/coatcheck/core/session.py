"""The session a request handler sees: a plain dict over one record."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec

from coatcheck.core import codec
from coatcheck.core.acts import NO_ACTS, Acts
from coatcheck.core.change import NO_DATA_CHANGE, DataChange, Number, diff, is_number
from coatcheck.core.client import NOWHERE, Client
from coatcheck.core.codec import DataType
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.identity import Identity
from coatcheck.core.mapping import WatchedDict
from coatcheck.core.plan import NOBODY, Admission, CookieChange
from coatcheck.core.reason import Reason
from coatcheck.core.record import EMPTY_DATA, Record
from coatcheck.core.support import support_code
from coatcheck.core.token import Token

DataT = TypeVar("DataT")

NOTHING: Mapping[str, Any] = MappingProxyType({})
UNREAD = ""  # a key in place of those not decoded yet: json.dumps asks a dict of size 0 nothing


class Session(WatchedDict, Generic[DataT]):
    """Session data as Starlette users know it, and who it belongs to.

    Data is decoded at the first look. Changes inside nested values are noticed: what a handler
    leaves is compared with what was stored. Two requests that change different keys both win.

    Attributes:
        record: The stored row, or None for a visitor without a session.
        token: The token that was presented and admitted.
        admission: The verdict on what was presented, with the reason of a refusal.
        client: Who sent the request.
        opened_at: When the token was judged, in seconds since the epoch; 0 if none was presented.
        acts: What the handler asked for so far.
        closed: What closing it does to the cookie, once it was closed.
        is_fresh: Its record was read for it, not recalled from this process's memory.
        has_saved: It stored something that other processes may not have heard of yet.
        refused_id: Id of the session whose token was refused.
        bearer: An access token was presented, or tokens are to be handed out: no cookie is read or set.
    """

    __slots__ = (
        "_data_type",
        "_increments",
        "_loaded",
        "_typed",
        "_typed_before",
        "acts",
        "admission",
        "bearer",
        "client",
        "closed",
        "has_saved",
        "is_fresh",
        "opened_at",
        "record",
        "refused_id",
        "token",
    )

    # Every request makes one: slots take half the time of a dict of attributes, and where every request
    # passes arguments go by position, for each name would take a lookup.
    def __init__(
        self,
        record: Record | None = None,
        token: Token | None = None,
        admission: Admission = NOBODY,
        data_type: DataType[DataT] | None = None,
        client: Client = NOWHERE,
        opened_at: float = 0.0,
    ) -> None:
        self.record = record
        self.token = token
        self.admission = admission
        self.client = client
        self.opened_at = opened_at
        self.acts: Acts = NO_ACTS
        self.closed: tuple[CookieChange | None] | None = None
        self.accessed = self.modified = self.lent = False
        self.is_fresh = self.has_saved = self.bearer = self._loaded = False
        self.refused_id: str | None = None
        self._data_type = data_type
        self._typed: DataT | None = None
        self._typed_before: Mapping[str, bytes] = NOTHING
        self._increments: Mapping[str, Number] = NOTHING
        if record is not None and record.data != EMPTY_DATA:
            dict.setdefault(self, UNREAD)  # half of what `dict.__setitem__` takes

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
    def actor(self) -> str | None:
        """User id of the operator who looks at the app as the user, if one does."""
        self.accessed = True
        return self.record.actor if self.record else None

    @property
    def reason(self) -> Reason | None:
        """Why there is no session, where a token was refused."""
        return self.admission.reason

    @property
    def support_code(self) -> str | None:
        """A short code of the session, or of the one that was refused, to tell a person who asks for help."""
        self.accessed = True
        about = self.record.id if self.record else self.refused_id
        return support_code(about) if about else None

    @property
    def data(self) -> DataT:
        """The session data in the app's own type; change its fields as you like.

        Raises:
            DataMismatch: What is stored does not fit the type.
            ConfigurationError: The manager was given no type.
        """
        kind = self._require_type()
        if self._typed is None:
            self.mark_accessed()
            self._typed = kind.load(self)
            self._typed_before = _encode_fields(kind, self._typed)
        return self._typed

    @data.setter
    def data(self, value: DataT) -> None:
        self._require_type()
        self.mark_modified()
        self._typed, self._typed_before = value, NOTHING

    def increment(self, key: str, by: Number = 1) -> None:
        """Add to a number so that parallel requests never lose a count; a missing key counts as 0."""
        self.mark_modified()
        value = dict.get(self, key, 0)
        dict.__setitem__(self, key, value + by)
        stored = codec.decode(self._stored_bytes).get(key, 0)
        if key in self._increments or (is_number(stored) and value == stored):
            self._increments = {**self._increments, key: self._increments.get(key, 0) + by}

    def changes(self) -> DataChange:
        """Return what happened to the data since it was loaded, nested changes included.

        Raises:
            DataNotSerializable: A new value is not JSON.
        """
        if self._typed is not None:
            self._take(self._typed)
        elif not self.modified and not self.lent:
            return NO_DATA_CHANGE
        return diff(self._stored_bytes, self, self._increments)

    def rebase(self, record: Record | None) -> None:
        """Take over the record as it is stored now; nothing is left to save."""
        self.record = record
        dict.clear(self)
        if record is not None:
            self._defer_loading(record)
        self._loaded, self._typed = False, None
        self._increments = NOTHING
        self.modified = self.lent = False

    def renew(self, record: Record) -> None:
        """Go on with the record as the store holds it; of the data, what somebody looked at stays."""
        if self._loaded or self._typed is not None:
            record = msgspec.structs.replace(record, data=self._stored_bytes)
        else:
            dict.clear(self)
            self._defer_loading(record)
        self.record = record

    def mark_accessed(self) -> None:
        """Note that somebody looked; Starlette calls it on `request.session`."""
        self.accessed = True
        if self._loaded:
            return
        self._loaded, stored = True, self._stored_bytes
        if stored != EMPTY_DATA:
            dict.clear(self)
            dict.update(self, codec.decode(stored))

    def mark_modified(self, *keys: str) -> None:
        """Note that somebody is about to write these keys."""
        super().mark_modified(*keys)
        if self._increments:
            self._increments = {key: by for key, by in self._increments.items() if key not in keys}

    def _require_type(self) -> DataType[DataT]:
        if self._data_type is None:
            raise ConfigurationError(
                "session.data has no type", remedy="Give one: SessionManager(..., data_type=YourType)"
            )
        return self._data_type

    def _take(self, typed: DataT) -> None:
        for key, value in _encode_fields(self._require_type(), typed).items():
            # A default nobody touched is no change: it must not overwrite another request's field.
            if self._typed_before.get(key) != value:
                dict.__setitem__(self, key, msgspec.json.decode(value))

    @property
    def _stored_bytes(self) -> bytes:
        return self.record.data if self.record else EMPTY_DATA

    def _defer_loading(self, record: Record) -> None:
        if record.data != EMPTY_DATA:
            dict.setdefault(self, UNREAD)

    def __repr__(self) -> str:
        return f"<Session {self.id}>"


def _encode_fields(kind: DataType[DataT], typed: DataT) -> dict[str, bytes]:
    return {key: codec.encode_value(value) for key, value in kind.dump(typed).items()}
