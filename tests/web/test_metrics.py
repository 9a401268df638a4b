"""Who may read the metrics: this machine, or whoever has the token."""

from base64 import b64encode
from hashlib import sha256

import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.manager import SessionManager
from coatcheck.stores.memory import MemoryStore
from coatcheck.tokens import TokenPolicy
from coatcheck.web import RouteRules, public
from coatcheck.web.metrics import MetricsEndpoint
from coatcheck.web.mount import Installation, Policies
from tests.web.support import call

TOKEN = b64encode(sha256(b"what a generator drew").digest()).decode()
HERE, AWAY = ("127.0.0.1", 5), ("192.0.2.1", 5)
SHOWN = b"coatcheck_sessions_live 7.0\n"


def endpoint(**how):
    return MetricsEndpoint(lambda: SHOWN, **how)


async def from_here(client=HERE, host="localhost:8000", **fields):
    """Read without a token, as a scraper on this machine does."""
    return await call(endpoint(loopback=True), "GET", "/metrics", {"host": host, **fields}, client=client)


@pytest.mark.parametrize("how", [{}, {"token": TOKEN, "loopback": True}])
def test_who_may_read_has_to_be_said(how):
    with pytest.raises(ConfigurationError, match="Give a token, or loopback=True"):
        endpoint(**how)


async def test_this_machine_may_read_and_no_cache_may_keep():
    for client, host in ((HERE, "localhost:8000"), (HERE, "127.0.0.1"), (("::1", 5), "[::1]:8000")):
        answer = await from_here(client, host)
        assert (answer.status, answer.body) == (200, SHOWN)
        assert answer["content-type"].startswith("text/plain; version=0.0.4")
        assert answer["cache-control"] == "no-store"


@pytest.mark.parametrize("client", [AWAY, ("", 0), ("not an address", 1), ("127.0.0.1.evil.example", 1)])
async def test_another_machine_may_not(client):
    answer = await from_here(client)
    assert (answer.status, answer.json["code"]) == (403, "metrics_not_public")
    assert SHOWN not in answer.body


@pytest.mark.parametrize(
    "field",
    [
        *("forwarded", "via", "x-real-ip", "true-client-ip"),
        *("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "cf-connecting-ip", "cf-ray"),
    ],
)
async def test_a_proxy_on_this_machine_is_not_taken_for_its_own_people(field):
    assert (await from_here(**{field: "192.0.2.1"})).status == 403


@pytest.mark.parametrize("host", ["shop.example", "localhost.shop.example", "127.0.0.1.shop.example", ""])
async def test_who_asks_for_another_name_comes_through_something_or_from_a_page_of_somebodys(host):
    assert (await from_here(host=host)).status == 403


async def test_with_a_token_only_the_token_counts_wherever_it_comes_from():
    guarded = endpoint(token=TOKEN)
    right = await call(guarded, "GET", "/metrics", {"authorization": f"Bearer {TOKEN}"}, client=AWAY)
    assert (right.status, right.body) == (200, SHOWN)
    for wrong in (
        {},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Bearer é"},
    ):
        assert (await call(guarded, "GET", "/metrics", wrong, client=HERE)).status == 403


@pytest.mark.parametrize(
    ("token", "fault"),
    [
        ("metrics", "has 5 bytes"),
        ("a token that somebody typed", "is not base64"),
        ("é" * 43, "is not base64"),
        ("A" * 43, "repeats itself"),
    ],
)
def test_a_token_that_can_be_guessed_is_refused(token, fault):
    with pytest.raises(ConfigurationError, match=f"the token for the metrics {fault}"):
        endpoint(token=token)


async def test_nothing_is_written_there():
    answer = await call(endpoint(loopback=True), "POST", "/metrics", client=HERE)
    assert (answer.status, answer["allow"]) == (405, "GET, HEAD")


async def test_behind_the_session_middleware_the_token_is_no_access_token():
    manager = SessionManager(MemoryStore())
    tokens = TokenPolicy(issuer="https://app.test", audience="app", keys="unsealed")
    rules = RouteRules([public("/metrics", exact=True, passive=True)])
    installation = Installation(manager, [], rules=rules, policies=Policies(tokens=tokens))
    app = installation.middleware(endpoint(token=TOKEN))
    right = await call(app, "GET", "/metrics", {"authorization": f"Bearer {TOKEN}"}, client=AWAY)
    assert (right.status, right.body) == (200, SHOWN)
    assert (await call(app, "GET", "/metrics", client=HERE)).status == 403
