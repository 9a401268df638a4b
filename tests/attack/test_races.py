"""A29 to A33: what happens when two things happen at once, at two workers."""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from coatcheck.core.record import Tombstone
from tests.attack.servers import new_address
from tests.attack.target import FAR

pytestmark = pytest.mark.attack

ROTATE, OVERLAP, TOLERANCE, IDLE = 15 * 60, 10, 5, 30 * 60
CAP = 10
FREE = 5  # attempts on one account that may be under way at once: the throttle counts them as they begin


def together(*acts):
    """Do all of these at the same moment, each on a thread of its own; return what each returned."""
    start = threading.Barrier(len(acts))

    def wait_and_do(act):
        start.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(wait_and_do, acts))


@contextlib.contextmanager
def crowd(server, size):
    """Open so many connections, over which requests can be sent at the same moment."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(server.connect()) for _ in range(size)]


def log_in(server, user):
    """Sign in, or fail to, from an address of one's own."""
    credentials = {"email": user.email, "password": user.password}
    return lambda: server.request(
        "POST", "/auth/login", server.own_page, json=credentials, source=new_address()
    )


def test_a29_parallel_requests_across_a_rotation(target, signed_in):
    """100 parallel requests across a rotation instant: exactly one successor, no 401 for the honest."""
    old = signed_in.token
    with crowd(target, 100) as connections:
        before, after = connections[:50], connections[50:]
        for connection in before:
            connection.start("GET", "/me", token=old)
        target.advance(ROTATE + 1)
        for connection in after:
            connection.start("GET", "/me", token=old)
        answers = [connection.receive() for connection in connections]
        (successor,) = {answer.token for answer in answers} - {None}
        tokens = [old if number % 2 else successor for number in range(100)]
        answers += together(
            *(
                lambda connection=connection, token=token: connection.request("GET", "/me", token=token)
                for connection, token in zip(connections, tokens, strict=True)
            )
        )
    assert {answer.status for answer in answers} == {200}
    assert len({answer.header("x-worker") for answer in answers}) == 2
    assert {answer.token for answer in answers} == {None, successor}
    assert target.database.session(signed_in.id).chain.generation == 2
    assert len([e for e in target.events("session.rotated") if e["session_id"] == signed_in.id]) == 1


def test_a30_parallel_logins_at_the_cap(target, user):
    """Login beside login for one user at the cap: the cap is never exceeded."""
    for _ in range(CAP // FREE):
        together(*[log_in(target, user)] * FREE)
    assert len(target.database.alive(user.user_id)) == CAP
    numbers, done = [], threading.Event()

    def watch():
        while not done.is_set():
            numbers.append(len(target.database.alive(user.user_id)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        answers = [answer for _ in range(4) for answer in together(*[log_in(target, user)] * FREE)]
    finally:
        done.set()
        watcher.join()
    assert [answer.status for answer in answers] == [200] * 4 * FREE
    assert set(numbers) == {CAP}
    alive = target.database.alive(user.user_id)
    assert {answer.json()["session"]["id"] for answer in answers[-CAP:]} == set(alive)
    admitted = [target.request("GET", "/me", token=answer.token).status for answer in answers]
    assert sorted(admitted) == [200] * CAP + [401] * (4 * FREE - CAP)


def assert_dead(server, signed_in):
    """Neither worker knows the session any more, and the store holds no more than its tombstone."""
    with server.both() as workers:
        for worker in workers:
            assert worker.request("GET", "/me", token=signed_in.token).status == 401
    assert isinstance(server.database.session(signed_in.id), Tombstone)


def test_a31_logout_beside_a_request_that_writes(target, signed_in):
    """Logout while a request that writes the session is under way: the session stays dead."""
    with target.both() as (writing, leaving):
        writing.start("POST", "/notes?wait=0.5", target.own_page, token=signed_in.token, json={"late": True})
        time.sleep(0.2)
        assert leaving.request("POST", "/auth/logout", target.own_page, token=signed_in.token).status == 204
        late = writing.receive()
    assert (late.status < 500, late.token) == (True, None)
    assert_dead(target, signed_in)


@pytest.mark.parametrize("rounds", [8, pytest.param(200, marks=[pytest.mark.long, pytest.mark.timeout(600)])])
def test_a31_logout_beside_everything_that_writes(target, user, rounds):
    """The same at the same moment: data, activity and a fresh password, none of which revives anything."""
    for _ in range(rounds):
        victim = target.sign_in(user)
        out, *others = leave_beside_writers(target, user, victim.token)
        assert all(other.status < 500 for other in others)
        handed_out = [other.token for other in others if other.token]
        if out.status == 204:
            assert_dead(target, victim)
            assert all(target.request("GET", "/me", token=token).status == 401 for token in handed_out)
        else:  # the fresh password came first, and superseded the token that wanted to leave
            assert (out.status, out.code) == (401, "superseded")
            assert [target.request("GET", "/me", token=token).status for token in handed_out] == [200]


def leave_beside_writers(server, user, token):
    """Sign out; at the same moment write data, be active, and prove the password again."""
    page, password = server.own_page, {"password": user.password}
    with crowd(server, 4) as (leaving, writing, touching, proving):
        return together(
            lambda: leaving.request("POST", "/auth/logout", page, token=token),
            lambda: writing.request("POST", "/notes", page, token=token, json={"late": True}),
            lambda: touching.request("POST", "/auth/session/touch", page, token=token),
            lambda: proving.request("POST", "/auth/reauthenticate", page, token=token, json=password),
        )


def test_a32_revoke_all_beside_login(target, user):
    """Revoke-all beside login: each login either dies with the rest or came after; nothing is in between."""
    for _ in range(4):
        earlier = target.sign_in(user)
        revoked, *logins = together(
            lambda: target.operate("revoke_user", user_id=user.user_id),
            *[log_in(target, user)] * 2,
        )
        assert revoked >= 1
        assert target.request("GET", "/me", token=earlier.token).code == "revoked"
        alive = set(target.database.alive(user.user_id))
        for login in logins:
            lives = target.request("GET", "/me", token=login.token).status == 200
            assert lives == (login.json()["session"]["id"] in alive)
        later = target.sign_in(user)
        assert target.request("GET", "/me", token=later.token).status == 200
        target.operate("revoke_user", user_id=user.user_id)
        assert target.database.alive(user.user_id) == []


def overtaken(server, act, **arguments):
    """Let the operator act while sign-ins are under way that have read the account as it was before."""
    user = server.new_user("admin", far=True)

    def operate_in_the_middle():
        time.sleep(FAR / 2)  # the password is verified, the account's facts are on their way
        server.operate(act, user_id=user.user_id, **arguments)

    _, *logins = together(operate_in_the_middle, *[log_in(server, user)] * 3)
    return user, logins


def test_a32_revoke_all_overtakes_a_login(target):
    """A login that had begun before everything was revoked begins anew: its session is younger."""
    user, logins = overtaken(target, "revoke_user")
    (revoked,) = [event for event in target.events("user.revoked") if event["user_id"] == user.user_id]
    assert [login.status for login in logins] == [200] * 3
    alive = [target.database.session(id) for id in target.database.alive(user.user_id)]
    assert all(record.created_at > revoked["at"] for record in alive)


def test_a32_disable_beside_login(target):
    """A login that races with the closing of its account never survives it."""
    for _ in range(2):
        user, logins = overtaken(target, "disable")
        assert {login.status for login in logins} <= {200, 401}  # 200: had the operator come late
        assert target.database.alive(user.user_id) == []
        tokens = [login.token for login in logins if login.token]
        assert all(target.request("GET", "/me", token=token).status == 401 for token in tokens)


def test_a32_demotion_beside_login(target):
    """A login that races with a demotion never keeps the old role."""
    for _ in range(2):
        _, logins = overtaken(target, "set_roles", roles=[])
        assert [login.status for login in logins] == [200] * 3
        admitted = [target.request("GET", "/admin", token=login.token).status for login in logins]
        assert admitted == [403] * 3


def test_a33_logout_is_safe_to_repeat(target, user):
    """Double logout, logout of an expired session, of a missing row: 204 or 303 each, no exception."""
    page = target.own_page

    def leave(token, **more):
        return target.request("POST", "/auth/logout", page, token=token, **more)

    twice = target.sign_in(user).token
    assert [leave(twice).status, leave(twice).status] == [204, 204]
    as_form = leave(twice, form={})
    assert (as_form.status, as_form.header("location")) == (303, "/login?reason=logged_out")
    assert target.request("POST", "/auth/logout", page).status == 204

    parallel = target.sign_in(user).token
    assert {answer.status for answer in together(*[lambda: leave(parallel)] * 10)} == {204}

    missing = target.sign_in(user)
    assert target.database.write("DELETE FROM coatcheck_sessions WHERE id = ?", missing.id) == 1
    assert leave(missing.token).status == 204

    expired = target.sign_in(user).token
    target.advance(IDLE + TOLERANCE + 1)
    assert leave(expired).status == 204
    assert "Traceback" not in target.log()


def test_a33_ending_a_missing_session(target, user):
    """Ending one's session twice, somebody else's, or one that never was: 204 once, 404 otherwise."""
    mine, other = target.sign_in(user), target.sign_in(user)
    strangers = target.sign_in(target.new_user())

    def end(id):
        return target.request("DELETE", f"/auth/sessions/{id}", target.own_page, token=mine.token)

    answers = together(*[lambda: end(other.id)] * 6)
    assert {answer.status for answer in answers} <= {204, 404}
    assert 204 in {answer.status for answer in answers}
    for id in (other.id, strangers.id, "0" * 32, "nonsense"):
        refused = end(id)
        assert (refused.status, refused.code) == (404, "unknown_session"), id
    assert target.request("GET", "/me", token=strangers.token).status == 200
