"""Under load: requests per second behind uvicorn with two workers, asked by wrk as fast as it can."""

import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from statistics import median

from benchmarks import serving
from benchmarks.hosts.request import Response
from benchmarks.options import Options
from benchmarks.page import Page, Table, Verdict
from benchmarks.servers import ENGINES, Servers
from benchmarks.timing import ratio

LIMIT = 0.9
WORKERS, CONNECTIONS, SECONDS = 2, 16, 2
SEED = 17
START_SECONDS = 60.0
FROM_PROXY = {"X-Forwarded-Proto": "https"}  # as from the proxy that ends TLS, which uvicorn believes
BARE, SIGNED = "bare Starlette", "Starlette, signed cookie"
MISSING = "wrk is not installed: apt install wrk, dnf install wrk or brew install wrk"
ABOUT = """
Requests per second for a signed-in read, behind `uvicorn --workers {workers}` as `pip install uvicorn`
brings it, asked by wrk over {connections} connections on the same machine for {seconds} s: medians of
{rounds} interleaved rounds. Workers, wrk and engines share the cores. Each Coatcheck has its
near-cache, as `install` gives it.
"""
RATE = re.compile(r"Requests/sec:\s+([\d.]+)")


@dataclass
class Contender:
    """An application that is served.

    Attributes:
        name: What it is.
        factory: Which of `serving`.
        url: Of its store.
        rates: Requests per second, one a round.
    """

    name: str
    factory: str
    url: str = ""
    port: int = 0
    cookie: str = ""
    rates: list[float] = field(default_factory=list)


def run(options: Options, servers: Servers) -> Page:
    if not shutil.which("wrk"):
        return Page("What a server delivers", MISSING, [])
    contenders = [
        Contender(BARE, serving.without_sessions.__name__),
        Contender(SIGNED, serving.with_a_signed_cookie.__name__),
        *(
            Contender(f"Coatcheck, {engine}", serving.with_coatcheck.__name__, servers.fresh(engine))
            for engine in ENGINES
        ),
    ]
    with ExitStack() as stack:
        for contender in contenders:
            stack.enter_context(served(contender))
        compete(contenders, options.rounds)
    return page(contenders, options.rounds)


def page(contenders: list[Contender], rounds: int) -> Page:
    """Return what is said of the rates."""
    bare = next(contender.rates for contender in contenders if contender.name == BARE)
    shares = {contender.name: ratio(contender.rates, bare) for contender in contenders}
    rows = [
        (contender.name, f"{median(contender.rates):,.0f}", f"{shares[contender.name]:.2f}")
        for contender in contenders
    ]
    verdicts = [
        Verdict(f"{name}: requests per second, of the bare app's", LIMIT, share, at_least=True)
        for name, share in shares.items()
        if name.startswith("Coatcheck")
    ]
    about = ABOUT.format(workers=WORKERS, connections=CONNECTIONS, seconds=SECONDS, rounds=rounds)
    table = Table("Authenticated read", ("app", "requests per second", "of the bare app's"), rows)
    return Page("What a server delivers", about, [table], verdicts)


def compete(contenders: list[Contender], rounds: int) -> None:
    """Let wrk ask each of them in each round, after one round that does not count."""
    order = random.Random(SEED)
    for number in range(rounds + 1):
        for contender in order.sample(contenders, len(contenders)):
            rate = ask(contender)
            if number:
                contender.rates.append(rate)


def ask(contender: Contender) -> float:
    """Return the requests per second that wrk got answered."""
    headers = {**FROM_PROXY, "Cookie": contender.cookie}
    given = [text for name, value in headers.items() for text in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *given]
    told = subprocess.run([*command, _at(contender, "/read")], check=True, capture_output=True, text=True)
    assert "Non-2xx" not in told.stdout, told.stdout
    found = RATE.search(told.stdout)
    assert found, told.stdout
    return float(found[1])


@contextmanager
def served(contender: Contender) -> Iterator[None]:
    """Serve it, with somebody signed in."""
    command = [sys.executable, "-m", "uvicorn", "--factory", f"benchmarks.serving:{contender.factory}"]
    settings = ["--workers", str(WORKERS), "--log-level", "error", "--no-access-log"]
    environment = os.environ | {serving.URL: contender.url, "PYTHONPATH": os.pathsep.join(sys.path)}
    with ExitStack() as stack:
        listener = stack.enter_context(_listener())
        contender.port = listener.getsockname()[1]
        command += [*settings, "--fd", str(listener.fileno())]
        server = stack.enter_context(subprocess.Popen(command, env=environment, pass_fds=[listener.fileno()]))
        try:
            _until_it_answers(contender, server)
            contender.cookie = _sign_in(contender)
            yield
        finally:
            server.terminate()


def _listener() -> socket.socket:
    """Return a socket whose connections send at once.

    uvicorn's own, with several workers, do not: they keep an answer's body back until the client has
    confirmed its head, which takes 40 ms on Linux. All contenders would be as slow as that.
    """
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _until_it_answers(contender: Contender, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with suppress(urllib.error.URLError):
            _get(contender, "/plain")
            return
        assert server.poll() is None, f"{contender.name} did not start"
        assert time.monotonic() < deadline, f"{contender.name} did not answer"
        time.sleep(0.1)


def _sign_in(contender: Contender) -> str:
    cookie = (_get(contender, "/login").cookie or b"").decode()
    if contender.name != BARE:
        assert _get(contender, "/read", Cookie=cookie).body == "0", f"{contender.name} keeps no session"
    return cookie


def _get(contender: Contender, path: str, **headers: str) -> Response:
    asked = urllib.request.Request(_at(contender, path), headers=FROM_PROXY | headers)  # noqa: S310 - our own server
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - likewise
        pairs = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        return Response(answer.status, pairs, answer.read().decode())


def _at(contender: Contender, path: str) -> str:
    return f"http://127.0.0.1:{contender.port}{path}"
