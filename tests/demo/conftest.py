"""The demo without a network: its app, a browser's jar, and users to sign in as."""

from dataclasses import dataclass, field

import httpx
import pytest

from coatcheck.core.clock import SystemClock
from coatcheck.core.entropy import SystemEntropy
from coatcheck.demo.app import create_app
from coatcheck.demo.options import DemoOptions
from coatcheck.demo.seed import seed
from coatcheck.login import CHEAPEST, Passwords

ORIGIN = "http://127.0.0.1"
PAGE = {"accept": "text/html,*/*;q=0.8", "sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin"}


@dataclass
class House:
    """The demo, running."""

    app: object
    passwords: dict[str, str]
    jars: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def manager(self):
        return self.app.state.cloakroom.manager

    def browser(self, ip="127.0.0.1"):
        """Return a browser with an empty jar, on the machine with this address."""
        transport = httpx.ASGITransport(self.app, client=(ip, 50_000))
        jar = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=PAGE)
        self.jars.append(jar)
        return jar

    async def signed_in(self, email="ada@example.test"):
        """Return a browser whose user has signed in through the form."""
        jar = self.browser()
        form = {"email": email, "password": self.passwords[email], "next": "/dashboard"}
        answer = await jar.post("/auth/login", data=form, headers={"referer": f"{ORIGIN}/login"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard")
        return jar


@pytest.fixture
async def house(tmp_path, monkeypatch):
    usual = Passwords.__init__
    monkeypatch.setattr(
        Passwords, "__init__", lambda self, *_, entropy=None: usual(self, CHEAPEST, entropy=entropy)
    )
    app = create_app(DemoOptions(database=f"sqlite:///{tmp_path / 'demo.db'}"))
    passwords = Passwords()
    users = await seed(app.state.cloakroom.accounts, passwords, clock=SystemClock(), entropy=SystemEntropy())
    passwords.close()
    house = House(app, {user.email: user.password for user in users})
    async with app.router.lifespan_context(app):
        yield house
        for jar in house.jars:
            await jar.aclose()
