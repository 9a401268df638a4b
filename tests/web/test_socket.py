import pytest

from coatcheck import Reason, SessionEnded
from coatcheck.web import RouteRules, csrf, guests_only, protected, public
from tests.web.support import World, cookie

RULES = RouteRules([public("/public"), protected("/admin", roles={"admin"}), guests_only("/register")])
ORIGIN = {"origin": "https://app.test"}
RESPONSES = {"websocket.http.response": {}}


@pytest.fixture
def world():
    return World()


async def connect(app, path, headers=None, *, scheme="wss", extensions=None):
    sent, waiting = [], [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]
    pairs = {"host": "app.test", **(headers or {})}
    scope = {
        "type": "websocket",
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in pairs.items()],
        "client": ("192.0.2.1", 5),
    }
    if extensions is not None:
        scope["extensions"] = extensions

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent


def accepting(before=None, after=None):
    async def endpoint(scope, receive, send):
        await receive()
        if before:
            await before(scope["session"])
        await send({"type": "websocket.accept", "headers": [(b"x", b"y")]})
        if after:
            await after(scope)
        await send({"type": "websocket.close", "code": 1000})

    return endpoint


REFUSED = [{"type": "websocket.close", "code": 1008, "reason": ""}]


@pytest.mark.parametrize(
    ("path", "signed_in", "headers", "accepted"),
    [
        ("/live", True, ORIGIN, True),
        ("/live", False, ORIGIN, False),
        ("/public", False, ORIGIN, True),
        ("/public", False, {}, True),
        ("/register", True, ORIGIN, True),
        ("/live", True, {}, False),
        ("/live", True, {"origin": "https://evil.test"}, False),
        ("/live", True, {"origin": "null"}, False),
        ("/public", False, {"origin": "https://app.test.evil"}, False),
        ("/admin", True, ORIGIN, False),
        ("//live", True, ORIGIN, False),
    ],
)
async def test_the_handshake_is_judged_before_the_app_accepts(world, path, signed_in, headers, accepted):
    text = await world.sign_in()
    app = world.app(accepting(), RULES)
    sent = await connect(app, path, headers | (cookie(text) if signed_in else {}))
    assert (sent[0]["type"] == "websocket.accept") is accepted
    assert accepted or sent == REFUSED


async def test_a_program_without_an_origin_shows_the_session_s_token(world):
    text = await world.sign_in()
    token = csrf.token((await world.manager.list("u1"))[0])
    sent = await connect(world.app(accepting(), RULES), "/live", cookie(text) | {"x-csrf-token": token})
    assert sent[0]["type"] == "websocket.accept"


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/live", ORIGIN, 401, b"no_session"),
        ("/public", {"origin": "https://evil.test"}, 403, b"cross_origin"),
        ("/a//b", ORIGIN, 404, b"not_found"),
    ],
)
async def test_a_server_that_can_answers_with_the_problem(world, path, headers, status, code):
    sent = await connect(world.app(accepting(), RULES), path, headers, extensions=RESPONSES)
    assert sent[0]["type"] == "websocket.http.response.start"
    assert sent[0]["status"] == status
    assert (b"cache-control", b"no-store") in sent[0]["headers"]
    assert code in sent[1]["body"]


async def test_what_a_handler_wrote_before_it_accepts_is_stored_and_later_writes_are_explicit(world):
    async def before(session):
        session["early"] = 1

    async def after(scope):
        session = scope["session"]
        session["late"] = 2
        await scope["coatcheck"].manager.save(session)
        session["lost"] = 3

    sent = await connect(world.app(accepting(before, after), RULES), "/public", ORIGIN)
    headers = dict(sent[0]["headers"])
    assert headers[b"x"] == b"y"
    text = headers[b"set-cookie"].decode().partition("=")[2].partition(";")[0]
    assert dict(await world.manager.open(text)) == {"early": 1, "late": 2}


async def test_a_handshake_offers_no_new_token_and_is_no_activity(world):
    text = await world.sign_in()
    world.clock.advance(1000)
    sent = await connect(world.app(accepting(), RULES), "/live", ORIGIN | cookie(text))
    assert sent[0]["headers"] == [(b"x", b"y")]
    assert (await world.manager.open(text)).record.last_seen_at == world.clock.now() - 1000


@pytest.mark.parametrize(("verbs", "path"), [((), "/live"), (("save",), "/live"), ((), "/public")])
async def test_a_store_that_is_down_refuses_what_needs_it(world, verbs, path):
    async def write(session):
        session["x"] = 1

    text = await world.sign_in()
    world.store.fail(*verbs)
    app = world.app(accepting(write), RULES)
    assert await connect(app, path, ORIGIN | cookie(text)) == REFUSED
    sent = await connect(app, path, ORIGIN | cookie(text), extensions=RESPONSES)
    assert (sent[0]["status"], b"store_unavailable" in sent[1]["body"]) == (503, True)
    assert (b"retry-after", b"2") in sent[0]["headers"]


async def test_data_that_cannot_be_kept_refuses_the_handshake(world):
    async def hoard(session):
        session["x"] = "x" * 70_000

    sent = await connect(world.app(accepting(hoard), RULES), "/public", ORIGIN, extensions=RESPONSES)
    assert (sent[0]["status"], b"data_too_large" in sent[1]["body"]) == (500, True)


async def test_a_session_that_moved_on_during_the_handshake_refuses_it(world):
    text = await world.sign_in()

    async def overtaken(session):
        raise SessionEnded("gone", reason=Reason.REVOKED)

    sent = await connect(
        world.app(accepting(overtaken), RULES), "/live", ORIGIN | cookie(text), extensions=RESPONSES
    )
    assert sent[0]["status"] == 401


async def test_a_fault_after_the_handshake_is_the_server_s(world):
    async def late(scope):
        raise SessionEnded("gone", reason=Reason.REVOKED)

    text = await world.sign_in()
    with pytest.raises(SessionEnded):
        await connect(world.app(accepting(None, late), RULES), "/live", ORIGIN | cookie(text))


async def test_no_cookie_is_read_or_set_on_a_plain_socket(world):
    async def write(session):
        session["x"] = 1

    text = await world.sign_in()
    origin = {"origin": "http://app.test"}
    assert (
        await connect(world.app(accepting(), RULES), "/live", origin | cookie(text), scheme="ws") == REFUSED
    )
    sent = await connect(world.app(accepting(write), RULES), "/public", origin, scheme="ws")
    assert sent[0]["headers"] == [(b"x", b"y")]
