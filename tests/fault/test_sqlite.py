"""SQLite with a full disk, and with somebody else's lock; four workers all the while (A55)."""

import resource
import sqlite3
from contextlib import closing

from tests.fault.people import Crowd, Person
from tests.fault.serving import serving


def limit_files(pids, size):
    """Let no file of these processes grow beyond a size in bytes: to them, the disk is full."""
    for pid in pids:
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


async def test_nobody_is_signed_out_and_nothing_is_lost(tmp_path):
    path = tmp_path / "app.db"
    with serving(tmp_path, f"sqlite:///{path}") as service:
        async with Crowd("SQLite", service.base) as crowd:
            await crowd.carry_on(1.0)
            workers = service.workers()

            limit_files(workers, 1)
            before = crowd.seen(503)
            await crowd.carry_on(1.5)
            assert crowd.seen(503) > before
            stranger = Person(service.base, "u-stranger")
            assert (await stranger.sign_in()).status_code == 503, "no partial sign-in"
            assert not stranger.http.cookies
            await stranger.http.aclose()
            limit_files(workers, resource.RLIM_INFINITY)
            await crowd.recovered("a full disk")

            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                await crowd.carry_on(5.5)
                other.execute("ROLLBACK")
            await crowd.recovered("another's lock")
