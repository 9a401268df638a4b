"""Starting the demo: everything that can fail does so before the server runs."""

import asyncio
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import msgspec
import uvicorn
from uvicorn.supervisors import Multiprocess

from coatcheck.core.clock import SystemClock
from coatcheck.core.entropy import SystemEntropy
from coatcheck.core.errors import ConfigurationError
from coatcheck.demo.announcing import announce_when_ready
from coatcheck.demo.environment import VARIABLE
from coatcheck.demo.options import DemoOptions, Listening
from coatcheck.demo.seed import SeededUser, seed
from coatcheck.login import Passwords, open_accounts
from coatcheck.stores import open_store

METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client reads it when a worker imports it
GRACE = 3  # seconds that open connections get when the server stops


def run(options: DemoOptions) -> None:
    """Serve the demo until it is interrupted.

    Raises:
        ConfigurationError: Something about the options, the files or the port cannot work.
        StoreUnavailable: The database cannot be opened.
    """
    options.timing.lifetimes()
    _check_certificate(options.listening)
    users = asyncio.run(_prepare(options))
    listener = listen(options.listening)
    announce_when_ready(address(options.listening, listener), users, options)
    os.environ[VARIABLE] = msgspec.json.encode(options).decode()
    with sharing_metrics(options.listening.workers):
        _serve(options.listening, listener)


def listen(listening: Listening) -> socket.socket:
    """Bind the port, so that a busy one is noticed before anything else starts.

    Raises:
        ConfigurationError: The address cannot be used.
    """
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    try:
        listener = socket.create_server((listening.host, listening.port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        raise ConfigurationError(
            f"cannot listen on {listening.host} port {listening.port}: {getattr(error, 'strerror', error)}",
            remedy="Stop what uses it, or choose another with --host and --port",
        ) from error
    # The event loop sends without delay only on what it knows to be TCP, which `create_server` does not say:
    # every answer on a connection kept open would wait 40 ms for an acknowledgement.
    known = socket.socket(fileno=listener.detach())
    known.set_inheritable(True)
    return known


def address(listening: Listening, listener: socket.socket) -> str:
    """Return the URL under which a browser on this machine finds the server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listening.host, listening.host)  # noqa: S104 - compared only
    shown = f"[{host}]" if ":" in host else host
    scheme = "https" if listening.tls else "http"
    return f"{scheme}://{shown}:{listener.getsockname()[1]}"


@contextmanager
def sharing_metrics(workers: int) -> Iterator[None]:
    """Give several workers a folder for their metrics, so that a scrape of one shows them all."""
    if workers == 1:
        yield
        return
    with TemporaryDirectory(prefix="coatcheck-metrics-") as folder:
        os.environ[METRICS_VARIABLE] = folder
        yield


async def _prepare(options: DemoOptions) -> list[SeededUser]:
    """Open what the workers will open, so that they cannot fail at it, and make the accounts."""
    store = open_store(options.database, moving_from=options.moving_from)
    accounts = open_accounts(options.accounts_url)
    passwords = Passwords()
    try:
        return list(await seed(accounts, passwords, clock=SystemClock(), entropy=SystemEntropy()))
    finally:
        passwords.close()
        await accounts.close()
        await store.close()


def _check_certificate(listening: Listening) -> None:
    if listening.certfile is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(listening.certfile, listening.keyfile)
    except OSError as error:  # an SSLError is one
        raise ConfigurationError(
            f"cannot use the certificate {listening.certfile} with its key: {error}",
            remedy="Give a PEM certificate chain and the private key that belongs to it",
        ) from error


def _serve(listening: Listening, listener: socket.socket) -> None:
    config = uvicorn.Config(
        "coatcheck.demo.app:create_app",
        factory=True,
        host=listening.host,
        workers=listening.workers,
        ssl_certfile=listening.certfile,
        ssl_keyfile=listening.keyfile,
        # Without a proxy that was named, X-Forwarded headers are what any client can write.
        proxy_headers=bool(listening.trusted_proxies),
        forwarded_allow_ips=listening.trusted_proxies or "",
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=GRACE,
    )
    server = uvicorn.Server(config)
    if listening.workers == 1:
        server.run(sockets=[listener])
    else:
        Multiprocess(config, sockets=[listener]).run()
