"""A service that only verifies: no session, no database, one dependency."""

from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Security

from coatcheck.adapters.bearer import Bearer
from coatcheck.adapters.fastapi import Policies, install
from coatcheck.testing import ManualClock
from coatcheck.tokens import AccessToken, FixedKeys, IssuerUnavailable, RemoteKeys, TokenPolicy, Verifier
from tests.adapters.conftest import ORIGIN, sign_in, started
from tests.tokens.support import AUDIENCE, ES256, ISSUER, claims, forge


class NoKeys:
    async def find(self, kid):
        raise IssuerUnavailable("cut")


def make_app(keys):
    verifier = Verifier(ISSUER, AUDIENCE, keys=keys, clock=ManualClock())
    admins = Bearer(verifier, roles=frozenset({"admin"}))
    app = FastAPI()

    @app.get("/me")
    async def me(token: Annotated[AccessToken, Security(Bearer(verifier))]) -> str:
        return token.sub

    @app.get("/admin")
    async def admin(
        token: Annotated[AccessToken, Security(admins)],
    ) -> str:
        return token.sub

    return app


@pytest.fixture
async def client():
    transport = httpx.ASGITransport(make_app(FixedKeys([ES256])))
    async with httpx.AsyncClient(transport=transport, base_url="https://billing.test") as client:
        yield client


def bearing(text, scheme="Bearer"):
    return {"authorization": f"{scheme} {text}"}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_the_bearer_of_a_good_token_is_let_in(client, scheme):
    answer = await client.get("/me", headers=bearing(forge(), scheme))
    assert (answer.status_code, answer.json()) == (200, "u1")


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ([], "Bearer"),
        ([("authorization", "Basic YTpi")], "Bearer"),
        ([("authorization", f"Bearer {forge()}"), ("authorization", f"Bearer {forge()}")], "Bearer"),
        ([("cookie", f"__Host-session={forge()}")], "Bearer"),
        ([("authorization", "Bearer")], 'Bearer error="invalid_token"'),
        ([("authorization", f"Bearer  {forge()}")], 'Bearer error="invalid_token"'),
        ([("authorization", f"Bearer {forge(None, claims(aud='other'))}")], 'Bearer error="invalid_token"'),
    ],
)
async def test_everybody_else_is_challenged(client, headers, challenge):
    answer = await client.get("/me", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, challenge)
    assert answer.headers["cache-control"] == "no-store"


async def test_a_role_may_be_asked_for(client):
    assert (
        await client.get("/admin", headers=bearing(forge(None, claims(roles=["admin"]))))
    ).status_code == 200
    answer = await client.get("/admin", headers=bearing(forge()))
    assert (answer.status_code, answer.json()) == (403, {"detail": "role_required"})


async def test_while_the_keys_cannot_be_had_nobody_is_judged():
    transport = httpx.ASGITransport(make_app(NoKeys()))
    async with httpx.AsyncClient(transport=transport, base_url="https://billing.test") as client:
        answer = await client.get("/me", headers=bearing(forge()))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_a_service_needs_no_more_than_the_name_of_the_application_that_issues(url):
    shop, billing = FastAPI(), FastAPI()
    others = frozenset({"billing"})
    policy = TokenPolicy(issuer=ORIGIN, audience="shop", others=others, keys="unsealed")
    installation = install(shop, url, policies=Policies(tokens=policy))

    async def fetch(asked, body=None, headers=None, /):
        return (await client.get(asked.removeprefix(ORIGIN))).content

    keys = RemoteKeys(f"{ORIGIN}/.well-known/jwks.json", fetch=fetch)
    caller = Bearer(Verifier(ORIGIN, "billing", keys=keys))

    @billing.get("/invoices")
    async def invoices(token: Annotated[AccessToken, Security(caller)]) -> str:
        return token.sub

    async with started(shop) as client:
        id = (await sign_in(client, installation))["id"]
        record = await installation.manager.store.load(id)
        statuses = {}
        for audience in ("billing", "shop"):
            text, _ = await installation.issuer.issue(record, audience)
            transport = httpx.ASGITransport(billing)
            async with httpx.AsyncClient(transport=transport, base_url="https://billing.test") as other:
                statuses[audience] = (await other.get("/invoices", headers=bearing(text))).status_code
    assert statuses == {"billing": 200, "shop": 401}


def test_openapi_shows_a_bearer_scheme():
    schemes = make_app(NoKeys()).openapi()["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"
