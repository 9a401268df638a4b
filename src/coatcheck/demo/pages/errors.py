"""Error pages: what the framework and the library answer to a browser, in the clothes of the demo."""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coatcheck.demo.pages.rendering import POLICY, render_error

TEXTS = {
    401: ("Please sign in", "This page is for people with a ticket."),
    403: ("Not for this ticket", "Your ticket does not open this door."),
    404: ("No such hook", "There is nothing at this address."),
    405: ("Not that way", "This address does not understand what was asked of it."),
    422: ("Something is missing", "The form lacks something. Please go back and try again."),
    429: ("One moment, please", "Too many attempts. Please wait a little."),
    500: ("Something broke", "That was our fault. Please try again."),
    503: ("The cloakroom is closed", "Sessions cannot be read at the moment. Please try again shortly."),
}
HTML = b"text/html"


class ErrorPages:
    """Replaces the body of an error answer, never its status, where a browser asked for a page.

    Outermost, so that the library's own refusals are dressed too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or not _accepts_html(scope):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Dresser(scope, send))


class _Dresser:
    """The `send` of one request."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._replaced = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in TEXTS and _is_bare(message):
            self._replaced = True
            await self._replace(message)
        elif not self._replaced:
            await self._send(message)

    async def _replace(self, message: MutableMapping[str, Any]) -> None:
        status = message["status"]
        title, text = TEXTS[status]
        body = render_error(self._scope, status=status, title=title, text=text).encode()
        dropped = (b"content-length", b"content-type", b"content-security-policy")
        headers = [header for header in message["headers"] if header[0].lower() not in dropped]
        headers += [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            (b"content-security-policy", POLICY.encode()),
        ]
        await self._send({**message, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _accepts_html(scope: Scope) -> bool:
    return any(name == b"accept" and HTML in value for name, value in scope["headers"])


def _is_bare(message: Message) -> bool:
    """Tell whether nobody dressed this answer: neither a page of the demo nor a problem for a program."""
    headers = {name.lower(): value for name, value in message["headers"]}
    is_problem = headers.get(b"content-type") == b"application/problem+json"
    return not is_problem and headers.get(b"content-security-policy") != POLICY.encode()
