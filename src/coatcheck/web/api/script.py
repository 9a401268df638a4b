"""`GET /auth/client.js`: the browser client, built from `client/` and served to whoever asks.

It is the same for everybody, so no session is looked at: neither the answer nor a cache depends on one.
"""

from hashlib import sha256
from pathlib import Path

from coatcheck.web.answer import Answer
from coatcheck.web.api.call import Call

NAME = "client.js"
SOURCE = Path(__file__).with_name(NAME).read_bytes()
VERSION = sha256(SOURCE).hexdigest()[:16]
VERSIONED = f"{NAME}?v={VERSION}"

_ETAG = f'"{VERSION}"'.encode()
_SHORT = b"public, max-age=300"  # seconds: an address that stays the same while its content does not
_FOR_EVER = b"public, max-age=31536000, immutable"
_HEADERS = (
    (b"content-type", b"text/javascript; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"etag", _ETAG),
)


async def serve(call: Call) -> Answer:
    """Return the script, or 304 to a browser that has it.

    During a deployment an old server may be asked for the new version. It gives what it has, which then
    is not kept for long.
    """
    asked = call.exchange.scope.get("query_string", b"")
    caching = _FOR_EVER if asked == b"v=" + VERSION.encode() else _SHORT
    headers = (*_HEADERS, (b"cache-control", caching))
    known = call.exchange.fields.get(b"if-none-match", b"")
    if _ETAG in (tag.strip().removeprefix(b"W/") for tag in known.split(b",")):
        return Answer(304, headers)
    return Answer(200, headers, SOURCE)
