"""What one response says to caches: shared ones never keep what looked at a session."""

from coatcheck.web.fields import Fields, collect

RawHeaders = list[tuple[bytes, bytes]]

_SHARED = (b"public", b"s-maxage", b"max-age", b"immutable")
_PRIVATE = (b"private", b"no-store")
_TARGETED = frozenset(
    {
        b"expires",
        b"surrogate-control",
        b"cdn-cache-control",
        b"akamai-cache-control",
        b"cloudflare-cdn-cache-control",
        b"fastly-cache-control",
        b"netlify-cdn-cache-control",
        b"vercel-cdn-cache-control",
    }
)
_REPLACED = _TARGETED | {b"vary", b"cache-control"}
NOT_MODIFIED = 304
LOOKED = b"Cookie"
CHECKED = b"Cookie, Origin, Sec-Fetch-Site"
NO_STORE = (b"cache-control", b"no-store")
NO_STORE_NO_TRANSFORM = (b"cache-control", b"no-store, no-transform")


def said_to_caches(headers: RawHeaders) -> Fields:
    """Return the fields of a response by lower-case name, if any of them concerns caches; few do."""
    for name, _ in headers:
        if name.lower() in _REPLACED:
            return collect([(name.lower(), value) for name, value in headers])
    return {}


def is_cacheable(said: Fields, status: int = 200) -> bool:
    """Tell whether a shared cache would store the response and hand it to others (RFC 9111 3).

    So it would the fields of a 304, which become those of what it has stored (RFC 9111 3.2), and what
    is addressed to it in particular (RFC 9213).
    """
    if status == NOT_MODIFIED:
        return True
    if not said:
        return False
    if not _TARGETED.isdisjoint(said):
        return True
    directives = said.get(b"cache-control", b"").lower()
    if not directives or any(word in directives for word in _PRIVATE):
        return False
    return any(word in directives for word in _SHARED)


def keep_out_of_caches(headers: RawHeaders, said: Fields, varies_by: bytes) -> None:
    """Make the response its reader's own: `no-store`, and `Vary` beside what it varies by already."""
    directives = NO_STORE
    if said:
        headers[:] = [header for header in headers if header[0].lower() not in _REPLACED]
        varies_by = extended(said.get(b"vary", b""), varies_by)
        if b"no-transform" in said.get(b"cache-control", b"").lower():
            directives = NO_STORE_NO_TRANSFORM
    headers += ((b"vary", varies_by), directives)


def extended(vary: bytes, varies_by: bytes) -> bytes:
    """Return the value of a `Vary` field with more names in it."""
    if not vary:
        return varies_by
    said = {word.strip() for word in vary.lower().split(b",")}
    if b"*" in said:
        return vary
    return b", ".join((vary, *(name for name in varies_by.split(b", ") if name.lower() not in said)))
