"""A client that bears tokens, and a forger who has the signing key of the application under attack."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from coatcheck.stores import open_store
from coatcheck.tokens import StoredKeys, Verifier
from coatcheck.tokens.claims import AccessToken, Invalid
from coatcheck.tokens.key import Key
from tests.attack.servers import Target, User, new_address
from tests.attack.target import AUDIENCE, ISSUER
from tests.attack.wire import Response
from tests.tokens.support import as_json, b64, sign, unb64

GRACE = 16  # seconds: the overlap and the tolerance are over


@dataclass
class Client:
    """An app without cookies, signed in."""

    target: Target
    user: User
    access: str
    refresh: str
    id: str

    def get(self, path: str = "/me", access: str | None = None) -> Response:
        """Ask for a page, bearing a token."""
        return self.target.request("GET", path, bearing(self.access if access is None else access))

    def exchange(self, refresh: str | None = None) -> Response:
        """Exchange a refresh token."""
        body = {"refresh_token": self.refresh if refresh is None else refresh}
        return self.target.request("POST", "/auth/token/refresh", json=body)

    def advance(self) -> None:
        """Let the overlap pass."""
        self.target.advance(GRACE)


def bearing(text: str) -> list[tuple[str, str]]:
    return [("Authorization", f"Bearer {text}")]


def enter(target: Target, user: User) -> Client:
    """Sign in as an app without cookies; time goes on until the first offer may come."""
    response = target.request(
        "POST",
        "/auth/login",
        [("Coatcheck-Transport", "bearer")],
        json={"email": user.email, "password": user.password},
        source=new_address(),
    )
    assert response.status == 200, response
    got = response.json()
    client = Client(target, user, got["access_token"], got["refresh_token"], got["session"]["id"])
    client.advance()
    return client


def with_keys(target: Target, work: Any) -> Any:
    """Do something with the keys in the application's own database."""

    async def run() -> Any:
        store = open_store(f"sqlite:///{target.database.path}")
        try:
            return await work(StoredKeys(store, sealer=None))
        finally:
            await store.close()

    return asyncio.run(run())


def signing_key(target: Target) -> Key:
    """Steal the key: what is forged with it fails for what it says, not for its signature."""

    async def steal(keys: StoredKeys) -> Key:
        return await keys.signer()

    return with_keys(target, steal)


def parts(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims, as whoever holds a token can read them."""
    head, payload, _ = text.split(".")
    return json.loads(unb64(head)), json.loads(unb64(payload))


def forged(text: str, key: Key, head: Any = None, payload: Any = None) -> str:
    """Return a token as `text` is, but for what is given: dicts are merged in, bytes taken as they are."""
    own_head, own_payload = parts(text)
    head = own_head | head if isinstance(head, dict) else head or own_head
    payload = own_payload | payload if isinstance(payload, dict) else payload or own_payload
    signed = f"{b64(as_json(head))}.{b64(as_json(payload))}"
    return f"{signed}.{b64(sign(key, signed.encode()))}"


def at_another_service(target: Target, text: str, now: float) -> AccessToken | Invalid:
    """Return what a `Verifier` with the application's published keys makes of a token."""

    async def verify(keys: StoredKeys) -> AccessToken | Invalid:
        return await Verifier(ISSUER, AUDIENCE, keys=keys, clock=Fixed(now)).verify(text)

    return with_keys(target, verify)


class Fixed:
    """A clock that shows the application's time, which tests turn."""

    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now
