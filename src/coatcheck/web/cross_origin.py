"""Pages of other origins that come with tokens: they may read answers, and bring nothing a browser adds.

A request from such a page goes on as if a program had sent it: without its cookies, so that nobody's session
is ridden, and without the fields by which a browser says where it comes from: nothing is left to forge.
"""

from collections.abc import Awaitable

from coatcheck.web.answer import Answer, App, Message, Receive, Scope, Send, send_answer
from coatcheck.web.asgi import is_preflight
from coatcheck.web.caching import RawHeaders, extended
from coatcheck.web.fields import collect, text
from coatcheck.web.origin import OriginPolicy

ALLOW_ORIGIN = b"access-control-allow-origin"
# `*` stands for all but `Authorization`, and only because credentials are never allowed (Fetch 3.3.3).
PREFLIGHT = (
    (b"access-control-allow-methods", b"*"),
    (b"access-control-allow-headers", b"*, Authorization"),
    (b"access-control-max-age", b"600"),  # seconds until an origin that is no longer named is refused
)
EXPOSED = (b"access-control-expose-headers", b"*")

_ADDED_BY_BROWSERS = frozenset({b"cookie", b"origin", b"sec-fetch-site"})


class CrossOrigin:
    """Pure ASGI: CORS for the origins that `OriginPolicy.bearers` names, and for no other.

    Args:
        app: Any ASGI application.
        origins: Who may.
    """

    def __init__(self, app: App, origins: OriginPolicy) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or pass the request on and say who may read the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fields = collect(scope["headers"])
        named = self._origins.lets_bear(text(fields, b"origin"))
        allowed = ((ALLOW_ORIGIN, fields[b"origin"]),) if named else ()

        def send_marked(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message["headers"] = _marked(message.get("headers", ()), allowed)
            return send(message)

        if named and scope["method"] == "OPTIONS" and is_preflight(fields):
            await send_answer(send_marked, Answer(204, PREFLIGHT))
            return
        if named:
            kept = [field for field in scope["headers"] if field[0].lower() not in _ADDED_BY_BROWSERS]
            scope = {**scope, "headers": kept}
        await self._app(scope, receive, send_marked)


def _marked(headers: RawHeaders, allowed: tuple[tuple[bytes, bytes], ...]) -> RawHeaders:
    """Return the headers of a response; caches must not take it for the answer to other origins."""
    vary = b", ".join(value for name, value in headers if name.lower() == b"vary")
    dropped = {b"vary", b"set-cookie"} if allowed else {b"vary"}
    kept = [header for header in headers if header[0].lower() not in dropped]
    exposed = (EXPOSED,) if allowed else ()
    return [*kept, (b"vary", extended(vary, b"Origin") if vary else b"Origin"), *allowed, *exposed]
