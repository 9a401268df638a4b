"""The example of the README, driven as a browser would."""

import importlib.util

import pytest
from starlette.testclient import TestClient

from docs.generate import ROOT

PASSWORD = "a sentence nobody would guess"


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spec = importlib.util.spec_from_file_location("fastapi_app", ROOT / "examples" / "fastapi_app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with TestClient(module.app, client=("127.0.0.1", 50_000)) as client:
        yield client


def test_visits_are_counted_and_a_visitor_has_no_name(client):
    assert [client.get("/").json() for _ in range(3)] == [{"visits": 1}, {"visits": 2}, {"visits": 3}]
    refused = client.get("/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "no_session")


def test_who_registers_is_signed_in_and_out_again(client):
    ours = {"sec-fetch-site": "same-origin"}
    ada = {"email": "ada@example.test", "password": PASSWORD, "name": "Ada"}
    assert client.post("/auth/register", json=ada, headers=ours).status_code == 200
    assert client.get("/me").json()["name"] == "Ada"
    assert client.post("/auth/logout", headers=ours).status_code == 204
    assert client.get("/me").status_code == 401
