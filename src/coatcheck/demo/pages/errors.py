"""Error pages: what the framework and the library answer to a browser, in the style of the demo."""

import re

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coatcheck.admin.rendering import POLICY
from coatcheck.demo.pages.rendering import render_error
from coatcheck.web.problem import sentence

LEAST_ERROR = 400

BY_STATUS = {
    401: ("Please sign in", "This page is for people with a ticket."),
    403: ("Not for this ticket", "Your ticket does not open this door."),
    404: ("No such hook", "There is nothing at this address."),
    405: ("Not that way", "This address does not understand what was asked of it."),
    422: ("Something is missing", "The form lacks something. Please go back and try again."),
    429: ("One moment, please", "Too many attempts. Please wait a little."),
    500: ("Something broke", "That was our fault. Please try again."),
    503: ("The cloakroom is closed", "Sessions cannot be read at the moment. Please try again shortly."),
}
BY_CODE = {
    "insecure_transport": (
        "Only over https",
        "Over plain http only the demo's own machine can sign in. Start it with TLS to let others in.",
    ),
    "invalid_body": BY_STATUS[422],
    "role_required": (
        BY_STATUS[403][0],
        f"{BY_STATUS[403][1]} It is for people with a role that your account does not have.",
    ),
    "cross_origin": (BY_STATUS[403][0], sentence(403, "cross_origin")),
    "hashing_busy": ("One moment, please", sentence(503, "hashing_busy")),
}
_NAMED = re.compile(r"<code>([^<]*)</code>")  # what the library's own page names, in the order of `Problem`

OTHERWISE = ("That did not work", "Please go back and try again.")


class Problem(msgspec.Struct, frozen=True):
    """What the library says of an error: a stable code, whom it is about, and to a program a sentence."""

    code: str = ""
    support_code: str = ""
    title: str = ""


class ErrorPages:
    """Replaces the body of an error answer, never its status, where a browser asked for a page.

    Outermost, so that the library's own refusals are dressed too; and those of its HTTP API, which the
    demo's forms are sent to.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or not _accepts_html(scope):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _PageSender(scope, send))


class _PageSender:
    """The `send` of one request: holds an error back until all of it is known."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._held: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_bare_error(message):
            self._held = message
        elif self._held is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._replace(self._held)

    async def _replace(self, start: Message) -> None:
        status = start["status"]
        problem = _problem(start, self._body)
        title, text = _words(status, problem)
        shown = {"status": status, "title": title, "text": text, "support_code": problem.support_code}
        body = render_error(self._scope, **shown).encode()
        dropped = (b"content-length", b"content-type", b"content-security-policy")
        headers = [header for header in start["headers"] if header[0].lower() not in dropped]
        headers += [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            (b"content-security-policy", POLICY.encode()),
        ]
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _words(status: int, problem: Problem) -> tuple[str, str]:
    """Return title and text; the library's own sentence where the demo has none for the code."""
    if problem.code in BY_CODE:
        return BY_CODE[problem.code]
    title, text = BY_STATUS.get(status, OTHERWISE)
    return title, problem.title or text


def _problem(start: Message, body: bytes) -> Problem:
    match dict(start["headers"]).get(b"content-type"):
        case b"application/problem+json":
            return msgspec.json.decode(body, type=Problem)
        case b"text/html; charset=utf-8":
            return Problem(*_NAMED.findall(body.decode())[:2])
    return Problem()


def _accepts_html(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _is_bare_error(message: Message) -> bool:
    """Tell whether this is an error that no page of the demo shows already."""
    policy = dict(message["headers"]).get(b"content-security-policy")
    return message["status"] >= LEAST_ERROR and policy != POLICY.encode()
