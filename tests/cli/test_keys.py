"""Keys from the command line, in the database of an application."""

import asyncio

import pytest

from coatcheck.stores import open_store
from coatcheck.tokens import StoredKeys
from tests.cli.conftest import DATABASE

SECRETS = ("qMUwcpSOHLlc0YwJDrOmqVhCZ2EMEPsZmEDbp9p3LVA=", "1nLW0SjDJ2X6CSMqdSZnxSaOBXl0fLMQmcSVa0sZ2vY=")


@pytest.fixture(autouse=True)
def without_secrets(monkeypatch):
    monkeypatch.delenv("COATCHECK_ENCRYPTION_KEYS", raising=False)


@pytest.fixture
def first():
    """The key that an application has made."""

    async def work():
        store = open_store(DATABASE)
        kid = (await StoredKeys(store, sealer=None).signer()).kid
        await store.close()
        return kid

    return asyncio.run(work())


def states(answer):
    return {row["kid"]: row["state"] for row in answer.document["keys"]}


def test_a_rotation_publishes_a_key_beside_the_one_that_signs(coatcheck, first):
    added = coatcheck("keys", "rotate", "--json").document["key"]
    assert (added["state"], added["algorithm"]) == ("next", "ES256")
    assert states(coatcheck("keys", "list", "--json")) == {first: "signing", added["kid"]: "next"}
    assert first in coatcheck("keys", "list").out


def test_a_rotation_says_from_when_the_new_key_signs(coatcheck, first):
    answer = coatcheck("keys", "rotate", "--algorithm", "Ed25519")
    assert answer.out.startswith("published ")
    assert "which signs from 2" in answer.out


def test_a_retired_key_is_replaced(coatcheck, first):
    assert coatcheck("keys", "retire", first).out == f"retired {first}\n"
    assert list(states(coatcheck("keys", "list", "--json")).values()) == ["signing"]
    assert "there is no key" in coatcheck("keys", "retire", first).complaint
    assert coatcheck("keys", "retire", first).status == 1


def test_a_database_without_keys_says_so(coatcheck, sign_in):
    sign_in()
    assert coatcheck("keys", "list").out == "no keys yet\n"


def test_keys_are_sealed_with_what_the_environment_says(coatcheck, first, monkeypatch):
    monkeypatch.setenv("COATCHECK_ENCRYPTION_KEYS", SECRETS[0])
    coatcheck("keys", "rotate")
    monkeypatch.setenv("COATCHECK_ENCRYPTION_KEYS", SECRETS[1])
    assert "not here" in coatcheck("keys", "list").complaint
    monkeypatch.setenv("COATCHECK_ENCRYPTION_KEYS", ",".join(reversed(SECRETS)))
    assert coatcheck("keys", "list", "--json").status == 0
    monkeypatch.setenv("COATCHECK_ENCRYPTION_KEYS", "secret")
    assert "openssl rand" in coatcheck("keys", "list").complaint


def test_an_algorithm_nobody_uses_here_is_refused(coatcheck, first):
    assert "ES256 or Ed25519" in coatcheck("keys", "rotate", "--algorithm", "RS256").complaint
