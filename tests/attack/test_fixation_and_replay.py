"""A1 to A9: tokens that an attacker chose, learned or kept."""

import secrets
import time

import pytest

from tests.attack.wire import COOKIE, NAVIGATION

pytestmark = pytest.mark.attack

MINUTE = 60
IDLE, ABSOLUTE, ROTATE, OVERLAP, TOLERANCE = 30 * MINUTE, 12 * 60 * MINUTE, 15 * MINUTE, 10, 5


def invented_token():
    return secrets.token_urlsafe(48)


def rotate(server, token):
    """Wait for a rotation, take the successor and use it; return it."""
    server.advance(ROTATE + 1)
    offered = server.request("GET", "/me", NAVIGATION, token=token).token
    assert server.request("GET", "/me", NAVIGATION, token=offered).status == 200
    return offered


def test_a01_fixation_attacker_chosen_id(target, user):
    """Attacker-chosen id, victim logs in: id ignored; fresh id; attacker's id anonymous."""
    chosen = invented_token()
    victim = target.sign_in(user, token=chosen)
    assert victim.token != chosen
    assert not chosen.startswith(victim.token[:21])  # 21 characters: all but the id's last two bits
    assert target.database.session(victim.id)
    with target.both() as workers:
        for worker in workers:
            assert worker.request("GET", "/me", token=chosen).status == 401
            assert worker.request("GET", "/auth/session", token=chosen).json()["session"] is None
    assert target.peek(victim.token)["session"]["user"]["email"] == user.email


def test_a02_fixation_with_a_valid_visitors_session(target, user):
    """A *valid* pre-session obtained by the attacker: dead after the victim's login."""
    planted = target.request("POST", "/notes", json={"role": "admin", "locale": "eo"}).token
    assert target.request("GET", "/notes", token=planted).json() == {"role": "admin", "locale": "eo"}
    victim = target.sign_in(user, token=planted)
    assert target.request("GET", "/notes", token=planted).json() == {}
    assert target.peek(planted)["reason"] == "superseded"
    # What the attacker left there is gone too, but for what the app allows through.
    assert target.request("GET", "/notes", token=victim.token).json() == {"locale": "eo"}


def test_a02_fixation_with_the_attackers_own_account(target, user):
    """The attacker's own signed-in session, planted: dead after the victim's login, and nothing carried."""
    attacker = target.sign_in(target.new_user())
    target.request("POST", "/notes", token=attacker.token, json={"locale": "eo"}, headers=target.own_page)
    victim = target.sign_in(user, token=attacker.token)
    assert target.request("GET", "/me", token=attacker.token).code == "superseded"
    assert target.request("GET", "/me", token=victim.token).json()["email"] == user.email
    assert target.request("GET", "/notes", token=victim.token).json() == {}


def test_a03_replay_after_logout_at_the_other_worker(target, signed_in):
    """Replay of a cookie after logout, at the other worker, within 1 ms: 401, told as use after expiry."""
    with target.both() as (first, second):
        assert second.request("GET", "/me", token=signed_in.token).status == 200
        out = first.request("POST", "/auth/logout", target.own_page, token=signed_in.token)
        replayed = second.request("GET", "/me", token=signed_in.token)
    assert (out.status, out.token) == (204, "")
    assert (replayed.status, replayed.code) == (401, "logged_out")
    (refused,) = [event for event in target.events("session.refused") if event["session_id"] == signed_in.id]
    assert refused["reason"] == "logged_out"


@pytest.mark.parametrize("remember", [False, True])
def test_a04_replay_after_idle_expiry_with_edited_max_age(target, user, remember):
    """Replay after idle expiry by a client that keeps cookies for ever: 401 with the right reason."""
    idle = 14 * 24 * 60 * MINUTE if remember else IDLE
    token = target.sign_in(user, remember=remember).token
    target.advance(idle - 1)
    assert target.peek(token)["session"]
    target.advance(1 + TOLERANCE + 1)
    with target.both() as workers:
        for worker in workers:
            replayed = worker.request("GET", "/me", token=token)
            assert (replayed.status, replayed.code) == (401, "idle_timeout")
            assert worker.request("GET", "/auth/session", token=token).json()["reason"] == "idle_timeout"


def test_a04_replay_after_idle_expiry_in_real_time(hasty_demo):
    """The same on the demo, waiting: a page is led to sign in, and told why."""
    token = hasty_demo.sign_in(hasty_demo.users["ada@example.test"]).token
    assert hasty_demo.request("GET", "/dashboard", NAVIGATION, token=token).status == 200
    time.sleep(4.5)
    replayed = hasty_demo.request("GET", "/dashboard", NAVIGATION, token=token)
    assert replayed.status == 303
    assert replayed.header("location").startswith("/login?next=%2Fdashboard&reason=idle_timeout&")


def test_a05_replay_of_the_old_token_inside_the_overlap(target, signed_in):
    """Replay of the old token inside the overlap: served, no new successor, no second rotation."""
    current = rotate(target, signed_in.token)
    target.advance(OVERLAP - 2)
    with target.both() as workers:
        for worker in (*workers, *workers):
            replayed = worker.request("GET", "/me", token=signed_in.token)
            assert (replayed.status, replayed.token) == (200, None)
    assert target.database.session(signed_in.id).chain.generation == 2
    assert target.request("GET", "/me", token=current).status == 200


def test_a06_replay_of_the_old_token_beyond_the_overlap(target, signed_in):
    """Replay of the old token beyond the overlap: 401, whole session revoked, alert."""
    current = rotate(target, signed_in.token)
    target.advance(OVERLAP + TOLERANCE + 1)
    with target.both() as (thiefs, victims):
        stolen = thiefs.request("GET", "/me", token=signed_in.token)
        honest = victims.request("GET", "/me", token=current)
    assert [(stolen.status, stolen.code), (honest.status, honest.code)] == [(401, "token_reused")] * 2
    (alert,) = [event for event in target.events("token.reused") if event["session_id"] == signed_in.id]
    evidence = alert["evidence"]
    assert (evidence["presented"], evidence["current"], evidence["one_step_back"]) == (1, 2, True)
    assert alert["ended"]


def test_a06_replay_two_rotations_later_ends_the_session_too(target, signed_in):
    """The same with a token two rotations old: only its family is known of it, and that is enough."""
    current = rotate(target, rotate(target, signed_in.token))
    target.advance(OVERLAP + TOLERANCE + 1)
    assert target.request("GET", "/me", token=signed_in.token).code == "token_reused"
    assert target.request("GET", "/me", token=current).code == "token_reused"


def test_a07_keep_alive_for_ever(target, signed_in):
    """Pinging for ever: dies at the absolute deadline, which no rotation moves."""
    token, step = signed_in.token, 10 * MINUTE
    deadline = target.database.session(signed_in.id).absolute_at
    with target.connect() as connection:
        for _ in range(ABSOLUTE // step - 1):
            target.advance(step)
            pinged = connection.request("POST", "/auth/session/touch", target.own_page, token=token)
            assert pinged.status == 200
            token = pinged.token or token
        record = target.database.session(signed_in.id)
        assert record.absolute_at == deadline
        assert record.chain.generation > 20
        target.advance(step + TOLERANCE + 1)
        dead = connection.request("POST", "/auth/session/touch", target.own_page, token=token)
    assert (dead.status, dead.code) == (401, "absolute_timeout")


def test_a07_keep_alive_for_ever_in_real_time(hasty_demo):
    """The same on the demo, clicking all the time: over within a second after the absolute deadline."""
    token, began = hasty_demo.sign_in(hasty_demo.users["grace@example.test"]).token, time.monotonic()
    while (answer := hasty_demo.request("GET", "/dashboard", NAVIGATION, token=token)).status == 200:
        assert time.monotonic() - began < 9
        token = answer.token or token
        time.sleep(0.3)
    assert time.monotonic() - began > 6.9
    assert answer.header("location").startswith("/login?next=%2Fdashboard&reason=absolute_timeout&")


def test_a08_status_polled_to_keep_alive(target, signed_in):
    """Polling what is no activity: the idle timeout still comes."""
    seen_at = target.database.session(signed_in.id).last_seen_at
    polls = [
        ("/auth/session", []),
        ("/auth/session", NAVIGATION),
        ("/status", NAVIGATION),
        ("/me", [("Sec-Fetch-Mode", "cors")]),
        ("/me", [*NAVIGATION, ("Sec-Purpose", "prefetch")]),
        ("/me", [*NAVIGATION, ("Coatcheck-Activity", "passive")]),
    ]
    with target.connect() as connection:
        for _ in range(3):
            target.advance(4 * MINUTE)  # stays below a rotation, whose commit is not at issue here
            for path, headers in polls:
                assert connection.request("GET", path, headers, token=signed_in.token).status == 200
    time.sleep(1.5)  # longer than the second for which a stamp of activity may wait to be written
    assert target.database.session(signed_in.id).last_seen_at == seen_at
    target.advance(IDLE - 12 * MINUTE + TOLERANCE + 1)
    assert target.request("GET", "/me", token=signed_in.token).code == "idle_timeout"


def test_a09_token_anywhere_but_in_the_cookie(target, signed_in):
    """Token in query, body, path, `Authorization`, `X-Session`: ignored, not logged."""
    token = signed_in.token
    pair = f"{COOKIE}={token}"
    attempts = [
        target.request("GET", f"/me?{pair}&session={token}"),
        target.request("GET", f"/me;{pair}"),
        target.request("GET", f"/me/{token}"),
        target.request("GET", "/me", [("Authorization", f"Bearer {token}")]),
        target.request("GET", "/me", [("X-Session", token), ("Session", token), ("X-Cookie", pair)]),
        target.request("GET", "/me", [("Cookie2", pair), ("Set-Cookie", pair)]),
        target.request("GET", "/me", body=pair.encode()),
        target.request("POST", "/auth/session/touch", form={COOKIE: token, "session": token}),
        target.request("POST", "/auth/session/touch", json={COOKIE: token}),
    ]
    assert [attempt.status for attempt in attempts] == [401, 404, 401, 401, 401, 401, 401, 401, 401]
    assert all(token.encode() not in attempt.body for attempt in attempts)
    assert target.request("GET", "/me", token=token).status == 200
    assert token not in target.log()
    assert token not in (target.folder / "events.jsonl").read_text()
