import asyncio
import dataclasses
from contextlib import nullcontext

import pytest

from coatcheck import ConfigurationError
from coatcheck.core.events import SweepFinished
from coatcheck.manager import SessionManager, SweepPolicy
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import RecordingObserver, SeededEntropy
from coatcheck.tokens import Sealer, TokenPolicy
from coatcheck.web import OriginPolicy
from coatcheck.web.api import script
from coatcheck.web.mount import Installation, Policies
from tests.manager.feeds import until


def test_a_page_below_a_mount_point_finds_the_script_there():
    installation = Installation(SessionManager(MemoryStore()), [])
    assert installation.script_url({"root_path": "/shop"}) == f"/shop/auth/client.js?v={script.VERSION}"
    assert installation.script_url({}) == f"/auth/client.js?v={script.VERSION}"


def test_an_app_whose_signing_keys_would_lie_in_the_clear_does_not_start():
    manager = SessionManager(MemoryStore())
    policy = TokenPolicy(issuer="https://app.test", audience="app")
    with pytest.raises(ConfigurationError, match="must be sealed"):
        Installation(manager, [], policies=Policies(tokens=policy))
    for keys in (Sealer([SeededEntropy("seal").token_bytes(32)]), "unsealed"):
        tokens = dataclasses.replace(policy, keys=keys)
        assert Installation(manager, [], policies=Policies(tokens=tokens)).issuer is not None


async def test_an_app_sweeps_while_it_runs_and_its_observers_hear_of_it():
    seen = RecordingObserver()
    policies = Policies(observers=[seen], sweeping=SweepPolicy(period=0.001))
    async with Installation("memory://", [], policies=policies).around(nullcontext)(None):
        await until(lambda: seen.of(SweepFinished))


async def test_an_app_that_cron_sweeps_does_not():
    manager = SessionManager(MemoryStore())
    assert Policies().sweeping == SweepPolicy()
    async with Installation(manager, [], policies=Policies(sweeping=None)).around(nullcontext)(None):
        assert len(asyncio.all_tasks()) == 1


def test_observers_are_given_to_the_manager_that_the_app_made():
    policies = Policies(observers=[RecordingObserver()])
    with pytest.raises(ConfigurationError, match="observers of its own"):
        Installation(SessionManager(MemoryStore()), [], policies=policies)


def test_pages_that_bear_tokens_are_named_only_where_tokens_are_issued():
    origins = OriginPolicy(bearers=frozenset({"https://spa.test"}))
    with pytest.raises(ConfigurationError, match="no tokens are issued"):
        Policies(origins=origins)
