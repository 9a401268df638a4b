"""PostgreSQL and Redis behind a bad network, killed and started again; four workers all the while (A55)."""

import time
from contextlib import contextmanager

import pytest

from tests.fault.people import Crowd, Person
from tests.fault.proxy import Proxy
from tests.fault.serving import serving
from tests.servers.postgres import running_postgres
from tests.servers.redis import running_redis


@contextmanager
def postgres():
    with running_postgres() as server, Proxy(server.port).running() as proxy:
        yield server, proxy, server.new_database().replace(f":{server.port}/", f":{proxy.port}/")


@contextmanager
def redis():
    """Redis that acknowledges what is on its disk: what is lost with less is in test_failover.py."""
    with (
        running_redis("8", appendonly="yes", appendfsync="always") as server,
        Proxy(server.port).running() as proxy,
    ):
        yield server, proxy, f"redis://127.0.0.1:{proxy.port}"


@pytest.mark.parametrize("engine", [postgres, redis], ids=["PostgreSQL", "Redis"])
async def test_nobody_is_signed_out_and_nothing_is_lost(tmp_path, engine, request):
    with engine() as (server, proxy, url), serving(tmp_path, url) as service:
        async with Crowd(request.node.callspec.id, service.base) as crowd:
            await crowd.carry_on(0.5)

            proxy.delay = 0.2
            refused = crowd.seen(503)
            await crowd.carry_on(1.5)
            assert crowd.seen(503) == refused, "slow is not down"
            proxy.heal()
            await crowd.recovered("a slow network")

            proxy.cut()
            await crowd.carry_on(1.5)
            assert crowd.seen(503) > refused
            stranger = Person(service.base, "u-stranger")
            assert (await stranger.sign_in()).status_code == 503, "no partial sign-in"
            assert not stranger.http.cookies
            assert (await stranger.http.get("/healthz")).status_code == 503
            await stranger.pass_by()
            proxy.heal()
            await crowd.recovered("a cut")
            assert (await stranger.http.get("/healthz")).status_code == 200
            await stranger.http.aclose()

            proxy.freeze()
            await crowd.carry_on(1.0)
            proxy.heal()
            await crowd.recovered("half-open connections")

            server.kill9()
            await crowd.carry_on(1.0)
            server.start()
            await crowd.recovered("kill -9 and a restart")


async def test_a_transaction_that_is_cut_short_counts_as_a_whole_or_not_at_all(tmp_path):
    with running_postgres() as server, serving(tmp_path, server.new_database()) as service:
        async with Crowd("PostgreSQL", service.base) as crowd:
            until = time.monotonic() + 3
            while time.monotonic() < until:
                server.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname LIKE 'test%' AND pid <> pg_backend_pid()"
                )
                await crowd.carry_on(0.2)
            await crowd.recovered("its backends were terminated, 12 times in 3 s")
            server.sql("ALTER SYSTEM SET default_transaction_read_only = on")
            server.sql("SELECT pg_reload_conf()")
            refused = crowd.seen(503)
            await crowd.carry_on(1.0)
            assert crowd.seen(503) > refused
            server.sql("ALTER SYSTEM RESET default_transaction_read_only")
            server.sql("SELECT pg_reload_conf()")
            await crowd.recovered("it was read-only")
            server.restart()
            await crowd.recovered("an orderly restart")
