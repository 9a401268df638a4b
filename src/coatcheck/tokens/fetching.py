"""Fetching over HTTP, a few small answers a minute: the standard library's client, in a thread.

No redirect is followed: an issuer's keys are where they are said to be, or nowhere.
"""

import asyncio
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Protocol
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from coatcheck.core.clock import SystemClock
from coatcheck.core.errors import CoatcheckError

TIMEOUT = 5.0  # seconds without a byte
DEADLINE = 10.0  # seconds for all of an answer, however it drips
MAX_BYTES = 256 * 1024


class FetchFailed(Exception):
    """There was no answer, or none that can be used."""


class IssuerUnavailable(CoatcheckError):
    """The issuer cannot be asked for what a judgement needs, so no token can be judged."""

    code = "issuer_unavailable"
    remedy = "Check that the issuer runs and can be reached from here; the request can be repeated"


class Fetch(Protocol):
    """Sends a GET, or a POST of `body`, and returns the body of an answer of 200."""

    async def __call__(
        self, url: str, body: bytes | None = None, headers: dict[str, str] | None = None, /
    ) -> bytes:
        """Raise `FetchFailed` where there is none within a bounded time."""
        ...  # pragma: no cover


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow nothing: the answer stays the error that it is here."""


_clock = SystemClock()
_open = build_opener(_NoRedirect).open


async def fetch(url: str, body: bytes | None = None, headers: dict[str, str] | None = None, /) -> bytes:
    """Return the body of the answer to a GET, or to a POST of `body`.

    Raises:
        FetchFailed: The answer was late, too long, or not 200.
    """
    request = Request(url, body, headers or {})  # noqa: S310 - `require_url`
    try:
        async with asyncio.timeout(DEADLINE):
            return await asyncio.to_thread(_fetch, request)
    except TimeoutError as error:
        raise FetchFailed(f"{url} does not answer within {DEADLINE:g} seconds") from error


def _fetch(request: Request) -> bytes:
    try:
        with _open(request, timeout=TIMEOUT) as answer:
            content = _read(answer, _clock.now() + DEADLINE)
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, HTTPError):
            error.close()
        raise FetchFailed(f"{request.full_url} does not answer: {error}") from error
    if len(content) > MAX_BYTES:
        raise FetchFailed(f"the answer of {request.full_url} is longer than {MAX_BYTES} bytes")
    return content


def _read(answer: HTTPResponse, until: float) -> bytes:
    """Read piece by piece, so that the thread is free again when nobody waits for it any more."""
    content = b""
    while len(content) <= MAX_BYTES and (piece := answer.read1(MAX_BYTES)):
        content += piece
        if _clock.now() > until:
            raise TimeoutError(f"took longer than {DEADLINE:g} seconds")
    return content
