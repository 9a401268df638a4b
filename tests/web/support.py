"""A raw ASGI caller: it has no cookie jar and knows nothing of what it calls."""

import asyncio
import json
from dataclasses import dataclass, field
from urllib.parse import unquote

from coatcheck.core.identity import Identity
from coatcheck.manager import SessionManager
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import FailingStore, ManualClock, RecordingObserver, SeededEntropy
from coatcheck.web import SecurityHeaders, SessionMiddleware, public

HOST = "app.test"
OURS = {"sec-fetch-site": "same-origin"}
PAGE = {"sec-fetch-mode": "navigate", "accept": "text/html"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
ADA = Identity(user_id="u1", email="ada@example.test", name="Ada", roles=frozenset({"user"}))


@dataclass
class Response:
    status: int = 0
    raw: list = field(default_factory=list)
    body: bytes = b""

    def all(self, name):
        return [value.decode() for key, value in self.raw if key.lower() == name.encode()]

    def __getitem__(self, name):
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def json(self):
        return json.loads(self.body)

    def cookie(self, name="__Host-session"):
        """The value that was set, "" if deleted, None if untouched."""
        found = [line for line in self.all("set-cookie") if line.startswith(f"{name}=")]
        assert len(found) <= 1
        return found[0].partition("=")[2].partition(";")[0] if found else None


async def call(
    app, method, target, headers=None, body=b"", *, scheme="https", client=("192.0.2.1", 5), **more
):
    """One request; `headers` is a dict, or a list of pairs where a name must come twice."""
    path, _, query = target.partition("?")
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers or ())
    if not any(name == "host" for name, _ in pairs):
        pairs.insert(0, ("host", HOST))
    scope = {
        "type": "http",
        "method": method,
        "scheme": scheme,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in pairs],
        "client": client,
        **more,
    }
    chunks = body if isinstance(body, list) else [body]
    messages = [
        {"type": "http.request", "body": chunk, "more_body": i < len(chunks) - 1}
        for i, chunk in enumerate(chunks)
    ]
    response = Response()

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            assert not response.status, "two responses to one request"
            response.status, response.raw = message["status"], list(message["headers"])
        else:
            response.body += message.get("body", b"")

    await app(scope, receive, send)
    return response


@dataclass
class World:
    """A manager on a memory store that can be broken, under a clock that stands still."""

    clock: ManualClock = field(default_factory=ManualClock)
    seen: RecordingObserver = field(default_factory=RecordingObserver)
    store: FailingStore = field(default_factory=lambda: FailingStore(MemoryStore()))
    manager: SessionManager = None

    def __post_init__(self):
        self.manager = SessionManager(
            self.store, observers=[self.seen], clock=self.clock, entropy=SeededEntropy()
        )

    async def sign_in(self, identity=ADA, **options):
        """Begin a session past the middleware; return the cookie's text."""
        session = await self.manager.open(None)
        await self.manager.begin(session, identity, **options)
        return (await self.manager.close(session)).text

    def app(self, endpoint, rules, *, headers=None, **policies):
        return SecurityHeaders(SessionMiddleware(endpoint, self.manager, rules=rules, **policies), headers)


def cookie(text):
    return {"cookie": f"__Host-session={text}"}


def respond(status=200, *, headers=(), handler=None):
    """An app that runs `handler(session)` and answers with what it returns."""

    async def endpoint(scope, receive, send):
        body = handler(scope["session"]) if handler else "ok"
        if asyncio.iscoroutine(body):
            body = await body
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": str(body).encode()})

    return endpoint


def everything_public(**options):
    return public("/", **options)
