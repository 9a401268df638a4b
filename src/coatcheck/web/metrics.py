"""Where a scraper reads the metrics: open to whoever has the token, or to this very machine; never public."""

import asyncio
import hmac
from collections.abc import Callable

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.strength import read_secret
from coatcheck.web.answer import Answer, Receive, Scope, Send, send_answer
from coatcheck.web.bearing import bearer_of
from coatcheck.web.cookie import is_loopback
from coatcheck.web.fields import Fields, collect, peer, text
from coatcheck.web.origin import of_request
from coatcheck.web.problem import problem

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
# What proxies add: who comes through one on this machine has the machine's address, wherever they are.
PROXY_FIELDS = frozenset({b"forwarded", b"via", b"x-real-ip", b"true-client-ip"})
PROXY_PREFIXES = (b"x-forwarded", b"cf-")


class MetricsEndpoint:
    """An ASGI app for one path: `Route("/metrics", MetricsEndpoint(prometheus.exposition, token=...))`.

    Args:
        exposition: Returns what a scrape gets, in Prometheus's text format.
        token: What a scraper must send as `Authorization: Bearer`: 32 random bytes or more in base64.
        loopback: In place of a token it must be on this machine, and ask for it by its own name. That holds
            where no proxy runs here: not each of them says that it is one.

    Raises:
        ConfigurationError: Neither is given or both are, or the token is weak, or no base64.
    """

    def __init__(
        self, exposition: Callable[[], bytes], *, token: str | None = None, loopback: bool = False
    ) -> None:
        if (token is None) is not loopback:
            raise ConfigurationError(
                "it takes one rule for who may read the metrics", remedy="Give a token, or loopback=True"
            )
        if token is not None:
            read_secret(token, "the token for the metrics")
        self._exposition = exposition
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a scrape."""
        del receive
        await send_answer(send, await self._answer(scope))

    async def _answer(self, scope: Scope) -> Answer:
        if scope["method"] not in ("GET", "HEAD"):
            return problem(405, "method_not_allowed").with_headers((b"allow", b"GET, HEAD"))
        fields = collect(scope["headers"])
        if not self._may_read(scope, fields):
            return problem(403, "metrics_not_public")
        body = await asyncio.to_thread(self._exposition)  # it may have the files of many workers to read
        return Answer(200, ((b"content-type", CONTENT_TYPE), (b"cache-control", b"no-store")), body)

    def _may_read(self, scope: Scope, fields: Fields) -> bool:
        if self._token is not None:
            sent = bearer_of(fields) or ""
            return hmac.compare_digest(sent.encode("latin-1"), self._token.encode())
        return is_loopback(peer(scope)) and _asks_this_machine(scope, fields) and not _is_forwarded(fields)


def _asks_this_machine(scope: Scope, fields: Fields) -> bool:
    """Tell whether a request names this machine as one does on it; a page of another site's cannot."""
    origin = of_request(scope["scheme"], text(fields, b"host"))
    return origin is not None and (origin[1] == "localhost" or is_loopback(origin[1].strip("[]")))


def _is_forwarded(fields: Fields) -> bool:
    return any(name in PROXY_FIELDS or name.startswith(PROXY_PREFIXES) for name in fields)
