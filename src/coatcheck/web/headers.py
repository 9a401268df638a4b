"""Security headers of every response, whatever the app behind them."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Literal

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.lifetimes import DAY
from coatcheck.web.answer import App, Message, Receive, Scope, Send
from coatcheck.web.fields import Headers, is_secure

YEAR = 365 * DAY


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

    def missing(self, said: Headers, *, secure: bool) -> Headers:
        """Return what a response does not say itself."""
        wanted = self._secure if secure else self._plain
        names = {name.lower() for name, _ in said}
        if self._names.isdisjoint(names):
            return wanted
        return [header for header in wanted if header[0] not in names]


class SecurityHeaders:
    """Pure ASGI: adds the headers of a policy to every http response.

    Args:
        app: Any ASGI application.
        policy: What to add.
    """

    def __init__(self, app: App, policy: HeaderPolicy | None = None) -> None:
        self._app = app
        self._policy = policy or HeaderPolicy()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the response back with the headers it lacks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = self._policy

        def send_hardened(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                message["headers"] = [*headers, *policy.missing(headers, secure=is_secure(scope))]
            return send(message)

        await self._app(scope, receive, send_hardened)
