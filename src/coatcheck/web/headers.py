"""Response headers: what every response says, and what one says that looked at the session."""

from dataclasses import dataclass, field
from typing import Literal

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.lifetimes import DAY
from coatcheck.web.fields import Fields

YEAR = 365 * DAY

RawHeaders = list[tuple[bytes, bytes]]

_ABOUT_CACHES = frozenset({b"vary", b"cache-control"})
_SHARED = (b"public", b"s-maxage", b"max-age", b"immutable")
_PRIVATE = (b"private", b"no-store")
LOOKED = b"Cookie"
CHECKED = b"Cookie, Origin, Sec-Fetch-Site"
NO_STORE = (b"cache-control", b"no-store")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderPolicy:
    """Security headers of every response; the app's own value of a header always wins.

    Attributes:
        hsts: Seconds for which browsers insist on https, subdomains included (ASVS 3.4.1); 0 leaves
            the header out. Sent over https only.
        frame_ancestors: Who may frame us, in a `Content-Security-Policy` if the app has none
            (ASVS 3.4.6); empty leaves it out.
        referrer: `Referrer-Policy` (ASVS 3.4.5).
        opener: `Cross-Origin-Opener-Policy` (ASVS 3.4.8).
        resource: `Cross-Origin-Resource-Policy` (ASVS 3.5.8); `cross-origin` where others embed you.
    """

    hsts: float = YEAR
    frame_ancestors: str = "'none'"
    referrer: str = "same-origin"
    opener: str = "same-origin"
    resource: Literal["same-origin", "same-site", "cross-origin"] = "same-origin"
    _plain: tuple[tuple[bytes, bytes], ...] = field(init=False, repr=False, compare=False)
    _secure: tuple[tuple[bytes, bytes], ...] = field(init=False, repr=False, compare=False)
    _names: frozenset[bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ancestors = f"frame-ancestors {self.frame_ancestors}" if self.frame_ancestors else ""
        wanted = {
            "x-content-type-options": "nosniff",
            "referrer-policy": self.referrer,
            "content-security-policy": ancestors,
            "cross-origin-opener-policy": self.opener,
            "cross-origin-resource-policy": self.resource,
        }
        if not all(value.isascii() and value.isprintable() for value in wanted.values()):
            raise ConfigurationError("a security header's value is not printable", remedy="Use plain ASCII")
        plain = tuple((name.encode(), value.encode()) for name, value in wanted.items() if value)
        hsts = (b"strict-transport-security", b"max-age=%d; includeSubDomains" % int(self.hsts))
        secure = (*plain, hsts) if self.hsts else plain
        for name, value in (("_plain", plain), ("_secure", secure)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_names", frozenset(name for name, _ in secure))

    def add(self, headers: RawHeaders, said: Fields, *, secure: bool) -> None:
        """Add what the response does not say itself; `said` is what the app's headers say."""
        wanted = self._secure if secure else self._plain
        if self._names.isdisjoint(said):
            headers.extend(wanted)
        else:
            headers.extend(header for header in wanted if header[0] not in said)


def is_cacheable(said: Fields) -> bool:
    """Tell whether a shared cache would store the response and hand it to others (RFC 9111 3)."""
    directives = said.get(b"cache-control", b"").lower()
    if not directives or any(word in directives for word in _PRIVATE):
        return False
    return any(word in directives for word in _SHARED)


def keep_out_of_caches(headers: RawHeaders, said: Fields, varies_by: bytes) -> None:
    """Make the response its reader's own: `no-store`, and `Vary` beside what it varies by already."""
    vary = said.get(b"vary")
    if vary is not None or b"cache-control" in said:
        headers[:] = [header for header in headers if header[0] not in (b"vary", b"cache-control")]
    headers += ((b"vary", _extended(vary, varies_by) if vary else varies_by), NO_STORE)


def _extended(vary: bytes, varies_by: bytes) -> bytes:
    said = {word.strip() for word in vary.lower().split(b",")}
    if b"*" in said:
        return vary
    return b", ".join((vary, *(name for name in varies_by.split(b", ") if name.lower() not in said)))
