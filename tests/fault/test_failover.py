"""Redis that loses what it acknowledged: a replica promoted too early, and a server that comes back empty."""

import asyncio
import time

import pytest

from tests.fault.people import Crowd, Person
from tests.fault.proxy import Proxy
from tests.fault.serving import serving
from tests.servers.redis import running_pair, running_redis

LOST = 1.0  # seconds of writes that the replica never saw


def promote(proxy, primary, replica) -> None:
    """Kill the primary, and lead everybody to its replica."""
    primary.kill9()
    proxy.cut()
    proxy.target = replica.port
    proxy.heal()


async def until(status: int, person: Person, path: str):
    """Ask until the answer has this status: what a worker remembers may be a moment behind."""
    deadline = time.monotonic() + 20
    while (answer := await person.http.get(path)).status_code != status:
        assert time.monotonic() < deadline, answer.text
        await asyncio.sleep(0.05)
    return answer


async def test_honest_browsers_stay_signed_in_though_the_last_second_of_writes_is_lost(tmp_path):
    with (
        running_pair() as (primary, replica),
        Proxy(primary.port).running() as proxy,
        serving(tmp_path, f"redis://127.0.0.1:{proxy.port}") as service,
    ):
        crowd = Crowd("Redis", service.base)
        crowd.may_lose = True  # bounded by LOST: replication is asynchronous
        async with crowd:
            await crowd.carry_on(3.0)  # tokens rotate every 2.5 s
            replica.command("REPLICAOF", "NO", "ONE")
            counted = {person.name: person.counted for person in crowd.people}
            await crowd.carry_on(LOST)
            promote(proxy, primary, replica)
            await crowd.recovered("a promotion that lost the last second of writes")
            await crowd.carry_on(3.0)
            for person in crowd.people:
                assert await person.look() >= counted[person.name], "more is lost than the last second"


async def test_with_replicas_an_end_that_only_the_primary_has_is_not_acknowledged(tmp_path):
    with (
        running_pair() as (primary, replica),
        serving(tmp_path, f"{primary.url}?replicas=1", workers=2) as service,
    ):
        ada = Person(service.base, "u-ada")
        await ada.sign_in()
        await ada.click()
        replica.command("REPLICAOF", "NO", "ONE")
        answer = await ada.http.post("/auth/logout")
        assert answer.status_code == 503, "nobody is told that they are signed out"
        assert ada.http.cookies
        answer = await until(401, ada, "/show")  # the primary has ended it all the same: the safe side
        assert answer.json()["reason"] == "logged_out"
        await ada.http.aclose()


@pytest.mark.parametrize("release", ["8", "6.2"])
async def test_a_server_that_comes_back_empty_accuses_nobody_and_takes_new_sign_ins(tmp_path, release):
    with running_redis(release) as server, serving(tmp_path, server.url, workers=2) as service:
        ada = Person(service.base, "u-ada")
        await ada.sign_in()
        await ada.click()
        server.kill9()
        server.start()
        answer = await until(401, ada, "/show")
        assert answer.json()["code"] == "unknown_token"
        assert "set-cookie" not in answer.headers
        assert (await ada.http.get("/auth/session")).json()["reason"] == "unknown_token"
        assert (await ada.sign_in()).status_code == 200
        await ada.click()
        assert await ada.look() == 1
        await ada.http.aclose()
