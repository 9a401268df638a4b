"""A leaked list of passwords, tried at the two workers of the demo: noticed once, and no name is told."""

import asyncio
import json
import time

import pytest

from coatcheck.core.events.wire import describe
from coatcheck.stores.sqlite import SqliteStore
from coatcheck.watch.audit import read
from tests.attack.servers import running_demo

pytestmark = pytest.mark.attack

NAMES = 24
SOON = 15.0  # seconds: workers share what they saw once a second, the ledger writes as often


def told(path):
    """Return the anomalies that the ledger of the demo has, as they were told."""

    async def ask():
        store = SqliteStore(path)
        try:
            return [describe(entry.event) for entry in await read.entries(store, name="anomaly.found")]
        finally:
            await store.close()

    return asyncio.run(ask())


def test_credential_stuffing_over_two_workers_is_noticed_once(tmp_path, certificate):
    with running_demo(tmp_path, certificate) as demo:
        for number in range(NAMES):
            body = {"email": f"user{number}@example.test", "password": "from a leak"}
            source = f"127.77.7.{number + 1}"  # one network, and an address that no throttle knows
            response = demo.request("POST", "/auth/login", demo.own_page, json=body, source=source)
            assert response.status == 401
        until = time.monotonic() + SOON
        while not (found := told(tmp_path / "demo.db")) and time.monotonic() < until:
            time.sleep(0.2)
    (anomaly,) = told(tmp_path / "demo.db")
    assert anomaly == found[0]
    assert (anomaly["rule"], anomaly["severity"]) == ("credential_stuffing", "alarm")
    evidence = dict(anomaly["evidence"])
    assert (evidence["network"], evidence["names_failed"]) == ("127.77.7.0/24", "20")
    assert "example.test" not in json.dumps(anomaly)
