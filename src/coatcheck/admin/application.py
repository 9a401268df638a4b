"""The dashboard as an application that is mounted in another, behind its door."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from coatcheck.admin.counting import Counting
from coatcheck.admin.desk import Desk, Door
from coatcheck.admin.everyone import EveryoneOut
from coatcheck.admin.figures import Board
from coatcheck.admin.live import Live
from coatcheck.admin.pages import alarms, everyone, ledger, machinery, overview, people, sessions
from coatcheck.admin.pulse import Pulse
from coatcheck.core.events import Event
from coatcheck.manager import SessionManager

if TYPE_CHECKING:  # these rooms need extras that not every app installs
    from coatcheck.login import Accounts
    from coatcheck.login.users import Users
    from coatcheck.tokens.sources import Keys

STATIC = Path(__file__).parent / "static"
MOST_BYTES = 10_000  # of a form; ours take a few hundred
PATIENCE = 10.0  # seconds for a form to come
BAD_REQUEST = 400

Page = Callable[[Desk, Request], Awaitable[Response]]


class Admin:
    """The dashboard. It observes the manager as well: an adapter adds it before the app starts.

    Args:
        manager: Finds and ends sessions.
        door: Who may come in.
        accounts: The user table, where users sign in with a password here.
        users: What operators do about accounts, likewise.
        keys: The keys that sign access tokens, where they are issued.
    """

    def __init__(
        self,
        manager: SessionManager[Any],
        door: Door,
        *,
        accounts: "Accounts | None" = None,
        users: "Users | None" = None,
        keys: "Keys | None" = None,
    ) -> None:
        counting = Counting(manager)
        self._pulse = Pulse(counting)
        self._everyone = EveryoneOut(manager)
        self.desk = Desk(
            manager=manager,
            door=door,
            board=Board(manager, counting, self._pulse),
            everyone=self._everyone,
            accounts=accounts,
            users=users,
            keys=keys,
        )
        self._router = Router(
            [*self._pages(), *self._acts(), Mount("/static", StaticFiles(directory=STATIC))]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; the app that it is mounted in has opened its session."""
        await self._router(scope, receive, send)

    def observe(self, event: Event) -> None:
        """Count an event for the charts."""
        self._pulse.observe(event)

    @asynccontextmanager
    async def attend(self, manager: SessionManager[Any]) -> AsyncIterator[None]:
        """Keep the charts, and what was begun for everybody, for as long as the context lasts."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._pulse.attend(manager))
            await stack.enter_async_context(self._everyone.attend(manager))
            yield

    def _pages(self) -> list[Route]:
        pages: dict[str, Page] = {
            "/": overview.overview,
            "/live": Live(),
            "/sessions": sessions.sessions,
            "/sessions/{id}": sessions.session,
            "/people": people.people,
            "/people/{user_id:path}": people.person,
            "/alarms": alarms.alarms,
            "/ledger": ledger.ledger,
            "/keys": machinery.keys,
            "/health": machinery.health,
            "/everyone": everyone.everyone,
            "/everyone/progress": everyone.progress,
        }
        return [Route(path, self._behind_the_door(page), methods=["GET"]) for path, page in pages.items()]

    def _acts(self) -> list[Route]:
        acts: dict[str, Page] = {
            "/sessions/{id}/revoke": sessions.revoke,
            "/people/{user_id:path}/revoke": people.revoke,
            "/people/{user_id:path}/disable": people.disable,
            "/people/{user_id:path}/enable": people.enable,
            "/everyone": everyone.begin,
        }
        return [
            Route(path, self._behind_the_door(_with_its_form(act), acting=True), methods=["POST"])
            for path, act in acts.items()
        ]

    def _behind_the_door(
        self, page: Page, *, acting: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            refusal = await self.desk.door.refuse(request, acting=acting)
            return refusal or await page(self.desk, request)

        return endpoint


def _with_its_form(act: Page) -> Page:
    """Act once the whole form has come, and its sender may still: a client can draw that out."""

    async def page(desk: Desk, request: Request) -> Response:
        whole = await _received(request)
        if whole is None:
            return PlainTextResponse("the form is too long, or did not come", BAD_REQUEST)
        refusal = await desk.door.refuse(whole, acting=True)
        return refusal or await act(desk, whole)

    return page


async def _received(request: Request) -> Request | None:
    """Return the request with its whole body; None if that is longer than any form here, or does not come."""
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    return None
    except TimeoutError:
        return None

    async def replay() -> Message:
        return {"type": "http.request", "body": bytes(body)}

    return Request(request.scope, replay)
