"""The application: a worker process makes it from what `run` left in the environment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from coatcheck.adapters.admin import mount_admin
from coatcheck.adapters.fastapi import Policies, install
from coatcheck.core.events import Observer
from coatcheck.core.lifetimes import DAY
from coatcheck.demo import environment
from coatcheck.demo.cloakroom import Cloakroom
from coatcheck.demo.mailbox import Mailbox
from coatcheck.demo.options import DemoOptions
from coatcheck.demo.pages import ROUTERS
from coatcheck.demo.pages.errors import ErrorPages
from coatcheck.demo.pages.settings import CONFIRM, RECENT
from coatcheck.demo.typed import FormLogin
from coatcheck.login import Passwords, open_accounts
from coatcheck.watch.anomaly import Anomalies
from coatcheck.watch.audit import Audit
from coatcheck.watch.metrics import Metrics
from coatcheck.watch.metrics.prometheus import Prometheus
from coatcheck.watch.notices import Notice, Notices
from coatcheck.web import CookiePolicy, HttpApi, RouteRules, guests_only, protected, public
from coatcheck.web.api import ApiPolicy
from coatcheck.web.metrics import MetricsEndpoint

RULES = RouteRules(
    [
        public("/", exact=True),
        public("/static", passive=True),
        public("/healthz", exact=True, passive=True),
        public("/metrics", exact=True, passive=True),  # its own guard lets only this machine in
        guests_only("/register"),
        guests_only("/forgot-password"),
        protected("/settings/sessions", recent=RECENT),
        protected("/admin", roles={"admin"}),
    ],
    home_path="/dashboard",
    reauthenticate_path=CONFIRM,
)
STATIC = Path(__file__).parent / "static"
AUDIT_RETENTION = 90 * DAY


def create_app(options: DemoOptions | None = None) -> FastAPI:
    """Make the application.

    Args:
        options: What it is told; by default what `run` left in the environment.

    Raises:
        ConfigurationError: Something of it cannot work.
        StoreUnavailable: The database cannot be opened.
    """
    options = options or environment.read()
    accounts, passwords = open_accounts(options.accounts_url), Passwords()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await accounts.close()
        passwords.close()

    audit = Audit(retention=AUDIT_RETENTION)
    prometheus = Prometheus(multiprocess=options.listening.workers > 1)

    async def send(notice: Notice) -> None:
        await app.state.cloakroom.mailbox.deliver(notice)

    app = FastAPI(title="Coatcheck demo", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    installation = install(
        app,
        options.database,
        rules=RULES,
        policies=_policies(options, Metrics(prometheus), Notices(send), audit, Anomalies()),
        lifetimes=options.timing.lifetimes(),
        accounts=accounts,
        near=options.near,
        moving_from=options.moving_from,
    )
    login = FormLogin(installation.manager, accounts, passwords=passwords)
    installation.login, installation.api = login, HttpApi(login, installation.policies.api)
    manager = installation.manager
    app.state.cloakroom = Cloakroom(manager, login, accounts, Mailbox(manager.store))
    app.add_middleware(ErrorPages)
    for router in ROUTERS:
        app.include_router(router)
    app.router.routes.append(Route("/metrics", MetricsEndpoint(prometheus.exposition, loopback=True)))
    app.mount("/static", StaticFiles(directory=STATIC, packages=[("coatcheck.admin", "static")]))
    mount_admin(app, installation)
    return app


def _policies(options: DemoOptions, *observers: Observer) -> Policies:
    cookies = CookiePolicy.development() if options.listening.plain else CookiePolicy()
    return Policies(cookies=cookies, api=ApiPolicy(registration=True), observers=observers)
