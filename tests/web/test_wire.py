import json

import pytest
from jsonschema import Draft202012Validator

from coatcheck.core.reason import Reason
from coatcheck.login import CHEAPEST, Login, Passwords, SqliteAccounts
from coatcheck.testing import SeededEntropy
from coatcheck.web import HttpApi, RouteRules, wire
from coatcheck.web.api import ApiPolicy
from tests.web.streaming import streaming
from tests.web.support import OURS, World, call, cookie, respond

EMAIL = "ada@example.test"
PASSWORD = "vexing gnomes pack quartz jugs"
SCHEMA = json.loads(json.dumps(wire.schema()))


def conforms(name, content):
    """Hold an answer to its definition, and not only to any."""
    Draft202012Validator({**SCHEMA, "anyOf": [{"$ref": f"#/$defs/{name}"}]}).validate(content)
    return content


class Api(World):
    async def open(self, path):
        self.accounts = SqliteAccounts(path)
        login = Login(
            self.manager, self.accounts, passwords=Passwords(CHEAPEST, entropy=SeededEntropy("salts"))
        )
        await login.users.add(EMAIL, PASSWORD, name="Ada", roles=frozenset({"user"}))
        policy = ApiPolicy(exposed=frozenset({"theme"}))
        self.http = self.app(respond(), RouteRules(), api=HttpApi(login, policy))
        return self

    async def ask(self, method, path, text=None, content=None):
        headers = OURS | (cookie(text) if text else {}) | {"content-type": "application/json"}
        body = b"" if content is None else json.dumps(content).encode()
        return await call(self.http, method, path, headers, body)

    async def enter(self):
        return await self.ask("POST", "/auth/login", content={"email": EMAIL, "password": PASSWORD})


@pytest.fixture
async def api(tmp_path):
    api = await Api().open(tmp_path / "accounts.db")
    yield api
    await api.accounts.close()


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_every_reason_is_a_word_of_the_schema():
    assert set(SCHEMA["$defs"]["Reason"]["enum"]) == set(Reason)


async def test_what_tells_how_the_session_stands_conforms(api):
    entered = await api.enter()
    text = entered.cookie()
    conforms("SessionAnswer", entered.json)
    for method, path, content in [
        ("GET", "/auth/session", None),
        ("POST", "/auth/session/touch", {"idle_for": 3}),
        ("POST", "/auth/reauthenticate", {"password": PASSWORD}),
    ]:
        response = await api.ask(method, path, text, content)
        assert conforms("SessionAnswer", response.json)["session"]["user"]["name"] == "Ada"
    assert conforms("SessionAnswer", (await api.ask("GET", "/auth/session")).json)["reason"] == "no_session"


async def test_what_lists_and_ends_sessions_conforms(api):
    text = (await api.enter()).cookie()
    assert conforms("SessionsAnswer", (await api.ask("GET", "/auth/sessions", text)).json)["sessions"]
    assert conforms("RevokedAnswer", (await api.ask("DELETE", "/auth/sessions", text)).json) == {"revoked": 0}


async def test_what_goes_wrong_conforms(api):
    wrong = {"email": EMAIL, "password": "wrong-wrong-wrong"}
    for response in [
        await api.ask("POST", "/auth/login", content=wrong),
        await api.ask("POST", "/auth/login", content={"nonsense": 1}),
        await api.ask("POST", "/auth/session/touch"),
        await api.ask("GET", "/auth/nothing"),
        await call(api.http, "POST", "/auth/logout", {"sec-fetch-site": "cross-site"}),
    ]:
        assert conforms("Problem", response.json)["status"] == response.status
    for _ in range(20):
        response = await api.ask("POST", "/auth/login", content=wrong)
    assert conforms("Problem", response.json)["retry_after"]


async def test_what_the_live_stream_tells_conforms(api):
    text = (await api.enter()).cookie()
    async with streaming(api.http, cookie(text)) as stream:
        assert conforms("SessionAnswer", (await stream.event())[1])["session"]
        await api.ask("POST", "/auth/logout", text)
        name, content = await stream.event()
        assert (name, conforms("Ended", content)["reason"]) == ("ended", "logged_out")
