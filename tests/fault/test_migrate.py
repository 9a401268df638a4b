"""People stay signed in while their sessions move from store to store under their hands."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest

from coatcheck.stores import open_store
from tests.fault.people import Crowd
from tests.fault.serving import serving, unmeasured
from tests.servers.postgres import running_postgres
from tests.servers.redis import running_cluster, running_redis

DURABLE = {"appendonly": "yes", "appendfsync": "always"}
BESIDE = 120  # sessions of others, so that a move takes a moment


def command(source: str, target: str) -> list[str]:
    return [
        *(str(Path(sys.executable).with_name("coatcheck")), "migrate", "--json"),
        *("--from", source, "--to", target),
    ]


async def move(source: str, target: str) -> dict:
    """Run the command; return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command(source, target), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=unmeasured()
    )
    printed, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return msgspec.json.decode(printed)


async def kill_a_move(source: str, target: str, after: float) -> None:
    """Start the command, and kill -9 it in the middle."""
    process = await asyncio.create_subprocess_exec(
        *command(source, target),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=unmeasured(),
        start_new_session=True,
    )
    await asyncio.sleep(after)
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
    await process.communicate()


@contextmanager
def one_after_another(folder: Path):
    with ExitStack() as stack:
        database = stack.enter_context(running_postgres()).new_database()
        cache = stack.enter_context(running_redis("8", **DURABLE))
        yield f"sqlite:///{folder}/app.db", database, cache.url


@contextmanager
def into_a_cluster_and_out_again(folder: Path):
    with ExitStack() as stack:
        cache = stack.enter_context(running_redis("8", **DURABLE))
        cluster = stack.enter_context(running_cluster("8", **DURABLE))
        database = stack.enter_context(running_postgres()).new_database()
        yield cache.url, cluster.url, database


async def marks(url: str) -> set[str]:
    """Return what the tombstones of a store say."""
    store = open_store(url)
    rows, reasons = await store.scan("", 1_000), set()
    while rows:
        reasons |= {getattr(row, "reason", "live") for row in rows}
        rows = await store.scan(rows[-1].id, 1_000)
    await store.close()
    return reasons


@pytest.mark.parametrize(
    ("stores", "workers"),
    [(one_after_another, 2), pytest.param(into_a_cluster_and_out_again, 4, marks=pytest.mark.long)],
)
async def test_nobody_notices_a_move_from_store_to_store(tmp_path, stores, workers):
    with stores(tmp_path) as (first, second, third):
        crowd = None
        for source, target in ((first, second), (second, third)):
            folder = tmp_path / target.partition(":")[0]
            folder.mkdir()
            with serving(folder, target, workers=workers, moving_from=source) as service:
                if crowd is None:
                    crowd = await Crowd("Moving", service.base).__aenter__()
                    await crowd.fill(BESIDE)
                else:
                    crowd.go_on_at(service.base)
                await crowd.carry_on(0.5)
                await kill_a_move(source, target, 1.0)
                tally = await move(source, target)
                assert tally["whole"]
                assert tally["arrived"] >= BESIDE + len(crowd.people)
                await crowd.carry_on(0.5)
                await crowd.pause()
            assert await marks(source) == {"moved"}
        with serving(tmp_path, third, workers=workers) as service:
            crowd.go_on_at(service.base)
            await crowd.carry_on(0.5)
            await crowd.__aexit__(None, None, None)
        assert crowd.seen(503) == 0, "nobody had to ask twice"
