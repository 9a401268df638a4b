"""People who lose what they had while signed in: A46, A47 and A71."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attack.servers import User, new_address
from tests.attack.wire import HANDSHAKE

pytestmark = pytest.mark.attack


def handshake(target, token):
    """Ask for the socket of admins, from a page of the site."""
    return target.request("GET", "/admin/live", [*HANDSHAKE, *target.own_page], token=token)


def users(demo, *arguments):
    """Run `coatcheck users` beside the running demo."""
    command = [str(Path(sys.executable).with_name("coatcheck")), "users", *arguments]
    command += ["--database", f"sqlite:///{demo.database.path}", "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=demo.folder)
    return json.loads(done.stdout)


def test_a46_admin_demoted_with_the_cookie_in_hand(target):
    """Attack: privilege change: demote admin mid-session with cookie, open WebSocket.
    Expected: 403 at once; the next handshake is refused."""
    admin = target.new_user("admin")
    own = target.sign_in(admin)
    with target.both() as workers:
        for worker in workers:
            assert worker.request("GET", "/admin", token=own.token).status == 200
        assert handshake(target, own.token).status == 101
        target.operate("set_roles", user_id=admin.user_id, roles=[])
        for worker in workers:
            response = worker.request("GET", "/admin", token=own.token)
            assert (response.status, response.code) == (403, "role_required")
    for _ in range(4):  # whichever worker answers
        response = handshake(target, own.token)
        assert (response.status, response.code) == (403, "role_required")
    assert target.peek(own.token)["session"]["user"]["roles"] == []
    denied = [event for event in target.events("access.denied") if event["session_id"] == own.id]
    assert {(event["reason"], event["path"]) for event in denied} == {
        ("role_required", "/admin"),
        ("role_required", "/admin/live"),
    }


def test_a46_admin_demoted_while_a_request_writes(target):
    """The same with a request under way that writes the session afterwards: it brings no role back."""
    admin = target.new_user("admin")
    own = target.sign_in(admin)
    with target.connect() as slow:
        slow.start("POST", "/notes?wait=0.4", target.own_page, token=own.token, json={"note": "kept"})
        target.operate("set_roles", user_id=admin.user_id, roles=[])
        assert slow.receive().status == 204
    with target.both() as workers:
        for worker in workers:
            assert worker.request("GET", "/notes", token=own.token).json() == {"note": "kept"}
            response = worker.request("GET", "/admin", token=own.token)
            assert (response.status, response.code) == (403, "role_required")


def test_a46_admin_demoted_by_an_operator_at_another_desk(demo):
    """The same for the demo, demoted by a process of its own: the workers learn it from the store."""
    told = users(demo, "add", "hopper@example.test", "--role", "admin")
    admin = User(told["user"]["email"], told["password"])
    token = demo.sign_in(admin).token
    with demo.connect() as first, demo.connect() as second:
        for connection in (first, second):
            assert connection.request("GET", "/admin/", token=token).status == 200
        users(demo, "set-roles", admin.email, "user")
        for connection in (first, second):
            assert connection.request("GET", "/admin/", token=token).status == 403
            assert connection.request("GET", "/dashboard", token=token).status == 200


@pytest.mark.parametrize(("act", "reason"), [("disable", "user_disabled"), ("remove", "revoked")])
def test_a47_user_gone_in_the_middle_of_a_request(target, user, signed_in, act, reason):
    """Attack: user disabled or deleted mid-request stream. Expected: next request 401."""
    other = target.sign_in(user)
    with target.connect() as slow:
        slow.start(
            "POST",
            "/notes?wait=0.4",
            target.own_page,
            token=signed_in.token,
            json={"note": "written too late"},
        )
        target.operate(act, user_id=user.user_id)
        response = slow.receive()
        assert response.status in (204, 401)
        assert not response.token
    with target.both() as workers:
        for worker in workers:
            for token in (signed_in.token, other.token):
                for path in ("/me", "/status", "/auth/sessions"):
                    refused = worker.request("GET", path, token=token)
                    assert (refused.status, refused.code) == (401, reason), path
                assert worker.request("GET", "/notes", token=token).json() == {}
    assert target.database.alive(user.user_id) == []
    assert b"written too late" not in json.dumps(target.database.dump(), default=repr).encode()
    again = target.request(
        "POST",
        "/auth/login",
        target.own_page,
        json={"email": user.email, "password": user.password},
        source=new_address(),
    )
    assert (again.status, again.code) == (401, "invalid_credentials")


def test_a47_enabled_again(target, user, signed_in):
    """What ended with the account stays dead when the account is opened again."""
    target.operate("disable", user_id=user.user_id)
    target.operate("enable", user_id=user.user_id)
    with target.both() as workers:
        for worker in workers:
            assert worker.request("GET", "/me", token=signed_in.token).status == 401
    assert target.peek(target.sign_in(user).token)["session"]["id"] != signed_in.id


def test_a71_account_made_again_under_the_same_address(target, user, signed_in):
    """Attack: subject confusion: re-created account with the same name/e-mail, old cookie.
    Expected: 401 (stable user id)."""
    device = signed_in.response.cookies()["__Host-device"].value
    target.operate("remove", user_id=user.user_id)
    made = target.operate("add", email=user.email, password=user.password, roles=["admin"])
    assert made["user_id"] != user.user_id
    heir = target.sign_in(user)
    with target.both() as workers:
        for worker in workers:
            for path in ("/me", "/admin"):
                assert worker.request("GET", path, token=signed_in.token).status == 401
            listed = worker.request("GET", "/auth/sessions", token=heir.token).json()["sessions"]
            assert [entry["id"] for entry in listed] == [heir.id]
            # The predecessor's session cannot be reached by its id either, nor is it revived.
            reached = worker.request(
                "DELETE", f"/auth/sessions/{signed_in.id}", target.own_page, token=heir.token
            )
            assert (reached.status, reached.code) == (404, "unknown_session")
    known = target.request(
        "POST",
        "/auth/login",
        [*target.own_page, ("Cookie", f"__Host-device={device}")],
        json={"email": user.email, "password": user.password},
        source=new_address(),
    )
    assert known.status == 200
    assert known.cookies()["__Host-device"].value != device  # it vouches for nobody any more


def test_a72_an_operator_who_looks_at_the_app_as_a_user(target):
    """Attack: admin "view as" session used for step-up or audit evasion.
    Expected: both identities logged; step-up refused."""
    operator, victim = target.new_user("admin"), target.new_user()
    own = target.sign_in(operator)
    answer = target.request("POST", f"/admin/as/{victim.user_id}", target.own_page, token=own.token)
    assert answer.status == 204, answer
    token = answer.token
    shown = target.peek(token)["session"]
    assert (shown["user"]["id"], shown["actor"]) == (victim.user_id, operator.user_id)
    assert target.peek(own.token)["session"] is None  # one person, one session
    step_up = {"password": victim.password}
    for path, body in {
        "/auth/reauthenticate": step_up,
        "/auth/password": {"current_password": victim.password, "new_password": "an entirely new passphrase"},
        f"/admin/as/{operator.user_id}": {},
    }.items():
        refused = target.request("POST", path, target.own_page, token=token, json=body)
        expected = "role_required" if path.startswith("/admin") else "impersonated"
        assert (refused.status, refused.code) == (403, expected), path
    sensitive = target.request("GET", "/sensitive", token=token)
    assert (sensitive.status, sensitive.code) == (403, "reauthentication_required")
    target.request("POST", "/auth/logout", target.own_page, token=token)
    told = [event for event in target.events() if event["session_id"] == shown["id"]]
    assert [event["name"] for event in told[:2]] == ["session.created", "user.impersonated"]
    assert told[-1]["name"] == "session.ended"
    assert {(event["user_id"], event["actor"]) for event in told} == {(victim.user_id, operator.user_id)}
    assert victim.password  # still good: the operator changed nothing
    assert target.sign_in(victim).token
