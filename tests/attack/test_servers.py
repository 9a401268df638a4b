"""The harness itself: two processes answer, and one clock can be turned without the other."""

import pytest

pytestmark = pytest.mark.attack


def test_each_worker_can_be_reached_and_serves_the_same_sessions(target, user, signed_in):
    with target.both() as workers:
        answers = [worker.request("GET", "/me", token=signed_in.token) for worker in workers]
    assert [answer.json()["email"] for answer in answers] == [user.email, user.email]
    assert len({answer.header("x-worker") for answer in answers}) == 2


def test_the_demo_runs_with_its_seeded_users(demo):
    token = demo.sign_in(demo.users["ada@example.test"]).token
    assert demo.peek(token)["session"]["user"]["email"] == "ada@example.test"
