"""The link to the servers: runs scripts and commands, and says what went wrong."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import AskError, MovedError, NoScriptError, RedisError, TryAgainError

from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import StoreUnavailable
from coatcheck.stores.backoff import Backoff
from coatcheck.stores.per_loop import PerLoop
from coatcheck.stores.redis.address import Address
from coatcheck.stores.redis.clients import ANSWER_SECONDS, CONNECTIONS, Client, close, connect
from coatcheck.stores.redis.faults import fault, is_demoted, is_unreachable
from coatcheck.stores.redis.scripts import Argument, Call

REPLICA_SECONDS = 1.0  # how long to wait for the replicas that shall have an end

# The server does not know the script yet, has the key no more, or is giving its slot away just now.
_UNDONE = (NoScriptError, MovedError, AskError, TryAgainError)
PAUSES = (0.0, 0.1, 0.2, 0.4)  # seconds before each new try: a slot moves within milliseconds

ResultT = TypeVar("ResultT")
Command = tuple[Argument, ...]
Places = dict[ClusterNode | None, list[str]]
"""Keys by the server that has them; None is the only one."""


class _Way:
    """The way to one server: so many at once, and nobody while it cannot be reached."""

    def __init__(self, entropy: Entropy) -> None:
        self.turns = asyncio.Semaphore(CONNECTIONS)
        self.backoff = Backoff(entropy)


class _Ends:
    """What one event loop has of the link.

    Each server of a Cluster has a way of its own: one that is down is in nobody's way to the others. What
    goes to several at once has one that is never barred, for a part of it can be done.
    """

    def __init__(self, client: Client, entropy: Entropy) -> None:
        self.client = client
        self.entry, self.to_several = _Way(entropy), _Way(entropy)
        self._ways: dict[ClusterNode | None, _Way] = defaultdict(lambda: _Way(entropy))

    async def way(self, key: str | None, now: float) -> _Way:
        """Return the way to the server of a key; None stands for several keys.

        Before one that failed is tried again, the Cluster is asked: a replica may have taken over.
        """
        if not isinstance(self.client, RedisCluster):
            return self.entry
        if key is None:
            return self.to_several
        if self._ways[self.client.get_node_from_key(key)].backoff.is_over(now):
            await self.client.nodes_manager.initialize()
        return self._ways[self.client.get_node_from_key(key)]


class Link:
    """Connects each event loop that uses it, at first use. Nothing that was sent is repeated by itself.

    Args:
        address: Where the servers are.
        entropy: Draws the jitter of the pauses between attempts to connect.
    """

    def __init__(self, address: Address, entropy: Entropy) -> None:
        self.address = address
        self.is_closed = False
        self._ends = PerLoop(lambda: _Ends(connect(address), entropy))

    async def command(self, *command: Argument) -> Any:
        """Send one command, which has one key; return its answer."""
        return await self._use(lambda client: client.execute_command(*command), str(command[1]))

    async def commands(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands in one round trip to each server; return their answers."""
        answers, _ = await self._pipeline(commands)
        self._require_success(answers)
        return answers

    async def run(self, call: Call) -> Any:
        """Run a script; return its answer."""

        async def run(client: Client) -> Any:
            try:
                return await client.execute_command(*call.by_digest())
            except NoScriptError:
                return await client.execute_command(*call.in_full())

        return await self._use(run, str(call.keys[0]))

    async def run_all(self, calls: Sequence[Call], *, replicated: bool = False) -> list[Any]:
        """Run scripts in one round trip to each server; return their answers.

        Args:
            calls: What to run.
            replicated: Return only once replicas have it too, if the link was told of some.

        Raises:
            StoreUnavailable: A server cannot be reached, or too few replicas have it in time.
        """
        replicas = self.address.replicas if replicated else 0
        answers, had_by = await self._pipeline([call.by_digest() for call in calls], replicas)
        for pause in PAUSES:
            undone = [place for place, answer in enumerate(answers) if isinstance(answer, _UNDONE)]
            if not undone:
                break
            await asyncio.sleep(pause)
            again, also = await self._pipeline([calls[place].in_full() for place in undone], replicas)
            had_by += also
            for place, answer in zip(undone, again, strict=True):
                answers[place] = answer
        self._require_success(answers)
        if any(isinstance(number, RedisError) or number < replicas for number in had_by):
            raise StoreUnavailable(
                f"Redis at {self.address} has not {replicas} replicas that keep up",
                remedy="Bring them back, or ask for fewer; what was written is kept, and can be repeated",
            )
        return answers

    async def places(self, keys: Sequence[str], *, anew: bool = False) -> Places:
        """Return which server has which keys, or tells of the channels of that name.

        Args:
            keys: Of which to tell.
            anew: Ask the Cluster, and do not go by what is known of it.
        """

        async def find(client: Client) -> Places:
            if not isinstance(client, RedisCluster):
                return {None: list(keys)}
            if anew:
                await client.nodes_manager.initialize()
            places: Places = {}
            for key in keys:
                places.setdefault(client.get_node_from_key(key), []).append(key)
            return places

        return await self._use(find)

    def dial(self, place: ClusterNode | None) -> AbstractConnection:
        """Return a connection of its own to one of those servers, which is the caller's to open."""
        client = self._here().client
        if place is not None:
            return place.connection_class(**place.connection_kwargs)
        # The driver types most of itself, not this.
        connection: AbstractConnection = client.connection_pool.make_connection()  # type: ignore[union-attr]
        return connection

    async def close(self) -> None:
        """Let go of the connections of this event loop, and take no more work from any."""
        self.is_closed = True
        if ends := self._ends.pop():
            await close(ends.client)

    async def _pipeline(self, commands: Sequence[Command], replicas: int = 0) -> tuple[list[Any], list[Any]]:
        """Return the answers, errors among them, and how many replicas have what each server wrote."""
        if not commands:
            return [], []
        answers = await self._use(lambda client: _send(client, commands, replicas))
        return answers[: len(commands)], answers[len(commands) :]

    def _require_success(self, answers: list[Any]) -> None:
        for answer in answers:
            if isinstance(answer, RedisError):
                raise fault(answer, self.address) from answer

    async def _use(self, work: Callable[[Client], Awaitable[ResultT]], key: str | None = None) -> ResultT:
        ends, now = self._here(), asyncio.get_running_loop().time
        way = ends.entry
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                way.backoff.require_open(now())
                # A Cluster's client that does not know the slots yet would ask servers at random.
                await ends.client.initialize()
                way = await ends.way(key, now())
                async with way.turns:
                    way.backoff.require_open(now())
                    result = await work(ends.client)
        except (RedisError, OSError) as error:
            told = fault(error, self.address)
            if is_unreachable(error) and way is not ends.to_several:
                way.backoff.failed(told, now())
            elif is_demoted(error) and not isinstance(ends.client, RedisCluster):
                # Its name may lead to the new primary by now, and connections that are open do not ask.
                with suppress(RedisError, OSError):  # one that closes badly is closed all the same
                    await ends.client.connection_pool.disconnect(inuse_connections=False)
            raise told from error
        way.backoff.succeeded()
        return result

    def _here(self) -> _Ends:
        if self.is_closed:
            raise StoreUnavailable("the store is closed", remedy="Open it again")
        return self._ends.get()


async def _send(client: Client, commands: Sequence[Command], replicas: int) -> list[Any]:
    """Send commands to each server over one connection, and behind them the question for its replicas."""
    waiting = ("WAIT", replicas, int(REPLICA_SECONDS * 1_000))
    if isinstance(client, RedisCluster):
        batch = client.pipeline()
        for command in commands:
            batch.execute_command(*command)
        keys = [str(command[3]) for command in commands] if replicas else []
        for node in {client.get_node_from_key(key) for key in keys}:
            batch.execute_command(*waiting, target_nodes=node)
        # Redirected, a command would leave the question for its replicas behind at the old server.
        answers = await batch.execute(raise_on_error=False, allow_redirections=not replicas)
        for answer in answers:
            if isinstance(answer, MovedError):
                await client.nodes_manager.move_slot(answer)
        return answers
    pipeline = client.pipeline(transaction=False)
    for command in (*commands, waiting) if replicas else commands:
        pipeline.execute_command(*command)
    return await pipeline.execute(raise_on_error=False)
