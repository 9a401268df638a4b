"""Who may read the metrics: this machine, or whoever has the token."""

import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.manager import SessionManager
from coatcheck.stores.memory import MemoryStore
from coatcheck.tokens import TokenPolicy
from coatcheck.web import RouteRules, public
from coatcheck.web.metrics import MetricsEndpoint
from coatcheck.web.mount import Installation, Policies
from tests.web.support import call

TOKEN = "a token of enough characters"
HERE, AWAY = ("127.0.0.1", 5), ("192.0.2.1", 5)
SHOWN = b"coatcheck_sessions_live 7.0\n"


def endpoint(**how):
    return MetricsEndpoint(lambda: SHOWN, **how)


async def test_this_machine_may_read_and_no_cache_may_keep():
    for client in (HERE, ("::1", 5)):
        answer = await call(endpoint(), "GET", "/metrics", client=client)
        assert (answer.status, answer.body) == (200, SHOWN)
        assert answer["content-type"].startswith("text/plain; version=0.0.4")
        assert answer["cache-control"] == "no-store"


@pytest.mark.parametrize("client", [AWAY, ("", 0), ("not an address", 1), ("127.0.0.1.evil.example", 1)])
async def test_another_machine_may_not(client):
    answer = await call(endpoint(), "GET", "/metrics", client=client)
    assert (answer.status, answer.json["code"]) == (403, "metrics_not_public")
    assert SHOWN not in answer.body


@pytest.mark.parametrize("field", ["forwarded", "x-forwarded-for", "x-real-ip", "via"])
async def test_a_proxy_on_this_machine_is_not_taken_for_its_own_people(field):
    answer = await call(endpoint(), "GET", "/metrics", {field: "192.0.2.1"}, client=HERE)
    assert answer.status == 403


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


def test_a_token_that_can_be_guessed_is_refused():
    with pytest.raises(ConfigurationError, match="can be guessed"):
        endpoint(token="metrics")


async def test_nothing_is_written_there():
    answer = await call(endpoint(), "POST", "/metrics", client=HERE)
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
