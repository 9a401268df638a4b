"""A ledger on each engine, an app that fills it, and an attacker who can write the database."""

import pytest

from coatcheck.stores import open_store
from tests.watch.audit.support import ENGINES, App, Attacker, url_of


@pytest.fixture(params=ENGINES)
def url(request, tmp_path) -> str:
    return url_of(request.param, request, tmp_path)


@pytest.fixture
async def store(url):
    made = open_store(url)
    yield made
    await made.close()


@pytest.fixture
def app(store) -> App:
    return App(store)


@pytest.fixture
def attacker(store) -> Attacker:
    return Attacker(store)
