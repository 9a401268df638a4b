"""What the HTTP API says, as types: the answers are built from them, and the browser client's types as well.

`client/schema/wire.json` is their JSON Schema, which `python -m docs.generate` writes.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from coatcheck.core.reason import Reason

Seconds = Annotated[float, Meta(ge=0)]


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly these fields."""


class UserView(Shape, frozen=True, kw_only=True):
    """Who is signed in."""

    id: str
    email: str
    name: str
    roles: list[str]


class SessionView(Shape, frozen=True, kw_only=True):
    """A session as its own user sees it; durations, in seconds, drive a client.

    `actor` is there where an operator looks at the app as the user: the operator's user id.
    """

    id: str
    rev: int
    user: UserView
    created_at: str
    authenticated_at: str
    last_seen_at: str
    idle_expires_in: Seconds
    expires_in: Seconds
    warn_in: Seconds
    remember: bool
    amr: list[str]
    data: dict[str, Any]
    actor: str | UnsetType = UNSET


class SessionAnswer(Shape, frozen=True, kw_only=True):
    """How the session stands, at a moment of the server's clock."""

    session: SessionView | None
    server_now: str
    csrf_token: str | UnsetType = UNSET
    reason: Reason | UnsetType = UNSET
    support_code: str | UnsetType = UNSET


class Ended(Shape, frozen=True, kw_only=True):
    """The live stream's last word: this session is over."""

    id: str
    reason: Reason
    server_now: str


class DeviceView(Shape, frozen=True, kw_only=True):
    """Where a session was begun."""

    label: str
    ip: str


class SessionItem(Shape, frozen=True, kw_only=True):
    """One of one's own sessions."""

    id: str
    current: bool
    created_at: str
    last_seen_at: str
    expires_at: str
    device: DeviceView


class SessionsAnswer(Shape, frozen=True, kw_only=True):
    """One's own sessions."""

    sessions: list[SessionItem]


class RevokedAnswer(Shape, frozen=True, kw_only=True):
    """How many sessions were ended."""

    revoked: Annotated[int, Meta(ge=0)]


class Problem(Shape, frozen=True, kw_only=True):
    """What went wrong (RFC 9457); `code` is stable, `title` is a sentence for a person."""

    type: str
    title: str
    status: int
    code: str
    detail: str | UnsetType = UNSET
    reason: Reason | UnsetType = UNSET
    support_code: str | UnsetType = UNSET
    retry_after: Annotated[int, Meta(ge=0)] | UnsetType = UNSET


class TokensAnswer(Shape, frozen=True, kw_only=True):
    """Tokens, named as in RFC 6749 5.1; times in seconds. Without a refresh token the one before goes on."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: Seconds
    refresh_token: str | UnsetType = UNSET
    refresh_expires_in: Seconds | UnsetType = UNSET


class BearerAnswer(TokensAnswer, frozen=True, kw_only=True):
    """How the session stands after a sign-in, or a proof of the password, for tokens."""

    session: SessionView | None
    server_now: str


ANSWERS = (SessionAnswer, Ended, SessionsAnswer, RevokedAnswer, TokensAnswer, BearerAnswer, Problem)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of everything that is answered."""
    refs, components = msgspec.json.schema_components(ANSWERS)
    for component in components.values():  # msgspec takes docstrings as they are
        component["description"] = " ".join(component["description"].split())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:coatcheck:wire",
        "title": "Wire",
        "anyOf": list(refs),
        "$defs": components,
    }
