"""Sealing anew from the command line."""

import asyncio

import pytest

from coatcheck.core import codec
from coatcheck.core.change import Change
from coatcheck.stores import open_store
from coatcheck.stores.sealed import Sealer
from coatcheck.testing.contract.sample import sets
from coatcheck.tokens import StoredKeys
from tests.cli.conftest import DATABASE, load

OLD, NEW = "qMUwcpSOHLlc0YwJDrOmqVhCZ2EMEPsZmEDbp9p3LVA=", "1nLW0SjDJ2X6CSMqdSZnxSaOBXl0fLMQmcSVa0sZ2vY="
KEYS = "COATCHECK_ENCRYPTION_KEYS"


def work(act, keys):
    """Do something as an application that has these keys."""

    async def run():
        store = open_store(DATABASE, sealer=Sealer.parse(keys) if keys else None)
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(run())


def data(id, keys):
    async def read(store):
        return codec.decode((await store.load(id)).data)

    return work(read, keys)


def test_switching_encryption_on_and_rotating_its_keys(coatcheck, sign_in, monkeypatch):
    records = [sign_in(f"u-{number}", cart=number) for number in range(3)]
    monkeypatch.setenv(KEYS, OLD)
    document = coatcheck("keys", "reencrypt", "--json").document
    assert document == {
        "reached": 1.0, "sessions": 3, "sealed": 3, "unreadable": 0, "left": 0, "locked": 0, "whole": True,
    }  # fmt: skip
    monkeypatch.setenv(KEYS, f"{NEW},{OLD}")
    answer = coatcheck("keys", "reencrypt")
    assert answer.out == "3 values sealed in 3 sessions, of which 0 cannot be read and 0 are left\n"
    assert coatcheck("keys", "reencrypt").out.startswith("0 values sealed in 3 sessions")
    for number, record in enumerate(records):
        assert b"coatcheck:sealed:" in load(record.id).data
        assert data(record.id, NEW) == {"cart": number}
    assert coatcheck("sessions", "show", records[0].id, "--json").document["data_keys"] == ["cart"]


def test_signing_keys_are_sealed_anew_as_well(coatcheck, monkeypatch):
    def signer(keys):
        async def ask(store):
            return (await StoredKeys(store, sealer=Sealer.parse(keys)).signer()).kid

        return work(ask, keys)

    kid = signer(OLD)
    monkeypatch.setenv(KEYS, f"{NEW},{OLD}")
    coatcheck("keys", "reencrypt")
    assert signer(NEW) == kid


def test_signing_keys_in_the_clear_stay_as_they_are(coatcheck, monkeypatch):
    async def ask(store):
        return (await StoredKeys(store, sealer=None).signer()).kid

    kid = work(ask, None)
    monkeypatch.setenv(KEYS, OLD)
    coatcheck("keys", "reencrypt")
    assert work(ask, None) == kid


def test_what_is_left_is_a_status_for_scripts(coatcheck, sign_in, monkeypatch):
    record = sign_in()
    work(lambda store: store.save(record.id, Change(data=sets(a=1))), NEW)
    monkeypatch.setenv(KEYS, OLD)
    answer = coatcheck("keys", "reencrypt")
    assert answer.status == 1
    assert f"1 session is sealed with a key that is not in {KEYS}. Add it behind the newest" in answer.err
    assert data(record.id, NEW) == {"a": 1}


@pytest.mark.parametrize(("keys", "complaint"), [("", f"{KEYS} is not set"), ("secret", "openssl rand")])
def test_without_a_good_key_nothing_begins(coatcheck, sign_in, monkeypatch, keys, complaint):
    record = sign_in(cart=1)
    monkeypatch.setenv(KEYS, keys)
    answer = coatcheck("keys", "reencrypt")
    assert answer.status == 2
    assert complaint in answer.complaint
    assert load(record.id).data == b'{"cart":1}'
