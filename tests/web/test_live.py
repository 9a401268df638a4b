import asyncio
import json
from contextlib import AsyncExitStack

import pytest

from coatcheck import ConfigurationError, Identity, Reason
from coatcheck.core.store import Ending
from coatcheck.manager import watching
from coatcheck.web import HttpApi, RouteRules, live
from coatcheck.web.api import ApiPolicy, events
from tests.web.streaming import streaming
from tests.web.support import PAGE, World, call, cookie, respond

ROTATION_PERIOD = 900


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(watching, "LEAST_PAUSE", 0.0)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def app(world):
    return serve(world)


def serve(world, **policy):
    return world.app(respond(), RouteRules(), api=HttpApi(policy=ApiPolicy(**policy)))


async def test_it_begins_with_the_session_and_keeps_out_of_caches_and_buffers(world, app):
    text = await world.sign_in()
    async with streaming(app, cookie(text)) as stream:
        assert await stream.raw() == "retry: 2000"
        name, content = await stream.event()
        peeked = (await call(app, "GET", "/auth/session", cookie(text))).json
    assert name == "session"
    assert content == {"session": peeked["session"], "server_now": peeked["server_now"]}
    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream"
    assert stream.headers["cache-control"] == "no-store, no-transform"
    assert stream.headers["x-accel-buffering"] == "no"
    assert stream.headers["vary"] == "Cookie"


async def test_only_what_is_exposed_is_shown(world):
    session = await world.manager.open(await world.sign_in())
    session |= {"theme": "dark", "secret": "s"}
    await world.manager.save(session)
    text = session.token.text
    async with streaming(serve(world, exposed=frozenset({"theme"})), cookie(text)) as stream:
        _, content = await stream.event()
    assert content["session"]["data"] == {"theme": "dark"}
    assert text not in json.dumps(content)


async def test_every_change_is_told_with_a_higher_revision(world, app):
    async with streaming(app, cookie(await world.sign_in())) as stream:
        _, before = await stream.event()
        await world.manager.update_user(Identity(user_id="u1", name="Ada", roles=frozenset({"admin"})))
        name, after = await stream.event()
    assert (name, after["session"]["user"]["roles"]) == ("session", ["admin"])
    assert after["session"]["rev"] > before["session"]["rev"]


@pytest.mark.parametrize("reason", [Reason.REVOKED, Reason.USER_DISABLED, Reason.TOKEN_REUSED])
async def test_the_end_is_told_and_then_the_stream_ends(world, app, reason):
    text = await world.sign_in()
    async with streaming(app, cookie(text)) as stream:
        _, first = await stream.event()
        await world.manager.revoke_user("u1", reason=reason)
        name, ended = await stream.event()
        await stream.done()
    assert name == "ended"
    assert ended == {"id": first["session"]["id"], "reason": reason, "server_now": first["server_now"]}


async def test_a_sign_out_ends_it_too(world, app):
    text = await world.sign_in()
    async with streaming(app, cookie(text)) as stream:
        await stream.event()
        await call(app, "POST", "/auth/logout", cookie(text) | {"sec-fetch-site": "same-origin"})
        assert (await stream.event())[1]["reason"] == "logged_out"


@pytest.mark.parametrize(("seconds", "reason"), [(1800, "idle_timeout"), (12 * 3600, "absolute_timeout")])
async def test_a_deadline_ends_a_stream_that_is_never_activity(world, app, seconds, reason, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT", 0.01)
    text = await world.sign_in()
    if seconds > 1800:
        for _ in range(seconds // 1200):
            world.clock.advance(1200)
            await world.manager.touch(await world.manager.open(text))
        seconds -= seconds // 1200 * 1200
    async with streaming(app, cookie(text) | PAGE) as stream:
        await stream.event()
        world.clock.advance(seconds)
        assert (await stream.raw()).startswith(": ")
        world.clock.advance(5.001)
        assert (await stream.event())[1]["reason"] == reason
        await stream.done()


async def test_a_quiet_stream_says_that_it_lives(world, app, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT", 0.01)
    async with streaming(app, cookie(await world.sign_in())) as stream:
        await stream.event()
        assert [await stream.raw() for _ in range(3)] == [": heartbeat"] * 3


async def test_a_stream_offers_no_token_and_commits_the_one_it_came_with(world, app):
    text = await world.sign_in()
    world.clock.advance(ROTATION_PERIOD)
    async with streaming(app, cookie(text)) as stream:
        await stream.event()
        assert "set-cookie" not in stream.headers
        following = (await call(app, "GET", "/auth/session", cookie(text))).cookie()
    async with streaming(app, cookie(following)) as stream:
        await stream.event()
    chain = (await world.manager.open(following)).record.chain
    assert chain.committed_at == world.clock.now()


async def test_a_retired_token_closes_its_stream_without_an_end(world, app, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT", 0.01)
    text = await world.sign_in()
    async with streaming(app, cookie(text)) as stream:
        await stream.event()
        world.clock.advance(ROTATION_PERIOD)
        following = (await call(app, "GET", "/auth/session", cookie(text))).cookie()
        await call(app, "GET", "/auth/session", cookie(following))
        assert (await stream.event())[0] == "session"
        world.clock.advance(15.001)
        await stream.done()
        assert all(not part.startswith("event") for part in iter_now(stream))
    assert not {"token.reused", "session.ended"} & set(world.seen.names())
    async with streaming(app, cookie(following)) as again:
        assert (await again.event())[0] == "session"


def iter_now(stream):
    while not stream.parts.empty():
        yield stream.parts.get_nowait()


@pytest.mark.parametrize("headers", [{}, cookie("A" * 64), PAGE])
async def test_who_is_not_signed_in_gets_a_problem(app, headers):
    response = await call(app, "GET", "/auth/events", headers)
    assert response.status == 401
    assert response["content-type"] == "application/problem+json"


async def test_a_head_request_opens_nothing(world, app):
    text = await world.sign_in()
    response = await call(app, "HEAD", "/auth/events", cookie(text))
    assert (response.status, response["content-type"], response.body) == (200, "text/event-stream", b"")
    assert (await call(app, "POST", "/auth/events", cookie(text) | {"sec-fetch-site": "none"})).status == 405


async def test_each_session_has_a_few_streams_and_gets_them_back(world, app):
    text, other = await world.sign_in(), await world.sign_in()
    async with AsyncExitStack() as stack:
        for _ in range(events.MOST_PER_SESSION):
            await (await stack.enter_async_context(streaming(app, cookie(text)))).event()
        refused = await call(app, "GET", "/auth/events", cookie(text))
        assert (refused.status, refused.json["code"], refused["retry-after"]) == (
            429,
            "too_many_streams",
            "5",
        )
        async with streaming(app, cookie(other)) as stream:
            await stream.event()
    async with streaming(app, cookie(text)) as stream:
        await stream.event()


async def test_a_worker_has_room_for_so_many_and_no_more(world):
    app = serve(world, streams=1)
    async with streaming(app, cookie(await world.sign_in())) as stream:
        await stream.event()
        refused = await call(app, "GET", "/auth/events", cookie(await world.sign_in()))
        assert (refused.status, refused.json["code"]) == (429, "too_many_streams")


def test_a_worker_without_room_for_any_stream_is_a_mistake():
    with pytest.raises(ConfigurationError, match="streams=0"):
        ApiPolicy(streams=0)


async def test_a_client_that_leaves_is_noticed_at_once(world, app):
    async with streaming(app, cookie(await world.sign_in())) as stream:
        await stream.event()
        stream.leave.set()
        await stream.done()
    assert not world.manager._context.changes._subscriptions


async def test_a_cancelled_stream_leaves_nothing_behind(world, app):
    text = await world.sign_in()
    for _ in range(events.MOST_PER_SESSION + 1):
        async with streaming(app, cookie(text)) as stream:
            await stream.event()
            stream.task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await stream.task
    assert not world.manager._context.changes._subscriptions


async def test_a_server_that_stops_lets_streams_reconnect(world, app):
    async with world.manager, streaming(app, cookie(await world.sign_in())) as stream:
        await stream.event()
        world.manager.release()
        await stream.done()
        assert all(not part.startswith("event") for part in iter_now(stream))


async def test_a_stream_bears_an_outage_and_tells_what_happened_meanwhile(world, app, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT", 0.01)
    async with streaming(app, cookie(await world.sign_in())) as stream:
        id = (await stream.event())[1]["session"]["id"]
        world.store.fail("load")
        await world.store.end([Ending(id, Reason.REVOKED, world.clock.now())])
        assert [await stream.raw() for _ in range(5)] == [": heartbeat"] * 5
        world.store.heal()
        world.clock.advance(watching.RETRY)
        assert (await stream.event())[1]["reason"] == "revoked"


async def test_no_stream_begins_without_the_store(world, app):
    text = await world.sign_in()
    world.store.fail()
    response = await call(app, "GET", "/auth/events", cookie(text))
    assert (response.status, response.json["code"]) == (503, "store_unavailable")


async def test_a_session_that_is_over_gets_no_stream(world, app):
    text = await world.sign_in()
    await world.manager.revoke_user("u1")
    response = await call(app, "GET", "/auth/events", cookie(text))
    assert (response.status, response.json["code"]) == (401, "revoked")
