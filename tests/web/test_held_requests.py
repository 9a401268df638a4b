"""A request whose body the client holds back: what was admitted when it came may be over."""

import pytest

from coatcheck import Reason
from coatcheck.testing import RecordingObserver
from coatcheck.web import HttpApi, RouteRules, SessionMiddleware, protected
from tests.web.support import ADA, FORM, OURS, World, cookie, respond

RULES = RouteRules([protected("/admin", roles={"admin"})])


async def held(app, target, headers, body, meanwhile):
    """One POST whose body comes only after `meanwhile`; return the status."""
    path = target.encode()
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "https",
        "path": target,
        "raw_path": path,
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"app.test"), *((k.lower().encode(), v.encode()) for k, v in headers.items())],
        "client": ("192.0.2.1", 5),
    }
    sent = []

    async def receive():
        await meanwhile()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"]


@pytest.fixture
def world():
    return World()


def ends(world, text, seconds):
    async def meanwhile():
        world.clock.advance(seconds)
        session = await world.manager.open(text)
        await world.manager.revoke(session.id, reason=Reason.REVOKED)

    return meanwhile


async def test_a_form_held_over_a_revocation_reaches_no_handler(world):
    reached = RecordingObserver()
    text = await world.sign_in()
    app = world.app(respond(handler=lambda _session: reached.events.append("here") or "ok"), RULES)
    headers = FORM | OURS | cookie(text) | {"accept": "application/json"}
    assert await held(app, "/anything", headers, b"a=1", ends(world, text, 2)) == 401
    assert reached.events == []


async def test_a_form_held_over_a_demotion_is_refused(world):
    text = await world.sign_in(ADA)

    async def meanwhile():
        world.clock.advance(2)
        await world.manager.update_user(ADA.__class__(user_id=ADA.user_id, roles=frozenset()))

    app = world.app(respond(), RULES)
    headers = FORM | OURS | cookie(text) | {"accept": "application/json"}
    assert await held(app, "/admin", headers, b"a=1", meanwhile) == 403


async def test_a_call_of_the_api_held_over_a_revocation_is_refused(world):
    text = await world.sign_in()
    app = SessionMiddleware(respond(), world.manager, api=HttpApi())
    headers = OURS | cookie(text) | {"content-type": "application/json"}
    meanwhile = ends(world, text, 2)
    assert await held(app, "/auth/session/touch", headers, b"{}", meanwhile) == 401


async def test_a_body_that_comes_at_once_costs_no_second_look(world):
    text = await world.sign_in()
    app = world.app(respond(), RULES)
    headers = FORM | OURS | cookie(text) | {"accept": "application/json"}
    assert await held(app, "/anything", headers, b"a=1", ends(world, text, 0.5)) == 200
