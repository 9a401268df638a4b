"""One call of the API: what an endpoint gets to see, and the answers they share."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from msgspec.structs import asdict

from coatcheck.core.clock import timestamp
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.session import Session
from coatcheck.manager import SessionManager
from coatcheck.web import csrf
from coatcheck.web.answer import Answer, Receive, json_answer, redirect
from coatcheck.web.api.bodies import Body, receive_body
from coatcheck.web.exchange import Exchange
from coatcheck.web.live import LiveStream
from coatcheck.web.paths import from_root, safe_target
from coatcheck.web.problem import problem
from coatcheck.web.rule import PUBLIC
from coatcheck.web.turning_away import way_back, with_query
from coatcheck.web.view import session_view
from coatcheck.web.wire import BearerAnswer, SessionAnswer, SessionView

if TYPE_CHECKING:  # the login room needs an extra that not every app installs
    from coatcheck.login import Outcome

BodyT = TypeVar("BodyT", bound=Body)

STATUS = {
    "invalid_credentials": 401,
    "no_session": 401,
    "impersonated": 403,
    "too_many_attempts": 429,
    "too_many_sessions": 409,
    "email_taken": 409,
    "password_too_long": 400,
}
UNPROCESSABLE = 422

Endpoint = Callable[["Call"], Awaitable[Answer | LiveStream]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiPolicy:
    """What the API shows and asks for.

    Attributes:
        prefix: Where it is.
        exposed: Keys of the session data that the browser may see; none unless named.
        recent: Seconds since the last authentication within which a user may end their other
            sessions (ASVS 7.5.2).
        registration: Let anybody make an account for themselves. Off unless said: what is protected for
            signed-in users would otherwise be open to whoever asks.
        streams: Live streams that one worker keeps open at most, each on a connection of its own.
    """

    prefix: str = "/auth"
    exposed: frozenset[str] = frozenset()
    recent: float = 300.0
    registration: bool = False
    streams: int = 1000

    def __post_init__(self) -> None:
        if self.prefix == "/" or self.prefix.endswith("/") or safe_target(self.prefix, "") != self.prefix:
            raise ConfigurationError(
                f"prefix={self.prefix!r} is no place for the API", remedy="Write it like /auth"
            )
        if self.streams < 1:
            raise ConfigurationError(
                f"streams={self.streams} lets no stream in", remedy="Give a limit of at least 1"
            )


class Call:
    """One call.

    Attributes:
        exchange: The request and its response.
        policy: What the API shows.
        id: The session id in the path, if there is one.
        is_form: A browser's form sent it, so it is answered with a redirect.
    """

    def __init__(self, exchange: Exchange, receive: Receive, policy: ApiPolicy, id: str = "") -> None:
        self.exchange = exchange
        self.policy = policy
        self.id = id
        self.is_form = csrf.is_form(exchange.fields)
        self._receive = receive

    @property
    def session(self) -> Session[Any]:
        """The session of the one who calls."""
        return self.exchange.session

    @property
    def manager(self) -> SessionManager[Any]:
        """Acts on sessions."""
        return self.exchange.manager

    async def body(self, kind: type[BodyT]) -> BodyT | Answer:
        """Return the body, or the problem with it, or the guard's answer if the wait cost the session."""
        exchange = self.exchange
        content = await receive_body(self._receive, exchange.fields, kind)
        await exchange.look_again()
        refusal = None
        if exchange.rule.kind is not PUBLIC:
            refusal = exchange.gate.check_rule(
                exchange.rule, exchange.scope, exchange.fields, exchange.session
            )
        return refusal or content

    async def show_session(self) -> Answer:
        """Close the session and show it as it is from now on.

        Raises:
            SessionEnded: The token lost its standing while the request was under way.
            StoreUnavailable: The session cannot be stored.
        """
        await self.exchange.close()
        return json_answer(200, SessionAnswer(session=self.view(), server_now=self.server_now()))

    def view(self) -> SessionView | None:
        """Return what the browser may know of the session; None where nobody is signed in."""
        record = self.session.record
        if record is None or record.identity is None:
            return None
        manager = self.manager
        return session_view(record, record.identity, manager.now(), manager.lifetimes, self.policy.exposed)

    def server_now(self) -> str:
        """Return the time, by which a browser puts durations on its own clock."""
        return timestamp(self.manager.now())

    async def done(self, body: Body) -> Answer:
        """Answer a successful act: a form is led on, a program gets the session, a bearer new tokens too.

        Raises:
            SessionEnded: The token lost its standing while the request was under way.
            StoreUnavailable: The session cannot be stored.
        """
        answer = await self.show_session()
        carrier, now = self.exchange.gate.carrier, self.manager.now()
        if self.session.bearer and carrier is not None:
            tokens = await carrier.tokens(await self.manager.grants.begin(self.session), now)
            shown = BearerAnswer(session=self.view(), server_now=self.server_now(), **asdict(tokens))
            return json_answer(200, shown)
        if self.is_form:
            home = from_root(self.exchange.scope, self.exchange.gate.rules.home_path)
            return redirect(safe_target(body.next, home))
        return answer

    def refuse(self, outcome: "Outcome", body: Body) -> Answer:
        """Answer an act that was refused: a form's page hears the code as `error`."""
        if not self.is_form:
            status = STATUS.get(outcome.code, UNPROCESSABLE)
            return problem(status, outcome.code, title=outcome.sentence, retry_after=outcome.retry_after)
        scope, gate = self.exchange.scope, self.exchange.gate
        page = urlsplit(way_back(scope, self.exchange.fields, gate.origins)).path
        facts = {"error": outcome.code}
        if outcome.retry_after is not None:
            facts["retry_after"] = str(math.ceil(outcome.retry_after))
        entrance = from_root(scope, gate.rules.login_path)
        return redirect(with_query(page if page != "/" else entrance, safe_target(body.next), **facts))
