"""The dashboard for operators: `mount_admin(app, installation)`, after `install`."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from coatcheck.admin import Admin
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.identity import Identity
from coatcheck.core.record import Record
from coatcheck.web import csrf, protected
from coatcheck.web.access import RequirementNotMet, answer_refusal, require
from coatcheck.web.mount import Installation
from coatcheck.web.rule import Rule

RECENT = 300.0  # seconds: who acts on others' sessions proves anew who they are (ASVS 7.5.3)


def mount_admin(
    app: Any,
    installation: Installation,
    path: str = "/admin",
    *,
    roles: Iterable[str] = frozenset({"admin"}),
    recent: float = RECENT,
) -> Admin:
    """Mount the dashboard in an app of Starlette's kind.

    Args:
        app: The application.
        installation: What `install` returned.
        path: Where the dashboard is.
        roles: Who may come in: users with one of these.
        recent: Seconds since the last proof of identity within which a user may act.

    Raises:
        ConfigurationError: No role is named, so every user would be an operator.
    """
    rule = protected(path, roles=roles)
    if not rule.roles:
        raise ConfigurationError(
            "without a role every user would be an operator", remedy='Name one: roles={"admin"}'
        )
    admin = Admin(
        installation.manager,
        _Door(installation, rule, protected(path, roles=rule.roles, recent=recent)),
        accounts=installation.accounts,
        users=installation.login.users if installation.login is not None else None,
        keys=installation.issuer.keys if installation.issuer is not None else None,
    )
    installation.manager.add_observer(admin)
    app.mount(path, admin)
    return admin


class _Door:
    """Lets in whom the rules of the web room let in.

    Args:
        installation: Has the rules, and the address of the browser client.
        to_look: What it takes to look.
        to_act: What it takes to change something.
    """

    def __init__(self, installation: Installation, to_look: Rule, to_act: Rule) -> None:
        self._installation = installation
        self._to_look, self._to_act = to_look, to_act
        self.home = installation.rules.home_path

    async def refuse(self, request: Request, *, acting: bool) -> Response | None:
        """Return what turns a visitor away; None lets them in."""
        exchange = request.scope["coatcheck"]
        await exchange.look_again()
        request.scope["session"] = exchange.session
        try:
            await require(request.scope, self._to_act if acting else self._to_look)
        except RequirementNotMet as unmet:
            answer = answer_refusal(_as_the_app_sees(request.scope), unmet.refusal)
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
            return Response(answer.body, answer.status, headers)
        return None

    def admits(self, identity: Identity | None) -> bool:
        """Tell whether somebody may stay, on a stream that is open."""
        return identity is not None and identity.has_any_role(self._to_look.roles)

    def csrf_token(self, record: Record) -> str:
        """Return the anti-forgery token of a session, for forms."""
        return csrf.token(record)

    def script_url(self, scope: Mapping[str, Any]) -> str:
        """Return the address of the browser client, which warns before a session ends."""
        return self._installation.script_url(_as_the_app_sees(scope))


def _as_the_app_sees(scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scope whose root is the app's, not the dashboard's: where the app's own pages are."""
    return {**scope, "root_path": scope.get("app_root_path", "")}
