"""What handlers ask for: the session of their request, and who must be signed in."""

from typing import Any

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.identity import Identity
from coatcheck.core.session import Session
from coatcheck.web.answer import Answer, Scope
from coatcheck.web.guard import Refusal
from coatcheck.web.rule import Rule


class RequirementNotMet(Exception):
    """What a handler asks of its visitor is not so; an adapter answers as the guard would.

    Attributes:
        refusal: Status and reason.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def current_session(scope: Scope) -> Session[Any]:
    """Return the session of a request or WebSocket; counts as looking at it.

    Raises:
        ConfigurationError: The middleware is not installed.
        StoreUnavailable: The session could not be read.
    """
    session = scope.get("session")
    if not isinstance(session, Session):
        raise ConfigurationError("this app has no sessions", remedy="Call install(app, ...) before it starts")
    session.mark_accessed()
    return session


async def require(scope: Scope, rule: Rule) -> Identity:
    """Return who is signed in, if they meet a rule.

    Raises:
        ConfigurationError: The middleware is not installed, or the rule lets in visitors too.
        RequirementNotMet: They do not.
        StoreUnavailable: The session could not be read.
    """
    session = current_session(scope)
    gate = scope["coatcheck"].gate
    refusal: Refusal | None = gate.judge(rule, scope, session)
    if refusal is not None and await gate.manager.refresh(session):
        refusal = gate.judge(rule, scope, session)
    if refusal is not None:
        raise RequirementNotMet(refusal)
    identity = session.identity
    if identity is None:
        raise ConfigurationError(f"{rule} lets in visitors too", remedy="Make it with protected(...)")
    return identity


def answer_refusal(scope: Scope, refusal: Refusal) -> Answer:
    """Return the guard's answer: a redirect for a page, a problem for a program."""
    exchange = scope["coatcheck"]
    answer: Answer = exchange.gate.turn_away(exchange.rule, refusal, scope, exchange.fields)
    return answer
