"""Starting what is attacked, and stopping it whatever happens."""

import contextlib
import itertools
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tests import leaks
from tests.attack import target
from tests.attack.certificate import Certificate
from tests.attack.rows import Database
from tests.attack.wire import Connection, Headers, Response

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 10
START_SECONDS = 30
PROXY = "127.0.0.9"  # the one address whose X-Forwarded fields the server behind it believes
PUBLIC_ORIGIN = "https://app.test"  # what people see of that server
CONNECTIONS = 200  # so many at most until both workers have answered

# Every loopback address is ours, so every visitor can come from an address of their own.
_addresses = (f"127.{a}.{b}.{c}" for a in range(1, 255) for b in range(1, 255) for c in range(1, 255))
_numbers = itertools.count(1)


def new_address() -> str:
    """Return a client address that no throttle knows yet."""
    return next(_addresses)


@dataclass(frozen=True)
class User:
    """Somebody with an account."""

    email: str
    password: str
    user_id: str = ""


@dataclass(frozen=True)
class SignedIn:
    """What a browser holds after signing in."""

    token: str
    id: str
    response: Response


@dataclass
class Server:
    """A running server.

    Attributes:
        port: Where it listens.
        folder: Where its files are.
        database: Its SQLite file.
        trust: Speaks TLS and trusts its certificate; None for plain http.
        users: Accounts it began with, by e-mail address.
    """

    port: int
    folder: Path
    database: Database
    trust: ssl.SSLContext | None
    users: dict[str, User] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """What its own pages send as `Origin`."""
        return f"{'https' if self.trust else 'http'}://localhost:{self.port}"

    @property
    def own_page(self) -> Headers:
        """The field by which an unsafe request shows that a page of this very site sent it."""
        return [("Origin", self.origin)]

    def connect(self, source: str = "127.0.0.1") -> Connection:
        """Open a connection; close it."""
        return Connection(self.port, self.trust, source)

    def request(
        self, method: str, path: str, *arguments: Any, source: str = "127.0.0.1", **more: Any
    ) -> Response:
        """Send one request over a connection of its own."""
        with self.connect(source) as connection:
            return connection.request(method, path, *arguments, **more)

    @contextlib.contextmanager
    def both(self, source: str = "127.0.0.1") -> Iterator[tuple[Connection, Connection]]:
        """Open a connection to each of the two workers (of the target: the demo does not say which)."""
        with contextlib.ExitStack() as stack:
            found: dict[str, Connection] = {}
            for _ in range(CONNECTIONS):
                connection = stack.enter_context(self.connect(source))
                found.setdefault(connection.request("GET", "/").header("x-worker") or "", connection)
                if len(found) == 2:
                    first, second = found.values()
                    yield first, second
                    return
            raise AssertionError(f"{CONNECTIONS} connections reached one worker only")

    def sign_in(
        self, user: User, *, token: str | None = None, source: str = "", remember: bool = False
    ) -> SignedIn:
        """Sign in, over a connection of its own; `token` is what the browser held before."""
        response = self.request(
            "POST",
            "/auth/login",
            self.own_page,
            token=token,
            json={"email": user.email, "password": user.password, "remember": remember},
            source=source or new_address(),
        )
        assert response.status == 200, response
        return SignedIn(response.token or "", response.json()["session"]["id"], response)

    def peek(self, token: str, source: str = "127.0.0.1") -> dict[str, Any]:
        """Ask what a token is worth, without being activity: `session` and `reason`."""
        response = self.request("GET", "/auth/session", token=token, source=source)
        assert response.status == 200, response
        return response.json()

    def log(self) -> str:
        """Return everything the server's processes have written to their standard streams."""
        return (self.folder / "server.log").read_text(errors="replace")


class Target(Server):
    """The suite's own application: with an operator, a clock to turn, and an observer to read."""

    def operate(self, act: str, **arguments: Any) -> Any:
        """Let the operator act, without any session."""
        response = self.request("POST", f"/operator/{act}", json=arguments)
        assert response.status == 200, response
        return response.json()["result"]

    def new_user(self, *roles: str, far: bool = False) -> User:
        """Make an account that no other test uses; what is read of a far one arrives late."""
        kind = "far" if far else "user"
        email, password = (
            f"{kind}{next(_numbers)}@example.test",
            f"perfectly fine passphrase {next(_numbers)}",
        )
        made = self.operate("add", email=email, password=password, roles=list(roles))
        return User(email, password, made["user_id"])

    def advance(self, seconds: float, worker: str = "all") -> None:
        """Turn the wall clock of all workers, or of one more than of the other."""
        path = self.folder / "clock.json"
        shifts = json.loads(path.read_bytes())
        shifts[worker] = shifts.get(worker, 0) + seconds
        unfinished = path.with_suffix(".new")
        unfinished.write_text(json.dumps(shifts))
        unfinished.replace(path)

    def events(self, *names: str) -> list[dict[str, Any]]:
        """Return what the observers of both workers heard so far, of these names if any are given."""
        lines = (self.folder / "events.jsonl").read_bytes().splitlines()
        heard = [json.loads(line) for line in lines]
        return [event for event in heard if not names or event["name"] in names]


@contextlib.contextmanager
def running_target(folder: Path, certificate: Certificate | None, **orders: Any) -> Iterator[Target]:
    """Run the suite's own application; without a certificate it speaks plain http."""
    (folder / "clock.json").write_text('{"all": 0}')
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        told = target.Orders(
            folder=str(folder),
            listener=listener.fileno(),
            certfile=certificate and certificate.certfile,
            keyfile=certificate and certificate.keyfile,
            **orders,
        )
        environment = {**os.environ, target.VARIABLE: msgspec.json.encode(told).decode()}
        command = [sys.executable, "-m", "tests.attack.target"]
        with _running(folder, command, env=environment, cwd=ROOT, pass_fds=[listener.fileno()]):
            server = Target(
                port=listener.getsockname()[1],
                folder=folder,
                database=Database(folder / "target.db"),
                trust=certificate and certificate.trust,
            )
            listener.close()
            assert server.request("GET", "/").status == 200
            yield server


@contextlib.contextmanager
def running_demo(folder: Path, certificate: Certificate, *arguments: str) -> Iterator[Server]:
    """Run `coatcheck demo` with two workers; its lifetimes are among `arguments`."""
    command = [
        str(Path(sys.executable).with_name("coatcheck")),
        "demo",
        "--json",
        "--port",
        "0",
        "--workers",
        "2",
    ]
    command += ["--database", f"sqlite:///{folder / 'demo.db'}"]
    command += ["--certfile", certificate.certfile, "--keyfile", certificate.keyfile, *arguments]
    with _running(folder, command, cwd=folder):
        told = json.loads(_first_line(folder / "server.log"))
        users = {user["email"]: User(user["email"], user["password"]) for user in told["users"]}
        port = int(told["url"].rpartition(":")[2])
        yield Server(port, folder, Database(folder / "demo.db"), certificate.trust, users)


@contextlib.contextmanager
def _running(folder: Path, command: list[str], **how: Any) -> Iterator[None]:
    """Run a command in a process group of its own, which is gone afterwards."""
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **how)
    try:
        yield
        assert not leaks.search(folder.rglob("*")), "a server wrote a token down"
    except BaseException as error:
        error.add_note((folder / "server.log").read_text(errors="replace"))
        raise
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)


def _first_line(log: Path) -> str:
    """Wait for the first line of a log, and return it."""
    for _ in range(START_SECONDS * 20):
        line, end, _ = log.read_text().partition("\n")
        if end:
            return line
        time.sleep(0.05)
    raise AssertionError(f"the server said nothing within {START_SECONDS} seconds")
