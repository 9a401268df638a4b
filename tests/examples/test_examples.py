"""Every example runs as it stands."""

import runpy
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from coatcheck.login import CHEAPEST, Passwords
from tests.house import ROOT

EXAMPLES = ROOT / "examples"
PASSWORD = "lusab-babad-gutih-tugad"


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Run an example in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    usual = Passwords.__init__
    monkeypatch.setattr(
        Passwords, "__init__", lambda self, *_, entropy=None: usual(self, CHEAPEST, entropy=entropy)
    )
    return lambda name: runpy.run_path(str(EXAMPLES / name))


@asynccontextmanager
async def running(app):
    """Start an app and visit it as a browser on this machine would."""
    transport, origin = httpx.ASGITransport(app), "http://127.0.0.1"
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=origin, headers={"origin": origin}) as client,
    ):
        yield client


async def sign_in(app, client):
    await app.state.coatcheck.login.users.add("ada@example.test", PASSWORD, name="Ada")
    ada = {"email": "ada@example.test", "password": PASSWORD}
    assert (await client.post("/auth/login", json=ada)).status_code == 200


async def test_the_fastapi_app(load):
    app = load("fastapi_app.py")["app"]
    async with running(app) as client:
        assert [(await client.get("/")).json()["visits"] for _ in range(2)] == [1, 2]
        assert (await client.get("/me")).status_code == 401
        await sign_in(app, client)
        assert (await client.get("/me")).json()["name"] == "Ada"


async def test_the_typed_cart_of_a_visitor_is_kept_at_sign_in(load):
    app = load("fastapi_typed.py")["app"]
    async with running(app) as client:
        await client.post("/cart/hat")
        assert (await client.get("/devices")).status_code == 401
        await sign_in(app, client)
        assert (await client.get("/cart")).json() == {"cart": ["hat"], "currency": "EUR"}
        (device,) = (await client.get("/devices")).json()
        assert device["device"] == "Python"


async def test_the_starlette_app(load):
    app = load("starlette_app.py")["app"]
    async with running(app) as client:
        assert "Everybody" in (await client.get("/")).text
        assert (await client.get("/cart")).status_code == 401
        await sign_in(app, client)
        assert [(await client.get("/cart")).json() for _ in range(2)] == [1, 2]
        assert (await client.get("/admin")).status_code == 403


async def test_the_dashboard_is_reached_by_signing_in_as_an_admin(load):
    app = load("admin_app.py")["app"]
    async with running(app) as client:
        client.headers.update({"accept": "text/html", "sec-fetch-mode": "navigate"})
        away = await client.get("/admin/")
        form = await client.get(away.headers["location"])
        assert 'name="next" value="/admin/"' in form.text
        users = app.state.coatcheck.login.users
        await users.add("grace@example.test", PASSWORD, name="Grace", roles=frozenset({"admin"}))
        grace = {"email": "grace@example.test", "password": PASSWORD, "next": "/admin/"}
        back = await client.post("/auth/login", data=grace)
        assert "Live sessions" in (await client.get(back.headers["location"])).text
        assert "Hello, Grace" in (await client.get("/")).text
        confirm = await client.get("/confirm?next=/admin/everyone&error=invalid_credentials")
        assert "That did not work." in confirm.text
        assert 'value="/admin/everyone"' in confirm.text


async def test_the_watched_app_is_measured_and_writes_to_its_users(load, capsys):
    app = load("watched_app.py")["app"]
    async with running(app) as client:
        await sign_in(app, client)
        await app.state.coatcheck.manager.revoke_user(next(iter(await ids(app))))
        assert 'coatcheck_sign_ins_total{outcome="succeeded"} 1.0' in (await client.get("/metrics")).text
        forwarded = {"x-forwarded-for": "192.0.2.1"}
        assert (await client.get("/metrics", headers=forwarded)).status_code == 403
    said = capsys.readouterr().out
    assert "a new sign-in from Python, at 127.0.0.1" in said
    assert "1 of your sessions ended: revoked" in said


async def ids(app):
    return [account.user_id for account in await app.state.coatcheck.accounts.list()]


async def test_an_unusual_sign_in_gets_a_second_look(load, capsys):
    app = load("second_look.py")["app"]
    async with running(app) as client:
        await app.state.coatcheck.login.users.add("ada@example.test", PASSWORD, name="Ada")
        ada = {"email": "ada@example.test", "password": PASSWORD}
        assert (await client.post("/sign-in", json=ada | {"password": "wrong"})).status_code == 401
        for _ in range(5):
            assert (await client.post("/sign-in", json=ada)).json() == {"confirmed": True}
        assert (await client.get("/account")).json() == {"name": "Ada"}

        client.headers["user-agent"] = (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        )
        assert (await client.post("/sign-in", json=ada)).json() == {"confirmed": False}
        assert (await client.get("/account")).status_code == 403
        assert (await client.post("/confirm", json={"code": "guess"})).status_code == 401
        assert (await client.get("/account")).status_code == 401

        await client.post("/sign-in", json=ada)
        code = capsys.readouterr().out.split()[-1].rstrip(".")
        assert (await client.post("/confirm", json={"code": code})).json() == {"confirmed": True}
        assert (await client.get("/account")).json() == {"name": "Ada"}


async def test_no_other_way_in_spares_anybody_the_second_look(load):
    app = load("second_look.py")["app"]
    async with running(app) as client:
        await sign_in(app, client)
        assert (await client.get("/account")).status_code == 403
        assert (await client.post("/confirm", json={"code": ""})).status_code == 401
        assert (await client.get("/account")).status_code == 401

        ada = {"email": "ada@example.test", "password": PASSWORD}
        assert (await client.post("/sign-in", json=ada)).json() == {"confirmed": True}
        assert (await client.get("/account")).json() == {"name": "Ada"}
        assert (await client.post("/auth/login", json=ada)).status_code == 200
        assert (await client.get("/account")).status_code == 403


async def test_the_verifying_service_lets_nobody_in_without_a_token(load):
    app = load("verifying_service.py")["app"]
    async with running(app) as client:
        answer = await client.get("/invoices")
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("manager_alone.py", "Ada has ['hat']"),
        ("typed_data.py", "['hat']"),
        ("own_rule.py", "[(('doors', '10'), ('latest', '/admin/9'))]"),
    ],
)
def test_no_framework_is_needed(name, said):
    command = [sys.executable, str(EXAMPLES / name)]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == f"{said}\n"


def test_the_example_of_a_test_passes():
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        str(EXAMPLES / "test_with_doubles.py"),
    ]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)


def test_no_example_is_left_out():
    tested = Path(__file__).read_text("utf-8")
    assert [path.name for path in EXAMPLES.glob("*.py") if f'"{path.name}"' not in tested] == []
