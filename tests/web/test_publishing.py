"""What the issuer publishes: for everybody, for caches too, and about nobody's session."""

import pytest

from coatcheck.testing import SeededEntropy
from coatcheck.tokens import FixedKeys, Issuer, StoredKeys, TokenPolicy
from coatcheck.web import HttpApi, RouteRules, SessionMiddleware
from coatcheck.web.api import ApiPolicy
from tests.web.support import World, call, cookie, respond

POLICY = TokenPolicy(issuer="https://app.test", audience="api")


@pytest.fixture
def world():
    world = World()
    world.keys = StoredKeys(world.store, sealer=None, clock=world.clock, entropy=SeededEntropy("keys"))
    return world


def app(world, policy=None, keys=None):
    issuer = Issuer(POLICY, keys or world.keys, world.clock, SeededEntropy())
    api = HttpApi(None, policy or ApiPolicy(), issuer)
    return SessionMiddleware(respond(), world.manager, api=api, rules=RouteRules())


@pytest.mark.parametrize("path", ["/auth/jwks.json", "/.well-known/jwks.json"])
@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_public_keys_are_there_for_everybody(world, path, scheme):
    response = await call(app(world), "GET", path, scheme=scheme)
    assert response.status == 200
    assert response["content-type"] == "application/jwk-set+json"
    assert response["cache-control"] == "public, max-age=300"
    assert [key["kid"] for key in response.json["keys"]] == [(await world.keys.signer()).kid]
    assert "d" not in response.json["keys"][0]


async def test_a_session_that_comes_along_changes_nothing(world):
    text = await world.sign_in()
    response = await call(app(world), "GET", "/auth/jwks.json", cookie(text))
    assert response["cache-control"] == "public, max-age=300"
    assert (response["vary"], response["set-cookie"]) == (None, None)


async def test_a_key_is_published_before_it_signs(world):
    first = await world.keys.signer()
    second = await world.keys.rotate()
    shown = (await call(app(world), "GET", "/auth/jwks.json")).json["keys"]
    assert [key["kid"] for key in shown] == [first.kid, second.kid]
    assert (await world.keys.signer()).kid == first.kid


async def test_the_metadata_lead_an_ordinary_verifier_to_the_keys(world):
    elsewhere = app(world, ApiPolicy(prefix="/api/auth"))
    response = await call(elsewhere, "GET", "/.well-known/oauth-authorization-server")
    assert response["cache-control"] == "public, max-age=300"
    assert response.json["issuer"] == "https://app.test"
    path = response.json["jwks_uri"].removeprefix("https://app.test")
    assert (await call(elsewhere, "GET", path)).json["keys"]


async def test_only_reading_is_allowed(world):
    response = await call(app(world), "POST", "/auth/jwks.json", {"sec-fetch-site": "same-origin"})
    assert (response.status, response["allow"]) == (405, "GET")
    assert response["cache-control"] == "no-store"
    assert (await call(app(world), "HEAD", "/auth/jwks.json")).status == 200


async def test_a_shared_secret_is_published_nowhere(world):
    keys = FixedKeys.from_secret("qMUwcpSOHLlc0YwJDrOmqVhCZ2EMEPsZmEDbp9p3LVA=")
    assert (await call(app(world, keys=keys), "GET", "/auth/jwks.json")).json == {"keys": []}


async def test_where_no_tokens_are_issued_nothing_is_published(world):
    bare = SessionMiddleware(respond(), world.manager, api=HttpApi(), rules=RouteRules())
    assert (await call(bare, "GET", "/auth/jwks.json")).status == 404
    assert (await call(bare, "GET", "/.well-known/jwks.json")).status == 401


async def test_keys_that_cannot_be_read_are_a_503(world):
    world.store.fail("row")
    assert (await call(app(world), "GET", "/auth/jwks.json")).status == 503
