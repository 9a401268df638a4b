"""Cross-site request forgery: does an unsafe request come from our own pages?

Fetch metadata and `Origin` answer for every browser of today; a token bound to the session answers
for the rest (protocol.md section 5, ASVS 3.5.1). Pure: it judges fields and reads no body.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from enum import Enum

from coatcheck.core.record import Record
from coatcheck.web.fields import Fields, text
from coatcheck.web.origin import OriginPolicy

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110 9.2.1
TOKEN_FIELD = b"csrf_token"
TOKEN_HEADER = b"x-csrf-token"
FORM = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data"

_OURS = frozenset({b"same-origin", b"none"})
_THEIRS = frozenset({b"same-site", b"cross-site"})
_FORM_TOKENS = re.compile(rb"(?:\A|&)%b=([^&]*)" % TOKEN_FIELD).findall
_BOUNDARY = re.compile(rb'boundary="?([^";,\s]+)', re.IGNORECASE).search
_IS_TOKEN_PART = re.compile(rb'name="?%b"?(?:;|\r|\Z)' % TOKEN_FIELD, re.IGNORECASE).search


class Standing(Enum):
    """What the headers say about where an unsafe request comes from."""

    OURS = "ours"
    THEIRS = "theirs"
    SILENT = "silent"


def standing_of(fields: Fields, origins: OriginPolicy, scheme: str) -> Standing:
    """Judge `Sec-Fetch-Site` and `Origin`; a value nobody knows counts as absent."""
    site, origin = fields.get(b"sec-fetch-site"), fields.get(b"origin")
    if site in _OURS:
        return Standing.OURS
    if site in _THEIRS:
        trusted = origin is not None and origins.trusts(text(fields, b"origin"))
        return Standing.OURS if trusted else Standing.THEIRS
    if origin is None:
        return Standing.SILENT
    return by_origin(fields, origins, scheme)


def by_origin(fields: Fields, origins: OriginPolicy, scheme: str) -> Standing:
    """Judge `Origin` alone.

    It is all that plain http has, and a WebSocket, whose handshake is no fetch (ASVS 4.4.2).
    """
    if b"origin" not in fields:
        return Standing.SILENT
    ours = origins.accepts(text(fields, b"origin"), scheme, text(fields, b"host"))
    return Standing.OURS if ours else Standing.THEIRS


def token(record: Record) -> str:
    """Return the session's anti-forgery token; it survives rotation, not a new sign-in."""
    mac = hmac.digest(record.csrf_key, record.id.encode("ascii"), "sha256")
    return urlsafe_b64encode(mac).decode("ascii").rstrip("=")


def passes(standing: Standing, record: Record | None, tokens: list[bytes]) -> bool:
    """Tell whether an unsafe request may go on.

    Args:
        standing: What its headers say.
        record: The session it presents; None for nobody, who has nothing to protect.
        tokens: Every anti-forgery token in it. One of another session is refused whatever the
            headers say: somebody else signed in since the form was made (A70).
    """
    if standing is Standing.THEIRS:
        return False
    if record is None:
        return True
    ours = token(record).encode("ascii")
    if not all(hmac.compare_digest(presented, ours) for presented in tokens):
        return False
    return standing is Standing.OURS or bool(tokens)


def header_tokens(fields: Fields) -> list[bytes]:
    """Return the token in `X-CSRF-Token`, if there is one."""
    presented = fields.get(TOKEN_HEADER)
    return [] if presented is None else [presented]


def body_tokens(fields: Fields, start: bytes) -> list[bytes]:
    """Return the tokens at the start of a form's body; their characters are never percent-encoded."""
    if media_type(fields) == MULTIPART:
        boundary = _BOUNDARY(fields[b"content-type"])
        return _part_tokens(start.split(b"--" + boundary[1])) if boundary else []
    found: list[bytes] = _FORM_TOKENS(start)
    return found


def _part_tokens(parts: list[bytes]) -> list[bytes]:
    divided = (part.partition(b"\r\n\r\n") for part in parts)
    return [value.removesuffix(b"\r\n") for head, _, value in divided if _IS_TOKEN_PART(head)]


def may_carry_token(fields: Fields) -> bool:
    """Tell whether the body is a form, URL-encoded or multipart, which may carry a token."""
    return media_type(fields) in (FORM, MULTIPART)


def is_form(fields: Fields) -> bool:
    """Tell whether the body is a URL-encoded form."""
    return media_type(fields) == FORM


def media_type(fields: Fields) -> bytes:
    """Return the type of the body, without its parameters."""
    return fields.get(b"content-type", b"").split(b";", 1)[0].strip().lower()
