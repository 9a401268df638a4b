"""SQLite with a full disk, with somebody else's lock, and read-only (A55)."""

import os
import resource
import sqlite3
from contextlib import closing

from tests.fault.people import Crowd, Person
from tests.fault.serving import serving

# The modes of files do not bind root, unless it gives that right away.
AS_ANYBODY = ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()


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


async def test_workers_that_start_on_a_file_which_they_may_only_read_go_on_reading(tmp_path):
    path = tmp_path / "app.db"
    with serving(tmp_path, f"sqlite:///{path}", workers=2) as service:
        crowd = await Crowd("SQLite", service.base).__aenter__()
        other = sqlite3.connect(path)  # another process that goes on using it
        other.execute("SELECT count(*) FROM coatcheck_sessions").fetchall()
        await crowd.pause()
    path.chmod(0o444)
    with closing(other), serving(tmp_path, f"sqlite:///{path}", workers=2, within=AS_ANYBODY) as service:
        crowd.go_on_at(service.base)
        await crowd.carry_on(1.0)
        assert crowd.seen(503) > 0
        assert all([await person.look() == person.counted for person in crowd.people]), "reads go on"
        for file in tmp_path.glob("app.db*"):  # what is new beside it has taken its mode
            file.chmod(0o600)
        await crowd.recovered("it was read-only")
        await crowd.__aexit__(None, None, None)
