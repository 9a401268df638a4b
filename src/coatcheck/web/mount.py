"""Mounting: what every adapter needs to hang Coatcheck into its framework, decided once."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.events import Observer
from coatcheck.core.lifetimes import Lifetimes
from coatcheck.manager import SessionManager, Sweeper, SweepPolicy
from coatcheck.stores import is_sql, open_store
from coatcheck.web.answer import App
from coatcheck.web.api import ApiPolicy, HttpApi
from coatcheck.web.asgi import SessionMiddleware
from coatcheck.web.cookie import CookiePolicy
from coatcheck.web.cross_origin import CrossOrigin
from coatcheck.web.guard import RouteRules
from coatcheck.web.headers import HeaderPolicy, SecurityHeaders
from coatcheck.web.marks import marked_rules
from coatcheck.web.origin import OriginPolicy
from coatcheck.web.paths import from_root
from coatcheck.web.stopping import when_told_to_stop

if TYPE_CHECKING:  # these rooms need extras that not every app installs
    from coatcheck.login import Accounts, Login
    from coatcheck.stores.sealed import Sealer
    from coatcheck.tokens import Issuer, TokenPolicy

Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The policies of an installation, each with its own defaults.

    Attributes:
        cookies: Names and attributes of the cookies.
        origins: Whose unsafe requests are our own pages'.
        headers: Security headers of every response.
        api: What the HTTP API shows and asks for.
        tokens: What access tokens say, where they are issued; that needs the extra `tokens`.
        observers: Receive every event; a manager that the app made has its own.
        sweeping: How often the workers sweep; None where `coatcheck sweep` does, from cron.
        sealer: Encrypts session data in a store that `install` opens; that needs the extra `encryption`.
    """

    cookies: CookiePolicy = field(default_factory=CookiePolicy)
    origins: OriginPolicy = field(default_factory=OriginPolicy)
    headers: HeaderPolicy = field(default_factory=HeaderPolicy)
    api: ApiPolicy = field(default_factory=ApiPolicy)
    tokens: "TokenPolicy | None" = None
    observers: Sequence[Observer] = ()
    sweeping: SweepPolicy | None = field(default_factory=SweepPolicy)
    sealer: "Sealer | None" = None

    def __post_init__(self) -> None:
        if self.origins.bearers and self.tokens is None:
            raise ConfigurationError(
                "pages of other origins are named as bearers, and no tokens are issued",
                remedy="Give Policies(tokens=TokenPolicy(...)) as well",
            )

    @classmethod
    def development(cls, **others: Any) -> Self:
        """Return the policies for plain http on this very machine; `others` are those of the class."""
        return cls(cookies=CookiePolicy.development(), **others)


class Installation:
    """What `install` of an adapter returns, and keeps as `app.state.coatcheck`.

    Args:
        store: URL of a store, or the manager of sessions that the app made.
        routes: The framework's routes, whose marks are read when the app starts.
        rules: Who may go where.
        policies: Cookies, origins, headers, the API, and who watches.
        lifetimes: Timeouts and rotation; a manager brings its own.
        accounts: The app's user table; embedded ones by default where the store speaks SQL.
        near: Remember in this process what was read, where `store` is a URL.
        moving_from: URL of the store that the sessions are moving from, where `store` is a URL.

    Attributes:
        manager: Acts on sessions.
        accounts: The user table, where users sign in with a password here.
        login: Sign-in and what belongs to it, likewise.
        policies: In effect.
        issuer: Issues access tokens, if the policies say what they say.
        api: The HTTP API.
    """

    def __init__(
        self,
        store: str | SessionManager[Any],
        routes: Sequence[Any],
        *,
        rules: RouteRules | None = None,
        policies: Policies | None = None,
        lifetimes: Lifetimes | None = None,
        accounts: "Accounts | None" = None,
        near: bool = True,
        moving_from: str | None = None,
    ) -> None:
        self._closing: list[Callable[[], Any]] = []
        self._started = False
        self._routes = routes
        self._rules = rules or RouteRules()
        self.policies = policies or Policies()
        self.manager = self._manage(store, lifetimes, near=near, moving_from=moving_from)
        home = moving_from or store  # accounts do not move
        if accounts is None and isinstance(home, str) and is_sql(home):
            accounts = self._embed_accounts(home)
        self.accounts: Accounts | None = accounts
        self.login: Login | None = self._make_login(accounts) if accounts is not None else None
        self.issuer: Issuer | None = self._make_issuer(self.policies.tokens) if self.policies.tokens else None
        self.api = HttpApi(self.login, self.policies.api, self.issuer)

    @property
    def rules(self) -> RouteRules:
        """The rules of the app, and those that its route objects carry."""
        return self._rules.with_rules(*marked_rules(self._routes, self._rules))

    def script_url(self, scope: Mapping[str, Any]) -> str:
        """Return the address of the browser client for a page that answers a request, to be kept for ever."""
        return from_root(scope, self.api.script_path)

    def middleware(self, app: App) -> SessionMiddleware:
        """Return the middleware around `app`; frameworks ask for it when all routes are known."""
        return SessionMiddleware(
            app,
            self.manager,
            rules=self.rules,
            cookies=self.policies.cookies,
            origins=self.policies.origins,
            api=self.api,
        )

    def attach(self, app: Any) -> None:
        """Hang all of it into an application of Starlette's kind, before the app starts."""
        app.state.coatcheck = self
        app.add_middleware(self.middleware)
        app.build_middleware_stack = self.harden(app.build_middleware_stack)  # the one way around its own 500
        app.router.lifespan_context = self.around(app.router.lifespan_context)

    def harden(self, build: Callable[[], App]) -> Callable[[], App]:
        """Return what builds the framework's whole stack, with the security headers around it.

        Middleware that an app adds stands inside of what answers when a handler raises, and that answer
        needs the headers as well (ASVS 3.4.1). Just inside of them, pages that bear tokens are let in.
        """
        policies = self.policies
        if policies.origins.bearers:
            return lambda: SecurityHeaders(CrossOrigin(build(), policies.origins), policies.headers)
        return lambda: SecurityHeaders(build(), policies.headers)

    def around(self, lifespan: Lifespan) -> Lifespan:
        """Return a lifespan that starts and stops the manager around the app's own."""

        @asynccontextmanager
        async def both(app: Any) -> AsyncIterator[Any]:
            async with self._running(), lifespan(app) as state:
                yield state

        return both

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        """Run the manager; at the end write what it holds, and let go of what was opened here.

        Raises:
            ConfigurationError: It ran before, and what was opened here is closed.
        """
        if self._started:
            raise ConfigurationError(
                "this app was stopped, and its store is closed",
                remedy="Make a new app for each start, or give install a SessionManager of your own",
            )
        self._started = bool(self._closing)
        async with AsyncExitStack() as stack:
            for close in self._closing:
                stack.push_async_callback(close)
            await stack.enter_async_context(self.manager)
            if self.policies.sweeping is not None:
                await stack.enter_async_context(Sweeper(self.policies.sweeping).attend(self.manager))
            stack.enter_context(when_told_to_stop(self.manager.release))
            yield

    def _manage(
        self,
        store: str | SessionManager[Any],
        lifetimes: Lifetimes | None,
        *,
        near: bool,
        moving_from: str | None,
    ) -> SessionManager[Any]:
        if isinstance(store, str):
            opened = open_store(store, near=near, moving_from=moving_from, sealer=self.policies.sealer)
            self._closing.append(opened.close)
            return SessionManager(opened, lifetimes=lifetimes, observers=self.policies.observers)
        if lifetimes or moving_from or self.policies.observers or self.policies.sealer:
            raise ConfigurationError(
                "the manager has a store, lifetimes and observers of its own",
                remedy="Give these to SessionManager(...) and open_store(...), not to install",
            )
        return store

    def _embed_accounts(self, url: str) -> "Accounts":
        from coatcheck.login import open_accounts  # noqa: PLC0415 - needs the extra

        accounts = open_accounts(url, entropy=self.manager.entropy)
        self._closing.append(accounts.close)
        return accounts

    def _make_issuer(self, policy: "TokenPolicy") -> "Issuer":
        from coatcheck.tokens import Issuer, keys_of  # noqa: PLC0415 - needs the extra

        manager = self.manager
        keys = keys_of(policy, manager.store, manager, manager.entropy)
        return Issuer(policy, keys, manager, manager.entropy)

    def _make_login(self, accounts: "Accounts") -> "Login":
        from coatcheck.login import Login, Passwords  # noqa: PLC0415 - needs the extra

        passwords = Passwords(entropy=self.manager.entropy)

        async def close() -> None:
            passwords.close()

        self._closing.append(close)
        return Login(self.manager, accounts, passwords=passwords)
