"""A Redis Cluster of which slots move and a master dies, while two workers use it."""

import asyncio

from tests.fault.people import Crowd
from tests.fault.serving import serving
from tests.servers.redis import follow, running_cluster, running_redis, wait_until


def is_primary(server) -> bool:
    return server.command("ROLE")[0] == b"master"


async def test_nobody_is_signed_out_though_slots_move_and_a_replica_takes_over(tmp_path):
    with (
        running_cluster() as cluster,
        running_redis(cluster_enabled="yes", cluster_node_timeout="2000") as replica,
        serving(tmp_path, cluster.url, workers=2) as service,
    ):
        first, second, third = cluster.nodes
        follow(replica, second)
        async with Crowd("Redis Cluster", service.base) as crowd:
            assert await asyncio.to_thread(cluster.give_away, third, first) > 0
            await crowd.recovered("slots moved while they were in use")
            assert crowd.seen(503) == 0, "a part that moves can be used"

            crowd.may_lose = True  # what the replica had not been sent yet
            second.kill9()
            await asyncio.to_thread(wait_until, lambda: is_primary(replica), "the replica takes over")
            await crowd.recovered("a replica took over from a master that was killed")
            counted = {person.name: person.counted for person in crowd.people}
            await crowd.carry_on(1.0)
            for person in crowd.people:
                assert await person.look() >= counted[person.name], "what was counted since is lost"
