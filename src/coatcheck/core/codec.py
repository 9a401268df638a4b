"""Session data to bytes and back: JSON and nothing else, so a poisoned row executes nothing."""

import math
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec

from coatcheck.core import ciphertext
from coatcheck.core.errors import CorruptRecord, DataMismatch, DataNotSerializable, DataTooLarge, KeyMissing

MAX_DATA_BYTES = 64 * 1024
MAX_DEPTH = 64  # far below where a decoder, itself called from deep within, runs out of stack

DataT = TypeVar("DataT")

_MARK = ciphertext.MARK.encode()
_encode = msgspec.json.Encoder().encode
_decode_object = msgspec.json.Decoder(dict[str, Any]).decode
_split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class _Skimmed(msgspec.Struct):
    """An object of which nothing is kept: the decoder skips every key it does not know."""


_skim = msgspec.json.Decoder(_Skimmed).decode


def encode_value(value: object) -> bytes:
    """Encode one value of the session.

    Raises:
        DataNotSerializable: JSON could not give the value back.
    """
    try:
        _require_json(value)
        if _is_encrypted(value):
            raise ValueError(f"what begins with {ciphertext.MARK} is taken for encrypted")  # noqa: TRY301 - told below
        return _encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError, UnicodeError) as error:
        raise DataNotSerializable(f"cannot keep a {type(value).__name__} in the session: {error}") from error


def decode_value(encoded: bytes) -> Any:
    """Decode one value of the session.

    Raises:
        CorruptRecord: The bytes are not JSON.
    """
    try:
        return msgspec.json.decode(encoded)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise CorruptRecord("a stored session value is not JSON") from error


def require_key(key: object) -> None:
    """Refuse a top-level key that JSON could not give back.

    Raises:
        DataNotSerializable: It is not a string, or not one of Unicode.
    """
    encode_value({key: None})


def decode(data: bytes) -> dict[str, Any]:
    """Decode a whole session.

    Raises:
        CorruptRecord: The bytes are not one JSON object.
        KeyMissing: A value is encrypted: this process has not the key that opens it, or none at all.
    """
    try:
        values = _decode_object(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise CorruptRecord("stored session data is not a JSON object") from error
    if _MARK in data and any(map(_is_encrypted, values.values())):
        raise KeyMissing("session data are sealed with a key that is not here")
    return values


def holds(data: bytes, values: Mapping[str, Any]) -> bool:
    """Tell quickly whether stored data is just these values; False where it takes a closer look."""
    try:
        return _encode(values) == data
    except (TypeError, ValueError, OverflowError, RecursionError):
        return False


def require_object(data: bytes) -> None:
    """Make sure that stored data can be decoded, without building anything of it.

    One thing comes out only when the data are decoded: a number beyond what a float holds, such as
    1e999. `encode_value` never writes one.

    Raises:
        CorruptRecord: The bytes are not one JSON object.
    """
    if data == b"{}":
        return
    try:
        data.decode()  # the decoder does not look into the text it skips
        _skim(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise CorruptRecord("stored session data is not a JSON object") from error


def split(data: bytes) -> dict[str, bytes]:
    """Take a session apart into its keys, each value still encoded.

    Raises:
        CorruptRecord: The bytes are not one JSON object.
    """
    try:
        return {key: bytes(raw) for key, raw in _split(data).items()}
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise CorruptRecord("stored session data is not a JSON object") from error


def join(parts: Mapping[str, bytes]) -> bytes:
    """Put a session together again.

    Raises:
        DataTooLarge: More than `MAX_DATA_BYTES`, counted in the clear.
    """
    data = _encode({key: msgspec.Raw(part) for key, part in parts.items()})
    if len(data) > MAX_DATA_BYTES:
        size = len(data) - sum(len(part) - ciphertext.size(part) for part in parts.values())
        if size > MAX_DATA_BYTES:
            raise DataTooLarge(f"session data is {size} bytes, more than {MAX_DATA_BYTES}")
    return data


class DataType(Generic[DataT]):
    """The type an app gives its session data: a dataclass, msgspec Struct or pydantic model.

    Each field is a top-level key of the session, so two requests that change two fields both win.
    """

    def __init__(self, kind: type[DataT]) -> None:
        self._kind = kind
        self._is_pydantic = hasattr(kind, "model_validate")

    def load(self, values: Mapping[str, Any]) -> DataT:
        """Build the typed value.

        Raises:
            DataMismatch: What is stored does not fit the type.
        """
        try:
            if self._is_pydantic:
                # pydantic is the app's: its methods have no type here.
                return self._kind.model_validate(dict(values))  # type: ignore[attr-defined, no-any-return]
            return msgspec.convert(dict(values), self._kind)
        except ValueError as error:
            raise DataMismatch(f"session data does not fit {self._kind.__name__}: {error}") from error

    def dump(self, value: DataT) -> dict[str, Any]:
        """Take the typed value apart into plain JSON values.

        Raises:
            DataNotSerializable: The value cannot be written as JSON.
        """
        try:
            if self._is_pydantic:
                # pydantic again.
                return value.model_dump(mode="json")  # type: ignore[attr-defined, no-any-return]
            plain: dict[str, Any] = msgspec.to_builtins(value, str_keys=True)
        except (TypeError, ValueError) as error:
            raise DataNotSerializable(f"cannot write {self._kind.__name__} as JSON: {error}") from error
        return plain


def _is_encrypted(value: object) -> bool:
    return isinstance(value, str) and value.startswith(ciphertext.MARK)


def _require_json(value: object, depth: int = 0) -> None:
    """Refuse what JSON would silently turn into something else, and what is too deep to read back."""
    if value is None or isinstance(value, str | bool | int):
        return
    if depth > MAX_DEPTH:
        raise ValueError(f"it is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("JSON has no NaN or infinity")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"key {key!r} is not a string")
            _require_json(item, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _require_json(item, depth + 1)
    else:
        raise TypeError(f"{type(value).__name__} is not JSON")
