"""A client per app that starts it, keeps its cookies and speaks https without a network."""

from contextlib import asynccontextmanager

import httpx
import pytest

from coatcheck.login import CHEAPEST, Passwords

ORIGIN = "https://app.example"
PASSWORD = "lusab-babad-gutih-tugad"
BROWSER = {"accept": "text/html", "sec-fetch-mode": "navigate"}


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    """Spend the tests' time on adapters, not on hashing."""
    usual = Passwords.__init__

    def cheap(self, policy=None, *, entropy=None):
        usual(self, CHEAPEST, entropy=entropy)

    monkeypatch.setattr(Passwords, "__init__", cheap)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'app.db'}"


@asynccontextmanager
async def started(app):
    """Run an app's lifespan and give a client to it."""
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}) as client,
    ):
        yield client


async def sign_in(client, installation, *, roles=frozenset(), email="ada@example.test"):
    """Make an account and sign in to it, as a program would."""
    await installation.login.users.add(email, PASSWORD, name="Ada", roles=frozenset(roles))
    answer = await client.post("/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200
    return answer.json()["session"]
